"""回避的事由: the kinds of conflict as data; policy of this house, for no clause names them (SR-13, ADR 0050)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


@cache
def grounds() -> Mapping[str, Mapping[str, str]]:
    """Return the words of each ground in Chinese and English, by code, in their order."""
    source = files("dingmi.regime").joinpath("recusal.toml").read_text(encoding="utf-8")
    return tomllib.loads(source)
