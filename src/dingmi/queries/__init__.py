"""Reads, always for an actor; frozen values out."""

from __future__ import annotations

from dingmi.queries import (
    admin,
    catalogue,
    draft,
    draft_history,
    draft_verdict,
    expiry,
    forecast,
    forms,
    guard,
    guide_check,
    guide_impact,
    guides,
    inbox,
    legacy,
    lineage,
    matter,
    officers,
    overview,
    people,
    personnel,
    preview,
    register,
    review_desk,
    system,
    workbench,
)
from dingmi.queries.registry import QUERIES, Query, jsonable, query

FAMILIES = (
    admin,
    catalogue,
    draft,
    draft_history,
    draft_verdict,
    expiry,
    forecast,
    forms,
    guard,
    guide_check,
    guide_impact,
    guides,
    inbox,
    legacy,
    lineage,
    matter,
    officers,
    overview,
    people,
    personnel,
    preview,
    register,
    review_desk,
    system,
    workbench,
)

__all__ = ["FAMILIES", "QUERIES", "Query", "jsonable", "query"]
