"""What the law is asked about: frozen values, gathered by ``queries`` or read from JSON. No text of any matter."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time


@dataclass(frozen=True, slots=True)
class Terms:
    """密级、保密期限、知悉范围: decided together; scope as ids."""

    level: str = ""
    tail: str = ""
    persons: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    organs: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()  # names of the people from abroad whom the scope would admit

    @property
    def names_scope(self) -> bool:
        """Whether the scope names anyone."""
        return bool(self.persons or self.departments or self.organs)


@dataclass(frozen=True, slots=True)
class PointFacts:
    """One classified point of a text, [start, end) in characters."""

    start: int
    end: int
    level: str
    tail: str


@dataclass(frozen=True, slots=True)
class PointingFacts:
    """``points.mark``: a stretch of the text is about to become a classified point."""

    at: datetime
    terms: Terms
    length: int
    start: int
    end: int
    item: ItemFacts | None = None
    origin: str = "original"  # derivative: the point rests on a source
    sources: tuple[SourceFacts, ...] = ()
    others: tuple[PointFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class DelegationFacts:
    """One delegation held by the organ, [since, until)."""

    instrument: str
    max_level: str
    matters: tuple[str, ...]
    since: datetime
    until: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OrganFacts:
    """The organ that decides."""

    tier: str
    delegations: tuple[DelegationFacts, ...] = ()
    id: str = ""
    own_authority: str = ""  # of public-security and state-security organs, by their own rules (BMF-17.4)


@dataclass(frozen=True, slots=True)
class OfficerFacts:
    """The officer as of the instant of signing."""

    person: str
    kind: str = ""  # statutory / designated / empty: no appointment at all
    tier: str = "main"  # main / managing / assistant
    max_level: str = ""
    matters: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    is_suspended: bool = False
    may_derive: bool = True
    trained_until: datetime | None = None
    clearance: str = ""
    qualification: str | None = None  # None: the profile keeps no grades
    instrument: str = ""
    has_commission: bool = True
    is_dedicated: bool = False  # 专门负责定密的工作人员 (TL14-9)


@dataclass(frozen=True, slots=True)
class DrafterFacts:
    """The drafter as of the instant of proposing."""

    person: str
    trained_until: datetime | None = None
    clearance: str = ""
    is_dedicated: bool = False


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """The guide item cited."""

    id: str
    level: str
    tail: str
    matter_code: str = ""
    since: date | None = None
    until: date | None = None
    allows_over_cap: bool = False  # the guide provides otherwise (BMF-20.2)
    is_silent_on_period: bool = False


@dataclass(frozen=True, slots=True)
class AggregateFacts:
    """An item that several lower items of its guide are together, as far as a text touches them."""

    id: str
    number: str
    level: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """One source of a derived matter."""

    id: str
    level: str
    tail: str
    last_protected_day: date | None
    is_released: bool = False
    is_descendant: bool = False  # it is, or itself derives from, the matter that is being derived
    point_levels: tuple[str, ...] = ()  # levels of the marked points actually used
    marks_points: bool = False
    drafter_may_know: bool = True
    has_consent: bool = False
    persons: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    organs: tuple[str, ...] = ()
    relation: str = "superior"  # superior / own / other: whose matter is carried out or handled
    is_ours: bool = False  # our own organ answers for it, so nobody else is to be asked
    use_answer: str = ""  # may it be used: empty (not asked) / waits / agrees / objects
    part_answer: str = ""  # is the part used no secret: the same four


@dataclass(frozen=True, slots=True)
class ProposalFacts:
    """``determination.propose``: what the drafter signs."""

    at: datetime
    drafter: DrafterFacts
    terms: Terms
    item: ItemFacts | None = None
    has_reasons: bool = True
    bars: dict[str, bool] = field(default_factory=dict)  # bar name → applies
    points: tuple[PointFacts, ...] = ()
    similar_tail: str = ""  # the longest that similar matters got, as far as the drafter may know
    has_longer_reason: bool = False
    stated_damage: str = ""  # the level whose damage the reasons state in the words of the law
    aggregates: tuple[AggregateFacts, ...] = ()
    origin: str = "original"
    sources: tuple[SourceFacts, ...] = ()  # whose words the drafter says are used, beside the item


@dataclass(frozen=True, slots=True)
class ApprovalFacts:
    """``determination.approve``: what the officer signs."""

    at: datetime
    drafter: str
    officer: OfficerFacts
    organ: OrganFacts
    terms: Terms
    item: ItemFacts | None = None
    origin: str = "original"  # original / derivative
    bars: dict[str, bool] = field(default_factory=dict)
    sources: tuple[SourceFacts, ...] = ()
    points: tuple[PointFacts, ...] = ()
    co_organs: int = 0
    co_organs_consulted: int = 0
    issuer: str = ""  # the organ in whose name it is issued, where not our own
    issuer_run_by: str = ""  # a temporary body: the organ that does its daily work
    aggregates: tuple[AggregateFacts, ...] = ()
    similar_tail: str = ""  # the longest that similar matters got, where the officer goes beyond what was proposed
    has_longer_reason: bool = False
    issued_on: date | None = None  # the day stated on the text, from which protection counts
    issued_from: date | None = None  # policy: the first day that may be stated


@dataclass(frozen=True, slots=True)
class DerivationFacts:
    """``derivation.propose``: terms carried over from sources."""

    at: datetime
    drafter: DrafterFacts
    terms: Terms
    sources: tuple[SourceFacts, ...]
    trigger: str = ""  # identical / point / rework / originator_rule
    points: tuple[PointFacts, ...] = ()
    aggregates: tuple[AggregateFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class NotSecretFacts:
    """``determination.not_secret``: an officer finds that what was proposed is no state secret."""

    at: datetime
    origin: str = "original"
    sources: tuple[SourceFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class ReferralFacts:
    """``referral.refer``: a matter above the organ's authority."""

    at: datetime
    organ: OrganFacts
    terms: Terms
    item: ItemFacts | None = None
    has_superior: bool = True
    issuer: str = ""
    issuer_run_by: str = ""


