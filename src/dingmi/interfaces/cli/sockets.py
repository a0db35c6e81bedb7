"""The Unix socket that ``dingmi up --socket`` serves to a gateway of this machine: where it may stand, and who may connect."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

from dingmi.base.errors import Invalid, Refused, Unavailable

LONGEST = 107  # bytes of the path of a socket
OWNER_ALONE = "0o600"


def usable(path: Path) -> Path:
    """Return where the socket is served, free of what a server that was killed left there.

    Its owner alone connects (ADR 0035), so its folder is the owner's and nobody else may put another socket in its place.

    Raises:
        Invalid: ``serve.socket_path``: no folder, or a path that is too long.
        Refused: ``serve.socket_folder``: others may write there.
        Unavailable: ``serve.socket_taken``: a file, somebody else's socket, or one that is served.
    """
    place = Path(os.path.realpath(path.parent)) / path.name
    if not path.name or not place.parent.is_dir() or len(os.fsencode(place)) > LONGEST:
        raise Invalid("serve.socket_path", (), path=str(path)[:200], most=LONGEST)
    folder = place.parent.stat()
    if folder.st_uid != os.geteuid() or folder.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise Refused("serve.socket_folder", (), folder=str(place.parent))
    try:
        found = place.lstat()
    except FileNotFoundError:
        return place
    if not stat.S_ISSOCK(found.st_mode) or found.st_uid != os.geteuid() or _answers(place):
        raise Unavailable("serve.socket_taken", (), path=str(place))
    place.unlink()
    return place


def _answers(place: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(2)
        try:
            probe.connect(str(place))
        except ConnectionRefusedError:
            return False
        except OSError:
            return True  # busy, or not to be known: it is not taken away
    return True
