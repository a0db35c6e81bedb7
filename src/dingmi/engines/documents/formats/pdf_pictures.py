"""Pictures beside the text of a PDF page; of a scan that carries its own text nothing is read twice."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_raw

from dingmi.engines.documents.formats.pictures import is_large, on_white
from dingmi.engines.documents.limits import Limits

_DEPTH = 8  # of forms in forms
_LAYERED = 0.5  # policy: of a page of which half of the text stands on pictures, these are the scan that the text was read from


def beside(page: Any, text: str) -> Iterator[tuple[bytes, Any]]:
    """Yield the large pictures of a page with text, each with what tells it from others.

    Args:
        text: What stands on the page.
    """
    found = [one for one in page.get_objects(filter=[pdfium_raw.FPDF_PAGEOBJ_IMAGE], max_depth=_DEPTH) if _may(one)]
    if found and not _is_layered(page, found, text):
        for one in found:
            yield hashlib.sha256(bytes(one.get_data())).digest(), one


def points(picture: Any, limits: Limits) -> Any:
    """Return the points of a picture as it is shown; None where it cannot be drawn, or is too large."""
    width, height = picture.get_px_size()
    if width * height > limits.pixels:
        return None
    try:
        return on_white(picture.get_bitmap(render=True).to_pil())
    except (pdfium.PdfiumError, ValueError, MemoryError):
        return None


def _may(picture: Any) -> bool:
    try:
        return is_large(picture.get_px_size())
    except pdfium.PdfiumError:
        return False


def _is_layered(page: Any, pictures: list[Any], text: str) -> bool:
    """Say whether most of the text stands on the pictures."""
    textpage = page.get_textpage()
    try:
        over = sum(_solid(textpage.get_text_bounded(*_bounds(one))) for one in pictures)
    finally:
        textpage.close()
    return over >= _LAYERED * _solid(text)


def _bounds(picture: Any) -> tuple[float, float, float, float]:
    """Return left, bottom, right and top of a picture on its page, whatever forms it stands in."""
    bounds: tuple[float, float, float, float] = picture.get_bounds()
    form = picture.container
    while form is not None:
        bounds, form = form.get_matrix().on_rect(*bounds), form.container
    return bounds


def _solid(text: str) -> int:
    return sum(not c.isspace() for c in text)
