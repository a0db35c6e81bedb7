"""Sketches: near-identical texts share a token whatever their key, unlike texts do not, and short ones say nothing."""

from __future__ import annotations

import random

from dingmi.engines.suggest.sketch import Sketcher

LETTERS = "青岭湖桥塘林沙台港渡河江渠泉洲坪岗寨浦湾峡滩原川谷峰崖坞堰溪泵站隧洞闸门水库管网调度"


def text(seed: int, size: int = 900) -> str:
    return "".join(random.Random(seed).choices(LETTERS, k=size))


def edited(original: str, every: int) -> str:
    return "".join("改" if place % every == every - 1 else char for place, char in enumerate(original))


def test_nearly_the_same_text_shares_a_token_and_another_does_not() -> None:
    made = Sketcher(b"k" * 16)
    same = 0
    for seed in range(20):
        original = text(seed)
        other = edited(original, 60)
        assert made.resemblance(original, other) > 0.7
        same += bool(set(made.tokens(original)) & set(made.tokens(other)))
        assert not set(made.tokens(original)) & set(made.tokens(text(1000 + seed)))
    assert same == 20


def test_tokens_are_the_same_each_time_differ_by_key_and_say_nothing_of_short_texts() -> None:
    one, again, other = Sketcher(b"k" * 16), Sketcher(b"k" * 16), Sketcher(b"q" * 16)
    assert one.tokens(text(1)) == again.tokens(text(1))
    assert not set(one.tokens(text(1))) & set(other.tokens(text(1)))
    assert one.tokens("食堂菜单已经更新。") == ()
    assert one.tokens(text(1)) == one.tokens("\u200b".join(text(1)))  # a disguise is folded away
    assert one.resemblance("", "") == 0.0
