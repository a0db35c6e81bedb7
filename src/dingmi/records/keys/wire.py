"""What goes over the socket: messages of a length and one JSON document, errors of the house by kind and code."""

from __future__ import annotations

import base64
import json
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dingmi.base.errors import KINDS, DingmiError, Unavailable

MOST = 256 * 1024
SOCKET = "keys.sock"
_LENGTH = struct.Struct(">I")
_LONGEST_ADDRESS = 100


@contextmanager
def address(path: Path) -> Iterator[str]:
    """Yield an address for a socket at ``path``, short enough however deep the folder is."""
    if len(os.fsencode(path)) <= _LONGEST_ADDRESS:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)  # whoever may only pass through it, too
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def send(link: socket.socket, message: dict[str, Any]) -> None:
    """Send one message."""
    data = json.dumps(message, default=_plain).encode()
    link.sendall(_LENGTH.pack(len(data)) + data)


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"bytes": base64.b64encode(value).decode()}
    raise TypeError(type(value).__name__)


def _bytes(value: dict[str, Any]) -> Any:
    return base64.b64decode(value["bytes"]) if value.keys() == {"bytes"} else value


def receive(link: socket.socket) -> dict[str, Any] | None:
    """Return the next message; None when the other side has gone.

    Raises:
        ValueError: It is no message of this house.
    """
    head = _exactly(link, _LENGTH.size)
    if head is None:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > MOST:
        raise ValueError("length")
    data = _exactly(link, length)
    if data is None:
        return None
    try:
        message = json.loads(data, object_hook=_bytes)
    except (RecursionError, TypeError):
        raise ValueError("message") from None
    if not isinstance(message, dict):
        raise ValueError("message")
    return message


def _exactly(link: socket.socket, count: int) -> bytes | None:
    data = bytearray()
    while len(data) < count:
        part = link.recv(count - len(data))
        if not part:
            return None
        data += part
    return bytes(data)


def told(error: DingmiError) -> dict[str, Any]:
    """Return an error as it goes over the socket."""
    return {"error": {"kind": error.kind, "code": error.code, "clauses": list(error.clauses), "params": error.params}}


def raised(document: dict[str, Any]) -> DingmiError:
    """Return the error that the other side told."""
    kind = next((k for k in KINDS if k.kind == document.get("kind")), Unavailable)
    return kind(str(document.get("code")), tuple(document.get("clauses", ())), **document.get("params", {}))
