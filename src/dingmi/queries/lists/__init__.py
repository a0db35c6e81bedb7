"""Every list of the product by name: pages draw it, and ``lists.export`` takes it out (one mechanism for both)."""

from __future__ import annotations

from dingmi.queries.lists.carriers import CARRIERS
from dingmi.queries.lists.matters import MATTERS
from dingmi.queries.lists.model import Column, Listing, Word
from dingmi.queries.lists.oversight import OVERSIGHT
from dingmi.queries.lists.people import OFFICERS, PEOPLE, TRAINING
from dingmi.queries.lists.secrecy import REGISTERS, SECRECY
from dingmi.queries.lists.system import SYSTEM
from dingmi.queries.lists.words import SAID

LISTS: dict[str, Listing] = {**OFFICERS, **PEOPLE, **SECRECY, **TRAINING, **MATTERS, **OVERSIGHT, **CARRIERS, **SYSTEM}

__all__ = ["LISTS", "REGISTERS", "SAID", "Column", "Listing", "Word"]
