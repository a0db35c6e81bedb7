"""What the worker can be asked to do; every job gets bytes and JSON and gives JSON and bytes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from dingmi.base import confine
from dingmi.engines.documents import sniff
from dingmi.engines.documents.limits import Limits
from dingmi.engines.documents.model import plain_extracted
from dingmi.engines.documents.recognition import lines_of

Answer = tuple[Any, bytes]


def _format(arguments: dict[str, Any]) -> Any:
    from dingmi.engines.documents.registry import BY_NAME

    return BY_NAME[arguments["kind"]]


def _extract(data: bytes, arguments: dict[str, Any], limits: Limits) -> Answer:
    kind = sniff.recognise(data, arguments["filename"], limits)
    more = (lines_of,) if arguments.get("recognised") else ()
    return plain_extracted(_format({"kind": kind}).extract(data, limits, *more)), b""


def _unpack(data: bytes, arguments: dict[str, Any], limits: Limits) -> Answer:
    from dingmi.engines.documents import bundles

    text, members = bundles.opened(data, arguments["kind"], limits)
    told = [{"name": m.name, "size": len(m.data), "problem": m.problem} for m in members]
    return {"text": text[: limits.text_characters], "members": told}, b"".join(m.data for m in members)


def _recognise(data: bytes, arguments: dict[str, Any], limits: Limits) -> Answer:
    return sniff.recognise(data, arguments["filename"], limits), b""


def _stamp(data: bytes, arguments: dict[str, Any], limits: Limits) -> Answer:
    fmt = _format(arguments)
    stamped = fmt.stamp(
        data, limits, arguments["mark"], arguments["label"], arguments.get("strike"), arguments.get("note")
    )
    return fmt.stamped_kind, stamped


def _read(data: bytes, arguments: dict[str, Any], limits: Limits) -> Answer:
    fmt = _format(arguments)
    found = fmt.read_mark(data, limits)
    content = fmt.content_sm3(data, limits)
    return {"visible": found.visible, "label": found.label, "place_ok": found.place_ok, "content_sm3": content}, b""


def _watermark(data: bytes, arguments: dict[str, Any], limits: Limits) -> Answer:
    fmt = _format(arguments)
    return fmt.stamped_kind, fmt.watermark(data, limits, arguments["text"])


def _public(data: bytes, arguments: dict[str, Any], limits: Limits) -> Answer:
    fmt = _format(arguments)
    return None, fmt.clean(fmt.unmark(data, limits), limits)


def _traces(data: bytes, arguments: dict[str, Any], limits: Limits) -> Answer:
    return [[t.kind, t.count, t.words] for t in _format(arguments).traces(data, limits)], b""


def _page_png(data: bytes, arguments: dict[str, Any], limits: Limits) -> Answer:
    from dingmi.engines.documents.formats import pdf

    return None, pdf.page_png(data, limits, arguments["page"], arguments["scale"])


def _text_pdf(data: bytes, arguments: dict[str, Any], limits: Limits) -> Answer:
    from dingmi.engines.documents import rendering

    return None, rendering.render_text_pdf(data.decode(), arguments["title"], max_pages=limits.pages)


def _sheet(data: bytes, arguments: dict[str, Any], limits: Limits) -> Answer:
    from dingmi.engines.documents import sheets

    return sheets.cells(data, limits), b""


def _form(data: bytes, arguments: dict[str, Any], limits: Limits) -> Answer:
    from dingmi.engines.documents.forms import painting

    printing = arguments["printing"]
    return None, painting.painted(json.loads(data), arguments["kind"], printing, arguments["label"], limits)


def _check_form(data: bytes, arguments: dict[str, Any], limits: Limits) -> Answer:
    from dingmi.engines.documents.forms import painting

    return painting.checked(data, arguments["kind"], limits), b""


def _package(data: bytes, arguments: dict[str, Any], limits: Limits) -> Answer:
    from dingmi.engines.documents import bag

    found = bag.check(data, limits)
    faults = [[f.code, dict(f.params)] for f in found.faults]
    return {"info": dict(found.info), "payload": list(found.payload), "size": found.size, "faults": faults}, b""


def _confinement(data: bytes, arguments: dict[str, Any], limits: Limits) -> Answer:
    return confine.HELD, b""


_JOBS: dict[str, Callable[[bytes, dict[str, Any], Limits], Answer]] = {
    "extract": _extract,
    "recognise": _recognise,
    "unpack": _unpack,
    "stamp": _stamp,
    "read": _read,
    "watermark": _watermark,
    "public": _public,
    "traces": _traces,
    "page_png": _page_png,
    "text_pdf": _text_pdf,
    "sheet": _sheet,
    "form": _form,
    "check_form": _check_form,
    "package": _package,
    "confinement": _confinement,
}


def run(name: str, data: bytes, arguments: dict[str, Any], limits: dict[str, int]) -> Answer:
    """Do one job."""
    return _JOBS[name](data, arguments, Limits(**limits))
