"""The keys of the service, asked for over its socket; nothing of a level key is ever in this process."""

from __future__ import annotations

import socket
import threading
from pathlib import Path
from time import monotonic
from typing import Any

from dingmi.base.errors import Unavailable
from dingmi.engines.crypto.keys import WrappingKey
from dingmi.records.keys import wire
from dingmi.records.keys.gate import Asked
from dingmi.records.keys.ring import BoundKey, State

PATIENCE = 60.0  # seconds that an answer may take: opening a keystore takes one or two
ONCE = ("agree", "withdraw", "open", "split", "unwrap", "change_passphrase")  # a second time it would be another deed
KEPT = 5.0  # seconds that derived keys of fields are used before they are asked for again


class RemoteRing:
    """The keys behind the socket at ``path``; connections are kept, one a thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._own = threading.local()
        self._derived: dict[tuple[str, str], tuple[float, bytes]] = {}
        self._slots: dict[str, int] = {}

    def _call(self, name: str, *arguments: Any) -> Any:
        """Ask; over a connection that the service has closed meanwhile it is made anew and asked again, once.

        What counts each time (``ONCE``) is asked again only where the service cannot have got it whole.

        Raises:
            Unavailable: ``key.service_down``: nothing answers; nothing was changed here.
        """
        kept = getattr(self._own, "link", None)
        for link in (kept, None) if kept else (None,):
            is_sent, answer = False, None
            try:
                self._own.link = link or self._connect()
                wire.send(self._own.link, {"ask": name, "with": arguments})
                is_sent = True
                answer = wire.receive(self._own.link)
            except (OSError, ValueError):
                pass
            if answer is not None:
                if "error" in answer:
                    raise wire.raised(answer["error"])
                return answer["value"]
            self._drop()
            if is_sent and name in ONCE:
                break
        self._derived.clear()
        raise Unavailable("key.service_down")

    def _connect(self) -> socket.socket:
        link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        link.settimeout(PATIENCE)
        try:
            with wire.address(self._path) as place:
                link.connect(place)
        except OSError:
            link.close()
            raise
        return link

    def _drop(self) -> None:
        link = getattr(self._own, "link", None)
        if link is not None:
            link.close()
            self._own.link = None

    def answers(self) -> bool:
        """Say whether somebody listens."""
        try:
            self._connect().close()
        except OSError:
            return False
        return True

    def state(self) -> State:
        """Return how the keys stand."""
        told = self._call("state")
        asked = tuple(Asked(**one) for one in told.pop("asked"))  # what is apart is told by its own service
        return State(asked=asked, **told | {"ways": tuple(told["ways"])})

    def ids(self, slug: str) -> list[str]:
        """Return the names of a level's keys, oldest first."""
        return [str(name) for name in self._call("ids", slug)]

    def key(self, key_id: str, person: str = "") -> WrappingKey:
        """Return a key that is asked for at every use."""
        if key_id not in self._slots:
            self._slots[key_id] = int(self._call("slot", key_id))
        return BoundKey(self, key_id, self._slots[key_id], person)

    def wrap(self, key_id: str, inner: bytes, header: bytes) -> bytes:
        """Wrap the inner key of a container."""
        wrapped: bytes = self._call("wrap", key_id, inner, header)
        return wrapped

    def unwrap(self, key_id: str, wrapped: bytes, header: bytes, person: str = "") -> bytes:
        """Unwrap the inner key of a container."""
        inner: bytes = self._call("unwrap", key_id, wrapped, header, person)
        return inner

    def derive(self, slug: str, purpose: str) -> bytes:
        """Return the key of a level's fields or index; kept for a few seconds."""
        kept = self._derived.get((slug, purpose))
        if kept is not None and monotonic() - kept[0] < KEPT:
            return kept[1]
        key: bytes = self._call("derive", slug, purpose)
        self._derived[slug, purpose] = monotonic(), key
        return key

    def sign(self, message: bytes, identity: bytes) -> bytes:
        """Sign with the key of the installation."""
        signature: bytes = self._call("sign", message, identity)
        return signature

    def public(self) -> bytes:
        """Return the public half of the signing key."""
        public: bytes = self._call("public")
        return public

    def may_seal_state_secrets(self) -> bool:
        """Say whether this custody may hold what the profile says it holds."""
        return bool(self._call("may_seal_state_secrets"))

    def ensure(self, slug: str) -> None:
        """Make the first key of a level that has none."""
        self._call("ensure", slug)

    def agree(self, request: dict[str, Any], person: str) -> bool:
        """Ask for a request or agree to it."""
        return bool(self._call("agree", request, person))

    def withdraw(self, request: dict[str, Any], person: str) -> bool:
        """Take back a request; say whether it still waited."""
        return bool(self._call("withdraw", request, person))

    def open(self, way: str, secret: str) -> bool:
        """Give a passphrase, a share or a PIN."""
        return bool(self._call("open", way, secret))

    def close(self) -> None:
        """Close the keys."""
        self._derived.clear()
        self._call("close")

    def split(self, need: int, of: int, keeps_passphrase: bool) -> tuple[str, ...]:
        """Return a new set of shares."""
        return tuple(self._call("split", need, of, keeps_passphrase))

    def change_passphrase(self, old: str, new: str) -> None:
        """Let another passphrase open the keystore."""
        self._call("change_passphrase", old, new)
