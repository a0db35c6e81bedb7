"""密钥的启封、封存和保管: what the custodians do at the server, each told in the ledger without any secret."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from dingmi.base.actor import Actor
from dingmi.base.errors import DingmiError, Invalid, Refused, Unavailable
from dingmi.engines.crypto.keys import WrappingKey
from dingmi.engines.crypto.shares import MOST
from dingmi.procedures.frame import procedure
from dingmi.procedures.keep import add_keys
from dingmi.procedures.sealing import seconded
from dingmi.queries import access
from dingmi.queries.seats import SEATED
from dingmi.records.keys import asking as keys
from dingmi.records.keys import custody, moving, places
from dingmi.records.keys.client import RemoteRing
from dingmi.records.keys.places import APART
from dingmi.records.keys.ring import State, next_id, splitting
from dingmi.records.ledger.append import append


@dataclass(frozen=True, slots=True)
class Told:
    """What was done at the server."""

    done: str


@procedure("keep.key_console", anyone=True, internal=True)
def _told(*, actor: Actor, now: datetime, done: str, part: str, given: int = 0, needed: int = 0) -> Told:
    """Tell in the ledger what a custodian did at the server. 密钥保管。"""
    data = {"done": done, "given": given, "needed": needed}
    append(actor, "keep.key_console", subject=("key", part or "all"), at=now, data=data)
    return Told(done)


def _tell(now: datetime, done: str, part: str, given: int = 0, needed: int = 0) -> None:
    _told(actor=access.anonymous("console"), now=now, done=done, part=part, given=given, needed=needed)


@contextmanager
def _refusal_told(now: datetime, part: str) -> Iterator[None]:
    """Tell in the ledger that a secret was given in vain; not where it reached nobody or nothing is open."""
    try:
        yield
    except Unavailable:
        raise
    except DingmiError:
        _tell(now, "refused", part)
        raise


def state(part: str | None = None) -> State:
    """Return how the keys stand, or one part of them."""
    return (keys.ring() if part is None else keys.part(part)).state()


def is_served(folder: Path, part: str = "") -> bool:
    """Say whether the key service of a part answers in the data directory ``folder``."""
    return RemoteRing(places.socket_at(folder, part)).answers()


def services(folder: Path) -> tuple[str, ...]:
    """Return which services hold the keys of ``folder``; key files that rest together are divided first, while none answers."""
    if not is_served(folder):
        custody.settle(folder / "keys")
    return tuple(part.name for part in places.parts(folder / "keys"))


def is_lawful() -> bool:
    """Say whether these keys may protect what the profile says is kept here."""
    return keys.ring().may_seal_state_secrets()


def open_keys(*, now: datetime, way: str, secret: str, part: str = "") -> State:
    """Give a passphrase or one share; return how the keys stand then.

    Args:
        part: Which keys: those of the highest level are opened by themselves.
    Raises:
        Refused: It opens nothing; the attempt stands in the ledger too, as with every other error of what was given.
    """
    with _refusal_told(now, part):
        is_open = keys.part(part).open(way, secret)
    found = state(part)
    _tell(now, "opened" if is_open else "share", part, given=found.given, needed=found.needed)
    if is_open:
        add_keys()
    return state()


def close_keys(*, now: datetime, part: str | None = None) -> None:
    """Close the keys at once, all or one part."""
    (keys.ring() if part is None else keys.part(part)).close()
    _tell(now, "closed", part or "")


def _require_unserved() -> None:
    if keys.is_served():
        raise Refused("key.service_running")


def protect(*, now: datetime, passphrase: str, part: str = "") -> int:
    """Move the key files of a part into a keystore under a passphrase; return how many keys it holds.

    Raises:
        Refused: ``key.service_running``, ``keystore.exists``.
    """
    _require_unserved()
    custody.settle(keys.folder())
    count = moving.protect(places.part(keys.folder(), part), passphrase)
    keys.forget()
    _tell(now, "protected", part)
    return count


class Separating:
    """The keys of the highest level leave the keystore that holds all, for one of their own (SR-48)."""

    def __init__(self) -> None:
        """Look at the keystore.

        Raises:
            Refused: ``key.service_running``; ``key.no_keystore``: key files part by themselves, a device holds its keys together.
        """
        _require_unserved()
        if not (keys.folder() / places.KEYSTORE).exists():
            raise Refused("key.no_keystore")
        self._from = custody.KeystoreCustody(keys.folder())

    def open(self, *, now: datetime, way: str, secret: str) -> bool:
        """Give the passphrase or a share of the keystore; say whether it is open."""
        with _refusal_told(now, ""):
            self._from.open(way, secret)
        return self._from.is_open()

    def separate(self, *, now: datetime, passphrase: str) -> int:
        """Move the keys into a keystore under ``passphrase``; return how many they are."""
        count = moving.separate(keys.folder(), self._from, passphrase)
        keys.forget()
        _tell(now, "apart", APART)
        return count


def to_token(*, folder: Path, module: str, label: str, approval: str, pin: str) -> int:
    """Make the keys of an installation that is to be founded in a device; return how many levels have one."""
    return moving.to_token(folder / "keys", module=module, label=label, approval=approval, pin=pin)


def change_passphrase(*, now: datetime, old: str, new: str, part: str = "") -> None:
    """Let another passphrase open the keystore; a wrong ``old`` stands in the ledger too."""
    with _refusal_told(now, part):
        keys.part(part).change_passphrase(old, new)
    _tell(now, "passphrase", part)


def split(*, now: datetime, need: int, of: int, keeps_passphrase: bool, part: str = "") -> tuple[str, ...]:
    """Return a new set of shares, which two people have agreed to."""
    made = keys.part(part).split(need, of, keeps_passphrase)
    _tell(now, "split", part, given=of, needed=need)
    return made


# --- what takes two people, from the pages --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Agreed:
    """A request of two people: whether the second has agreed."""

    is_agreed: bool


@procedure("keep.share_keys", requires=SEATED, step_up=True)
def share_keys(*, actor: Actor, now: datetime, need: int, of: int, only: bool = False, apart: bool = False) -> Agreed:
    """Agree to a new set of shares; the custodians then make them at the server within fifteen minutes. 密钥分片。

    Args:
        need: How many shares open the keystore.
        of: How many there are.
        only: From then on only shares open it, no passphrase.
        apart: Of the keystore of 绝密, where that level has its own.
    """
    part = APART if apart else ""
    places.part(keys.folder(), part)
    if not 2 <= need <= of <= MOST:
        raise Invalid("share.numbers", (), most=MOST)
    request = splitting(need, of, not only, part)
    agreed = keys.ring().agree(request, actor.person_id)
    about, what = f"split {part} {need} {of} {only}", f"{need}/{of} {part}".strip()
    rows = seconded(about, what, request, actor=actor, now=now, is_agreed=agreed)
    data = {"need": need, "of": of, "only": only, "agreed": agreed}
    append(actor, "keep.share_keys", subject=("key", part or "all"), at=now, data=data, rows=rows)
    return Agreed(agreed)


@procedure("keep.waive_approved_keys", requires=SEATED, step_up=True, clauses=("MM-7",))
def waive_approved_keys(*, actor: Actor, now: datetime, until: date) -> Agreed:
    """Declare that this installation holds test data only, so that software keys may serve under ``state-secret``. 测试数据豁免。

    Args:
        until: Its last day, at most a year ahead.
    """
    request = {"act": "waive", "until": until.isoformat()}
    agreed = keys.ring().agree(request, actor.person_id)
    rows = seconded(f"waive {until}", until.isoformat(), request, actor=actor, now=now, is_agreed=agreed)
    data = {"until": until, "says": "test data only", "agreed": agreed}
    append(actor, "keep.waive_approved_keys", subject=("key", "all"), at=now, data=data, rows=rows)
    return Agreed(agreed)


@procedure("keep.close_keys", requires=SEATED, step_up=True)
def close_now(*, actor: Actor, now: datetime, apart: bool = False) -> Told:
    """Close the keys at once; custodians open them again at the server. 立即封存密钥。

    Args:
        apart: Those of 绝密 alone, where that level has its own.
    """
    (keys.part(APART) if apart else keys.ring()).close()
    append(actor, "keep.close_keys", subject=("key", APART if apart else "all"), at=now)
    return Told("closed")


# --- to be measured -------------------------------------------------------------------------------------------------


def new_place(folder: Path) -> None:
    """Make the keys of a folder that is no installation."""
    custody.prepare(folder / "keys")


def two_keys(folder: Path, slug: str) -> tuple[WrappingKey, WrappingKey]:
    """Return the first key of a level from the service of ``folder`` and the second, which two people give it."""
    ring = RemoteRing(places.socket_at(folder, ""))
    asked = {"act": "new_key", "level": slug, "key": next_id(ring, slug)}
    for person in ("one", "another"):
        ring.agree(asked, person)
    first, second = ring.ids(slug)
    return ring.key(first), ring.key(second)
