"""Containers handed out, and the keys they are sealed under. 密封文件与密钥更替。"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Forbidden, Invalid, NotFound, Refused, Tampered
from dingmi.engines import crypto
from dingmi.procedures.frame import procedure
from dingmi.procedures.rotation import begun, each_tried
from dingmi.procedures.seats import agreed, ask_second, tell_people
from dingmi.queries import access
from dingmi.queries.draft_sources import mark_text
from dingmi.queries.keys import CONFIRMERS, confirmers, may_confirm
from dingmi.queries.seats import SEATED
from dingmi.records.keys import asking as keys
from dingmi.records.keys.gate import SECONDS
from dingmi.records.keys.places import SLUGS
from dingmi.records.keys.ring import next_id, opening
from dingmi.records.ledger.append import append
from dingmi.records.matters.models import Matter
from dingmi.records.organs.models import SecondAsked
from dingmi.records.vault import store
from dingmi.records.vault.models import KeyEpoch, SealedFile, StoredObject

READERS = (Role.DRAFTER, Role.OFFICER, Role.SECRECY_OFFICE, Role.HEAD, Role.INSPECTOR)
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Sealing:
    """A file that was sealed or opened."""

    id: str
    level: str
    label: dict[str, Any]
    size: int


@dataclass(frozen=True, slots=True)
class Opening:
    """The opening of a file that two people decide."""

    id: str
    is_agreed: bool


def label_of(actor: Actor, now: datetime, level: str, matter: UUID | None) -> tuple[str, dict[str, Any]]:
    """Return level and label of a file to seal.

    Raises:
        NotFound: The actor may not read the matter.
        Forbidden: ``seal.above_clearance``.
    """
    if matter is not None:
        row: Matter = access.matter_for(actor, now, matter)
        mark = mark_text(row.level, row.tail) if row.tail else row.level
        return row.level, {"v": 1, "level": row.level, "mark": mark, "matter": str(row.pk)}
    if level not in access.LEVELS:
        raise Invalid("input.invalid", (), fields={"level": "level.unknown"})
    if level not in access.readable(actor.clearance):
        raise Forbidden("seal.above_clearance", ("BMF-43.3",), level=level)
    return level, {"v": 1, "level": level, "mark": level}


def kept(actor: Actor, now: datetime, level: str, sealed: crypto.Sealed, matter: UUID | None) -> SealedFile:
    """Keep the secret without which no copy of a container opens."""
    row = SealedFile(
        fid=sealed.fid.hex(),
        level=level,
        matter=matter,
        sealed_by=UUID(actor.person_id),
        size=sealed.size,
        header_digest=sealed.header_digest.hex(),
        created_at=now,
    )
    store.wrap_secret(row, sealed.shred)
    row.save(force_insert=True)
    return row


def told(row: SealedFile) -> dict[str, Any]:
    """Return what the entry of a sealing tells."""
    return {"level": row.level, "matter": str(row.matter or ""), "size": row.size, "header": row.header_digest}


@procedure("keep.seal_file", requires=READERS, internal=True, replay=False, clauses=("BMF-43.3",))
def _seal(
    *,
    actor: Actor,
    now: datetime,
    source: Path,
    target: Path,
    level: str,
    matter: UUID | None,
    prepared: dict[str, Any],
) -> Sealing:
    """Seal a file under the key of its level; without the secret kept here no copy of it opens. 密封文件。"""
    row = kept(actor, now, prepared["level"], prepared["sealed"], matter)
    append(actor, "keep.seal_file", subject=("sealed", row.pk), at=now, data=told(row), rows=[row])
    return Sealing(str(row.pk), row.level, prepared["label"], row.size)


@_seal.prepare
def _sealed(
    *, actor: Actor, now: datetime, source: Path, target: Path, level: str, matter: UUID | None
) -> dict[str, Any]:
    level, label = label_of(actor, now, level, matter)
    with source.open("rb") as plain:
        sealed = crypto.seal_file(plain, target, label=label, kek=keys.sealing_key(level))
    return {"level": level, "label": label, "sealed": sealed}


def seal_file(
    *, actor: Actor, now: datetime, source: Path, target: Path, level: str = "", matter: UUID | None = None
) -> Sealing:
    """Seal ``source`` into ``target``, which is not there yet; nothing is left when the act is refused.

    Args:
        level: Level word; not needed with ``matter``, whose level and mark the label takes.
    """
    _require_new(target)
    try:
        return _seal(actor=actor, now=now, source=source, target=target, level=level, matter=matter)
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _require_new(target: Path) -> None:
    if target.exists():
        raise Invalid("file.exists", (), path=target.name)


def row_of(actor: Actor, now: datetime, container: BinaryIO) -> SealedFile:
    """Return the row of a container that the actor may open.

    Raises:
        NotFound: It was not sealed here, or it is not for the actor: the same answer.
        Tampered: It is not the version that was sealed.
    """
    fid, digest = crypto.identity(container)
    row: SealedFile | None = SealedFile.objects.filter(fid=fid.hex()).first()
    if row is None:
        raise NotFound("object.not_found")
    if row.matter is not None:
        access.matter_for(actor, now, row.matter)
    elif str(row.sealed_by) != actor.person_id or row.level not in access.readable(actor.clearance):
        raise NotFound("object.not_found")
    if row.destroyed_at is not None:
        raise Refused("seal.destroyed", ("TL-28.2",))
    if digest.hex() != row.header_digest:
        raise Tampered("cipher.not_authentic")
    return row


@procedure("keep.open_file", requires=READERS, internal=True, replay=False, step_up=True, clauses=("BMF-21.2", "TL-20"))
def _open(
    *, actor: Actor, now: datetime, source: Path, opened: list[crypto.Reader], prepared: dict[str, Any]
) -> Sealing:
    """Open a sealed file; that it is opened stands in the ledger before its first byte is written. 打开密封文件。"""
    with source.open("rb") as file:
        row = row_of(actor, now, file)
    append(actor, "keep.open_file", subject=("sealed", row.pk), at=now, data={"matter": str(row.matter or "")})
    return Sealing(str(row.pk), row.level, prepared["label"], row.size)


@_open.prepare
def _reading(*, actor: Actor, now: datetime, source: Path, opened: list[crypto.Reader]) -> dict[str, Any]:
    crypto.settle(source)
    with source.open("rb") as file:
        row = row_of(actor, now, file)
    kek = store.key_of(row, source, person=actor.person_id)
    opened.append(crypto.Reader(source.open("rb"), kek=kek, shred=store.secret_of(row)))
    return {"label": opened[0].label}


@procedure("keep.ask_open", requires=READERS, internal=True, step_up=True)
def ask_open(*, actor: Actor, now: datetime, container: BinaryIO) -> Opening:
    """Ask that a second person agrees to the opening of a file. 提请打开绝密文件。"""
    row = row_of(actor, now, container)
    request = opening(bytes.fromhex(row.header_digest), actor.person_id)
    keys.ring().agree(request, actor.person_id)
    people = [person for person in confirmers(row, now) if person != UUID(actor.person_id)]
    second = tell_people(
        "opening.waits",
        f"{row.pk} {actor.person_id}",
        actor=actor,
        now=now,
        people=people,
        until=now + timedelta(seconds=SECONDS["open"]),
        what=f"{row.level} {row.created_at:%Y-%m-%d}",
        request=request,
        matter=row.matter,
        file=str(row.pk),
    )
    data = {"matter": str(row.matter or "")}
    append(actor, "keep.ask_open", subject=("sealed", row.pk), at=now, data=data, rows=[second])
    return Opening(str(row.pk), False)


def open_file(*, actor: Actor, now: datetime, source: Path, target: Path) -> Sealing:
    """Open ``source`` into ``target``, which is not there yet and appears whole or not at all.

    Raises:
        Refused: ``key.opening_waits``: it is 绝密, so a second person was asked; once somebody has agreed, open it again.
    """
    _require_new(target)
    opened: list[crypto.Reader] = []
    try:
        done: Sealing = _open(actor=actor, now=now, source=source, opened=opened)
        crypto.write_file(opened[0], target)
    except Refused as error:
        if error.code == "key.takes_two":
            with source.open("rb") as file:
                asked = ask_open(actor=actor, now=now, container=file)
            raise Refused("key.opening_waits", ("BMF-43.3",), file=asked.id) from None
        raise
    finally:
        for reader in opened:
            reader.close()
    return done


@procedure("keep.agree_open", requires=CONFIRMERS, step_up=True, clauses=("BMF-43.3",))
def agree_open(*, actor: Actor, now: datetime, file: UUID) -> Opening:
    """Agree, as the second person, that a sealed 绝密 file is opened once within fifteen minutes. 同意打开绝密文件。

    Args:
        file: The sealed file, as the page of keys or ``dingmi open`` names it.
    Raises:
        NotFound: Nobody waits for it, or it is not for the actor to confirm: the same answer.
        Refused: ``key.asked_by_you``: only the actor waits for it; another person confirms.
    """
    row = SealedFile.objects.filter(pk=file).first()
    if row is None or not may_confirm(actor, now, row):
        raise NotFound("object.not_found")
    if row.matter is not None:
        access.matter_for(actor, now, row.matter)  # and nobody altered it, nor the reader's clearance
    waiting = [a for a in keys.ring().state().asked if a.request.get("file") == row.header_digest and not a.is_granted]
    if not waiting:
        raise NotFound("object.not_found")
    asked = next((a for a in waiting if a.person != actor.person_id), waiting[0])  # the ring refuses one's own
    is_agreed = keys.ring().agree(asked.request, actor.person_id)
    second = agreed("opening.waits", f"{row.pk} {asked.person}", actor=actor, now=now)
    data = {"asked_by": asked.person}
    append(actor, "keep.agree_open", subject=("sealed", row.pk), at=now, data=data, rows=second)
    return Opening(str(row.pk), is_agreed)


# --- keys ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NewKey:
    """A later key of a level: asked for, or made."""

    level: str
    key: str
    is_made: bool


def seconded(
    about: str, what: str, request: dict[str, Any], *, actor: Actor, now: datetime, is_agreed: bool
) -> list[SecondAsked]:
    """Keep and tell that a request of the keys waits for a second person, or that this one agrees."""
    if is_agreed:
        return agreed("key.waits", about, actor=actor, now=now)
    waits = timedelta(seconds=SECONDS[request["act"]])
    return [ask_second("key.waits", about, actor=actor, now=now, waits=waits, what=what, request=request)]


@procedure("keep.new_key", requires=SEATED, step_up=True)
def new_key(*, actor: Actor, now: datetime, level: str) -> NewKey:
    """Give a level its next key; a second person confirms within ten minutes. 更换密级密钥。

    Args:
        level: The level word; new files are sealed under the new key, the others are brought there afterwards.
    Raises:
        Refused: ``key.asked_by_you``: another person confirms.
    """
    if level not in SLUGS:
        raise Invalid("input.invalid", (), fields={"level": "level.unknown"})
    person, slug = UUID(actor.person_id), SLUGS[level]
    key_id = next_id(keys.ring(), slug)
    request = {"act": "new_key", "level": slug, "key": key_id}
    made = keys.ring().agree(request, str(person))
    row = KeyEpoch.objects.select_for_update().filter(level=level, key_id=key_id, made_at__isnull=True).first()
    row = row or KeyEpoch(level=level, key_id=key_id, asked_by=person, asked_at=now)
    if made:
        row.made_by, row.made_at = person, now
    else:
        row.asked_by, row.asked_at = person, now
    row.save()
    data = {"level": level, "key": key_id, "made": made}
    rows = [row, begun(level, key_id, now)] if made else [row]
    rows += seconded(key_id, key_id, request, actor=actor, now=now, is_agreed=made)
    append(actor, "keep.new_key", subject=("key", key_id), at=now, data=data, rows=rows)
    return NewKey(level, key_id, made)


@dataclass(frozen=True, slots=True)
class Rewrapped:
    """How many files were brought under the latest key of their level, how many could not be, and how many there are."""

    changed: int
    failed: int
    total: int


@procedure("keep.rewrap", requires=(Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN), internal=True)
def _rewrap(*, actor: Actor, now: datetime, progress: Progress, prepared: dict[str, Any]) -> Rewrapped:
    """Bring every stored file under the latest key of its level; the content is not touched. 更换文件库密钥。"""
    done: Rewrapped = prepared["done"]
    append(
        actor,
        "keep.rewrap",
        subject=("vault", "all"),
        at=now,
        data={"changed": done.changed, "failed": done.failed, "total": done.total},
    )
    return done


@_rewrap.prepare
def _rewrapping(*, actor: Actor, now: datetime, progress: Progress) -> dict[str, Any]:
    waiting = StoredObject.objects.filter(swept_at__isnull=True).order_by("pk")
    total, changed, failed = waiting.count(), 0, 0
    for number, done in enumerate(each_tried(waiting.iterator(), store.rewrap), start=1):
        changed += done is True
        failed += done is None
        progress(number, total)
    return {"done": Rewrapped(changed, failed, total)}


def rewrap_all(*, actor: Actor, now: datetime, progress: Progress) -> Rewrapped:
    """Bring every stored file under the latest key; one that was interrupted goes on, one that is damaged is counted."""
    done: Rewrapped = _rewrap(actor=actor, now=now, progress=progress)
    return done


@procedure("keep.rewrap_file", requires=READERS, internal=True, step_up=True)
def _rewrap_file(*, actor: Actor, now: datetime, path: Path) -> NewKey:
    """Bring one file handed out under the latest key of its level. 更换密封文件的密钥。"""
    crypto.settle(path)
    with path.open("rb") as file:
        row = row_of(actor, now, file)
    held, newest = store.key_of(row, path, person=actor.person_id), keys.sealing_key(row.level)
    if held.id != newest.id:
        crypto.rewrap_file(path, old=held, new=newest, shred=store.secret_of(row))
    append(actor, "keep.rewrap_file", subject=("sealed", row.pk), at=now, data={"key": newest.id})
    return NewKey(row.level, newest.id, held.id != newest.id)


def rewrap_files(*, actor: Actor, now: datetime, paths: Iterable[Path]) -> tuple[NewKey, ...]:
    """Bring files handed out under the latest key of their level, each an act of its own."""
    return tuple(_rewrap_file(actor=actor, now=now, path=path) for path in paths)
