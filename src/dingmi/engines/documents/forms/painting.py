"""The worker's half: paint a filled form and put its mark on it."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Callable, Mapping
from typing import Any

from dingmi.base.errors import Invalid
from dingmi.engines.documents.formats import docx as docx_format
from dingmi.engines.documents.formats import docx_mark, pdf_mark
from dingmi.engines.documents.formats import pdf as pdf_format
from dingmi.engines.documents.forms import BY_NAME, pdf, word
from dingmi.engines.documents.forms.layout import Laid, laid
from dingmi.engines.documents.forms.model import PRIVATE, Filled, Printing, filled_from
from dingmi.engines.documents.limits import DEFAULT, Limits

MOST_CARRIED = 12_000  # characters of values that fit into the machine mark
PAINTERS: dict[str, Callable[[Laid], bytes]] = {"pdf": pdf.paint, "docx": word.paint}
MARKS: dict[str, Any] = {"pdf": pdf_mark, "docx": docx_mark}


def painted(
    plain: Mapping[str, Any],
    kind: str,
    printing: Mapping[str, Any] | None,
    label: dict[str, Any],
    limits: Limits,
) -> bytes:
    """Return the file of a form; see ``forms.render``."""
    filled = filled_from(plain)
    made = PAINTERS[kind](laid(BY_NAME[filled.form], filled, Printing(**printing) if printing else None))
    return stamped_as(made, kind, filled, {**label, **carried(plain, printing)}, limits)


def stamped_as(made: bytes, kind: str, filled: Filled, label: dict[str, Any], limits: Limits = DEFAULT) -> bytes:
    """Put the mark of a form on its painting; a form without a mark stays as it is."""
    if not filled.mark:
        return made
    mark, strike, note = filled.mark, filled.strike or None, filled.note or None
    bound = {**label, "mark": mark}
    if kind == "pdf":
        return pdf_mark.stamp(made, limits, mark, bound, strike, note, left=pdf_mark.FORM_LEFT)
    return docx_mark.stamp(made, limits, mark, bound, strike, note)


def carried(plain: Mapping[str, Any], printing: Mapping[str, Any] | None) -> dict[str, str]:
    """Return the values as the machine mark carries them, so that the file can be checked by itself; none if too long."""
    text = json.dumps({"filled": plain, "printing": printing}, ensure_ascii=False, sort_keys=True)
    packed = base64.b64encode(zlib.compress(text.encode(), 9)).decode()
    return {"sheet": packed} if len(packed) <= MOST_CARRIED else {}


def unpacked(text: str) -> Mapping[str, Any]:
    """Return what ``carried`` packed.

    Raises:
        Invalid: ``form.no_values``: it is not that, or more than any form holds.
    """
    try:
        unzip = zlib.decompressobj()
        data = unzip.decompress(base64.b64decode(text, validate=True), 8 * PRIVATE)
        plain = json.loads(data) if not unzip.unconsumed_tail else None
    except (ValueError, zlib.error, RecursionError):
        plain = None
    if not isinstance(plain, dict) or not isinstance(plain.get("filled"), dict):
        raise Invalid("form.no_values")
    return plain


def checked(data: bytes, kind: str, limits: Limits) -> dict[str, Any]:
    """Paint the values again that a form's file carries, and compare what people read on both.

    Raises:
        Invalid: ``form.no_values``: the file is no form of ours, or carries no values.
    """
    fmt = MARKS[kind]
    label = fmt.read_mark(data, limits).label or {}
    plain = unpacked(str(label.get("sheet", "")))
    try:
        filled = filled_from(plain["filled"])
        again = painted(plain["filled"], kind, plain["printing"], dict(label), limits)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Invalid("form.no_values") from None
    same = _read(data, kind, limits) == _read(again, kind, limits)
    printing = Printing(**plain["printing"]) if plain["printing"] else Printing()
    return {
        "verdict": "valid" if same else "altered-content",
        "form": filled.form,
        "number": filled.number,
        "ledger_no": filled.ledger_no,
        "digest": filled.digest,
        "sheet_sm3": filled.sheet_sm3,
        "printed_by": printing.by,
        "printed_at": printing.at,
        "copy": printing.copy,
    }


def _read(data: bytes, kind: str, limits: Limits) -> tuple[str, str]:
    """Return the mark and every other text of a form's file, blanks left out."""
    found = (pdf_format if kind == "pdf" else docx_format).extract(data, limits)
    return found.own_mark, "".join(found.text.split())
