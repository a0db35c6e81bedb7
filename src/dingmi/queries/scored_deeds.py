"""What an officer's own acts of a year tell of: decisions, changes, admissions, answers to challenges, defects reported."""

from __future__ import annotations

import json
from collections.abc import Iterator
from uuid import UUID

from dingmi.queries import clock, facts, gate, standing
from dingmi.queries.people import RANKS
from dingmi.queries.statistics import work
from dingmi.records.guides.models import GuideFeedback
from dingmi.records.ledger.models import Entry
from dingmi.records.matters.disputes import Challenge
from dingmi.records.matters.models import Decision
from dingmi.regime.performance import Event
from dingmi.regime.prc_state.descent import LATER

CHANGE = "change.change"
BELOW = "derivation.undercuts_level"
EXPAND = "need_to_know.expand"


def events(person: UUID, year: int) -> Iterator[Event]:
    """Yield what the officer's acts of a year tell of, each with its record."""
    yield from _decisions(person, year)
    yield from _changed(person, year)
    yield from _challenged(person, year)
    yield from _widened(person, year)
    yield from _taken_up(person, year)


def _decisions(person: UUID, year: int) -> Iterator[Event]:
    rows = Decision.objects.filter(officer=person, at__year=year).select_related("proposal")
    for row in rows.filter(act__in=facts.FIRST_DECISIONS).order_by("at", "pk"):
        if row.proposal is None:
            continue
        day, limit = row.at.astimezone(clock.ZONE).date(), work.decide_by(row.proposal.at)
        if limit is not None and day > limit:
            yield Event("decided_late", f"decision:{row.pk}", day.isoformat())
        elif row.proposal.at.astimezone(clock.ZONE).date() == day:
            yield Event("decided_prompt", f"decision:{row.pk}", day.isoformat())
    for row in rows.filter(act="declassification.release"):
        yield Event("released_early", f"decision:{row.pk}", row.at.date().isoformat())
    for row in gate.kept_outside(rows.filter(act__in=gate.JUDGED)):
        yield Event("outside_authority", f"decision:{row.pk}", row.at.date().isoformat())


def _changed(person: UUID, year: int) -> Iterator[Event]:
    """Yield the decisions that left a derived matter below its source (PS-8), and the other levels that were lowered.

    That it undercuts its source was found when it was signed, and stands in the verdict that the decision keeps.
    """
    rows = Decision.objects.filter(officer=person, at__year=year, act__in=LATER).select_related("matter")
    for row in rows.order_by("at", "pk"):
        day = row.at.astimezone(clock.ZONE).date().isoformat()
        found = {f["code"] for f in row.verdict.get("findings", ())}
        if row.matter.origin == "derivative" and BELOW in found:
            yield Event("derived_low", f"decision:{row.pk}", day)
        elif row.act == CHANGE and _is_lower(row):
            yield Event("lowered", f"decision:{row.pk}", day)


def _is_lower(row: Decision) -> bool:
    """Tell whether a change determined a lower level than the one before it."""
    earlier = Decision.objects.filter(matter=row.matter_id, number__lt=row.number).exclude(tail="")
    before = earlier.order_by("-number").values_list("level", flat=True).first()
    return before is not None and RANKS.get(row.level, 0) < RANKS.get(before, 0)


def _challenged(person: UUID, year: int) -> Iterator[Event]:
    """Yield how challenges of what the officer had determined ended (TL-26.1)."""
    mine = Decision.objects.filter(officer=person, act__in=facts.FIRST_DECISIONS).values("matter")
    ended = Challenge.objects.filter(is_received=True, ended_at__year=year, matter__in=mine).exclude(outcome="")
    for row in ended.order_by("ended_at", "pk"):
        first = Decision.objects.filter(matter=row.matter_id, at__lte=row.raised_at, act__in=facts.FIRST_DECISIONS)
        determined = first.order_by("-at", "-pk").values_list("officer", flat=True).first()
        if determined == person and row.ended_at is not None:
            rule = "challenge_won" if row.outcome == "keep" else "challenge_lost"
            yield Event(rule, f"challenge:{row.pk}", row.ended_at.astimezone(clock.ZONE).date().isoformat())


def _widened(person: UUID, year: int) -> Iterator[Event]:
    """Yield the admissions that the officer approved without being entitled to approve at that instant (BMF-21.3)."""
    rows = Entry.objects.filter(act=EXPAND, at__year=year, body__contains=str(person)).order_by("pk")
    for pk, at, body in rows.values_list("pk", "at", "body"):
        said = json.loads(body)
        if (
            said["actor"]["person"] == str(person)
            and said["result"] == "done"
            and not standing.approves_admissions(person, at)
        ):
            yield Event("scope_widened", f"entry:{pk}", at.astimezone(clock.ZONE).date().isoformat())


def _taken_up(person: UUID, year: int) -> Iterator[Event]:
    """Yield the defects of guides that the officer reported and the owner of the guide took up (SEED-13)."""
    for row in GuideFeedback.objects.filter(person_id=person, answered_on__year=year, adopted=True).order_by(
        "at", "pk"
    ):
        if row.answered_on is not None:
            yield Event("guide_feedback", f"feedback:{row.pk}", row.answered_on.isoformat())
