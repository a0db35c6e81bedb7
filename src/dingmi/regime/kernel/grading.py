"""What the regimes beside state secrets are asked about: frozen values. No text of any matter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class GradeFacts:
    """``grading.propose``: a matter is proposed for a regime, with the elements that the regime knows."""

    at: datetime
    level: str
    tail: str = ""
    drafter: str = ""
    names_scope: bool = True
    has_basis: bool = True
    harm: str = ""  # duties / interests (work secrets); advantage / value (trade secrets)
    is_state_item: bool | None = None  # it is an item of a state-secret guide in force; None: not answered
    state_marks: int = 0  # marks of state secrets that stand in the text
    owner: str = ""
    provisional_until: date | None = None
    has_reasons: bool = True


@dataclass(frozen=True, slots=True)
class ApproverFacts:
    """Who approves: the principal, or a person appointed in writing for this regime."""

    person: str = ""
    is_principal: bool = False
    max_level: str = ""  # of the appointment in force; empty for none
    is_same_department: bool = True


@dataclass(frozen=True, slots=True)
class ApprovalFacts:
    """``grading.approve`` and ``grading.change``: a grade comes into force, or another one takes its place."""

    at: datetime
    grade: GradeFacts
    approver: ApproverFacts
    is_marked_on_original: bool = True
    is_told: bool = True  # whoever is in the scope is told in writing


@dataclass(frozen=True, slots=True)
class FilingFacts:
    """``grading.file``: the secrecy office files what was approved."""

    at: datetime
    is_office: bool = True
    is_in_force: bool = True


@dataclass(frozen=True, slots=True)
class GradeMarkFacts:
    """``grading.mark``: the mark as it is to stand, and as it was read back from a copy."""

    at: datetime
    expected: str
    visible: str = ""
    is_markable: bool = True
    is_bound: bool = True
    is_told_in_writing: bool = False
    owner: str = ""


@dataclass(frozen=True, slots=True)
class LiftFacts:
    """``grading.lift``: protection under this regime ends."""

    at: datetime
    ground: str
    approver: ApproverFacts
    has_reasons: bool = True
    is_state_secret_now: bool = False  # the state-secret matter made of it is in force


@dataclass(frozen=True, slots=True)
class ConversionFacts:
    """``grading.convert``: the content is to become a state secret."""

    at: datetime
    is_in_force: bool = True
    by_statutory_procedure: bool = True  # a draft for determination, decided by an officer; never by renaming
    has_reasons: bool = True


@dataclass(frozen=True, slots=True)
class GradeMark:
    """A mark as understood."""

    level: str
    tail: str
    canonical: str
    owner: str = ""
