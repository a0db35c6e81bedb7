"""载体的一生: which act leads a copy from which state to which, and what the law asks of each step (P17).

Receipt, transfer, copying, storage and destruction have their rules in ``custody``; here stand the order of the steps and
what is asked on the way: who makes copies, into whose hands they go, how they are repaired, carried out and given back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dingmi.regime.kernel.rulebook import Found, Law
from dingmi.regime.prc_state.book import BOOK


@dataclass(frozen=True, slots=True)
class Move:
    """One step: the states that it begins in, and the one that it leads to (empty: it stays)."""

    begins: tuple[str, ...]
    ends: str


AT_HAND = ("registered", "kept")
HELD = ("handed", "lent", "out", "repair")  # in somebody's hands, to come back
INSIDE = (*AT_HAND, *HELD, "doomed")  # what a count has to find
ABROAD = ("sent", "away")
ENDED = ("given_back", "archived", "destroyed")
STATES = (*INSIDE, *ABROAD, "missing", *ENDED)
MOVES: Mapping[str, Move] = {
    "carriers.keep": Move(AT_HAND, "kept"),
    "carriers.lend": Move(AT_HAND, "handed"),
    "carriers.sign": Move(("handed",), "lent"),
    "carriers.take_back": Move((*HELD, "away"), "kept"),
    "carriers.set_return": Move((*AT_HAND, *HELD), ""),
    "carriers.copy": Move((*AT_HAND, "lent"), ""),
    "carriers.carry_out": Move((*AT_HAND, "lent"), "out"),
    "carriers.repair": Move(AT_HAND, "repair"),
    "carriers.dispatch": Move(AT_HAND, "sent"),
    "carriers.confirm_receipt": Move(("sent",), "away"),
    "carriers.give_back": Move(AT_HAND, "given_back"),
    "carriers.archive": Move(AT_HAND, "archived"),
    "carriers.propose_destruction": Move(AT_HAND, "doomed"),
    "carriers.refuse_destruction": Move(("doomed",), "kept"),
    "carriers.finish_destruction": Move(("doomed",), "destroyed"),
    "carriers.report_missing": Move((*INSIDE, *ABROAD), "missing"),
    "carriers.find": Move(("missing",), "kept"),
}


@BOOK.rule("carriers.move", "BMF-26.1", "BMF10-21.1")
def moves_as_its_state_allows(facts: Any, law: Law) -> Found:
    """载体的制作、收发、传递、使用、复制、保存、维修和销毁，应当符合国家保密规定。"""
    if facts.is_electronic:
        yield "carrier.in_system", {"number": facts.number}
    elif facts.act not in MOVES or facts.state not in MOVES[facts.act].begins:
        yield "carrier.state", {"number": facts.number}


@BOOK.rule("carriers.produce", "TL-27.1", "TL14-21")
def made_by_those_who_may(facts: Any, law: Law) -> Found:
    """制作由本机关、本单位或者取得资质的单位承担，制作场所、设备符合保密要求。"""
    if facts.by_contractor and not facts.licence:
        yield "production.licence", {}
    if not facts.in_proper_place:
        yield "production.place", {}


@BOOK.rule("carriers.produce", "BMF-22.1", "TL-21.1a", "BMF10-17")
def made_copies_bear_their_mark(facts: Any, law: Law) -> Found:
    """载体应当作出国家秘密标志。"""
    if not facts.is_marked:
        yield "production.unmarked", {}


@BOOK.rule(("carriers.lend", "carriers.dispatch"), "BMF-21.3", "BMF10-16.3")
def handed_to_those_who_may_know(facts: Any, law: Law) -> Found:
    """知悉范围以外的人员，未经批准不得知悉。"""
    if not facts.in_scope and not facts.is_product:
        yield "handing.not_in_scope", {}


@BOOK.rule("carriers.lend", "BMF-43.3")
def handed_to_those_who_are_cleared(facts: Any, law: Law) -> Found:
    """载体只交给涉密等级达到其密级的人员。"""
    if not facts.is_cleared:
        yield "handing.not_cleared", {"name": facts.reader, "level": facts.level}


@BOOK.rule("carriers.lend", "TL-27.4", "TL14-21")
def used_in_a_proper_place(facts: Any, law: Law) -> Found:
    """阅读和使用国家秘密载体，应当在符合保密要求的场所进行。"""
    if not facts.in_proper_place:
        yield "handing.place", {}


@BOOK.rule("carriers.lend", "TL-30.2")
def products_reach_those_who_may_touch_them(facts: Any, law: Law) -> Found:
    """严格控制密品的接触范围。"""
    if facts.is_product and not facts.in_scope:
        yield "handing.product", {}


@BOOK.rule("carriers.repair", "TL-27.7", "TL14-21")
def repaired_by_our_own_or_watched(facts: Any, law: Law) -> Found:
    """维修由本机关、本单位专门技术人员负责；确需外单位人员维修的，由本机关、本单位的人员现场监督。"""
    if facts.by_outsiders and not facts.watched_by:
        yield "repair.unwatched", {}


@BOOK.rule("carriers.carry_out", "TL-27.8", "TL14-21")
def carried_out_under_guard(facts: Any, law: Law) -> Found:
    """携带外出应当采取可靠的保密措施；携带出境的，办理批准和携带手续。"""
    if not facts.measures:
        yield "carrying.no_measures", {}
    if facts.leaves_the_country and not facts.export_approval:
        yield "carrying.no_export_approval", {}


@BOOK.rule("carriers.give_back", "TL-27.9", "TL14-21")
def given_back_as_the_issuer_asks(facts: Any, law: Law) -> Found:
    """清退国家秘密载体，应当按照制发机关、单位的要求办理。"""
    if not facts.is_from_outside:
        yield "returning.own", {}


@BOOK.rule("carriers.propose_destruction", "TL-28.1", "TL14-21")
def destroyed_beyond_restoring(facts: Any, law: Law) -> Found:
    """销毁国家秘密载体，应当确保销毁的国家秘密信息无法还原。"""
    methods = law.value("destruction_methods").get(facts.form, [])
    if facts.method not in methods:
        yield "destruction.method", {"method": facts.method[:20], "methods": "、".join(methods)}


@BOOK.rule("carriers.approve_destruction", "TL-28.2", "BMF-28", "TL14-21")
def approved_by_somebody_else(facts: Any, law: Law) -> Found:
    """销毁须经审批；不得由提出的人自行批准。"""
    if facts.approved_by == facts.proposed_by:
        yield "destruction.own_approval", {}


@BOOK.rule("carriers.count_destruction", "TL-28.2", "BMF-28")
def counted_copy_by_copy_before_destruction(facts: Any, law: Law) -> Found:
    """销毁前清点登记，编号和份数与清册一致。"""
    if facts.strange or facts.counted != facts.listed:
        yield "destruction.count", {"counted": facts.counted, "listed": facts.listed}
