"""Who asks, and what that person may see: clearance held now and need-to-know, as filters (SR-13, SR-23)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Any, TypeAlias
from uuid import UUID

from django.conf import settings
from django.db.models import DateTimeField, Exists, OuterRef, Q, QuerySet, UUIDField, Value

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Forbidden, NotFound
from dingmi.queries import certificates, clock, password_rules, second_factor, unaltered
from dingmi.queries.certificates import Presented
from dingmi.queries.decided import require_decided
from dingmi.queries.reading import reading
from dingmi.queries.remembered import remembered
from dingmi.records.ledger.tree import sm3
from dingmi.records.ledger.worded import Blank, Worded
from dingmi.records.matters.disputes import Challenge
from dingmi.records.matters.models import GRADE_STATES, Matter, ScopeEntry
from dingmi.records.matters.recusals import Recusal
from dingmi.records.officers.models import Designation
from dingmi.records.organs.models import Account, Clearance, Organ, RoleGrant, Token

Moment: TypeAlias = datetime | Blank  # words of a filter may leave the time blank
LEVELS: tuple[str, ...] = ("内部", "秘密", "机密", "绝密")  # the key names, lowest first
ADMINISTRATORS = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)  # never reach content (SR-11)
APART = ("draft", *GRADE_STATES)  # a draft is its drafter's; work and trade secrets are read through ``grades``
FEW = 2000  # matters of one reader: so many are sooner looked up than every matter tested
BOUND = "."  # between the chance of a session token and the certificate that it is good with
SESSIONLESS = ("cli", "clock")  # nobody has signed in: the password is asked each time
EXISTENCE_ROLES = (Role.SECRECY_OFFICE, Role.HEAD, Role.INSPECTOR)


def digest_of(token: str) -> str:
    """Return what is kept of a session or bearer token."""
    return sm3(token.encode("utf-8", "replace")).hex()


def readable(clearance: str) -> tuple[str, ...]:
    """Return the levels that ``clearance`` reads; without one, only what is no secret."""
    return LEVELS[: LEVELS.index(clearance) + 1] if clearance in LEVELS else LEVELS[:1]


def _live(now: Moment) -> Q:
    return Q(since__lte=now) & (Q(until__isnull=True) | Q(until__gt=now))


def clearance_of(person_id: UUID | str, now: datetime) -> str:
    """Return the highest level that the person is cleared for now, or empty."""
    held = {level for (level,) in _asked("clearances").rows(person=person_id, now=now)}
    return next((level for level in reversed(LEVELS) if level in held), "")


def designations(person_id: UUID | str | Blank, now: Moment) -> QuerySet[Designation]:
    """Return the live designations of the person."""
    ended = Q(ended_at__isnull=True) | Q(ended_at__gt=now)
    found: QuerySet[Designation] = Designation.objects.filter(_live(now), ended, officer__person_id=person_id)
    return found


@cache
def _asked(what: str) -> Worded:
    """Return the words of what is asked about a person at each request."""
    who, at = Blank("person", UUIDField()), Blank("now", DateTimeField())
    designated: Any = designations(who, at)
    return Worded(
        {
            "roles": RoleGrant.objects.filter(_live(at), account=Blank("account", UUIDField())).values_list("role"),
            "designations": designated.values_list("max_level"),
            "clearances": Clearance.objects.filter(_live(at), person_id=who).values_list("level"),
            "home": Organ.objects.filter(pk=Blank("organ", UUIDField()), is_home=True).values_list("is_home"),
        }[what]
    )


def _roles(account: Account, now: datetime) -> frozenset[Role]:
    if account.admin_role:
        return frozenset({Role(account.admin_role)})
    granted = _asked("roles").rows(account=account.pk, now=now)
    roles = {Role(role) for (role,) in granted} - {Role.OFFICER, Role.CLOCK}
    if account.person.is_principal:
        roles.add(Role.HEAD)
    if _asked("designations").rows(person=account.person_id, now=now):
        roles.add(Role.OFFICER)
    return frozenset(roles)


def is_confirmed(account: Account) -> bool:
    """Tell whether an account that one administrator opened was confirmed by another; those of the founding need none (SR-32)."""
    opening = getattr(account, "opening", None)
    return opening is None or opening.confirmed_at is not None


def opening_digest(code: str) -> str:
    """Return what is kept of the code of a new account, however it was typed."""
    return digest_of("".join(c for c in code.upper() if c.isalnum()))


def code_wanted(account: Account) -> str:
    """Return the digest of the code that the owner signs in with until the first password of the own, or empty."""
    opening = getattr(account, "opening", None)
    return "" if opening is None else str(opening.code)


def asks_code(account_id: str) -> bool:
    """Tell whether a password alone does not do: the account has a second factor, or waits for its owner's first password."""
    found = accounts_with_people().get(pk=account_id)
    return second_factor.in_use(found.pk) is not None or bool(code_wanted(found))


