"""Organs, departments, people and clearances. 机关、部门、人员与涉密等级。"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Invalid, NotFound, Refused
from dingmi.procedures.current import require_current
from dingmi.procedures.frame import procedure
from dingmi.procedures.handover import hand_on
from dingmi.procedures.sessions import end_sessions_of
from dingmi.queries import standing
from dingmi.queries.access import LEVELS
from dingmi.records.ledger.append import append
from dingmi.records.organs.models import TIERS, Clearance, Department, Organ, Person

SECURITY = "security"  # the tier of the organs whose authority comes from their own rules
POST_CATEGORIES = ("核心", "重要", "一般", "")


@dataclass(frozen=True, slots=True)
class Entered:
    """The id of what was entered."""

    id: UUID


def require_text(field: str, value: str, most: int) -> str:
    """Return ``value`` trimmed.

    Raises:
        Invalid: Empty, too long or with control characters.
    """
    text = value.strip()
    if not text or len(text) > most or not text.isprintable():
        raise Invalid("input.invalid", (), fields={field: "text.malformed"})
    return text


def _organ(organ: UUID, *, lock: bool = False) -> Organ:
    rows = Organ.objects.select_for_update(no_key=True) if lock else Organ.objects.all()
    found = rows.filter(pk=organ).first()
    if not isinstance(found, Organ):
        raise NotFound("object.not_found")
    return found


def numbering_people(actor: Actor) -> Organ:
    """Return the actor's organ; one act at a time gives staff numbers there."""
    found = Organ.objects.select_for_update(no_key=True).filter(pk=actor.organ_id).first()
    if not isinstance(found, Organ):
        raise NotFound("object.not_found")
    return found


@procedure("personnel.enter_organ", requires=(Role.SECRECY_OFFICE, Role.SYSTEM_ADMIN))
def enter_organ(
    *,
    actor: Actor,
    now: datetime,
    name: str,
    tier: str,
    short_name: str = "",
    unit_code: str = "",
    line: str = "",
    superior: UUID | None = None,
    is_temporary: bool = False,
    run_by: UUID | None = None,
    own_authority: str = "",
) -> Entered:
    """Enter another organ: superior, grantor, addressee, temporary body. 登记机关、单位。

    Args:
        run_by: Of a temporary body: the organ that does its daily work and so its classification (ZX-25.2).
        own_authority: Of a public-security or state-security organ: the highest level that its own rules let it determine.
    """
    require_tier(tier, own_authority)
    above = None if superior is None else _organ(superior)
    runner = None if run_by is None else _organ(run_by)
    title = require_text("name", name, 120)
    row = Organ(
        name=title,
        short_name=(short_name or title)[:60],
        unit_code=unit_code[:20],
        tier=tier,
        line=line[:60],
        superior=above,
        is_temporary=is_temporary,
        run_by=runner,
        own_authority=own_authority,
    )
    row.save()
    append(actor, "personnel.enter_organ", subject=("organ", row.pk), at=now, rows=[row])
    return Entered(row.pk)


def require_tier(tier: str, own_authority: str) -> None:
    """Refuse a tier that nobody knows, and an authority by own rules of an organ that has none (BMF-17.4).

    Raises:
        Invalid: With the fields at fault.
    """
    faults = {
        "tier": "" if tier in dict(TIERS) else "tier.unknown",
        "own_authority": "" if own_authority in (LEVELS[1:] if tier == SECURITY else ("",)) else "own_authority.level",
    }
    if any(faults.values()):
        raise Invalid("input.invalid", (), fields={k: v for k, v in faults.items() if v})


@procedure(
    "personnel.amend_organ",
    requires=Role.SECRECY_OFFICE,
    step_up=True,
    waits_for_date=True,
    clauses=("BMF-17.4", "ZX-44.1"),
)
def amend_organ(
    *,
    actor: Actor,
    now: datetime,
    organ: UUID,
    tier: str,
    own_authority: str = "",
    superior: UUID | None = None,
    run_by: UUID | None = None,
    basis: str,
    expected_version: str,
) -> Entered:
    """Correct what an organ is, our own too: its tier decides what it may determine of itself. 更正机关、单位层级。

    Decisions made before stand as they were judged; everything from now on is judged by what is entered.

    Args:
        own_authority: Of a public-security or state-security organ: the highest level that its own rules let it determine.
        superior: Its superior; blank leaves what is entered.
        run_by: Of a temporary body, the organ that does its daily work; blank leaves what is entered.
        basis: The document that says so.
    """
    require_tier(tier, own_authority)
    row = _organ(organ, lock=True)
    require_current(row, "organ", expected_version)
    above = None if superior is None else _organ(superior)
    runner = None if run_by is None else _organ(run_by)
    itself = [field for field, other in (("superior", superior), ("run_by", run_by)) if other == row.pk]
    if itself:
        raise Invalid("input.invalid", (), fields=dict.fromkeys(itself, "organ.itself"))
    row.tier, row.own_authority = tier, own_authority
    row.superior, row.run_by = above or row.superior, runner or row.run_by
    row.save()
    data = {"tier": tier, "own_authority": own_authority, "basis": require_text("basis", basis, 80)}
    append(actor, "personnel.amend_organ", subject=("organ", row.pk), at=now, data=data, rows=[row])
    return Entered(row.pk)


