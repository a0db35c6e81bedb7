"""征求原定密机关意见: what the originators of the sources answer comes before the decision on what was derived from them."""

from __future__ import annotations

from typing import Any

from dingmi.regime.kernel.rulebook import Found, Law
from dingmi.regime.prc_state.book import BOOK, DECIDE
from dingmi.regime.prc_state.cases import has, is_derived

NOT_SECRET = "determination.not_secret"
GROUNDS = ("TL-18", "BMF-18", "BMF10-13.3")


@BOOK.rule((*DECIDE, NOT_SECRET), *GROUNDS, "JD-15", concerns=has("sources"))
def originator_is_heard_first(facts: Any, law: Law) -> Found:
    """征求原定密机关意见的，答复前按来源保护，不作决定。"""
    waiting = sum("waits" in (s.use_answer, s.part_answer) for s in facts.sources)
    if waiting:
        yield "derivation.originator_not_answered", {"count": waiting}


@BOOK.rule(DECIDE, *GROUNDS, "TL-18.4", concerns=has("sources"))
def use_follows_the_originators_rule(facts: Any, law: Law) -> Found:
    """原定密机关对使用有要求的，按要求办理: one that refuses the use is not derived from."""
    for source in facts.sources:
        if source.use_answer == "objects":
            yield "derivation.use_refused", {"source": source.id}


@BOOK.rule(DECIDE, *GROUNDS, "JD-15", severity="warn", concerns=is_derived)
def what_the_originator_holds_no_secret_is_not_derived(facts: Any, law: Law) -> Found:
    """原定密机关答复所用部分不属于国家秘密的，不宜派生定密。"""
    if is_derived(facts) and facts.sources and all(s.part_answer == "agrees" for s in facts.sources):
        yield "derivation.part_is_no_secret", {}


@BOOK.rule(NOT_SECRET, *GROUNDS, "JD-15")
def originator_says_that_the_part_is_no_secret(facts: Any, law: Law) -> Found:
    """来源未标密点，认为所用部分不属于国家秘密的，书面征求原定密机关意见。"""
    for source in facts.sources:
        if source.is_ours or source.is_released or source.marks_points:
            continue
        if source.part_answer == "objects":
            yield "derivation.part_is_secret", {"source": source.id}
        elif source.part_answer == "":
            yield "derivation.originator_not_asked", {"source": source.id}
