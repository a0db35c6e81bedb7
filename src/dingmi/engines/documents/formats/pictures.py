"""Pictures of one file that may hold text: read where a recogniser is given, and told by their numbers either way.

A page that is a picture counts by its page, a picture beside text by its place among the pictures of the file.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial
from typing import Any

from PIL import Image, ImageOps

from dingmi.base.errors import Invalid
from dingmi.engines.documents.archive import Archive
from dingmi.engines.documents.limits import RECOGNITION, Limits

Recognise = Callable[[Any], list[str]]  # the points of a picture, as OpenCV has them, to its lines from top to bottom
_KINDS = ("PNG", "JPEG", "BMP", "GIF", "TIFF")
_LEAST_SIDE, _LEAST_POINTS = 24, 16_000  # policy: what is smaller is an ornament
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, MemoryError, Image.DecompressionBombError)


class Pictures:
    """What became of the pictures of one file."""

    def __init__(self, limits: Limits, recognise: Recognise | None = None) -> None:
        self._limits, self._recognise = limits, recognise
        self._pages: dict[int, bool] = {}  # by number, whether text was read
        self._beside: list[bool] = []
        self._asked = 0
        self._met: set[str | bytes] = set()

    def page(self, number: int, points: Callable[[], Any]) -> list[str]:
        """Return the lines on the picture that is page ``number``, or a part of that page.

        Args:
            points: Draws the picture; called only to read it. None where it cannot be drawn.
        Raises:
            Invalid: ``file.too_many_scans``.
        """
        lines = self._lines(points)
        self._pages[number] = self._pages.get(number, False) or bool(lines)
        return lines

    def beside(self, points: Callable[[], Any]) -> tuple[int, list[str]]:
        """Return the number, from 1, and the lines of the next picture beside text; one too many is told as not read."""
        lines = self._lines(points) if self._asked < RECOGNITION["pages"] else []
        self._beside.append(bool(lines))
        return len(self._beside), lines

    def is_new(self, which: str | bytes) -> bool:
        """Say whether a picture is met for the first time: it is read once, however often it is shown."""
        is_new = which not in self._met
        self._met.add(which)
        return is_new

    def in_part(self, archive: Archive, name: str) -> tuple[str, list[str]]:
        """Return where it stands and the lines of the picture in a part of a package; none of an ornament or one met before."""
        if name not in archive or not self.is_new(name):
            return "", []
        data = archive.read(name)
        if not self.may_hold_text(data):
            return "", []
        number, lines = self.beside(partial(self.points, data))
        return f"picture.{number}", lines

    def _lines(self, points: Callable[[], Any]) -> list[str]:
        if self._recognise is None:
            return []
        if self._asked >= RECOGNITION["pages"]:
            raise Invalid("file.too_many_scans", limit=RECOGNITION["pages"])
        self._asked += 1
        drawn = points()
        return [] if drawn is None else self._recognise(drawn)

    @property
    def unread_pages(self) -> list[int]:
        """Pages that are pictures of which no text was read."""
        return [number for number, read in self._pages.items() if not read]

    @property
    def warnings(self) -> tuple[str, ...]:
        """The codes of what was read and what was not, with numbers: ``pages_without_text:2,3``."""
        beside = dict(enumerate(self._beside, 1))
        told = (
            ("pages_without_text", self._pages, False),
            ("recognised_pages", self._pages, True),
            ("pictures_without_text", beside, False),
            ("recognised_pictures", beside, True),
        )
        numbers = ((code, [str(n) for n, read in seen.items() if read is wanted]) for code, seen, wanted in told)
        return tuple(f"{code}:{','.join(found)}" for code, found in numbers if found)

    def refuse_alone(self, text: str) -> None:
        """Refuse a file without pages whose text stands in pictures only: ``file.pictures_only``."""
        if self._beside and not any(self._beside) and not text.strip():
            raise Invalid("file.pictures_only", pictures=len(self._beside))

    def may_hold_text(self, data: bytes) -> bool:
        """Whether a picture is large enough; one of a kind that cannot be opened here may."""
        opened = _opened(data)
        return opened is None or is_large(opened.size)

    def points(self, data: bytes) -> Any:
        """Return the points of a picture; None for a kind that cannot be opened here, a broken or an endless one."""
        opened = _opened(data)
        if opened is None or opened.size[0] * opened.size[1] > self._limits.pixels:
            return None
        try:
            return on_white(ImageOps.exif_transpose(opened))
        except _BROKEN:
            return None


def _opened(data: bytes) -> Any:
    """Return the picture with nothing but its head read; None where it is of no kind that can be opened."""
    try:
        return Image.open(io.BytesIO(data), formats=_KINDS)
    except _BROKEN:
        return None


def is_large(size: tuple[int, int]) -> bool:
    """Say whether a picture of this width and height is more than an ornament."""
    return min(size) >= _LEAST_SIDE and size[0] * size[1] >= _LEAST_POINTS


def on_white(picture: Any) -> Any:
    """Return the points of a picture of Pillow as it is shown on white paper."""
    import numpy as np

    shown = picture.convert("RGBA")
    ground = Image.new("RGBA", shown.size, "white")
    return np.asarray(Image.alpha_composite(ground, shown).convert("RGB"))[:, :, ::-1]
