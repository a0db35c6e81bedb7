"""The legal acts, grouped by family; the only room that changes records."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from dingmi.procedures.frame import ACTS, Act, perform, procedure
from dingmi.queries.terms import Scope, Upload

FAMILIES: tuple[str, ...] = (
    "access",
    "keep",
    "personnel",
    "guides",
    "officers",
    "delegation",
    "determination",
    "derivation",
    "referral",
    "review",
    "change",
    "declassification",
    "need_to_know",
    "carriers",
    "notices",
)
for _family in FAMILIES:
    if find_spec(f"dingmi.procedures.{_family}") is None:
        continue
    try:
        import_module(f"dingmi.procedures.{_family}")
    except ImportError as error:  # only while rooms below are still being written
        if not (error.name or "").startswith("dingmi."):
            raise

__all__ = ["ACTS", "FAMILIES", "Act", "Scope", "Upload", "perform", "procedure"]
