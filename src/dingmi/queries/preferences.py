"""How a person likes the pages: columns and saved views of the register, density, single keys. Never what they may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from dingmi.base.errors import Invalid
from dingmi.queries import filters
from dingmi.records.organs.models import Preference

COLUMNS = ("department", "decided", "ends", "left", "origin", "officer", "copies", "state")
DENSITIES = ("compact", "normal", "comfortable")
KEYS = ("n", "/", "?", "j", "k", "x", "b", "g", "a", "m", "c", "[", "]")  # the single keys, by what they are at first
VIEWS_MOST = 8
FILTER = ("view", "level", "state", "text")


@dataclass(frozen=True, slots=True)
class SavedView:
    """A filter of the register under a name of its reader."""

    name: str
    view: str
    level: str
    state: str
    text: str


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a person chose, or how the pages are at first."""

    columns: tuple[str, ...] = COLUMNS
    density: str = "normal"
    keys: Mapping[str, str] = field(default_factory=dict)
    views: tuple[SavedView, ...] = ()


def of(account: str) -> Preferences:
    """Return the preferences of an account."""
    held = dict(Preference.objects.filter(account=UUID(account)).values_list("name", "value")) if account else {}
    return Preferences(
        columns=tuple(held.get("columns", COLUMNS)),
        density=held.get("density", "normal"),
        keys=held.get("keys", {}),
        views=tuple(SavedView(**v) for v in held.get("views", [])),
    )


def _bad(name: str) -> Invalid:
    return Invalid("input.invalid", (), fields={name: "choice.unknown"})


def _columns(value: Any) -> list[str]:
    if not isinstance(value, list) or not set(map(str, value)) <= set(COLUMNS):
        raise _bad("columns")
    return [name for name in COLUMNS if name in value]


def _density(value: Any) -> str:
    if value not in DENSITIES:
        raise _bad("density")
    return str(value)


def _keys(value: Any) -> dict[str, str]:
    """Check which key stands for which: one printable character each, blank for off, no two the same."""
    if not isinstance(value, dict) or not set(value) <= set(KEYS):
        raise _bad("keys")
    made = {str(k): str(v).lower() for k, v in value.items()}
    if any(len(v) > 1 or (v and not v.isprintable()) or v.isspace() for v in made.values()):
        raise Invalid("input.invalid", (), fields={"keys": "key.one_character"})
    used = [v for v in (made.get(k, k) for k in KEYS) if v]
    if len(set(used)) != len(used) or any(v.isdigit() for v in used):  # digits choose among what a page shows
        raise Invalid("input.invalid", (), fields={"keys": "key.taken"})
    return {k: v for k, v in made.items() if v != k}


def _views(value: Any) -> list[dict[str, str]]:
    """Check saved views: named, few, and conditions only, for words of a title must not be kept in the clear."""
    if not isinstance(value, list) or len(value) > VIEWS_MOST:
        raise Invalid("input.invalid", (), fields={"views": "views.too_many"})
    made = []
    for one in value:
        if not isinstance(one, dict) or not set(one) <= {"name", *FILTER}:
            raise _bad("views")
        name = " ".join(str(one.get("name", "")).split())
        if not name or len(name) > 20 or not name.isprintable():
            raise Invalid("input.invalid", (), fields={"name": "text.missing"})
        if filters.parse(str(one.get("text", ""))).words:
            raise Invalid("export.words", (), fields={"text": "export.words"})
        made.append({"name": name, **{part: str(one.get(part, ""))[:120] for part in FILTER}})
    return made


CHECKS = {"columns": _columns, "density": _density, "keys": _keys, "views": _views}


def checked(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return preferences as they are kept.

    Raises:
        Invalid: An unknown name, or a value that is not one of its choices.
    """
    if not changes or not set(changes) <= set(CHECKS):
        raise _bad("changes")
    return {name: CHECKS[name](value) for name, value in changes.items()}
