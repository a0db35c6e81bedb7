"""比对索引: the imprint of each text in force is taken once and kept, so that nobody waits for it after a start (ADR 0053)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, QuerySet

from dingmi.base.actor import Actor, Role
from dingmi.engines.suggest import Hasher, Imprint
from dingmi.procedures import sweep
from dingmi.procedures.appointment import tell
from dingmi.procedures.frame import procedure
from dingmi.queries import access, fields, imprints, standing
from dingmi.records.ledger.append import append
from dingmi.records.matters.assist import KeptImprint
from dingmi.records.matters.models import Matter, MatterText
from dingmi.records.oversight.models import Sweep

INDEX = "assist.index"
SHARES, LEAST = 7, 1000  # rounds in which every imprint is opened once; of few, so many in each
TOLD = (Role.SECRECY_OFFICE, Role.SECURITY_ADMIN)  # of imprints that were altered


@dataclass(frozen=True, slots=True)
class Indexed:
    """How many imprints were taken, how many of matters no longer in force were put away, how many had been altered, and
    whether more are due.
    """

    taken: int
    gone: int
    altered: int
    more: bool


@procedure(INDEX, requires=(Role.CLOCK,))
def index(*, actor: Actor, now: datetime, today: date, prepared: dict[str, Any]) -> Indexed:
    """Keep the imprints of texts that came into force, and put away those of matters that no longer are. 更新比对索引。

    A batch is written whole or not at all; what a kill left over is still due. A matter that changed since its text was
    read waits for the next batch. Kept imprints that do not open, or stand under another level than their matter, were altered
    outside the product: they are named in the ledger, told to the secrecy office and the security administrators, and taken anew.
    Levels are compared in every round; a seventh of the imprints is opened in each, so that all are within seven rounds.
    """
    sweep.alone()
    if prepared["opened_to"] is not None:
        mark = sweep.place(INDEX, "")
        sweep.move(mark, prepared["opened_to"], now)
    made: list[KeptImprint] = prepared["made"]
    levels = dict(Matter.objects.filter(pk__in=[row.pk for row in made], state="active").values_list("pk", "version"))
    sound = [row for row in made if levels.get(row.pk) == prepared["versions"][row.pk]]
    gone, _ = KeptImprint.objects.exclude(matter__state="active").delete()
    kept = KeptImprint.objects.filter(matter__in=[row.pk for row in sound])
    bad = KeptImprint.objects.filter(matter__in=prepared["altered"])
    spoilt = sorted(
        {str(pk) for rows in (kept.exclude(level=F("matter__level")), bad) for pk in rows.values_list("pk", flat=True)}
    )
    bad.delete()
    kept.delete()
    KeptImprint.objects.bulk_create(sound)
    data = {"today": today, "taken": len(sound), "gone": gone} | ({"altered": spoilt} if spoilt else {})
    append(actor, INDEX, subject=("sweep", INDEX), at=now, data=data)
    if spoilt:
        for person in dict.fromkeys(p for role in TOLD for p in standing.holders(role, now)):
            tell(person, "assist.imprints_altered", now, count=len(spoilt), day=today.isoformat())
    return Indexed(len(sound), gone, len(spoilt), bool(prepared["altered"]) or len(made) >= sweep.BATCH)


@index.prepare
def _taken(*, actor: Actor, now: datetime, today: date) -> dict[str, Any]:
    """Take the imprints of the next batch; with the last one, open the share of this round."""
    rows = {row.pk: row for row in _due().order_by("pk")[: sweep.BATCH]}
    by, made = Hasher(imprints.key()), []
    for pk, text in imprints.texts_of({pk: row.level for pk, row in rows.items()}):
        row = KeptImprint(matter=rows[pk], level=rows[pk].level)
        row.seeds_ct = imprints.sealed(row, Imprint.of(by, text), by)
        made.append(row)
    share = _share() if len(made) < sweep.BATCH else []
    return {
        "made": made,
        "versions": {pk: row.version for pk, row in rows.items()},
        "altered": imprints.altered(share, by),
        "opened_to": share[-1] if share else None,
    }


def _share() -> list[UUID]:
    """Return the matters whose imprints are opened in this round: those after the last one, and from the first on again."""
    rows = KeptImprint.objects.filter(level__in=_open_levels()).order_by("pk").values_list("pk", flat=True)
    most = max(LEAST, -(-rows.count() // SHARES))
    last = Sweep.objects.filter(act=INDEX, period="").values_list("cursor", flat=True).first()
    share = list(rows.filter(pk__gt=last)[:most]) if last is not None else []
    return share + list(rows[: most - len(share)] if last is None else rows.filter(pk__lte=last)[: most - len(share)])


def _due() -> QuerySet[Matter]:
    """Return the matters in force whose text has no imprint yet, of levels whose keys can be used."""
    kept = KeptImprint.objects.filter(matter=OuterRef("pk"), level=OuterRef("level"))
    return Matter.objects.filter(
        Exists(MatterText.objects.filter(matter=OuterRef("pk"))),
        ~Exists(kept),
        state="active",
        level__in=_open_levels(),
    )


def _open_levels() -> list[str]:
    return [level for level in access.LEVELS if not fields.is_away(level)]
