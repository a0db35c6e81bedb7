"""What the law is asked about marks on carriers and about copies for the public: frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class CarrierMarkFacts:
    """``carriers.mark``: a carrier as it was read back after it was marked."""

    at: datetime
    level: str
    expected: str  # the whole visible mark that must stand on it
    visible: str = ""  # the one that does
    is_in_place: bool = True
    is_bound: bool = True  # the machine mark agrees with the visible one and with the content
    is_markable: bool = True
    is_told_in_writing: bool = False  # to everyone in scope, where it cannot be marked
    is_official_document: bool = False  # 公文: it has a document number
    copy_number: int = 1


@dataclass(frozen=True, slots=True)
class Hidden:
    """One kind of what a file carries and does not show."""

    kind: str
    count: int


@dataclass(frozen=True, slots=True)
class PublicCopyFacts:
    """``carriers.public_copy``: a copy as it is to be made public."""

    at: datetime
    state: str = "declassified"  # of the matter that it is made of; a file that stands alone is taken as released
    is_parted: bool = False  # a part of the matter was released while the rest stays secret
    names_paragraphs: bool = True  # … and which paragraphs is on record
    marks: tuple[str, ...] = ()  # state-secret marks found anywhere in its text
    has_label: bool = False  # a machine mark is still in it
    hidden: tuple[Hidden, ...] = ()  # what it carries and does not show, and nobody has declared
    still_secret: tuple[
        int, ...
    ] = ()  # of a matter released in part: paragraphs still secret of which words stand in it
    unread: int = 0  # … and pages and pictures of it that could not be read for such words
