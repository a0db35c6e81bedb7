"""After change, extension, release, lapse and event the copy says so beside the old mark; a public copy says nothing."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from dingmi.base.errors import Invalid, Refused
from dingmi.engines import documents
from dingmi.procedures.terms import Upload
from dingmi.queries import content, forms, parting, points
from dingmi.queries.forms.base import scope_words
from dingmi.records.carriers.models import Carrier
from dingmi.records.ledger.models import Entry
from dingmi.records.matters.models import Decision, MatterFile
from dingmi.records.notices.models import Notice
from dingmi.records.vault import store
from tests.engines.test_documents_traces import document, drawn
from tests.procedures.test_carrier_life import PLACE
from tests.procedures.test_points_and_comments import point
from tests.story import TEXT, docx_of

pytestmark = pytest.mark.db

UPLOADS = {
    "docx": Upload("切换方案.docx", docx_of(TEXT)),
    "pdf": Upload("切换方案.pdf", documents.render_text_pdf(TEXT, "切换方案")),
    "txt": Upload("切换方案.txt", TEXT.encode()),
}


def in_force(story, kind: str, **changes):
    matter = story.drafted(upload=UPLOADS[kind])
    story.fill(matter, story.answers(**changes))
    story.propose(matter)
    story.approve(matter)
    return matter


def marked(story, matter) -> tuple[str, str]:
    """Return the verdict on the marked copy and the visible mark."""
    got = story.act("drafter", "carriers.download", matter=matter)
    verdict = documents.verify(got.content, got.media)
    return verdict.word, verdict.mark.visible


def release(story, matter):
    story.later(days=30).review(matter, "release", ground="harmless")
    return story.act(
        "officer",
        "declassification.release",
        matter=matter,
        reason="公开无害。",
        confirm=story.matter(matter).register_no,
        expected_version=story.version(matter),
    )


@pytest.mark.one_database
@pytest.mark.parametrize("kind", UPLOADS)
@pytest.mark.clause("TL-21.1b")
def test_extension_strikes_the_old_mark_and_keeps_every_earlier_file(story, kind):
    matter = in_force(story, kind, tail="2年")
    story.later(days=30).extend(matter, "6年")
    assert marked(story, matter) == ("valid", "机密★2年 机密★6年（2026年2月4日延期，QJSW-M-2026-1-2）")
    assert Carrier.objects.get(matter=matter).mark == "机密★6年"
    files = MatterFile.objects.filter(matter=matter)
    assert files.filter(role="original", superseded_at=None).count() == 1
    assert files.filter(role="marked").count() == 2 and files.filter(role="marked", superseded_at=None).count() == 1


@pytest.mark.one_database
@pytest.mark.parametrize("kind", UPLOADS)
@pytest.mark.clause("ZX-34.2")
def test_early_release_marks_the_copy_in_the_same_call(story, kind):
    matter = in_force(story, kind)
    done = release(story, matter)
    assert done.remark_due == 0
    assert marked(story, matter) == ("valid", "机密★10年 解密（2026年2月4日，QJSW-M-2026-1-2）")


def test_event_marks_the_copy_with_the_day_of_the_event(story):
    matter = story.approved(answers=story.answers("5"))
    story.later(days=40)
    confirm = dict(matter=matter, happened_at=story.now, evidence="见政府公报第三期。")
    story.act("officer", "declassification.confirm_event", **confirm, expected_version=story.version(matter))
    assert marked(story, matter) == ("valid", "机密★正式公布前 解密（2026年2月14日，解密条件成就）")


def test_lapse_is_marked_by_the_sweep_in_batches_and_once(story):
    matters = [in_force(story, kind, tail="1年") for kind in UPLOADS]
    story.on(date(2027, 1, 6))
    counts = story.daily()
    assert counts["declassification.lapse"]["lapsed"] == 3
    assert counts["carriers.remark"] == {"remarked": 3, "failed": 0}
    for matter in matters:
        assert marked(story, matter) == ("valid", "机密★1年 解密（2027年1月6日，期满）")
    assert not Carrier.objects.filter(remark_due=True).exists()
    assert story.daily()["carriers.remark"] == {"remarked": 0, "failed": 0}


@pytest.mark.one_database
@pytest.mark.parametrize("kind", UPLOADS)
@pytest.mark.clause("TL-21.1b", "ZX-29.2")
def test_a_change_is_marked_alike_at_once_and_by_the_sweep_of_its_day(story, kind):
    matter = in_force(story, kind)
    at_once = {"ground": "damage_changed", "reason": "损害程度变化。", "level": "秘密", "tail": "8年"}
    change(story, matter, **at_once, effective_on=date(2026, 7, 1))
    assert marked(story, matter) == ("valid", "机密★10年")
    assert story.on(date(2026, 7, 1)).daily()["carriers.remark"] == {"remarked": 1, "failed": 0}
    assert marked(story, matter) == ("valid", "机密★10年 秘密★8年（2026年7月1日变更，QJSW-M-2026-1-2）")
    assert Carrier.objects.get(matter=matter).mark == "秘密★8年"
    change(story, matter, **{**at_once, "tail": "6年"})
    assert marked(story, matter) == ("valid", "机密★10年 秘密★8年 秘密★6年（2026年7月1日变更，QJSW-M-2026-1-3）")


@pytest.mark.one_database
@pytest.mark.parametrize("kind", UPLOADS)
@pytest.mark.clause("ZX-42")
def test_a_voided_matter_says_so_beside_its_struck_mark_and_its_original_stays(story, kind):
    matter = in_force(story, kind)
    error = {"kind": "wrong", "source": "own", "found_on": story.now.date(), "detail": "不应定密。"}
    found = story.act("officer2", "correction.find", matter=matter, **error)
    decided = dict(correction=found.id, remedy="void", reason="不符合条目。", expected_version=story.version(matter))
    story.act("officer", "correction.decide", **decided)
    story.daily()
    assert marked(story, matter) == ("valid", "机密★10年 撤销定密（2026年1月5日，QJSW-M-2026-1-2）")
    original = MatterFile.objects.get(matter=matter, role="original")
    assert original.superseded_at is None and store.get(original.stored) == UPLOADS[kind].content


def change(story, matter, **params):
    story.act("drafter", "change.propose", matter=matter, expected_version=story.version(matter), **params)
    return story.act("officer", "change.change", matter=matter, expected_version=story.version(matter))


def test_copy_that_cannot_be_marked_stays_flagged_and_is_told_once(story, monkeypatch):
    matter = in_force(story, "docx", tail="1年")
    monkeypatch.setattr("dingmi.procedures.remarking._stamped", lambda row, shown, on: None)
    story.on(date(2027, 1, 6))
    assert story.daily()["carriers.remark"] == {"remarked": 0, "failed": 1}
    story.later(days=1).daily()
    assert Carrier.objects.get(matter=matter).remark_due
    assert Notice.objects.filter(code="carrier.remark_failed").count() == 2  # drafter and officer, once each
    version = story.version(matter)
    story.act("drafter", "carriers.note_remarked", matter=matter, copy_no=1, expected_version=version)
    carrier = Carrier.objects.get(matter=matter)
    assert (carrier.mark, carrier.old_mark, carrier.remark_due) == ("解密（2027年1月6日，期满）", "机密★1年", False)
    with pytest.raises(Refused, match=r"carrier\.nothing_due"):
        story.act("drafter", "carriers.note_remarked", matter=matter, copy_no=1, expected_version=version + 1)


@pytest.mark.one_database
@pytest.mark.parametrize("kind", UPLOADS)
@pytest.mark.clause("ZX-36.3")
def test_public_copy_has_no_mark_of_any_kind_and_is_refused_while_one_is_left(story, kind):
    matter = in_force(story, kind)
    with pytest.raises(Refused, match=r"public_copy\.not_released"):
        story.act("drafter", "carriers.public_copy", matter=matter)
    release(story, matter)
    still = story.act("drafter", "carriers.download", matter=matter)
    got = story.act("drafter", "carriers.public_copy", matter=matter, upload=Upload(still.filename, still.content))
    for copy in (got, story.act("drafter", "carriers.public_copy", matter=matter)):
        verdict = documents.verify(copy.content, copy.media)
        assert (verdict.word, verdict.mark.visible, verdict.mark.label) == ("unknown", "", None)
        assert "机密" not in documents.extract(copy.content, copy.filename).text
    typed = Upload("公开.docx", docx_of("机密★10年\n" + TEXT))
    with pytest.raises(Refused, match=r"public_copy\.mark_left"):
        story.act("drafter", "carriers.public_copy", matter=matter, upload=typed)


def last(matter, act: str) -> dict[str, Any]:
    """Return what the latest entry of an act on a matter says."""
    entry = Entry.objects.filter(stream=f"matter:{matter}", act=act).latest("pk")
    return json.loads(entry.body)["data"]


@pytest.mark.clause("ZX-36.3")
def test_a_public_copy_carries_nothing_unseen_and_the_log_says_what_was_taken_out(story):
    matter = in_force(story, "docx")
    story.act("drafter", "carriers.download", matter=matter)
    assert last(matter, "carriers.download")["hidden"]["properties"] > 2
    release(story, matter)
    got = story.act("drafter", "carriers.public_copy", matter=matter, upload=Upload("公开.docx", document()))
    assert documents.traces(got.content, "docx") == ()
    told = last(matter, "carriers.public_copy")
    assert told["taken_out"]["comments"] == 2 and told["taken_out"]["revisions"] == 6 and told["declared"] == {}
    assert "李隐名" not in json.dumps(told, ensure_ascii=False)


@pytest.mark.clause("ZX-36.3")
def test_what_cannot_be_taken_out_is_refused_by_name_until_it_is_declared(story):
    matter = in_force(story, "pdf")
    release(story, matter)
    params = {"matter": matter, "upload": Upload("公开.pdf", drawn(unseen=True))}
    with pytest.raises(Refused) as refused:
        story.act("drafter", "carriers.public_copy", **params)
    assert [f.code for f in refused.value.findings] == ["hidden.hidden_text", "hidden.covered_text"]
    with pytest.raises(Refused, match=r"hidden\.covered_text"):
        story.act("drafter", "carriers.public_copy", **params, declared=("hidden_text", "notes"))
    with pytest.raises(Invalid, match=r"input\.invalid"):
        story.act("drafter", "carriers.public_copy", **params, declared=("everything",))
    story.act("drafter", "carriers.public_copy", **params, declared=("hidden_text", "covered_text"))
    told = last(matter, "carriers.public_copy")
    assert told["declared"] == {"hidden_text": 1, "covered_text": 1} and set(told["taken_out"]) == {"properties"}


PART = {"ground": "harmless", "reason": "该部分公开无害。"}
LINES = TEXT.splitlines()


def test_the_text_of_these_tests_has_paragraphs_to_release() -> None:
    assert len(LINES) >= 3 and all(line.strip() for line in LINES)


def text_of(copy) -> str:
    return documents.extract(copy.content, copy.filename).text


@pytest.mark.one_database
@pytest.mark.parametrize("kind", UPLOADS)
@pytest.mark.clause("BMF-24.2b", "ZX-36.3")
def test_a_part_is_released_its_public_copy_holds_no_word_of_the_rest_and_the_rest_says_so(story, kind):
    matter = in_force(story, kind)
    story.later(days=30)
    first = parting.paragraphs(story.matter(matter)).index(LINES[1]) + 1
    change(story, matter, **PART, released_paragraphs=(first,))
    note = "（2026年2月4日部分解密，QJSW-M-2026-1-2）"
    assert marked(story, matter) == ("valid", f"机密★10年{note}")
    got = story.act("drafter", "carriers.public_copy", matter=matter)
    copy = documents.verify(got.content, got.media)
    assert (copy.word, copy.mark.visible, copy.mark.label) == ("unknown", "", None)
    assert text_of(got).replace("\n", "") == LINES[1] and last(matter, "carriers.public_copy")["paragraphs"] == [first]
    assert "".join(LINES[2].split())[:12] not in "".join(text_of(got).split())
    change(story, matter, **PART, tail="8年", released_paragraphs=(1,))
    both = "2026年2月4日部分解密，QJSW-M-2026-1-2；2026年2月4日部分解密，QJSW-M-2026-1-3"
    assert marked(story, matter) == ("valid", f"机密★10年 机密★8年（2026年2月4日变更，QJSW-M-2026-1-3；{both}）")
    story.act("drafter", "carriers.public_copy", matter=matter)
    assert last(matter, "carriers.public_copy")["paragraphs"] == [1, first]


@pytest.mark.clause("ZX-36.3", "BMF-35", "CS-124")
@pytest.mark.parametrize(
    "spoilt", [lambda s: s, lambda s: s[5:30], lambda s: " ".join(s), lambda s: "【" + s[:20] + "】续"]
)
def test_an_uploaded_copy_with_words_of_the_rest_is_refused_by_the_number_of_their_paragraph(story, spoilt):
    matter = in_force(story, "docx")
    change(story, matter, **PART, released_paragraphs=(2,))
    for upload in ("docx", "txt"):
        text = LINES[1] + "\n" + spoilt(LINES[2])
        data = docx_of(text) if upload == "docx" else text.encode()
        with pytest.raises(Refused, match=r"public_copy\.still_secret") as refused:
            story.act("drafter", "carriers.public_copy", matter=matter, upload=Upload(f"公开.{upload}", data))
        assert refused.value.findings[0].params["paragraphs"] == "3"
    story.act("drafter", "carriers.public_copy", matter=matter, upload=Upload("公开.docx", docx_of(LINES[1] + "\n特此公布。")))  # fmt: skip


@pytest.mark.clause("BMF-24.2b")
def test_a_partial_release_names_paragraphs_that_are_there_and_leaves_a_rest(story):
    matter = in_force(story, "docx")
    for wrong in ((0,), (len(LINES) + 1,), (-1,)):
        with pytest.raises(Invalid, match=r"paragraph\.unknown"):
            change(story, matter, **PART, released_paragraphs=wrong)
    with pytest.raises(Refused, match=r"release\.nothing_left"):
        change(story, matter, **PART, released_paragraphs=tuple(range(1, len(LINES) + 1)))
    change(story, matter, **PART, released_parts=("第三部分",))
    with pytest.raises(Refused, match=r"public_copy\.no_paragraphs"):
        story.act("drafter", "carriers.public_copy", matter=matter)


def test_a_partial_release_that_waits_for_its_day_gives_no_copy_and_no_note_before(story):
    matter = in_force(story, "docx")
    change(story, matter, **PART, released_paragraphs=(2,), effective_on=date(2026, 7, 1))
    story.on(date(2026, 6, 30)).daily()
    assert marked(story, matter) == ("valid", "机密★10年")
    with pytest.raises(Refused, match=r"public_copy\.not_released"):
        story.act("drafter", "carriers.public_copy", matter=matter)
    assert story.on(date(2026, 7, 1)).daily()["carriers.remark"] == {"remarked": 1, "failed": 0}
    assert marked(story, matter) == ("valid", "机密★10年（2026年7月1日部分解密，QJSW-M-2026-1-2）")
    story.act("drafter", "carriers.public_copy", matter=matter)


@pytest.mark.one_database
@pytest.mark.parametrize("kind", UPLOADS)
@pytest.mark.clause("TL-21.1b")
def test_another_scope_leaves_the_mark_and_is_noted_beside_it_at_once_and_by_the_sweep_of_its_day(story, kind):
    matter = in_force(story, kind)
    less = {"ground": "need_changed", "reason": "工作分工调整。"}
    change(story, matter, **less, scope=story.scope("drafter", "officer"))
    words = scope_words(Decision.objects.get(matter=matter, number=2).scope)
    first = f"知悉范围变更：{words}，2026年1月5日，QJSW-M-2026-1-2"
    assert "共 2 人" in words and marked(story, matter) == ("valid", f"机密★10年（{first}）")
    change(story, matter, **less, scope=story.scope(), effective_on=date(2026, 7, 1))
    story.on(date(2026, 6, 30)).daily()
    assert marked(story, matter) == ("valid", f"机密★10年（{first}）")
    assert story.on(date(2026, 7, 1)).daily()["carriers.remark"] == {"remarked": 1, "failed": 0}
    words = scope_words(Decision.objects.get(matter=matter, number=3).scope)
    second = f"知悉范围变更：{words}，2026年7月1日，QJSW-M-2026-1-3"
    assert marked(story, matter) == ("valid", f"机密★10年（{second}）")
    change(story, matter, ground="damage_changed", reason="损害程度变化。", tail="8年")
    assert marked(story, matter) == ("valid", f"机密★10年 机密★8年（2026年7月1日变更，QJSW-M-2026-1-4；{second}）")


def test_paper_copies_are_to_bear_the_note_of_another_scope_and_a_long_scope_stands_in_the_notice(story, monkeypatch):
    matter = in_force(story, "docx")
    monkeypatch.setattr("dingmi.procedures.change.SCOPE_LIMIT", 5)
    number = story.matter(matter).register_no
    story.act("drafter", "carriers.produce", register_no=number, copies=3, is_marked=True, **PLACE)
    change(story, matter, ground="need_changed", reason="工作分工调整。", scope=story.scope("drafter", "officer"))
    assert marked(story, matter) == ("valid", "机密★10年（知悉范围变更：见通知，2026年1月5日，QJSW-M-2026-1-2）")
    assert list(Carrier.objects.filter(matter=matter, remark_due=True).values_list("form", flat=True)) == ["paper"] * 3


def points_of(story, matter) -> list[tuple[int, str]]:
    """Return number and words of every classified point in the label of the marked copy."""
    copy = story.act("drafter", "carriers.download", matter=matter)
    text = content.body(story.matter(matter))[0]
    stated = documents.read_mark(copy.content, copy.media).label["points"]
    return [(number, text[start:end].strip()) for number, start, end, *_ in stated]


@pytest.mark.clause("BMF-24.2b", "TL-17.3", "BMF-22.3")
def test_the_label_of_the_rest_names_no_classified_point_in_what_was_released(story):
    matter = story.drafted(upload=UPLOADS["docx"])
    story.fill(matter, story.answers(tail="8年"))
    first, second, third = LINES[1][:6], f"{LINES[1][-5:]}\n{LINES[2][:7]}", LINES[2][-6:]
    for words in (first, second, third):
        point(story, matter, words, tail="8年")
    story.propose(matter)
    story.approve(matter)
    assert points_of(story, matter) == [(1, first), (2, second), (3, third)]
    change(story, matter, **PART, released_paragraphs=(2,))
    rest = [(2, LINES[2][:7]), (3, third)]  # each keeps its number, for the paper names it so
    assert points_of(story, matter) == rest
    story.later(days=1).extend(matter, "9年")
    assert points_of(story, matter) == rest, "nor does a later mark"
    assert len(points.of(story.matter(matter))) == 3, "what was determined stays on record"


@pytest.mark.clause("BMF-24.2b", "TL-17.3")
def test_a_point_stays_in_the_label_until_the_day_of_its_release(story):
    matter = story.drafted(upload=UPLOADS["docx"])
    story.fill(matter, story.answers())
    point(story, matter, LINES[1][:6])
    story.propose(matter)
    story.approve(matter)
    change(story, matter, **PART, released_paragraphs=(2,), effective_on=date(2026, 7, 1))
    assert points_of(story, matter) == [(1, LINES[1][:6])]
    story.on(date(2026, 7, 1)).daily()
    assert points_of(story, matter) == []


def fields(story, form: str, case):
    return forms.filled(story.actor("drafter"), story.now, form, case).filled.fields


@pytest.mark.clause("TL-21.1b", "ZX-29.2")
def test_paper_copies_are_to_bear_the_note_of_a_partial_release_and_the_statement_names_the_part(story):
    matter = in_force(story, "docx")
    change(story, matter, **PART, released_paragraphs=(2,))
    sheet = fields(story, "remark", matter)
    assert sheet["act"] == "部分解密" and "解密部分：第2段；其余部分继续保护。" in sheet["basis"]
    assert sheet["new_mark"].startswith("机密★10年（") and "部分解密" in sheet["method"]
    decision = story.matter(matter).decisions.latest("number").pk
    notice = fields(story, "notice", decision)
    assert "部分解密（解密部分：第2段），其余部分继续保护" in notice["result"]
