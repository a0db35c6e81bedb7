"""考核规则的批量制定: the rules of a year from a spreadsheet, judged row by row; with one fault nothing lands (SEED-11, S17)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from functools import partial
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Conflict, Invalid
from dingmi.procedures.frame import procedure
from dingmi.procedures.people_import import Fault, Imported, Read, Rows, land, text_fault
from dingmi.queries.lists.words import INDICATOR
from dingmi.queries.people_sheet import HEADINGS
from dingmi.records.ledger.guard import new_id
from dingmi.records.officers.performance import PerformanceFact, PerformanceReview, PerformanceRules
from dingmi.regime import performance as book
from dingmi.regime.kernel.register import clauses

MOST_RULES, MOST_POINTS = 300, 100
CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
NAMES = {word.text: code for code, word in INDICATOR.items()}


def _number(text: str) -> int:
    """Return a whole number as a spreadsheet writes it, 0 for none; what guards a cell against being run is left out."""
    bare = text.removeprefix("'").removesuffix(".0")
    return int(bare) if re.fullmatch(r"[+-]?\d{1,3}", bare) else 0


def _wrong(row: Mapping[str, str], points: int, most: int) -> dict[str, str]:
    """Return what is wrong with the cells of a row, by column."""
    fits = 0 < abs(points) <= MOST_POINTS
    cells = {
        "code": "" if CODE.fullmatch(row["code"]) else "text.malformed",
        "indicator": "" if NAMES.get(row["indicator"], row["indicator"]) in INDICATOR else "choice.unknown",
        "points": "" if fits else "number.range",
        "most": "" if fits and points * most > 0 and abs(points) <= abs(most) <= MOST_POINTS else "number.range",
        "clause": "" if row["clause"] in clauses() else "choice.unknown",
        "zh": text_fault(row["zh"], 80),
        "en": text_fault(row["en"], 160),
        "instrument": text_fault(row["instrument"], 80),
    }
    return {column: code for column, code in cells.items() if code}


def _read(rows: Rows, actor: Actor, now: datetime, year: int) -> Read:
    shipped = book.scheme_of(year).rules
    made: dict[str, dict[str, object]] = {}
    faults: list[Fault] = []
    for number, sent in enumerate(rows, start=2):
        row = {column: sent.get(column, "").strip() for column in HEADINGS["rules"]}
        points, most = _number(row["points"]), _number(row["most"])
        wrong = _wrong(row, points, most)
        if row["code"] in made:
            wrong["code"] = "rule.twice"
        faults += [Fault(number, column, code) for column, code in wrong.items()]
        known = shipped.get(row["code"])
        rule = book.Rule(
            row["code"], NAMES.get(row["indicator"], row["indicator"]), points, most,
            known.source if known is not None else "office", row["clause"], row["zh"], row["en"],
        )  # fmt: skip
        made[rule.code] = {**asdict(rule), "instrument": row["instrument"]}
    used = PerformanceFact.objects.filter(on__year__gte=year).order_by("rule").values_list("rule", flat=True).distinct()
    faults += [Fault(0, "code", "rule.in_use", (), {"rule": code}) for code in used if code not in made]
    pk = new_id()
    kept = PerformanceRules(
        id=pk,
        year=year,
        version=f"{year}-{pk.hex[-8:]}",
        rules=list(made.values()),
        set_by=UUID(actor.person_id),
        set_at=now,
    )
    return [kept], [], faults


@procedure("performance.load_rules", requires=Role.HEAD, step_up=True, clauses=("SEED-11",))
def load_rules(
    *, actor: Actor, now: datetime, rows: tuple[dict[str, str], ...], year: int | None = None, dry_run: bool = True
) -> Imported:
    """Set the rules of appraisal from this year or a later one on, all at once; a year that was notified keeps its own. 制定考核规则。

    A rule whose code the product brings as found in records is found there still, with the points that it has here; any
    other is for facts that the office records with their evidence.

    Args:
        rows: code, indicator (code or Chinese word), points, most, clause, zh, en, instrument.
        year: From which year on; this one by default.
        dry_run: Only tell what is wrong with which row.
    Raises:
        Conflict: ``performance.closed``: the year is past or was notified.
        Invalid: ``rows.faulty`` with the number of faulty rows; a dry run lists every fault.
    """
    first = now.year if year is None else year
    if not now.year <= first <= now.year + 5:
        raise Conflict("performance.closed", (), year=first)
    if PerformanceReview.objects.filter(year__gte=first).exists():
        raise Conflict("performance.closed", (), year=first)
    if len(rows) > MOST_RULES:
        raise Invalid("input.invalid", (), fields={"rows": "number.range"})
    return land("performance.load_rules", partial(_read, year=first), rows, actor, now, dry_run, year=str(first))
