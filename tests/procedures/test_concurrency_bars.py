"""T6 and T12 at their bars: sessions that end beside requests, and workers whose conflicting acts leave one history."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest
from django.db import OperationalError

from dingmi.base.errors import Conflict, DingmiError, Forbidden
from dingmi.procedures import access as doors
from dingmi.procedures import passwords
from dingmi.queries import access
from dingmi.queries.verify import verify
from dingmi.records.ledger.models import Entry, Receipt
from dingmi.records.matters.models import Series
from tests import bars
from tests.procedures.test_concurrency import at_once, city, db, shared, take_number  # noqa: F401
from tests.story import PASSWORD, Story

pytestmark = [pytest.mark.db, pytest.mark.deep]
WORKERS, OPERATIONS, REPEATS, PATIENCE = 8, 5_000, 100, 5


# --- T6 -------------------------------------------------------------------------------------------------------------


def ended(story: Story, how: int) -> None:
    """End the session of the officer in one of the ways there are."""
    account = story.actor("officer").account_id
    if how == 0:
        story.act("officer", "access.sign_out")
    elif how == 1:
        doors.sign_in(username="officer", password=PASSWORD, terminal="elsewhere", now=story.now)
    elif how == 2:
        story.grant("officer", "inspector")
    else:
        story.act("secadmin", "access.revoke_role", account=account, role="inspector")


def raced(story: Story, how: int) -> tuple[int, int, int]:
    """End a session while it is used; return how many requests went before, and how many that began later still passed."""
    passwords.THROTTLE.clear()
    key = doors.sign_in(username="officer", password=PASSWORD, terminal="t", now=story.now).session_key
    passed: list[float] = []
    over: list[float] = []
    refused: list[float] = []

    def work(number: int) -> None:
        if number:
            ended(story, how)
            over.append(time.perf_counter())
            return
        while not refused and not (over and time.perf_counter() > over[0] + PATIENCE):
            began = time.perf_counter()
            try:
                access.actor_for_session(key, story.now, story.now, "t")
            except Forbidden:
                refused.append(began)
            else:
                passed.append(began)

    assert [one for one in at_once(2, work) if one is not None] == []
    return len(passed), sum(began > over[0] for began in passed), len(refused)


def test_no_request_that_begins_after_a_session_was_ended_passes(city: Story, bar: bars.Reached) -> None:  # noqa: F811
    races = [raced(city, number % 4) for number in range(bars.part(1000))]
    assert sum(stale for _, stale, _ in races) == 0
    assert all(refused == 1 for _, _, refused in races)
    assert sum(before for before, _, _ in races) > 0, "they met"
    bar("T6 races", len(races), 1000)


# --- T12 ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Done:
    """One operation of the history: what was asked on what, between which moments, and what came of it."""

    kind: str
    on: Any
    began: float
    over: float
    outcome: Any
    given: Any = None


class Workers:
    """What eight workers do to the same few matters, numbers and keys."""

    def __init__(self, story: Story) -> None:
        self.story, self.actor = story, story.actor("drafter")
        self.drafts = [story.filled() for _ in range(4)]
        self.first = {matter: story.version(matter) for matter in self.drafts}
        self.answers = story.answers()
        self.history: list[Done] = []
        self.lock = threading.Lock()

    def note(self, kind: str, on: Any, work: Any, given: Any = None) -> None:
        began = time.perf_counter()
        try:
            outcome = work()
        except (DingmiError, OperationalError) as error:
            outcome = error
        done = Done(kind, on, began, time.perf_counter(), outcome, given)
        with self.lock:
            self.history.append(done)

    def fill(self, matter: Any, expected: int) -> Any:
        given = {"matter": matter, "answers": self.answers, "expected_version": expected}
        return self.story.act("drafter", "determination.fill", **given)

    def one(self, chance: random.Random) -> None:
        """Do one operation."""
        draw = chance.random()
        if draw < 0.15:  # read a version, and write on it unless another was faster
            matter = chance.choice(self.drafts)
            version = self.story.version(matter)
            self.note("fill", matter, lambda: self.fill(matter, version) and None, version)
        elif draw < 0.3:  # the same key from all of them
            key = f"key-{chance.randrange(bars.part(WORKERS * OPERATIONS) // 400 + 1)}"
            enter = lambda: self.story.act("secrecy", "personnel.enter_department", key=key, name=key).id  # noqa: E731
            self.note("key", key, enter)
        else:
            refuse = draw > 0.9
            take = lambda: take_number(actor=self.actor, now=self.story.now, matter=self.drafts[0], refuse=refuse)  # noqa: E731
            self.note("number", "", take)

    def work(self, number: int) -> None:
        chance = random.Random(number)
        for _ in range(bars.part(OPERATIONS)):
            self.one(chance)

    # the checker

    def of(self, kind: str) -> list[Done]:
        return [one for one in self.history if one.kind == kind]

    def lost_updates(self) -> list[str]:
        """Of the writes on one version one counts; the versions follow each other in real time."""
        wrong = []
        for matter in self.drafts:
            good = sorted((d for d in self.of("fill") if d.on == matter and d.outcome is None), key=lambda d: d.given)
            versions = [one.given for one in good]
            if versions != list(range(self.first[matter], self.first[matter] + len(good))):
                wrong.append(f"{matter}: written on {versions[:20]}")
            if self.story.version(matter) != self.first[matter] + len(good):
                wrong.append(f"{matter}: at version {self.story.version(matter)} after {len(good)} writes")
            wrong += [f"{matter}: {b.given} before {a.given}" for a, b in pairwise(good) if b.over < a.began]
            others = [d.outcome for d in self.of("fill") if d.on == matter and d.outcome is not None]
            wrong += [f"{matter}: {o!r}" for o in others if not isinstance(o, Conflict | OperationalError)]
        return wrong

    def numbering(self) -> list[str]:
        """Numbers have no gap and no double, and grow in real time."""
        given = [(int(d.outcome.rpartition("-")[2]), d) for d in self.of("number") if isinstance(d.outcome, str)]
        given.sort(key=lambda pair: pair[0])
        numbers = [number for number, _ in given]
        wrong = [] if numbers == list(range(1, len(numbers) + 1)) else [f"{len(numbers)} numbers up to {numbers[-1:]}"]
        wrong += [f"{b} before {a}" for (a, one), (b, two) in pairwise(given) if two.over < one.began]
        if Series.objects.order_by("-last").first().last != len(numbers):
            wrong.append("the series says otherwise")
        leaves = Entry.objects.filter(act="test.number").count()
        return wrong if leaves == len(numbers) else [*wrong, f"{leaves} entries of {len(numbers)} numbers"]

    def effects(self) -> list[str]:
        """A key has one effect and one answer."""
        answers: dict[str, set[Any]] = {}
        for done in self.of("key"):
            if not isinstance(done.outcome, OperationalError):
                answers.setdefault(done.on, set()).add(
                    done.outcome if not isinstance(done.outcome, DingmiError) else "refused"
                )
        wrong = [
            f"{key}: {len(found)} answers" for key, found in answers.items() if len(found) != 1 or "refused" in found
        ]
        kept = Receipt.objects.filter(act="personnel.enter_department", key__in=answers).count()
        return wrong if kept == len(answers) else [*wrong, f"{kept} receipts of {len(answers)} keys"]


def test_forty_thousand_conflicting_acts_of_eight_workers_leave_one_history(
    city: Story,  # noqa: F811
    bar: bars.Reached,
) -> None:
    workers = Workers(city)
    assert at_once(WORKERS, workers.work) == [None] * WORKERS
    assert workers.lost_updates() == []
    assert workers.numbering() == []
    assert workers.effects() == []
    lost = sum(isinstance(one.outcome, OperationalError) for one in workers.history)
    assert lost <= len(workers.history) // 1000, "the database was busy too often"
    assert len(workers.of("fill")) > len(workers.history) // 20 and len(workers.of("key")) > len(workers.history) // 20
    assert verify().ok
    bar("T12 operations of 8 workers", len(workers.history), WORKERS * OPERATIONS)
