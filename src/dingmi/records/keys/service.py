"""``python -m dingmi.records.keys.service DATA [juemi]``: a process that holds keys, and the socket on which it is asked.

One holds those of every level but the highest, with the key that signs, and one those of the highest alone (SR-48). The kernel
keeps the first from the files of the second, where it can.

It loads no Django and reads no database. Its own user and root may connect and, where its folder is a user's of its own, the group of
that folder, which is the pages' (docs/services.md); it dumps no core and lets no debugger of its user attach.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import socket
import socketserver
import struct
import sys
import threading
import tomllib
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dingmi.base import confine
from dingmi.base.errors import DingmiError, Invalid
from dingmi.engines.crypto import self_test
from dingmi.records.keys import clock, custody, places, wire
from dingmi.records.keys.client import RemoteRing
from dingmi.records.keys.ring import LocalRing

ASKS = (
    "state",
    "slot",
    "ids",
    "wrap",
    "unwrap",
    "derive",
    "sign",
    "public",
    "may_seal_state_secrets",
    "ensure",
    "agree",
    "withdraw",
    "open",
    "close",
    "split",
    "change_passphrase",
)
MOST_LINKS, SECONDS = 256, 20.0  # connections at once, and how long a message may be on its way
TOLD = (
    "open",
    "close",
    "split",
    "agree",
    "withdraw",
    "change_passphrase",
)  # told in the log of the service, without any secret
MOST_GROUPS = 256  # of one who asks; whoever is in more is refused
_PEER_GROUPS = 59  # SO_PEERGROUPS
_NOT_DUMPABLE, _SIGNAL_OF_PARENT, _LOCK_ALL = 4, 1, 1  # PR_SET_DUMPABLE, PR_SET_PDEATHSIG, MCL_CURRENT


class Service(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """Answers what may be asked of one ring, a thread a connection."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, place: str, ring: LocalRing, group: int | None = None) -> None:
        """Listen at ``place``.

        Args:
            group: Whose members may ask too.
        """
        self.ring, self.allowed, self.group = ring, {0, os.getuid()}, group
        self._free = threading.BoundedSemaphore(MOST_LINKS)
        super().__init__(place, _Asked)

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Admit only processes of the users that may ask."""
        told = request.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        _, user, group = struct.unpack("3i", told)
        return user in self.allowed or (self.group is not None and self.group in {group, *_further_groups(request)})

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve one connection more, unless there are as many as it bears."""
        if not self._free.acquire(blocking=False):
            _say("too many connections")
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve a connection to its end, and give its place free."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def answer(self, message: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to one message; an error of the house is told, nothing else is."""
        name, arguments = message.get("ask"), message.get("with", [])
        if name not in ASKS:
            _say("asked for what there is not")
            return wire.told(Invalid("key.malformed"))
        try:
            value = self._value(name, arguments)
        except DingmiError as error:
            _say(f"{name}: {error.code}")
            return wire.told(error)
        except Exception as error:  # the service stays, and tells no more than that it could not
            _say(f"{name}: {type(error).__name__}")
            return wire.told(Invalid("key.malformed"))
        if name in TOLD:
            _say(f"{name}: done")
        return {"value": value}

    def _value(self, name: str, arguments: list[Any]) -> Any:
        if name == "state":
            return asdict(replace(self.ring.state(), is_service=True))
        if name == "slot":
            return self.ring.key(*arguments).slot
        return getattr(self.ring, name)(*arguments)


def _further_groups(link: socket.socket) -> tuple[int, ...]:
    try:
        told = link.getsockopt(socket.SOL_SOCKET, _PEER_GROUPS, 4 * MOST_GROUPS)
    except OSError:
        return ()
    return struct.unpack(f"{len(told) // 4}I", told)


class _Asked(socketserver.BaseRequestHandler):
    server: Service

    def handle(self) -> None:
        try:
            while self.request.recv(1, socket.MSG_PEEK):  # a connection may rest, a message may not
                self.request.settimeout(SECONDS)
                message = wire.receive(self.request)
                if message is None:
                    return
                wire.send(self.request, self.server.answer(message))
                self.request.settimeout(None)
        except (OSError, ValueError):
            return


def _say(text: str) -> None:
    print(
        f"{datetime.fromtimestamp(clock.now(), UTC).isoformat(timespec='seconds')} {text}", file=sys.stderr, flush=True
    )


def harden(*, ends_with_parent: bool) -> None:
    """Dump no core, let nobody attach; where the system allows it, lock the memory that the process has at its start.

    Keys that come into memory later may be swapped out: the swap space of the server has to be encrypted, or none.
    """
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_NOT_DUMPABLE, 0, 0, 0, 0)
    libc.mlockall(_LOCK_ALL)
    if ends_with_parent:
        libc.prctl(_SIGNAL_OF_PARENT, signal.SIGTERM, 0, 0, 0)


def _tell_manager() -> None:
    """Tell who started the service that it listens, where systemd wants to know."""
    place = os.environ.get("NOTIFY_SOCKET", "")
    if place:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as link:
            link.connect(f"\0{place[1:]}" if place.startswith("@") else place)
            link.send(b"READY=1")


def _keep_to(part: places.Part, folder: Path) -> bool:
    """Leave the service of a divided installation its own keys, the waiver, and its socket to be removed; say what holds."""
    keys = folder / "keys"
    own = {keys: confine.LOOK, part.folder: confine.EVERYTHING, folder: confine.REMOVE}
    return confine.keep_to(own, never=places.apart(keys))


def serve(folder: Path, name: str = "", *, ends_with_parent: bool) -> None:
    """Hold one part of the keys of the installation in ``folder`` until the process is asked to stop."""
    harden(ends_with_parent=ends_with_parent)
    self_test()
    if RemoteRing(places.socket_at(folder, name)).answers():
        raise SystemExit("another key service answers on the socket")
    if not name:
        custody.settle(folder / "keys")
    try:
        part = places.part(folder / "keys", name)
    except Invalid:
        raise SystemExit("the keys of this level rest with the others") from None
    configuration = folder / "dingmi.toml"
    told = tomllib.loads(configuration.read_text(encoding="utf-8")) if configuration.exists() else {}
    path = part.socket
    path.unlink(missing_ok=True)
    group = part.folder.stat().st_gid if places.has_own_user(part.folder) else None
    with wire.address(path) as place:
        server = Service(place, LocalRing(part, told.get("profile", "state-secret"), clock.now), group)
    path.chmod(0o600 if group is None else 0o660)
    held = server.ring.custody
    is_kept = len(places.parts(folder / "keys")) > 1 and _keep_to(part, folder)
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: threading.Thread(target=server.shutdown).start())
    kept = "kept to its files" if is_kept else "not kept to its files"
    _tell_manager()
    _say(f"serving {', '.join(part.slugs)}: {held.kind}, {'open' if held.is_open() else 'closed'}, {kept}")
    try:
        server.serve_forever(poll_interval=0.2)
    finally:
        server.server_close()
        path.unlink(missing_ok=True)


def main() -> None:
    """Serve the folder of the first argument, the highest level where it is named; with ``beside`` it ends with its parent."""
    folder, *how = sys.argv[1:]
    serve(Path(folder).absolute(), places.APART if places.APART in how else "", ends_with_parent="beside" in how)


if __name__ == "__main__":
    main()
