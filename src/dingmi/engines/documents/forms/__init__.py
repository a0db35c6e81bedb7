"""Official forms: described once, filled from records, painted as PDF and as a Word file; ``FORMS`` lists them.

A form is data (``model.Form``): rows of labelled fields, words of a letter, a slip to cut off. One line in ``FORMS`` adds
another. Every sheet carries the mark of what it is about, a foot with the place in the ledger, and a code that verifies
without the application (``verify``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from dingmi.base.errors import Invalid
from dingmi.engines.documents import child
from dingmi.engines.documents.forms import (
    commissions,
    delegations,
    determination,
    disputes,
    letters,
    life,
    oversight,
    registers,
    reports,
)
from dingmi.engines.documents.forms.layout import Laid, laid
from dingmi.engines.documents.forms.model import Filled, Form, Printing, canonical, filled_from
from dingmi.engines.documents.limits import DEFAULT, Limits

KINDS = ("pdf", "docx")

FORMS: tuple[Form, ...] = (
    determination.APPROVAL,
    life.CHANGE,
    life.NOTICE,
    life.REMARK,
    letters.REFERRAL,
    disputes.UNCLEAR,
    disputes.CHALLENGE,
    disputes.DISPUTE,
    disputes.APPRAISAL,
    registers.KNOWLEDGE,
    registers.HANDOVER,
    registers.SLIP,
    registers.CARD,
    registers.DESTRUCTION,
    commissions.COMMISSION,
    commissions.STATEMENT,
    delegations.LETTER,
    delegations.APPLICATION,
    oversight.INSPECTION,
    oversight.LEAK,
    oversight.OUTCOME,
    reports.CLASSIFICATION,
    reports.WORK,
    reports.FILING,
)
BY_NAME: dict[str, Form] = {form.name: form for form in FORMS}

__all__ = [
    "BY_NAME",
    "FORMS",
    "KINDS",
    "Filled",
    "Form",
    "Laid",
    "Printing",
    "canonical",
    "filled_from",
    "render",
    "sheet",
    "verify",
]


def sheet(filled: Filled, printing: Printing | None = None) -> Laid:
    """Return the filled form as it is laid out; what a page shows."""
    return laid(BY_NAME[filled.form], filled, printing)


def render(
    filled: Filled,
    kind: str,
    printing: Printing | None = None,
    label: Mapping[str, Any] | None = None,
    limits: Limits = DEFAULT,
) -> bytes:
    """Return the filled form as ``pdf`` or ``docx``.

    Args:
        label: The machine mark's values; a form with a mark carries both.
    Raises:
        Invalid: ``form.too_long`` when the texts would need more pages than any form has.
        Unavailable: ``mark.not_visible``.
    """
    arguments = {"kind": kind, "printing": asdict(printing) if printing else None, "label": dict(label or {})}
    return child.run("form", canonical(filled).encode(), arguments, limits)[1]


def verify(data: bytes, kind: str, limits: Limits = DEFAULT) -> dict[str, Any]:
    """Check the file of a form by itself: its values are painted again and must read the same.

    Returns:
        ``verdict`` (valid or altered-content), what to look up in the ledger (``ledger_no``, ``digest``, ``sheet_sm3``), and
        who printed it. Whether the ledger knows the digests is for whoever holds an evidence pack.
    Raises:
        Invalid: ``form.no_values``: no form of ours, or one whose values were too long to carry.
    """
    if kind not in KINDS:
        raise Invalid("form.no_values")
    return dict(child.run("check_form", data, {"kind": kind}, limits)[0])
