"""密点: where a text can be marked in points it is; a point is no higher than the whole, and the whole no higher than its points."""

from __future__ import annotations

from typing import Any

from dingmi.regime.kernel.rulebook import Found, Law
from dingmi.regime.prc_state.book import BOOK, DECIDE, PROPOSE
from dingmi.regime.prc_state.cases import has
from dingmi.regime.prc_state.levels import Level, highest, is_level

ACT = "points.mark"


def label(number: int, level: str) -> str:
    """Return what stands before a point in a file: a product convention, for no national format was found (§3.2)."""
    return f"〔密点{number} {level}〕"


@BOOK.rule(ACT, "TL-17.3")
def a_point_is_a_stretch_of_the_text(facts: Any, law: Law) -> Found:
    """能够明确密点的，应当明确密点并标注：a point names words that are there."""
    if not 0 <= facts.start < facts.end <= facts.length:
        yield "points.outside_text", {"length": facts.length}


@BOOK.rule(ACT, "TL-17.3")
def points_do_not_cross(facts: Any, law: Law) -> Found:
    """Two points may not share words: each word has one level."""
    for other in facts.others:
        if other.start < facts.end and facts.start < other.end:
            yield "points.crosses", {"level": other.level}
            return


@BOOK.rule(ACT, "BMF-22.3")
def a_point_has_a_level(facts: Any, law: Law) -> Found:
    """不属于国家秘密的，不得作出国家秘密标志：a point carries one of the three levels."""
    if not is_level(facts.terms.level):
        yield "points.no_level", {}


@BOOK.rule(ACT, "GD-6.1", "FW-4")
def a_point_rests_on_a_basis(facts: Any, law: Law) -> Found:
    """No basis, no point: one guide item, or one source."""
    if facts.item is None and not facts.sources:
        yield "points.no_basis", {}


@BOOK.rule(ACT, "FW-9.1", "BMF-19")
def a_point_has_the_level_of_its_item(facts: Any, law: Law) -> Found:
    """密级应当符合目录规定，不高不低。"""
    if facts.item is not None and is_level(facts.terms.level) and facts.terms.level != facts.item.level:
        yield "points.not_the_items", {"level": facts.terms.level, "item_level": facts.item.level}


@BOOK.rule((*PROPOSE, *DECIDE), "BMF-19", "TL-17.1", concerns=has("points"))
def no_point_above_the_whole(facts: Any, law: Law) -> Found:
    """The document is as high as its highest point (procedures §3.2)."""
    top = highest(tuple(p.level for p in facts.points)) if facts.points else ""
    if top and is_level(facts.terms.level) and Level(top).rank > Level(facts.terms.level).rank:
        yield "points.above_document", {"point_level": top, "level": facts.terms.level}


@BOOK.rule((*PROPOSE, *DECIDE), "TL-17.3", severity="warn", concerns=has("points"))
def the_whole_is_not_above_its_points(facts: Any, law: Law) -> Found:
    """Points that are all lower than the whole leave the reason for its level unmarked."""
    top = highest(tuple(p.level for p in facts.points)) if facts.points else ""
    if top and is_level(facts.terms.level) and Level(top).rank < Level(facts.terms.level).rank:
        yield "points.below_document", {"point_level": top, "level": facts.terms.level}
