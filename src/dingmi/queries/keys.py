"""密钥: how they stand, what waits for a second person, and how far the change of a key has come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Unavailable
from dingmi.queries import access, standing
from dingmi.queries.clock import ZONE
from dingmi.queries.registry import query
from dingmi.queries.seats import SEATED
from dingmi.records.keys import asking
from dingmi.records.keys.gate import Asked
from dingmi.records.keys.places import SLUGS
from dingmi.records.keys.ring import State
from dingmi.records.organs.models import Account, Clearance, Person
from dingmi.records.vault.models import Rotation, SealedFile
from dingmi.regime import access as rules

ROTATIONS, FILES = 12, 100  # shown
CONFIRMERS = tuple(Role(role) for role in sorted(rules.CONFIRMERS))


@dataclass(frozen=True, slots=True)
class LevelKeys:
    """The keys of one level."""

    level: str
    newest: str
    count: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request that waits for a second person, or was granted and not used yet."""

    act: str
    what: str
    person: str
    until: datetime
    own: bool
    granted: bool
    file: UUID | None = None  # of an opening that the reader may confirm


@dataclass(frozen=True, slots=True)
class Turning:
    """A level's files on their way to a new key."""

    level: str
    key: str
    done: int
    failed: int
    total: int
    percent: int
    started_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class HandedOut:
    """A sealed file outside the system, which the secrecy office may destroy."""

    id: UUID
    level: str
    sealed_at: datetime
    size: int
    by: str


@dataclass(frozen=True, slots=True)
class ApartKeys:
    """How the keys of the highest level stand, which rest, open and close by themselves; ``kind`` as that of :class:`Keys`."""

    kind: str
    is_open: bool
    ways: tuple[str, ...]
    given: int
    needed: int


@dataclass(frozen=True, slots=True)
class Keys:
    """How the keys stand.

    Attributes:
        apart: The keys of the highest level; nothing where one service holds all.
        kind: ``files``, ``keystore``, ``token``, or ``down`` while nothing answers.
        is_software: Whether they are in software; a device without an approval counts as such.
        is_lawful: Whether this custody may hold what the profile says the installation holds.
        may_act: The reader may ask for acts of keys, or agree to them.
        may_agree: The reader may agree to something that waits.
    """

    kind: str
    is_open: bool
    is_service: bool
    ways: tuple[str, ...]
    given: int
    needed: int
    levels: tuple[LevelKeys, ...]
    waiting: tuple[Waiting, ...]
    turning: tuple[Turning, ...]
    profile: str
    is_lawful: bool
    waiver: date | None
    may_act: bool
    may_agree: bool
    is_software: bool = False
    apart: ApartKeys | None = None
    handed_out: tuple[HandedOut, ...] = ()
    people: tuple[tuple[UUID, str], ...] = ()


@query("keep.keys", roles=(Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, *CONFIRMERS), recorded=False)
def keys(*, actor: Actor, now: datetime) -> Keys:
    """The keys of the levels, and what waits for a second person. 密钥。"""
    may_act, may_agree = actor.holds(*SEATED), actor.holds(*SEATED, *CONFIRMERS)
    try:
        found = asking.ring().state()
    except Unavailable:
        profile, turning = settings.DINGMI_PROFILE, _turning()
        return Keys("down", False, True, (), 0, 0, (), (), turning, profile, True, None, may_act, may_agree)
    return Keys(
        kind=found.kind,
        is_open=found.is_open,
        is_service=found.is_service,
        ways=found.ways,
        given=found.given,
        needed=found.needed,
        levels=tuple(
            LevelKeys(level, found.keys[slug][-1], len(found.keys[slug]))
            for level, slug in SLUGS.items()
            if found.keys.get(slug)
        ),
        waiting=tuple(w for one in found.asked for w in _waiting(actor, now, one)) if may_agree else (),
        turning=_turning(),
        profile=settings.DINGMI_PROFILE,
        is_lawful=asking.ring().may_seal_state_secrets(),
        waiver=date.fromisoformat(found.waiver) if found.waiver else None,
        may_act=may_act,
        may_agree=may_agree,
        is_software=found.is_software,
        apart=_apart(found.apart),
        handed_out=_handed_out(actor, now) if actor.holds(Role.SECRECY_OFFICE) else (),
        people=tuple(Person.objects.filter(organ__is_home=True).order_by("name", "pk").values_list("pk", "name"))
        if actor.holds(Role.SECRECY_OFFICE)
        else (),
    )


def _apart(state: State | None) -> ApartKeys | None:
    if state is None:
        return None
    return ApartKeys(state.kind, state.is_open, state.ways, state.given, state.needed)


def _turning() -> tuple[Turning, ...]:
    rows = Rotation.objects.order_by("-started_at", "-pk")[:ROTATIONS]
    return tuple(
        Turning(
            r.level,
            r.key_id,
            r.done,
            r.failed,
            r.total,
            100 if r.finished_at else (r.done + r.failed) * 100 // max(r.total, 1),
            r.started_at,
            r.finished_at,
        )
        for r in rows
    )


def _handed_out(actor: Actor, now: datetime) -> tuple[HandedOut, ...]:
    """Return the sealed files that are not destroyed: those of matters that the office may know of, and those of none."""
    known = Q(matter__isnull=True) | Q(matter__in=access.visible(actor, now).values("pk"))
    rows = list(SealedFile.objects.filter(known, destroyed_at__isnull=True).order_by("-created_at", "-pk")[:FILES])
    names = dict(Person.objects.filter(pk__in={r.sealed_by for r in rows}).values_list("pk", "name"))
    return tuple(HandedOut(r.pk, r.level, r.created_at, r.size, names.get(r.sealed_by, "")) for r in rows)


def _waiting(actor: Actor, now: datetime, one: Asked) -> list[Waiting]:
    """Return one request as the reader may see it: an opening where the reader may confirm it, an act of keys who may ask."""
    row = SealedFile.objects.filter(header_digest=one.request["file"]).first() if "file" in one.request else None
    if "file" in one.request and (row is None or not may_confirm(actor, now, row)):
        return []
    if "file" not in one.request and not actor.holds(*SEATED):
        return []
    name = Person.objects.filter(pk=one.person).values_list("name", flat=True).first()
    request = one.request
    what = (
        request.get("key")
        or request.get("until")
        or (f"{request['need']}/{request['of']} {request.get('part', '')}".strip() if "of" in request else "")
    )
    return [
        Waiting(
            act=request["act"],
            what=str(what or (row.level if row else "")),
            person=name or "",
            until=datetime.fromtimestamp(one.until, ZONE),
            own=one.person == actor.person_id,
            granted=one.is_granted,
            file=row.pk if row else None,
        )
    ]


def may_confirm(actor: Actor, now: datetime, row: SealedFile) -> bool:
    """Say whether the reader may be the second person for opening a file handed out."""
    knows = None if row.matter is None else access.visible(actor, now).filter(pk=row.matter).exists()
    roles = frozenset(str(role) for role in actor.roles)
    return bool(rules.may_confirm_opening(roles, actor.clearance, row.level, knows=knows))


def confirmers(row: SealedFile, now: datetime) -> tuple[UUID, ...]:
    """Return the persons who may be the second one for opening a file handed out."""
    cleared = standing.running(Clearance.objects.filter(level=row.level), now)
    accounts = Account.objects.filter(is_active=True, person__in=cleared.values("person"))
    people = accounts.select_related("person").order_by("person__staff_no")
    actors = (access.actor_of(account, now, session="", terminal="") for account in people)
    return tuple(UUID(actor.person_id) for actor in actors if may_confirm(actor, now, row))
