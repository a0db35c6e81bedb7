"""Reuse: offsets, the guarantee for verbatim runs, silence on formulas, evasion, stability of the index."""

from __future__ import annotations

import random
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dingmi.engines.suggest import (
    Boilerplate,
    GuideIndex,
    Imprint,
    Limits,
    SourceIndex,
    Span,
    Suggestion,
    SuggestSource,
    sources,
    suggest,
)
from dingmi.engines.suggest.boilerplate import FORMULAE
from dingmi.engines.suggest.grams import Hashes
from dingmi.engines.suggest.normalise import units_of
from dingmi.engines.suggest.reuse import all_regions

KEY = bytes(range(32))
NO_ITEMS = GuideIndex([])
PASSAGE = "三号泵站枯水期向城北片区供水的最大流量为每秒四点七立方米，备用线路经由青石岭隧洞接入，切换时间不超过九分钟。"


def random_text(seed: int, length: int) -> str:
    """Chinese-looking text without structure: a verbatim run can be found in it only where it was put."""
    rng = random.Random(seed)
    body = "".join(chr(rng.randrange(0x4E00, 0x9000)) for _ in range(length))
    return "。\n".join(body[i : i + 30] for i in range(0, length, 30))


def index_of(texts: dict[str, str], key: bytes = KEY) -> SourceIndex:
    index = SourceIndex(key)
    for name, text in texts.items():
        index.add(SuggestSource(name, name, text, "机密", "10年"))
    return index


def run(draft: str, texts: dict[str, str], index: SourceIndex | None = None, **more: Boilerplate) -> Suggestion:
    return suggest(draft, (), NO_ITEMS, index or index_of(texts), texts.get, **more)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(25, 60), st.integers(0, 200))
def test_every_verbatim_run_of_25_characters_is_found(seed: int, length: int, place: int) -> None:
    source = random_text(seed, 400)
    flat = source.replace("。\n", "")
    copied = flat[place : place + length]
    draft = random_text(seed + 1, 120) + copied + random_text(seed + 2, 120)
    at = draft.index(copied)
    found = run(draft, {"s": source, "other": random_text(seed + 3, 300)}).reused
    covered = {c for r in found if r.source_id == "s" for c in range(r.draft.start, r.draft.end)}
    assert set(range(at, at + length)) <= covered


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10**6), st.integers(60, 150), st.integers(25, 40))
def test_every_run_is_found_however_many_sources_hold_more_of_the_draft(seed: int, others: int, length: int) -> None:
    """More sources than are opened for their weight hold heavier passages; one of 25 characters is found beside them."""
    texts = {f"s{n}": random_text(seed + n, 120) for n in range(others)}
    heavy = [text.replace("。\n", "")[:60] for text in texts.values()]
    texts["light"] = random_text(seed + others, 120)
    copied = texts["light"].replace("。\n", "")[40 : 40 + length]
    draft = "。\n".join([*heavy[: others // 2], copied, *heavy[others // 2 :]])
    at = draft.index(copied)
    found = run(draft, texts).reused
    covered = {c for r in found if r.source_id == "light" for c in range(r.draft.start, r.draft.end)}
    assert set(range(at, at + length)) <= covered
    assert {r.source_id for r in found} == set(texts)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(12, 40), st.integers(0, 60))
def test_every_run_of_twelve_words_is_found(seed: int, length: int, place: int) -> None:
    rng = random.Random(seed)
    words = [["".join(rng.choices("abdeiklmnoprstu", k=rng.randint(3, 9))) for _ in range(120)] for _ in range(3)]
    copied = " ".join(words[0][place : place + length])
    draft = f"{' '.join(words[1])}. {copied}. {' '.join(words[2])}"
    texts = {"s": " ".join(words[0]), "other": " ".join(rng.sample(words[0], 60))}
    covered = {c for r in run(draft, texts).reused if r.source_id == "s" for c in range(r.draft.start, r.draft.end)}
    at = draft.index(copied)
    assert set(range(at, at + len(copied))) <= covered


def test_twelve_words_in_a_row_are_found() -> None:
    words = [
        "the",
        "reserve",
        "pumping",
        "line",
        "crosses",
        "the",
        "northern",
        "tunnel",
        "below",
        "gate",
        "seven",
        "at",
        "dawn",
    ]
    assert len(words) == 13
    texts = {"s": "Nothing here. " + " ".join(words) + " and then other matters follow."}
    draft = "We write to you about quite unrelated things, " + " ".join(words) + ", as you may recall."
    assert [r.source_id for r in run(draft, texts).reused] == ["s"]


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=200), st.text(max_size=200))
def test_offsets_stay_inside_both_texts(before: str, after: str) -> None:
    texts = {"s": "前言。" + PASSAGE + "结束。"}
    draft = before + PASSAGE + after
    result = run(draft, texts)
    assert result.reused
    for passage in result.reused:
        assert 0 <= passage.draft.start < passage.draft.end <= len(draft)
        assert 0 <= passage.source.start < passage.source.end <= len(texts["s"])
        assert 0 <= passage.coverage <= 1
        assert 0 <= passage.score <= 1
    assert any(
        r.draft.start <= len(before) + 5 and r.draft.end >= len(before) + len(PASSAGE) - 5 for r in result.reused
    )


