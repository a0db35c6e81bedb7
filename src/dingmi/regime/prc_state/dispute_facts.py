"""What the law is asked about unclear matters, challenges, disputes and appraisals; no text of any matter."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from dingmi.regime.prc_state.facts import DrafterFacts, ItemFacts, OfficerFacts, PointFacts, Terms


@dataclass(frozen=True, slots=True)
class UnclearFacts:
    """``unclear.refer``: no item of any guide fits, and the three elements are set provisionally."""

    at: datetime
    drafter: DrafterFacts
    organ_tier: str
    terms: Terms
    category: str = ""  # one of the parameter ``subject_categories``
    does_damage: bool = False  # disclosure may damage national security and interests
    has_reasons: bool = True
    bars: dict[str, bool] = field(default_factory=dict)
    item: ItemFacts | None = None  # an item that fits: then nothing is unclear
    points: tuple[PointFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class SendFacts:
    """``unclear.send``: the report goes to the administration."""

    at: datetime
    drafter: str
    sender: str
    provisional_on: date
    due_on: date | None  # None: calendar of a needed year not loaded
    sent_on: date
    is_sent: bool = False


@dataclass(frozen=True, slots=True)
class RulingFacts:
    """``unclear.answer`` and ``challenge.register_decision``: what an administration decided."""

    at: datetime
    ruled_by: str  # national / provincial / anything else: no administration
    route: str
    state: str  # of the referral or the dispute
    decided_on: date
    level: str = ""  # empty: not a state secret
    has_document: bool = True
    issued_on: date | None = None  # the day stated on the text, from which protection counts
    issued_from: date | None = None  # policy: the first day that may be stated


@dataclass(frozen=True, slots=True)
class ReferralAnswerFacts:
    """``referral.answer``: whose matter it is after another organ decided."""

    at: datetime
    ruled_by: str
    issued_in_the_name_of: str = ""  # a superior whose draft ours was


@dataclass(frozen=True, slots=True)
class ChallengeFacts:
    """``challenge.raise``: a position against what was determined."""

    at: datetime
    state: str
    determined_level: str
    effective_level: str
    position: str  # level / not_secret
    asserted_level: str = ""
    asserted_tail: str = ""
    is_ours: bool = True
    challenger_is_originator: bool = False
    has_reasons: bool = True
    originator_is_gone: bool = False
    has_successor: bool = False


@dataclass(frozen=True, slots=True)
class AnswerFacts:
    """``challenge.answer``: the originator decides first."""

    at: datetime
    drafter: str
    officer: OfficerFacts
    terms: Terms  # as determined
    state: str
    outcome: str  # keep / change / not_secret
    level: str = ""
    item: ItemFacts | None = None
    has_reasons: bool = True


@dataclass(frozen=True, slots=True)
class DisputeFacts:
    """``challenge.dispute``, ``challenge.send`` and what follows, up to the end."""

    at: datetime
    state: str
    determined_level: str
    originator_tier: str
    asserted_levels: tuple[str, ...] = ()
    asserted_tails: tuple[str, ...] = ()
    raised_by: str = ""
    reviewed_by: str = ""
    approved_by: str = ""
    approver_is_head: bool = True
    answer_due_on: date | None = None
    ruled_by: str = ""
    change_outstanding: bool = False
    has_reasons: bool = True


@dataclass(frozen=True, slots=True)
class AppraisalFacts:
    """``appraisal.apply`` and ``appraisal.receive``: who asks for an appraisal in a leak case, and where."""

    at: datetime
    applicant_kind: str
    applicant_rank: str  # central / local
    has_document: bool = True
    lacking: tuple[str, ...] = ()  # of the materials that have to come along


@dataclass(frozen=True, slots=True)
class Pause:
    """Days that do not count: sent out on one day, back on another."""

    sent_on: date
    back_on: date


@dataclass(frozen=True, slots=True)
class ConclusionFacts:
    """``appraisal.conclude`` and ``disclosure.reply``: when it is due, and what may not be appraised as secret."""

    started_on: date
    is_extended: bool = False
    pauses: tuple[Pause, ...] = ()
    bars: dict[str, bool] = field(default_factory=dict)
    does_no_damage: bool = False


@dataclass(frozen=True, slots=True)
class CourseFacts:
    """``appraisal.note``: one step of the administration's side, after the steps that are known already."""

    at: datetime
    step: str
    on: date
    route: str  # whose appraisal it is: national / provincial
    before: tuple[str, ...] = ()
    lacks: bool = False  # something that has to come along is still missing
    organ: str = ""  # who is consulted, or who reviews
    due_on: date | None = None
    head_agrees: bool = False
    copied: bool = False
