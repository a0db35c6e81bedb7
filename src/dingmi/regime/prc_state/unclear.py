"""不明确事项: no guide item fits though the test of the law is met; protected first, then decided by an administration."""

from __future__ import annotations

from typing import Any

from dingmi.regime.kernel.rulebook import Found, Law
from dingmi.regime.prc_state.book import BOOK
from dingmi.regime.prc_state.levels import Level, is_level

NATIONAL, PROVINCIAL = "national", "provincial"
ADMINISTRATIONS = (NATIONAL, PROVINCIAL)
PARTY = "party"


def route_of(level: str, tier: str) -> str:
    """Return the administration that decides: national for 绝密 and for central organs, else provincial (TL-25.1r, TL-26.2)."""
    return NATIONAL if level == Level.JUEMI.word or tier == "central" else PROVINCIAL


def _test(facts: Any, law: Law) -> bool:
    return bool(facts.category in law.value("subject_categories") and facts.does_damage)


meets_the_test = BOOK.decision("meets_the_test", "unclear.refer", "BMF-13.1", _test)


@meets_the_test.unless("BMF-13.2", when=lambda facts: facts.category == PARTY)
def _party(facts: Any, law: Law) -> bool:
    """政党的秘密事项中符合前款规定的，属于国家秘密。"""
    return bool(facts.does_damage)


@BOOK.rule("unclear.refer", "TL-25.1", "TL14-19", "BMF-13.1")
def unclear_matter_meets_the_test(facts: Any, law: Law) -> Found:
    """符合保密法规定，但保密事项范围没有规定的，先行拟定；不符合的不是国家秘密。"""
    value, _ = meets_the_test.of(facts, law)
    if not value:
        yield "unclear.test_not_met", {}


BOOK.decision("path", "unclear.refer", "ZX-18", lambda facts, law: "guide" if facts.item else "test_of_the_law")


@BOOK.rule("unclear.refer", "TL-25.1", "TL14-19")
def no_item_fits(facts: Any, law: Law) -> Found:
    """保密事项范围有规定的，按规定确定，不属于不明确事项。"""
    if facts.item is not None:
        yield "unclear.item_fits", {"item": facts.item.id}


@BOOK.rule("unclear.refer", "TL-25.1", "TL14-19")
def provisional_reasons_are_given(facts: Any, law: Law) -> Found:
    """报告应当写明拟定的依据和理由。"""
    if not facts.has_reasons:
        yield "reasons.missing", {}


@BOOK.rule(("challenge.raise", "challenge.answer"), "BMF-14.1", "BMF10-10.1")
def a_stated_level_is_one_of_three(facts: Any, law: Law) -> Found:
    """国家秘密的密级分为绝密、机密、秘密三级。"""
    level = getattr(facts, "asserted_level", "") or getattr(facts, "level", "")
    if level and not is_level(level):
        yield "level.not_one_of_three", {"level": level[:12]}


route = BOOK.decision(
    "route", "unclear.refer", "TL-25.1r", lambda facts, law: route_of(facts.terms.level, facts.organ_tier)
)


@route.unless("TL14-19", when=lambda facts: True)
def _route_of_2014(facts: Any, law: Law) -> str:
    """The 2014 regulation routed the same way; it counted calendar days."""
    return route_of(facts.terms.level, facts.organ_tier)


BOOK.decision("protected_as", "unclear.refer", "TL-25.1", lambda facts, law: facts.terms.level)


@BOOK.rule("unclear.send", "TL-15.4", "BMF-16.2", "TL14-19")
def sender_is_not_the_drafter(facts: Any, law: Law) -> Found:
    """不明确的事项，由定密责任人先行拟定并报请确定：two people."""
    if facts.sender == facts.drafter:
        yield "unclear.sender_is_the_drafter", {}


@BOOK.rule("unclear.send", "TL-25.1", "TL14-19")
def sent_once_after_it_was_set(facts: Any, law: Law) -> Found:
    """自拟定之日起报请确定。"""
    if facts.is_sent:
        yield "unclear.already_sent", {}
    if not facts.provisional_on <= facts.sent_on <= facts.at.date():
        yield "unclear.sent_before_set", {"provisional_on": facts.provisional_on}


@BOOK.rule("unclear.send", "TL-25.1d", "TL14-19", severity="warn")
def sent_in_time(facts: Any, law: Law) -> Found:
    """自拟定之日起十个工作日内报请确定。"""
    if facts.due_on is not None and facts.sent_on > facts.due_on:
        yield "unclear.sent_late", {"due_on": facts.due_on}


RULED = ("unclear.answer", "challenge.register_decision")


@BOOK.rule(RULED, "BMF-25", "BMF10-20")
def an_administration_decides(facts: Any, law: Law) -> Found:
    """是否属于国家秘密或者属于何种密级不明确或者有争议的，由国家或者省级保密行政管理部门确定。"""
    if facts.ruled_by not in ADMINISTRATIONS:
        yield "ruling.not_an_administration", {}
    elif facts.route == NATIONAL and facts.ruled_by != NATIONAL:
        yield "ruling.wrong_administration", {}


@BOOK.rule(RULED, "SEED-2")
def special_qualification_replaces_no_referral(facts: Any, law: Law) -> Found:
    """特殊资格只能用于准备，不替代报请保密行政管理部门确定。"""
    if facts.ruled_by == "special_qualification":
        yield "ruling.special_qualification", {}


@BOOK.rule(RULED, "BMF-25", "BMF10-20")
def ruling_is_documented(facts: Any, law: Law) -> Found:
    """收到书面决定方可登记。"""
    if not facts.has_document:
        yield "ruling.no_document", {}
    if facts.decided_on > facts.at.date():
        yield "ruling.in_the_future", {"decided_on": facts.decided_on}
    if facts.level and not is_level(facts.level):
        yield "level.not_one_of_three", {"level": facts.level[:12]}


@BOOK.rule("unclear.answer", "TL-25.1", "TL14-19")
def only_a_report_that_was_sent_is_answered(facts: Any, law: Law) -> Found:
    """先报请，后确定。"""
    if facts.state != "sent":
        yield "unclear.not_sent", {}


BOOK.decision("filed_nationally", "unclear.answer", "TL-25.2", lambda facts, law: facts.ruled_by == PROVINCIAL)

originator_of_record = BOOK.decision(
    "originator_of_record", "referral.answer", "BMF-17.3", lambda facts, law: facts.ruled_by
)


@originator_of_record.unless("QA-5", when=lambda facts: bool(facts.issued_in_the_name_of))
def _issuer(facts: Any, law: Law) -> str:
    """下级起草、以上级名义印发的，由上级定密；变更、解密亦由印发机关负责。"""
    return str(facts.issued_in_the_name_of)
