"""The installation itself. 建库与保管。"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Invalid, Refused
from dingmi.procedures import passwords
from dingmi.procedures import principal as principals
from dingmi.procedures.access import write_account
from dingmi.procedures.alarms import alarm
from dingmi.procedures.frame import procedure
from dingmi.procedures.seats import agreed, ask_second
from dingmi.queries import access, anchor, clock, founding, grades, policy, room, seats
from dingmi.records.keys import asking as keys
from dingmi.records.keys.places import SLUGS
from dingmi.records.ledger.append import append
from dingmi.records.matters.models import Matter
from dingmi.records.notices.models import Notice
from dingmi.records.organs.models import TIERS, Organ, Person
from dingmi.records.oversight.models import DateGap

FOUNDERS: tuple[tuple[str, str, str], ...] = (
    ("sysadmin", "系统管理员", Role.SYSTEM_ADMIN),
    ("secadmin", "安全保密管理员", Role.SECURITY_ADMIN),
    ("auditor", "安全审计员", Role.AUDIT_ADMIN),
)
NOT_ANCHORED = "ledger.not_anchored"


@dataclass(frozen=True, slots=True)
class Founded:
    """The first accounts as ``username, password`` pairs, shown once."""

    organ: str
    passwords: tuple[tuple[str, str], ...]


@procedure("keep.found", anyone=True, internal=True, replay=False)
def _found(
    *,
    actor: Actor,
    now: datetime,
    name: str,
    short_name: str,
    unit_code: str,
    tier: str,
    line: str,
    head: str,
    secrecy_officer: str,
) -> Founded:
    if Organ.objects.filter(is_home=True).exists():
        raise Refused("installation.founded")
    if tier not in dict(TIERS) or not name.strip() or not unit_code.strip():
        raise Invalid("input.invalid", (), fields={"organ": "organ.incomplete"})
    organ = Organ(name=name, short_name=short_name or name, unit_code=unit_code, tier=tier, line=line, is_home=True)
    organ.save()
    wanted = [
        ("head", head, "", (Role.DRAFTER,), True),
        ("secrecy", secrecy_officer, "", (Role.DRAFTER, Role.SECRECY_OFFICE), False),
        *((username, title, str(role), (), False) for username, title, role in FOUNDERS),
    ]
    made: list[tuple[str, str]] = []
    rows: list[Any] = [organ]
    for number, (username, person_name, admin_role, roles, principal) in enumerate(wanted, start=1):
        person = Person(organ=organ, name=person_name, staff_no=f"{number:04}", is_principal=principal, joined_at=now)
        person.post = principals.POST if principal else ""
        person.save()
        password = passwords.fresh(username)
        grants = tuple(str(r) for r in roles)
        write_account(person=person, username=username, password=password, admin_role=admin_role, roles=grants, now=now)
        made.append((username, password))
        rows.append(person)
        if principal:
            rows += principals.seat(person, principals.FOUNDING, now)
    data = {"accounts": len(made), "profile": settings.DINGMI_PROFILE}
    append(actor, "keep.found", subject=("organ", organ.pk), at=now, data=data, rows=rows)
    return Founded(str(organ.pk), tuple(made))


@dataclass(frozen=True, slots=True)
class DateConfirmed:
    """A confirmation of the date: how many have confirmed, and how many must."""

    confirmed: int
    needed: int


@procedure("keep.confirm_date", requires=(Role.SECURITY_ADMIN, Role.SECRECY_OFFICE, Role.HEAD), step_up=True)
def confirm_date(*, actor: Actor, now: datetime, on: date) -> DateConfirmed:
    """Confirm today's date after a silence of the ledger; notices and what widens access go on then. 确认日期。

    Args:
        on: Today as the person reads it off a calendar, not off this system.
    Raises:
        Refused: ``clock.nothing_to_confirm``; ``clock.date_differs``: stop, the clock is wrong;
            ``clock.confirmed_by_you``: another person confirms a long silence too, within ten minutes.
    """
    gap = DateGap.objects.select_for_update().filter(closed_at__isnull=True).order_by("found_at", "pk").first()
    if gap is None:
        raise Refused("clock.nothing_to_confirm")
    if on != now.date():
        raise Refused("clock.date_differs", (), system=now.date().isoformat())
    held = [[account, at] for account, at in seats.seated(gap, now)]
    if any(account == actor.account_id for account, _ in held):
        raise Refused("clock.confirmed_by_you", (), needed=gap.needed)
    gap.confirmed = [*held, [actor.account_id, now.isoformat()]]
    gap.closed_at = now if len(gap.confirmed) >= gap.needed else None
    gap.save()
    if gap.closed_at is not None:
        second = agreed("clock.waits", gap.pk, actor=actor, now=now)
    else:
        second = [ask_second("clock.waits", gap.pk, actor=actor, now=now, what=on.isoformat())]
    data = {"on": on, "confirmed": len(gap.confirmed), "needed": gap.needed}
    append(actor, "keep.confirm_date", subject=("gap", gap.pk), at=now, data=data, rows=[gap, *second])
    return DateConfirmed(len(gap.confirmed), gap.needed)


@procedure("keep.record_profile", anyone=True, internal=True)
def _record_profile(*, actor: Actor, now: datetime) -> None:
    append(
        actor,
        "keep.record_profile",
        subject=("installation", "profile"),
        at=now,
        data={"profile": settings.DINGMI_PROFILE},
    )


def record_profile(*, now: datetime) -> None:
    """Keep the profile that is served from now on, where none was kept or a laxer one; it is not loosened again.

    Raises:
        Refused: ``profile.laxer``.
    """
    founding.require_profile()
    if founding.recorded_profile() != settings.DINGMI_PROFILE:
        _record_profile(actor=access.anonymous("console"), now=now)


@procedure("keep.note_clock", requires=(Role.CLOCK,), internal=True)
def note_clock(*, actor: Actor, now: datetime, found_at: datetime, ledger_time: datetime) -> None:
    """Keep and tell that the clock stood behind the ledger, as soon as anything can be kept again (SR-62)."""
    data = {"found_at": found_at, "ledger_time": ledger_time}
    append(actor, "keep.note_clock", subject=("clock", "system"), at=now, data=data)
    told = {"found": f"{found_at:%Y-%m-%d %H:%M}", "ledger": f"{ledger_time:%Y-%m-%d %H:%M}"}
    alarm("clock.was_behind", now, (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN), **told)


@procedure("keep.note_room", requires=(Role.CLOCK,), internal=True)
def note_room(*, actor: Actor, now: datetime, step: str, told: dict[str, str | int]) -> None:
    """Keep and tell that the store of the ledger came to a mark, or that it is below both again (SR-46)."""
    append(
        actor, "keep.note_room", subject=("store", "ledger"), at=now, data={"step": step, "percent": told["percent"]}
    )
    if step:
        alarm(step, now, (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN), **told)


def watch_room(now: datetime) -> None:
    """Tell the administrators once when the store of the ledger comes to a mark; where it stands as it did, nothing."""
    found = room.room(now)
    step = "" if found is None else found.step(now.date())
    if found is not None and step != room.last_told():
        note_room(actor=access.clock_actor(), now=now, step=step, told=found.told(now.date()))


@procedure("keep.note_anchor", requires=(Role.CLOCK,), internal=True)
def note_anchor(*, actor: Actor, now: datetime, days: int) -> None:
    """Keep and tell the auditor that nobody carried the signed head of the log away for so long (SR-44)."""
    append(actor, "keep.note_anchor", subject=("log", "anchor"), at=now, data={"days": days})
    alarm(NOT_ANCHORED, now, (Role.AUDIT_ADMIN,), days=days)


def watch_anchor(now: datetime) -> None:
    """Tell the auditor when the log was anchored nowhere outside for too long; until that is acknowledged, once."""
    if not Notice.objects.filter(code=NOT_ANCHORED, acknowledged_at__isnull=True).exists() and anchor.is_overdue(now):
        note_anchor(actor=access.clock_actor(), now=now, days=policy.number("anchor_days", now.date()))


class ClockWatch:
    """What the jobs notice of the clock: an alarm once when it falls behind the ledger, and its record once it is right."""

    def __init__(self) -> None:
        self._found: tuple[datetime, datetime] | None = None

    def look(self, now: datetime) -> str:
        """Return the alarm of a clock that fell behind since the last look, or nothing."""
        latest = clock.behind(now)
        if latest is not None and self._found is None:
            self._found = (now, latest.astimezone(clock.ZONE))
            return f"ALARM clock behind the ledger: {now.isoformat()} < {latest.isoformat()}; nothing is written"
        if latest is None and self._found is not None:
            found_at, ledger_time = self._found
            note_clock(actor=access.clock_actor(), now=now, found_at=found_at, ledger_time=ledger_time)
            self._found = None
        return ""


def add_keys() -> None:
    """Make the keys of levels that an installation founded earlier does not have yet; never one that held anything."""
    held = keys.ring().state().keys  # of what is open: it is called again when somebody has opened more
    for level in (word for words in grades.LEVELS.values() for word in words):
        if SLUGS[level] in held and not Matter.objects.filter(level=level).exists():
            keys.add(level)


def found(
    *,
    actor: Actor,
    now: datetime,
    name: str,
    unit_code: str,
    tier: str,
    head: str,
    secrecy_officer: str,
    short_name: str = "",
    line: str = "",
) -> Founded:
    """Found the installation: keys, home organ, head, secrecy officer and the three administrators.

    Raises:
        Refused: ``installation.founded`` when there is a home organ already.
    """
    keys.prepare()
    return _found(
        actor=actor,
        now=now,
        name=name,
        short_name=short_name,
        unit_code=unit_code,
        tier=tier,
        line=line,
        head=head,
        secrecy_officer=secrecy_officer,
    )
