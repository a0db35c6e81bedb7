"""What the law is asked about the later life of a matter: succession, notices received, correction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from dingmi.regime.prc_state.facts import OfficerFacts


@dataclass(frozen=True, slots=True)
class SuccessionFacts:
    """``succession.assign``: an organ ends, merges or splits; who answers for its matters."""

    at: datetime
    situation: str  # abolished / merged / split / body_dissolved
    chosen: str
    function_taker: str = ""  # the organ that took the function over; empty: there is none
    superior: str = ""
    named: str = ""  # by the secrecy administration of the same level, or by the creator of a temporary body
    has_instrument: bool = True
    state: str = "active"


@dataclass(frozen=True, slots=True)
class HandoverFacts:
    """``succession.hand_over``: the copies of matters handed on go to the organ that answers for them, counted and signed for."""

    at: datetime
    registered: int
    counted: int
    on: date
    since: date  # the organ answers for all of them from this day on
    has_receiver: bool = True
    has_receipt: bool = True


@dataclass(frozen=True, slots=True)
class OriginatorNoticeFacts:
    """``reception.register_notice``: what the originator tells of a matter that we hold."""

    at: datetime
    kind: str  # extended / changed / released / voided
    arrived_on: date
    last_protected_day: date | None = None
    is_ours: bool = False
    state: str = "active"


@dataclass(frozen=True, slots=True)
class CorrectionFacts:
    """``correction.decide``: what becomes of an error that was found."""

    at: datetime
    kind: str
    remedy: str
    drafter: str  # the finder counts as the one who proposes
    officer: OfficerFacts
    state: str = "active"
    is_ours: bool = True
    has_reasons: bool = True


@dataclass(frozen=True, slots=True)
class ClosingFacts:
    """``correction.close``: whether what was decided about an error has been carried out."""

    at: datetime
    remedy: str  # empty: nothing decided yet
    is_done: bool
    state: str = "active"
    is_notified: bool = False  # somebody gave notice of the error and is owed a reply
    has_reply: bool = False
    has_reason: bool = False


@dataclass(frozen=True, slots=True)
class ExternalFacts:
    """``change.register_external``: a superior organ or line authority changed, released or withdrew a matter."""

    at: datetime
    outcome: str  # change / release / void
    state: str
    is_superior: bool
    is_line_authority: bool
    decided_on: date
    has_document: bool = True
    is_ours: bool = True
