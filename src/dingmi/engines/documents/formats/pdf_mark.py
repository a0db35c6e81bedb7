"""Marks in PDF: a visible mark drawn with an embedded font, and the label in XMP.

The page's own streams stay as they are. Ours are separate streams that carry ``/DingmiOwn`` and draw one form each, so
they can be found, replaced and left out of the content digest.
"""

from __future__ import annotations

import io
import re
from typing import Any

import segno
from lxml import etree
from PIL import Image
from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    IndirectObject,
    NameObject,
    RectangleObject,
    StreamObject,
)
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from dingmi.base.errors import DingmiError, Invalid, Unavailable
from dingmi.engines.documents import digest, fonts, labels
from dingmi.engines.documents.archive import parse_xml
from dingmi.engines.documents.formats import pdf
from dingmi.engines.documents.formats.pdf_active import PARSER_ERRORS
from dingmi.engines.documents.limits import DEFAULT, Limits
from dingmi.engines.documents.model import Label, ReadMark

MM = 72 / 25.4
MARK_SIZE = 16.0  # 三号, GB/T 9704-2012 7.2.2
LEFT, TOPS = 28 * MM, (24 * MM, 16 * MM, 9 * MM, 30 * MM)
CODE_SIDE, CODE_EDGE = 26 * MM, 8 * MM  # of the QR code at the foot of page one
FORM_LEFT = 17 * MM  # the type area of our own forms is wider than that of an official document
OWN, MARK, WATERMARK = "/DingmiOwn", "/DingmiMark", "/DingmiWatermark"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
LABEL_NS = "urn:dingmi:label:1"
_DRAW = re.compile(rb"^Q q(?: -?\d+(?:\.\d+)?){6} cm /Dingmi(?:Mark|Watermark) Do Q\s*$")
_SKIPPED_KEYS = frozenset({"/Parent", "/P", "/Popup", "/Metadata", "/StructParents", "/StructParent", "/Length"})
_CODING = frozenset({"/Filter", "/DecodeParms", "/DL"})
_MAX_OBJECTS = 200_000


# --- our own streams ---------------------------------------------------------------------------------------------


def _contents(page: PageObject) -> list[Any]:
    value = page.get("/Contents")
    resolved = value.get_object() if value is not None else None
    if resolved is None:
        return []
    return list(resolved) if isinstance(resolved, ArrayObject) else [value]


def _is_own(item: Any) -> bool:
    """Say whether a content stream is ours: tagged, and with nothing in it but the call of our form."""
    stream = item.get_object()
    if not isinstance(stream, StreamObject) or OWN not in stream:
        return False
    data = stream.get_data()
    return data == b"q\n" or bool(_DRAW.match(data))


def _xobjects(page: PageObject) -> dict[Any, Any]:
    return pdf._dict(pdf._dict(_inherited(page, "/Resources")).get("/XObject"))


def _inherited(page: Any, key: str) -> Any:
    node, hops = page, 0
    while node is not None and hops < 50:
        if key in node:
            return node[key]
        parent = node.get("/Parent")
        node, hops = (parent.get_object() if parent is not None else None), hops + 1
    return None


def has_own(reader: PdfReader) -> bool:
    """Say whether any page carries a stream of ours."""
    return any(_is_own(item) for page in reader.pages for item in _contents(page))


def visible_mark(reader: PdfReader) -> str:
    """Return the mark drawn by our stream on the first page, as its form says; empty without one."""
    page = reader.pages[0]
    if not any(_is_own(item) for item in _contents(page)):
        return ""
    form = pdf._dict(_xobjects(page).get(MARK))
    if not form or set(pdf._dict(form.get("/Resources"))) - {"/Font", "/ProcSet"}:
        return ""
    return _form_text(form)


def _form_text(form: Any) -> str:
    """Read the form by itself: put it on an empty page and ask pdfium."""
    writer = PdfWriter()
    box = [float(v) for v in form.get("/BBox", [0, 0, 10, 10])]
    page = writer.add_blank_page(max(box[2], 1), max(box[3], 1))
    _place(writer, page, form.clone(writer), MARK, (1, 0, 0, 1, 0, 0))
    out = io.BytesIO()
    writer.write(out)
    with pdf.open_pdfium(out.getvalue()) as document:
        return " ".join(pdf.page_text(document[0]).split("\n")).strip()