def test_a_verbatim_passage_is_called_verbatim_with_equal_texts() -> None:
    texts = {"s": "前言部分另有安排。\n" + PASSAGE + "\n其余从略。"}
    draft = "关于近期工作的说明。\n" + PASSAGE + "\n以上妥否。"
    (passage,) = run(draft, texts).reused
    assert passage.kind == "verbatim"
    mine = draft[passage.draft.start : passage.draft.end]
    assert mine == texts["s"][passage.source.start : passage.source.end]
    assert mine == PASSAGE


def test_an_edited_passage_is_called_edited() -> None:
    edited = PASSAGE.replace("最大流量", "设计流量").replace("经由", "通过").replace("不超过", "小于")
    texts = {"s": "前言部分另有安排。\n" + PASSAGE + "\n其余从略。"}
    (passage,) = run("情况说明。\n" + edited + "\n以上。", texts).reused
    assert passage.kind == "edited"


@pytest.mark.parametrize(
    "disguise",
    [
        lambda t: "\u200b".join(t),
        lambda t: t.replace("，", ", ").replace("。", ". "),
        lambda t: "\n".join(t[i : i + 11] for i in range(0, len(t), 11)),
        lambda t: " ".join(t),
        lambda t: "\u00ad\ufeff".join(t),
        lambda t: t.translate(str.maketrans("号泵站区备线经岭隧时间过钟", "號泵站區備線經嶺隧時間過鐘")),
    ],
    ids=["zero-width", "punctuation", "wrapped", "spaced", "soft-hyphen", "traditional"],
)
def test_disguised_passages_are_found(disguise) -> None:  # type: ignore[no-untyped-def]
    texts = {"s": "前言部分另有安排。\n" + PASSAGE + "\n其余从略。"}
    draft = "情况说明。\n" + disguise(PASSAGE) + "\n以上。"
    assert [r.source_id for r in run(draft, texts).reused] == ["s"]


def test_traditional_characters_fold_to_simple_ones_and_offsets_stay() -> None:
    text = "「機密」的備用線路經由隧洞，乾旱著稱後"
    units = units_of(text)
    assert "".join(units.tokens) == "机密的备用线路经由隧洞干旱著称后"
    assert [text[start] for start in units.starts] == [c for c in text if c.isalnum()]


def test_width_and_homoglyphs_are_folded() -> None:
    words = "pump station seven feeds the eastern reserve basin through valve group nine at peak demand"
    wide = "".join(chr(ord(c) + 0xFEE0) if c.isalpha() else c for c in words)
    greek = words.replace("o", "ο").replace("a", "а").replace("e", "е")
    for text in (wide, greek, words.upper()):
        assert run("Note: " + text + ".", {"s": "Intro. " + words + ". End."}).reused


def test_a_passage_holds_the_mark_that_closes_its_last_sentence() -> None:
    source = random_text(1, 90) + "。\n" + PASSAGE + "\n" + random_text(2, 90)
    draft = random_text(3, 60) + "。\n" + PASSAGE + "\n" + random_text(4, 60)
    (found,) = run(draft, {"s": source}).reused
    assert draft[found.draft.start : found.draft.end] == PASSAGE == source[found.source.start : found.source.end]


def test_the_source_that_has_the_words_is_named_though_it_says_parts_of_them_often() -> None:
    often = PASSAGE[8:34]
    texts = {
        "a": random_text(1, 90) + PASSAGE[:-2] + "零" + PASSAGE[-1:],
        "b": PASSAGE + "".join(random_text(n, 30) + often for n in range(2, 32)),
    }
    found = run(random_text(50, 90) + PASSAGE, texts).reused
    assert [one.source_id for one in found] == ["b"]


def test_a_run_among_common_words_is_no_boilerplate_when_a_part_of_it_stands_in_no_public_text() -> None:
    common, own = random_text(1, 60), random_text(2, 16)
    draft = random_text(3, 60) + common + own + random_text(4, 60)
    texts = {"s": random_text(5, 200) + common + own + random_text(6, 200)}
    known = Boilerplate()
    known.learn(common + "。" + random_text(3, 60) + random_text(4, 60), weight=15)
    known.learn(random_text(7, 200), weight=185)

    def exact(model: Boilerplate) -> bool:
        regions = all_regions(units_of(draft), index_of(texts), texts.get, model, Limits())
        return any(one.exact for one in regions)

    assert exact(known)
    known.learn(common + own)
    assert not exact(known)  # now a public text says it all


