"""异议与争议: to the originator first, then to the administrations; meanwhile protected at the highest level asserted."""

from __future__ import annotations

from datetime import date
from typing import Any

from dingmi.regime.kernel.rulebook import Found, Law
from dingmi.regime.prc_state.book import BOOK
from dingmi.regime.prc_state.elements import tail_of
from dingmi.regime.prc_state.levels import highest, is_level
from dingmi.regime.prc_state.marks import DurationKind
from dingmi.regime.prc_state.unclear import NATIONAL, PROVINCIAL, route_of

POSITIONS = ("level", "not_secret")
OUTCOMES = ("keep", "change", "not_secret")
_DAY = date(2000, 1, 1)  # periods are compared from one and the same day
LONGER_THAN_ANY_PERIOD = 10**6  # days; an indefinite term outlasts every period


@BOOK.rule("challenge.raise", "TL-26.1", "TL14-20")
def only_what_was_determined_is_challenged(facts: Any, law: Law) -> Found:
    """对已经确定的国家秘密事项有不同意见的，可以提出异议。"""
    if facts.state != "active":
        yield "challenge.not_determined", {"state": facts.state}


@BOOK.rule("challenge.raise", "TL-26.1", "TL14-20")
def a_position_is_stated(facts: Any, law: Law) -> Found:
    """异议应当写明主张和理由。"""
    if facts.position not in POSITIONS:
        yield "challenge.no_position", {}
    elif facts.position == "level" and not facts.asserted_level:
        yield "challenge.no_level", {}
    if facts.position == "not_secret" and facts.asserted_level:
        yield "challenge.two_positions", {}
    if facts.asserted_tail and tail_of(facts.asserted_tail) is None:
        yield "tail.malformed", {"tail": facts.asserted_tail[:40]}
    if not facts.has_reasons:
        yield "reasons.missing", {}


@BOOK.rule("challenge.raise", "TL-26.1", "TL14-20")
def the_position_differs(facts: Any, law: Law) -> Found:
    """主张与原定密级、期限相同的，不构成异议。"""
    if facts.position == "level" and facts.asserted_level == facts.determined_level and not facts.asserted_tail:
        yield "challenge.same_as_determined", {"level": facts.determined_level}


@BOOK.rule("challenge.raise", "TL-26.1", "TL14-20", "BMF-23.1")
def the_originator_does_not_challenge_itself(facts: Any, law: Law) -> Found:
    """原定密机关、单位认为不当的，直接变更或者解密。"""
    if facts.challenger_is_originator:
        yield "challenge.own_matter", {}


def _effective(facts: Any, law: Law) -> str:
    asserted = facts.asserted_level if is_level(facts.asserted_level) else ""
    return highest(tuple(word for word in (facts.determined_level, facts.effective_level, asserted) if is_level(word)))


BOOK.decision("effective_level", "challenge.raise", "TL-26.3", _effective)

answering_organ = BOOK.decision("answering_organ", "challenge.raise", "TL-26.1", lambda facts, law: "originator")


@answering_organ.unless("JM-7.2", when=lambda facts: facts.originator_is_gone)
def _successor(facts: Any, law: Law) -> str:
    """原定密机关、单位撤销或者合并的，由承担其职能的负责；没有的由其上级或者保密行政管理部门指定的负责。"""
    return "successor" if facts.has_successor else "superior_or_designated"


@BOOK.rule("challenge.answer", "TL-26.1", "TL14-20")
def the_originator_decides(facts: Any, law: Law) -> Found:
    """原定密机关、单位应当就异议作出决定。"""
    if facts.state != "challenged":
        yield "challenge.not_waiting", {"state": facts.state}
    if facts.outcome not in OUTCOMES:
        yield "challenge.no_outcome", {}
    if not facts.has_reasons:
        yield "reasons.missing", {}


@BOOK.rule("challenge.dispute", "TL-26.2", "TL14-20")
def a_challenge_is_disputed_once(facts: Any, law: Law) -> Found:
    """未按异议处理，或者对决定仍有异议的，报请确定。"""
    if facts.state not in ("challenged", "answered"):
        yield "dispute.wrong_state", {"state": facts.state}
    if not facts.has_reasons:
        yield "reasons.missing", {}


