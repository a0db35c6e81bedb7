"""Archiving: grouped by level, year and unit; reviewed, packed, read back, handed over; whatever breaks the chain is refused."""

from __future__ import annotations

import csv
import json
import zipfile
from datetime import date
from io import BytesIO, StringIO
from typing import Any
from uuid import UUID

import pytest

from dingmi.base.errors import Forbidden, Invalid, NotFound, Refused
from dingmi.engines.documents import bag
from dingmi.procedures.terms import Scope, Upload
from dingmi.queries import QUERIES
from dingmi.queries.grades import GradeTerms
from dingmi.queries.verify import verify
from dingmi.records.carriers.archives import ArchiveBatch
from dingmi.records.ledger.models import Entry
from dingmi.records.matters.models import Knowledge
from dingmi.records.notices.models import Notice
from tests.story import Story, docx_of

pytestmark = [pytest.mark.db, pytest.mark.django_db]
KNOWERS = ("drafter", "officer", "officer2", "secrecy")
HANDED = {"archive": "清江市档案馆", "receipt_no": "清档接〔2026〕7号", "channel": "专人传递"}


def ask(story: Story, user: str, name: str, **params: Any) -> Any:
    return QUERIES[name].run(actor=story.actor(user), now=story.now, params=params)


def kept(story: Story, *users: str) -> UUID:
    """A matter in force that its officer has reviewed this year."""
    matter = story.approved(answers=story.answers(scope=story.scope(*(users or KNOWERS))))
    story.later(days=1)
    story.review(matter, "keep")
    story.act("officer", "review.decide", matter=matter, opinion="维持。", expected_version=story.version(matter))
    return matter


@pytest.fixture
def bureau(story: Story) -> Story:
    given = {"person": story.people["secrecy"], "level": "机密", "instrument": "涉密人员审查表"}
    story.cleared("secadmin", **given)
    return story


def opened(story: Story) -> Any:
    return story.act("secrecy", "archives.open", level="机密", year=2026, department=story.department)


def files(story: Story, batch: UUID) -> tuple[UUID, ...]:
    return tuple(f.file for f in ask(story, "secrecy", "archives.batch", batch=batch).files if not f.deferred_until)


def reviewed(story: Story, batch: UUID, opening: str = "closed") -> None:
    seen = ask(story, "secrecy", "archives.batch", batch=batch).version
    given = {"files": files(story, batch), "opening": opening, "reason": "仍在保密期限内。", "expected_version": seen}
    story.act("officer", "archives.review", batch=batch, **given)


def packed(story: Story) -> tuple[UUID, bytes]:
    batch = opened(story).batch
    reviewed(story, batch)
    return batch, story.act("secrecy", "archives.pack", batch=batch, medium="密盘-017").content


def handed(story: Story, batch: UUID, content: bytes, **changes: Any) -> Any:
    given = {**HANDED, "transferred_on": story.now.date(), **changes}
    return story.act("secrecy", "archives.transfer", batch=batch, package=Upload("a.zip", content), **given)


def inside(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(content)) as package:
        return {name.partition("/")[2]: package.read(name) for name in package.namelist()}


@pytest.mark.clause("SEED-17")
def test_files_wait_in_groups_of_level_year_and_unit_until_they_are_in_a_batch(bureau: Story) -> None:
    kept(bureau)
    bureau.approved(answers=bureau.answers("3"))
    found = ask(bureau, "secrecy", "archives").groups
    assert {(g.level, g.year, g.unit, g.files) for g in found} == {
        ("机密", 2026, "管网处", 1),
        ("秘密", 2026, "管网处", 1),
    }
    made = opened(bureau)
    assert made.files == 1 and made.number == "QJSW-A-2026-1"
    assert [g.level for g in ask(bureau, "secrecy", "archives").groups] == ["秘密"]
    with pytest.raises(Refused) as refused:
        opened(bureau)
    assert refused.value.code == "archive.nothing"


@pytest.mark.clause("DAT-20.2")
def test_the_secrecy_office_is_told_once_a_year_what_is_due_and_a_county_sooner(bureau: Story) -> None:
    kept(bureau)
    group = ask(bureau, "secrecy", "archives").groups[0]
    assert group.due_on == date(2036, 12, 31) and not group.is_due
    bureau.on(date(2036, 12, 30)).daily()
    assert not Notice.objects.filter(code="archive.transfer_due").exists()  # looked at before it was due
    bureau.on(date(2037, 1, 2)).daily()
    bureau.later(days=1).daily()
    told = Notice.objects.get(code="archive.transfer_due")
    assert told.person_id == bureau.people["secrecy"] and told.params == {"groups": 1, "year": 2037}


