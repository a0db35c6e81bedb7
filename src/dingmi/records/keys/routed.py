"""The keys of an installation whose highest level a service of its own holds: what is asked goes to who holds it (SR-48)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

from dingmi.base.errors import Refused, Unavailable
from dingmi.engines.crypto.keys import WrappingKey
from dingmi.records.keys.gate import SECONDS
from dingmi.records.keys.places import APART, level_of
from dingmi.records.keys.ring import Ring, State

DOWN = State("down", False, False, True, (), 0, 0, {}, (), "")
ACTS = {
    "open": lambda request: APART,
    "new_key": lambda request: request["level"],
    "split": lambda request: request["part"],
}


class RoutedRing:
    """Two rings that answer as one; what one cannot do leaves the other as it is."""

    def __init__(self, lower: Ring, highest: Ring) -> None:
        self.lower, self.highest = lower, highest

    def _of(self, slug: str) -> Ring:
        return self.highest if slug == APART else self.lower

    def part(self, name: str) -> Ring:
        """Return the ring of one part."""
        return self._of(name)

    def state(self) -> State:
        """Return how the keys stand; those of the highest level beside the others."""
        lower = self.lower.state()
        try:
            highest = self.highest.state()
        except Unavailable:
            highest = DOWN
        asked = sorted((*lower.asked, *highest.asked), key=lambda one: one.until - SECONDS[one.request["act"]])
        return replace(lower, keys=lower.keys | highest.keys, asked=tuple(asked), apart=highest)

    def ids(self, slug: str) -> list[str]:
        """Return the names of a level's keys, oldest first."""
        return self._of(slug).ids(slug)

    def key(self, key_id: str, person: str = "") -> WrappingKey:
        """Return a key, which asks who holds it."""
        return self._of(level_of(key_id)).key(key_id, person)

    def derive(self, slug: str, purpose: str) -> bytes:
        """Return the key of a level's fields or index."""
        return self._of(slug).derive(slug, purpose)

    def sign(self, message: bytes, identity: bytes) -> bytes:
        """Sign with the key of the installation."""
        return self.lower.sign(message, identity)

    def public(self) -> bytes:
        """Return the public half of the signing key."""
        return self.lower.public()

    def may_seal_state_secrets(self) -> bool:
        """Say whether both may; one that does not answer seals nothing anyway."""
        may = self.lower.may_seal_state_secrets()
        with suppress(Unavailable):
            may = self.highest.may_seal_state_secrets() and may
        return may

    def ensure(self, slug: str) -> None:
        """Make the first key of a level that has none."""
        self._of(slug).ensure(slug)

    def agree(self, request: dict[str, Any], person: str) -> bool:
        """Ask for a request or agree to it where it is done."""
        return self._where(request).agree(request, person)

    def withdraw(self, request: dict[str, Any], person: str) -> bool:
        """Take back a request where it waits."""
        return self._where(request).withdraw(request, person)

    def _where(self, request: dict[str, Any]) -> Ring:
        of = ACTS.get(str(request.get("act")))
        return self._of(of(request) if of else "")

    def open(self, way: str, secret: str) -> bool:
        """Open the lower levels; the highest is opened by itself."""
        return self.lower.open(way, secret)

    def close(self) -> None:
        """Close what can be closed.

        Raises:
            Refused: Nothing can.
        """
        refused: list[Refused] = []
        for ring in (self.lower, self.highest):
            try:
                ring.close()
            except Refused as error:
                refused.append(error)
            except Unavailable:
                if ring is self.lower:
                    raise
        if len(refused) == 2:
            raise refused[0]

    def split(self, need: int, of: int, keeps_passphrase: bool) -> tuple[str, ...]:
        """Return a new set of shares of the lower levels."""
        return self.lower.split(need, of, keeps_passphrase)

    def change_passphrase(self, old: str, new: str) -> None:
        """Let another passphrase open the lower levels."""
        self.lower.change_passphrase(old, new)
