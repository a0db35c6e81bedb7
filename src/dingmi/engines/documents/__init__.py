"""docx, PDF and plain text: read what people see, stamp the mark, read it back, verify it.

Every function that touches a file's content runs in a child process with memory, time and output limits; the caller gets
frozen values or one typed refusal (``file.*``, ``mark.*``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from dingmi.base.errors import Finding, Invalid
from dingmi.engines.documents import bag, bundles, child, labels, recognition
from dingmi.engines.documents.bag import Bag
from dingmi.engines.documents.bundles import Member
from dingmi.engines.documents.labels import Statement, read_code, stated
from dingmi.engines.documents.limits import DEFAULT, EXTENSIONS, MEDIA, PACKAGE, Limits
from dingmi.engines.documents.model import Block, Extracted, Label, MarkFound, ReadMark, Verdict, extracted_from
from dingmi.engines.documents.progress import READ, Come, watched
from dingmi.engines.documents.traces import KINDS, Trace

__all__ = [
    "DEFAULT",
    "EXTENSIONS",
    "KINDS",
    "MEDIA",
    "READ",
    "Bag",
    "Block",
    "Come",
    "Extracted",
    "Limits",
    "MarkFound",
    "Member",
    "ReadMark",
    "Statement",
    "Trace",
    "Verdict",
    "check_package",
    "content_sm3",
    "extract",
    "holds_files",
    "notes",
    "page_png",
    "public_copy",
    "read_code",
    "read_mark",
    "recognise",
    "render_text_pdf",
    "sheet",
    "stamp",
    "stamp_file",
    "stamped_kind",
    "stated",
    "traces",
    "unconfined",
    "unpack",
    "verify",
    "verify_file",
    "visible_text",
    "watched",
    "watermark",
]
Record = Mapping[str, Any]
_UNREAD, _UNREAD_ALONE = ("pages_without_text", "pictures_without_text"), ("file.scan_only", "file.pictures_only")
_DOUBTS = (*_UNREAD, "recognised_pages", "recognised_pictures")


def _sized(data: bytes, limits: Limits) -> bytes:
    """Refuse before anything is copied or started."""
    if not data:
        raise Invalid("file.empty")
    if len(data) > limits.largest:
        raise Invalid("file.too_large", limit_mb=limits.largest // 1_048_576)
    return data


def extract(data: bytes, filename: str, limits: Limits = DEFAULT) -> Extracted:
    """Return the text that people see in an uploaded file.

    Pages that are pictures, and pictures beside text, are recognised where the extra for it is installed; ``warnings``
    names them either way, and :func:`notes` says what they mean.

    Args:
        filename: Only its extension counts, and only in so far as it must agree with the content.
    Raises:
        Invalid: ``file.*`` for every file that cannot be taken or read.
    """
    asked = {"filename": filename}
    try:
        result, _ = child.run("extract", _sized(data, limits), asked, limits)
    except Invalid as refused:
        if refused.code not in _UNREAD_ALONE or not recognition.available():
            raise
    else:
        found = extracted_from(result)
        if not recognition.available() or not any(w.startswith(_UNREAD) for w in found.warnings):
            return found
    result, _ = child.run("extract", data, {**asked, "recognised": True}, recognition.limits_of(limits))
    return extracted_from(result)


def notes(warnings: Iterable[str]) -> tuple[Finding, ...]:
    """Return what reading a file could not vouch for, of its ``warnings``: pages and pictures not read, or recognised."""
    told = (warning.partition(":") for warning in warnings)
    return tuple(Finding(f"file.{c}", "warn", params={"numbers": n}) for c, _, n in told if c in _DOUBTS)


def check_package(data: bytes) -> Bag:
    """Read a package for an archive back and say everything that is wrong with it.

    Raises:
        Invalid: ``file.*``: it cannot be read at all, or ``bag.not_a_bag``.
    """
    found, _ = child.run("package", bag.sized(data), {}, PACKAGE)
    faults = tuple(Finding(code, "block", (), params) for code, params in found["faults"])
    return Bag(found["info"], tuple(found["payload"]), int(found["size"]), faults)


def unconfined() -> tuple[str, ...]:
    """Return what the kernel of this system does not keep a parser from: ``files``, ``network``."""
    held, _ = child.run("confinement", b"", {}, DEFAULT)
    return tuple(name for name, holds in sorted(held.items()) if not holds)


def sheet(data: bytes, limits: Limits = DEFAULT) -> list[list[str]]:
    """Return the cells of the first sheet of a workbook as text; raises as :func:`extract`."""
    result, _ = child.run("sheet", _sized(data, limits), {}, limits)
    return [[str(cell) for cell in row] for row in result]


def unpack(data: bytes, filename: str, limits: Limits = DEFAULT) -> tuple[str, list[Member]]:
    """Return the text of a mail itself (nothing for an archive), and the files in a mail or an archive.

    Raises:
        Invalid: ``file.*``: it is damaged, or holds too much.
    """
    result, body = child.run("unpack", _sized(data, limits), {"kind": bundles.kind_of(filename)}, limits)
    members, place = [], 0
    for told in result["members"]:
        end = place + int(told["size"])
        members.append(Member(str(told["name"]), body[place:end], str(told["problem"])))
        place = end
    return str(result["text"]), members


def holds_files(filename: str) -> bool:
    """Tell by its name whether a file is a mail or an archive."""
    return bool(bundles.kind_of(filename))


def recognise(data: bytes, filename: str, limits: Limits = DEFAULT) -> str:
    """Return ``docx``, ``pdf`` or ``txt``, decided by content; raises as :func:`extract`."""
    result, _ = child.run("recognise", _sized(data, limits), {"filename": filename}, limits)
    return str(result)


def stamped_kind(kind: str) -> str:
    """Return the kind of the marked file made from a ``kind``: a text file gives a PDF."""
    return "pdf" if kind == "txt" else kind


def stamp(
    data: bytes,
    kind: str,
    mark: str,
    label: Label,
    *,
    strike: str | None = None,
    note: str | None = None,
    limits: Limits = DEFAULT,
) -> bytes:
    """Return the marked file: ``mark`` on the first page, top left, and the machine ``label``.

    Args:
        kind: ``docx``, ``pdf`` or ``txt``; from a text file a marked PDF is made.
        label: JSON values; ``content_sm3`` and ``visible`` are added to it.
        strike: The old mark, shown struck through before the new one (procedures 3.4).
        note: Shown in brackets after the mark.
    Raises:
        Invalid: ``file.*``, ``mark.malformed``.
        Unavailable: ``mark.not_visible``: the finished file was rendered and the mark is not there; nothing is returned.
    """
    arguments = {"kind": kind, "mark": mark, "label": label, "strike": strike, "note": note}
    return child.run("stamp", _sized(data, limits), arguments, limits)[1]


def visible_text(mark: str, strike: str | None = None, note: str | None = None) -> str:
    """Return the whole visible mark as ``stamp`` draws it.

    Raises:
        Invalid: ``mark.malformed``.
    """
    return labels.visible_text(mark, strike, note)


def public_copy(data: bytes, kind: str, limits: Limits = DEFAULT) -> bytes:
    """Return the file as its pages show it: without our mark, label and watermark (ZX-36.3), and without :func:`traces`.

    What cannot be taken out without making another page of it stays: ask :func:`traces` of what is returned.
    """
    return child.run("public", _sized(data, limits), {"kind": kind}, limits)[1]


def traces(data: bytes, kind: str, limits: Limits = DEFAULT) -> tuple[Trace, ...]:
    """Return what a file carries and its pages do not show (SR-81)."""
    found, _ = child.run("traces", _sized(data, limits), {"kind": kind}, limits)
    return tuple(Trace(kind, count, tuple(words)) for kind, count, words in found)


def _read(data: bytes, kind: str, limits: Limits) -> tuple[ReadMark, str]:
    found, _ = child.run("read", _sized(data, limits), {"kind": kind}, limits)
    return ReadMark(found["visible"], found["label"], found["place_ok"]), str(found["content_sm3"])


def read_mark(data: bytes, kind: str, limits: Limits = DEFAULT) -> ReadMark:
    """Return the visible mark, the label and whether the mark stands in its place."""
    return _read(data, kind, limits)[0]


def content_sm3(data: bytes, kind: str, limits: Limits = DEFAULT) -> str:
    """Return the digest (hex) of the content without our mark, label and watermark."""
    return _read(data, kind, limits)[1]


def verify(
    data: bytes,
    kind: str,
    lookup: Callable[[str], Record | None] | None = None,
    lookup_label: Callable[[str], Record | None] | None = None,
    *,
    limits: Limits = DEFAULT,
) -> Verdict:
    """Judge the mark of a file.

    Args:
        lookup: From content digest to the record of a marked file, or None when nothing known has this content.
        lookup_label: From ``label_id`` to the record with ``label`` (as given to :func:`stamp`),
            ``content_sm3``, ``mark`` (whole visible text) and ``superseded``; None when no such label was given out.
            Without it only the file's agreement with itself is judged.
    """
    found, digest = _read(data, kind, limits)
    return Verdict(_word(found, digest, lookup, lookup_label), found, digest)


def _word(
    found: ReadMark,
    digest: str,
    lookup: Callable[[str], Record | None] | None,
    lookup_label: Callable[[str], Record | None] | None,
) -> str:
    if found.label is None:
        known = lookup(digest) if lookup else None
        return "stripped-known" if known is not None else "altered-mark" if found.visible else "unknown"
    claimed, mark = found.label.get("content_sm3"), found.label.get("visible")
    if lookup_label is not None:
        record = lookup_label(str(found.label.get("label_id", "")))
        if record is None:
            return "altered-mark" if lookup is not None and lookup(digest) is not None else "unknown"
        told = labels.unbound(found.label) == labels.unbound(dict(record["label"]))
        if not told or claimed != record["content_sm3"] or mark != record["mark"]:
            return "altered-mark"
        if digest == claimed and found.visible == mark and found.place_ok and record.get("superseded"):
            return "superseded"
    if digest != claimed:
        return "altered-content"
    if not found.place_ok or found.visible != mark:
        return "altered-mark"
    return "valid"


def stamp_file(data: bytes, filename: str, mark: str, label: Label) -> tuple[bytes, str]:
    """Recognise, stamp, and return the marked file with its media type (text files give a PDF)."""
    kind = recognise(data, filename)
    label = {**label, "mark": mark}
    return stamp(data, kind, mark, label), MEDIA[stamped_kind(kind)]


def verify_file(
    data: bytes,
    filename: str,
    register: Callable[[Record], Callable[[str], Record | None] | None] | None = None,
    known: Callable[[str], Record | None] | None = None,
) -> dict[str, Any]:
    """Return the verdict on a file as JSON values.

    Args:
        register: From the label that was read to a look-up as ``lookup_label`` of :func:`verify`, or None where the label
            names nothing of ours; such a file is judged by itself.
        known: From a content digest to the record of a marked file, as ``lookup`` of :func:`verify`.
    """
    kind = recognise(data, filename)
    found, digest = _read(data, kind, DEFAULT)
    lookup = register(found.label) if register is not None and found.label is not None else None
    word = _word(found, digest, known, lookup)
    return {
        "verdict": word,
        "visible": found.visible,
        "label": found.label,
        "place_ok": found.place_ok,
        "content_sm3": digest,
        "kind": kind,
        "registered": lookup is not None or word == "stripped-known",
    }


def watermark(data: bytes, kind: str, text: str, limits: Limits = DEFAULT) -> bytes:
    """Return the file with ``text`` (the reader's name and time) behind or over every page; txt gives a PDF."""
    return child.run("watermark", _sized(data, limits), {"kind": kind, "text": text}, limits)[1]


def page_png(data: bytes, page: int, scale: float = 1.5, limits: Limits = DEFAULT) -> bytes:
    """Return one page of a PDF (from 1) as PNG, ``scale`` pixels a point."""
    return child.run("page_png", _sized(data, limits), {"page": page, "scale": scale}, limits)[1]


def render_text_pdf(text: str, title: str = "", limits: Limits = DEFAULT) -> bytes:
    """Return ``text`` set as an A4 PDF with an embedded font."""
    return child.run("text_pdf", _sized(text.encode(), limits), {"title": title}, limits)[1]
