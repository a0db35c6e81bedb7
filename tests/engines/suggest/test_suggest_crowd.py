"""What is learnt from matters that a reader may not know shows none of them: an item counts from many cases on, in steps (SR-29)."""

from __future__ import annotations

import pytest

from dingmi.engines.suggest.crowd import COARSE
from dingmi.engines.suggest.outlook import Past, Standing
from dingmi.engines.suggest.outlook import learn as learn_reviews
from dingmi.engines.suggest.ranking import Case, Offer, learn

PAIR = tuple(Offer(item, score, place, 0) for place, (item, score) in enumerate((("a", 0.8), ("b", 0.7)), 1))
MANY = [Case(PAIR, "b" if n % 10 else "a") for n in range(400)]
RARE = (Offer("rare", 0.9, 1, 0), *PAIR[1:])


def test_what_was_seen_less_than_ten_times_is_not_remembered_and_the_rest_in_fives() -> None:
    assert COARSE.of_many({"a": 9, "b": 14, "c": 0}, {"a": 9, "b": 17, "c": 10}) == (
        {"b": 10, "c": 0},
        {"b": 15, "c": 10},
    )
    assert COARSE.of_many({"b": 11}, {"b": COARSE.least + COARSE.step - 1}) == COARSE.of_many(
        {"b": 14}, {"b": COARSE.least}
    )


@pytest.mark.parametrize("outcome", ["rare", "b", ""])
def test_an_order_is_the_same_whatever_became_of_a_matter_under_an_item_seldom_seen(outcome: str) -> None:
    told = learn([*MANY, Case(RARE, outcome)])
    assert "rare" not in told.shown and "rare" not in told.decided
    offers = (Offer("rare", 0.8, 1, 0), *PAIR[1:])
    usual = (Offer("never", 0.8, 1, 0), *PAIR[1:])
    assert told.chances(offers) == told.chances(usual), "an item seldom seen is as one never seen"


def test_one_decision_more_shows_in_no_order_that_is_in_use() -> None:
    with_one = learn([*MANY[:1], Case(PAIR, "a"), *MANY[1:]])
    without = learn(MANY)
    assert with_one.chances(PAIR) == pytest.approx(without.chances(PAIR), abs=0.02)
    assert [o.item for o in with_one.ordered(PAIR)] == [o.item for o in without.ordered(PAIR)]


def test_so_it_is_with_the_order_of_reviews() -> None:
    reviews = [Past(Standing({"elapsed": n % 3 / 2}, "a", 100 - n % 90), n % 3 == 0) for n in range(300)]
    told = learn_reviews([*reviews, *[Past(Standing({}, "rare", 5), True)] * (COARSE.least - 1)])
    assert set(told.reviewed) == {"a"} and told.reviewed["a"] % COARSE.step == 0
    assert all(round(w, 2) == w for w in (*told.weights, *told.means, told.constant))
    here = Standing({"elapsed": 1.0}, "rare", 5)
    assert told.chances([here]) == told.chances([Standing({"elapsed": 1.0}, "never", 5)])