def test_a_run_that_three_sources_hold_is_no_boilerplate_and_one_that_many_hold_is() -> None:
    copied = random_text(1, 28)
    draft = random_text(2, 60) + copied + random_text(3, 60)

    def exact(holders: int) -> bool:
        texts = {str(n): random_text(10 + n, 200) + copied + random_text(60 + n, 200) for n in range(holders)}
        regions = all_regions(units_of(draft), index_of(texts), texts.get, Boilerplate(), Limits())
        return any(one.exact for one in regions)

    assert exact(3) and not exact(12)


def test_a_run_of_common_clauses_with_names_of_its_own_is_no_boilerplate() -> None:
    clauses, names = [random_text(n, 25) for n in (1, 2, 3)], [random_text(n, 7) for n in (4, 5, 6)]
    copied = "".join(name + clause for name, clause in zip(names, clauses, strict=True))
    draft = random_text(7, 60) + copied + random_text(8, 60)
    texts = {str(n): "。".join(random_text(20 + n + k, 20) + c for k, c in enumerate(clauses)) for n in range(30)}

    def exact(**more: str) -> bool:
        held = texts | more
        regions = all_regions(units_of(draft), index_of(held), held.get, Boilerplate(), Limits())
        return any(one.exact for one in regions)

    assert exact(s=random_text(90, 90) + copied)
    assert not exact()


def test_a_region_counts_the_seeds_that_no_other_source_says() -> None:
    draft = random_text(1, 60) + PASSAGE + random_text(2, 60)

    def counted(*names: str) -> tuple[int, int]:
        texts = {name: random_text(10 + len(name), 90) + PASSAGE for name in names}
        one, *_ = all_regions(units_of(draft), index_of(texts), texts.get, Boilerplate(), Limits())
        return one.region.rare, one.region.single

    seeds = len(units_of(PASSAGE)) - 3
    assert counted("a") == (seeds, seeds)
    assert counted("a", "bb", "ccc") == (seeds, 0)
    assert counted("a", "bb", "ccc", "dddd") == (0, 0)


def test_parts_added_at_once_are_the_parts_added_one_by_one_in_any_order() -> None:
    texts = [random_text(number, 120) + PASSAGE[: 10 + number] for number in range(9)]
    parts, whole, one_by_one, at_once = [], Boilerplate(), Boilerplate(), Boilerplate()
    for text in texts:
        part = Boilerplate()
        part.learn(text)
        part.silence(text[:40])
        parts.append(part)
        whole.learn(text)
        whole.silence(text[:40])
        one_by_one.add(part)
    at_once.add(*reversed(parts))
    assert at_once.to_bytes() == one_by_one.to_bytes() == whole.to_bytes()
    at_once.add()
    assert at_once.to_bytes() == whole.to_bytes() and at_once.documents == 9


def test_formulas_are_silent() -> None:
    official = "。甲。".join(FORMULAE)
    draft = "。乙。".join(reversed(FORMULAE))
    assert run(draft, {"s": official}).reused == ()
    assert run(draft + PASSAGE, {"s": official + PASSAGE}).reused


def test_learnt_boilerplate_is_silent_and_can_be_saved() -> None:
    formula = "各科室须于每月末前将台账汇总至综合组，由综合组统一复核后归入年度考核材料并长期留存备查。"
    known = Boilerplate()
    for number in range(40):
        known.learn(random_text(number, 90) + formula)
    texts = {"s": random_text(900, 200) + formula}
    draft = random_text(901, 200) + formula
    assert run(draft, texts).reused
    assert run(draft, texts, boilerplate=known).reused == ()
    again = Boilerplate.from_bytes(known.to_bytes())
    assert again.documents == 40
    assert again.to_bytes() == known.to_bytes()
    assert run(draft, texts, boilerplate=again).reused == ()


def test_more_text_around_keeps_the_passage() -> None:
    texts = {"s": "前言部分另有安排。\n" + PASSAGE}
    for size in (0, 300, 3000):
        result = run(random_text(1, size) + "\n" + PASSAGE + "\n" + random_text(2, size), texts)
        assert [r.source_id for r in result.reused] == ["s"]


def test_an_index_of_kept_imprints_answers_alike_and_so_does_another_key() -> None:
    texts = {f"s{n}": random_text(n, 200) for n in range(12)}
    texts["hit"] = random_text(77, 90) + PASSAGE
    index = index_of(texts)
    draft = random_text(5000, 90) + PASSAGE + random_text(3, 60)
    wanted = run(draft, texts, index)
    assert wanted.reused
    kept = SourceIndex(KEY)
    for name, text in texts.items():
        saved = Imprint.of(kept.hasher, text).to_bytes(kept.hasher)
        kept.enter(name, Imprint.from_bytes(saved, kept.hasher).seeds)
    assert run(draft, texts, kept) == wanted
    assert run(draft, texts, index_of(texts, b"another key of 32 bytes, rotated")) == wanted


