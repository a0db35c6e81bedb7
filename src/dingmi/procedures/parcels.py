"""Files that come and go as bytes: sealed and opened on a page and over the API as ``sealing`` does for paths. 密封与打开。"""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor
from dingmi.base.errors import Invalid, Refused
from dingmi.engines import crypto
from dingmi.procedures.attachments import file_name
from dingmi.procedures.frame import procedure
from dingmi.procedures.sealing import READERS, ask_open, kept, label_of, row_of, told
from dingmi.procedures.terms import Delivered, Upload
from dingmi.queries.attached import MEGABYTE, MOST_MB, SUFFIX
from dingmi.records.keys import asking as keys
from dingmi.records.ledger.append import append
from dingmi.records.vault import store

SPARE = 1  # megabytes that a container may be longer than what is in it


def _name(upload: Upload, most_mb: int) -> str:
    """Return the name of a file that came, which is not empty and not too large."""
    name = file_name(upload)
    if not upload.content:
        raise Invalid("file.empty", (), fields={"upload": "file.empty"})
    if len(upload.content) > most_mb * MEGABYTE:
        raise Invalid("upload.too_large", (), limit_mb=most_mb)
    return name


@procedure("keep.seal", requires=READERS, clauses=("BMF-43.3",))
def seal(
    *,
    actor: Actor,
    now: datetime,
    upload: Upload,
    level: str = "",
    matter: UUID | None = None,
    prepared: dict[str, Any],
) -> Delivered:
    """Seal a file under the key of its level and hand the container out; it opens for who may, here alone. 密封文件。

    Args:
        upload: At most 50 MB; larger ones are sealed on the server by ``dingmi seal``.
        level: Level word; not needed with ``matter``, whose level and mark the label takes.
    Raises:
        Invalid: ``seal.level_or_matter``, ``file.empty``, ``upload.too_large``, or a level that is none.
        Forbidden: ``seal.above_clearance``.
        NotFound: The actor may not read the matter.
    """
    row = kept(actor, now, prepared["level"], prepared["sealed"], matter)
    append(actor, "keep.seal", subject=("sealed", row.pk), at=now, data=told(row), rows=[row])
    return Delivered(prepared["name"] + SUFFIX, prepared["container"], "dmb")


@seal.prepare
def _sealed(
    *, actor: Actor, now: datetime, upload: Upload, level: str = "", matter: UUID | None = None
) -> dict[str, Any]:
    name = _name(upload, MOST_MB)
    if bool(level) == bool(matter):
        raise Invalid("seal.level_or_matter")
    level, label = label_of(actor, now, level, matter)
    container, sealed = crypto.seal_bytes(upload.content, label=label, kek=keys.sealing_key(level))
    return {"name": name, "level": level, "container": container, "sealed": sealed}


@procedure("keep.open", requires=READERS, step_up=True, clauses=("BMF-21.2", "TL-20"))
def open_(*, actor: Actor, now: datetime, upload: Upload, prepared: dict[str, Any]) -> Delivered:
    """Open a container that was sealed here and hand out what is in it; the ledger has it first. 打开密封文件。

    Args:
        upload: The container, a little over 50 MB at most; larger ones are opened on the server by ``dingmi open``.
    Raises:
        Refused: ``key.opening_waits``: it is 绝密, so a second person was asked; once somebody has agreed, open it
            again. ``seal.destroyed``.
        Invalid: ``container.none``: it is no container, or the file is empty or too large.
        NotFound: It was not sealed here, or it is not for the actor: the same answer.
        Tampered: It is not the version that was sealed, or was edited.
    """
    row = row_of(actor, now, BytesIO(upload.content))
    append(actor, "keep.open", subject=("sealed", row.pk), at=now, data={"matter": str(row.matter or "")})
    return Delivered(prepared["name"], prepared["plain"], "bin")


@open_.prepare
def _opened(*, actor: Actor, now: datetime, upload: Upload) -> dict[str, Any]:
    name = _name(upload, MOST_MB + SPARE).removesuffix(SUFFIX)
    if not crypto.is_container(upload.content):
        raise Invalid("container.none", (), fields={"upload": "container.none"})
    row = row_of(actor, now, BytesIO(upload.content))
    try:
        kek = store.key_in(row, BytesIO(upload.content), person=actor.person_id)
        plain, _ = crypto.open_bytes(upload.content, kek=kek, shred=store.secret_of(row))
    except Refused as error:
        if error.code != "key.takes_two":
            raise
        asked = ask_open(actor=actor, now=now, container=BytesIO(upload.content))
        raise Refused("key.opening_waits", ("BMF-43.3",), file=asked.id) from None
    return {"name": name, "plain": plain}
