"""承继与外部决定: who answers for a matter when its organ is gone, and what other organs decide of it."""

from __future__ import annotations

from typing import Any

from dingmi.regime.kernel.rulebook import Found, Law
from dingmi.regime.prc_state.book import BOOK, DECIDE
from dingmi.regime.prc_state.cases import has

SITUATIONS = ("abolished", "merged", "split", "body_dissolved")
NOTICES = ("extended", "changed", "released", "voided")


@BOOK.rule("succession.assign", "TL-23", "TL14-17", "JM-7.2", "BJ-15")
def successor_is_the_one_the_law_names(facts: Any, law: Law) -> Found:
    """由承担其职能的机关负责；没有的，由其上级机关或者保密行政管理部门指定的机关负责。"""
    order = law.value("succession")
    if facts.situation not in SITUATIONS:
        yield "succession.no_situation", {}
    if facts.situation == "split" and not order["split"]:
        yield "succession.no_split", {}
    if not facts.has_instrument:
        yield "succession.no_instrument", {}
    candidates = [o for o in (facts.function_taker, facts.superior, facts.named) if o]
    if facts.chosen not in candidates:
        yield "succession.not_a_candidate", {}
    elif order["ordered"] and facts.function_taker and facts.chosen != facts.function_taker:
        yield "succession.taker_comes_first", {}


@BOOK.rule("succession.assign", "TL-23", "TL14-17")
def only_a_live_matter_is_handed_on(facts: Any, law: Law) -> Found:
    """Whoever succeeds decides on changes and releases; a draft has no originator yet."""
    if facts.state not in ("active", "referred", "declassified"):
        yield "matter.not_in_force", {"state": facts.state}


@BOOK.rule("succession.hand_over", "CS-60")
def copies_are_counted_and_signed_for(facts: Any, law: Law) -> Found:
    """机关撤销、合并的，秘密载体移交给承继机关，履行登记、签收手续。"""
    if not facts.has_receiver or not facts.has_receipt:
        yield "handover.not_signed", {}
    if facts.counted != facts.registered:
        yield "handover.count_differs", {"registered": facts.registered, "counted": facts.counted}
    if facts.on < facts.since:
        yield "handover.before_succession", {"since": facts.since}


def _taker(facts: Any, law: Law) -> str:
    return str(facts.function_taker or facts.superior or facts.named)


def _is_body(facts: Any) -> bool:
    return bool(facts.situation == "body_dissolved")


responsible = BOOK.decision("responsible_organ", "succession.assign", "TL-23", _taker)


@responsible.unless("TL14-17", when=lambda f: not _is_body(f))
def _parallel(facts: Any, law: Law) -> str:
    """2014: any of the three, no order among them."""
    return str(facts.chosen)


@responsible.unless("BJ-15", when=_is_body)
def _of_a_body(facts: Any, law: Law) -> str:
    """议事协调机构、临时机构撤销的：the organ that took the function, else the one its creator names."""
    return str(facts.function_taker or facts.named)


@BOOK.rule(DECIDE, "QA-5", "ZX-25.2", "BJ-15", concerns=has("issuer"))
def issuer_decides(facts: Any, law: Law) -> Found:
    """以上级名义印发的，由印发机关定密；临时机构由承担其日常工作的机关定密。"""
    if facts.issuer and (facts.issuer_run_by or facts.issuer) != facts.organ.id:
        yield "issuer.decides", {}


@BOOK.rule(DECIDE, "ZX-25.1", concerns=has("co_organs"))
def joint_matter_is_consulted(facts: Any, law: Law) -> Found:
    """共同产生的，由主办机关征求协办机关意见后确定。"""
    if facts.co_organs_consulted < facts.co_organs:
        yield "joint.not_consulted", {"missing": facts.co_organs - facts.co_organs_consulted}


@BOOK.rule("reception.register_notice", "BMF-23.2", "ZX-30.1", "ZX-30.2")
def notice_is_of_anothers_matter(facts: Any, law: Law) -> Found:
    """Only the originator's notice changes what a holder goes by."""
    if facts.kind not in NOTICES:
        yield "reception.kind", {}
    if facts.is_ours:
        yield "reception.ours", {}


@BOOK.rule("reception.register_notice", "ZX-30.2", severity="warn")
def extension_arrived_late(facts: Any, law: Law) -> Found:
    """延期通知应当在原保密期限届满前送达。"""
    last = facts.last_protected_day
    if facts.kind == "extended" and last is not None and facts.arrived_on > last:
        yield "reception.late_extension", {"last_protected_day": last}


@BOOK.rule("change.register_external", "ZX-26.2", "BMF-23.1", "TL-24", "ZX-40.2")
def external_decision_is_of_a_superior(facts: Any, law: Law) -> Found:
    """上级机关、业务主管部门可以直接变更、解除下级机关确定的国家秘密。"""
    if not (facts.is_superior or facts.is_line_authority):
        yield "external.not_superior", {}
    if not facts.is_ours:
        yield "matter.not_ours", {}
    if not facts.has_document:
        yield "external.no_document", {}
    if facts.decided_on > law.on:
        yield "external.in_the_future", {}
    if facts.outcome not in ("change", "release", "void"):
        yield "external.outcome", {}
