"""What pictures carry beside their points: camera, place, names (Exif, XMP, IPTC, texts); told, and taken out without loss."""

from __future__ import annotations

import re
from collections.abc import Iterator

_JPEG, _PNG = b"\xff\xd8", b"\x89PNG\r\n\x1a\n"
_JPEG_KEPT = re.compile(  # JFIF without a small picture, colour profile, Adobe's colour transform
    rb"\xff(?:\xe0\x00\x10JFIF\x00|\xe2..ICC_PROFILE\x00|\xee\x00\x0eAdobe)", re.DOTALL
)
_AFTER_SCAN = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")  # in a scan 0xff comes before nought, a restart or itself
_SCAN, _END, _FILL = 0xDA, 0xD9, 0xFF
_PNG_TOLD = frozenset({b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME"})

_Piece = tuple[str, bytes]  # as what it is told, empty for what belongs to the picture; its bytes


def _jpeg(data: bytes) -> Iterator[_Piece]:
    yield "", data[:2]
    place = 2
    while place + 4 <= len(data) and data[place] == 0xFF and data[place + 1] != _END:
        marker, length = data[place + 1], int.from_bytes(data[place + 2 : place + 4], "big")
        end = place + 2 + max(length, 2)
        if marker == _FILL:
            end = place + 1
        elif marker == _SCAN:
            after = _AFTER_SCAN.search(data, end)
            end = after.start() if after else len(data)
        piece = data[place:end]
        aside = marker == 0xFE or (0xE0 <= marker <= 0xEF and not _JPEG_KEPT.match(piece))
        yield (_named(piece[4:]) if aside else ""), piece
        place = end
    if data[place : place + 2] == bytes((0xFF, _END)):  # what stands behind the end is no picture
        yield "", data[place : place + 2]
        place += 2
        if place < len(data):
            yield "data", data[place:]
    else:
        yield "", data[place:]


def _named(content: bytes) -> str:
    return content.split(b"\0")[0][:40].decode("ascii", "replace") or "data"


def _png(data: bytes) -> Iterator[_Piece]:
    yield "", data[:8]
    place = 8
    while place + 12 <= len(data):
        length, kind = int.from_bytes(data[place : place + 4], "big"), data[place + 4 : place + 8]
        piece = data[place : place + 12 + length]
        yield (_named(piece[8:-4]) if kind in _PNG_TOLD else ""), piece
        place += 12 + length
        if kind == b"IEND":
            break  # what stands behind the end is no picture
    if place < len(data):
        yield "data", data[place:]


def _pieces(data: bytes) -> Iterator[_Piece]:
    if data.startswith(_JPEG):
        return _jpeg(data)
    return _png(data) if data.startswith(_PNG) else iter([("", data)])


def told(data: bytes) -> list[str]:
    """Return the names of what a picture carries beside its points."""
    return [name for name, _ in _pieces(data) if name]


def cleaned(data: bytes) -> bytes:
    """Return the picture with its points and nothing beside them."""
    return b"".join(piece for name, piece in _pieces(data) if not name)
