"""What the law is asked about the road to an appointment (procedures P15): frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from dingmi.regime.prc_state.facts import OrganFacts

Term = tuple[datetime, datetime | None]  # [since, until)


@dataclass(frozen=True, slots=True)
class SelectionFacts:
    """``selection.decide``: one candidate of an open selection is to be chosen."""

    at: datetime
    closes_at: datetime
    by_principal: bool
    needs_exam: bool
    passed_exam: bool
    has_reasons: bool


@dataclass(frozen=True, slots=True)
class NominationFacts:
    """``officers.nominate``: a unit proposes someone as an officer."""

    at: datetime
    nominator: str
    nominee: str
    max_level: str
    matters: tuple[str, ...]
    tier: str = "main"  # main / managing / assistant
    has_reasons: bool = True
    has_open_case: bool = False


@dataclass(frozen=True, slots=True)
class VettingFacts:
    """``officers.vet``: the nominee is looked at before the office is given."""

    at: datetime
    vetter: str
    nominee: str
    passed: bool
    max_level: str
    clearance: str
    post_category: str
    criteria_met: int = 5  # 政治可靠、业务权威、保密经验、品德、信息技术知识


@dataclass(frozen=True, slots=True)
class CommissionFacts:
    """``officers.commission`` and ``officers.adjust``: the written instrument (定密委托书)."""

    at: datetime
    organ: OrganFacts
    max_level: str
    matters: tuple[str, ...]
    since: datetime
    until: datetime | None
    by_principal: bool
    is_self: bool
    clearance: str
    trained_until: datetime | None
    qualification: str
    has_instrument: bool = True
    was_nominated: bool | None = True
    was_vetted: bool = True
    was_trained: bool = True
    derives_only: bool = False
    granted_level: str = ""  # as nominated; of an adjustment as held; empty: not to be compared
    granted_matters: tuple[str, ...] = ("*",)
    granted_until: datetime | None = None  # of an adjustment: the end of the term it changes
    other_terms: tuple[Term, ...] = ()  # of the same officer, running or to come


@dataclass(frozen=True, slots=True)
class ActivationFacts:
    """``officers.activate``: the commission takes effect."""

    at: datetime
    published_on: date | None
    filed_on: date | None
    has_receipt: bool


@dataclass(frozen=True, slots=True)
class SupervisionFacts:
    """``delegation.supervise``: the yearly look at how a delegation is used, and the test of frequency anew."""

    at: datetime
    originals: tuple[int, ...]
    matters_still_secret: bool = True
    level_unchanged: bool = True
