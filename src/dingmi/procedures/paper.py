"""Words and files as people give them, and files as we hand them out: checked, read, marked, watermarked."""

from __future__ import annotations

import base64
import unicodedata
from dataclasses import dataclass
from typing import Any

from dingmi.base.errors import Invalid, Tampered
from dingmi.engines import documents
from dingmi.engines.crypto import signing
from dingmi.queries.marking import Shown
from dingmi.queries.terms import Upload
from dingmi.records.ledger.checkpoint import signing_key
from dingmi.records.ledger.tree import sm3


@dataclass(frozen=True, slots=True)
class Read:
    """A file as read: what people see of it, and how it is kept."""

    filename: str
    media: str
    text: str
    blocks: tuple[dict[str, Any], ...]
    pages: int
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stamped:
    """A marked copy, and what was read back from it."""

    filename: str
    content: bytes
    media: str
    digest: str
    visible: str
    is_in_place: bool
    is_bound: bool
    content_sm3: str


def _bad(code: str, field: str, **params: Any) -> Invalid:
    return Invalid(code, (), fields={field: code}, **params)


def _is_hidden(character: str) -> bool:
    """Tell whether a character hides or reorders others, or is none at all: no paper and no spreadsheet can hold it."""
    if unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs"):
        return True
    return ord(character) & 0xFFFE == 0xFFFE or "\ufdd0" <= character <= "\ufdef"


def line(text: str, field: str, limit: int, *, required: bool = False) -> str:
    """Return one line of text as it is kept, without outer blanks.

    Args:
        limit: Characters at most.
    Raises:
        Invalid: ``text.too_long``, ``text.hidden_characters`` (controls, bidi marks, zero width) or ``text.missing``.
    """
    clean = " ".join(unicodedata.normalize("NFC", text).split())
    if len(clean) > limit:
        raise _bad("text.too_long", field, limit=limit, length=len(clean))
    if any(_is_hidden(c) for c in clean):
        raise _bad("text.hidden_characters", field)
    if required and not clean:
        raise _bad("text.missing", field)
    return clean


def block_of_text(text: str, field: str, limit: int, *, required: bool = False) -> str:
    """Check text of several lines; see ``line``."""
    if len(text) > limit:
        raise _bad("text.too_long", field, limit=limit, length=len(text))
    if any(_is_hidden(c) for c in text if c not in "\r\n\t"):
        raise _bad("text.hidden_characters", field)
    if required and not text.strip():
        raise _bad("text.missing", field)
    return text


def read(upload: Upload) -> Read:
    """Read an uploaded file in a child process with limits.

    Raises:
        Invalid: The file is not what its name says, is encrypted, damaged, empty, too large, or has no text.
    """
    name = line(upload.filename.replace("\\", "/").rsplit("/", 1)[-1], "filename", 200, required=True)
    found = documents.extract(upload.content, name)
    return Read(
        filename=f"{name.rsplit('.', 1)[0]}.{found.kind}",
        media=found.kind,
        text=found.text,
        blocks=tuple(blocks_plain(found.blocks)),
        pages=found.pages or 0,
        warnings=tuple(str(getattr(w, "code", w)) for w in found.warnings),
    )


def blocks_plain(blocks: Any) -> list[dict[str, Any]]:
    """Return the blocks of an extracted text as JSON values; cells of one table row share a ``row``."""
    return [
        {"start": b.start, "end": b.end, "kind": b.kind, "page": b.page}
        | ({"row": int(b.where.partition(".")[2])} if b.where.startswith("row.") else {})
        for b in blocks
    ]


def stamped(data: bytes, filename: str, shown: Shown, label: dict[str, Any]) -> Stamped:
    """Return a copy of a file with the visible mark and the label bound to it, and what was read back of both.

    Raises:
        Tampered: ``mark.not_read_back``: stamping changed the content; nothing may be filed with it.
    """
    kind = filename.rsplit(".", 1)[-1].lower()
    media = documents.stamped_kind(kind)
    if media != kind:  # what is signed is the content of the file that is given out
        data, kind = documents.stamp(data, kind, shown.mark, label), media
    signed = signed_label({**label, "mark": shown.mark}, shown.text, documents.content_sm3(data, kind))
    content = documents.stamp(data, kind, shown.mark, signed, strike=shown.strike or None, note=shown.note or None)
    found = documents.verify(content, media)
    if found.word == "altered-content":
        raise Tampered("mark.not_read_back")
    return Stamped(
        f"{filename.rsplit('.', 1)[0]}.{media}",
        content,
        media,
        sm3(content).hex(),
        found.mark.visible,
        found.mark.place_ok,
        found.word == "valid",
        found.content_sm3,
    )


def signed_label(label: dict[str, Any], visible: str, content_sm3: str) -> dict[str, Any]:
    """Return the label with the installation's signature of what it states."""
    key = signing_key()
    named = {**label, "key_id": key.id}
    statement = documents.stated({**named, "visible": visible, "content_sm3": content_sm3})
    return {**named, "signature": base64.b64encode(signing.sign_mark(key, key.id, statement.text)).decode()}


def watermarked(data: bytes, filename: str, words: str) -> tuple[str, bytes, str]:
    """Return name, bytes and kind of a copy with ``words`` on every page."""
    kind = filename.rsplit(".", 1)[-1].lower()
    media = documents.stamped_kind(kind)
    return f"{filename.rsplit('.', 1)[0]}.{media}", documents.watermark(data, kind, words), media
