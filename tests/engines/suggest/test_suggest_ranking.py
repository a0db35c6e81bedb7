"""The order learnt from decisions: it learns what is decided again and again, is judged on later cases, and reads back the same."""

from __future__ import annotations

import random

import pytest

from dingmi.engines.suggest.ranking import Case, Offer, Ranking, learn


def cases(count: int, seed: int = 1) -> list[Case]:
    """Suggestions in which item a, though the engine puts it second, is decided nine times in ten."""
    rng = random.Random(seed)
    made = []
    for _ in range(count):
        offers = tuple(
            Offer(item, score, place, 0) for place, (item, score) in enumerate((("b", 0.8), ("a", 0.7), ("c", 0.5)), 1)
        )
        made.append(Case(offers, "a" if rng.random() < 0.9 else rng.choice("bc")))
    return made


def test_what_is_decided_again_and_again_comes_first_and_the_later_cases_say_so() -> None:
    learnt = learn(cases(400))
    assert learnt.ordered(cases(1)[0].offers)[0].item == "a"
    assert learnt.after > 0.8 > 0.2 > learnt.before
    assert learnt.error <= 0.05 and learnt.is_calibrated
    chances = dict(zip("bac", learnt.chances(cases(1)[0].offers), strict=True))
    assert chances["a"] > 0.7 and chances["b"] < 0.2


def test_the_same_cases_give_the_same_order_and_it_reads_back_the_same() -> None:
    first, again = learn(cases(250)), learn(cases(250))
    assert first.to_text() == again.to_text()
    read = Ranking.from_text(first.to_text())
    assert read == first and read.chances(cases(1)[0].offers) == first.chances(cases(1)[0].offers)
    for wrong in ("", "{}", '{"weights": 3}', first.to_text().replace("constant", "steady")):
        with pytest.raises(ValueError):
            Ranking.from_text(wrong)


def test_the_engine_is_measured_by_its_own_first_item_whichever_order_was_shown() -> None:
    made = cases(400)
    turned = [Case(tuple(reversed(case.offers)), case.decided) for case in made]
    assert learn(turned).before == learn(made).before


def test_too_few_decisions_or_decisions_all_alike_teach_nothing() -> None:
    with pytest.raises(ValueError):
        learn(cases(199))
    with pytest.raises(ValueError):
        learn([Case((), "a")] * 300)
    with pytest.raises(ValueError):
        learn([Case((Offer("a", 0.5, 1, 0),), "a")] * 300)


def test_shuffled_answers_are_not_called_probabilities_of_anything_better() -> None:
    rng = random.Random(7)
    noise = [Case(case.offers, rng.choice("abc")) for case in cases(400)]
    learnt = learn(noise)
    assert max(learnt.chances(noise[0].offers)) < 0.6
