"""The guarantee beside many sources of one kind: every short run stands in many of them, the long run in one."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache
from unittest import mock

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dingmi.engines.suggest import Boilerplate, GuideIndex, SourceIndex, SuggestSource, lone, sources, suggest, units_of
from dingmi.engines.suggest.boilerplate import FORMULAE
from dingmi.engines.suggest.lone import LEAST_CHARACTERS, LEAST_WORDS, lone_runs
from dingmi.engines.suggest.lookup import looked_up

KEY = bytes(range(32))
NO_ITEMS = GuideIndex([])
SOURCES, CLAUSES = 2_400, 12


def clauses_of(seed: int) -> list[str]:
    """Twenty-four clauses of eight characters: each stands in half of the sources, each two of them together in forty."""
    rng = random.Random(seed)
    return ["".join(chr(rng.randrange(0x4E00, 0x9000)) for _ in range(8)) for _ in range(24)]


def phrases_of(seed: int) -> list[str]:
    """Forty of four words each: each stands in a fourth of the sources, each two of them together in sixteen."""
    rng = random.Random(seed)
    return [" ".join("".join(rng.choices("abdeiklmnoprstu", k=5)) for _ in range(4)) for _ in range(40)]


@cache
def crowded(between: str) -> tuple[dict[str, str], SourceIndex]:
    """An index in which no short run tells one source from another."""
    rng, index, texts = random.Random(5), SourceIndex(KEY), dict[str, str]()
    for number in range(SOURCES):
        parts = phrases_of(1) if between == " " else clauses_of(1)
        texts[str(number)] = between.join(rng.choices(parts, k=CLAUSES))
        index.add(SuggestSource(str(number), "", texts[str(number)]))
    return texts, index


def around(between: str) -> tuple[str, str]:
    """Other words of the draft, the same for all."""
    parts = phrases_of(2) if between == " " else clauses_of(2)
    return between.join(parts[:12]), between.join(parts[12:])


def grams(units: Sequence[str], size: int) -> set[tuple[str, ...]]:
    return {tuple(units[at : at + size]) for at in range(len(units) - size + 1)}


@cache
def grams_of(between: str) -> dict[str, set[tuple[str, ...]]]:
    texts, _ = crowded(between)
    return {name: grams(text.split(), 3) if between == " " else grams(text, 4) for name, text in texts.items()}


def holders(between: str, passage: str) -> set[str]:
    """The sources that say every four characters, or three words, of a passage."""
    wanted = grams(passage.split(), 3) if between == " " else grams(passage, 4)
    return {name for name, held in grams_of(between).items() if wanted <= held}


@settings(max_examples=30, deadline=None)
@given(st.integers(0, SOURCES - 1), st.integers(25, 40), st.integers(0, CLAUSES * 8 - 40))
def test_a_run_of_25_characters_is_found_though_each_four_of_them_stand_in_hundreds_of_sources(
    source: int, length: int, place: int
) -> None:
    texts, index = crowded("")
    copied, (before, after) = texts[str(source)][place : place + length], around("")
    draft = f"{before}。{copied}。{after}"
    at = draft.index(copied)
    found = suggest(draft, (), NO_ITEMS, index, texts.get).reused
    covered = {c for one in found for c in range(one.draft.start, one.draft.end)}
    windows = [holders("", copied[k : k + 25]) for k in range(length - 24)]
    assume(all(len(held) <= lone.HOLDERS for held in windows))
    assert set(range(at, at + length)) <= covered
    assert {one.source_id for one in found} & set().union(*windows)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, SOURCES - 1), st.integers(12, 20), st.integers(0, CLAUSES * 4 - 20))
def test_a_run_of_twelve_words_is_found_though_each_three_of_them_stand_in_hundreds_of_sources(
    source: int, length: int, place: int
) -> None:
    texts, index = crowded(" ")
    copied = " ".join(texts[str(source)].split()[place : place + length])
    before, after = around(" ")
    draft = f"{before}. {copied}. {after}"
    at = draft.index(copied)
    found = suggest(draft, (), NO_ITEMS, index, texts.get).reused
    covered = {c for one in found for c in range(one.draft.start, one.draft.end)}
    words = copied.split()
    windows = [holders(" ", " ".join(words[k : k + 12])) for k in range(length - 11)]
    assume(all(len(held) <= lone.HOLDERS for held in windows))
    assert set(range(at, at + len(copied))) <= covered
    assert {one.source_id for one in found} & set().union(*windows)


def lone_length(index: SourceIndex, draft: str, known: Boilerplate | None = None) -> int:
    """How many characters of a draft, which goes on with words of its own, stand in its lone runs."""
    looked = looked_up(units_of(f"{draft}。龘靐齉"), index, known or Boilerplate())
    covered = {
        place
        for start, size in enumerate(looked.told.lone.tolist())
        if size
        for place in range(start, start + size + 3)
    }
    return len(covered)


def test_what_four_sources_hold_is_a_formula_and_what_three_hold_is_none() -> None:
    texts, index = crowded("")
    passage, rng = texts["7"][4:34], random.Random(9)
    assert lone_length(index, passage) == 30 and holders("", passage) == {"7"}
    try:
        for more, wanted in ((1, 30), (2, 30), (3, 0)):
            index.add(SuggestSource(f"more{more}", "", "".join(rng.choices(clauses_of(3), k=3)) + passage + "齾爩"))
            assert lone_length(index, passage) == wanted
    finally:
        for more in (1, 2, 3):
            index.remove(f"more{more}")
    assert lone_length(index, passage) == 30


def test_24_characters_are_no_lone_run() -> None:
    texts, index = crowded("")
    assert lone_length(index, texts["7"][4:28]) == 0 < lone_length(index, texts["7"][4:29])


def test_a_run_of_which_formulas_say_more_than_a_fifth_is_no_lone_run() -> None:
    texts, index = crowded("")
    passage, formula = texts["7"][4:24], FORMULAE[0]
    index.add(SuggestSource("formal", "", passage + formula + passage))
    try:
        assert lone_length(index, passage + formula) == 27  # seven of these characters make four seeds
        assert lone_length(index, passage[9:] + formula) == 0
    finally:
        index.remove("formal")
    for characters, wanted in ((7, 30), (8, 0)):
        known = Boilerplate()
        known.silence(texts["7"][14 : 14 + characters])
        assert lone_length(index, texts["7"][4:34], known) == wanted


def test_a_run_of_which_public_texts_say_more_than_three_fourths_is_no_lone_run() -> None:
    texts, index = crowded("")
    own, known = texts["7"][4:34], Boilerplate()
    known.learn(own[:12] + "。" + own[8:14] + "。" + own[12:26])
    assert lone_length(index, own, known) == 25  # the last 22 of its seeds have five of their own
    known.learn(own[12:27])
    assert lone_length(index, own, known) == 0


def test_in_an_index_of_few_sources_nothing_is_looked_up_again() -> None:
    texts, _ = crowded("")
    few = SourceIndex(KEY)
    for name in list(texts)[:99]:
        few.add(SuggestSource(name, "", texts[name]))
    with mock.patch.object(SourceIndex, "holds", side_effect=AssertionError):
        assert lone_length(few, texts["7"]) == 0


def test_passages_beyond_what_is_looked_into_for_one_draft_are_left_out_those_with_the_rarest_words_last() -> None:
    texts, index = crowded("")
    with mock.patch.object(lone, "_PAIRS", 0):
        assert lone_length(index, texts["7"]) == 0
    draft = "。".join((texts["7"], around("")[0]))
    with mock.patch.object(lone, "_PAIRS", 60):
        assert 0 < lone_length(index, draft) < len(texts["7"])


def test_a_source_that_was_forgotten_holds_nothing_and_one_entered_again_does() -> None:
    texts, index = crowded("")
    passage = texts["7"][4:34]
    index.remove("7")
    try:
        assert lone_length(index, passage) == 0
    finally:
        index.add(SuggestSource("7", "", texts["7"]))
    assert lone_length(index, passage) == 30


def plain(held: Sequence[set[int]], draft: list[int], length: int) -> list[list[int]]:
    """The sources that have each run of so many seeds, each seed of it."""
    return [
        [n for n, seeds in enumerate(held) if seeds >= set(draft[at : at + length])]
        for at in range(len(draft) - length + 1)
    ]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(20, 60), st.booleans())
def test_lone_runs_are_those_that_a_dictionary_finds(seed: int, length: int, is_words: bool) -> None:
    rng = random.Random(seed)
    draft = [rng.randrange(1, 9 if rng.random() < 0.2 else 60) for _ in range(length)]
    held = [
        set(draft[at : at + rng.randrange(5, 40)]) for at in (rng.randrange(length) for _ in range(rng.randrange(9)))
    ]
    text = " ".join(["w"] * (length + 2)) if is_words else "甲" * (length + 2)  # as many seeds as there are numbers
    units, seeds = units_of(text), np.array([n << 40 for n in draft], np.uint64)
    with (
        mock.patch.object(lone, "_SOURCES", 0),
        mock.patch.object(sources, "_BATCH", 30),
        mock.patch.object(sources, "_MOST", 4),
    ):
        index = SourceIndex(KEY)
        for number, some in enumerate(held):
            index.enter(str(number), np.array([n << 40 for n in some], np.uint64))
        frequency, _, _ = index.postings(seeds, 0)
        none = np.zeros(len(seeds), np.bool_)
        found = lone_runs(units, seeds, frequency, none, none, index)
    least = LEAST_WORDS if is_words else LEAST_CHARACTERS
    runs = plain(held, draft, least)
    wanted = [0 < len(holding) <= lone.HOLDERS for holding in runs]
    assert [size > 0 for size in found.lengths[: len(wanted)].tolist()] == wanted
    assert set(found.lengths.tolist()) <= {0, least}
    pairs = {(at + k, n) for at, alone in enumerate(wanted) if alone for n in runs[at] for k in range(least)}
    told = {
        (place, int(index.id_of(number)))
        for place, number in zip(found.places.tolist(), found.numbers.tolist(), strict=True)
    }
    assert pairs <= told and all(draft[place] in held[number] for place, number in told)
    assert set(map(int, map(index.id_of, found.holders))) == {n for _, n in pairs}


@pytest.mark.parametrize(
    "text", ["", "短", "短短短短", "one two three", PASSAGE := "三号泵站枯水期向城北片区供水的最大流量"]
)
def test_a_short_draft_has_no_lone_run(text: str) -> None:
    _, index = crowded("")
    assert lone_length(index, text) == 0
    assert suggest(text, (), NO_ITEMS, index, lambda _: None).reused == ()
