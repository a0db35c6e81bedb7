"""规则与事项范围变化：new editions of guides that touch what the reader works on, and law that began or ended lately."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID

from dingmi.base.actor import Actor
from dingmi.queries import access, guide_impact
from dingmi.queries.remembered import remembered
from dingmi.queries.rows import capped, count_word
from dingmi.records.guides.models import GuideEdition
from dingmi.regime.kernel import register as law

LATELY = timedelta(days=180)  # policy: how long a change stays on the workbench, before and after its day


@dataclass(frozen=True, slots=True)
class Change:
    """One change: a guide edition with how many of the reader's matters it touches, or an instrument of law."""

    title: str
    on: date
    ended: bool
    edition: UUID | None
    touched: str


def _touched(actor: Actor, now: datetime, edition: GuideEdition) -> int:
    """Count the reader's matters in force that cite an earlier edition."""
    mine = access.visible(actor, now).filter(state="active")
    return capped(mine.filter(item__edition__code=edition.code, item__edition__since__lt=edition.since))


def changes(actor: Actor, now: datetime) -> tuple[Change, ...]:
    """Return the changes that touch the reader's matters, latest first."""
    today = now.date()
    recent = GuideEdition.objects.filter(
        since__gte=today - LATELY, since__lte=today + LATELY, level__in=guide_impact.readable(actor, now)
    )
    found = []
    for edition in recent:
        number = remembered(actor, now, ("touched", edition.pk), partial(_touched, actor, now, edition))
        if number:
            found.append(
                Change(f"{edition.title} {edition.edition}", edition.since, False, edition.pk, count_word(number))
            )
    for instrument in law.instruments().values():
        name = instrument.en if actor.language == "en" else instrument.zh
        if abs(instrument.since - today) <= LATELY:
            found.append(Change(name, instrument.since, False, None, ""))
        if instrument.until is not None and abs(instrument.until - today) <= LATELY:
            found.append(Change(name, instrument.until, True, None, ""))
    return tuple(sorted(found, key=lambda c: c.on, reverse=True)[:6])
