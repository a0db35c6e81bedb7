"""Inspection and rectification: planned, drawn, held; put right by one and closed by another; late ones told of; scored."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID
from zlib import crc32

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dingmi.base.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from dingmi.queries import QUERIES, performance
from dingmi.queries.lists import LISTS
from dingmi.records.notices.models import Notice
from dingmi.records.oversight.inspections import InspectionFinding
from dingmi.records.oversight.models import Correction
from dingmi.regime import oversight as book
from dingmi.regime.performance import scheme_of
from tests.story import Story

in_story = pytest.mark.db


@pytest.fixture
def story(story: Story) -> Story:
    """The bureau, with an inspector beside its office."""
    story.grant("drafter2", "inspector")
    story.cleared("secadmin", person=story.people["secrecy"], level="机密", instrument="审查表")
    return story


def ask(story: Story, user: str, name: str, **params: Any) -> Any:
    return QUERIES[name].run(actor=story.actor(user), now=story.now, params=params)


def planned(story: Story, user: str = "secrecy", **more: Any) -> UUID:
    given = {"kind": "self", "title": "上半年定密工作自查", "planned_on": date(2026, 3, 2), **more}
    return UUID(str(story.act(user, "oversight.plan", **given).id))


def held(story: Story, inspection: UUID, user: str = "secrecy", **more: Any) -> Any:
    given = {
        "participants": "沈雅琴等三人",
        "conclusion": "总体符合规定，问题见清单。",
        "held_on": story.now.date(),
        **more,
    }
    return story.act(user, "oversight.hold", inspection=inspection, **given)


def found(story: Story, inspection: UUID, user: str = "secrecy", **more: Any) -> Any:
    given = {"topic": "education", "words": "培训记录不全，请补齐。", "responsible": story.people["officer"], **more}
    return story.act(user, "oversight.find", inspection=inspection, **given)


def on(story: Story, finding: UUID) -> dict[str, Any]:
    """Return what names a finding and the version of it that is seen now."""
    return {"finding": finding, "expected_version": story.seen(InspectionFinding, finding)}


def told(code: str) -> list[UUID]:
    return sorted(Notice.objects.filter(code=code).values_list("person", flat=True), key=str)


@pytest.mark.clause("TL-58")
def test_the_thirteen_topics_of_the_regulation_are_data_and_every_error_has_a_rule_of_the_appraisal() -> None:
    assert len(book.topics()) == 13 and list(book.topics())[4] == "classification"
    assert book.kinds()["self"].topics == tuple(book.topics())
    assert {e.rule for e in book.errors().values()} <= set(scheme_of(2026).rules)


@given(
    sizes=st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 60), max_size=6),
    size=st.integers(1, 80),
    seed=st.integers(0, 99).map(str),
)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_sample_has_its_size_takes_from_each_stratum_its_share_and_is_drawn_again_by_its_key(
    sizes: dict[str, int], size: int, seed: str
) -> None:
    strata = {name: [f"{name}{i}" for i in range(n)] for name, n in sizes.items()}
    total = sum(sizes.values())
    taken = book.drawn(strata, size, lambda i: f"{crc32((seed + i).encode())}")
    assert len(set(taken)) == len(taken) == min(size, total)
    assert taken == book.drawn(dict(reversed(strata.items())), size, lambda i: f"{crc32((seed + i).encode())}")
    for name, n in sizes.items():
        share = min(size, total) * n / max(total, 1)
        assert abs(sum(i.startswith(name) for i in taken) - share) < 1


def test_the_interval_holds_the_share_and_narrows_as_more_is_looked_at() -> None:
    assert book.interval(0, 0) == (0.0, 1.0)
    low, high = book.interval(2, 20)
    assert 0 < low < 0.1 < high < 0.35
    assert book.interval(20, 200)[1] < high and book.interval(0, 20)[0] == 0.0


@in_story
@pytest.mark.clause("TL-58", "GD-5", "ZX-38")
def test_a_self_inspection_is_held_with_the_figures_of_the_register_and_the_next_one_is_planned(story: Story) -> None:
    story.approved()
    story.on(date(2026, 3, 2))
    first = planned(story, repeats=6)
    done = held(story, first)
    page = ask(story, "drafter2", "oversight.one", inspection=first)
    assert page.topics == tuple(book.topics()) and page.row.state == "done" and page.row.number == "检〔2026〕1号"
    assert {f.code: f.count for f in page.figures} == {
        "determined": 1, "changed": 0, "released": 0, "reviewed": 0, "unreviewed": 0, "corrected": 0,
    }  # fmt: skip
    following = ask(story, "head", "oversight.one", inspection=done.next).row
    assert (following.planned_on, following.state, following.title) == (
        date(2026, 9, 2),
        "planned",
        "上半年定密工作自查",
    )
    with pytest.raises(Conflict, match=r"oversight\.held"):
        held(story, first)
    with pytest.raises(Forbidden):
        planned(story, "drafter")
    for wrong in ({"kind": "visit"}, {"topics": ("weather",)}, {"repeats": 99}, {"planned_on": date(2024, 1, 1)}):
        with pytest.raises(Invalid):
            planned(story, **wrong)


@in_story
@pytest.mark.clause("SEED-23")
def test_officers_plan_and_make_their_own_rounds_and_see_no_inspection_of_others(story: Story) -> None:
    theirs = planned(story)
    with pytest.raises(Forbidden, match=r"oversight\.own_rounds"):
        planned(story, "officer")
    mine = planned(story, "officer", kind="round", title="管网处巡查", unit=story.department)
    assert [r.id for r in ask(story, "officer", "oversight").rows] == [mine]
    assert len(ask(story, "secrecy", "oversight").rows) == 2
    assert [r.id for r in ask(story, "secrecy", "oversight", kind="round", state="planned").rows] == [mine]
    with pytest.raises(NotFound):
        ask(story, "officer", "oversight.one", inspection=theirs)
    with pytest.raises(NotFound):
        held(story, theirs, "officer")
    with pytest.raises(Forbidden):
        story.act("officer", "oversight.cancel", inspection=mine, words="不去了")
    assert held(story, mine, "officer").number == f"检-{str(mine)[:8]}", (
        "its place in the year tells of the others (SR-26)"
    )


@in_story
def test_who_oversees_sees_the_running_number_of_an_inspection_and_others_a_random_name_in_lists_and_notices(
    story: Story,
) -> None:
    planned(story)
    mine = planned(story, "officer", kind="round", title="管网处巡查", topics=("education",))
    theirs = planned(story, lead=story.people["officer2"])
    one = found(story, mine, "officer", responsible=story.people["officer2"])
    assert one.number == f"检-{str(mine)[:8]}-1", "the leader of a round knows all it found"
    name = f"改-{str(one.id)[:8]}"
    (line,) = ask(story, "officer2", "oversight.findings").rows
    assert line.number == name
    said = (
        Notice.objects.get(code="oversight.found").params["number"],
        Notice.objects.get(code="oversight.to_lead").params["number"],
    )
    assert said == (name, f"检-{str(theirs)[:8]}")
    (seen,) = ask(story, "head", "oversight.findings").rows
    assert seen.number == "检〔2026〕2号-1"
    story.on(date(2026, 3, 10)).daily()
    late = {n.person_id: n.params["number"] for n in Notice.objects.filter(code="oversight.finding_late")}
    assert late[story.people["officer2"]] == name and late[story.people["head"]] == "检〔2026〕2号-1"


@in_story
@pytest.mark.clause("TL-59.3", "SEED-12")
def test_a_finding_is_put_right_by_its_responsible_and_closed_by_another_and_may_be_sent_back(story: Story) -> None:
    one = found(story, planned(story), due_on=date(2026, 2, 1))
    with pytest.raises(Forbidden, match=r"oversight\.not_responsible"):
        story.act("secrecy", "oversight.rectify", **on(story, one.id), proof="已补")
    with pytest.raises(Conflict, match=r"oversight\.not_rectified"):
        story.act("secrecy", "oversight.close", **on(story, one.id), opinion="合格")
    with pytest.raises(NotFound):
        story.act("officer2", "oversight.rectify", **on(story, one.id), proof="已补")
    story.act("officer", "oversight.rectify", **on(story, one.id), proof="补录三场培训记录。")
    with pytest.raises(Forbidden, match=r"oversight\.own_rectification"):
        story.act("officer", "oversight.close", **on(story, one.id), opinion="合格")
    story.act(
        "drafter2",
        "oversight.send_back",
        **on(story, one.id),
        opinion="缺签到表。",
        due_on=date(2026, 2, 10),
    )
    (line,) = ask(story, "officer", "oversight.findings").rows
    assert (line.state, line.due_on, line.opinion, line.may_rectify) == ("open", date(2026, 2, 10), "缺签到表。", True)
    story.act("officer", "oversight.rectify", **on(story, one.id), proof="签到表已补。")
    story.act("drafter2", "oversight.close", **on(story, one.id), opinion="已核对原件。")
    assert ask(story, "officer", "oversight.findings").rows == ()
    (line,) = ask(story, "secrecy", "oversight.findings", state="closed").rows
    assert (line.state, line.proof, line.opinion) == ("closed", "签到表已补。", "已核对原件。")
    with pytest.raises(Conflict, match=r"oversight\.closed"):
        story.act("officer", "oversight.rectify", **on(story, one.id), proof="再补")
    assert ask(story, "drafter", "oversight.findings", state="closed").rows == ()


@in_story
@pytest.mark.clause("TL-59.3")
def test_nothing_is_put_right_on_a_day_before_it_was_found_also_where_that_is_yesterday_elsewhere(story: Story) -> None:
    story.on(date(2026, 1, 20), hour=7)
    one = found(story, planned(story))
    with pytest.raises(Invalid):
        story.act(
            "officer",
            "oversight.rectify",
            **on(story, one.id),
            proof="已补",
            rectified_on=date(2026, 1, 19),
        )
    assert story.act(
        "officer",
        "oversight.rectify",
        **on(story, one.id),
        proof="已补",
        rectified_on=date(2026, 1, 20),
    )


@in_story
@pytest.mark.clause("TL-59.3")
def test_the_day_of_an_opinion_of_the_administration_is_moved_by_its_written_consent_alone(story: Story) -> None:
    inspection = planned(story, kind="administration", title="市局年度检查", planned_on=date(2026, 1, 5))
    with pytest.raises(Invalid, match=r"oversight\.no_opinion"):
        held(story, inspection)
    held(story, inspection, document_no="市保检〔2026〕3号")
    one = found(story, inspection, due_on=date(2026, 2, 1))
    later = {"finding": one.id, "due_on": date(2026, 3, 1), "opinion": "采购流程未完成。"}
    with pytest.raises(Refused, match=r"oversight\.day_of_others"):
        story.act("head", "oversight.postpone", expected_version=story.seen(InspectionFinding, one.id), **later)
    assert story.act(
        "head",
        "oversight.postpone",
        expected_version=story.seen(InspectionFinding, one.id),
        **later,
        document_no="市保函〔2026〕8号",
    ).due_on == date(2026, 3, 1)
    own = found(story, planned(story), due_on=date(2026, 2, 1))
    with pytest.raises(Invalid):
        story.act(
            "head",
            "oversight.postpone",
            **on(story, own.id),
            due_on=date(2026, 1, 20),
            opinion="提前",
        )
    assert story.act(
        "head",
        "oversight.postpone",
        **on(story, own.id),
        due_on=date(2026, 2, 20),
        opinion="人员调整",
    ).due_on


@in_story
@pytest.mark.clause("ZX-42", "SEED-12", "SEED-11")
def test_an_error_in_a_matter_becomes_a_correction_that_is_done_first_and_counts_in_the_appraisal(story: Story) -> None:
    matter = story.approved()
    number = story.matter(matter).register_no
    inspection = planned(story)
    with pytest.raises(Invalid, match=r"oversight\.needs_matter"):
        found(story, inspection, topic="classification", error="unmarked")
    with pytest.raises(Refused, match=r"oversight\.may_not_know"):
        found(story, inspection, topic="classification", register_no=number, responsible=story.people["outsider"])
    one = found(story, inspection, topic="classification", error="unmarked", register_no=number)
    vague = found(story, inspection, topic="classification", error="reasons", register_no=number)
    assert one.correction and vague.correction is None
    kept = Correction.objects.get(pk=one.correction)
    assert (kept.source, kept.kind, kept.officer_id) == ("inspection", "unmarked", story.people["officer"])
    story.act("officer", "oversight.rectify", **on(story, one.id), proof="已补作标志。")
    with pytest.raises(Refused, match=r"oversight\.correction_open"):
        story.act("secrecy", "oversight.close", **on(story, one.id), opinion="合格")
    version = story.version(matter)
    story.act("officer2", "correction.decide", correction=kept.pk, remedy="none", reason="已有标志，位置不显著。", expected_version=version)  # fmt: skip
    story.act("officer2", "correction.close", correction=kept.pk)
    story.act("secrecy", "oversight.close", **on(story, one.id), opinion="合格")
    story.later(days=40)
    rules = [e.rule for e in performance.events(story.people["officer"], 2026, story.now)]
    assert {"found_unmarked", "inspection_reasons", "rectified", "rectified_late"} <= set(rules)
    assert rules.count("found_unmarked") == 1


@in_story
@pytest.mark.clause("TL-59.3")
def test_words_about_a_matter_are_for_those_who_are_cleared_for_it(story: Story) -> None:
    number = story.matter(story.approved()).register_no
    story.grant("outsider", "inspector")
    inspection = planned(story, lead=story.people["outsider"])
    one = found(story, inspection, topic="classification", register_no=number, error="unmarked")
    row = InspectionFinding.objects.get()
    assert row.level == "机密" and "培训".encode() not in bytes(row.words_ct)
    assert ask(story, "head", "oversight.findings").rows[0].words.startswith("培训记录")
    (line,) = ask(story, "outsider", "oversight.findings").rows
    assert line.is_masked and line.words == "" and (line.matter, line.matter_no) == (None, "")
    assert (line.level, line.error, line.correction) == ("", "", ""), "nothing of a matter that may not be known"
    texts = LISTS["oversight.findings"].texts(ask(story, "head", "oversight.findings").rows)
    assert "培训记录" not in str(texts) and number in texts[0]
    story.act("officer", "oversight.rectify", **on(story, one.id), proof="已补作标志。")
    (line,) = ask(story, "outsider", "oversight.findings").rows
    assert not line.may_check and not line.may_postpone
    for act in ("close", "send_back"):
        with pytest.raises(Forbidden, match=r"oversight\.may_not_read"):
            story.act("outsider", f"oversight.{act}", finding=one.id, opinion="合格", expected_version="")


@in_story
@pytest.mark.clause("SEED-12")
def test_a_sample_is_drawn_once_from_what_is_in_force_and_tells_a_share_of_errors(story: Story) -> None:
    made = [story.approved(), story.approved(answers=story.answers("3"))]
    inspection = planned(story)
    with pytest.raises(Invalid):
        story.act("secrecy", "oversight.draw", inspection=inspection, size=0)
    drawn = story.act("drafter2", "oversight.draw", inspection=inspection, size=5)
    assert set(drawn.matters) == set(made) and drawn.drawn_from == 2 and len(drawn.seed) == 32
    with pytest.raises(Conflict, match=r"oversight\.drawn"):
        story.act("drafter2", "oversight.draw", inspection=inspection, size=1)
    found(story, inspection, topic="classification", error="reasons", register_no=story.matter(made[0]).register_no)
    held(story, inspection)
    page = ask(story, "drafter2", "oversight.one", inspection=inspection)
    assert page.share is not None and page.share[0] == 50 and page.share[1] < 50 < page.share[2]
    assert sorted(s.found for s in page.sample) == [0, 1]
    empty = planned(story, unit=UUID(str(story.act("secrecy", "personnel.enter_department", name="水质处").id)))
    with pytest.raises(Conflict, match=r"oversight\.nothing_to_draw"):
        story.act("secrecy", "oversight.draw", inspection=empty, size=3)


@in_story
@pytest.mark.clause("TL-59.3", "SEED-23", "GD-5", "ZX-38")
def test_people_are_reminded_at_each_lead_once_and_everyone_above_hears_weekly_of_what_is_late(story: Story) -> None:
    found(
        story,
        planned(story, kind="round", lead=story.people["officer2"]),
        topic="classification",
        due_on=date(2026, 3, 2),
    )
    counts = []
    for day in (date(2026, 2, 1), date(2026, 2, 16), date(2026, 2, 17), date(2026, 2, 28), date(2026, 3, 2)):
        story.on(day).daily()
        counts.append((len(told("oversight.finding_due")), len(told("oversight.plan_due"))))
    assert counts == [(0, 0), (1, 1), (1, 1), (2, 2), (3, 3)]
    people = {story.people[u] for u in ("officer", "secrecy", "drafter2", "head")}
    for day, times in ((date(2026, 3, 3), 1), (date(2026, 3, 9), 1), (date(2026, 3, 10), 2)):
        story.on(day).daily()
        assert len(told("oversight.finding_late")) == times * len(people)
    assert set(told("oversight.finding_late")) == people
    assert set(told("oversight.plan_late")) == {story.people["officer2"], story.people["secrecy"]}
    assert ask(story, "secrecy", "oversight").late == 1 and ask(story, "officer2", "oversight").rows[0].state == "late"
    assert ask(story, "secrecy", "oversight").owed == ()
    story.on(date(2026, 4, 1)).daily()
    story.on(date(2026, 4, 2)).daily()
    assert ask(story, "secrecy", "oversight").owed == ("self", "round", "drill", "risk")
    assert all(len(told(f"oversight.owed_{kind}")) == 1 for kind in ("self", "round", "drill", "risk"))


@in_story
@pytest.mark.clause("SEED-23", "SEED-33")
def test_a_round_not_made_and_a_drill_held_count_in_the_appraisal(story: Story) -> None:
    planned(story, "officer", kind="round", planned_on=date(2026, 1, 12))
    drill = planned(
        story, kind="drill", title="失泄密处置演练", planned_on=date(2026, 1, 8), lead=story.people["officer"]
    )
    story.on(date(2026, 1, 8))
    held(story, drill, participants="三十人")

    def rules() -> list[str]:
        return sorted(e.rule for e in performance.events(story.people["officer"], 2026, story.now))

    assert "drill" in rules() and "rounds_missed" not in rules()
    story.on(date(2026, 1, 19))
    assert "rounds_missed" not in rules(), "made within a week it is not missed"
    story.later(days=1)
    assert rules().count("rounds_missed") == 1


@in_story
@pytest.mark.clause("SEED-23")
def test_an_inspection_called_off_stays_on_record_with_its_reason_and_takes_nothing_more(story: Story) -> None:
    inspection = planned(story)
    story.act("head", "oversight.cancel", inspection=inspection, words="并入专项检查。")
    page = ask(story, "secrecy", "oversight.one", inspection=inspection)
    assert page.row.state == "cancelled" and page.cancelled_words == "并入专项检查。" and not page.may_lead
    with pytest.raises(Conflict, match=r"oversight\.cancelled"):
        found(story, inspection)
