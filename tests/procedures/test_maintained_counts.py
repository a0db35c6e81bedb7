"""The counts that acts keep up are those of the rows, by unit, level, state and origin; the round sets right what is not (SR-96)."""

from __future__ import annotations

import json
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from dingmi.procedures.terms import SourceIn
from dingmi.queries import QUERIES
from dingmi.queries.verify import verify
from dingmi.records.ledger.models import Entry
from dingmi.records.matters.models import Counter, Matter
from tests.counts import counted, kept
from tests.queries.test_scale import fill
from tests.story import Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]
RECONCILE = "keep.reconcile_counts"


def reconciled(story: Story) -> tuple[int, list[Any]]:
    """Let the round compare; return how many counts differed, as told and as the log has them."""
    told = story.daily()[RECONCILE]["differences"]
    entry = Entry.objects.filter(act=RECONCILE).order_by("-pk").first()
    assert entry is not None
    return told, json.loads(entry.body)["data"]["counts"]


def test_after_every_step_of_the_life_of_matters_the_counts_are_those_of_the_rows(story: Story) -> None:
    steps: list[tuple[Any, int]] = []

    def step(done: Any, matters: int) -> Any:
        steps.append((kept() == counted(), sum(kept().values()) - matters))
        return done

    source = step(story.drafted(), 1)
    story.fill(source)
    step(story.propose(source), 1)
    step(story.approve(source), 1)
    made = step(story.derive((SourceIn(matter=source, consent=True),)), 2)
    step(story.approve(made), 2)
    step(story.approved(answers=story.answers("3")), 3)
    step(fill(story, 25), 28)
    story.on(date(2027, 1, 20))
    step(story.daily(), 28)
    assert steps == [(True, 0)] * len(steps)
    for column in range(1, 4):
        assert len({place[column] for place in counted()}) >= 2, "levels, states and origins are told apart"
    assert reconciled(story) == (0, [])


def test_a_count_that_is_wrong_missing_or_of_nothing_is_told_once_and_set_right(story: Story) -> None:
    fill(story, 12)
    right = kept()
    assert right == counted() and len(right) >= 2
    first, second = Counter.objects.exclude(value=0).order_by("pk")[:2]
    true = {row.pk: [row.level, row.state, row.origin, row.value] for row in (first, second)}
    Counter.objects.filter(pk=first.pk).update(value=first.value + 3)
    Counter.objects.filter(pk=second.pk).delete()
    Counter.objects.create(department_id=uuid4(), level="绝密", state="active", origin="original", value=2)
    told, steps = reconciled(story)
    assert told == len(steps) == 3 and kept() == right
    level, state, origin, value = true[first.pk]
    assert [level, state, origin, value + 3, value] in steps
    level, state, origin, value = true[second.pk]
    assert [level, state, origin, 0, value] in steps and ["绝密", "active", "original", 2, 0] in steps
    assert reconciled(story) == (0, []) and verify().ok


def test_which_unit_needs_an_officer_is_read_from_the_counts_and_is_what_the_rows_say(story: Story) -> None:
    fill(story, 10)
    story.approved(answers=story.answers("3"))
    found = QUERIES["officers.coverage"].run(actor=story.actor("secrecy"), now=story.now, params={})
    rows = Matter.objects.exclude(level__in=("内部", "公开", "")).exclude(department=None)
    levels: dict[UUID, set[str]] = {}
    for unit, level in rows.values_list("department", "level"):
        levels.setdefault(unit, set()).add(level)
    highest = {unit: next(one for one in ("绝密", "机密", "秘密") if one in found) for unit, found in levels.items()}
    assert {unit.department: unit.level for unit in found} == highest and highest
    Counter.objects.all().delete()
    assert QUERIES["officers.coverage"].run(actor=story.actor("secrecy"), now=story.now, params={}) == ()
    story.daily()
    assert QUERIES["officers.coverage"].run(actor=story.actor("secrecy"), now=story.now, params={}) == found
