"""Plain text set as a PDF, which can carry a mark where text cannot."""

from __future__ import annotations

import io

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from dingmi.base.errors import Invalid
from dingmi.engines.documents import digest, fonts
from dingmi.engines.documents.formats import pdf_mark, txt
from dingmi.engines.documents.limits import Limits
from dingmi.engines.documents.model import Label, ReadMark
from dingmi.engines.documents.traces import Trace

_MM = 72 / 25.4
_PAGE = (210 * _MM, 297 * _MM)
_LEFT, _RIGHT, _TOP, _BOTTOM = 28 * _MM, 26 * _MM, 37 * _MM, 35 * _MM
_SIZE, _LEADING = 16.0, 28.95  # 三号, 22 lines a page (GB/T 9704-2012 5.2)
_TITLE = 22.0
_NO_START = frozenset("，。、；：？！）》」』”’…％〕")
_NO_END = frozenset("（《「『“‘〔")


def wrapped(line: str, font: str, size: float, width: float) -> list[str]:
    """Break one line into pieces no wider than ``width`` points; one closing mark may hang beyond.

    A piece never begins with a closing mark, never ends with an opening one, and numbers and Latin words stay whole.
    """
    pieces, current, used = [], "", 0.0
    for character in line:
        step = pdfmetrics.stringWidth(character, font, size)
        hangs = character in _NO_START and used <= width
        if current and used + step > width and not hangs:
            at = _break(current + character)
            pieces.append(current[:at])
            current = current[at:]
            used = pdfmetrics.stringWidth(current, font, size)
        current += character
        used += step
    return [*pieces, current]


def _break(text: str) -> int:
    """Return where to break before the last character of ``text``, or earlier where that would look wrong."""
    for at in range(len(text) - 1, 0, -1):
        before, after = text[at - 1], text[at]
        word = before.isascii() and before.isalnum() and after.isascii() and after.isalnum()
        if after not in _NO_START and before not in _NO_END and not word:
            return at
    return len(text) - 1


def render_text_pdf(text: str, title: str = "", *, max_pages: int = 1_000) -> bytes:
    """Return ``text`` as an A4 PDF with an embedded font.

    Raises:
        Invalid: ``file.too_many_pages`` past ``max_pages``.
    """
    text = text.replace("\t", "    ").replace("\f", "\n")
    name, shown = fonts.register(text.replace("\n", " ") + title, fonts.REGULAR)
    body = shown[: len(text)]
    lines, position = [], 0
    for line in text.split("\n"):
        lines.append(body[position : position + len(line)])
        position += len(line) + 1
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=_PAGE, invariant=1)
    canvas.setTitle(title or "")
    y, pages = _PAGE[1] - _TOP, 1
    for piece, size in _set(shown[len(text) :], lines, name):
        if y < _BOTTOM:
            canvas.showPage()
            y, pages = _PAGE[1] - _TOP, pages + 1
            if pages > max_pages:
                raise Invalid("file.too_many_pages", limit=max_pages)
        canvas.setFont(name, size)
        if size == _TITLE:
            canvas.drawCentredString(_PAGE[0] / 2, y, piece)
        else:
            canvas.drawString(_LEFT, y, piece)
        y -= _LEADING if size == _SIZE else _LEADING * 1.5
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def _set(title: str, lines: list[str], font: str) -> list[tuple[str, float]]:
    width = _PAGE[0] - _LEFT - _RIGHT
    set_lines = [(p, _TITLE) for p in wrapped(title, font, _TITLE, width)] if title.strip() else []
    for line in lines:
        set_lines += [(piece, _SIZE) for piece in wrapped(line, font, _SIZE, width)]
    return set_lines


def _as_pdf(data: bytes, limits: Limits) -> bytes:
    return render_text_pdf("\n".join(txt.decode(data).rstrip("\x1a").splitlines()), max_pages=limits.pages)


def stamp(
    data: bytes, limits: Limits, mark: str, label: Label, strike: str | None = None, note: str | None = None
) -> bytes:
    """Return a marked PDF set from the text; the text file itself stays as it is."""
    return pdf_mark.stamp(_as_pdf(data, limits), limits, mark, label, strike, note)


def watermark(data: bytes, limits: Limits, text: str) -> bytes:
    """Return a watermarked PDF set from the text."""
    return pdf_mark.watermark(_as_pdf(data, limits), limits, text)


def unmark(data: bytes, limits: Limits) -> bytes:
    """Plain text carries no mark of ours."""
    txt.decode(data)
    return data


def traces(data: bytes, limits: Limits) -> tuple[Trace, ...]:
    """Plain text shows all that it carries."""
    txt.decode(data)
    return ()


def read_mark(data: bytes, limits: Limits) -> ReadMark:
    """Plain text carries no mark of ours."""
    txt.decode(data)
    return ReadMark("", None, False)


def content_sm3(data: bytes, limits: Limits) -> str:
    """Return the digest of the text, whatever its encoding and line ends."""
    return digest.digest_of([line.rstrip().encode() for line in txt.decode(data).rstrip("\x1a").splitlines()])