def _strip(page: PageObject, names: tuple[str, ...]) -> None:
    """Remove our streams and forms of ``names`` from a writer's page; other forms of ours stay."""
    kept: list[Any] = []
    own: list[Any] = []
    for item in _contents(page):
        (own if _is_own(item) else kept).append(item)
    if not own:
        return
    wanted = [n for n in (MARK, WATERMARK) if n in _xobjects(page) and n not in names]
    stay = [i for i in own if any(n.encode() in i.get_object().get_data() for n in wanted)]
    opening = [i for i in own if i.get_object().get_data() == b"q\n"] if stay else []
    page[NameObject("/Contents")] = ArrayObject([*opening[: len(stay)], *kept, *stay])
    xobjects = _xobjects(page)
    for name in names:
        xobjects.pop(name, None)
    if not xobjects:
        pdf._dict(page["/Resources"]).pop("/XObject", None)


def without_own(data: bytes, limits: Limits) -> bytes:
    """Return the document without anything we have drawn."""
    writer = PdfWriter(clone_from=pdf.open_reader(data, limits))
    for page in writer.pages:
        _strip(page, (MARK, WATERMARK))
    return _written(writer)


def _written(writer: PdfWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


# --- drawing -----------------------------------------------------------------------------------------------------


def _form(writer: PdfWriter, drawing: bytes) -> Any:
    """Turn the only page of a reportlab document into a form of ``writer``."""
    page = PdfReader(io.BytesIO(drawing)).pages[0]
    form = DecodedStreamObject()
    contents = page.get_contents()
    form.set_data(contents.get_data() if contents is not None else b"")
    form[NameObject("/Type")] = NameObject("/XObject")
    form[NameObject("/Subtype")] = NameObject("/Form")
    form[NameObject("/BBox")] = RectangleObject(page.mediabox)
    form[NameObject("/Resources")] = page["/Resources"].clone(writer)
    return form


def _owned(writer: PdfWriter, data: bytes) -> IndirectObject:
    stream = DecodedStreamObject()
    stream.set_data(data)
    stream[NameObject(OWN)] = NameObject("/True")
    return writer._add_object(stream)


def _place(writer: PdfWriter, page: PageObject, form: Any, name: str, matrix: tuple[float, ...]) -> None:
    """Draw ``form`` on top of the page; the page's own graphics state is closed off first."""
    resources = DictionaryObject(pdf._dict(_inherited(page, "/Resources")))
    xobjects = DictionaryObject(pdf._dict(resources.get("/XObject")))
    xobjects[NameObject(name)] = writer._add_object(form)
    resources[NameObject("/XObject")] = xobjects
    page[NameObject("/Resources")] = resources
    items = _contents(page)
    numbers = " ".join(f"{v:.4f}" for v in matrix)
    draw = _owned(writer, f"Q q {numbers} cm {name} Do Q".encode())
    page[NameObject("/Contents")] = ArrayObject([_owned(writer, b"q\n"), *items, draw])


def _to_user(page: PageObject) -> tuple[tuple[float, ...], float, float]:
    """Return the matrix from the page as shown (origin bottom left) to its own space, and the shown size."""
    box = page.cropbox
    x, y, w, h = float(box.left), float(box.bottom), float(box.width), float(box.height)
    turn = int(_inherited(page, "/Rotate") or 0) % 360
    if turn == 90:
        return (0, 1, -1, 0, x + w, y), h, w
    if turn == 180:
        return (-1, 0, 0, -1, x + w, y + h), w, h
    if turn == 270:
        return (0, -1, 1, 0, x, y + h), h, w
    return (1, 0, 0, 1, x, y), w, h


def _moved(matrix: tuple[float, ...], dx: float, dy: float) -> tuple[float, ...]:
    a, b, c, d, e, f = matrix
    return a, b, c, d, a * dx + c * dy + e, b * dx + d * dy + f


def _mark_drawing(mark: str, strike: str | None, note: str | None, room: float) -> tuple[bytes, float, float]:
    """Return a drawing of the mark with its width and height; it shrinks only when the page is too narrow."""
    text = labels.visible_text(mark, strike, note)
    name, shown = fonts.register(text, fonts.BOLD)
    if shown != text:
        raise Unavailable("font.missing_character")
    size = MARK_SIZE
    width = pdfmetrics.stringWidth(text, name, size)
    if width > room:
        size, width = size * room / width, room
    height = size * 1.4
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(width + 1, height), invariant=1)
    canvas.setFont(name, size)
    canvas.drawString(0, size * 0.35, text)
    if strike:
        canvas.setLineWidth(size / 14)
        canvas.line(0, size * 0.72, pdfmetrics.stringWidth(strike, name, size), size * 0.72)
    canvas.showPage()
    canvas.save()
    return out.getvalue(), width + 1, height


