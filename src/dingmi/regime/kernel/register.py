"""The register of clauses: which instrument, since when, what each asks, and how it is cited."""

from __future__ import annotations

import csv
import re
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from dingmi.base.chinese import article_name

_FOLDER = files("dingmi.regime").joinpath("register")


@dataclass(frozen=True, slots=True)
class Instrument:
    """One edition of one text, with a code that never changes meaning."""

    code: str
    zh: str
    en: str
    since: date
    until: date | None
    carried_until_replaced: bool
    ended_by: str


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause and what it asks of the product."""

    id: str
    source: str
    article: str
    actor: str
    requirement_zh: str
    requirement_en: str
    response: str
    parameter: str

    @property
    def instrument(self) -> str:
        """The code of its instrument."""
        return self.id.split("-", 1)[0]

    @property
    def place(self) -> str:
        """The article alone: some rows repeat before it what their source is called."""
        called = re.match(r"\D*", self.article)
        word = called[0] if called else ""
        return self.article[len(word) :] if word and self.source.startswith(word) else self.article

    @property
    def is_confirmed(self) -> bool:
        """Whether the wording was seen; a clause that was not seen warns and never blocks."""
        return not self.id.endswith("?")


@cache
def instruments() -> dict[str, Instrument]:
    """Return every instrument by code."""
    table = tomllib.loads(_FOLDER.joinpath("instruments.toml").read_text(encoding="utf-8"))
    return {
        code: Instrument(
            code,
            row["zh"],
            row["en"],
            row["since"],
            row.get("until"),
            row.get("carried_until_replaced", False),
            row.get("ended_by", ""),
        )
        for code, row in table.items()
    }


@cache
def clauses() -> dict[str, Clause]:
    """Return every clause of the register by id."""
    text = _FOLDER.joinpath("clauses.csv").read_text(encoding="utf-8")
    return {row["id"]: Clause(**row) for row in csv.DictReader(text.splitlines())}


@cache
def successors() -> dict[str, str]:
    """Return the clause that takes the place of one that has ended or was not seen."""
    table: dict[str, str] = tomllib.loads(_FOLDER.joinpath("successors.toml").read_text(encoding="utf-8"))
    return table


@cache
def outside() -> dict[str, dict[str, str]]:
    """Return the clauses that nothing in the product serves, each with the reason in ``zh`` and ``en``."""
    table: dict[str, dict[str, str]] = tomllib.loads(_FOLDER.joinpath("outside.toml").read_text(encoding="utf-8"))
    return table


def in_force(clause_id: str, on: date) -> bool:
    """Tell whether a clause binds on ``on``, as law or as carry-over (procedures §8.16)."""
    instrument = instruments()[clause_id.split("-", 1)[0]]
    if on < instrument.since:
        return False
    return instrument.until is None or on <= instrument.until or instrument.carried_until_replaced


def is_carried_over(clause_id: str, on: date) -> bool:
    """Tell whether a clause binds on ``on`` only because its successor's text is not loaded."""
    instrument = instruments()[clause_id.split("-", 1)[0]]
    return instrument.until is not None and on > instrument.until and instrument.carried_until_replaced


def grounds(clause_id: str, on: date) -> tuple[str, ...]:
    """Return the clauses to cite for one that binds on ``on``; the first decides whether it blocks.

    A carry-over is cited with its successor as long as that one's wording is unconfirmed, and gives way to it afterwards;
    so does a clause that was itself never seen.
    """
    successor = successors().get(clause_id)
    replaceable = is_carried_over(clause_id, on) or clause_id.endswith("?")
    if successor is None or not replaceable or not in_force(successor, on):
        return (clause_id,)
    return (successor,) if clauses()[successor].is_confirmed else (clause_id, successor)


def cite(clause_id: str, language: str = "zh", on: date | None = None) -> str:
    """Spell out a clause: instrument, article, paragraph; with 沿用条款待核 or 条文待核 where that is so.

    Args:
        clause_id: e.g. ``BMF-20.2``.
        language: ``zh`` or ``en``.
        on: The date judged; without it the latest state is told.
    """
    clause = clauses().get(clause_id)
    if clause is None:
        return clause_id
    instrument = instruments()[clause.instrument]
    name = instrument.zh if language == "zh" else instrument.en
    text = f"{name} {article_name(clause.place, language)}".strip()
    carried = is_carried_over(clause_id, on) if on else instrument.carried_until_replaced
    if carried:
        text += "〔沿用条款待核〕" if language == "zh" else " [carried over, to be confirmed]"
    if not clause.is_confirmed:
        text += "〔条文待核〕" if language == "zh" else " [wording unconfirmed]"
    return text
