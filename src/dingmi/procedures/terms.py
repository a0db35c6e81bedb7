"""What the acts of a matter's life give back, and the terms they take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from dingmi.queries.terms import (
    Answers,
    ReuseAnswer,
    Scope,
    SourceIn,
    Upload,
    answers_from,
    answers_plain,
    is_named,
    scope_from,
    scope_plain,
)


@dataclass(frozen=True)
class Drafted:
    """A draft was made from a file."""

    matter: UUID
    version: int
    characters: int
    pages: int
    warnings: tuple[str, ...] = ()
    waiting: bool = False  # to be compared with what its drafter may read: see ``determination.compare``


@dataclass(frozen=True)
class Compared:
    """A draft was compared: how many guide items fit it, and how many sources its words stand in."""

    matter: UUID
    version: int
    candidates: int
    sources: int


@dataclass(frozen=True)
class Changed:
    """A matter changed; this is its version now."""

    matter: UUID
    version: int
    state: str


@dataclass(frozen=True)
class Proposed:
    """A proposal was signed by its drafter."""

    matter: UUID
    version: int
    proposal: UUID
    digest: str
    mark: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Approved:
    """A determination is in force."""

    matter: UUID
    version: int
    decision: UUID
    register_no: str
    mark: str
    last_protected_day: date | None
    digest: str


@dataclass(frozen=True)
class Referred:
    """A matter was referred and is protected at the proposed level."""

    matter: UUID
    version: int
    referral: UUID
    letter: UUID | None
    addressee: str


@dataclass(frozen=True)
class Released:
    """A matter is declassified."""

    matter: UUID
    version: int
    decision: UUID
    released_at: datetime
    remark_due: int


@dataclass(frozen=True)
class TextShown:
    """Content as read: its text, and the mark that stands on it."""

    matter: UUID
    title: str
    text: str
    blocks: tuple[dict[str, Any], ...]
    mark: str
    level: str


@dataclass(frozen=True)
class Delivered:
    """A file to hand to the reader."""

    filename: str
    content: bytes
    media: str


@dataclass(frozen=True)
class Noted:
    """A notice or a record was written."""

    id: UUID
    matter: UUID | None = None
    version: int = 0


__all__ = [
    "Answers",
    "Approved",
    "Changed",
    "Delivered",
    "Drafted",
    "Noted",
    "Proposed",
    "Referred",
    "Released",
    "ReuseAnswer",
    "Scope",
    "SourceIn",
    "TextShown",
    "Upload",
    "answers_from",
    "answers_plain",
    "is_named",
    "scope_from",
    "scope_plain",
]
