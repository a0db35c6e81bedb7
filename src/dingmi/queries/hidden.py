"""随文件带出的内容: what files carry and their pages do not show, told before a file leaves (SR-81)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dingmi.base.actor import Actor
from dingmi.engines import crypto, documents
from dingmi.queries import access, content, grades, numbers
from dingmi.queries.registry import query
from dingmi.queries.terms import Upload
from dingmi.records.matters.models import Matter, MatterFile
from dingmi.records.vault import store

ROLES = ("marked", "original", "letter")  # of the files of a matter that are given out


@dataclass(frozen=True, slots=True)
class Carried:
    """A file, and what it carries beside what it shows.

    Attributes:
        role: ``marked``, ``original`` or ``letter``; empty for one that was sent.
        may_download: The reader is given this file as it is; the original only drafter and officer are.
    """

    name: str
    kind: str
    size: int
    hidden: tuple[documents.Trace, ...]
    role: str = ""
    may_download: bool = False


@dataclass(frozen=True, slots=True)
class Files:
    """The files of one matter that are given out."""

    matter: UUID
    number: str
    level: str
    files: tuple[Carried, ...]


def has_original(actor: Actor, row: Matter) -> bool:
    """Say whether the reader is given the original of a matter."""
    return actor.person_id in (str(row.drafter_id), str(row.officer_id))


def current_file(row: Matter, role: str) -> MatterFile | None:
    """Return the file of a matter that stands now in a role."""
    files = MatterFile.objects.filter(matter=row, role=role, superseded_at__isnull=True).select_related("stored")
    found: MatterFile | None = files.order_by("-created_at", "-pk").first()
    return found


@query("carriers.files", clauses=("TL-20",))
def files(*, actor: Actor, now: datetime, matter: UUID) -> Files:
    """随文件带出的内容：一个事项可交出的各文件。 The files of a matter that are given out, and what they carry unseen.

    The original is among them for drafter and officer, and for every reader once it may become a copy for the public.
    """
    return _files(actor, access.matter_for(actor, now, matter), ROLES)


@query("grading.files", clauses=("GZ-s2", "SM-13"))
def grade_files(*, actor: Actor, now: datetime, matter: UUID) -> Files:
    """随文件带出的内容：工作秘密、商业秘密的带标志文件。 The marked file of a work or trade secret, and what it carries unseen."""
    return _files(actor, grades.matter_for(actor, now, matter), ("marked",))


def _files(actor: Actor, row: Matter, roles: tuple[str, ...]) -> Files:
    found = []
    for role in roles:
        may = role != "original" or has_original(actor, row)
        file = current_file(row, role) if may or row.state == "declassified" else None
        if file is not None:
            data, kind = store.get(file.stored), file.stored.media
            name = content.file_name(file, row.level)
            found.append(Carried(name, kind, len(data), documents.traces(data, kind), role, may))
    return Files(row.pk, numbers.shown(row.pk, row.register_no), row.level, tuple(found))


@query("marks.hidden", clauses=("ZX-36.3",))
def of_upload(*, actor: Actor, now: datetime, upload: Upload) -> Carried:
    """随文件带出的内容：手中的一份文件，只看不存。 What a file at hand carries unseen; it is not kept.

    Raises:
        Invalid: ``file.*`` for what cannot be read.
    """
    return held(upload.filename, upload.content)


def held(filename: str, data: bytes) -> Carried:
    """Return what a file carries; for whoever holds it. A container carries nothing that can be looked at."""
    if crypto.is_container(data):
        return Carried(filename, "dmb", len(data), ())
    kind = documents.recognise(data, filename)
    return Carried(filename, kind, len(data), documents.traces(data, kind))