def asks_code_of(username: str) -> bool:
    """Tell the same of an account by its name; of one that is not there, no."""
    found = accounts_with_people().filter(username=username[:120]).first()
    return found is not None and asks_code(str(found.pk))


def accounts_with_people() -> QuerySet[Account]:
    """Return accounts with what decides whether they can be used, in one statement."""
    found: QuerySet[Account] = Account.objects.select_related("person", "opening")
    return found


def usable(account: Account, now: datetime, *, though_locked: bool = False) -> bool:
    """Tell whether anything can be done under ``account`` at ``now``; ``though_locked`` asks the same but for a lock-out."""
    person = account.person
    gone = person.left_at is not None and person.left_at <= now
    return bool(
        account.is_active and (though_locked or account.locked_at is None) and not gone and is_confirmed(account)
    )


def actor_of(account: Account, now: datetime, *, session: str, terminal: str) -> Actor:
    """Return the actor that ``account`` is at ``now``."""
    person = account.person
    return Actor(
        account_id=str(account.pk),
        person_id=str(person.pk),
        organ_id=str(person.organ_id),
        department_ids=(str(person.department_id),) if person.department_id else (),
        roles=_roles(account, now),
        clearance=clearance_of(person.pk, now),
        session=session,
        terminal=terminal,
        language=account.language,
        name=account.username,
    )


def anonymous(terminal: str) -> Actor:
    """Return the actor of a request that has not signed in."""
    return Actor("", "", "", (), frozenset(), "", "", terminal)


def clock_actor() -> Actor:
    """Return the clock, which performs the time-driven acts."""
    home = Organ.objects.filter(is_home=True).values_list("pk", flat=True).first()
    return Actor("", "", str(home or ""), (), frozenset({Role.CLOCK}), "", "clock", "clock", name="clock")


def _sure(account: Account, actor: Actor, now: datetime) -> Actor:
    """Return the actor; without roles and clearance while a new password or a second factor is wanting (SR-01, SR-03)."""
    if not password_rules.is_due(account.password_changed_at, now) and not second_factor.is_wanting(account.pk, now):
        return actor
    return replace(actor, roles=frozenset(), clearance="", department_ids=())


def session_token(chance: str, presented: Presented | None) -> str:
    """Return the token of a session: one opened with a certificate names it, and is good with it alone."""
    return f"{chance}{BOUND}{presented.fingerprint}" if presented is not None else chance


def _require_certificate(account: Account, token: str, presented: Presented | None, now: datetime) -> None:
    """Refuse a session without the certificate that opened it, or whose certificate holds no more.

    Raises:
        Forbidden: ``session.required``.
    """
    fingerprint = token.partition(BOUND)[2]
    if not fingerprint:
        return
    same = presented is not None and presented.fingerprint == fingerprint
    if not same or certificates.fault(certificates.held(account.pk), presented, now):
        raise Forbidden("session.required")


