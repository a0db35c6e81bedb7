"""附件：files of any kind beside the paper of a matter, and the containers that they leave in (ADR 0061)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import QuerySet

from dingmi.base.actor import Actor, Role
from dingmi.engines import crypto
from dingmi.queries import access, content, hidden, numbers, standing
from dingmi.queries.registry import query
from dingmi.records.matters.models import Matter, MatterFile
from dingmi.records.vault import store

ATTACHMENT: Final = "attachment"  # as it was attached
SEALED: Final = "sealed"  # its container, with the mark in the label
SUFFIX: Final = ".dmb"
MEGABYTE: Final = 1024 * 1024
MOST_FILES, MOST_MB, MOST_MB_IN_ALL = 10, 50, 100


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file, as attached or in its container."""

    file: UUID
    name: str
    size: int
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Attachments:
    """The attachments of one matter.

    Attributes:
        plain: As they were attached; for its drafter and whoever decides, to see what is decided upon.
        sealed: The containers with the mark in force; none before the matter is decided.
        may_change: The reader may attach and take off.
    """

    matter: UUID
    number: str
    title: str
    level: str
    state: str
    version: int
    plain: tuple[Attachment, ...]
    sealed: tuple[Attachment, ...]
    may_change: bool
    most: int = MOST_FILES
    most_mb: int = MOST_MB
    most_mb_in_all: int = MOST_MB_IN_ALL


def current(row: Matter, role: str) -> QuerySet[MatterFile]:
    """Return the attachments of a matter, or their containers, that stand now."""
    files: QuerySet[MatterFile] = MatterFile.objects.filter(matter=row, role=role, superseded_at__isnull=True)
    return files.select_related("stored").order_by("created_at", "pk")


def has_plain(actor: Actor, row: Matter) -> bool:
    """Say whether the reader is given attachments as they are: whoever has the original, and officers while it is undecided.

    An officer examines what he decides upon (BMF-16.2).
    """
    return hidden.has_original(actor, row) or (row.state in ("proposed", "referred") and actor.holds(Role.OFFICER))


@query("carriers.attachments", clauses=("TL-20", "BMF-22.2"))
def attachments(*, actor: Actor, now: datetime, matter: UUID) -> Attachments:
    """附件：一个事项的附件及其密封文件。 The attachments of a matter and the containers that they leave in."""
    row = access.matter_for(actor, now, matter)
    plain = _shown(row, ATTACHMENT) if has_plain(actor, row) else ()
    is_open = row.state == "draft" or (row.state == "proposed" and standing.is_returned(row))
    return Attachments(
        row.pk,
        numbers.shown(row.pk, row.register_no),
        content.title(row),
        row.level,
        row.state,
        row.version,
        plain,
        _shown(row, SEALED),
        is_open and str(row.drafter_id) == actor.person_id,
    )


def _shown(row: Matter, role: str) -> tuple[Attachment, ...]:
    return tuple(Attachment(f.pk, content.file_name(f, row.level), f.stored.size, f.mark) for f in current(row, role))


def digests(row: Matter) -> list[str]:
    """Return the SM3 of each attachment of a matter, for what is signed."""
    return sorted(crypto.sm3(store.get(f.stored)).hex() for f in current(row, ATTACHMENT))
