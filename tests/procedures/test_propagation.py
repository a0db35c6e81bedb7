"""派生图上的传导: on random graphs, whatever is changed, extended, released or voided by an act opens a task for exactly its closure.

The matters are determined by acts and the change is an act; only the arrows between them are drawn at random, in the very
rows that acts write. What must have a task is told by an oracle that knows the arrows alone.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from uuid import UUID

import pytest
from django.db import transaction

from dingmi.procedures import decide
from dingmi.records.ledger.guard import act_open
from dingmi.records.matters.models import Matter, ReviewTask, SourceLink
from tests import bars
from tests.procedures.test_later_life import on_matter, proposed_change
from tests.story import BEGIN, Story

pytestmark = [pytest.mark.db, pytest.mark.django_db, pytest.mark.one_database, pytest.mark.clause("PS-13?", "TL-18")]
MATTERS, TRIED, GRAPHS = 9, 25, 1_000
WAYS = ("extend", "change", "release", "void")
Arrows = frozenset[tuple[int, int]]


def arrows(chance: random.Random) -> Arrows:
    """Return a graph without circles: deep where it is thin, wide where it is thick."""
    order = chance.sample(range(MATTERS), MATTERS)
    share = chance.choice((0.1, 0.25, 0.5))
    deep = {pair for pair in pairwise(order) if chance.random() < 0.7}
    wide = {(a, b) for n, a in enumerate(order) for b in order[n + 1 :] if chance.random() < share}
    return frozenset(chance.choice((deep, wide, deep | wide)))


def below(drawn: Arrows, start: int) -> set[int]:
    """Return everything with a path from ``start``: those whose sources, walked upwards, meet it."""

    def meets(place: int) -> bool:
        return any(a == start or meets(a) for a, b in drawn if b == place)

    return {place for place in range(MATTERS) if meets(place)}


@contextmanager
def taken_back() -> Iterator[None]:
    """Undo what is done inside, for the next graph."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def draw(story: Story, matters: list[UUID], drawn: Arrows) -> None:
    """Make the arrows sources, as ``source_links.link`` writes them."""
    with act_open("derivation.propose"):
        for source, derived in sorted(drawn):
            row = Matter.objects.get(pk=matters[source])
            given = {"level": row.level, "last_protected_day": row.last_protected_day, "trigger": "rework"}
            SourceLink(matter_id=matters[derived], source=row, at=story.now, **given).save()


def perform(story: Story, way: str, matter: UUID, step: int) -> None:
    if way == "extend":
        story.extend(matter, f"{7 + step}年")
    elif way == "change":
        proposed_change(story, matter, tail=f"{4 - step}年")
        on_matter(story, "officer", "change.change", matter, opinion="所用部分只在四年内敏感。")
    elif way == "release":
        story.review(matter, "release", ground="harmless")
        number = story.matter(matter).register_no
        on_matter(story, "officer", "declassification.release", matter, reason="公开无害。", confirm=number)
    else:
        given = {"matter": matter, "kind": "wrong", "found_on": story.now.date(), "detail": "不符合条目。"}
        found = story.act("officer2", "correction.find", **given)
        more = {"correction": found.id, "reason": "公开资料，不属于国家秘密。", "remedy": "void"}
        story.act("officer", "correction.decide", **more, expected_version=story.version(matter))


def open_tasks() -> Counter[UUID]:
    """Return how many tasks of this year each matter has because of a source; one for the day a source ends (E17) is of that year."""
    found = ReviewTask.objects.filter(kind="source", done_at__isnull=True, year=BEGIN.year)
    return Counter(found.values_list("matter_id", flat=True))


def walked(story: Story, matters: list[UUID], seed: int, steps: int) -> tuple[str, int]:
    """Draw a graph, decide on some of its matters, and compare the tasks after each; return the last act and the tasks."""
    chance = random.Random(seed)
    drawn, way = arrows(chance), ""
    secret, waiting = set(range(MATTERS)), set[int]()
    with taken_back():
        draw(story, matters, drawn)
        for step in range(steps):
            place, way = chance.choice(sorted(secret)), chance.choice(WAYS)
            perform(story, way, matters[place], step)
            if way in ("release", "void"):
                secret -= {place}
            waiting = ((waiting - {place}) | below(drawn, place)) & secret
            assert open_tasks() == Counter(matters[n] for n in waiting), (seed, way, place, sorted(drawn))
    return way, len(waiting)


def some(story: Story, monkeypatch: pytest.MonkeyPatch, count: int, first: int, steps: int) -> int:
    """Walk ``count`` graphs, ``steps`` decisions each; return how many."""
    monkeypatch.setattr(decide, "stamp_shown", lambda *_, **__: None)  # stamping has tests of its own and takes seconds
    matters = [story.approved(answers=story.answers(tail="5年")) for _ in range(MATTERS)]
    story.later(days=1)
    reached = [walked(story, matters, seed, steps) for seed in range(first, first + count)]
    assert {way for way, _ in reached} == set(WAYS) and max(tasks for _, tasks in reached) >= MATTERS - 4
    assert not SourceLink.objects.exists() and not open_tasks()
    return len(reached)


def test_whatever_happens_to_a_source_opens_a_task_for_exactly_its_closure(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert some(story, monkeypatch, TRIED, 0, 1) == TRIED


@pytest.mark.deep
def test_so_it_does_on_a_thousand_graphs(story: Story, monkeypatch: pytest.MonkeyPatch, bar: bars.Reached) -> None:
    bar("propagation through acts", some(story, monkeypatch, bars.part(GRAPHS), 1_000, 2), GRAPHS)
