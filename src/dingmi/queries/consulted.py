"""What other organs have said about a matter: co-organs, consultations, approvals from above; read for the law."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from dingmi.queries import content, standing
from dingmi.records.matters.life import CentralApproval, Consultation, CoOrgan, Reception
from dingmi.records.matters.models import Matter, SourceLink
from dingmi.records.organs.models import Organ


def co_organs(row: Matter) -> set[UUID]:
    """Return the organs that produced ``row`` together with the one that decides."""
    return set(CoOrgan.objects.filter(matter=row).values_list("organ", flat=True))


def answered(row: Matter, kinds: Iterable[str]) -> set[UUID]:
    """Return the organs that answered a consultation of one of ``kinds``."""
    found = Consultation.objects.filter(matter=row, kind__in=tuple(kinds), answered_on__isnull=False)
    return set(found.values_list("organ", flat=True))


def counts(row: Matter, *kinds: str) -> dict[str, Any]:
    """Return how many co-organs there are, and how many of them were consulted."""
    organs = co_organs(row)
    return {"co_organs": len(organs), "co_organs_consulted": len(organs & answered(row, kinds))}


def consents(row: Matter, organ: Organ, kind: str) -> bool:
    """Tell whether ``organ`` answered the latest consultation of ``kind`` with express consent."""
    last = Consultation.objects.filter(matter=row, kind=kind, organ=organ).order_by("-asked_at", "-pk").first()
    return last is not None and last.answer == "agrees"


@dataclass(frozen=True, slots=True)
class Heard:
    """What other organs said to the last question of each kind, by their names; ``waits`` while they have not."""

    answers: dict[tuple[str, str], str]

    def of(self, kind: str, organ: str, *, or_superior: bool = False) -> str:
        """Return the answer of an organ, or of its superior where it gave none; empty where nobody was asked."""
        own = self.answers.get((kind, organ), "")
        if own or not or_superior:
            return own
        found = Organ.objects.select_related("superior").filter(name=organ).first()
        return self.answers.get((kind, found.superior.name), "") if found and found.superior else ""


def heard(row: Matter) -> Heard:
    """Return what was answered about ``row``; the last question of each kind to each organ counts."""
    asked = Consultation.objects.filter(matter=row).order_by("asked_at", "pk")
    said = asked.values_list("kind", "organ__name", "answer")
    return Heard({(kind, organ): answer or "waits" for kind, organ, answer in said})


def originator(link: SourceLink) -> str:
    """Return who is named as the originator of a source received from elsewhere."""
    given = json.loads(content.opened(link, "external_ct", link.matter.level) or "{}")
    return str(given.get("originator") or "")


def central_approval(row: Matter, kind: str, level: str, tail: str) -> CentralApproval | None:
    """Return the unused approval from above for just these terms; an approval to release names no terms."""
    found = CentralApproval.objects.filter(matter=row, kind=kind, granted=True, used_by__isnull=True)
    if kind == "extend":
        found = found.filter(level=level, tail=tail)
    last: CentralApproval | None = found.order_by("-answered_at", "-pk").first()
    return last


def is_of_superior(organ: UUID | None, originator: str) -> bool:
    """Tell whether what an organ determined was determined by the superior of ours.

    Args:
        organ: Which organ that was; nothing for a text that only names it, as its drafter typed it: ``originator``.
    """
    superior = standing.home().superior
    if superior is None:
        return False
    return superior.name == originator if organ is None else superior.pk == organ


def issuer(row: Matter) -> dict[str, Any]:
    """Return in whose name a matter is issued, where not in our own, and who does the daily work of a temporary body."""
    if row.issuer is None:
        return {}
    return {"issuer": str(row.issuer_id), "issuer_run_by": str(row.issuer.run_by_id or "")}


def is_subordinates(row: Matter) -> bool:
    """Tell whether a subordinate of our organ answers for the matter."""
    organ = standing.answers_for(row)
    return organ.superior_id is not None and organ.superior_id == standing.home().pk


def reception(row: Matter) -> Reception | None:
    """Return how we received a matter of another organ; nothing for our own."""
    found: Reception | None = Reception.objects.filter(matter=row).first()
    return found
