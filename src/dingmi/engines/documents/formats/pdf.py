"""Text of PDF through pdfium, structure checks through pypdf; honest about scans and unreadable fonts."""

from __future__ import annotations

import contextlib
import io
import unicodedata
from collections.abc import Iterator
from functools import partial
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_raw
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from dingmi.base.errors import Invalid
from dingmi.engines.documents.formats import pdf_active, pdf_pictures
from dingmi.engines.documents.formats.pdf_active import PARSER_ERRORS
from dingmi.engines.documents.formats.pictures import Pictures, Recognise
from dingmi.engines.documents.limits import Limits
from dingmi.engines.documents.model import Extracted, TextBuilder
from dingmi.engines.documents.progress import came

_SENTENCE_END = tuple("。！？；：.!?;:”」》）")
_MAX_FORM_DEPTH = 8
_SCALE = 150 / 72  # pixels a point, of a page that is recognised


def open_reader(data: bytes, limits: Limits) -> PdfReader:
    """Return a checked pypdf reader.

    Raises:
        Invalid: encrypted, damaged, too many pages, or with active content (SR-77).
    """
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted:
            raise Invalid("file.encrypted")
        count = len(reader.pages)
        _check_pages(reader, count, limits)
        pdf_active.refuse(reader, data, limits)
    except RecursionError:
        raise Invalid("file.bomb") from None
    except PARSER_ERRORS:
        raise Invalid("file.damaged") from None
    return reader


def _check_pages(reader: PdfReader, count: int, limits: Limits) -> None:
    if not 0 < count <= limits.pages:
        raise Invalid("file.too_many_pages" if count else "file.damaged", limit=limits.pages)
    for page in reader.pages:
        box = page.mediabox
        if not (0 < box.width <= limits.page_points and 0 < box.height <= limits.page_points):
            raise Invalid("file.bomb")


def _resolve(value: Any) -> Any:
    return value.get_object() if isinstance(value, IndirectObject) else value


def _dict(value: Any) -> dict[Any, Any]:
    value = _resolve(value)
    return value if isinstance(value, DictionaryObject) else {}


def _array(value: Any) -> list[Any]:
    value = _resolve(value)
    return value if isinstance(value, ArrayObject) else []


def _fonts(reader: PdfReader) -> Iterator[dict[Any, Any]]:
    for page in reader.pages:
        for font in _dict(_dict(page.get("/Resources")).get("/Font")).values():
            yield _dict(font)


def _nameless(font: dict[Any, Any]) -> bool:
    """Say whether glyph numbers of this font cannot be turned into characters."""
    if font.get("/Subtype") != "/Type0" or "/ToUnicode" in font:
        return False
    if font.get("/Encoding") not in {"/Identity-H", "/Identity-V"}:
        return False
    descendants = _array(font.get("/DescendantFonts"))
    system = _dict(_dict(descendants[0]).get("/CIDSystemInfo")) if descendants else {}
    return str(system.get("/Ordering", "Identity")) == "Identity"


@contextlib.contextmanager
def open_pdfium(data: bytes) -> Iterator[Any]:
    """Open with pdfium, closing everything at the end."""
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        raise Invalid("file.encrypted" if "password" in str(error).lower() else "file.damaged") from None
    try:
        yield document
    finally:
        document.close()


