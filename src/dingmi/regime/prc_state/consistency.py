"""一致性: two matters that say nearly the same differ; what a ruling must rest on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dingmi.regime.kernel.rulebook import Found, Law
from dingmi.regime.prc_state.book import BOOK
from dingmi.regime.prc_state.facts import ItemFacts

ACT = "radar.rule"


@dataclass(frozen=True, slots=True)
class RadarFacts:
    """``radar.rule``: the officer rules that a difference stands, or which of the two matters the other is to follow."""

    at: datetime
    outcome: str  # stands / follow_one / follow_other
    level: str = ""  # of the matter that is followed
    item: ItemFacts | None = None  # the guide item in force that the ruling rests on


@BOOK.rule(ACT, "FW-4")
def a_ruling_rests_on_an_item(facts: Any, law: Law) -> Found:
    """不得比照类推：that another matter has a level is no reason for this one; an item in force is."""
    if facts.outcome != "stands" and facts.item is None:
        yield "radar.no_item", {}


@BOOK.rule(ACT, "FW-9.1", "BMF-19")
def what_is_followed_has_the_level_of_the_item(facts: Any, law: Law) -> Found:
    """密级应当符合目录规定，不高不低。"""
    if facts.outcome != "stands" and facts.item is not None and facts.item.level != facts.level:
        yield "radar.not_the_items", {"level": facts.level, "item_level": facts.item.level}