def _shown(data: bytes) -> Image.Image:
    """Return the first page as shown, in grey, two pixels a point."""
    with pdf.open_pdfium(data) as document:
        page: Image.Image = document[0].render(scale=2).to_pil()
        return page.convert("L")


def _ink(page: Image.Image, left: float, top: float, width: float, height: float) -> float:
    """Share of dark pixels in a box of a page that is shown, in points from its top left."""
    area = page.crop((int(left * 2), int(top * 2), int((left + width) * 2), int((top + height) * 2)))
    histogram = area.histogram()
    return float(sum(histogram[:128]) / max(1, sum(histogram)))


def stamp(
    data: bytes,
    limits: Limits,
    mark: str,
    label: Label,
    strike: str | None = None,
    note: str | None = None,
    *,
    left: float = LEFT,
) -> bytes:
    """Return the document with its mark on the first page, top left, and its label.

    Args:
        left: Left edge of the type area on an A4 page, in points.
    Raises:
        Invalid: ``file.signed``: a signed file must not be rewritten.
        Unavailable: ``mark.not_visible`` when the mark cannot be read back from the rendered page.
    """
    reader = pdf.open_reader(data, limits)
    if int(pdf._dict(reader.root_object.get("/AcroForm")).get("/SigFlags", 0)) & 1:
        raise Invalid("file.signed")
    digest_before = content_sm3(data, limits)
    writer = PdfWriter(clone_from=reader)
    page = writer.pages[0]
    _strip(page, (MARK,))
    bare = _shown(_written(writer))
    matrix, shown_width, shown_height = _to_user(page)
    left = min(left, shown_width * left / (210 * MM))
    drawing, width, height = _mark_drawing(mark, strike, note, shown_width - 2 * left)
    tops = [min(t, shown_height * t / (297 * MM)) for t in TOPS]
    top = min(tops, key=lambda t: round(_ink(bare, left, t, width, height), 3))
    _place(writer, page, _form(writer, drawing), MARK, _moved(matrix, left, shown_height - top - height))
    text = labels.visible_text(mark, strike, note)
    _write_label(writer, labels.bound(label, text, digest_before))
    result = _written(PdfWriter(clone_from=PdfReader(io.BytesIO(_written(writer)))))  # drops what is no longer in use
    _check(result, bare, text, (left, top, width, height))
    return result


def _check(result: bytes, bare: Image.Image, text: str, box: tuple[float, float, float, float]) -> None:
    """Render what will be handed out; the mark must be there as text and as ink."""
    found = visible_mark(PdfReader(io.BytesIO(result)))
    with pdf.open_pdfium(result) as document:
        whole = "".join(pdf.page_text(document[0]).split())
    if "".join(found.split()) != "".join(text.split()) or "".join(text.split()) not in whole:
        raise Unavailable("mark.not_visible")
    if _ink(_shown(result), *box) < _ink(bare, *box) + 0.02:
        raise Unavailable("mark.not_visible")


def watermark(data: bytes, limits: Limits, text: str) -> bytes:
    """Return the document with ``text``, grey and slanted, over every page."""
    writer = PdfWriter(clone_from=pdf.open_reader(data, limits))
    name, text = fonts.register(text[: labels.MAX_MARK], fonts.REGULAR)
    label = _read_label_of(writer.root_object) or {}
    for number, page in enumerate(writer.pages):
        _strip(page, (WATERMARK,))
        matrix, width, height = _to_user(page)
        out = io.BytesIO()
        canvas = Canvas(out, pagesize=(width, height), invariant=1)
        canvas.setFillGray(0.35, 0.16)
        size = max(9.0, min(20.0, width * 1.1 / max(1.0, pdfmetrics.stringWidth(text, name, 1))))
        canvas.setFont(name, size)
        for share in (0.2, 0.5, 0.8):
            canvas.saveState()
            canvas.translate(width / 2, height * share)
            canvas.rotate(30)
            canvas.drawCentredString(0, 0, text)
            canvas.restoreState()
        if number == 0 and label.get("signature"):
            _draw_code(canvas, labels.stated(label).code, width)
        canvas.showPage()
        canvas.save()
        _place(writer, page, _form(writer, out.getvalue()), WATERMARK, matrix)
    return _written(writer)


