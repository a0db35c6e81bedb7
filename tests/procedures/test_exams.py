"""Examinations through the acts: sat once and in time, judged by the regime, followed by a certificate; practice leaves nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from dingmi.base.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from dingmi.procedures.appointment import CRITERIA
from dingmi.queries import access, exams, performance, standing
from dingmi.records.ledger.models import Entry
from dingmi.records.matters.models import Decision
from dingmi.records.officers.appointments import Appointment
from dingmi.records.officers.exams import Paper
from dingmi.regime import exercise
from tests.procedures.test_training import course, roll, session
from tests.story import ZONE, Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]


def set_up(story: Story, **params: Any) -> UUID:
    given: dict[str, Any] = {
        "title": "机密级定密资格考核",
        "editions": (story.item().edition_id,),
        "grade": "机密",
        "count": 10,
        "minutes": 30,
        "opens_at": story.now,
        "closes_at": story.now + timedelta(days=2),
        **params,
    }
    return UUID(str(story.act("secrecy", "exams.set_up", **given).id))


def sat(story: Story, user: str, exam: UUID, *, right: bool = True) -> UUID:
    """Begin a paper and save an answer to every question: what the regime accepts, or nothing that it does."""
    paper = UUID(str(story.act(user, "exams.start", exam=exam).paper))
    row = Paper.objects.get(pk=paper)
    answers = {}
    for number, question in enumerate(exams.questions_of(row), start=1):
        good = exercise.accepted(question, story.now.date())
        wrong = [c.letter for c in question.choices if c.letter not in good][:1]
        answers[str(number)] = list(good) if right else wrong
    story.act(user, "exams.save", paper=paper, answers=answers)
    return paper


@pytest.mark.clause("SEED-3", "SEED-1", "TL-14.2", "QA-9", "ZX-15", "SEED-27")
def test_a_new_officer_trains_qualifies_is_commissioned_and_decides_a_first_matter_inside_the_product(
    story: Story,
) -> None:
    made = story.act(
        "secrecy", "personnel.enter_person", name="苏明", staff_no="9001", department=story.department,
        post="副处长", post_category="重要",
    )  # fmt: skip
    story.people["newcomer"] = UUID(str(made.id))
    story.account("newcomer")
    story.clear("newcomer", "机密")
    case = story.act(
        "officer", "officers.nominate", person=made.id, max_level="机密", reasons="熟悉供水管网业务。"
    ).case
    story.act("secrecy", "officers.vet", case=case, passed=True, criteria=CRITERIA, opinion="符合条件。")
    with pytest.raises(Refused) as untrained:
        story.act("secrecy", "officers.confirm_training", case=case)
    assert {f.code for f in untrained.value.findings} >= {"commission.untrained", "commission.qualification"}

    where = session(story, course(story))
    story.act("newcomer", "training.enrol", session=where)
    story.later(days=1, hours=4)
    story.act("secrecy", "training.take_roll", session=where, expected_version=roll(story, where), attended=(made.id,))
    paper = sat(story, "newcomer", set_up(story))
    graded = story.act("newcomer", "exams.submit", paper=paper)
    assert (graded.score, graded.passed) == (100, True)
    story.act("secrecy", "exams.certify", paper=paper)
    assert standing.qualified(made.id, story.now) == "机密"

    story.act("secrecy", "officers.confirm_training", case=case)
    story.act("head", "officers.commission", case=case, instrument="清水密委〔2026〕1号",
              until=story.now + timedelta(days=700))  # fmt: skip
    matter = story.proposed(answers=story.answers(scope=story.scope("drafter", "newcomer", "officer")))
    with pytest.raises((Forbidden, Refused)):
        story.approve(matter, "newcomer")
    story.act("secrecy", "officers.publish", case=case, expected_version=story.seen(Appointment, case))
    story.act(
        "secrecy",
        "officers.file",
        case=case,
        expected_version=story.seen(Appointment, case),
        number="备案回执〔2026〕1号",
    )
    assert story.approve(matter, "newcomer").mark == "机密★10年"
    used = Decision.objects.get(matter=matter).authority
    assert (used["instrument"], used["qualified"]) == ("清水密委〔2026〕1号", "机密")
    steps = Entry.objects.filter(act__in=["training.take_roll", "exams.submit", "exams.certify", "officers.file"])
    assert steps.count() == 4


@pytest.mark.clause("SEED-27")
def test_an_examination_is_answered_once_and_in_time_and_what_was_saved_counts(story: Story) -> None:
    exam = set_up(story)
    paper = sat(story, "drafter", exam)
    assert story.act("drafter", "exams.start", exam=exam).paper == paper, "going on is no second paper"
    with pytest.raises(NotFound):
        story.act("drafter2", "exams.save", paper=paper, answers={"1": ["A"]})
    with pytest.raises(Invalid):
        story.act("drafter", "exams.save", paper=paper, answers={"1": ["Z"]})
    with pytest.raises(Invalid):
        story.act("drafter", "exams.save", paper=paper, answers={"11": ["A"]})
    story.later(minutes=30)
    for late in ("exams.save", "exams.submit"):
        with pytest.raises(Conflict, match=r"exam\.late"):
            story.act("drafter", late, paper=paper, answers={"1": ["A"]})
    assert story.act("drafter", "exams.submit", paper=paper).score == 100
    for again in ("exams.save", "exams.submit"):
        with pytest.raises(Conflict, match=r"exam\.answered_already"):
            story.act("drafter", again, paper=paper, answers={"1": ["A"]})
    with pytest.raises(Conflict, match=r"exam\.answered_already"):
        story.act("drafter", "exams.start", exam=exam)
    story.later(days=3)
    with pytest.raises(Conflict, match=r"exam\.not_open"):
        story.act("drafter2", "exams.start", exam=exam)
    with pytest.raises(Conflict, match=r"exam\.handed_in_already"):
        story.act("secrecy", "exams.cancel", exam=exam, reason="改期")


def test_a_paper_left_open_is_judged_by_the_clock_as_it_was_saved(story: Story) -> None:
    paper = sat(story, "drafter", set_up(story))
    assert story.daily()["exams.collect"] == {"collected": 0}
    story.later(hours=1)
    assert story.daily()["exams.collect"] == {"collected": 1}
    row = Paper.objects.get(pk=paper)
    assert (row.score, row.passed, row.submitted_at) == (100, True, row.due_at)
    assert story.daily()["exams.collect"] == {"collected": 0}


@pytest.mark.clause("SEED-27", "SEED-28")
def test_a_failed_paper_tells_why_gives_no_certificate_and_stands_in_the_appraisal(story: Story) -> None:
    exam = set_up(story)
    paper = sat(story, "officer", exam, right=False)
    assert story.act("officer", "exams.submit", paper=paper).passed is False
    page = exams.exams_result(actor=story.actor("officer"), now=story.now, paper=paper)
    assert page.score == 0 and all(q.said and q.accepted for q in page.questions)
    assert any(said.clauses for q in page.questions for said in q.said)
    with pytest.raises(NotFound):
        exams.exams_result(actor=story.actor("drafter"), now=story.now, paper=paper)
    with pytest.raises(Refused) as refused:
        story.act("secrecy", "exams.certify", paper=paper)
    assert {f.code for f in refused.value.findings} == {"certificate.not_passed"}
    events = performance.events(story.people["officer"], 2026, story.now)
    assert [e.evidence for e in events if e.rule == "exam_failed"] == [f"paper:{paper}"]
    figures = exams.exams_one(actor=story.actor("secrecy"), now=story.now, exam=exam)
    assert (figures.line.handed_in, figures.line.pass_rate) == (1, 0)
    assert sum(asked for _, asked, _ in figures.kinds) == 10 and sum(right for _, _, right in figures.kinds) == 0


@pytest.mark.clause("SEED-1", "SEED-2")
def test_a_special_certificate_prepares_and_never_decides_and_a_higher_grade_covers_the_lower(story: Story) -> None:
    person = story.people["drafter2"]
    for grade in ("特殊", "机密"):
        paper = sat(story, "drafter2", set_up(story, grade=grade))
        story.act("drafter2", "exams.submit", paper=paper)
        story.act("secrecy", "exams.certify", paper=paper)
        with pytest.raises(Conflict, match=r"exam\.certified_already"):
            story.act("secrecy", "exams.certify", paper=paper)
        assert standing.qualified(person, story.now) == ("" if grade == "特殊" else "机密")
    story.later(days=1)
    paper = sat(story, "drafter2", set_up(story, grade="秘密", count=5))
    story.act("drafter2", "exams.submit", paper=paper)
    story.act("secrecy", "exams.certify", paper=paper)
    assert standing.qualified(person, story.now) == "机密", "the lower certificate takes nothing away"
    assert standing.prepares(person, story.now)


def test_an_examination_asks_only_what_can_be_asked_and_only_its_candidates(story: Story) -> None:
    with pytest.raises(Invalid, match=r"exam\.too_few"):
        set_up(story, count=100)
    exam = set_up(story, staff_nos=("0014",))
    with pytest.raises(Forbidden, match=r"exam\.no_candidate"):
        story.act("drafter2", "exams.start", exam=exam)
    levels = {q.item.level for q in exams.questions_of(Paper.objects.get(pk=sat(story, "drafter", exam)))}
    assert levels == {"秘密", "机密"}, "nothing above the grade is asked"
    mine = exams.exams_mine(actor=story.actor("drafter"), now=story.now)
    assert [(m.id, m.state) for m in mine] == [(exam, "going")]
    assert exams.exams_mine(actor=story.actor("drafter2"), now=story.now) == ()


@pytest.mark.clause("SEED-41")
def test_practice_is_open_to_everyone_judged_the_same_and_kept_nowhere(story: Story) -> None:
    edition = str(story.item().edition_id)
    actor = access.actor_for_account("outsider", story.now)
    entries = Entry.objects.count()
    first = exams.practice(actor=actor, now=story.now, edition=edition, seed="abc", count=8)
    assert first == exams.practice(actor=actor, now=story.now, edition=edition, seed="abc", count=8)
    told = exams.practice_marked(actor=actor, now=story.now, edition=edition, seed="abc", count=8, answers={})
    answers = {str(q.question.number): list(q.accepted) for q in told.questions}
    again = exams.practice_marked(actor=actor, now=story.now, edition=edition, seed="abc", count=8, answers=answers)
    assert (told.score, again.score) == (0, 100)
    assert Entry.objects.count() == entries and not Paper.objects.exists()
    assert performance.events(story.people["outsider"], 2026, story.now) == ()
    assert again.questions[0].item_id and story.now.tzinfo == ZONE


@pytest.mark.clause("SEED-1", "TL-14.2")
def test_a_certificate_that_lapses_between_proposal_and_signature_stops_the_officer_and_names_another(
    story: Story,
) -> None:
    answers = story.answers(scope=story.scope("drafter", "officer", "officer2"))
    matter = story.proposed(answers=answers)
    ends = story.now + timedelta(hours=2)
    story.act("secrecy", "officers.record_qualification", person=story.people["officer"], grade="机密",
              certificate="定密资格〔2023〕8号", since=story.now, until=ends)  # fmt: skip
    story.later(hours=1)
    assert story.approve(story.proposed(answers=answers)).mark
    story.later(hours=1)
    with pytest.raises(Refused, match=r"officer\.qualification") as refused:
        story.approve(matter)
    named = [f for f in refused.value.findings if f.code == "officer.who_can"]
    assert named and "冯立群" in named[0].params["officers"] and "周启明" not in named[0].params["officers"]
    assert story.approve(matter, "officer2").mark


@pytest.mark.clause("SEED-8")
def test_a_suspension_in_the_middle_of_a_batch_leaves_what_was_signed_and_stops_the_rest(story: Story) -> None:
    first, second, third = (story.proposed() for _ in range(3))
    assert story.approve(first).mark
    story.act("head", "officers.suspend", person=story.people["officer"], ground="inquiry")
    for matter in (second, third):
        with pytest.raises(Refused, match=r"officer\.suspended"):
            story.approve(matter)
    states = [story.matter(m).state for m in (first, second, third)]
    assert states == ["active", "proposed", "proposed"]


@pytest.mark.clause("QA-9", "QA-2")
def test_an_officer_is_entered_in_one_step_only_soon_after_the_founding_and_the_principal_never(story: Story) -> None:
    given = {"instrument": "定密〔2026〕9号", "max_level": "机密"}
    story.later(days=179)
    story.act("head", "officers.designate", person=story.people["drafter"], **given)
    story.later(days=2)
    with pytest.raises(Refused, match=r"designation\.not_nominated"):
        story.act("head", "officers.designate", person=story.people["drafter2"], **given)
    with pytest.raises(Refused, match=r"designation\.self"):
        story.act("head", "officers.designate", person=story.people["head"], **given)


@pytest.mark.clause("SEED-27")
def test_an_examination_that_is_cancelled_is_begun_by_nobody(story: Story) -> None:
    exam = set_up(story)
    with pytest.raises(Forbidden):
        story.act("drafter", "exams.cancel", exam=exam, reason="改期")
    story.act("secrecy", "exams.cancel", exam=exam, reason="改期")
    for user, name, given in (("drafter", "exams.start", {}), ("secrecy", "exams.cancel", {"reason": "改期"})):
        with pytest.raises(NotFound):
            story.act(user, name, exam=exam, **given)