def actor_for_session(
    cookie_token: str, seen_at: datetime, now: datetime, terminal: str, presented: Presented | None = None
) -> Actor:
    """Return the actor of a live session.

    Args:
        cookie_token: The random token of the cookie.
        presented: The certificate that the trusted gateway checked on this request.
        seen_at: When the session was last used, from the signed cookie.
    Raises:
        Forbidden: ``session.required`` (ended, replaced, revoked) or ``session.expired`` (idle or over 8 hours).
    """
    now = clock.never_behind(now)
    if not cookie_token:
        raise Forbidden("session.required")
    account = accounts_with_people().filter(session_key=digest_of(cookie_token)).first()
    if account is None or account.session_started_at is None or not usable(account, now):
        raise Forbidden("session.required")
    absolute = timedelta(hours=settings.DINGMI_ABSOLUTE_HOURS)
    require_awake(seen_at, now)
    _require_certificate(account, cookie_token, presented, now)
    if now - account.session_started_at >= absolute or seen_at - now > clock.TOLERANCE:
        raise Forbidden("session.expired")
    return _sure(account, actor_of(account, now, session=account.session_key[:16], terminal=terminal), now)


def require_awake(seen_at: datetime, now: datetime) -> None:
    """Refuse a session that was idle too long between two times of one clock (SR-08).

    Raises:
        Forbidden: ``session.expired``.
    """
    if now - seen_at > timedelta(minutes=settings.DINGMI_IDLE_MINUTES):
        raise Forbidden("session.expired")


def actor_for_token(token: str, now: datetime) -> Actor:
    """Return the actor of a bearer token.

    Raises:
        Forbidden: ``token.invalid`` for one that does not exist, has ended or expired.
    """
    now = clock.never_behind(now)
    found = Token.objects.select_related("account__person", "account__opening").filter(digest=digest_of(token)).first()
    if found is None or found.ended_at is not None or now >= found.expires_at or not usable(found.account, now):
        raise Forbidden("token.invalid")
    return _sure(found.account, actor_of(found.account, now, session=f"token:{found.pk}", terminal="api"), now)


def require_live(actor: Actor) -> None:
    """Refuse what was begun under a session or token that has ended since (SR-09).

    Raises:
        Forbidden: ``session.required``, ``token.invalid``.
    """
    kind, _, token = actor.session.rpartition(":")
    if kind and not Token.objects.filter(pk=token, ended_at__isnull=True).exists():
        raise Forbidden("token.invalid")
    begun = bool(actor.account_id) and not kind and actor.session not in SESSIONLESS
    if begun and not Account.objects.filter(pk=actor.account_id, session_key__startswith=actor.session).exists():
        raise Forbidden("session.required")


def actor_for_account(username: str, now: datetime) -> Actor:
    """Return the actor of an account by name, for the command line; like a session, without roles while a factor is wanting.

    Raises:
        Forbidden: ``account.unusable``, whether it is missing, locked or disabled.
    """
    now = clock.never_behind(now)
    account = accounts_with_people().filter(username=username).first()
    if account is None or not usable(account, now):
        raise Forbidden("account.unusable")
    return _sure(account, actor_of(account, now, session="cli", terminal="cli"), now)


def _reader(actor: Actor) -> Q:
    return Q(person_id=actor.person_id) | Q(department_id__in=actor.department_ids) | Q(organ_id=actor.organ_id or None)


def in_scope(actor: Actor, now: Moment) -> Exists:
    return Exists(ScopeEntry.objects.filter(_live(now), _reader(actor), matter=OuterRef("pk")))


@dataclass(frozen=True, slots=True)
class Grounds:
    """Everything that the words of a reader's filters rest on, beside the time: equal grounds, the same words.

    Attributes:
        actor: The reader, without what belongs to one session.
        levels: The levels that designations in force let the reader decide.
        knows_few: So few matters are known that they are sooner looked up than every matter tested.
        at_home: The reader belongs to the organ that this installation serves.
    """

    actor: Actor
    levels: tuple[str, ...]
    knows_few: bool
    at_home: bool


