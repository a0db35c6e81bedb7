"""What a form is: a description (``Form``), the values of one case (``Filled``), who printed it, and the two put together."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from dingmi.base.errors import Invalid
from dingmi.engines.documents.digest import sm3

Ticks = tuple[tuple[str, bool], ...]  # (原始定密, ticked)
Lines = tuple[tuple[str, ...], ...]  # rows of a table
Value = str | Ticks | Lines
PRIVATE = 60_000  # characters of one form at most


@dataclass(frozen=True, slots=True)
class Cell:
    """One labelled field.

    ``kind`` is ``text``; ``ticks`` (choices with a box each); ``opinion`` (text, then the signature of ``role`` and a
    date, from the fields ``<field>_by`` and ``<field>_on``); or ``table`` (rows under ``heads``, with at least ``blank``
    rows, so that a pen can go on).
    """

    label: str
    field: str
    kind: str = "text"
    high: float = 2.6  # least height, in text sizes
    role: str = ""
    heads: tuple[str, ...] = ()
    widths: tuple[int, ...] = ()  # relative; equal when none are given
    blank: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the form's table: one wide cell or two."""

    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """A paragraph of a letter; ``{field}`` stands for a value. It is left out while the field ``needs`` is empty.

    ``style`` is ``to`` (addressee), ``body``, ``right`` (signature and date) or ``note``.
    """

    text: str
    style: str = "body"
    needs: str = ""


@dataclass(frozen=True, slots=True)
class Cut:
    """A line to cut along, and the heading of the slip below it."""

    title: str


Block = Row | Words | Cut


@dataclass(frozen=True, slots=True)
class Form:
    """One official form: what stands on it, in order, and the clauses that ask for it."""

    name: str
    title: str  # may hold {field}
    blocks: tuple[Block, ...]
    clauses: tuple[str, ...]
    number_label: str = "编号"
    last_line: str = ""  # what to do with the paper
    letter: bool = False  # set as an official letter (size 3 text) and not as a table

    @property
    def fields(self) -> frozenset[str]:
        """Every field that the form shows."""
        names: set[str] = set(_named(self.title))
        for block in self.blocks:
            if isinstance(block, Words):
                names |= {*_named(block.text), *([block.needs] if block.needs else [])}
            elif isinstance(block, Row):
                for cell in block.cells:
                    names.add(cell.field)
                    if cell.kind == "opinion":
                        names |= {f"{cell.field}_by", f"{cell.field}_on"}
        return frozenset(names)


def _named(template: str) -> list[str]:
    return [part.partition("}")[0] for part in template.split("{")[1:]]


@dataclass(frozen=True, slots=True)
class Filled:
    """The values of one case, every one as text that is printed as it is; taken from records and nothing else.

    ``mark`` is the visible mark, ``strike`` an old mark shown struck through before it, ``note`` what stands in brackets
    after it; ``law`` is the last line at the foot, ``notice`` a word about the data as a whole.
    """

    form: str
    fields: Mapping[str, Value] = field(default_factory=dict)
    mark: str = ""
    strike: str = ""
    note: str = ""
    number: str = ""
    serial: str = ""
    ledger_no: int | None = None
    digest: str = ""  # SM3 of what was signed
    law: str = ""
    notice: str = ""

    @property
    def sheet_sm3(self) -> str:
        """SM3 (hex) of the values in canonical form: the same for the sheet, the Word file, the PDF and the QR code."""
        return sm3(canonical(self).encode()).hex()

    @property
    def code(self) -> str:
        """What the QR code says: form, ledger number, digest of what was signed, digest of the sheet."""
        place = "" if self.ledger_no is None else str(self.ledger_no)
        return f"dingmi-form:1:{self.form}:{place}:{self.digest}:{self.sheet_sm3}"


@dataclass(frozen=True, slots=True)
class Printing:
    """Who printed it, when (as text), and which print of this sheet it is."""

    by: str = ""
    at: str = ""
    copy: int = 1


def canonical(filled: Filled) -> str:
    """Return the values as one line of JSON with sorted keys; lists for tuples."""
    return json.dumps(asdict(filled), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def filled_from(plain: Mapping[str, Any]) -> Filled:
    """Rebuild the value from JSON.

    Raises:
        Invalid: ``form.too_long``.
    """
    fields = {str(k): v if isinstance(v, str) else tuple(tuple(row) for row in v) for k, v in plain["fields"].items()}
    made = Filled(**{**plain, "fields": fields})
    if len(canonical(made)) > PRIVATE:
        raise Invalid("form.too_long")
    return made
