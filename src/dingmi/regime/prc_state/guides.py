"""保密事项范围与一览表: what an item must say, and what an organ must do with the guides that bind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dingmi.regime.kernel.rulebook import Found, Law
from dingmi.regime.prc_state.book import BOOK
from dingmi.regime.prc_state.levels import covers

FIVE = ("name", "level", "period", "scope", "tier")


@dataclass(frozen=True, slots=True)
class GuideItemFacts:
    """``guides.import_edition``: which of its five elements one item of a guide states."""

    name: bool = True
    level: bool = True
    period: bool = True
    scope: bool = True
    tier: bool = True


@dataclass(frozen=True, slots=True)
class CatalogueFacts:
    """``guides.keep_catalogue`` and ``guides.file_catalogue``: the organ's own table as it stands."""

    has_authority: bool
    state: str = ""  # nothing / draft / approved / filed / stale
    approved_by_principal: bool = False
    is_filing: bool = False


@dataclass(frozen=True, slots=True)
class GuideReadFacts:
    """``guides.read``: a guide is about to be shown to, or cited by, someone."""

    guide_level: str
    clearance: str


@BOOK.rule("guides.import_edition", "TL-12.1")
def items_state_five_elements(facts: Any, law: Law) -> Found:
    """保密事项范围应当列明国家秘密具体事项、密级、保密期限、知悉范围和产生层级。"""
    for name in FIVE:
        if not getattr(facts, name):
            yield "guide.element_missing", {"element": name}


@BOOK.rule("guides.keep_catalogue", "TL-13a")
def organ_with_authority_has_a_catalogue(facts: Any, law: Law) -> Found:
    """有定密权限的机关、单位应当制定国家秘密事项一览表，并随保密事项范围及时修订。"""
    if facts.has_authority and facts.state not in ("approved", "filed"):
        yield "catalogue.required", {"state": facts.state or "none"}


@BOOK.rule("guides.file_catalogue", "GD-10.2")
def catalogue_is_approved_then_filed(facts: Any, law: Law) -> Found:
    """一览表经本机关、本单位负责人审定后实施，并报同级保密行政管理部门备案。"""
    if facts.is_filing and not facts.approved_by_principal:
        yield "catalogue.not_approved", {"state": facts.state or "none"}


@BOOK.rule("guides.read", "GD-8.2")
def guide_is_read_within_clearance(facts: Any, law: Law) -> Found:
    """保密事项范围的内容属于国家秘密的，依法定密并按规定知悉。"""
    if facts.guide_level and not covers(facts.clearance, facts.guide_level):
        yield "guide.above_clearance", {"level": facts.guide_level}