@dataclass(frozen=True, slots=True)
class ReviewFacts:
    """``review.decide``: keep, or let lapse."""

    at: datetime
    drafter: str
    officer: OfficerFacts
    state: str
    year: int
    is_ours: bool = True
    tail_kind: str = "period"
    event_answered: bool = False
    origin: str = "original"
    terms: Terms = field(default_factory=Terms)  # of a matter that has sources
    starts_on: date | None = None
    sources: tuple[SourceFacts, ...] = ()
    has_opinion: bool = True  # the deciding officer says why


@dataclass(frozen=True, slots=True)
class ExtensionFacts:
    """``change.extend``: level, period and scope re-decided before the period ends."""

    at: datetime
    drafter: str
    officer: OfficerFacts
    organ: OrganFacts
    state: str
    current: Terms
    terms: Terms
    starts_on: date
    last_protected_day: date | None
    item: ItemFacts | None = None
    has_central_approval: bool = False
    is_ours: bool = True
    has_reasons: bool = True
    origin: str = "original"
    sources: tuple[SourceFacts, ...] = ()
    has_opinion: bool = True
    ends_at: datetime | None = None  # where the mark states a time of day: that instant


@dataclass(frozen=True, slots=True)
class ChangeFacts:
    """``change.change``: another level, period or scope."""

    at: datetime
    drafter: str
    officer: OfficerFacts
    organ: OrganFacts
    state: str
    current: Terms
    terms: Terms
    starts_on: date
    ground: str = ""  # basis_changed / damage_changed; scope alone: need_changed; parts released: as for a release
    item: ItemFacts | None = None
    is_ours: bool = True
    origin: str = "original"
    has_reasons: bool = True
    effective_on: date | None = None  # None: on the day of the decision
    released_parts: int = 0
    releases_all: bool = False  # no paragraph of its text would stay secret
    has_central_approval: bool = False  # for just these terms
    sources: tuple[SourceFacts, ...] = ()
    has_opinion: bool = True


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """``declassification.release``: before the period ends."""

    at: datetime
    drafter: str
    officer: OfficerFacts
    state: str
    ground: str = ""  # no_longer_secret / harmless
    is_ours: bool = True
    tail_kind: str = "period"
    has_central_approval: bool = False
    is_challenged: bool = False
    has_reasons: bool = True
    co_organs: int = 0
    co_organs_consulted: int = 0
    effective_on: date | None = None
    weighs_interests: bool = True  # the proposal says which interests were weighed


@dataclass(frozen=True, slots=True)
class LapseFacts:
    """``declassification.lapse``: has the law released it by this time of this date?

    Attributes:
        hour: The time of day that the mark states, 00:00 where it states none.
        time_of_day: When on the day it is asked.
    """

    on: date
    state: str
    tail_kind: str
    declassified_from: date | None = None
    published_at: datetime | None = None
    hour: time = time.min
    time_of_day: time = time.min


@dataclass(frozen=True, slots=True)
class EventFacts:
    """``declassification.confirm_event``: an officer confirms that the condition has come about."""

    at: datetime
    happened_at: datetime
    officer: OfficerFacts
    drafter: str
    state: str
    tail_kind: str
    has_evidence: bool
    is_ours: bool = True


@dataclass(frozen=True, slots=True)
class AdmissionFacts:
    """One person to be admitted to a matter."""

    person: str
    clearance: str = ""
    organ_in_scope: bool = True
    is_foreign: bool = False
    has_undertaking: bool = True  # one that counts on the day, of a post or of admissions
    is_barred: bool = False  # kept out of the matter by a conflict


@dataclass(frozen=True, slots=True)
class NeedToKnowFacts:
    """``need_to_know.expand``: people, or organs, beyond the scope."""

    at: datetime
    level: str
    state: str
    approver_is_principal_or_designee: bool
    admitted: tuple[AdmissionFacts, ...] = ()
    organs_outside: int = 0
    has_originator_consent: bool = False
    is_ours: bool = True
    has_purpose: bool = True
    approver_is_a_head: bool = False  # 负责人, not only the principal or a designee (law of 2010)
    keeps_originators_rule: bool = True
    approver_knows_bars: bool = False


@dataclass(frozen=True, slots=True)
class ReadFacts:
    """``carriers.read``: content is about to be shown."""

    at: datetime
    level: str
    by_admission_outside_scope: bool = False
    excerpt: bool = False
    has_consent: bool = False
    in_designated_place: bool = True


@dataclass(frozen=True, slots=True)
class PublicationFacts:
    """``disclosure.publish``: making public what was secret."""

    at: datetime
    state: str
    disclosure_reviewed: bool = False
    is_ours: bool = True
    has_originator_consent: bool = False
    declassification_reviewed: bool = False  # an officer reviewed the release of a matter in force
    is_subordinates: bool = False
    published_at: datetime | None = None
    aggregates_to: str = ""  # the level that it would have together with what is already known
