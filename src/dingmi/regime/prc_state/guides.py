"""保密事项范围与一览表: what an item must say, and what an organ must do with the guides that bind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from dingmi.regime.kernel.rulebook import Found, Law
from dingmi.regime.prc_state.book import BOOK
from dingmi.regime.prc_state.levels import covers

FIVE = ("name", "level", "period", "scope", "tier")
COMMISSION = ("中央军事委员会", "中央军委")  # the body and its short name
MAIN_TEXT = ("basis", "basic_scope", "relations", "interpreter", "effective_on")
NAME = "工作国家秘密范围"  # 的规定 for the whole, 目录 for the catalogue


@dataclass(frozen=True, slots=True)
class GuideItemFacts:
    """``guides.import_edition``: which of its five elements one item of a guide states."""

    name: bool = True
    level: bool = True
    period: bool = True
    scope: bool = True
    tier: bool = True


@dataclass(frozen=True, slots=True)
class GuideTextFacts:
    """``guides.enter_text``: what the main text of a guide says, and who issued it."""

    title: str
    basis: bool = True
    basic_scope: bool = True
    relations: bool = True
    interpreter: bool = True
    effective_on: date | None = None
    since: date | None = None  # of the catalogue that belongs to it
    issuers: tuple[str, ...] = ()
    signatories: tuple[str, ...] = ()  # bodies whose principals signed it
    is_military: bool = False


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


@BOOK.rule("guides.enter_text", "FW-6", severity="warn")
def guide_is_named_as_the_rule_says(facts: Any, law: Law) -> Found:
    """保密事项范围名称为“××工作国家秘密范围的规定”。"""
    if NAME not in facts.title:
        yield "guide.title_other", {}


@BOOK.rule("guides.enter_text", "FW-7")
def main_text_says_five_things(facts: Any, law: Law) -> Found:
    """正文应当规定制定依据、基本范围、与其他范围的关系、解释机关和施行日期。"""
    missing = [name for name in MAIN_TEXT if not getattr(facts, name)]
    if missing:
        yield "guide.text_incomplete", {"missing": len(missing)}
    if facts.effective_on and facts.since and facts.effective_on != facts.since:
        yield "guide.text_other_day", {"effective_on": facts.effective_on, "since": facts.since}


@BOOK.rule("guides.enter_text", "GD-6.2")
def joint_guide_is_signed_by_every_principal(facts: Any, law: Law) -> Found:
    """会同有关部门制定的，由各部门主要负责人共同签署。"""
    unsigned = [name for name in facts.issuers if name not in facts.signatories]
    if len(facts.issuers) > 1 and unsigned:
        yield "guide.not_cosigned", {"issuers": len(facts.issuers), "unsigned": "、".join(unsigned)}


@BOOK.rule("guides.enter_text", "BMF-15.2")
def military_guide_comes_from_the_commission(facts: Any, law: Law) -> Found:
    """军事方面的保密事项范围由中央军事委员会规定。"""
    if facts.is_military and not any(name in issuer for issuer in facts.issuers for name in COMMISSION):
        yield "guide.military_issuer", {}


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
