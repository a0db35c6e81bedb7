"""不得定密: four bars, each asked and answered, and what statute requires to be public."""

from __future__ import annotations

from typing import Any

from dingmi.regime.kernel.rulebook import Found, Law, RuleBody
from dingmi.regime.prc_state.book import BOOK, DECIDE
from dingmi.regime.prc_state.cases import is_original

BARS = ("public_needed", "other_secret", "already_public", "statute_public")
ACTS = ("determination.propose", *DECIDE, "unclear.refer")


def _bar(name: str) -> RuleBody:
    def body(facts: Any, law: Law) -> Found:
        if getattr(facts, "origin", "original") == "original" and facts.bars.get(name):
            yield f"bar.{name}", {}

    return body


@BOOK.rule(ACTS, "ZX-19.1", concerns=is_original)
def bar_public_needed(facts: Any, law: Law) -> Found:
    """需要社会公众广泛知晓或者参与的，不得确定为国家秘密。"""
    yield from _bar("public_needed")(facts, law)


@BOOK.rule(ACTS, "ZX-19.2", "BMF-22.3", concerns=is_original)
def bar_other_secret(facts: Any, law: Law) -> Found:
    """属于工作秘密、商业秘密、个人隐私的，不得确定为国家秘密。"""
    yield from _bar("other_secret")(facts, law)


@BOOK.rule(ACTS, "ZX-19.3", concerns=is_original)
def bar_already_public(facts: Any, law: Law) -> Found:
    """已经依法公开或者无法控制知悉范围的，不得确定为国家秘密。"""
    yield from _bar("already_public")(facts, law)


@BOOK.rule(ACTS, "BMF-4.2", "ZX-19.4", "TL14-5", concerns=is_original)
def bar_statute_public(facts: Any, law: Law) -> Found:
    """法律、行政法规或者国家有关规定要求公开的，不得确定为国家秘密。"""
    yield from _bar("statute_public")(facts, law)


@BOOK.rule(("determination.propose", "unclear.refer"), "ZX-19.1", "ZX-19.2", "GD-r1?")
def bars_are_answered(facts: Any, law: Law) -> Found:
    """Each of the four bars is answered. 逐项说明不属于不得定密的情形。"""
    missing = [name for name in BARS if name not in facts.bars]
    if missing:
        yield "bar.unanswered", {"count": len(missing)}
