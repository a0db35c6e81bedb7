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
