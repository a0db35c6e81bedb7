"""The plain values in which terms are given: scope, answers, sources, files; read by queries and acts alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Scope:
    """知悉范围 as given: persons, departments and organs by id."""

    persons: tuple[UUID, ...] = ()
    departments: tuple[UUID, ...] = ()
    organs: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came: its name is data only; over JSON the bytes are ``content_base64``."""

    filename: str
    content: bytes


def scope_plain(scope: Scope) -> dict[str, list[str]]:
    """Return a scope as sorted JSON values."""
    return {
        "persons": sorted(str(p) for p in scope.persons),
        "departments": sorted(str(d) for d in scope.departments),
        "organs": sorted(str(o) for o in scope.organs),
    }


def scope_from(value: Mapping[str, Any]) -> Scope:
    """Read what ``scope_plain`` wrote; absent lists are empty."""
    kinds = (tuple(UUID(str(i)) for i in value.get(name) or ()) for name in ("persons", "departments", "organs"))
    return Scope(*kinds)


def is_named(scope: Scope) -> bool:
    """Tell whether the scope names anyone."""
    return bool(scope.persons or scope.departments or scope.organs)


NOT_USED, BOILERPLATE = "not_used", "boilerplate"  # why a source is put away


@dataclass(frozen=True)
class ReuseAnswer:
    """The drafter's answer to one reused passage; ``reason`` says why a source is put away.

    Attributes:
        points: The classified points of the source that are used, where only they are; none for the whole (PS-8).
    """

    source: UUID
    confirmed: bool
    reason: str = ""
    points: tuple[UUID, ...] = ()


@dataclass(frozen=True)
class SourceIn:
    """One source of a derived matter: ours by id, or received from elsewhere by its mark.

    Attributes:
        points: The classified points of ours that are used, where only they are; none for the whole (PS-8).
    """

    matter: UUID | None = None
    number: str = ""
    originator: str = ""
    level: str = ""
    tail: str = ""
    issued_on: date | None = None
    consent: bool = False
    points: tuple[UUID, ...] = ()


@dataclass(frozen=True)
class Answers:
    """What the drafter has filled in so far; every part may still be missing."""

    item: UUID | None = None
    level: str = ""
    tail: str = ""
    scope: Scope = field(default_factory=Scope)
    reasons: str = ""
    bars: dict[str, bool] = field(default_factory=dict)
    reuse: tuple[ReuseAnswer, ...] = ()
    confirmed: tuple[str, ...] = ()
    trigger: str = ""
    outside: tuple[SourceIn, ...] = ()
    longer_reason: str = ""  # why longer than similar matters got


def answers_plain(answers: Answers) -> dict[str, Any]:
    """Return the answers as JSON values, ids as text."""
    return {
        "item": str(answers.item) if answers.item else None,
        "level": answers.level,
        "tail": answers.tail,
        "scope": scope_plain(answers.scope),
        "reasons": answers.reasons,
        "bars": dict(answers.bars),
        "reuse": [
            {
                "source": str(r.source),
                "confirmed": r.confirmed,
                "reason": r.reason,
                "points": [str(p) for p in r.points],
            }
            for r in answers.reuse
        ],
        "confirmed": list(answers.confirmed),
        "trigger": answers.trigger,
        "outside": [source_plain(s) for s in answers.outside],
        "longer_reason": answers.longer_reason,
    }


def source_plain(source: SourceIn) -> dict[str, Any]:
    """Return a source as JSON values."""
    return {
        "matter": str(source.matter) if source.matter else None,
        "number": source.number,
        "originator": source.originator,
        "level": source.level,
        "tail": source.tail,
        "issued_on": source.issued_on.isoformat() if source.issued_on else None,
        "consent": source.consent,
        "points": [str(p) for p in source.points],
    }


def source_from(value: Mapping[str, Any]) -> SourceIn:
    """Read what ``source_plain`` wrote."""
    return SourceIn(
        matter=UUID(str(value["matter"])) if value.get("matter") else None,
        number=str(value.get("number") or ""),
        originator=str(value.get("originator") or ""),
        level=str(value.get("level") or ""),
        tail=str(value.get("tail") or ""),
        issued_on=date.fromisoformat(str(value["issued_on"])) if value.get("issued_on") else None,
        consent=bool(value.get("consent")),
        points=_ids(value.get("points")),
    )


def _ids(values: Iterable[Any] | None) -> tuple[UUID, ...]:
    return tuple(UUID(str(v)) for v in values or ())


def answers_from(value: Mapping[str, Any]) -> Answers:
    """Read what ``answers_plain`` wrote; what is absent counts as not filled in."""
    return Answers(
        item=UUID(str(value["item"])) if value.get("item") else None,
        level=str(value.get("level") or ""),
        tail=str(value.get("tail") or ""),
        scope=scope_from(value.get("scope") or {}),
        reasons=str(value.get("reasons") or ""),
        bars={str(k): bool(v) for k, v in (value.get("bars") or {}).items()},
        reuse=tuple(
            ReuseAnswer(UUID(str(r["source"])), bool(r["confirmed"]), str(r.get("reason") or ""), _ids(r.get("points")))
            for r in value.get("reuse") or ()
        ),
        confirmed=tuple(str(c) for c in value.get("confirmed") or ()),
        trigger=str(value.get("trigger") or ""),
        outside=tuple(source_from(s) for s in value.get("outside") or ()),
        longer_reason=str(value.get("longer_reason") or ""),
    )
