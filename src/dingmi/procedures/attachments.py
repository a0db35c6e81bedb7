"""Files of any kind beside the paper of a matter: put there and taken off by its drafter before it is decided. 附件。"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Invalid, NotFound
from dingmi.procedures import paper, shelf
from dingmi.procedures.determination import lock_own
from dingmi.procedures.frame import procedure
from dingmi.procedures.terms import Upload
from dingmi.queries import content
from dingmi.queries.attached import ATTACHMENT, MEGABYTE, MOST_FILES, MOST_MB, MOST_MB_IN_ALL, current
from dingmi.records.ledger.append import append
from dingmi.records.matters.models import MatterFile
from dingmi.records.vault import store

NAME_LIMIT = 190  # characters; the name of its container is longer
UNKNOWN = "bin"


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that was attached or taken off, and how many there are now."""

    matter: UUID
    version: int
    file: UUID
    files: int


def file_name(upload: Upload) -> str:
    """Return the name of a file of any kind, without the folder that it came from."""
    return paper.line(upload.filename.replace("\\", "/").rsplit("/", 1)[-1], "filename", NAME_LIMIT, required=True)


def _name(upload: Upload) -> tuple[str, str]:
    """Return the name of a file and what its kind is called, by its name alone: nobody looks inside."""
    name = file_name(upload)
    stem, _, kind = name.rpartition(".")
    return name, kind.lower() if stem and kind.isascii() and kind.isalnum() and len(kind) <= 12 else UNKNOWN


def _require_room(held: list[MatterFile], size: int) -> None:
    if not size:
        raise Invalid("file.empty", (), fields={"file": "file.empty"})
    if size > MOST_MB * MEGABYTE:
        raise Invalid("upload.too_large", (), limit_mb=MOST_MB)
    if len(held) >= MOST_FILES or sum(f.stored.size for f in held) + size > MOST_MB_IN_ALL * MEGABYTE:
        raise Invalid("attachment.too_many", (), most=MOST_FILES, limit_mb=MOST_MB_IN_ALL)


@procedure("determination.attach", requires=(Role.DRAFTER,), clauses=("BMF-22.2", "TL-21.2"))
def attach(*, actor: Actor, now: datetime, matter: UUID, upload: Upload, expected_version: int) -> Attached:
    """Attach a file of any kind to a draft or a returned proposal; nobody parses it, and it leaves sealed in its mark. 添加附件。

    Args:
        upload: At most 50 MB, ten files and 100 MB a matter: policy, so that sealing them again stays a short act.
    Raises:
        Invalid: ``file.empty``, ``upload.too_large``, ``attachment.too_many``, or a name that is none.
    """
    row = lock_own(actor, now, matter, expected_version)  # load
    name, media = _name(upload)  # judge
    held = list(current(row, ATTACHMENT))
    _require_room(held, len(upload.content))
    stored = store.put(row.level, upload.content, kind=ATTACHMENT, media=media, at=now)  # write
    file = MatterFile(matter=row, stored=stored, role=ATTACHMENT, created_at=now)
    file.name_ct = content.sealed(file, "name_ct", row.level, name)
    file.save()
    shelf.save(row, now)
    data = {"file": file.pk, "size": stored.size, "media": media, "version": row.version}
    append(actor, "determination.attach", subject=("matter", row.pk), at=now, data=data, rows=[row])  # prove
    return Attached(row.pk, row.version, file.pk, len(held) + 1)


@procedure("determination.detach", requires=(Role.DRAFTER,), clauses=("BMF-22.2",))
def detach(*, actor: Actor, now: datetime, matter: UUID, file: UUID, expected_version: int) -> Attached:
    """Take an attachment off a draft or a returned proposal; its bytes stay in the vault, as of a replaced file. 移除附件。

    Raises:
        NotFound: It is no attachment of this matter.
    """
    row = lock_own(actor, now, matter, expected_version)
    held = current(row, ATTACHMENT)
    kept = held.filter(pk=file).first()
    if kept is None:
        raise NotFound("object.not_found")
    kept.superseded_at = now
    kept.save(update_fields=["superseded_at"])
    shelf.save(row, now)
    data = {"file": kept.pk, "version": row.version}
    append(actor, "determination.detach", subject=("matter", row.pk), at=now, data=data, rows=[row])
    return Attached(row.pk, row.version, kept.pk, held.count())
