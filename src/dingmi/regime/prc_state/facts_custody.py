"""What the law is asked about carriers, systems, ciphers and disclosure: frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from dingmi.regime.prc_state.facts import Terms


@dataclass(frozen=True, slots=True)
class ReceiptFacts:
    """``carriers.receive``: a carrier comes in."""

    at: datetime
    level: str
    by_named_person: bool = True
    listed: int = 0  # copies whose numbers were read, and how many were counted
    counted: int = 0
    strange: int = 0  # numbers among them that are not on the slip


@dataclass(frozen=True, slots=True)
class TransferFacts:
    """``carriers.transfer``: a carrier, or its content, leaves for someone else."""

    at: datetime
    level: str
    channel: str
    couriers: int = 1
    is_packed: bool = True
    leaves_the_country: bool = False


@dataclass(frozen=True, slots=True)
class CopyFacts:
    """``carriers.copy``: a copy, excerpt, quotation or compilation is made."""

    at: datetime
    level: str
    original: Terms
    copy: Terms
    is_approved: bool = True
    is_stamped: bool = True
    has_consent: bool = False


@dataclass(frozen=True, slots=True)
class StorageFacts:
    """``carriers.store``: something is put where it stays."""

    at: datetime
    level: str
    custodian: str = ""
    place_meets_standard: bool = True
    system_grade: str | None = None  # of the system it is put on; None: no system
    store_level: str | None = None  # of the electronic store it is put in; None: none


@dataclass(frozen=True, slots=True)
class DestructionFacts:
    """``carriers.destroy``: a carrier is destroyed."""

    at: datetime
    level: str
    is_counted: bool = True
    is_approved: bool = True
    at_designated_facility: bool = True
    with_own_equipment: bool = False
    witnesses: int = 2
    record_is_permanent: bool = True


@dataclass(frozen=True, slots=True)
class SystemFacts:
    """``system.configure``: a system's grade, passwords, administrators, and a change of its controls."""

    at: datetime
    grade: str
    levels_stored: tuple[str, ...] = ()
    password_length: int = 0
    password_days: int = 0
    second_factor: str = ""  # token / biometric / empty
    system_admin: str = ""
    security_admin: str = ""
    audit_admin: str = ""
    are_internal: bool = True
    are_trained: bool = True
    changes_controls: bool = False
    approved_by_security: bool = False
    is_audited: bool = False


@dataclass(frozen=True, slots=True)
class CipherFacts:
    """``cipher.claim``: what a cipher is said to protect."""

    at: datetime
    level: str
    cipher_class: str  # core / ordinary / commercial
    claims_lawful_protection: bool = False


@dataclass(frozen=True, slots=True)
class DisclosureApprovalFacts:
    """``disclosure.approve``: one item is to be made public."""

    at: datetime
    is_secret: bool
    opinion_by: str
    reviewed_by: str
    approved_by: str
    aggregate_checked: bool = True
    must_be_public: bool = False
    is_refused: bool = False
    ground: str = "internal"  # of a refusal: state_secret / trade_secret / privacy / internal / process
    has_record: bool = True  # a valid decision stands behind the mark
    third_party_consents: bool = False
    public_interest: bool = False


@dataclass(frozen=True, slots=True)
class ArchiveFacts:
    """``archives.transfer``: files go to a state archive."""

    at: datetime
    still_secret: bool
    was_reviewed: bool
    opens: bool = False  # the opinion is that the public may use it


@dataclass(frozen=True, slots=True)
class OriginFacts:
    """``determination.originate``: whose matter it is."""

    at: datetime
    issued_by_superior: bool = False
    of_temporary_body: bool = False
    is_joint: bool = False


@dataclass(frozen=True, slots=True)
class HoldingFacts:
    """``holding.state``: what a holder of another organ's matter may take it for."""

    on: date
    last_protected_day: date | None
    extension_received_on: date | None = None
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MarkFacts:
    """``marks.read``: a mark as found on a carrier."""

    on: date
    level: str
    has_tail: bool = True
    issued_on: date | None = None
    notice_on: date | None = None
