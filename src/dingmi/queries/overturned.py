"""被推翻的决定: decisions that something was learnt from, and the later correction that found them wrong (TL-24, ZX-42)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from dingmi.queries import corrected
from dingmi.records.matters.assist import Outcome
from dingmi.records.matters.outlook import ReviewOutcome
from dingmi.records.oversight.models import Correction

REMEDIES = ("change", "void", "classify", "release")  # remedies that say that a decision was wrong
OUGHT_TO_END = {"change": True, "void": True, "release": True, "classify": False}  # what they say of the review before
_OF_THE_ITEM = ("change", "void")


def found_in(rows: Sequence[Outcome] | Sequence[ReviewOutcome]) -> dict[UUID, Correction]:
    """Return, by decision, the latest correction that overturned it: of a matter the last decision before the error was found."""
    if not rows:
        return {}
    taken: dict[UUID, list[Outcome | ReviewOutcome]] = {}
    for row in rows:
        taken.setdefault(row.matter_id, []).append(row)
    since = min(row.at for row in rows)
    kept = Correction.objects.filter(remedy__in=REMEDIES, found_at__gte=since).select_related("matter")
    wrong = {}
    for one in kept.order_by("decided_at", "pk"):
        before = [row for row in taken.get(one.matter_id, ()) if row.at <= one.found_at]
        if before:
            wrong[max(before, key=lambda row: row.at).decision_id] = one
    return wrong


def item_of(row: Outcome, found: Correction | None) -> str:
    """Return the item that is learnt from a decision; nothing where it was wrong and no better one is known.

    A correction by change names the item that the matter has once it is carried out. An error of a later time (a change or a
    release that was due, a release that was wrong) leaves the item of the first decision as it was.
    """
    if found is None or found.remedy not in _OF_THE_ITEM or found.kind == "unchanged":
        return str(row.item_id or "")
    if found.remedy == "change" and corrected.is_done(found, found.matter):
        return str(found.matter.item_id or "")
    return ""


def ended_of(row: ReviewOutcome, found: Correction | None) -> bool:
    """Return whether a matter ended or changed at a review, or ought to have by what a correction found."""
    return row.ended if found is None else OUGHT_TO_END[found.remedy]