@BOOK.rule("challenge.dispute", "TL-26.2", "TL14-20", severity="warn")
def the_originator_had_its_time(facts: Any, law: Law) -> Found:
    """未按异议处理的，方可报请；15 个工作日是本单位制度，不是法定期限。"""
    if facts.state == "challenged" and facts.answer_due_on is not None and law.on <= facts.answer_due_on:
        yield "dispute.early", {"due_on": facts.answer_due_on}


def _packet_level(facts: Any, law: Law) -> str:
    return highest(tuple(w for w in (facts.determined_level, *facts.asserted_levels) if is_level(w)))


def longest(tails: tuple[str, ...]) -> str:
    """Return the longest of some tails, counted from one day; a condition counts as longer than a period (QA-6)."""

    def length(text: str) -> int:
        tail = tail_of(text)
        if tail is None:
            return -1
        if tail.kind in (DurationKind.INDEFINITE, DurationKind.EVENT):
            return LONGER_THAN_ANY_PERIOD + (tail.kind is DurationKind.INDEFINITE)
        if tail.day is not None:
            return tail.day.toordinal() - _DAY.toordinal()
        last = tail.window(_DAY).last_protected_day
        return (last - _DAY).days if last else -1

    return max(tails, key=length, default="")


BOOK.decision("packet_level", ("challenge.dispute", "challenge.send"), "QA-6", _packet_level)
BOOK.decision(
    "packet_tail", ("challenge.dispute", "challenge.send"), "QA-6", lambda facts, law: longest(facts.asserted_tails)
)

ROUTED = ("challenge.dispute", "challenge.send", "challenge.register_dispute")
route = BOOK.decision(
    "route", ROUTED, "TL-26.2", lambda facts, law: route_of(facts.determined_level, facts.originator_tier)
)


@route.unless("TL14-20", when=lambda facts: True)
def _route_of_2014(facts: Any, law: Law) -> str:
    """The 2014 regulation routed the same way."""
    return route_of(facts.determined_level, facts.originator_tier)


@BOOK.rule("challenge.send", "QA-6")
def officer_reviews_and_head_approves(facts: Any, law: Law) -> Found:
    """争议报请按主张的最高密级和最长期限提出意见，经定密责任人审核、负责人批准后逐级上报。"""
    if facts.state != "reviewed":
        yield "dispute.not_reviewed", {"state": facts.state}
    if not facts.approver_is_head:
        yield "dispute.not_the_head", {}
    if facts.reviewed_by and facts.reviewed_by == facts.approved_by:
        yield "dispute.same_person", {}


@BOOK.rule("challenge.register_dispute", "TL-26.2", "TL14-20")
def a_dispute_follows_a_challenge(facts: Any, law: Law) -> Found:
    """对原定密机关、单位的处理仍有异议的，由提出异议的报请确定。"""
    if facts.state not in ("challenged", "answered"):
        yield "dispute.wrong_state", {"state": facts.state}


@BOOK.rule("challenge.register_decision", "TL-26.2", "TL14-20")
def only_a_dispute_is_decided(facts: Any, law: Law) -> Found:
    """报请确定后，由保密行政管理部门作出决定。"""
    if facts.state not in ("disputed", "appealed"):
        yield "dispute.not_pending", {"state": facts.state}


@BOOK.rule("challenge.appeal", "TL-26.2", "TL14-20")
def only_a_provincial_decision_is_appealed(facts: Any, law: Law) -> Found:
    """对省级保密行政管理部门的决定仍有异议的，可以向国家保密行政管理部门报请。"""
    if facts.state != "decided" or facts.ruled_by != PROVINCIAL:
        yield "dispute.not_appealable", {"state": facts.state}
    if not facts.has_reasons:
        yield "reasons.missing", {}


BOOK.decision("route", "challenge.appeal", "TL-26.2", lambda facts, law: NATIONAL)


@BOOK.rule("challenge.settle", "TL-26.3", "TL-26.1", "TL14-20")
def nothing_ends_without_a_decision(facts: Any, law: Law) -> Found:
    """决定作出前，不得停止按主张的最高密级保护，异议、争议不得自行了结。"""
    if facts.state == "challenged":
        yield "challenge.undecided", {}
    elif facts.state in ("reviewed", "disputed", "appealed"):
        yield "dispute.undecided", {"state": facts.state}
    elif facts.state != "answered":
        yield "challenge.over", {"state": facts.state}
    elif facts.change_outstanding:
        yield "challenge.change_outstanding", {}
