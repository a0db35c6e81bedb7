"""Plain text in the encodings that Chinese offices use."""

from __future__ import annotations

import codecs

from dingmi.base.errors import Invalid
from dingmi.engines.documents.limits import Limits
from dingmi.engines.documents.model import Extracted, TextBuilder

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ALLOWED_CONTROLS = frozenset("\t\n\r\f\x1a")


def _plausible(text: str) -> bool:
    bad = sum(1 for c in text if (c < " " and c not in _ALLOWED_CONTROLS) or c in "\x7f\ufffd\ufffe\uffff")
    return bad == 0 and not any("\ud800" <= c <= "\udfff" for c in text)


def _common_share(text: str, encoding: str, first: int, last: int) -> float:
    """Share of the non-ASCII characters that belong to the everyday part of a double-byte character set."""
    wide = [c for c in text if ord(c) > 127]
    common = 0
    for c in wide:
        raw = c.encode(encoding, "ignore")
        common += len(raw) == 2 and (first <= raw[0] <= last or 0xA1 <= raw[0] <= 0xA3)
    return common / len(wide) if wide else 0.0


def _wide_guess(data: bytes) -> str | None:
    """UTF-16/32 without a byte order mark: the one whose text is Han or Latin throughout."""
    best: tuple[float, str] | None = None
    for encoding in ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _plausible(text):
            continue
        usual = sum(c < "\u0100" or "\u3000" <= c <= "\u9fff" or "\uff00" <= c <= "\uffef" for c in text) / len(text)
        lines = any(c in " \n，。、的" for c in text)
        if usual > 0.95 and lines and (best is None or usual > best[0]):
            best = usual, text
    return best[1] if best else None


def _double_byte(data: bytes) -> str | None:
    candidates: list[tuple[float, str]] = []
    for codec, charset, first, last in (("gb18030", "gb2312", 0xB0, 0xD7), ("big5hkscs", "big5", 0xA4, 0xC6)):
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        if _plausible(text):
            candidates.append((_common_share(text, charset, first, last), text))
    if not candidates:
        return None
    share, text = max(candidates, key=lambda c: c[0])
    return text if share > 0.4 or len(text) < 8 else None


def decode(data: bytes) -> str:
    """Return the text of ``data`` whatever its encoding.

    Raises:
        Invalid: ``file.unreadable_text`` when no encoding gives plausible text.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            try:
                text = data.decode(encoding)
            except UnicodeDecodeError:
                break
            if _plausible(text):
                return text
    if b"\0" not in data:
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            guess = _double_byte(data) or _wide_guess(data)
        else:
            guess = text if _plausible(text) else None
    else:
        guess = _wide_guess(data)
    if guess is None:
        raise Invalid("file.unreadable_text")
    return guess


def extract(data: bytes, limits: Limits) -> Extracted:
    """Return the text, one block a line."""
    text = decode(data).rstrip("\x1a")
    builder = TextBuilder(limits.text_characters)
    for line in text.splitlines():
        builder.add(line, "paragraph")
    if builder.truncated:
        raise Invalid("file.too_large", limit_mb=limits.txt_bytes // 1_048_576)
    return builder.build("txt", None)
