"""泄密: what has to be done about a leak, and told to whom, before it is closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dingmi.regime.kernel.rulebook import Found, Law
from dingmi.regime.prc_state.book import BOOK

ACT = "incident.close"
RECIPIENTS = ("administration", "superior")


@dataclass(frozen=True, slots=True)
class IncidentFacts:
    """``incident.close``: a leak, or what may be one, is dealt with.

    ``reported_at`` is when the last of those to be told heard of it; None while one has not. ``written_to`` are those that
    have the written report.
    """

    at: datetime
    has_measures: bool
    has_superior: bool = True
    written_to: tuple[str, ...] = ()
    reported_at: datetime | None = None
    due_at: datetime | None = None
    outcome_told: bool = False


@BOOK.rule(ACT, "BMF-47", "BMF10-40")
def a_leak_is_remedied_at_once(facts: Any, law: Law) -> Found:
    """发现国家秘密已经泄露或者可能泄露的，应当立即采取补救措施。"""
    if not facts.has_measures:
        yield "incident.no_measures", {}


@BOOK.rule(ACT, "TL-61.1", "TL14-34")
def the_administration_and_the_superior_are_told(facts: Any, law: Law) -> Found:
    """向同级保密行政管理部门和上级主管部门报告。"""
    for to in RECIPIENTS:
        if to not in facts.written_to and (to != "superior" or facts.has_superior):
            yield f"incident.not_told_{to}", {}


@BOOK.rule(ACT, "TL-60")
def the_outcome_is_told_in_writing(facts: Any, law: Law) -> Found:
    """有关机关、单位应当及时将处理结果书面告知同级保密行政管理部门。"""
    if not facts.outcome_told:
        yield "incident.outcome_not_told", {}


@BOOK.rule(ACT, "TL-61.1", "TL14-34", severity="warn")
def a_leak_is_reported_in_its_hours(facts: Any, law: Law) -> Found:
    """在24小时内报告；逾期的，登记责任时一并研究。"""
    if facts.reported_at is not None and facts.due_at is not None and facts.reported_at > facts.due_at:
        yield "incident.reported_late", {"due_at": facts.due_at}
