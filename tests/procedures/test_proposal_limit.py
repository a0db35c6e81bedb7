"""及时: by which day a proposal is to be decided (policy), where it is shown, when it is reminded of, and what ends it."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from dingmi.base.actor import Role
from dingmi.queries import QUERIES, limits, standing
from dingmi.queries.statistics import work
from dingmi.queries.verify import verify
from dingmi.records.matters.models import Proposal
from dingmi.records.notices.models import Deadline, Notice
from tests import states
from tests.story import Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]
DUE = date(2026, 1, 12)  # five working days after Monday the fifth


def running(matter: Any) -> list[date | None]:
    """Return the last days of the limits of a proposal that run."""
    rows = Deadline.objects.filter(matter_id=matter, name=limits.PROPOSAL, done_at__isnull=True)
    return list(rows.values_list("due_on", flat=True))


def ask(story: Story, user: str, name: str, **params: Any) -> Any:
    return QUERIES[name].run(actor=story.actor(user), now=story.now, params=params)


def send_back(story: Story, matter: UUID) -> None:
    why = {"reason_code": "basis", "text": "依据不足。", "expected_version": story.version(matter)}
    story.act("officer", "determination.return", matter=matter, **why)


def test_a_proposal_is_to_be_decided_in_five_working_days_and_queue_desk_and_workbench_say_so(story: Story) -> None:
    matter = story.proposed()
    (limit,) = Deadline.objects.filter(matter_id=matter, name=limits.PROPOSAL)
    assert (limit.starts_on, limit.due_on, limit.is_policy, limit.done_at) == (date(2026, 1, 5), DUE, True, None)
    assert work.decide_by(Proposal.objects.get(matter=matter).at) == DUE, "the same day as in the statistics"
    (row,) = ask(story, "officer", "review.queue")
    assert (row.due_on, row.is_policy) == (DUE, True)
    assert ask(story, "officer", "review.desk", matter=str(matter)).due_on == DUE
    bench = ask(story, "officer", "workbench")
    assert [(t.kind, t.due_on) for t in bench.later] == [("review", DUE)] and not bench.this_week
    story.on(DUE)
    assert [t.kind for t in ask(story, "officer", "workbench").today_due] == ["review"]
    story.later(days=1)
    assert [t.kind for t in ask(story, "officer", "workbench").overdue] == ["review"]


def test_what_is_due_first_stands_first(story: Story) -> None:
    first = story.proposed()
    story.later(days=1)
    second = story.proposed()
    send_back(story, first)
    story.later(days=1)
    story.propose(first)
    assert [r.matter for r in ask(story, "officer", "review.queue")] == [second, first]
    bench = ask(story, "officer", "workbench")
    assert [t.about for t in (*bench.this_week, *bench.later) if t.kind == "review"] == [second, first]


def test_decision_return_and_no_secret_end_the_limit_and_a_new_proposal_begins_it_anew(story: Story) -> None:
    approved = story.approved()
    assert running(approved) == []
    matter = story.proposed()
    send_back(story, matter)
    assert running(matter) == []
    story.later(days=2)
    story.propose(matter)
    assert running(matter) == [date(2026, 1, 14)]
    none = {"reason": "内容已公开。", "instead": "public", "expected_version": story.version(matter)}
    story.act("officer", "determination.not_secret", matter=matter, **none)
    assert running(matter) == []
    assert verify().findings == ()


def test_it_is_reminded_of_ahead_on_its_day_and_after_each_once(story: Story) -> None:
    matter = story.proposed()
    told = Notice.objects.filter(matter_id=matter, code__in=("proposal.due", "proposal.overdue"))
    officers = {story.people[u] for u in ("officer", "officer2", "lapsed")}
    for day, code, people in (
        (date(2026, 1, 8), "", set()),
        (date(2026, 1, 9), "proposal.due", officers),
        (date(2026, 1, 12), "proposal.due", officers),
        (
            date(2026, 1, 13),
            "proposal.overdue",
            officers | {story.people["drafter"], *standing.holders(Role.SECRECY_OFFICE, story.now)},
        ),
        (date(2026, 1, 14), "", set()),
    ):
        before = set(told.values_list("pk", flat=True))
        story.on(day, 23).daily()
        made = told.exclude(pk__in=before)
        assert set(made.values_list("person", flat=True)) == people and {n.code for n in made} == (
            {code} if code else set()
        )
    story.approve(matter)
    story.later(days=1)
    count = told.count()
    story.daily()
    assert told.count() == count, "what is decided is reminded of no more"


def test_a_limit_without_a_calendar_is_computed_when_it_is_loaded(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    matter = story.on(date(2026, 12, 28)).proposed()
    assert running(matter) == [None], "the holidays of 2027 are not known"
    monkeypatch.setattr(limits, "limit", lambda name, start: limits.Limit(date(2027, 1, 5), "TL-15.1"))
    story.daily()
    assert running(matter) == [date(2027, 1, 5)]


def limited(matter: Any, name: str) -> list[date | None]:
    """Return the last days of the limits of a name that run about a matter."""
    return list(
        Deadline.objects.filter(matter_id=matter, name=name, done_at__isnull=True).values_list("due_on", flat=True)
    )


def told_on(story: Story, matter: UUID, day: date, *codes: str) -> dict[str, set[UUID]]:
    """Let the day pass; return who was told of what since the day before."""
    told = Notice.objects.filter(matter_id=matter, code__in=codes)
    before = set(told.values_list("pk", flat=True))
    story.on(day, 23).daily()
    found: dict[str, set[UUID]] = {}
    for notice in told.exclude(pk__in=before):
        assert notice.person_id is not None
        found.setdefault(notice.code, set()).add(notice.person_id)
    return found


def office(story: Story) -> set[UUID]:
    return set(standing.holders(Role.SECRECY_OFFICE, story.now))


@pytest.mark.parametrize("kind", ["keep waiting", "extension waiting", "change waiting", "release waiting"])
def test_what_is_proposed_of_a_matter_in_force_has_its_day_on_queue_workbench_and_page(story: Story, kind: str) -> None:
    matter = states.STATES[f"active, {kind}"](story).matter
    proposal = Proposal.objects.filter(matter=matter).latest("number")
    due = limits.limit(limits.CHANGE, story.now.date()).due_on
    (limit,) = Deadline.objects.filter(matter_id=matter, name=limits.CHANGE)
    assert (limit.due_on, limit.is_policy, limit.clause) == (due, True, "TL-15.2")
    (row,) = [r for r in ask(story, "officer", "review.queue") if r.matter == matter]
    assert (row.act, row.due_on) == (proposal.act, due)
    bench = ask(story, "officer", "workbench")
    assert [t.due_on for t in (*bench.this_week, *bench.later) if t.kind == "change"] == [due]
    assert ask(story, "officer", "shell").to_review == 1
    assert ask(story, "officer", "matter", matter=str(matter)).waiting.due_on == due
    assert not ask(story, "drafter", "workbench").overdue
    before = story.version(matter)
    story.act("officer", "review.refuse", matter=matter, reason="维持原决定。", expected_version=before)
    assert limited(matter, limits.CHANGE) == []
    assert not [r for r in ask(story, "officer", "review.queue") if r.matter == matter]


def test_a_change_is_to_be_decided_by_the_last_protected_day_where_that_comes_first(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    matter = states.STATES["active"](story).matter
    last = story.matter(matter).last_protected_day
    assert last is not None
    story.on(date.fromordinal(last.toordinal() - 2))
    later = date.fromordinal(last.toordinal() + 5)
    monkeypatch.setattr(limits, "limit", lambda name, start: limits.Limit(later, "TL-15.2"))
    story.review(matter, "extend", tail="10年")
    assert limited(matter, limits.CHANGE) == [last]


def test_what_was_proposed_of_a_matter_in_force_is_reminded_of_ahead_on_its_day_and_after(story: Story) -> None:
    matter = states.STATES["active, keep waiting"](story).matter
    (due,) = limited(matter, limits.CHANGE)
    assert due is not None
    assert told_on(story, matter, due, "change.due", "change.overdue").keys() == {"change.due"}
    late = told_on(story, matter, date.fromordinal(due.toordinal() + 1), "change.due", "change.overdue")
    assert late.keys() == {"change.overdue"} and late["change.overdue"] >= {
        story.people["drafter"],
        story.people["officer"],
        *office(story),
    }
    assert verify().findings == ()


@pytest.mark.parametrize(("regime", "name"), [("work_secret", limits.WORK), ("trade_secret", limits.TRADE)])
def test_a_work_or_trade_secret_is_to_be_approved_by_its_day_as_is_a_change_of_it(
    story: Story, regime: str, name: str
) -> None:
    case = states.pending(story, regime)
    due = limits.limit(name, story.now.date()).due_on
    assert limited(case.matter, name) == [due] and due is not None
    assert ask(story, "head", "grading.matter", matter=str(case.matter)).due_on == due
    bench = ask(story, "head", "workbench")
    assert [t.due_on for t in (*bench.this_week, *bench.later) if t.kind == "grade"] == [due]
    head = {story.people["head"]}
    assert told_on(story, case.matter, due, "graded.due", "graded.overdue") == {"graded.due": head}
    late = told_on(story, case.matter, date.fromordinal(due.toordinal() + 1), "graded.due", "graded.overdue")
    assert late == {"graded.overdue": head | {story.people["drafter"]} | office(story)}
    case.act("head", "grading.return", text="请写明依据。")
    assert limited(case.matter, name) == []
    terms = states.grade_terms(story, regime)
    case.act("drafter", "grading.revise", terms=terms)
    assert limited(case.matter, name) == [limits.limit(name, story.now.date()).due_on]
    case.act("head", "grading.approve")
    assert limited(case.matter, name) == []
    case.act("drafter", "grading.revise", terms=terms)
    assert len(limited(case.matter, name)) == 1
    case.act(
        "head", "grading.lift", ground=("harmless" if regime == "work_secret" else "worthless"), reason="已无必要。"
    )
    assert limited(case.matter, name) == [] and verify().findings == ()


def test_what_is_above_our_authority_is_referred_on_the_day_it_came_up_or_reminded_of(story: Story) -> None:
    case = states.beyond(story)
    today = story.now.date()
    (limit,) = Deadline.objects.filter(matter_id=case.matter, name=limits.REFERRAL)
    assert (limit.starts_on, limit.due_on, limit.clause, limit.is_policy) == (today, today, "BMF-17.3", True)
    assert [t.due_on for t in ask(story, "drafter", "workbench").today_due if t.kind == "draft"] == [today]
    codes = ("referral.due", "referral.overdue")
    assert told_on(story, case.matter, today, *codes) == {"referral.due": {story.people["drafter"]}}
    late = told_on(story, case.matter, date.fromordinal(today.toordinal() + 1), *codes)
    assert late == {"referral.overdue": {story.people["drafter"], *office(story)}}
    case.act("drafter", "referral.refer", opinion="超出本单位权限。")
    assert limited(case.matter, limits.REFERRAL) == []
    assert told_on(story, case.matter, date.fromordinal(today.toordinal() + 2), *codes) == {}
    assert verify().findings == ()


@pytest.mark.parametrize("end", ["corrected", "discarded", "not secret"])
def test_nothing_is_to_be_referred_of_a_draft_that_is_corrected_or_put_away(story: Story, end: str) -> None:
    case = states.beyond(story)
    assert len(limited(case.matter, limits.REFERRAL)) == 1
    if end == "corrected":
        story.fill(case.matter, story.answers("7"))
    elif end == "discarded":
        case.act("drafter", "determination.discard")
    else:
        case.act("drafter", "determination.not_secret", reason="内容已公开。", instead="public")
    assert limited(case.matter, limits.REFERRAL) == []


def test_a_level_that_is_none_is_above_no_authority(story: Story) -> None:
    matter = story.filled(answers=story.answers("11", level="最高"))
    assert limited(matter, limits.REFERRAL) == []


def test_a_proposal_above_our_authority_keeps_the_day_of_its_draft_until_it_is_referred(story: Story) -> None:
    case = states.beyond(story)
    first = limited(case.matter, limits.REFERRAL)
    story.later(days=1)
    story.propose(case.matter)
    assert limited(case.matter, limits.REFERRAL) == first
