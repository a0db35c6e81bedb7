"""The legal acts, grouped by family; the only room that changes records."""

from __future__ import annotations

from dingmi.procedures import (
    access,
    carriers,
    challenge,
    change,
    declassification,
    delegation,
    derivation,
    determination,
    duties,
    evidence,
    forms,
    guide_changes,
    guides,
    keep,
    lapse,
    legacy,
    need_to_know,
    notices,
    officers,
    personnel,
    points,
    redraft,
    referral,
    remarking,
    review,
    threads,
    unclear,
)
from dingmi.procedures.frame import ACTS, Act, perform, procedure
from dingmi.queries.terms import Scope, Upload

FAMILIES = (
    access,
    keep,
    personnel,
    guides,
    guide_changes,
    officers,
    delegation,
    determination,
    redraft,
    points,
    derivation,
    threads,
    referral,
    unclear,
    challenge,
    review,
    change,
    declassification,
    lapse,
    legacy,
    need_to_know,
    carriers,
    remarking,
    forms,
    notices,
    duties,
    evidence,
)

__all__ = ["ACTS", "FAMILIES", "Act", "Scope", "Upload", "perform", "procedure"]