def _draw_code(canvas: Canvas, text: str, width: float) -> None:
    """Draw the signed statement of the mark as a QR code at the foot of the page, black on white, for the printed copy."""
    modules = [list(row) for row in segno.make(text, error="m", micro=False).matrix]
    step = CODE_SIDE / len(modules)
    left, bottom = width - CODE_SIDE - CODE_EDGE, CODE_EDGE
    canvas.setFillGray(1, 1)
    canvas.rect(left - 3, bottom - 3, CODE_SIDE + 6, CODE_SIDE + 6, stroke=0, fill=1)
    canvas.setFillGray(0, 1)
    for row, line in enumerate(modules):
        for column, dark in enumerate(line):
            if dark:
                canvas.rect(left + column * step, bottom + CODE_SIDE - (row + 1) * step, step, step, stroke=0, fill=1)


# --- label -------------------------------------------------------------------------------------------------------


def _write_label(writer: PdfWriter, label: Label) -> None:
    root = _xmp_root(writer.root_object)
    for old in root.findall(f"{{{RDF}}}Description"):
        if any(str(c.tag).startswith(f"{{{LABEL_NS}}}") for c in old):
            root.remove(old)
    description = etree.SubElement(root, f"{{{RDF}}}Description", nsmap={"dm": LABEL_NS})
    description.set(f"{{{RDF}}}about", "")
    etree.SubElement(description, f"{{{LABEL_NS}}}label").text = labels.encode(label)
    packet = etree.tostring(root.getroottree().getroot(), encoding="utf-8")
    stream = DecodedStreamObject()
    stream.set_data(
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'.encode() + packet + b'\n<?xpacket end="w"?>'
    )
    stream[NameObject("/Type")] = NameObject("/Metadata")
    stream[NameObject("/Subtype")] = NameObject("/XML")
    writer.root_object[NameObject("/Metadata")] = writer._add_object(stream)


def unmark(data: bytes, limits: Limits) -> bytes:
    """Return the document without mark, label and watermark of ours."""
    writer = PdfWriter(clone_from=pdf.open_reader(data, limits))
    for page in writer.pages:
        _strip(page, (MARK, WATERMARK))
    if _read_label_of(writer.root_object):
        del writer.root_object[NameObject("/Metadata")]
    return _written(PdfWriter(clone_from=PdfReader(io.BytesIO(_written(writer)))))


def _xmp_root(catalog: Any) -> Any:
    """Return the rdf:RDF element of the document's own XMP, or of a fresh one."""
    metadata = pdf._resolve(catalog.get("/Metadata"))
    if isinstance(metadata, StreamObject):
        try:
            tree = parse_xml(metadata.get_data(), DEFAULT)
        except DingmiError:
            tree = None
        rdf = tree.find(f".//{{{RDF}}}RDF") if tree is not None else None
        if rdf is not None:
            return rdf
    meta = etree.Element("{adobe:ns:meta/}xmpmeta", nsmap={"x": "adobe:ns:meta/"})
    return etree.SubElement(meta, f"{{{RDF}}}RDF", nsmap={"rdf": RDF})


def _read_label(reader: PdfReader) -> Label | None:
    return _read_label_of(reader.root_object)


def _read_label_of(catalog: Any) -> Label | None:
    found = _xmp_root(catalog).findall(f".//{{{LABEL_NS}}}label")
    return labels.decode(found[0].text) if len(found) == 1 else None


def read_mark(data: bytes, limits: Limits) -> ReadMark:
    """Return visible mark and label; the place is right when the mark is in the top left of the first page."""
    reader = pdf.open_reader(data, limits)
    visible = visible_mark(reader)
    return ReadMark(visible, _read_label(reader), bool(visible) and _in_place(reader))


