"""Work secrets and trade secrets by acts: proposed, approved, filed, changed, lifted, converted; who may read them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from dingmi.base.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from dingmi.engines import documents
from dingmi.procedures.terms import Scope, Upload
from dingmi.queries import QUERIES, access
from dingmi.queries.grades import GradeTerms
from dingmi.records.matters.models import Counter, Matter
from tests.story import TEXT, Story, docx_of

pytestmark = [pytest.mark.db, pytest.mark.django_db]
PHONES = "值守电话名单\n总值班　张三　0000-1001\n后勤保障　李四　0000-1002\n"


def ask(story: Story, user: str, name: str, **params: Any) -> Any:
    return QUERIES[name].run(actor=story.actor(user), now=story.now, params=params)


def terms(story: Story, regime: str = "work_secret", **changes: Any) -> GradeTerms:
    complete = GradeTerms(
        scope=Scope(persons=(story.people["drafter2"],)),
        basis="内部事项清单第 3 项",
        harm="duties",
        is_state_item=False,
    )
    if regime == "trade_secret":
        complete = replace(complete, level="核心商密", tail="5年", harm="advantage", basis="商业秘密目录第 2 项")
    return replace(complete, **changes)


def propose(story: Story, regime: str = "work_secret", user: str = "drafter", **changes: Any) -> UUID:
    params = {"upload": Upload("名单.docx", docx_of(PHONES)), "title": "值守电话名单"}
    params |= {name: changes.pop(name) for name in ("upload", "title", "statement", "source") if name in changes}
    return UUID(
        str(story.act(user, "grading.propose", regime=regime, terms=terms(story, regime, **changes), **params).matter)
    )


def approve(story: Story, matter: UUID, user: str = "head") -> Any:
    return story.act(user, "grading.approve", matter=matter, expected_version=story.version(matter))


def graded(story: Story, regime: str = "work_secret", **changes: Any) -> UUID:
    matter = propose(story, regime, **changes)
    approve(story, matter)
    return matter


def appoint(story: Story, user: str, regime: str, level: str) -> Any:
    return story.act(
        "head", "grading.appoint", person=story.people[user], regime=regime, max_level=level, instrument="指定书 1 号"
    )


def marked(story: Story, matter: UUID, user: str = "drafter") -> Any:
    made = story.act(user, "grading.download", matter=matter)
    return documents.verify(made.content, made.media).mark


@pytest.mark.clause("GZ-s1", "GZ-s2")
def test_a_work_secret_is_proposed_approved_marked_and_numbered_in_its_own_series(story: Story):
    matter = propose(story)
    done = approve(story, matter)
    assert (done.mark, done.register_no, done.last_protected_day) == ("内部", "QJSW-N-2026-1", None)
    found = marked(story, matter)
    assert found.visible == "内部" and found.label["regime"] == "work_secret"
    row = story.matter(matter)
    assert (row.state, row.regime, row.level, row.officer_id) == ("graded", "work_secret", "内部", story.people["head"])
    detail = ask(story, "drafter", "grading.matter", matter=str(matter))
    assert [s.act for s in detail.steps] == ["grading.approve", "grading.propose"]
    assert detail.basis == "内部事项清单第 3 项"


@pytest.mark.clause("SM-12", "SM-13", "SM-14", "NB-10")
def test_a_trade_secret_is_approved_filed_and_marked_with_owner_level_and_period(story: Story):
    matter = propose(story, "trade_secret")
    done = approve(story, matter)
    assert (done.mark, done.register_no) == ("市水务局 核心商密▲5年", "QJSW-H-2026-1")
    assert done.last_protected_day == date(2031, 1, 5)
    found = marked(story, matter)
    assert found.visible == done.mark and found.label["level"] == "核心商密" and "★" not in str(found.label)
    page = ask(story, "secrecy", "grading.register", regime="trade_secret", view="unfiled")
    assert [(r.is_content, r.title, r.is_filed) for r in page.rows] == [(False, "", False)]
    story.act("secrecy", "grading.file", matter=matter, note="备案 1 号", expected_version=story.version(matter))
    assert ask(story, "secrecy", "grading.register", regime="trade_secret").rows[0].is_filed
    with pytest.raises(Refused, match="filed_already"):
        story.act("secrecy", "grading.file", matter=matter, expected_version=story.version(matter))


@pytest.mark.clause("SM-12", "GZ-s1")
def test_an_appointed_person_approves_up_to_the_appointment_and_nobody_else_does(story: Story):
    matter = propose(story, "trade_secret")
    with pytest.raises(NotFound):
        approve(story, matter, "officer")
    appoint(story, "officer", "trade_secret", "普通商密")
    with pytest.raises(NotFound):  # it is above the appointment, so it is not even seen
        approve(story, matter, "officer")
    held = appoint(story, "officer", "trade_secret", "核心商密")
    story.act("head", "grading.end_appointment", appointment=held.id)
    with pytest.raises(NotFound):
        approve(story, matter, "officer")
    appoint(story, "officer", "trade_secret", "核心商密")
    assert approve(story, matter, "officer").register_no
    with pytest.raises(Forbidden):
        appoint_by = {
            "person": story.people["officer2"],
            "regime": "work_secret",
            "max_level": "内部",
            "instrument": "x",
        }
        story.act("officer", "grading.appoint", **appoint_by)


def test_nobody_approves_what_he_proposed(story: Story):
    appoint(story, "drafter", "work_secret", "内部")
    matter = propose(story)
    with pytest.raises(Refused) as refused:
        approve(story, matter, "drafter")
    assert {f.code for f in refused.value.findings if f.severity == "block"} == {"grade.same_person"}


@pytest.mark.clause("GZ-3", "SM-11", "BMF-22.3")
@pytest.mark.parametrize(
    ("regime", "changes", "code"),
    [
        ("work_secret", {"is_state_item": True}, "grade.state_item"),
        ("work_secret", {"upload": Upload("a.docx", docx_of("机密★10年\n" + TEXT))}, "grade.state_item"),
        ("work_secret", {"harm": ""}, "grade.no_harm"),
        ("work_secret", {"level": "机密"}, "grade.level"),
        ("work_secret", {"tail": "5年"}, "grade.no_level"),
        ("work_secret", {"scope": Scope()}, "grade.no_scope"),
        ("trade_secret", {"is_state_item": None}, "grade.state_item_unanswered"),
        ("trade_secret", {"level": "机密"}, "grade.level"),
        ("trade_secret", {"tail": "启用前"}, "grade.tail"),
        ("trade_secret", {"basis": " "}, "grade.no_basis"),
        ("trade_secret", {"provisional_until": date(2027, 1, 1), "reasons": "x"}, "grade.provisional_end"),
    ],
)
def test_an_unlawful_proposal_is_refused_and_nothing_is_kept(story: Story, regime: str, changes: Any, code: str):
    with pytest.raises(Refused) as refused:
        propose(story, regime, **changes)
    assert code in {f.code for f in refused.value.findings}
    assert not Matter.objects.exists()


@pytest.mark.parametrize("changes", [{"title": ""}, {"title": "值守\u202e名单"}, {"upload": None, "statement": " "}])
def test_a_malformed_proposal_is_refused(story: Story, changes: Any):
    with pytest.raises(Invalid):
        propose(story, **changes)


def test_what_has_no_file_is_described_and_its_scope_is_told(story: Story):
    matter = propose(story, "trade_secret", upload=None, statement="热处理工序的升温曲线，由班组长口授。")
    approve(story, matter)
    assert story.act("drafter2", "grading.read", matter=matter).text.startswith("热处理")
    with pytest.raises(NotFound, match="none"):
        story.act("drafter", "grading.download", matter=matter)


@pytest.mark.clause("GZ-s1")
def test_the_scope_reads_it_whatever_the_clearance_and_nobody_outside_does(story: Story):
    matter = graded(story, "trade_secret", scope=Scope(persons=(story.people["outsider"],)))
    assert story.act("outsider", "grading.read", matter=matter).title == "值守电话名单"
    for user in ("officer2", "secrecy", "drafter2"):
        with pytest.raises(NotFound):
            story.act(user, "grading.read", matter=matter)
    with pytest.raises(NotFound):
        story.act("sysadmin", "grading.read", matter=matter)
    assert not ask(story, "drafter2", "grading.register", regime="trade_secret").rows


def test_state_secret_lists_and_acts_never_meet_it(story: Story):
    matter = graded(story)
    for user in ("drafter", "head", "secrecy"):
        assert not access.existing(story.actor(user), story.now).filter(pk=matter).exists()
    assert not ask(story, "secrecy", "register").rows
    for act in ("carriers.read", "carriers.download"):
        with pytest.raises(NotFound):
            story.act("drafter", act, matter=matter)
    with pytest.raises(NotFound):
        story.act("drafter", "review.propose", matter=matter, outcome="keep", reason="x", expected_version=3)


def test_a_returned_proposal_is_revised_and_approved(story: Story):
    matter = propose(story, "trade_secret")
    story.act("head", "grading.return", matter=matter, text="期限请改为三年。", expected_version=story.version(matter))
    assert story.matter(matter).state == "returned"
    story.act(
        "drafter",
        "grading.revise",
        matter=matter,
        terms=terms(story, "trade_secret", level="普通商密", tail="3年"),
        expected_version=story.version(matter),
    )
    assert approve(story, matter).mark == "市水务局 普通商密▲3年"
    with pytest.raises(Conflict):
        story.act("head", "grading.lift", matter=matter, ground="published", reason="x", expected_version=1)


@pytest.mark.clause("NB-10")
def test_a_change_waits_strikes_the_old_mark_tells_the_scope_and_is_filed_again(story: Story):
    matter = graded(story, "trade_secret")
    story.act("secrecy", "grading.file", matter=matter, expected_version=story.version(matter))
    again = terms(story, "trade_secret", level="普通商密", tail="长期")
    story.act("drafter", "grading.revise", matter=matter, terms=again, expected_version=story.version(matter))
    assert ask(story, "head", "grading.matter", matter=str(matter)).waiting_mark == "市水务局 普通商密▲长期"
    assert story.matter(matter).level == "核心商密"  # until it is approved
    with pytest.raises(Refused, match="already_waiting"):
        story.act("drafter", "grading.revise", matter=matter, terms=again, expected_version=story.version(matter))
    done = approve(story, matter)
    assert (done.register_no, story.matter(matter).level) == ("QJSW-H-2026-1", "普通商密")
    assert marked(story, matter).visible == "市水务局 核心商密▲5年 市水务局 普通商密▲长期（2026年1月5日变更）"
    told = ask(story, "drafter2", "inbox").notices
    assert any("已变更" in n.text for n in told)
    assert not ask(story, "secrecy", "grading.register", regime="trade_secret").rows[0].is_filed


@pytest.mark.clause("GZ-s3")
def test_it_is_lifted_on_a_ground_of_its_law_and_its_copy_says_so(story: Story):
    matter = graded(story)
    with pytest.raises(Refused):
        story.act(
            "head",
            "grading.lift",
            matter=matter,
            ground="published",
            reason="x",
            expected_version=story.version(matter),
        )
    story.act(
        "head",
        "grading.lift",
        matter=matter,
        ground="to_be_public",
        reason="应予公开。",
        expected_version=story.version(matter),
    )
    assert story.matter(matter).state == "lifted"
    assert marked(story, matter).visible == "内部 已解除（2026年1月5日）"
    with pytest.raises(Refused, match=r"grade\.lifted"):
        story.act(
            "drafter", "grading.revise", matter=matter, terms=terms(story), expected_version=story.version(matter)
        )


@pytest.mark.clause("SM-11")
def test_it_becomes_a_state_secret_by_determination_and_stays_protected_until_then(story: Story):
    matter = graded(story, "trade_secret", upload=Upload("切换.docx", docx_of(TEXT)))
    reason = "新版事项范围列入。"
    made = story.act("drafter", "grading.convert", matter=matter, reason=reason, expected_version=story.version(matter))
    assert story.matter(made.matter).state == "draft" and story.matter(matter).state == "graded"
    with pytest.raises(Refused):
        story.act(
            "head",
            "grading.lift",
            matter=matter,
            ground="converted",
            reason="x",
            expected_version=story.version(matter),
        )
    with pytest.raises(Refused, match="converted_already"):
        story.act("drafter", "grading.convert", matter=matter, reason=reason, expected_version=story.version(matter))
    story.fill(made.matter)
    story.propose(made.matter)
    story.approve(made.matter)
    story.act(
        "head",
        "grading.lift",
        matter=matter,
        ground="converted",
        reason="已定密。",
        expected_version=story.version(matter),
    )
    assert (story.matter(matter).state, story.matter(made.matter).state) == ("lifted", "active")


def test_what_was_refused_as_a_state_secret_is_taken_over_as_a_work_secret(story: Story):
    draft = story.drafted()
    params = {"reason": "不属于目录事项。", "instead": "work_secret", "expected_version": story.version(draft)}
    story.act("drafter", "determination.not_secret", matter=draft, **params)
    assert [s.id for s in ask(story, "drafter", "grading.form", regime="work_secret").sources] == [draft]
    matter = propose(story, upload=None, source=draft)
    assert "阀室编号" in story.act("drafter", "grading.read", matter=matter).text
    with pytest.raises(NotFound):
        propose(story, user="drafter2", upload=None, source=draft)


@pytest.mark.clause("SEED-24", "SM-14")
def test_a_provisional_grade_and_a_period_end_with_their_day_and_people_are_told(story: Story):
    until = story.now.date() + timedelta(days=30)
    matter = graded(story, "trade_secret", provisional_until=until, reasons="紧急采购谈判。")
    lasting = graded(story, "trade_secret")
    story.daily()
    assert any("期满" in n.text for n in ask(story, "drafter", "inbox").notices)
    story.on(until)
    story.daily()
    assert story.matter(matter).state == "graded"
    story.on(until + timedelta(days=1))
    assert story.daily()["grading.lapse"]["ended"] == 1
    assert story.daily()["grading.lapse"]["ended"] == 0
    assert (story.matter(matter).state, story.matter(matter).release_ground) == ("lifted", "expired")
    copy = story.matter(matter).carriers.get()
    assert (copy.mark, copy.remark_due) == ("已解除", False) and "核心商密" in copy.old_mark
    assert story.matter(lasting).state == "graded"


def test_the_register_is_searched_filtered_and_exported_for_its_reader(story: Story):
    one = graded(story, "trade_secret", title="=招标底价测算")
    graded(story, "trade_secret", level="普通商密", title="供应商名录")
    found = ask(story, "drafter", "grading.register", regime="trade_secret", text="底价").rows
    assert [r.matter for r in found] == [one]
    by_level = ask(story, "head", "grading.register", regime="trade_secret", level="普通商密").rows
    assert [r.title for r in by_level] == ["供应商名录"]
    sheet = ask(story, "head", "grading.export", regime="trade_secret")
    assert sheet.rows == 2 and "'=招标底价测算" in sheet.text and sheet.text.startswith("\ufeff编号")
    assert "供应商名录" not in ask(story, "secrecy", "grading.export", regime="trade_secret").text
    for params in ({"regime": "prc_state"}, {"view": "x"}, {"level": "机密"}, {"after": "x"}):
        with pytest.raises(Invalid):
            ask(story, "head", "grading.register", **{"regime": "trade_secret", **params})
    assert {v.name: v.count for v in ask(story, "head", "grading.register", regime="work_secret").views}["all"] == "0"


def test_the_maintained_counts_stay_true(story: Story):
    matter = graded(story, "trade_secret")
    story.act(
        "drafter",
        "grading.revise",
        matter=matter,
        terms=terms(story, "trade_secret", level="普通商密"),
        expected_version=story.version(matter),
    )
    approve(story, matter)
    held = {(c.level, c.state): c.value for c in Counter.objects.exclude(value=0)}
    assert held == {("普通商密", "graded"): 1}


def test_a_file_that_is_no_document_leaves_nothing(story: Story):
    with pytest.raises(Invalid):
        propose(story, upload=Upload("a.docx", b"nonsense"))
    assert not Matter.objects.exists()


def benched(story: Story, user: str) -> list[tuple[str, UUID]]:
    bench = ask(story, user, "workbench")
    return [(t.kind, t.about) for t in (*bench.this_week, *bench.later) if t.kind in ("grade", "regrade")]


def test_what_waits_for_an_approver_and_what_came_back_stand_on_the_workbench(story: Story):
    matter = propose(story, "trade_secret")
    assert benched(story, "drafter2") == [] and benched(story, "drafter") == []
    appoint(story, "drafter2", "trade_secret", "普通商密")
    assert benched(story, "drafter2") == []  # 核心商密 is above the appointment
    appoint(story, "outsider", "trade_secret", "核心商密")
    assert benched(story, "outsider") == benched(story, "head") == [("grade", matter)]
    story.act("head", "grading.return", matter=matter, text="期限请改为三年。", expected_version=story.version(matter))
    assert benched(story, "head") == [] and benched(story, "drafter") == [("regrade", matter)]
    story.later(minutes=1).act(
        "drafter",
        "grading.revise",
        matter=matter,
        title="值守电话名单",
        terms=terms(story, "trade_secret", tail="3年"),
        expected_version=story.version(matter),
    )
    approve(story, matter)
    assert benched(story, "head") == benched(story, "drafter") == []
    change = terms(story, "trade_secret", tail="4年")
    story.later(minutes=1).act(
        "drafter", "grading.revise", matter=matter, title="", terms=change, expected_version=story.version(matter)
    )
    assert benched(story, "head") == [("grade", matter)]


@pytest.mark.clause("SM-12", "SEED-24")
def test_what_is_not_filed_or_ends_soon_stands_on_the_workbench_even_when_the_round_was_late(
    story: Story, settings: Any
):
    settings.DINGMI_HOUSE = "enterprise"

    def tasks(user: str) -> list[tuple[str, UUID]]:
        bench = ask(story, user, "workbench")
        return [(t.kind, t.about) for t in (*bench.this_week, *bench.later)]

    matter = graded(story, "trade_secret", tail="1年")
    assert tasks("secrecy") == [("grade_file", matter)] and tasks("drafter") == []
    story.act("secrecy", "grading.file", matter=matter, note="备案 1 号", expected_version=story.version(matter))
    assert tasks("secrecy") == []
    change = terms(story, "trade_secret", tail="6个月")
    revise = {"matter": matter, "title": "", "terms": change, "expected_version": story.version(matter)}
    story.later(minutes=1).act("drafter", "grading.revise", **revise)
    approve(story, matter)
    assert tasks("secrecy") == [("grade_file", matter)], "a change is filed again"
    page = ask(story, "secrecy", "grading.register", regime="trade_secret", view="unfiled")
    assert [r.matter for r in page.rows] == [matter]
    story.on(date(2026, 6, 20)).daily()  # the day a month before the end went by without a round
    assert sum("期满" in n.text for n in ask(story, "drafter", "inbox").notices) == 1
    story.later(days=1).daily()
    assert sum("期满" in n.text for n in ask(story, "drafter", "inbox").notices) == 1
    assert tasks("drafter") == [("grade_ends", matter)]
    bench = ask(story, "drafter", "workbench")
    assert (bench.regime, bench.propose, bench.expiring) == ("trade_secret", "商密定级", 1)
    assert [(r.matter, r.mark) for r in bench.recent] == [(matter, "市水务局 核心商密▲6个月")]
