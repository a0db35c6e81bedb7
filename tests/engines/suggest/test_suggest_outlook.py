"""The outlook of reviews: learnt from reviews whose rule is known, it finds more than the last days do, and says why."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from dingmi.engines.suggest import outlook
from dingmi.engines.suggest.outlook import Outlook, Past, Standing, found_early, learn


def reviews(count: int, *, noise: float = 0.1) -> list[Past]:
    """Reviews in which an ended item or released sources end a matter, and kept ones and other items do not."""
    draw = random.Random("reviews")
    made = []
    for _ in range(count):
        facts = {
            "elapsed": draw.random(),
            "kept": draw.choice((0.0, 0.2, 0.4)),
            "item_ended": float(draw.random() < 0.25),
            "sources_released": float(draw.random() < 0.15),
            "derived_live": float(draw.random() < 0.3),
        }
        item = draw.choice("abcd")
        likely = facts["item_ended"] or facts["sources_released"] or item == "a"
        ended = bool(likely) if draw.random() > noise else draw.random() < 0.5
        made.append(Past(Standing(facts, item, draw.randrange(1, 900)), ended))
    return made


def test_it_finds_more_than_the_order_of_the_last_days_and_its_figures_hold() -> None:
    made = learn(reviews(1000))
    assert made.after > made.before + 0.15, (made.before, made.after)
    assert made.error <= 0.1
    assert replace(made, error=0.05).is_calibrated and not replace(made, error=0.06).is_calibrated
    assert not replace(made, error=0.01, cases=199).is_calibrated


def test_it_names_what_speaks_for_an_end_and_never_what_is_not_there() -> None:
    made = learn(reviews(1000))
    named = made.reasons(Standing({"elapsed": 0.5, "item_ended": 1.0}, "b", 100))
    assert named[0].name == "item_ended" and named[0].weight > 0
    assert "sources_released" not in {r.name for r in named}
    against = made.reasons(Standing({"elapsed": 0.5}, "c", 100))
    assert [r.name for r in against if r.weight > 0] == [] and "item_past" in {r.name for r in against}
    first, second = made.chances([Standing({"item_ended": 1.0}, "a", 9), Standing({}, "c", 9)])
    assert first > 0.7 > 0.3 > second


def test_too_few_reviews_or_reviews_that_are_all_alike_teach_nothing() -> None:
    with pytest.raises(ValueError, match="too few"):
        learn(reviews(199))
    with pytest.raises(ValueError, match="all alike"):
        learn([replace(r, ended=False) for r in reviews(300)])


def test_the_same_reviews_give_the_same_text_and_it_reads_back() -> None:
    made = learn(reviews(300))
    assert made.to_text() == learn(reviews(300)).to_text()
    assert Outlook.from_text(made.to_text()) == made
    for wrong in ("", "[]", "{}", made.to_text().replace("elapsed", "other")):
        with pytest.raises(ValueError, match="not an outlook"):
            Outlook.from_text(wrong)


def test_what_is_found_early_counts_what_stands_in_the_first_fifth() -> None:
    assert found_early([True, False, False, False, True], [5, 4, 3, 2, 1]) == 0.5
    assert found_early([False] * 5, [1, 2, 3, 4, 5]) == 0.0
    assert outlook.EFFORT == 0.2
