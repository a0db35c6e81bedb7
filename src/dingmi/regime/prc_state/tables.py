"""The dated parameters of the regime."""

from __future__ import annotations

from importlib.resources import files

from dingmi.regime.kernel.parameters import Parameters

PARAMETERS = Parameters(files("dingmi.regime.prc_state").joinpath("parameters.toml").read_text(encoding="utf-8"))
