"""What may be asked of the keys, and under which conditions: the same in this process and behind the socket of the service.

A key never leaves: inner keys of containers go in and come out wrapped or unwrapped, bound to the container's header, whose
label must name the key's own level. What takes two people is checked here, not where it is asked.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from dingmi.base.errors import Invalid, NotFound, Refused, Tampered, Unavailable
from dingmi.engines.crypto.container import header_digest_and_label
from dingmi.engines.crypto.keys import WrappingKey
from dingmi.engines.crypto.signing import SigningKey
from dingmi.records.keys.custody import KeystoreCustody, custody
from dingmi.records.keys.gate import Asked, Gate
from dingmi.records.keys.places import APART, SIGNER, SLUGS, STATE_SECRETS, Part, has_own_user, level_of, write_whole

PURPOSES = ("field", "index")  # the derived keys that leave: of single values and of the index in the database
HERE = ZoneInfo("Asia/Shanghai")
MOST_DAYS = 366  # of a waiver
TWO_PEOPLE = APART  # a container of this level that was handed out opens for two people only


@dataclass(frozen=True, slots=True)
class State:
    """How the keys stand.

    Attributes:
        ways: What opens them: ``passphrase``, ``share``, ``pin``.
        keys: Names of the keys of each level that is open, oldest first.
        waiver: Last day on which software keys may hold test data under the profile ``state-secret``.
        apart: How those of the highest level stand, which a service of their own holds; ``kind`` is ``down`` while it does not answer.
    """

    kind: str
    is_software: bool
    is_open: bool
    is_service: bool
    ways: tuple[str, ...]
    given: int
    needed: int
    keys: dict[str, list[str]]
    asked: tuple[Asked, ...]
    waiver: str
    apart: State | None = None


class Ring(Protocol):
    """What pages, acts and commands ask of the keys."""

    def state(self) -> State: ...

    def ids(self, slug: str) -> list[str]: ...

    def key(self, key_id: str, person: str = "") -> WrappingKey: ...

    def derive(self, slug: str, purpose: str) -> bytes: ...

    def sign(self, message: bytes, identity: bytes) -> bytes: ...

    def public(self) -> bytes: ...

    def may_seal_state_secrets(self) -> bool: ...

    def ensure(self, slug: str) -> None: ...

    def agree(self, request: dict[str, Any], person: str) -> bool: ...

    def withdraw(self, request: dict[str, Any], person: str) -> bool: ...

    def open(self, way: str, secret: str) -> bool: ...

    def close(self) -> None: ...

    def split(self, need: int, of: int, keeps_passphrase: bool) -> tuple[str, ...]: ...

    def change_passphrase(self, old: str, new: str) -> None: ...


class LocalRing:
    """The keys of some levels in this process; those of others are refused by name."""

    def __init__(self, part: Part, profile: str, now: Callable[[], float]) -> None:
        """Look at the keys of ``part``.

        Args:
            profile: Of the installation; ``state-secret`` seals nothing under software keys without a waiver.
            now: The clock, in POSIX seconds.
        """
        self.custody, self._part = custody(part), part
        self._gate, self._waiver = Gate(part.folder / "asked.json"), part.waiver
        self._profile, self._now = profile, now
        self._lock = threading.RLock()

    def state(self) -> State:
        """Return how the keys stand."""
        is_open, (given, needed) = self.custody.is_open(), self.custody.given()
        return State(
            kind=self.custody.kind,
            is_software=self.custody.is_software,
            is_open=is_open,
            is_service=False,
            ways=self.custody.ways(),
            given=given,
            needed=needed,
            keys={slug: self.custody.ids(slug) for slug in self._part.slugs} if is_open else {},
            asked=tuple(self._gate.waiting(self._now())),
            waiver=self._waived_until(),
        )

    def _require_held(self, slug: str) -> None:
        """Refuse what another service holds, before anything is looked for.

        Raises:
            Invalid: ``key.not_held``.
        """
        if slug in SLUGS.values() and slug not in self._part.slugs:
            raise Invalid("key.not_held", (), key=slug)

    def ids(self, slug: str) -> list[str]:
        """Return the names of a level's keys, oldest first."""
        self._require_held(slug)
        return self.custody.ids(slug)

    def key(self, key_id: str, person: str = "") -> WrappingKey:
        """Return a key that wraps and unwraps under the conditions of its level, asked for by ``person``."""
        self._require_held(level_of(key_id))
        return BoundKey(self, key_id, self.custody.key(key_id).slot, person)

    def wrap(self, key_id: str, inner: bytes, header: bytes) -> bytes:
        """Wrap the inner key of a container.

        Raises:
            Refused: ``key.other_level``: its label names another level; ``key.software_not_lawful``.
        """
        slug, _digest, _label = self._bound(key_id, header)
        if slug in STATE_SECRETS and not self.may_seal_state_secrets():
            raise Refused("key.software_not_lawful", ("MM-7",))
        return self.custody.key(key_id).wrap(inner, header)

    def unwrap(self, key_id: str, wrapped: bytes, header: bytes, person: str = "") -> bytes:
        """Unwrap the inner key of a container.

        Raises:
            Refused: ``key.takes_two``: two people have not agreed that ``person`` opens this container.
            Tampered: It is not what was wrapped.
        """
        slug, digest, label = self._bound(key_id, header)
        key = self.custody.key(key_id)
        if slug == TWO_PEOPLE and "kind" not in label:
            with self._lock:
                if self._gate.spend(opening(digest, person), self._now()) is None:
                    raise Refused("key.takes_two", ())
        return key.unwrap(wrapped, header)

    def _bound(self, key_id: str, header: bytes) -> tuple[str, bytes, dict[str, Any]]:
        self._require_held(level_of(key_id))
        digest, label = header_digest_and_label(header)
        slug, level = level_of(key_id), str(label.get("level", ""))
        if SLUGS.get(level, level) != slug:
            raise Refused("key.other_level", (), key=key_id)
        return slug, digest, label

    def derive(self, slug: str, purpose: str) -> bytes:
        """Return the key of a level's fields or index."""
        if slug not in SLUGS.values() or purpose not in PURPOSES:
            raise Invalid("key.malformed")
        self._require_held(slug)
        return self.custody.derive(slug, purpose)

    def sign(self, message: bytes, identity: bytes) -> bytes:
        """Sign a head of the log, or a decision in a person's name."""
        return self._signer().sign(message, identity)

    def public(self) -> bytes:
        """Return the public half of the signing key."""
        return self._signer().public

    def _signer(self) -> SigningKey:
        if self._part.name:
            raise Invalid("key.not_held", (), key=SIGNER)
        return self.custody.signer()

    def ensure(self, slug: str) -> None:
        """Make the first key of a level that has none."""
        if slug not in SLUGS.values():
            raise Invalid("key.malformed")
        self._require_held(slug)
        with self._lock:
            self.custody.add(f"{slug}-1")

    # --- two people -----------------------------------------------------------------------------------------------

    def agree(self, request: dict[str, Any], person: str) -> bool:
        """Ask for ``request`` or agree to it; say whether two people have now, and do what can be done at once.

        Raises:
            Refused: The same person twice, or it cannot be done.
            NotFound: It is to open a file, and who wants to open it has not asked.
        """
        with self._lock:
            self._check(request, person)
            agreed = self._gate.agree(request, person, self._now())
            if agreed.is_granted and request["act"] == "new_key":
                self._gate.spend(request, self._now())
                self.custody.add(request["key"])
            if agreed.is_granted and request["act"] == "waive":
                self._gate.spend(request, self._now())
                kept = {"until": request["until"], "by": [agreed.person, agreed.by]}
                mode = 0o644 if has_own_user(self._part.folder) else 0o600  # the service of 绝密 reads it too
                write_whole(self._waiver, json.dumps(kept).encode(), mode)
            return agreed.is_granted

    def withdraw(self, request: dict[str, Any], person: str) -> bool:
        """Take back a request that ``person`` asked for; say whether it still waited for a second person."""
        with self._lock:
            return self._gate.withdraw(request, person, self._now())

    def _check(self, request: dict[str, Any], person: str) -> None:
        act = request.get("act")
        if not isinstance(act, str) or {name: type(value) for name, value in request.items()} != REQUESTS.get(act):
            raise Invalid("key.malformed")
        texts = (person, *(value for value in request.values() if isinstance(value, str)))
        if not all(isinstance(text, str) and len(text) <= LONGEST for text in texts):
            raise Invalid("key.malformed")
        if act == "new_key" and request["level"] not in SLUGS.values():
            raise Invalid("key.malformed")
        if act == "new_key":
            self._require_held(request["level"])
        if act == "new_key" and request["key"] != next_id(self, request["level"]):
            raise Refused("key.not_next", (), key=request["key"])
        if act == "split" and request["part"] != self._part.name:
            raise Invalid("key.malformed")
        if act == "split" and not isinstance(self.custody, KeystoreCustody):
            raise Refused("key.no_keystore")
        if act == "open" and request["person"] != person and not self._waits(request):
            raise NotFound("object.not_found")  # nobody asks in the name of another
        if act == "waive" and self._part.name:
            raise Invalid("key.not_held", (), key=act)
        if act == "waive":
            require_waivable(request["until"], self._today())

    def _waits(self, request: dict[str, Any]) -> bool:
        return any(one.request == request and not one.is_granted for one in self._gate.waiting(self._now()))

    def may_seal_state_secrets(self) -> bool:
        """Say whether this custody may hold what the profile says it holds."""
        if self._profile != "state-secret" or not self.custody.is_software:
            return True
        until = self._waived_until()
        return bool(until) and self._today() <= date.fromisoformat(until)

    def _today(self) -> date:
        return datetime.fromtimestamp(self._now(), HERE).date()

    def _waived_until(self) -> str:
        try:
            return str(date.fromisoformat(json.loads(self._waiver.read_bytes())["until"]))
        except FileNotFoundError:
            return ""
        except (ValueError, KeyError, TypeError):
            raise Tampered("key.damaged", (), key=self._waiver.name) from None

    # --- opening and closing --------------------------------------------------------------------------------------

    def open(self, way: str, secret: str) -> bool:
        """Take a passphrase, a share or a PIN; say whether the keys can be used now."""
        with self._lock:
            self.custody.open(way, secret)
            return self.custody.is_open()

    def close(self) -> None:
        """Forget every key until somebody opens again."""
        with self._lock:
            self.custody.close()

    def split(self, need: int, of: int, keeps_passphrase: bool) -> tuple[str, ...]:
        """Return a new set of shares, as two people have agreed.

        Raises:
            Refused: ``key.takes_two``: they have not; ``key.no_keystore``.
        """
        with self._lock:
            if not isinstance(self.custody, KeystoreCustody):
                raise Refused("key.no_keystore")
            if not self.custody.is_open():
                raise Unavailable("key.sealed")
            asked = splitting(need, of, keeps_passphrase, self._part.name)
            if self._gate.spend(asked, self._now()) is None:
                raise Refused("key.takes_two")
            return self.custody.split(need=need, of=of, keeps_passphrase=keeps_passphrase)

    def change_passphrase(self, old: str, new: str) -> None:
        """Let another passphrase open the keystore; who changes it knows the one before."""
        with self._lock:
            if not isinstance(self.custody, KeystoreCustody):
                raise Refused("key.no_keystore")
            self.custody.change_passphrase(old, new)


