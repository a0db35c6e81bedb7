"""密钥的启封、封存和保管: what the custodians do at the server, each told in the ledger without any secret."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dingmi.base.actor import Actor
from dingmi.base.errors import Refused
from dingmi.procedures.frame import procedure
from dingmi.procedures.keep import add_keys
from dingmi.queries import access
from dingmi.records.keys import asking as keys
from dingmi.records.keys import custody
from dingmi.records.keys.ring import State
from dingmi.records.ledger.append import append


@dataclass(frozen=True, slots=True)
class Told:
    """What was done at the server."""

    done: str


@procedure("keep.key_console", anyone=True, internal=True)
def _told(*, actor: Actor, now: datetime, done: str, given: int = 0, needed: int = 0) -> Told:
    """Tell in the ledger what a custodian did at the server. 密钥保管。"""
    data = {"done": done, "given": given, "needed": needed}
    append(actor, "keep.key_console", subject=("key", "all"), at=now, data=data)
    return Told(done)


def _tell(now: datetime, done: str, given: int = 0, needed: int = 0) -> None:
    _told(actor=access.anonymous("console"), now=now, done=done, given=given, needed=needed)


def state() -> State:
    """Return how the keys stand."""
    return keys.ring().state()


def open_keys(*, now: datetime, way: str, secret: str) -> State:
    """Give a passphrase or one share; return how the keys stand then.

    Raises:
        Refused: It opens nothing; the attempt stands in the ledger too.
    """
    try:
        is_open = keys.ring().open(way, secret)
    except Refused:
        _tell(now, "refused")
        raise
    if is_open:
        add_keys()
    found = state()
    _tell(now, "opened" if is_open else "share", given=found.given, needed=found.needed)
    return found


def close_keys(*, now: datetime) -> None:
    """Close the keys at once."""
    keys.ring().close()
    _tell(now, "closed")


def protect(*, now: datetime, passphrase: str) -> int:
    """Move the key files into a keystore under a passphrase; return how many keys it holds.

    Raises:
        Refused: ``key.service_running``, ``keystore.exists``.
    """
    if state().is_service:
        raise Refused("key.service_running")
    count = custody.protect(keys.folder(), passphrase)
    keys.forget()
    _tell(now, "protected")
    return count


def change_passphrase(*, now: datetime, old: str, new: str) -> None:
    """Let another passphrase open the keystore."""
    keys.ring().change_passphrase(old, new)
    _tell(now, "passphrase")


def split(*, now: datetime, need: int, of: int, keeps_passphrase: bool) -> tuple[str, ...]:
    """Return a new set of shares, which two people have agreed to."""
    made = keys.ring().split(need, of, keeps_passphrase)
    _tell(now, "split", given=of, needed=need)
    return made