def _width(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


def joined_lines(lines: list[str]) -> list[str]:
    """Join the hard line ends of a paragraph: a full line that does not end a sentence runs on into the next."""
    widest = max((_width(line) for line in lines), default=0)
    paragraphs: list[str] = []
    runs_on = False
    for line in lines:
        text = line.strip()
        if runs_on and text:
            glue = " " if paragraphs[-1][-1].isascii() and text[0].isascii() else ""
            paragraphs[-1] += glue + text
        elif text:
            paragraphs.append(text)
        runs_on = bool(text) and widest >= 40 and _width(line) >= 0.88 * widest and not text.endswith(_SENTENCE_END)
    return paragraphs


def _noise(text: str) -> float:
    """Share of characters that stand for nothing: replacement, private use, controls, unassigned."""
    solid = [c for c in text if not c.isspace()]
    bad = sum(unicodedata.category(c) in {"Co", "Cn", "Cc"} or c == "\ufffd" for c in solid)
    return bad / len(solid) if solid else 0.0


def _has(page: Any, kind: int) -> bool:
    return next(iter(page.get_objects(filter=[kind], max_depth=_MAX_FORM_DEPTH)), None) is not None


def page_text(page: Any) -> str:
    """Return the text of one pdfium page."""
    textpage = page.get_textpage()
    try:
        return str(textpage.get_text_range()).replace("\ufffe", "").replace("\r\n", "\n").replace("\r", "\n")
    finally:
        textpage.close()


def extract(data: bytes, limits: Limits, recognise: Recognise | None = None) -> Extracted:
    """Return the text page by page, that of pictures behind their page.

    Args:
        recognise: Gives the lines of a picture, or of a page that is one; without it these have no text.
    Raises:
        Invalid: ``file.scan_only`` without a text layer, ``file.unreadable_text`` when fonts do not name characters,
            ``file.too_many_scans``.
    """
    from dingmi.engines.documents.formats import pdf_mark

    reader = open_reader(data, limits)
    mark = pdf_mark.visible_mark(reader)
    plain = pdf_mark.without_own(data, limits) if pdf_mark.has_own(reader) else data
    fonts = list(_fonts(reader))
    if fonts and all(_nameless(f) for f in fonts):
        raise Invalid("file.unreadable_text")
    builder, drawn, raw = TextBuilder(limits.text_characters), False, []
    pictures = Pictures(limits, recognise)
    with open_pdfium(plain) as document:
        for number, page in enumerate(document, 1):
            text = page_text(page)
            if not text.strip():
                drawn = drawn or _has(page, pdfium_raw.FPDF_PAGEOBJ_TEXT)
                if _has(page, pdfium_raw.FPDF_PAGEOBJ_IMAGE):
                    text = "\n".join(pictures.page(number, partial(_points, page, limits)))
                found = []
            else:
                found = [one for code, one in pdf_pictures.beside(page, text) if pictures.is_new(code)]
            raw.append(text)
            for paragraph in joined_lines(text.split("\n")):
                builder.add(paragraph, "paragraph", page=number)
            for one in found:
                place, lines = pictures.beside(partial(pdf_pictures.points, one, limits))
                for line in lines:
                    builder.add(line, "textbox", page=number, where=f"picture.{place}")
            page.close()
            came(number, len(document))
        count = len(document)
    judge_readable("".join(raw), count, pictures.unread_pages, drawn)
    if builder.truncated:
        raise Invalid("file.bomb")
    warnings = list(pictures.warnings)
    if any(_nameless(f) for f in fonts):
        warnings.append("font_without_characters")
    return builder.build("pdf", count, warnings=tuple(warnings), own_mark=mark)


def _points(page: Any, limits: Limits) -> Any:
    """Return the points of a page as they are drawn.

    Raises:
        Invalid: ``file.page_scale`` for a page too large to draw.
    """
    width, height = page.get_size()
    if width * height * _SCALE * _SCALE > limits.pixels:
        raise Invalid("file.page_scale")
    return page.render(scale=_SCALE).to_numpy()


def judge_readable(text: str, count: int, scanned: list[int], drawn: bool) -> None:
    """Refuse what has no text that can be read: ``file.scan_only``, ``file.unreadable_text``, ``file.no_text``.

    Args:
        scanned: Numbers of the pages that are pictures.
        drawn: Whether anything on the pages claims to be text.
    """
    solid = sum(not c.isspace() for c in text)
    if solid == 0 and drawn:
        raise Invalid("file.unreadable_text")
    if len(scanned) == count or (scanned and solid < 10 * count):
        raise Invalid("file.scan_only", pages=count)
    if solid == 0:
        raise Invalid("file.no_text")
    if _noise(text) > 0.2:
        raise Invalid("file.unreadable_text")


def page_png(data: bytes, limits: Limits, page: int, scale: float) -> bytes:
    """Return page ``page`` (from 1) as PNG at ``scale`` pixels a point."""
    open_reader(data, limits)
    with open_pdfium(data) as document:
        if not 1 <= page <= len(document):
            raise Invalid("file.page_range", pages=len(document))
        return _png(document[page - 1], limits, scale)


def _png(page: Any, limits: Limits, scale: float) -> bytes:
    width, height = page.get_size()
    if not 0.1 <= scale <= 8 or width * height * scale * scale > limits.pixels:
        raise Invalid("file.page_scale")
    out = io.BytesIO()
    page.render(scale=scale).to_pil().save(out, "PNG")
    return out.getvalue()
