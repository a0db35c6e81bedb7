"""What befalls matters of the demo beside review and lapse: each turn is acted out to its end."""

from __future__ import annotations

from datetime import date

import pytest

from dingmi.interfaces.cli.demo import story as demo
from dingmi.interfaces.cli.demo import turns
from dingmi.queries import clock
from dingmi.records.matters.disputes import Challenge
from tests.story import Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]
LEFT = {
    "changed": ("active", "秘密"),
    "voided": ("voided", ""),
    "challenged": ("active", "机密"),
    "kept": ("active", "机密"),
}


@pytest.mark.parametrize("turn", sorted(turns.TURNS))
def test_a_turn_leaves_its_matter_as_it_says(story: Story, turn: str) -> None:
    matter = story.approved()
    state = {"matter": matter, "version": story.version(matter), "user": "drafter"}
    with clock.simulated():
        for moment in turns.TURNS[turn](state, "officer", story.later(hours=1).now):
            story.now = moment
    held = story.matter(matter)
    assert (held.state, held.level) == LEFT[turn] if LEFT[turn][1] else held.state == LEFT[turn][0]
    answers = [c.outcome for c in Challenge.objects.filter(matter_id=matter)]
    assert answers == {"challenged": [""], "kept": ["keep"]}.get(turn, [])


def test_every_turn_is_in_the_plan_of_the_demo() -> None:
    import random

    world = demo.World(random.Random(7), date(2026, 11, 20))
    told = {args[1] for _, make, args in demo._plan(world, 24) if make is demo.original and len(args) > 1}
    assert told >= {*turns.TURNS, "draft", "discarded", "proposed", "returned"}
