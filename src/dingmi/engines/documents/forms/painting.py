"""The worker's half: paint a filled form and put its mark on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dingmi.engines.documents.formats import docx_mark, pdf_mark
from dingmi.engines.documents.forms import BY_NAME, pdf, word
from dingmi.engines.documents.forms.layout import Laid, laid
from dingmi.engines.documents.forms.model import Printing, filled_from
from dingmi.engines.documents.limits import Limits

PAINTERS: dict[str, Callable[[Laid], bytes]] = {"pdf": pdf.paint, "docx": word.paint}


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
    if not filled.mark:
        return made
    mark, strike, note = filled.mark, filled.strike or None, filled.note or None
    bound = {**label, "mark": mark}
    if kind == "pdf":
        return pdf_mark.stamp(made, limits, mark, bound, strike, note, left=pdf_mark.FORM_LEFT)
    return docx_mark.stamp(made, limits, mark, bound, strike, note)
