"""Random scoped queries return the same matters in the same order on every database, and those of the decision alone (SR-22).

Queries and matters are drawn from seeds, so the run on SQLite and the run on PostgreSQL ask the same of the same; what is right is
reckoned here in Python from the rows and ``regime.access.decide``, so each is held against one list that neither database made.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from django.db.models import Q

from dingmi.base.actor import Role
from dingmi.queries import access
from dingmi.records.ledger.guard import act_open
from dingmi.records.matters.disputes import Challenge
from dingmi.records.matters.models import GRADE_STATES, Matter, ScopeEntry
from dingmi.records.matters.recusals import Recusal
from dingmi.regime.access import Object, decide
from tests.bars import Reached, part
from tests.queries.test_visibility import (
    CLEARANCES,
    LEVELS,
    NOW,
    ROLES,
    STATES,
    WHO,
    World,
    _scattered,
    actor,
    subject_of,
    world,
)

__all__ = ["world"]
pytestmark = [pytest.mark.db, pytest.mark.django_db]
FIRST = date(2026, 1, 1)
Test = Callable[[Matter], bool]


def dressed(world: World) -> dict[UUID, Matter]:
    """Add matters of every kind, and give each the days and numbers that queries ask for."""
    rng = random.Random(22)
    with act_open("test.world"):
        _scattered(world, 120)
        Challenge.objects.filter(matter__level="内部").delete()  # what is no state secret is not challenged
        for number, row in enumerate(Matter.objects.order_by("pk")):
            row.changed_at = NOW - timedelta(minutes=rng.randint(0, 60))
            row.last_protected_day = rng.choice([None, FIRST + timedelta(days=rng.randint(0, 400))])
            row.department = rng.choice([None, world.inside])
            row.register_no = rng.choice([None, f"JA-{rng.choice('JMT')}-2026-{number}"])
            row.save()
    return {row.pk: row for row in Matter.objects.all()}


def objects(world: World, rows: dict[UUID, Matter]) -> dict[UUID, Object]:
    """Return what the decision has to know of each matter, from the rows themselves."""
    live = [e for e in ScopeEntry.objects.all() if e.since <= NOW and (e.until is None or e.until > NOW)]
    bars = list(Recusal.objects.filter(ended_at__isnull=True))
    challenged = set(Challenge.objects.filter(ended_at__isnull=True).values_list("matter", flat=True))

    def of(found: list[Any], pk: UUID, name: str) -> frozenset[str]:
        return frozenset(str(getattr(e, name)) for e in found if e.matter_id == pk and getattr(e, name))

    return {
        pk: Object(
            level=row.level,
            state=row.state,
            drafter=str(row.drafter_id),
            officer=str(row.officer_id or ""),
            organ=str(row.organ_id),
            persons=of(live, pk, "person_id"),
            departments=of(live, pk, "department_id"),
            organs=of(live, pk, "organ_id"),
            blocked=of(bars, pk, "person_id"),
            is_challenged=pk in challenged,
            holder=str(world.home.pk),  # every record stands in the home organ
        )
        for pk, row in rows.items()
        if row.state not in GRADE_STATES  # work and trade secrets have doors of their own
    }


@dataclass(frozen=True)
class Asked:
    """One query: conditions for the database beside the same ones for rows, an order and a stretch."""

    conditions: Q
    tests: tuple[Test, ...]
    newest_first: bool
    stretch: slice


def condition(rng: random.Random, world: World) -> tuple[Q, Test]:
    """Draw one condition: as the database is asked it, and as a row is."""
    kind = rng.randint(0, 7)
    level, state = rng.sample(LEVELS, rng.randint(1, 3)), rng.sample(STATES, rng.randint(1, 4))
    person = world.people[rng.choice(WHO)].pk
    first = FIRST + timedelta(days=rng.randint(0, 300))
    last, since = first + timedelta(days=rng.randint(0, 90)), NOW - timedelta(minutes=rng.randint(0, 60))
    drawn: list[tuple[Q, Test]] = [
        (Q(level__in=level), lambda m: m.level in level),
        (Q(state__in=state), lambda m: m.state in state),
        (~Q(state__in=state), lambda m: m.state not in state),
        (Q(drafter=person) | Q(officer=person), lambda m: person in (m.drafter_id, m.officer_id)),
        (
            Q(last_protected_day__range=(first, last)),
            lambda m: m.last_protected_day is not None and first <= m.last_protected_day <= last,
        ),
        (Q(last_protected_day__isnull=True), lambda m: m.last_protected_day is None),
        (Q(changed_at__gte=since), lambda m: m.changed_at >= since),
        (
            Q(department=world.inside, register_no__startswith="JA-J"),
            lambda m: m.department_id == world.inside.pk and (m.register_no or "").startswith("JA-J"),
        ),
    ]
    return drawn[kind]


def query(rng: random.Random, world: World) -> Asked:
    """Draw a query."""
    conditions, tests = Q(), []
    for _ in range(rng.randint(0, 3)):
        asked, test = condition(rng, world)
        conditions &= asked
        tests.append(test)
    begin = rng.choice((0, 0, rng.randint(0, 40)))
    end = rng.choice((None, begin + rng.randint(1, 50)))
    return Asked(conditions, tuple(tests), rng.random() < 0.5, slice(begin, end))


DOORS: dict[str, tuple[Callable[..., Any], str]] = {
    "visible": (access.visible, "content"),
    "visible_in_lists": (access.visible_in_lists, "content"),
    "existing": (access.existing, "existence"),
    "listed": (access.listed, "existence"),
}


def allowed(
    world: World, known: dict[UUID, Object], who: str, clearance: str, role: Role, grade: str
) -> frozenset[UUID]:
    """Return what the decision allows a reader of the matters that are known."""
    subject = subject_of(actor(world, who, clearance, role))
    return frozenset(pk for pk, target in known.items() if decide(subject, grade, target))


def compare(world: World, seeds: range) -> tuple[int, int]:
    """Ask random queries; return how many were asked and how many matters were found, all as they should be."""
    rows = dressed(world)
    known, found_in_all = objects(world, rows), 0

    @cache
    def right_for(*asking: Any) -> frozenset[UUID]:
        return allowed(world, known, *asking)

    for seed in seeds:
        rng = random.Random(seed)
        reader = rng.choice(WHO), rng.choice(CLEARANCES), rng.choice(ROLES)
        name = rng.choice(list(DOORS))
        door, grade = DOORS[name]
        asked = query(rng, world)
        right = [rows[pk] for pk in right_for(*reader, grade) if all(test(rows[pk]) for test in asked.tests)]
        right.sort(key=lambda m: (m.changed_at, m.pk), reverse=asked.newest_first)
        way = ("-changed_at", "-pk") if asked.newest_first else ("changed_at", "pk")
        rows_found = door(actor(world, *reader), NOW).filter(asked.conditions).order_by(*way)
        found = list(rows_found.values_list("pk", flat=True)[asked.stretch])
        assert found == [m.pk for m in right][asked.stretch], f"seed {seed}: {reader} {name} {asked.conditions}"
        found_in_all += len(found)
    return len(seeds), found_in_all


def test_some_random_scoped_queries_find_what_the_decision_allows_in_order(world: World) -> None:
    asked, found = compare(world, range(300))
    assert asked == 300 and found > 1_000


def test_whoever_decides_finds_by_each_door_what_the_decision_allows(world: World) -> None:
    known = objects(world, dressed(world))
    for who, clearance, role in product(WHO, CLEARANCES, (Role.HEAD, Role.OFFICER)):
        for name, (door, grade) in DOORS.items():
            found = frozenset(door(actor(world, who, clearance, role), NOW).values_list("pk", flat=True))
            assert found == allowed(world, known, who, clearance, role, grade), (who, clearance, role, name)


@pytest.mark.deep
def test_a_hundred_thousand_random_scoped_queries_do(world: World, bar: Reached) -> None:
    asked, found = compare(world, range(part(100_000)))
    assert found > asked
    bar("SR-22 random scoped queries", asked, 100_000)


def test_one_matter_more_than_the_decision_allows_is_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    wide = Matter.objects.filter
    monkeypatch.setitem(DOORS, "visible", (lambda reader, now: wide(state="active"), "content"))
    with pytest.raises(AssertionError, match="seed"):
        compare(world, range(40))
