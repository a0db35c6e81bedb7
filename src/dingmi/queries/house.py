"""The house: what kind of unit uses the product, which regimes its menus show, and what it calls its acts."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from django.conf import settings

from dingmi.base import messages
from dingmi.base.errors import Finding, Invalid

KINDS = ("organ", "enterprise")


@dataclass(frozen=True)
class House:
    """One profile of words and menus, from ``base/houses/<kind>.toml``."""

    kind: str
    regimes: tuple[str, ...]
    separator: str = ""  # between level and period of a trade secret; the regime refuses a ★
    acts: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def leads_with(self) -> str:
        """The regime that this house works with first."""
        return self.regimes[0]

    def word(self, act: str, language: str) -> str:
        """Return what the house calls an act."""
        own = self.acts.get(act, {}).get(language)
        return own or messages.render(Finding(act, "note"), language).text


@cache
def of_kind(kind: str) -> House:
    """Return the profile of a kind of house.

    Raises:
        Invalid: There is no such kind.
    """
    if kind not in KINDS:
        raise Invalid("house.unknown", (), kinds="、".join(KINDS))
    text = files("dingmi.base").joinpath("houses", f"{kind}.toml").read_text(encoding="utf-8")
    row = tomllib.loads(text)
    return House(kind, tuple(row["regimes"]), row.get("separator", ""), row.get("acts", {}))


def house() -> House:
    """Return the profile of this installation."""
    return of_kind(settings.DINGMI_HOUSE)
