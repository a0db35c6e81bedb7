"""What the law is asked about authority, officers and cleared staff: frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from dingmi.regime.prc_state.facts import OfficerFacts, OrganFacts


@dataclass(frozen=True, slots=True)
class AuthorityFacts:
    """``authority.of``: how high the organ, and the officer for it, may determine at an instant."""

    at: datetime
    organ: OrganFacts
    officer: OfficerFacts | None = None
    matter_code: str = ""


@dataclass(frozen=True, slots=True)
class ApplicationFacts:
    """``delegation.apply``: an organ asks for a delegation."""

    at: datetime
    organ: OrganFacts
    level: str
    matters: tuple[str, ...]
    originals: tuple[int, ...]  # original determinations, or referrals for want of authority, of the last years
    has_term: bool = True
    has_basis: bool = True
    has_reasons: bool = True
    has_line_superior: bool = True


@dataclass(frozen=True, slots=True)
class GrantFacts:
    """``delegation.register``: a delegation of authority from one organ to another."""

    at: datetime
    grantor: OrganFacts
    grantor_may_delegate: bool
    max_level: str
    matters: tuple[str, ...]
    since: datetime
    until: datetime
    has_instrument: bool = True
    grantor_kind: str = "organ"  # organ / administration


@dataclass(frozen=True, slots=True)
class AppointmentFacts:
    """``officers.ex_officio``: who is a classification officer by office."""

    at: datetime
    is_principal: bool
    is_a_head: bool = False  # 负责人 other than the principal


@dataclass(frozen=True, slots=True)
class DesignationFacts:
    """``officers.designate``: a written instrument for one officer."""

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
    has_instrument: bool = True
    was_nominated: bool | None = None  # None: nominations are not kept here


@dataclass(frozen=True, slots=True)
class ReplacementFacts:
    """``officers.end``: a designation is ended before its term."""

    at: datetime
    ground: str
    by_principal: bool
    is_by_law: bool = False  # of the principal, who is an officer as long as he is the principal


@dataclass(frozen=True, slots=True)
class ClearingFacts:
    """``personnel.clear``: someone is taken on as cleared staff."""

    at: datetime
    category: str
    level: str
    vetting_passed: bool
    is_trained: bool = True
    has_undertaking: bool = True


@dataclass(frozen=True, slots=True)
class ClearanceFacts:
    """``personnel.grant_clearance``: someone is cleared for a level."""

    at: datetime
    is_foreign: bool


@dataclass(frozen=True, slots=True)
class LeavingFacts:
    """``personnel.leave``: cleared staff leave the post."""

    at: datetime
    category: str
    approved_on: date
    cooling_until: date | None
    had_talk: bool = True
    has_undertaking: bool = True
    carriers_outstanding: int = 0
    devices_outstanding: int = 0
    access_revoked: bool = True


@dataclass(frozen=True, slots=True)
class TravelFacts:
    """``travel.approve``, ``travel.refuse``, ``travel.brief``: a step of a journey abroad of cleared staff."""

    at: datetime
    starts_on: date
    on: date  # the day of the step
    has_opinions: bool = True
    is_approved: bool = True


@dataclass(frozen=True, slots=True)
class ErrorFacts:
    """``oversight.error``: a fault found in how a matter was classified."""

    at: datetime
    kind: str  # not_classified / misclassified / not_reviewed
