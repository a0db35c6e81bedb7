"""Register numbers ``<unit>-<J|M|T>-<year>-<n>`` and what stands in their place on a draft (SR-26)."""

from __future__ import annotations

from uuid import UUID

LETTERS = {"绝密": "J", "机密": "M", "秘密": "T"}  # one series per unit, level and year

GRADE_LETTERS = {"内部": "N", "普通商密": "P", "核心商密": "H"}  # work and trade secrets: series of their own


def letter(level: str) -> str:
    """Return the register letter of ``level``.

    Raises:
        KeyError: ``level`` is no level, so no number is due.
    """
    return (LETTERS | GRADE_LETTERS)[level]


def spelled(unit: str, level: str, year: int, number: int) -> str:
    """Return the register number of the ``number``-th matter of a series."""
    return f"{unit}-{letter(level)}-{year}-{number}"


def short(ident: UUID) -> str:
    """Return what names a thing to those for whom its place in a series would tell of others: 8 characters of its random id."""
    return str(ident)[:8]


def shown(matter_id: UUID, register_no: str | None) -> str:
    """Return what names a matter in lists: its register number, or the first 8 characters of its random id."""
    return register_no or short(matter_id)
