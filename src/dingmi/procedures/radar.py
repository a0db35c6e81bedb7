"""一致性雷达: near-identical matters that differ become cases; each has an owner, a ruling, and a day by which."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Max

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Forbidden, Invalid, NotFound, Refused
from dingmi.procedures import following, paper, shelf, sweep
from dingmi.procedures.current import require_current
from dingmi.procedures.frame import procedure
from dingmi.queries import access, content, contested, discord, facts, limits
from dingmi.records.ledger.append import append
from dingmi.records.matters.models import Matter
from dingmi.records.oversight.radar import OUTCOMES, Discord, SketchToken
from dingmi.regime.prc_state.consistency import RadarFacts

SCAN = "radar.scan"
REASON_LIMIT = 1000  # characters


@dataclass(frozen=True, slots=True)
class Scanned:
    """How many matters were compared, how many cases were found and closed, and whether more are due."""

    compared: int
    found: int
    closed: int
    more: bool


@dataclass(frozen=True, slots=True)
class Case:
    """A case as it stands now."""

    case: UUID
    number: str
    state: str


@procedure(SCAN, requires=(Role.CLOCK,))
def scan(*, actor: Actor, now: datetime, today: date) -> Scanned:
    """Compare what was decided since the last time with every matter in force; a difference becomes a case. 一致性比对。"""
    sweep.alone()
    closed = _close(actor, now)
    batch, more = following.new_decisions(SCAN, now)
    ours = Matter.objects.filter(pk__in={d.matter_id for d in batch}, organ__is_home=True, regime="prc_state")
    found = compared = 0
    for row in ours.filter(state="active").order_by("created_at", "pk"):
        compared += 1
        found += _compare(actor, now, row)
    following.followed(SCAN, batch)
    data = {"today": today, "compared": compared, "found": found, "closed": closed}
    append(actor, SCAN, subject=("sweep", SCAN), at=now, data=data)
    return Scanned(compared, found, closed, more)


def _close(actor: Actor, now: datetime) -> int:
    """Close the cases whose matters agree by now, or of which one is no longer in force."""
    closed = 0
    for case in Discord.objects.filter(closed_at__isnull=True).select_related("one", "other").order_by("number"):
        both = (case.one, case.other)
        still = discord.difference(*both, case.per_cent) if all(m.state == "active" for m in both) else None
        if still is None:
            case.state, case.closed_at = "aligned", now
            case.save()
            _told(actor, SCAN, case, now)
            closed += 1
    return closed


def _compare(actor: Actor, now: datetime, row: Matter) -> int:
    """Keep the sketch of a matter, and open a case for each like matter that differs from it anew."""
    text, _ = content.body(row)
    tokens = discord.sketcher().tokens(text)
    SketchToken.objects.filter(matter=row).delete()
    if not tokens:
        return 0
    SketchToken.objects.bulk_create([SketchToken(token=token, matter=row) for token in sorted(tokens)])
    opened = 0
    for other, per_cent in discord.like(row, text, tokens):
        found = discord.difference(row, other, per_cent)
        if found is not None and not _known(found):
            _open(actor, now, found)
            opened += 1
    return opened


def _known(found: discord.Difference) -> bool:
    """Tell whether the pair has a case that is open, or was ruled on as it stands."""
    cases = Discord.objects.filter(one=found.one, other=found.other)
    return any(case.state == "open" or case.terms == found.terms for case in cases)


def _open(actor: Actor, now: datetime, found: discord.Difference) -> None:
    level = max(found.one.level, found.other.level, key=access.LEVELS.index)
    able = (found.other.officer_id, found.one.officer_id)
    owner = next((p for p in able if discord.may_rule(p, found.one, found.other, now)), None)
    case = Discord(
        number=(Discord.objects.aggregate(last=Max("number"))["last"] or 0) + 1,
        one=found.one,
        other=found.other,
        differs=list(found.differs),
        terms=found.terms,
        per_cent=found.per_cent,
        level=level,
        owner_id=owner,
        found_at=now,
        due_on=limits.days_after(limits.DIFFERENCE, now.date()),
    )
    case.save()
    _told(actor, SCAN, case, now)
    people = [owner] if owner else contested.secrecy_office(now)
    shelf.tell(people, "radar.found" if owner else "radar.ownerless", found.other, now, number=discord.called(case))


@procedure("radar.assign", requires=(Role.SECRECY_OFFICE,))
def assign(*, actor: Actor, now: datetime, case: UUID, officer: UUID, expected_version: str) -> Case:
    """Name the officer who rules on a case: one who may read both matters. 指定裁定人。

    Raises:
        Refused: The case is ruled on, or that officer may not read both.
    """
    row = _case(actor, now, case)
    if row.state != "open":
        raise Refused("radar.not_open", (), number=discord.called(row))
    require_current(row, "discord", expected_version)
    if not discord.may_rule(officer, row.one, row.other, now):
        raise Refused("radar.may_not_read", (), fields={"officer": "radar.may_not_read"})
    row.owner_id = officer
    row.save()
    _told(actor, "radar.assign", row, now)
    shelf.tell([officer], "radar.found", row.other, now, number=discord.called(row))
    return Case(row.pk, discord.called(row), row.state)


@procedure("radar.rule", requires=(Role.OFFICER,), step_up=True, clauses=("FW-4", "FW-9.1"))
def rule(
    *,
    actor: Actor,
    now: datetime,
    case: UUID,
    outcome: str,
    reason: str,
    item: UUID | None = None,
    expected_version: str,
) -> Case:
    """Rule that the difference stands, or which matter the other is to follow; the matters change by acts of their own. 裁定。

    Args:
        outcome: ``stands``, ``follow_one`` or ``follow_other``.
        item: The guide item in force that the ruling rests on; needed unless the difference stands.
    """
    row = _case(actor, now, case)  # load
    if row.state != "open":
        raise Refused("radar.not_open", (), number=discord.called(row))
    if str(row.owner_id) != actor.person_id or not discord.may_rule(row.owner_id, row.one, row.other, now):
        raise Forbidden("radar.not_yours", ())
    require_current(row, "discord", expected_version)
    words = paper.block_of_text(reason, "reason", REASON_LIMIT, required=True)
    if outcome not in dict(OUTCOMES):
        raise Invalid("input.invalid", (), fields={"outcome": "choice.unknown"})
    followed = row.other if outcome == "follow_other" else row.one
    current = facts.same_item_on(item, now)
    asked = RadarFacts(now, outcome, followed.level, facts.item_facts(current))
    verdict = facts.judged("radar.rule", asked, now.date())  # gather, judge
    facts.require(verdict)
    row.state, row.outcome, row.item_id = "ruled", outcome, current  # write
    row.ruled_by_id, row.ruled_at = UUID(actor.person_id), now
    row.closed_at = now if outcome == "stands" else None
    row.words_ct = content.sealed(row, "words_ct", row.level, json.dumps({"reason": words}, ensure_ascii=False))
    row.save()
    _told(actor, "radar.rule", row, now)  # prove
    if outcome != "stands":  # tell
        changing = row.one if outcome == "follow_other" else row.other
        people = [changing.officer_id] if changing.officer_id else contested.secrecy_office(now)
        shelf.tell(people, "radar.to_change", changing, now, number=discord.called(row))
    return Case(row.pk, discord.called(row), row.state)


def _case(actor: Actor, now: datetime, case: UUID) -> Discord:
    """Return a case about two matters that the actor may know of, locked.

    Raises:
        NotFound: There is none.
    """
    known = access.existing(actor, now).values("pk")
    rows = Discord.objects.select_for_update(of=("self",)).select_related("one", "other")
    row = rows.filter(pk=case, one__in=known, other__in=known).first()
    if not isinstance(row, Discord):
        raise NotFound("object.not_found", ())
    return row


def _told(actor: Actor, act: str, case: Discord, now: datetime) -> None:
    data = {"number": case.number, "state": case.state, "differs": case.differs, "outcome": case.outcome}
    append(actor, act, subject=("discord", case.pk), at=now, data=data, rows=[case])