def test_index_is_incremental_and_forgets() -> None:
    texts = {f"s{n}": random_text(n, 150) for n in range(9)}
    whole = index_of(texts)
    grown = SourceIndex(KEY)
    for name, text in texts.items():
        grown.add(SuggestSource(name, "", text))
        run("查询" + PASSAGE, texts, grown)
    seeds = whole.seeds(units_of("\n".join(texts.values())))
    assert all((a == b).all() for a, b in zip(grown.postings(seeds, 9), whole.postings(seeds, 9), strict=True))
    texts["hit"] = PASSAGE
    grown.add(SuggestSource("hit", "", PASSAGE))
    assert run(PASSAGE, texts, grown).reused
    grown.remove("hit")
    grown.remove("never there")
    assert "hit" not in grown
    assert run(PASSAGE, texts, grown).reused == ()


def test_indexes_under_two_keys_share_nothing_and_a_short_key_is_refused() -> None:
    index, other, units = SourceIndex(KEY), SourceIndex(b"k" * 32), units_of(PASSAGE)
    other.add(SuggestSource("random-id", "", PASSAGE))
    assert not set(index.seeds(units).tolist()) & set(other.seeds(units).tolist())
    assert not other.postings(index.seeds(units), 9)[0].any()
    with pytest.raises(ValueError, match="16 to 64"):
        SourceIndex(b"short")


_SEEDS = st.lists(st.integers(1, 12), max_size=9)


@given(
    st.lists(st.tuples(st.integers(0, 6), st.none() | _SEEDS, st.booleans()), max_size=25), _SEEDS, st.integers(1, 5)
)
def test_an_index_in_small_batches_finds_what_a_dictionary_finds(
    steps: list[tuple[int, list[int] | None, bool]], asked: list[int], most: int
) -> None:
    def seeds_of(numbers: list[int]) -> Hashes:  # twelve hashes, of which some differ in their last bits alone
        return np.array([(n // 2 << 60) + n % 2 for n in numbers], np.uint64)

    with mock.patch.object(sources, "_BATCH", 20), mock.patch.object(sources, "_MOST", 4):
        index, plain = SourceIndex(KEY), dict[str, set[int]]()
        for source, numbers, looks in steps:
            if numbers is None:
                index.remove(str(source))
                plain.pop(str(source), None)
            else:
                index.enter(str(source), seeds_of(numbers))
                plain[str(source)] = {n // 2 for n in numbers}
            if looks:
                index.postings(seeds_of(asked), most)
        heard, places, numbers_found = index.postings(seeds_of(asked), most)
    counts = [sum(n // 2 in held for held in plain.values()) for n in asked]
    assert heard.tolist() == counts
    pairs = {
        (place, index.id_of(number)) for place, number in zip(places.tolist(), numbers_found.tolist(), strict=True)
    }
    wanted = {
        (place, name)
        for place, n in enumerate(asked)
        for name, held in plain.items()
        if n // 2 in held and counts[place] <= most
    }
    assert pairs == wanted and len(places) == len(wanted)
    assert set(index.ids) == set(plain)


def test_more_sources_than_a_batch_may_have_are_told_apart() -> None:
    index = SourceIndex(KEY)
    for number in range(sources._MOST + 3):
        index.enter(str(number), np.array([number << 20, 1 << 60], np.uint64))
    heard, _, found = index.postings(np.array([2 << 20, sources._MOST + 2 << 20, 1 << 60], np.uint64), 5)
    assert heard.tolist() == [1, 1, sources._MOST + 3]
    assert [index.id_of(number) for number in found.tolist()] == ["2", str(sources._MOST + 2)]


def test_points_limit_what_a_source_claims() -> None:
    public = "这一段说明项目背景和一般安排，任何人都可以公开查阅并且自由引用其中的全部文字内容。"
    text = public + PASSAGE
    index = SourceIndex(KEY)
    index.add(SuggestSource("s", "", text, points=(Span(len(public), len(text)),)))
    assert suggest("甲" + public, (), NO_ITEMS, index, {"s": text}.get).reused == ()
    assert suggest("甲" + PASSAGE, (), NO_ITEMS, index, {"s": text}.get).reused


def test_a_source_that_cannot_be_opened_is_not_mentioned() -> None:
    result = suggest(PASSAGE, (), NO_ITEMS, index_of({"s": PASSAGE}), lambda _: None, Limits())
    assert result.reused == ()
    assert result.findings == ()
