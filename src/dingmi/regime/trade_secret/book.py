"""The rulebook of the regime, and its dated parameters."""

from __future__ import annotations

from importlib.resources import files

from dingmi.regime.kernel.parameters import Parameters
from dingmi.regime.kernel.rulebook import RuleBook

PARAMETERS = Parameters(files("dingmi.regime.trade_secret").joinpath("parameters.toml").read_text(encoding="utf-8"))
BOOK = RuleBook(PARAMETERS)
