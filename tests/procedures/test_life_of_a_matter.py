"""One matter from draft to release, and what each act keeps."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from io import BytesIO

import pytest
from pypdf import PdfReader

from dingmi.base.errors import Invalid, NotFound, Refused
from dingmi.engines import documents
from dingmi.procedures.terms import SourceIn, Upload
from dingmi.queries import access, content, preview, search
from dingmi.queries.verify import verify
from dingmi.records.ledger.models import Entry
from dingmi.records.matters.models import Decision, Knowledge, Posting, Proposal, ReviewTask
from dingmi.records.notices.models import Deadline, Notice
from dingmi.records.oversight.models import Breach
from tests.story import TEXT, ZONE, Story, docx_of

pytestmark = [pytest.mark.db, pytest.mark.django_db]


def refused(code: str, act: object) -> Refused:
    with pytest.raises(Refused) as caught:
        act()  # type: ignore[operator]
    assert code in {f.code for f in caught.value.findings}
    return caught.value


@pytest.mark.clause("ZX-21")
@pytest.mark.clause("ZX-24.1")
def test_a_draft_is_proposed_approved_marked_and_registered(story: Story) -> None:
    matter = story.proposed()
    done = story.approve(matter)
    row = story.matter(matter)
    assert (done.register_no, done.mark) == ("QJSW-M-2026-1", "机密★10年")
    assert done.last_protected_day == date(2036, 1, 5)
    assert (row.state, row.level, row.officer_id) == ("active", "机密", story.people["officer"])
    assert row.carriers.get().mark == "机密★10年"
    assert row.files.get(role="marked").stored.level == "机密"
    decision = Decision.objects.get(matter=row)
    assert decision.authority["instrument"] == "定密委托书 officer"
    assert decision.authority["organ"]["delegations"][0]["instrument"] == "某水授〔2026〕1号"
    assert {t.kind for t in ReviewTask.objects.filter(matter=row)} == {"annual", "expiry"}
    told = Notice.objects.filter(matter_id=matter, code="matter.admitted")
    assert {n.person_id for n in told} == {story.people[u] for u in ("drafter", "officer", "officer2")}
    assert all(n.must_acknowledge for n in told)


def words_of_docx(data: bytes) -> str:
    """Every part of a Word file, headers and their watermarks too."""
    with zipfile.ZipFile(BytesIO(data)) as package:
        return "".join(package.read(n).decode() for n in package.namelist() if n.endswith(".xml"))


def words_of_pdf(data: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(BytesIO(data)).pages)


@pytest.mark.parametrize(
    ("filename", "made", "words"),
    [
        ("切换方案.docx", docx_of, words_of_docx),
        ("切换方案.pdf", documents.render_text_pdf, words_of_pdf),
    ],
)
def test_the_marked_file_reads_back_and_its_download_names_the_reader(
    story: Story, filename: str, made: Callable[[str], bytes], words: Callable[[bytes], str]
) -> None:
    matter = story.drafted(upload=Upload(filename, made(TEXT)))
    story.fill(matter)
    story.act("drafter", "determination.propose", matter=matter, expected_version=story.version(matter))
    story.approve(matter)
    got = story.act("drafter", "carriers.download", matter=matter)
    assert documents.read_mark(got.content, got.media).visible == "机密★10年"
    assert "林晓雯" in words(got.content) and "林晓雯" not in words(made(TEXT))
    assert Knowledge.objects.filter(matter=matter, person=story.people["drafter"], what="downloaded").count() == 1


@pytest.mark.clause("TL-20")
def test_reading_is_recorded_before_the_text_is_given(story: Story) -> None:
    matter = story.approved()
    shown = story.act("officer2", "carriers.read", matter=matter)
    assert "切换时序" in shown.text
    assert Knowledge.objects.filter(matter=matter, person=story.people["officer2"], what="opened").count() == 1


@pytest.mark.clause("BJ-13")
def test_a_proposal_brings_every_field_and_file_under_the_key_of_its_level(story: Story) -> None:
    matter = story.filled(answers=story.answers("3"))
    assert story.matter(matter).level == "机密"  # the drafter's clearance
    story.propose(matter)
    row = story.matter(matter)
    assert (row.level, content.title(row), content.fill(row)["tail"]) == ("秘密", "城区供水管网关键节点切换方案", "5年")
    assert content.body(row)[0].startswith("清江市城区")
    assert row.files.get().stored.level == "秘密"
    assert set(Posting.objects.filter(matter=row).values_list("level", flat=True)) == {"秘密"}


def test_search_finds_words_for_those_who_may_read_and_refuses_one_character(story: Story) -> None:
    matter = story.approved()
    found = search.find(story.actor("officer2"), story.now, "供水管网")
    assert [m.pk for m in found] == [matter]
    assert search.find(story.actor("outsider"), story.now, "供水管网") == []
    assert search.find(story.actor("officer2"), story.now, "管水") == []
    with pytest.raises(Invalid) as caught:
        search.find(story.actor("officer2"), story.now, "水")
    assert caught.value.code == "search.too_short"


def test_a_returned_proposal_is_mended_and_both_stay(story: Story) -> None:
    matter = story.proposed()
    story.act(
        "officer",
        "determination.return",
        matter=matter,
        reason_code="scope",
        text="请限定知悉范围。",
        expected_version=story.version(matter),
    )
    assert story.matter(matter).level == "机密"
    story.fill(matter, story.answers(scope=story.scope("drafter", "officer")))
    story.propose(matter)
    story.approve(matter)
    assert [p.number for p in Proposal.objects.filter(matter=matter).order_by("number")] == [1, 2]
    assert len(Proposal.objects.get(matter=matter, number=1).scope["persons"]) == 3
    with pytest.raises(NotFound):
        access.matter_for(story.actor("officer2"), story.now, matter)


def test_an_officer_may_decide_otherwise_and_the_proposal_stays(story: Story) -> None:
    matter = story.proposed()
    done = story.act(
        "officer",
        "determination.change_and_approve",
        matter=matter,
        level="机密",
        tail="5年",
        scope=story.scope("drafter", "officer"),
        item=story.item().pk,
        reason="五年足够。",
        issued_on=story.now.date(),
        expected_version=story.version(matter),
    )
    assert (done.mark, Proposal.objects.get(matter=matter).tail) == ("机密★5年", "10年")


def test_not_a_secret_takes_the_text_out_of_protection(story: Story) -> None:
    matter = story.proposed()
    story.act(
        "officer",
        "determination.not_secret",
        matter=matter,
        reason="内容已经公开。",
        instead="public",
        expected_version=story.version(matter),
    )
    row = story.matter(matter)
    assert (row.state, row.level, row.register_no) == ("not_classified", "内部", None)


def test_a_discarded_draft_keeps_no_text(story: Story) -> None:
    matter = story.filled()
    story.act("drafter", "determination.discard", matter=matter, expected_version=story.version(matter))
    row = story.matter(matter)
    assert (row.state, content.body(row), content.fill(row)) == ("discarded", ("", ()), {})


@pytest.mark.clause("BMF-24.2c")
def test_extension_on_the_last_protected_day_is_accepted_and_one_day_late_refused(story: Story) -> None:
    first = story.approved(answers=story.answers(tail="2年"))
    second = story.approved(answers=story.answers(tail="2年"))
    story.on(date(2028, 1, 5))
    done = story.extend(first, "6年")
    assert done.last_protected_day == date(2032, 1, 5)
    assert Deadline.objects.get(matter_id=first, name="extension_notice").due_on == date(2028, 1, 5)
    story.review(second, "extend", tail="6年")
    story.on(date(2028, 1, 6))
    refused("extension.too_late", lambda: story.act("officer", "change.extend", matter=second, reason="迟了。", expected_version=story.version(second)))  # fmt: skip
    assert story.daily()["declassification.lapse"] == {"lapsed": 1, "without_review": 1}


@pytest.mark.clause("BMF-24.2a")
def test_a_period_that_ends_releases_the_matter_once_and_a_missing_review_is_kept_as_a_breach(story: Story) -> None:
    silent = story.approved(answers=story.answers(tail="1年"))
    signed = story.approved(answers=story.answers(tail="1年"))
    story.on(date(2026, 12, 1))
    story.review(signed, "lapse")
    story.act("officer", "review.decide", matter=signed, expected_version=story.version(signed))
    story.on(date(2027, 1, 5))
    assert story.daily()["declassification.lapse"]["lapsed"] == 0
    story.on(date(2027, 1, 6))
    assert story.daily()["declassification.lapse"] == {"lapsed": 2, "without_review": 1}
    assert story.daily()["declassification.lapse"]["lapsed"] == 0
    row = story.matter(silent)
    assert (row.state, row.release_ground, row.released_at) == (
        "declassified",
        "expiry",
        datetime(2027, 1, 6, tzinfo=ZONE),
    )
    assert row.carriers.get().mark == "解密（2027年1月6日，期满）"
    assert [b.matter_id for b in Breach.objects.filter(kind="review.expiry_missed")] == [silent]


@pytest.mark.clause("BMF-24.1")
def test_a_yearly_review_not_done_is_a_breach_and_is_told_from_september(story: Story) -> None:
    matter = story.approved()
    story.on(date(2026, 8, 31))
    assert story.daily()["notices.remind"]["reminded"] == 0
    story.on(date(2026, 9, 1))
    assert story.daily()["notices.remind"]["reminded"] == 2
    assert story.daily()["notices.remind"]["reminded"] == 0
    story.on(date(2027, 1, 1))
    counts = story.daily()
    assert (counts["review.open_annual"]["opened"], counts["review.mark_breaches"]["breaches"]) == (1, 1)
    assert story.daily()["review.mark_breaches"]["breaches"] == 0
    assert Breach.objects.get(matter=matter).kind == "review.annual_missed"


def test_a_review_that_keeps_closes_the_years_task(story: Story) -> None:
    matter = story.approved()
    story.on(date(2026, 6, 1))
    story.review(matter, "keep")
    story.act("officer", "review.decide", matter=matter, expected_version=story.version(matter))
    assert ReviewTask.objects.get(matter=matter, kind="annual").outcome == "keep"
    assert ReviewTask.objects.get(matter=matter, kind="expiry").done_at is None


@pytest.mark.clause("BMF-24.2b")
def test_early_release_needs_two_people_and_the_number_typed(story: Story) -> None:
    matter = story.approved()
    story.later(days=30)
    release = dict(matter=matter, reason="依据已经调整。", confirm="QJSW-M-2026-1")
    refused("proposal.none_waiting", lambda: story.act("officer", "declassification.release", **release, expected_version=story.version(matter)))  # fmt: skip
    story.review(matter, "release", ground="no_longer_secret")
    with pytest.raises(Invalid):
        story.act("officer", "declassification.release", **{**release, "confirm": "确认"}, expected_version=story.version(matter))  # fmt: skip
    done = story.act("officer", "declassification.release", **release, expected_version=story.version(matter))
    assert (story.matter(matter).state, done.remark_due) == ("declassified", 0)
    assert Notice.objects.filter(code="matter.released", must_acknowledge=True).count() == 3


@pytest.mark.clause("ZX-32")
def test_an_event_tail_ends_when_an_officer_confirms_it(story: Story) -> None:
    matter = story.approved(answers=story.answers("5"))
    assert story.matter(matter).last_protected_day is None
    story.later(days=40)
    happened = story.now - timedelta(hours=3)
    confirm = dict(matter=matter, happened_at=happened, evidence="见政府公报第三期。")
    done = story.act("officer", "declassification.confirm_event", **confirm, expected_version=story.version(matter))
    assert done.released_at == happened
    assert story.matter(matter).release_ground == "event"


@pytest.mark.clause("BJ-14.2")
@pytest.mark.clause("GD-11.3")
def test_a_derived_matter_takes_highest_level_latest_end_and_common_scope(story: Story) -> None:
    high = story.approved(answers=story.answers(tail="4年"))
    low = story.approved(answers=story.answers("3", scope=story.scope("drafter", "officer")))
    story.on(date(2026, 3, 2))
    derived = story.derive((SourceIn(matter=high, consent=True), SourceIn(matter=low, consent=True)))
    done = story.approve(derived)
    assert (done.mark, done.last_protected_day) == ("机密★2031年1月6日", date(2031, 1, 5))
    entries = story.matter(derived).scope_entries.filter(until__isnull=True)
    assert {e.person_id for e in entries} == {story.people["drafter"], story.people["officer"]}
    task = ReviewTask.objects.get(matter=derived, kind="source")
    assert task.due_on == date(2030, 1, 6)


def test_releasing_a_source_opens_a_task_on_what_was_derived_from_it(story: Story) -> None:
    source = story.approved()
    derived = story.derive((SourceIn(matter=source, consent=True),))
    story.approve(derived)
    story.review(source, "release", ground="harmless")
    story.act("officer", "declassification.release", matter=source, reason="公开无害。", confirm="QJSW-M-2026-1", expected_version=story.version(source))  # fmt: skip
    assert ReviewTask.objects.filter(matter=derived, kind="source", done_at__isnull=True).exists()
    with pytest.raises(Refused):
        story.derive((SourceIn(matter=source, consent=True),))


@pytest.mark.clause("ZX-28.4")
def test_widening_the_scope_is_recorded_at_every_level_and_needs_clearance(story: Story) -> None:
    matter = story.approved(answers=story.answers("3"))
    expand = dict(matter=matter, persons=(story.people["outsider"],), purpose="参加风险评估")
    story.act("officer", "need_to_know.expand", **expand, expected_version=story.version(matter))
    assert access.matter_for(story.actor("outsider"), story.now, matter).pk == matter
    assert Knowledge.objects.filter(matter=matter, what="admitted").count() == 1
    high = story.approved()
    refused("scope.clearance", lambda: story.act("officer", "need_to_know.expand", **{**expand, "matter": high}, expected_version=story.version(high)))  # fmt: skip


def test_a_preview_says_what_the_act_would_and_writes_nothing(story: Story) -> None:
    matter = story.filled(answers=story.answers(tail="30年"))
    before = Entry.objects.count()
    seen = preview.preview(story.actor("drafter"), story.now, "determination.propose", {"matter": str(matter)})
    assert {"period.over_item", "period.over_cap"} <= {f.code for f in seen.findings}
    assert (seen.mark, Entry.objects.count()) == ("机密★30年", before)


def test_a_notice_is_signed_for_by_whom_it_reached_and_by_nobody_else(story: Story) -> None:
    story.approved()
    notice = Notice.objects.get(code="matter.admitted", person=story.people["officer2"])
    with pytest.raises(NotFound):
        story.act("drafter", "notices.acknowledge", notice=notice.pk)
    story.act("officer2", "notices.acknowledge", notice=notice.pk)
    notice.refresh_from_db()
    assert notice.acknowledged_at == story.now


def test_the_ledger_verifies_and_holds_no_text_of_a_matter(story: Story) -> None:
    story.approved()
    bodies = "".join(Entry.objects.values_list("body", flat=True))
    assert "供水管网" not in bodies and "切换" not in bodies
    assert json.loads(Entry.objects.filter(act="determination.approve").get().body)["result"] == "done"
    found = verify()
    assert found.ok, found.faults
