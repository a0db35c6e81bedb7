"""The one reader of system time (SR-61)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, overload
from zoneinfo import ZoneInfo

from django.conf import settings

from dingmi.base.errors import Forbidden, Invalid, Refused, Unavailable
from dingmi.queries import founding, policy
from dingmi.records.ledger.guard import seeded_ids, simulation
from dingmi.records.ledger.models import Frontier
from dingmi.records.ledger.worded import Worded
from dingmi.records.oversight.models import DateGap

ZONE = ZoneInfo("Asia/Shanghai")
TOLERANCE = timedelta(minutes=5)


@overload
def last_day(end: datetime) -> date: ...
@overload
def last_day(end: None) -> None: ...
def last_day(end: datetime | None) -> date | None:
    """Return the last day in Beijing before an exclusive end, as people read a term: “through”."""
    return (end - timedelta(microseconds=1)).astimezone(ZONE).date() if end else None


def now() -> datetime:
    """Return the present instant in Beijing time."""
    return datetime.now(ZONE)


def civil(given: Any, where: str = "") -> Any:
    """Return ``given`` with every instant in it told in Beijing time, whose days are the civil days (procedures §2).

    Raises:
        Invalid: ``time.without_zone``: an instant that names no offset is no instant.
    """
    if isinstance(given, datetime):
        if given.tzinfo is None:
            raise Invalid("input.invalid", (), fields={where: "time.without_zone"})
        return given.astimezone(ZONE)
    if isinstance(given, Mapping):
        return {key: civil(value, f"{where}.{key}" if where else str(key)) for key, value in given.items()}
    if isinstance(given, list | tuple):
        told = [civil(value, where) for value in given]
        same = all(old is new for old, new in zip(given, told, strict=True))
        return given if same else type(given)(told)  # a list that an act fills for its caller stays the caller's
    if is_dataclass(given) and not isinstance(given, type):
        return replace(given, **{f.name: civil(getattr(given, f.name), f.name) for f in fields(given) if f.init})
    return given


def high_water() -> datetime | None:
    """Return the latest time that the ledger has seen, or None for an empty ledger."""
    rows = _high_water().rows()
    return rows[0][0] if rows else None


@cache
def _high_water() -> Worded:
    return Worded(Frontier.objects.filter(pk=1).values_list("high_water"))


def behind(instant: datetime) -> datetime | None:
    """Return the ledger's latest time if ``instant`` is more than five minutes before it (SR-62)."""
    latest = None if simulation.get() else high_water()
    return latest if latest is not None and instant < latest - TOLERANCE else None


def admitted(instant: datetime) -> datetime:
    """Return the time that is written and judged by at ``instant``: the ledger's latest where the clock is a little behind it.

    Raises:
        Unavailable: ``clock.behind_ledger``: more than five minutes before it nothing is written (SR-62); reading goes on.
    """
    latest = None if simulation.get() else high_water()
    if latest is None or latest <= instant:
        return instant
    if instant < latest - TOLERANCE:
        raise Unavailable("clock.behind_ledger", (), ledger_time=latest.isoformat(timespec="seconds"))
    return latest.astimezone(ZONE)


@contextmanager
def simulated(seed: int | None = None) -> Iterator[None]:
    """Let acts carry other times than now, in a demonstration only; their entries say so (SR-63).

    Args:
        seed: Draw ids from this seed, so that a demonstration is the same every time.
    Raises:
        Forbidden: The installation is not a demonstration.
        Refused: ``profile.laxer``: it was none before.
    """
    if settings.DINGMI_PROFILE != "demo":
        raise Forbidden("clock.simulation_needs_demo")
    founding.require_profile()
    token = simulation.set(True)
    try:
        with nullcontext() if seed is None else seeded_ids(seed):
            yield
    finally:
        simulation.reset(token)


def never_behind(instant: datetime) -> datetime:
    """Return ``instant``, or the ledger's latest time if that is later: reading goes on, nothing expired revives (SR-64)."""
    latest = None if simulation.get() else high_water()
    return instant if latest is None or latest <= instant else latest.astimezone(ZONE)


SEAT = timedelta(minutes=10)  # policy: how long the first of two people waits for the second (UI §6)


def silence(instant: datetime) -> tuple[datetime, timedelta] | None:
    """Return since when and for how long the ledger was silent before ``instant``, if longer than policy allows (SR-63)."""
    latest = None if simulation.get() else high_water()
    if latest is None or instant - latest <= timedelta(hours=policy.number("gap_hours", instant.date())):
        return None
    return latest, instant - latest


def unconfirmed() -> DateGap | None:
    """Return the gap whose date nobody has confirmed yet, or None; a simulation passes its days (SR-63)."""
    if simulation.get():
        return None
    found: DateGap | None = DateGap.objects.filter(closed_at__isnull=True).order_by("found_at", "pk").first()
    return found


def is_seated(at: str, now: datetime) -> bool:
    """Tell whether the first of two people, who confirmed at ``at``, still waits for the second."""
    return now - datetime.fromisoformat(at) <= SEAT


def require_confirmed() -> None:
    """Refuse what must wait until the date is confirmed.

    Raises:
        Refused: ``clock.unconfirmed``.
    """
    gap = unconfirmed()
    if gap is not None:
        raise Refused("clock.unconfirmed", (), since=gap.since.isoformat(timespec="minutes"), needed=gap.needed)
