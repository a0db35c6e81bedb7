"""What a PDF carries and does not show: told, and taken out where that leaves the pages as they are."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pypdfium2.raw as pdfium_raw
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, StreamObject

from dingmi.base.errors import Invalid
from dingmi.engines.documents.formats import pdf, pdf_mark, picture_data
from dingmi.engines.documents.formats.ooxml import LABEL_NS, split
from dingmi.engines.documents.formats.pdf_active import PARSER_ERRORS
from dingmi.engines.documents.limits import Limits
from dingmi.engines.documents.traces import Trace, Traces

_DULL = frozenset({"/Producer", "/Creator", "/Trapped", "/PTEX.Fullbanner"})  # of the program and of no person
_DULL_XMP = frozenset({"Producer", "CreatorTool", "format", "Trapped", "part", "conformance", "label"})
_SAYS_NOTHING = frozenset({"", "(anonymous)", "(unspecified)", "anonymous", "unspecified", "untitled"})
_ASIDE = {"/PieceInfo": "program_data", "/Thumb": "program_data", "/AF": "attachments"}
_GONE = frozenset({*_ASIDE, "/Metadata", "/LastModified"})
_RECTANGLE = 6  # segments of a path, at most
_THIN = 3.0  # points: lines of tables cover nothing
_COVERED = 0.9  # share of its area under one figure

_Box = tuple[float, float, float, float]  # left, bottom, right, top


def traces(data: bytes, limits: Limits) -> tuple[Trace, ...]:
    """Return what the document carries and does not show; our own mark left out."""
    reader = pdf.open_reader(data, limits)
    plain = pdf_mark.without_own(data, limits) if pdf_mark.has_own(reader) else data
    found = Traces()
    try:
        if data.count(b"startxref") > 1 and b"/Linearized" not in data[:2048]:
            found.add("earlier_versions", count=data.count(b"startxref") - 1)
        _tell_properties(reader, found)
        _tell_pages(reader, found)
        _tell_layers(reader, found)
        for value in _values(PdfWriter(clone_from=reader)):
            _tell_value(value, found)
    except RecursionError:
        raise Invalid("file.bomb") from None
    except PARSER_ERRORS:
        raise Invalid("file.damaged") from None
    with pdf.open_pdfium(plain) as document:
        for page in document:
            _tell_unseen(page, found)
            page.close()
    return found.found()


def _tell_properties(reader: PdfReader, found: Traces) -> None:
    for name, value in (reader.metadata or {}).items():
        if name not in _DULL and str(value).strip() not in _SAYS_NOTHING:
            found.add("properties", f"{name.lstrip('/')}={value}")
    for description in pdf_mark._xmp_root(reader.root_object).findall(f"{{{pdf_mark.RDF}}}Description"):
        told = [(split(e.tag), " ".join("".join(e.itertext()).split())) for e in description]
        told += [(split(name), str(value)) for name, value in description.attrib.items()]
        for (space, name), words in told:
            if words and name not in _DULL_XMP and space not in {"", pdf_mark.RDF, LABEL_NS}:
                found.add("properties", f"{name}={words}")


def _tell_pages(reader: PdfReader, found: Traces) -> None:
    for page in reader.pages:
        for note in map(pdf._dict, pdf._array(page.get("/Annots"))):
            if note.get("/Subtype") == "/Widget":
                found.add("form_fields", f"{note.get('/T', '')}={note.get('/V', '')}")
            elif note.get("/Subtype") not in {"/Link", "/Popup"}:
                found.add("annotations", f"{note.get('/T', '')} {note.get('/Contents', '')}")


def _tell_layers(reader: PdfReader, found: Traces) -> None:
    layers = pdf._dict(reader.root_object.get("/OCProperties"))
    shown = pdf._dict(layers.get("/D"))
    base_off = shown.get("/BaseState") == "/OFF"
    on = [pdf._dict(v) for v in pdf._array(shown.get("/ON"))]
    for layer in map(pdf._dict, pdf._array(layers.get("/OCGs") if base_off else shown.get("/OFF"))):
        if not (base_off and any(layer is other for other in on)):
            found.add("layers", str(layer.get("/Name", "")))


def _values(writer: PdfWriter) -> Iterator[Any]:
    """Yield every dictionary of the document, those inside others too."""
    waiting = [value for value in writer._objects if value is not None]
    while waiting:
        value = waiting.pop()
        if isinstance(value, DictionaryObject):
            yield value
            waiting += [value.raw_get(key) for key in value]
        elif isinstance(value, ArrayObject):
            waiting += list(value)


def _is_jpeg(value: Any) -> bool:
    kinds = value.get("/Filter")
    return isinstance(value, StreamObject) and kinds in ("/DCTDecode", ["/DCTDecode"])


def _tell_value(value: Any, found: Traces) -> None:
    for key, kind in _ASIDE.items():
        if key in value:
            found.add(kind, key.lstrip("/"))
    if value.get("/Type") != "/Catalog" and "/Metadata" in value:
        found.add("pictures" if value.get("/Subtype") == "/Image" else "program_data", "Metadata")
    if _is_jpeg(value):
        for words in picture_data.told(value._data):
            found.add("pictures", words)


# --- what is drawn and cannot be seen ----------------------------------------------------------------------------


def _tell_unseen(page: Any, found: Traces) -> None:
    """Tell text that is drawn without ink, and text over which a figure or picture was drawn afterwards."""
    texts: list[_Box] = []
    words = page.get_textpage()
    try:
        for item in page.get_objects(max_depth=pdf._MAX_FORM_DEPTH):
            if item.type == pdfium_raw.FPDF_PAGEOBJ_TEXT:
                if pdfium_raw.FPDFTextObj_GetTextRenderMode(item) == pdfium_raw.FPDF_TEXTRENDERMODE_INVISIBLE:
                    found.add("hidden_text", words.get_text_bounded(*item.get_bounds()))
                elif item.level == 0:
                    texts.append(item.get_bounds())
            elif texts and item.level == 0 and _covers(item):
                box = item.get_bounds()
                for text in [t for t in texts if _share(t, box) >= _COVERED]:
                    found.add("covered_text", words.get_text_bounded(*text))
                    texts.remove(text)
    finally:
        words.close()


def _covers(item: Any) -> bool:
    left, bottom, right, top = item.get_bounds()
    if right - left < _THIN or top - bottom < _THIN or pdfium_raw.FPDFPageObj_HasTransparency(item):
        return False
    if item.type == pdfium_raw.FPDF_PAGEOBJ_IMAGE:
        return True
    if item.type != pdfium_raw.FPDF_PAGEOBJ_PATH or pdfium_raw.FPDFPath_CountSegments(item) > _RECTANGLE:
        return False
    fill, stroke = pdfium_raw.c_int(), pdfium_raw.c_int()
    return bool(pdfium_raw.FPDFPath_GetDrawMode(item, fill, stroke)) and fill.value != 0


def _share(text: _Box, box: _Box) -> float:
    """Return which share of the area of a text lies in a box."""
    width = min(text[2], box[2]) - max(text[0], box[0])
    height = min(text[3], box[3]) - max(text[1], box[1])
    area = (text[2] - text[0]) * (text[3] - text[1])
    return width * height / area if area > 0 and width > 0 and height > 0 else 0.0


# --- taking out --------------------------------------------------------------------------------------------------


def clean(data: bytes, limits: Limits) -> bytes:
    """Return the document without words about it, remarks, attachments and former versions.

    Fields of forms, layers that are switched off and text that is covered stay: without them the page would be another.
    """
    writer = PdfWriter(clone_from=pdf.open_reader(data, limits))
    fields = False
    for page in writer.pages:
        kept = ArrayObject()
        for item in pdf._array(page.get("/Annots")):
            subtype = pdf._dict(item).get("/Subtype")
            fields = fields or subtype == "/Widget"
            if subtype in {"/Link", "/Widget"}:
                kept.append(item)
        if "/Annots" in page:
            page[NameObject("/Annots")] = kept
    for value in _values(writer):
        for key in _GONE & set(value):
            del value[key]
        if _is_jpeg(value):
            value._data = picture_data.cleaned(value._data)
    if not fields:
        writer.root_object.pop("/AcroForm", None)
    writer.metadata = None
    done = PdfWriter(
        clone_from=PdfReader(io.BytesIO(pdf_mark._written(writer)))
    )  # what nothing refers to is left behind
    done.metadata = None
    return pdf_mark._written(done)
