"""The law as code, pure: ``judge`` an act by the law of its date; no Django, no clock, no database."""

from __future__ import annotations

import tomllib
from dataclasses import fields as fields_of
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Protocol

import pydantic

from dingmi.base import messages
from dingmi.base.errors import Invalid, NotFound
from dingmi.regime import access, deadlines, grounds, prc_state, trade_secret, work_secret
from dingmi.regime.kernel.levels import OrderedLevel
from dingmi.regime.kernel.register import cite, clauses, in_force, instruments
from dingmi.regime.kernel.rulebook import RuleBook, Verdict


class Regime(Protocol):
    """What a regime package offers: its rulebook, and the facts that each of its acts is judged on."""

    @property
    def BOOK(self) -> RuleBook: ...
    @property
    def FACTS(self) -> dict[str, type]: ...
    @property
    def Level(self) -> type[OrderedLevel]: ...


REGIMES: dict[str, Regime] = {
    "prc_state": prc_state,
    "work_secret": work_secret,
    "trade_secret": trade_secret,
}
messages.use_grounds(lambda clause, language: cite(clause, language), grounds.policies())


@cache
def rulebook(regime: str) -> str:
    """Return the digest of a regime's rulebook."""
    digest: str = REGIMES[regime].BOOK.digest()
    return digest


def judge(regime: str, act: str, facts: Any, on: date) -> Verdict:
    """Judge an act by the law in force on ``on``.

    Args:
        regime: A key of ``REGIMES``.
        act: Dotted act name.
        facts: The frozen facts of that act.
        on: Civil date of the act.
    Raises:
        NotFound: The regime or the act is unknown.
    """
    _facts_type(regime, act)
    verdict: Verdict = REGIMES[regime].BOOK.judge(act, facts, on, rulebook(regime))
    return verdict


def _facts_type(regime: str, act: str) -> type:
    if regime not in REGIMES or act not in REGIMES[regime].FACTS:
        raise NotFound("rules.unknown_act", (), act=act[:60], regime=regime[:30])
    found: type = REGIMES[regime].FACTS[act]
    return found


def facts_from_json(act: str, value: Any, regime: str = "prc_state") -> Any:
    """Read the facts of an act from JSON values.

    Raises:
        Invalid: A field is missing, unknown or malformed.
    """
    kind = _facts_type(regime, act)
    unknown = set(value) - {f.name for f in fields_of(kind)} if isinstance(value, dict) else set()
    if unknown:
        raise Invalid("rules.malformed_facts", (), fields={str(name)[:40]: "field.unknown" for name in unknown})
    try:
        adapter: pydantic.TypeAdapter[Any] = pydantic.TypeAdapter(kind)
        return adapter.validate_python(value)
    except pydantic.ValidationError as error:
        fields = {".".join(str(p) for p in e["loc"]): e["type"] for e in error.errors()}
        raise Invalid("rules.malformed_facts", (), fields=fields) from error


def schema(act: str, regime: str = "prc_state") -> dict[str, Any]:
    """Return the JSON Schema of the facts of an act."""
    return pydantic.TypeAdapter(_facts_type(regime, act)).json_schema()


def carriers() -> dict[str, list[str]]:
    """Return for each clause the rules, decisions, parameters and deadlines that carry it."""
    found: dict[str, list[str]] = {}
    for name, regime in REGIMES.items():
        for clause, rules in regime.BOOK.carriers().items():
            found.setdefault(clause, []).extend(f"{name}:{rule}" for rule in rules)
        for table, rows in regime.BOOK.parameters.tables.items():
            for row in rows:
                found.setdefault(row["clause"], []).append(f"{name}:parameter {table}")
    for clause, names in deadlines.carriers().items():
        found.setdefault(clause, []).extend(f"deadline {name}" for name in names)
    for code, instrument in instruments().items():
        if instrument.ended_by:
            found.setdefault(instrument.ended_by, []).append(f"edition {code}")
    for clause in access.CLAUSES:
        found.setdefault(clause, []).append("access")
    return {clause: sorted(set(names)) for clause, names in found.items()}


def coverage() -> list[dict[str, Any]]:
    """Return for every clause of the register its response, edition, and the rules that carry it."""
    carried = carriers()
    return [
        {
            "id": clause.id,
            "response": clause.response,
            "since": instruments()[clause.instrument].since,
            "until": instruments()[clause.instrument].until,
            "carried_over": instruments()[clause.instrument].carried_until_replaced,
            "confirmed": clause.is_confirmed,
            "rules": carried.get(clause.id, []),
        }
        for clause in clauses().values()
    ]


def part_one() -> dict[str, list[str]]:
    """Return the clauses owed by the first part of the product, and the rules that carry each; none: not carried yet."""
    text = files("dingmi.regime").joinpath("register", "part1.toml").read_text(encoding="utf-8")
    rules = {row["id"]: row["rules"] for row in coverage()}
    return {clause: rules[clause] for clause in tomllib.loads(text)["clauses"]}


__all__ = [
    "REGIMES",
    "Verdict",
    "carriers",
    "cite",
    "coverage",
    "facts_from_json",
    "in_force",
    "judge",
    "part_one",
    "rulebook",
    "schema",
]