@dataclass(frozen=True, slots=True)
class BoundKey:
    """A key by its name: it wraps and unwraps where the keys are."""

    _ring: Any  # LocalRing or the client of the service
    id: str
    slot: int
    person: str = ""

    def wrap(self, inner: bytes, header: bytes) -> bytes:
        """Return ``inner`` wrapped for the container of ``header``."""
        wrapped: bytes = self._ring.wrap(self.id, inner, header)
        return wrapped

    def unwrap(self, wrapped: bytes, header: bytes) -> bytes:
        """Return what was wrapped."""
        inner: bytes = self._ring.unwrap(self.id, wrapped, header, self.person)
        return inner


REQUESTS: dict[str, dict[str, type]] = {
    "new_key": {"act": str, "level": str, "key": str},
    "split": {"act": str, "need": int, "of": int, "keeps_passphrase": bool, "part": str},
    "waive": {"act": str, "until": str},
    "open": {"act": str, "file": str, "person": str},
}
LONGEST = 100  # of a text in a request; the longest is a digest


def next_id(ring: Ring | LocalRing, slug: str) -> str:
    """Return the name of the next key of a level."""
    number = ring.ids(slug)[-1].rpartition("-")[2]
    return f"{slug}-{int(number) + 1}"


def opening(digest: bytes, person: str) -> dict[str, Any]:
    """Return the request that ``person`` opens the container of this header."""
    return {"act": "open", "file": digest.hex(), "person": person}


def splitting(need: int, of: int, keeps_passphrase: bool, part: str) -> dict[str, Any]:
    """Return the request for a new set of shares of one part of the keys."""
    return {"act": "split", "need": need, "of": of, "keeps_passphrase": keeps_passphrase, "part": part}


def require_waivable(until: str, today: date) -> None:
    """Refuse a waiver that is over, or longer than a year.

    Raises:
        Invalid: ``key.waiver_days``.
    """
    try:
        days = (date.fromisoformat(until) - today).days
    except ValueError:
        raise Invalid("input.invalid", (), fields={"until": "value_error"}) from None
    if not 0 <= days <= MOST_DAYS:
        raise Invalid("key.waiver_days", (), most=MOST_DAYS)