@pytest.mark.clause("DAT-30.2")
def test_a_package_holds_files_records_changes_disclosure_and_opinions(bureau: Story) -> None:
    matter = kept(bureau)
    _, content = packed(bureau)
    found, held = bag.check(content), inside(content)
    number = bureau.matter(matter).register_no
    assert not found.faults and found.info["Dingmi-Medium"] == "密盘-017" and "机要" in found.info["Dingmi-Handling"]
    assert {"01-original.docx", "02-marked.docx", "record.json"} == {
        name.rsplit("/", 1)[1] for name in held if number in name
    }
    record = json.loads(held[f"data/001-{number}/record.json"])
    assert record["title"] == "城区供水管网关键节点切换方案" and record["opening"] == "closed"
    assert [c["act"] for c in record["changes"]] == ["determination.approve", "review.decide"]
    assert set(record["hidden"]) == {"01-original.docx", "02-marked.docx"}
    assert record["hidden"]["01-original.docx"]["properties"] > 2
    rows = list(csv.DictReader(StringIO(held["data/transfer-list.csv"].decode("utf-8-sig"))))
    assert (
        rows[0]["登记编号"] == number and rows[0]["信息公开情况"] == "未公开" and rows[0]["到期开放意见"] == "延期开放"
    )


def test_an_earlier_matter_entered_without_file_and_text_is_packed_by_its_record(bureau: Story) -> None:
    row = {"mark": "机密★5年", "issued_on": "2019-03-10", "drafter": "drafter", "persons": list(KNOWERS)}
    rows = ({**row, "title": "水源地旧档", "basis": "原目录第7项"},)
    bureau.act("secrecy", "keep.import_legacy", basis="按原台账补录", rows=rows)
    (group,) = ask(bureau, "secrecy", "archives").groups
    batch = bureau.act("secrecy", "archives.open", level="机密", year=2019, department=group.department).batch
    reviewed(bureau, batch)
    content = bureau.act("secrecy", "archives.pack", batch=batch, medium="密盘-017").content
    names = [name for name in inside(content) if "QJSW-M-2019-1" in name]
    assert [name.rsplit("/", 1)[1] for name in names] == ["record.json"] and not bag.check(content).faults


def test_packing_is_recorded_for_every_matter_and_as_knowledge_of_it(bureau: Story) -> None:
    matter = kept(bureau)
    packed(bureau)
    assert Entry.objects.filter(act="archives.pack", stream=f"matter:{matter}").count() == 1
    assert Knowledge.objects.filter(matter=matter, person=bureau.people["secrecy"], what="archived").count() == 1
    assert verify().ok


@pytest.mark.clause("JM-4.2", "ZX-37.1")
def test_a_file_under_protection_is_not_archived_before_this_years_review(bureau: Story) -> None:
    bureau.approved()
    batch = opened(bureau).batch
    with pytest.raises(Refused) as refused:
        reviewed(bureau, batch)
    assert refused.value.code == "archive.not_reviewed" and refused.value.clauses


@pytest.mark.clause("DA-20")
def test_a_file_under_protection_is_not_opened_to_the_public(bureau: Story) -> None:
    kept(bureau)
    batch = opened(bureau).batch
    with pytest.raises(Refused) as refused:
        reviewed(bureau, batch, opening="open")
    assert refused.value.code == "archive.secret_not_open"


def test_a_batch_is_packed_only_when_every_file_was_reviewed(bureau: Story) -> None:
    kept(bureau)
    with pytest.raises(Refused) as refused:
        bureau.act("secrecy", "archives.pack", batch=opened(bureau).batch, medium="密盘-017")
    assert refused.value.code == "archive.not_all_reviewed"


def test_who_may_not_read_a_file_may_not_pack_it(bureau: Story) -> None:
    kept(bureau, "drafter", "officer", "officer2")
    batch = opened(bureau).batch
    reviewed(bureau, batch)
    with pytest.raises(Refused) as refused:
        bureau.act("secrecy", "archives.pack", batch=batch, medium="密盘-017")
    assert refused.value.code == "archive.outside_scope" and refused.value.params["count"] == 1
    page = ask(bureau, "secrecy", "archives.batch", batch=batch)
    assert page.files[0].title == "" and not page.may_read_all


def test_an_officer_sees_no_batch_without_a_matter_of_theirs(bureau: Story) -> None:
    kept(bureau, "drafter", "officer", "secrecy")
    batch = opened(bureau).batch
    assert ask(bureau, "officer", "archives").batches
    assert not ask(bureau, "officer2", "archives").batches
    with pytest.raises(NotFound):
        ask(bureau, "officer2", "archives.batch", batch=batch)
    with pytest.raises(Forbidden):
        ask(bureau, "drafter2", "archives")


@pytest.mark.clause("DAT-20.3")
def test_with_the_archives_consent_a_file_stays_until_its_day(bureau: Story) -> None:
    kept(bureau)
    batch = opened(bureau).batch
    given = {"batch": batch, "files": files(bureau, batch), "document_no": "清档函〔2026〕3号"}
    with pytest.raises(Invalid):
        bureau.act("secrecy", "archives.defer", until=bureau.now.date(), **given)
    bureau.act("secrecy", "archives.defer", until=date(2027, 6, 30), **given)
    assert not ask(bureau, "secrecy", "archives").groups
    assert ask(bureau, "secrecy", "archives.batch", batch=batch).files[0].deferral_no == "清档函〔2026〕3号"
    bureau.on(date(2027, 6, 30))
    assert ask(bureau, "secrecy", "archives").groups[0].files == 1