def grounds(actor: Actor, now: datetime) -> Grounds:
    """Return what the filters of ``actor`` rest on now."""
    bare = _grounds_for_one(actor, now)
    few = remembered(actor, now, "few", lambda: _knows_few(actor, now, bare.levels))
    return replace(bare, knows_few=few, at_home=_at_home(actor))


def _grounds_for_one(actor: Actor, now: datetime) -> Grounds:
    """Return the grounds as far as one matter needs them, which is tested itself."""
    who = replace(actor, account_id="", session="", terminal="", stepped_up=False, language="", name="")
    return Grounds(who, _levels(actor, now), knows_few=False, at_home=False)


def _levels(actor: Actor, now: datetime) -> tuple[str, ...]:
    """Return the levels that an officer may decide; a designation of no level that there is, which no act gives, gives none."""
    if not actor.holds(Role.OFFICER):
        return LEVELS[:0]
    held = {level for (level,) in _asked("designations").rows(person=actor.person_id, now=now)}
    return LEVELS[: max((LEVELS.index(level) for level in held if level in LEVELS), default=-1) + 1]


def _at_home(actor: Actor) -> bool:
    return bool(actor.organ_id and actor.holds(*EXISTENCE_ROLES) and _asked("home").rows(organ=actor.organ_id))


def _deciding(actor: Actor, levels: tuple[str, ...]) -> tuple[Q, Q]:
    """Return what waits for the actor's decision, and what the actor sees where a challenge is open.

    What waits in the home organ is seen by officers whose live designation covers its level, and so are challenges; the
    head sees these and what was referred, for the head approves what goes out (QA-6). A challenge is for the organ that
    originated the matter and for the one in which the records stand.
    """
    waiting = Q(pk__in=())
    if actor.holds(Role.OFFICER):
        waiting |= Q(state__in=("proposed", "referred"), organ_id=actor.organ_id, level__in=levels)
    if actor.holds(Role.HEAD):
        levels = LEVELS
        waiting |= Q(state="referred", organ_id=actor.organ_id)
    if not levels:
        return waiting, Q(pk__in=())
    home = Exists(Organ.objects.filter(pk=actor.organ_id, is_home=True))
    return waiting, Q(level__in=levels) & (Q(organ_id=actor.organ_id) | Q(home))


def barred_from(actor: Actor) -> QuerySet[Any]:
    """Return the ids of the matters that a conflict keeps the actor out of: few, so they are found from the actor."""
    ids: QuerySet[Any] = Recusal.objects.filter(person_id=actor.person_id, ended_at__isnull=True).values("matter_id")
    return ids


def _readable(actor: Actor) -> Q:
    """What the clearance reads and no conflict bars, drafts and other regimes apart."""
    return ~Q(state__in=APART) & Q(level__in=readable(actor.clearance)) & ~Q(pk__in=barred_from(actor))


def _own_draft(actor: Actor) -> Q:
    return Q(state="draft", drafter_id=actor.person_id)


def _sees_nothing(actor: Actor) -> bool:
    return not actor.person_id or actor.holds(*ADMINISTRATORS)


def visible(actor: Actor, now: datetime) -> QuerySet[Matter]:
    """Return the matters whose content the actor may read: clearance held now and need-to-know, both."""
    return _visible(actor, now, _levels(actor, now))


def _visible(actor: Actor, now: Moment, held: tuple[str, ...]) -> QuerySet[Matter]:
    matters: QuerySet[Matter] = Matter.objects.all()
    if _sees_nothing(actor):
        return matters.none()
    waiting, disputed = _deciding(actor, held)
    challenged = Q(pk__in=Challenge.objects.filter(ended_at__isnull=True).values("matter")) & disputed
    knows = Q(drafter_id=actor.person_id) | Q(officer_id=actor.person_id) | Q(in_scope(actor, now))
    return matters.filter(_own_draft(actor) | (_readable(actor) & (knows | waiting | challenged)))