@procedure("personnel.enter_department", requires=(Role.SECRECY_OFFICE, Role.SYSTEM_ADMIN))
def enter_department(*, actor: Actor, now: datetime, name: str, organ: UUID | None = None, order: int = 0) -> Entered:
    """Enter a department, of the home organ unless said otherwise. 登记内设机构。"""
    if not 0 <= order < 32768:
        raise Invalid("input.invalid", (), fields={"order": "number.range"})
    row = Department(organ=_organ(organ or UUID(actor.organ_id)), name=require_text("name", name, 60), order=order)
    row.save()
    append(actor, "personnel.enter_department", subject=("department", row.pk), at=now, rows=[row])
    return Entered(row.pk)


@procedure("personnel.enter_person", requires=(Role.SECRECY_OFFICE, Role.SYSTEM_ADMIN))
def enter_person(
    *,
    actor: Actor,
    now: datetime,
    name: str,
    staff_no: str,
    department: UUID | None = None,
    post: str = "",
    post_category: str = "",
    is_foreign: bool = False,
) -> Entered:
    """Enter a person of the home organ under a number that was never used there (SR-01). 登记人员。

    Args:
        is_foreign: From abroad: not to be admitted to a state secret by the decision of the unit alone (TL-44).
    """
    if post_category not in POST_CATEGORIES:
        raise Invalid("input.invalid", (), fields={"post_category": "category.unknown"})
    home, number = numbering_people(actor), require_text("staff_no", staff_no, 30)
    unit = None if department is None else Department.objects.filter(pk=department, organ=home).first()
    if department is not None and unit is None:
        raise NotFound("object.not_found")
    if Person.objects.filter(organ=home, staff_no=number).exists():
        raise Refused("staff_no.taken")
    row = Person(
        organ=home,
        department=unit,
        name=require_text("name", name, 60),
        post=require_text("post", post, 80) if post else "",
        joined_at=now,
        staff_no=number,
        post_category=post_category,
        is_foreign=is_foreign,
    )
    row.save()
    append(actor, "personnel.enter_person", subject=("person", row.pk), at=now, rows=[row])
    return Entered(row.pk)


@procedure("personnel.note_foreign", requires=Role.SECRECY_OFFICE, step_up=True, clauses=("TL-44", "BMF-37"))
def note_foreign(*, actor: Actor, now: datetime, person: UUID, is_foreign: bool, basis: str) -> Entered:
    """Enter that a person is from abroad, or no longer is. 登记境外人员身份。

    Who is from abroad holds no clearance and is named in no scope from now on; what was known before is not unlearnt.

    Args:
        basis: What was looked at: passport, residence, or the document that says so.
    """
    row = Person.objects.select_for_update().filter(pk=person, organ_id=actor.organ_id).first()
    if row is None:
        raise NotFound("object.not_found")
    if row.is_foreign == is_foreign:
        raise Refused("person.foreign_unchanged", ("TL-44",), name=row.name)
    row.is_foreign = is_foreign
    row.save(update_fields=["is_foreign"])
    ended = end_clearances(row, now) if is_foreign else []
    if ended and standing.officer(person, now) is not None:
        hand_on(person, now)
    data = {"is_foreign": is_foreign, "basis": require_text("basis", basis, 80), "clearances_ended": len(ended)}
    append(actor, "personnel.note_foreign", subject=("person", row.pk), at=now, data=data, rows=[row, *ended])
    return Entered(row.pk)


def end_clearances(person: Person, now: datetime, levels: Sequence[str] = LEVELS) -> list[Any]:
    """End every running clearance of ``levels``, and the person's sessions."""
    held = Clearance.objects.select_for_update().filter(person=person, level__in=levels)
    rows = list(standing.running(held, now))
    for row in rows:
        row.until = now
        row.save(update_fields=["until"])
    end_sessions_of([person.pk], now)
    return rows
