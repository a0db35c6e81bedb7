"""What the law is asked about the life of one copy: frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class MoveFacts:
    """``carriers.move``: an act is to be done with a copy that stands in ``state``."""

    at: datetime
    act: str
    state: str
    is_electronic: bool = False  # kept in the vault of the system, not in anybody's hands
    number: str = ""


@dataclass(frozen=True, slots=True)
class ProductionFacts:
    """``carriers.produce``: copies are made."""

    at: datetime
    level: str
    by_contractor: bool = False
    licence: str = ""  # number of the contractor's qualification
    in_proper_place: bool = True
    is_marked: bool = True


@dataclass(frozen=True, slots=True)
class HandingFacts:
    """``carriers.lend``, ``carriers.dispatch``: a copy, or a product, goes into somebody's hands."""

    at: datetime
    level: str
    in_scope: bool = True
    in_proper_place: bool = True
    is_product: bool = False
    is_cleared: bool = True  # the reader may know the level, or the matter is no longer protected
    reader: str = ""


@dataclass(frozen=True, slots=True)
class RepairFacts:
    """``carriers.repair``: a medium or a product is repaired."""

    at: datetime
    level: str
    by_outsiders: bool = False
    watched_by: str = ""  # who of ours stands by


@dataclass(frozen=True, slots=True)
class CarryingFacts:
    """``carriers.carry_out``: a copy leaves the premises in somebody's hands."""

    at: datetime
    level: str
    measures: str = ""
    leaves_the_country: bool = False
    export_approval: str = ""


@dataclass(frozen=True, slots=True)
class DoomFacts:
    """``carriers.propose_destruction``: how copies are to be destroyed."""

    at: datetime
    form: str
    method: str


@dataclass(frozen=True, slots=True)
class ConsentFacts:
    """``carriers.approve_destruction``: who proposed a destruction, and who approves it."""

    at: datetime
    proposed_by: str
    approved_by: str


@dataclass(frozen=True, slots=True)
class DoomedCountFacts:
    """``carriers.count_destruction``: what one of the watchers counted, beside the list."""

    at: datetime
    listed: int
    counted: int
    strange: int = 0  # numbers that are not on the list, or missing from what was read


@dataclass(frozen=True, slots=True)
class ReturnFacts:
    """``carriers.give_back``: a copy goes back to whoever issued it."""

    at: datetime
    is_from_outside: bool = True