def _from_own_side(actor: Actor, now: Moment, held: tuple[str, ...]) -> QuerySet[Any]:
    """Return the ids of what the actor may know, clearance apart, found from the actor and not from the matters."""
    waiting, disputed = _deciding(actor, held)
    admitted = ScopeEntry.objects.filter(_live(now), _reader(actor)).values_list("matter_id")
    own = Matter.objects.filter(Q(drafter_id=actor.person_id) | Q(officer_id=actor.person_id) | waiting)
    challenged = Challenge.objects.filter(ended_at__isnull=True, matter__in=Matter.objects.filter(disputed))
    ids: QuerySet[Any] = admitted.union(own.values_list("pk"), challenged.values_list("matter_id"), all=True)
    return ids


def _knows_few(actor: Actor, now: datetime, held: tuple[str, ...]) -> bool:
    return not _sees_nothing(actor) and _from_own_side(actor, now, held)[: FEW + 1].count() <= FEW


def visible_in_lists(actor: Actor, now: datetime) -> QuerySet[Matter]:
    """Return what ``visible`` does, in the way that suits a list."""
    return content_of(grounds(actor, now), now)


def content_of(held: Grounds, now: Moment) -> QuerySet[Matter]:
    """Return what a reader on these grounds may read; for one who knows few, without testing each matter."""
    actor = held.actor
    if not held.knows_few:
        return _visible(actor, now, held.levels)
    ids = _from_own_side(actor, now, held.levels)
    found: QuerySet[Matter] = Matter.objects.filter(_own_draft(actor) | _readable(actor), pk__in=ids)
    return found


def existing(actor: Actor, now: datetime) -> QuerySet[Any]:
    """Return the matters whose existence the actor may see; content only where ``is_content`` is true."""
    return with_existence(actor, visible(actor, now))


def with_existence(actor: Actor, content: QuerySet[Matter]) -> QuerySet[Any]:
    """Return ``content``, which is all that the actor may read, with what the actor may know the existence of."""
    return existence_beside(content, actor, at_home=_at_home(actor))


def existence_beside(content: QuerySet[Matter], actor: Actor, *, at_home: bool) -> QuerySet[Any]:
    """Do what ``with_existence`` does for one of whom it is known whether the home organ is the own."""
    if _sees_nothing(actor) or not actor.holds(*EXISTENCE_ROLES):
        return content.annotate(is_content=Value(True))
    bare = _own_draft(actor) | _readable(actor)  # whoever reads the content is cleared for it, so this is all of it
    if not at_home:
        bare = (_readable(actor) & Q(organ_id=actor.organ_id)) | Q(pk__in=content.values("pk"))
    matters: QuerySet[Matter] = Matter.objects.filter(bare)
    return matters.annotate(is_content=Exists(content.filter(pk=OuterRef("pk"))))


def listed(actor: Actor, now: datetime) -> QuerySet[Any]:
    """Return what ``existing`` does, in the way that suits a list."""
    return with_existence(actor, visible_in_lists(actor, now))


@lru_cache(maxsize=500)
def _one(held: Grounds) -> Worded:
    """Return the words that find one matter which a reader on these grounds may read, with what is named beside it."""
    found = _visible(held.actor, Blank("now", DateTimeField()), held.levels).filter(pk=Blank("matter", UUIDField()))
    found = found.select_related("organ", "department", "drafter", "officer", "item__edition")
    return Worded(found.annotate(is_content=Value(True)))


def matter_for(actor: Actor, now: datetime, matter_id: UUID) -> Matter:
    """Return one matter that the actor may read.

    Raises:
        NotFound: It does not exist, or the actor may not know of it: the same answer.
        Tampered: ``row.altered``: it, or the clearance of the actor, is not what the ledger vouches for.
    """
    with reading(actor, now):
        held = _grounds_for_one(actor, now)
        rows: list[Matter] = _one(held).records(now=now, matter=matter_id)
        if not rows:
            raise NotFound("object.not_found")
        (found,) = rows
        read = require_decided(actor, now, found, officer_level=max(held.levels, key=LEVELS.index, default=""))
        unaltered.require_reader(actor, now)
        unaltered.require_matter(found, **read)
    return found
