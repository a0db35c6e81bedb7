"""Imprints: what an index keeps of a text says the same as the text, and discloses none of it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dingmi.engines.suggest import Hasher, Imprint, SourceIndex, SuggestSource, units_of
from dingmi.engines.suggest.seeds import seeds_of

KEY = b"an imprint needs a key"
LINES = (
    "一、关键节点共三处，节点坐标见附表，阀室编号为甲一至甲三。",
    "The valve rooms are numbered one to three, and the pump station is P-7.",
    "二、切换时序按照先主后备的原则安排 in two steps only",
    "短",
)
TEXTS = st.lists(st.sampled_from((*LINES, "", "  ", "ab cd ef", "甲乙 ab cd ef", "三号泵站\r")), max_size=7).map(
    "\n".join
)


def taken(text: str, key: bytes = KEY) -> Imprint:
    return Imprint.of(Hasher(key), text)


@given(TEXTS, TEXTS)
def test_an_index_by_imprints_finds_what_an_index_of_texts_finds(text: str, draft: str) -> None:
    by_text, by_imprint = SourceIndex(KEY), SourceIndex(KEY)
    by_text.add(SuggestSource("one", "", text))
    by_imprint.enter("one", taken(text).own(np.zeros(0, np.uint64)))
    seeds = by_text.seeds(units_of(draft))
    for theirs, mine in zip(by_text.postings(seeds, 9), by_imprint.postings(seeds, 9), strict=True):
        assert np.array_equal(theirs, mine)


@given(TEXTS)
def test_the_seeds_of_a_line_are_those_of_the_line_alone(text: str) -> None:
    whole, hasher = taken(text), Hasher(KEY)
    lines = [line for line in text.split("\n") if line.strip()]
    assert len(lines) == len(whole.codes) == len(whole.bounds)
    for line, (first, end) in zip(lines, whole.bounds.tolist(), strict=True):
        alone = seeds_of(hasher, units_of(line))
        within = whole.seeds[first:end]
        assert np.array_equal(within, alone[: len(within)])
        assert len(within) >= len(alone) - 1  # the last three characters of a text are a seed, those of a line are none


@given(TEXTS)
def test_what_is_written_is_read_again_under_the_same_key_alone(text: str) -> None:
    hasher = Hasher(KEY)
    data = taken(text).to_bytes(hasher)
    again = Imprint.from_bytes(data, hasher)
    assert again.to_bytes(hasher) == data and again.seeds.dtype == np.uint64
    for bad, key in ((data, b"another key than that"), (data[:-1], KEY), (data + b"x", KEY), (b"", KEY)):
        with pytest.raises(ValueError, match="imprint"):
            Imprint.from_bytes(bad, Hasher(key))


def test_lines_that_were_taken_over_are_left_out() -> None:
    first, second, third, _ = LINES
    source, derived = taken(f"{first}\n{second}\n"), taken(f" {first}\n{third}\n\n{second}")
    own = derived.own(source.codes)
    assert own is not None and set(own) <= set(taken(third).seeds) and len(own) > 10
    assert taken(f"{second}\n\n{first}").own(source.codes) is None
    assert taken("").own(source.codes) is None
    nothing = taken("").own(np.zeros(0, np.uint64))
    assert nothing is not None and len(nothing) == 0


def test_an_imprint_holds_no_text() -> None:
    data = taken("\n".join(LINES)).to_bytes(Hasher(KEY))
    assert "关键".encode() not in data and b"pump" not in data and KEY not in data
    other = taken("\n".join(LINES), b"another key than that")
    assert not set(taken("\n".join(LINES)).seeds) & set(other.seeds)
    assert not set(taken("\n".join(LINES)).codes) & set(other.codes)
