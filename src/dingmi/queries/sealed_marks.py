"""The verdict on a container: the mark stands in its key, so what we sealed is known by the digest of its header (CRYPTO §4, L4)."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

from dingmi.base.errors import Tampered, Unavailable
from dingmi.engines import crypto, documents
from dingmi.queries import signed_marks, standing
from dingmi.queries.attached import ATTACHMENT, SEALED
from dingmi.queries.draft_sources import mark_text
from dingmi.records.keys import asking as keys
from dingmi.records.keys.places import SLUGS
from dingmi.records.matters.models import Matter, MatterFile
from dingmi.records.vault import store
from dingmi.records.vault.models import SealedFile

KIND = "dmb"


@dataclass(frozen=True, slots=True)
class Found:
    """What a container says of itself, the verdict, and the matter that it was held against."""

    verdict: str
    visible: str
    label: dict[str, Any] | None
    matter: Matter | None = None


def judged(data: bytes, matters: Any, trusted: signed_marks.Trusted) -> Found:
    """Judge a container; one of a matter among ``matters`` is held against what was sealed.

    Any other is judged by the signature in its label alone, which vouches for no content: at best it is ``unknown``.

    Raises:
        Refused: ``key.takes_two``: it is 绝密, its content is not that of a copy kept here, and opening it takes two people.
    """
    src = io.BytesIO(data)
    try:
        fid, digest = crypto.identity(src)
        label = crypto.read_label(io.BytesIO(data))
    except Tampered:
        return Found("altered-mark", "", None)
    visible = str(label.get("visible") or label.get("mark") or "")
    row = SealedFile.objects.filter(fid=fid.hex(), matter__isnull=False).first() if matters is not None else None
    matter: Matter | None = matters.filter(pk=row.matter).first() if row is not None else None
    if row is None or matter is None:
        return Found(_unregistered(label, trusted), visible, label)
    if digest.hex() != row.header_digest:
        return Found("altered-mark", visible, label, matter)
    kept = MatterFile.objects.filter(role=SEALED, content_code=row.header_digest, matter=matter).first()
    word = "valid" if _is_whole(data, row, kept) else "altered-content"
    if word == "valid" and not _stands(row, kept, matter, label):
        word = "superseded"
    return Found(word, visible, label, matter)


def _unregistered(label: dict[str, Any], trusted: signed_marks.Trusted) -> str:
    if not label.get("signature"):
        return "unknown"
    word = signed_marks.standing(documents.stated(label), trusted)
    return "unknown" if word == "valid" else word


def _is_whole(data: bytes, row: SealedFile, kept: MatterFile | None) -> bool:
    """Tell whether a container with a known header is what was sealed, but for the key that it may have been given since."""
    if kept is not None:
        copy = store.get(kept.stored)
        if copy == data:
            return True
        if crypto.body_of(copy) != crypto.body_of(data):
            return False
    if row.destroyed_at is not None:
        return False  # nothing opens it any more, and it is not the copy that is kept
    names = crypto.key_ids(io.BytesIO(data))
    try:
        kek = keys.named_key(row.level, names[0] if names else "")
        reader = crypto.Reader(io.BytesIO(data), kek=kek, shred=store.secret_of(row))
        reader.copy_to(_Nowhere())
    except Tampered:
        return False
    return True


class _Nowhere(io.BytesIO):
    """Takes what is checked and keeps nothing of it."""

    def write(self, data: Any, /) -> int:
        return len(data)


def _stands(row: SealedFile, kept: MatterFile | None, matter: Matter, label: dict[str, Any]) -> bool:
    """Tell whether the mark in a container is still that of its matter."""
    if row.destroyed_at is not None:
        return False
    if kept is not None:
        return kept.superseded_at is None
    mark = mark_text(standing.determined_level(matter), matter.tail) if matter.tail else matter.level
    return matter.state not in ("declassified", "voided") and label.get("mark") == mark


def bare(data: bytes, matters: Any) -> Matter | None:
    """Return the protected matter among ``matters`` that a file is an attachment of, byte for byte, out of its container."""
    for level in SLUGS:
        try:
            code = store.fingerprint(level, data)
        except Unavailable:
            continue
        named = {"files__role": ATTACHMENT, "files__stored__fingerprint": code, "files__stored__level": level}
        row: Matter | None = matters.filter(state__in=standing.PROTECTED, **named).first()
        if row is not None:
            return row
    return None