def _in_place(reader: PdfReader) -> bool:
    page = reader.pages[0]
    _, shown_width, shown_height = _to_user(page)
    box = pdf._dict(_xobjects(page).get(MARK)).get("/BBox", [0, 0, 0, 0])
    height = float(box[3])
    to_user = _to_user(page)[0]
    for item in _contents(page):
        data = item.get_object().get_data() if _is_own(item) else b""
        if MARK.encode() not in data:
            continue
        values = [float(v) for v in re.findall(rb"-?\d+(?:\.\d+)?", data)[:6]]
        tops = [min(t, shown_height * t / (297 * MM)) for t in TOPS]
        lefts = [min(edge, shown_width * edge / (210 * MM)) for edge in (LEFT, FORM_LEFT)]
        places = [_moved(to_user, left, shown_height - t - height) for t in tops for left in lefts]
        return any(all(abs(a - b) < 0.5 for a, b in zip(values, place, strict=True)) for place in places)
    return False


# --- digest ------------------------------------------------------------------------------------------------------


class _Graph:
    """Canonical bytes of a page's object graph, without what we added and without how streams are packed."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], bytes] = {}
        self._open: dict[tuple[int, int], int] = {}
        self._count = 0

    def digest(self, value: Any, skip: frozenset[str] = frozenset()) -> bytes:
        """Return a digest of ``value`` and everything it refers to."""
        self._count += 1
        if self._count > _MAX_OBJECTS:
            raise Invalid("file.bomb")
        if isinstance(value, IndirectObject):
            return self._indirect(value)
        if isinstance(value, DictionaryObject):
            return self._dictionary(value, skip)
        if isinstance(value, ArrayObject):
            return digest.sm3(b"A" + b"".join(self.digest(v) for v in value))
        if isinstance(value, FloatObject | float | int) and not isinstance(value, bool):
            return digest.sm3(b"N" + f"{float(value):.5f}".encode())
        return digest.sm3(b"V" + str(value).encode("utf-8", "surrogatepass"))

    def _indirect(self, value: IndirectObject) -> bytes:
        key = (value.idnum, value.generation)
        if key in self._known:
            return self._known[key]
        if key in self._open:
            return digest.sm3(b"loop %d" % (len(self._open) - self._open[key]))
        self._open[key] = len(self._open)
        result = self.digest(value.get_object())
        del self._open[key]
        self._known[key] = result
        return result

    def _dictionary(self, value: DictionaryObject, skip: frozenset[str]) -> bytes:
        stream = isinstance(value, StreamObject)
        left_out = _SKIPPED_KEYS | skip | (_CODING if stream else frozenset())
        parts = [b"D"]
        for key in sorted(k for k in value if k not in left_out):
            parts.append(digest.sm3(str(key).encode()) + self.digest(value.raw_get(key)))
        if isinstance(value, StreamObject):
            parts.append(digest.sm3(value.get_data()))
        return digest.sm3(b"".join(parts))


def content_sm3(data: bytes, limits: Limits) -> str:
    """Return the digest of the pages as they are without our mark, watermark and label."""
    reader, graph, pieces = pdf.open_reader(data, limits), _Graph(), []
    try:
        for page in reader.pages:
            for item in _contents(page):
                if not _is_own(item):
                    pieces.append(digest.sm3(item.get_object().get_data().strip()))
            resources = DictionaryObject(pdf._dict(_inherited(page, "/Resources")))
            xobjects = pdf._dict(resources.get("/XObject"))
            others = DictionaryObject({k: v for k, v in xobjects.items() if k not in {MARK, WATERMARK}})
            for key in [k for k in others]:
                others[key] = xobjects.raw_get(key) if isinstance(xobjects, DictionaryObject) else others[key]
            resources.pop("/XObject", None)
            pieces += [graph.digest(resources), graph.digest(others), graph.digest(page.get("/Annots", ArrayObject()))]
            pieces.append(repr([round(float(v), 2) for v in page.cropbox]).encode())
            pieces.append(str(int(_inherited(page, "/Rotate") or 0) % 360).encode())
    except RecursionError:
        raise Invalid("file.bomb") from None
    except PARSER_ERRORS:
        raise Invalid("file.damaged") from None
    return digest.digest_of(pieces)
