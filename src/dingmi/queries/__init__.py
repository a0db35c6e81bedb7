"""Reads, always for an actor; frozen values out."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from dingmi.queries.registry import QUERIES, Query, jsonable, query

FAMILIES: tuple[str, ...] = (
    "system",
    "guide_check",
    "register",
    "workbench",
    "matter",
    "expiry",
    "admin",
    "inbox",
    "guides",
    "officers",
    "help",
    "draft",
    "draft_verdict",
    "review_desk",
    "documents",
    "preview",
    "search",
    "numbers",
    "notices",
)


for _family in FAMILIES:
    if find_spec(f"dingmi.queries.{_family}") is None:
        continue
    try:
        import_module(f"dingmi.queries.{_family}")
    except ImportError as error:  # only while rooms below are still being written
        if not (error.name or "").startswith("dingmi."):
            raise

__all__ = ["FAMILIES", "QUERIES", "Query", "jsonable", "query"]