def test_a_batch_is_handed_over_with_the_package_that_was_read_back(bureau: Story) -> None:
    matter = kept(bureau)
    batch, content = packed(bureau)
    assert handed(bureau, batch, content).state == "transferred"
    row = ArchiveBatch.objects.get(pk=batch)
    assert (row.archive, row.receipt_no, row.channel) == ("清江市档案馆", "清档接〔2026〕7号", "专人传递")
    assert Entry.objects.filter(act="archives.transfer", stream=f"matter:{matter}").count() == 1
    assert not ask(bureau, "secrecy", "archives").groups and verify().ok
    with pytest.raises(Refused):
        bureau.act("secrecy", "archives.withdraw", batch=batch, reason="不再移交")


def test_an_altered_package_is_refused_and_each_difference_told(bureau: Story) -> None:
    kept(bureau)
    batch, content = packed(bureau)
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, data in inside(content).items():
            package.writestr(f"QJSW-A-2026-1/{name}", data + b" " if name.endswith("record.json") else data)
    found = bureau.act("officer", "archives.check", package=Upload("a.zip", out.getvalue()))
    assert not found.whole and {f.code for f in found.faults} == {"bag.altered", "bag.size"}
    with pytest.raises(Refused) as refused:
        handed(bureau, batch, out.getvalue())
    codes = [f.code for f in refused.value.findings]
    assert codes[0] == "archive.altered" and "bag.altered" in codes
    assert ArchiveBatch.objects.get(pk=batch).state == "packed"


def test_a_whole_package_that_is_not_the_last_one_is_refused(bureau: Story) -> None:
    kept(bureau)
    batch, first = packed(bureau)
    second = bureau.later(days=1).act("secrecy", "archives.pack", batch=batch, medium="密盘-018").content
    assert bureau.act("secrecy", "archives.check", package=Upload("a.zip", first)).is_latest is False
    with pytest.raises(Refused) as refused:
        handed(bureau, batch, first)
    assert refused.value.code == "archive.other_package"
    assert handed(bureau, batch, second).state == "transferred"


def test_a_package_whose_file_changed_afterwards_is_not_handed_over(bureau: Story) -> None:
    matter = kept(bureau)
    batch, content = packed(bureau)
    bureau.later(days=1).review(matter, "keep")
    with pytest.raises(Refused) as refused:
        handed(bureau, batch, content)
    assert refused.value.code == "archive.changed"


def test_a_package_of_state_secrets_does_not_go_by_mail(bureau: Story) -> None:
    kept(bureau)
    batch, content = packed(bureau)
    with pytest.raises(Refused) as refused:
        handed(bureau, batch, content, channel="电子邮件")
    assert refused.value.code.startswith("transfer.")


def test_a_withdrawn_batch_lets_its_files_wait_again(bureau: Story) -> None:
    kept(bureau)
    batch = opened(bureau).batch
    bureau.act("secrecy", "archives.withdraw", batch=batch, reason="组卷年度有误")
    assert ask(bureau, "secrecy", "archives").groups[0].files == 1
    assert opened(bureau).number == "QJSW-A-2026-2"


def test_a_batch_of_released_matters_is_not_handled_as_secrets_in_force(bureau: Story) -> None:
    kept_until = bureau.approved(answers=bureau.answers("3", tail="3年", scope=bureau.scope(*KNOWERS)))
    bureau.on(date(2029, 2, 1)).daily()
    assert bureau.matter(kept_until).state == "declassified"
    batch = bureau.act("secrecy", "archives.open", level="秘密", year=2026, department=bureau.department).batch
    reviewed(bureau, batch, opening="open")
    content = bureau.act("secrecy", "archives.pack", batch=batch, medium="内盘-003").content
    assert "已解密" in bag.check(content).info["Dingmi-Handling"]
    assert handed(bureau, batch, content, channel="机要通信").state == "transferred"


def test_work_secrets_are_archived_apart_and_handled_as_such(bureau: Story) -> None:
    scope = Scope(persons=tuple(bureau.people[u] for u in ("officer", "secrecy")))
    terms = GradeTerms(scope=scope, basis="内部事项清单第 3 项", harm="duties", is_state_item=False)
    given = {"upload": Upload("值班.docx", docx_of("值班安排")), "title": "泵站值班安排"}
    made = bureau.act("drafter", "grading.propose", regime="work_secret", terms=terms, **given).matter
    bureau.act("head", "grading.approve", matter=made, expected_version=bureau.version(made))
    given = {"regime": "work_secret", "level": "内部", "year": 2026, "department": bureau.department}
    batch = bureau.act("secrecy", "archives.open", **given).batch
    reviewed(bureau, batch)
    found = bag.check(bureau.act("secrecy", "archives.pack", batch=batch, medium="内盘-002").content)
    assert not found.faults and "工作秘密" in found.info["Dingmi-Handling"]
