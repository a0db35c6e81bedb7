"""Message catalogues: for every code a sentence and a remedy, in Chinese and in English.

One TOML file per topic below ``zh/`` and ``en/``; a table is named by its code and holds ``text`` and ``remedy``.
``{cite}`` in a text is replaced by the clauses spelled out, every other ``{name}`` by a parameter of the finding. A text without it
is followed by its ground all the same: the clauses, or that it is a rule of this system.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from dingmi.base.actor import Role

LANGUAGES = ("zh", "en")
HERE = ZoneInfo("Asia/Shanghai")  # instants are told by the clock of those who read them
Citer = Callable[[str, str], str]


class Coded(Protocol):
    """Anything with a code, clauses and parameters: a finding or an error."""

    @property
    def code(self) -> str: ...
    @property
    def clauses(self) -> tuple[str, ...]: ...
    @property
    def params(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Rendered:
    """What is wrong and why, and what to do and who can."""

    text: str
    remedy: str


POLICY = {"zh": "本系统的规定", "en": "a rule of this system"}
_citer: list[Citer] = []
_policies: set[str] = set()


def use_grounds(citer: Citer, policies: frozenset[str]) -> None:
    """Let ``citer(clause_id, language)`` spell out clauses, and ``policies`` be the codes of policy; the regime does on import."""
    _citer[:] = [citer]
    _policies.update(policies)


def cited(clauses: tuple[str, ...], language: str) -> str:
    """Return the clauses spelled out and joined, or their ids when no register is loaded."""
    spell = _citer[0] if _citer else (lambda clause, _language: clause)
    return ("、" if language == "zh" else "; ").join(spell(clause, language) for clause in clauses)


@cache
def catalogue(language: str) -> Mapping[str, Mapping[str, str]]:
    """Return every message of one language by code."""
    found: dict[str, Mapping[str, str]] = {}
    for topic in sorted(files(__package__).joinpath(language).iterdir(), key=lambda entry: entry.name):
        if topic.name.endswith(".toml"):
            for code, entry in tomllib.loads(topic.read_text(encoding="utf-8")).items():
                if code in found:
                    raise ValueError(f"message {code} stands twice, again in {topic.name}")
                found[code] = entry
    return found


class _Formatter(Formatter):
    """Fill in parameters; one that is missing shows as 「—」 and attributes or indexes are not followed."""

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> Any:
        return kwargs.get(field_name, "—"), field_name


def _shown(value: Any, language: str) -> str:
    if isinstance(value, Role):
        return catalogue(language)[f"roles.{value}"]["text"]
    if isinstance(value, datetime):
        return (value.astimezone(HERE) if value.tzinfo else value).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple | set | frozenset):
        return ("、" if language == "zh" else ", ").join(_shown(v, language) for v in value)
    if isinstance(value, dict):
        return "；".join(f"{k}: {_shown(v, language)}" for k, v in value.items())
    return "—" if value is None else str(value)


def render(coded: Coded, language: str) -> Rendered:
    """Return the sentence and the remedy for a finding or an error.

    Args:
        coded: A code with clauses and parameters.
        language: ``zh`` or ``en``.
    """
    entry = catalogue(language).get(coded.code)
    if entry is None:
        return Rendered(coded.code, "")
    values = {name: _shown(value, language) for name, value in coded.params.items()}
    values["cite"] = cited(coded.clauses, language)
    form = _Formatter()
    text = _grounded(form.vformat(entry["text"], (), values), coded, "{cite}" in entry["text"], language)
    return Rendered(text, form.vformat(entry.get("remedy", ""), (), values))


def _grounded(text: str, coded: Coded, told: bool, language: str) -> str:
    """Return the sentence with its ground at its end, unless it tells it already."""
    policy = POLICY[language] if coded.code in _policies and not coded.clauses else ""
    why = policy or ("" if told else cited(coded.clauses, language))
    if not why or why.removeprefix("a ") in text:
        return text
    opening, closing, stop = ("（", "）", "。") if language == "zh" else (" (", ")", ".")
    return text.removesuffix(stop) + opening + why + closing + stop
