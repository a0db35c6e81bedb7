"""回避: what a person who is kept out of a matter is not given, and who else cannot put right what is found in one (SR-13, ADR 0050).

No clause names conflicts of interest; that nobody knows more than work needs is the ground of every refusal here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dingmi.regime.kernel.rulebook import Found, Law
from dingmi.regime.prc_state.book import BOOK


@dataclass(frozen=True, slots=True)
class KeepingFacts:
    """``carriers.hold``: a copy comes into somebody's keeping, whatever the act that brings it there."""

    at: datetime
    holder_is_barred: bool = False


@dataclass(frozen=True, slots=True)
class ResponsibleFacts:
    """``oversight.find``: somebody is to put right what was found in a matter."""

    at: datetime
    may_know: bool = True


@BOOK.rule("need_to_know.expand", "BMF-21.1", "BMF10-16.3")
def nobody_barred_is_admitted(facts: Any, law: Law) -> Found:
    """知悉范围限定在最小范围：对事项回避的人员不得列入；无权知道回避的批准人只得知不能列入。"""
    for person in facts.admitted:
        if person.is_barred and facts.approver_knows_bars:
            yield "admission.barred", {"person": person.person}
    if not facts.approver_knows_bars and any(person.is_barred for person in facts.admitted):
        yield "admission.not_possible", {}


@BOOK.rule("carriers.hold", "BMF-21.1", "BMF10-16.3")
def nobody_barred_keeps_a_copy(facts: Any, law: Law) -> Found:
    """知悉范围限定在最小范围：对事项回避的人员不得持有、保管其载体。"""
    if facts.holder_is_barred:
        yield "recusal.may_not_hold", {}


@BOOK.rule("oversight.find", "BMF-21.1", "BMF10-16.3")
def put_right_by_who_may_know(facts: Any, law: Law) -> Found:
    """知悉范围限定在最小范围：不知悉事项的人员不能承担其整改。"""
    if not facts.may_know:
        yield "oversight.may_not_know", {}
