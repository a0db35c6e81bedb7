"""The machine label: canonical JSON in namespace ``urn:dingmi:label:1``, the same in every format."""

from __future__ import annotations

import json
from dataclasses import dataclass

from dingmi.base.errors import Invalid, Unavailable
from dingmi.engines.documents.digest import sm3
from dingmi.engines.documents.model import Label, ReadMark

MAX_LABEL = 16_384
MAX_MARK = 200
STATEMENT = "dingmi-mark/1"


def encode(label: Label) -> str:
    """Return the label as one line of JSON with sorted keys."""
    text = json.dumps(label, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    if len(text) > MAX_LABEL:
        raise Invalid("mark.label_too_large", limit=MAX_LABEL)
    return text


def decode(text: str | None) -> Label | None:
    """Return the label, or None for anything that is not one."""
    if not text or len(text) > MAX_LABEL:
        return None
    try:
        label = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return label if isinstance(label, dict) else None


def visible_text(mark: str, strike: str | None, note: str | None) -> str:
    """Return the whole visible mark: struck old mark, new mark, note in brackets."""
    parts = f"{strike} {mark}" if strike else mark
    text = f"{parts}（{note}）" if note else parts
    if not mark.strip() or len(text) > MAX_MARK or any(not c.isprintable() for c in text):
        raise Invalid("mark.malformed", limit=MAX_MARK)
    return text


def printable(text: str) -> str:
    """Return the words of a watermark in one line that can be shown."""
    return "".join(c if c.isprintable() else " " for c in text)[:MAX_MARK]


def require_shown(found: ReadMark, visible: str, before: str, after: str) -> None:
    """Hold a stamped file against what it should show.

    Raises:
        Unavailable: ``mark.not_visible``: the mark does not read as it should, is not in its place, or the content is not as
            it was.
    """
    if found.visible != visible or not found.place_ok or after != before:
        raise Unavailable("mark.not_visible")


def bound(label: Label, visible: str, content_sm3: str) -> Label:
    """Return ``label`` tied to the visible mark and to the content that it was stamped on."""
    return {**label, "visible": visible, "content_sm3": content_sm3}


def unbound(label: Label) -> Label:
    """Return what the caller of ``stamp`` gave."""
    return {k: v for k, v in label.items() if k not in {"visible", "content_sm3"}}


@dataclass(frozen=True, slots=True)
class Statement:
    """What is signed of a mark, short enough for a QR code: the whole label stands in it by its digest."""

    label_id: str
    visible: str
    content_sm3: str
    label_sm3: str
    key_id: str
    signature: str = ""  # Base64

    @property
    def text(self) -> str:
        """The lines that are signed."""
        parts = (STATEMENT, self.label_id, self.visible, self.content_sm3, self.label_sm3, self.key_id)
        return "\n".join(parts)

    @property
    def code(self) -> str:
        """The text of the QR code: what is signed, and the signature."""
        return f"{self.text}\n{self.signature}"


def stated(label: Label) -> Statement:
    """Return what a bound label states, with its signature where it has one."""
    manifest = encode({k: v for k, v in label.items() if k != "signature"})
    return Statement(
        label_id=str(label.get("label_id", "")),
        visible=str(label.get("visible", "")),
        content_sm3=str(label.get("content_sm3", "")),
        label_sm3=sm3(manifest.encode()).hex(),
        key_id=str(label.get("key_id", "")),
        signature=str(label.get("signature", "")),
    )


def read_code(text: str) -> Statement | None:
    """Return what a scanned code states; None for any other text."""
    lines = [line.strip() for line in text.strip().splitlines()]
    if len(lines) != 7 or lines[0] != STATEMENT or len(text) > MAX_LABEL:
        return None
    return Statement(*lines[1:])
