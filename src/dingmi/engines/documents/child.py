"""Running one job in a child process with limits, no secrets, and a private folder (SR-73).

Loading the parsers costs far more than most jobs, so one process loads them and every job is a fork of it (ADR 0010).
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import dingmi
from dingmi.base.errors import KINDS, DingmiError, Invalid, Unavailable
from dingmi.engines.documents import progress
from dingmi.engines.documents.limits import Limits
from dingmi.engines.documents.worker import NUMBER

_KINDS: dict[str, type[DingmiError]] = {kind.kind: kind for kind in KINDS}
_SOURCE = str(Path(next(iter(dingmi.__path__))).resolve().parent)
_CODE_PREFIXES = ("file.", "mark.", "font.", "form.", "bag.")
STEP = 0.2  # seconds between two looks at a child's progress
START = 60.0  # seconds that loading the parsers may take
_OUT_OF_TIME = (-signal.SIGXCPU, -signal.SIGKILL)


def _environment() -> dict[str, str]:
    """Nothing of ours goes in: no keys, no settings, no user's home; and no library begins with threads, which it may not have."""
    return {"PYTHONPATH": _SOURCE, "LC_ALL": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def _number(answer: socket.socket) -> int | None:
    """Return the next number that a child's keeper tells; None when it died."""
    told = answer.recv(NUMBER.size, socket.MSG_WAITALL)
    return int(NUMBER.unpack(told)[0]) if len(told) == NUMBER.size else None


class _Nursery:
    """The process with the parsers loaded, one for each process of ours; it ends when its socket closes."""

    def __init__(self) -> None:
        self.owner = os.getpid()
        self.control, theirs = socket.socketpair()
        command = [sys.executable, "-P", "-m", "dingmi.engines.documents.worker", str(theirs.fileno())]
        with theirs:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env=_environment(),
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )

    def start(self, folder: Path) -> tuple[int, socket.socket]:
        """Start the job in ``folder``; return its process group and the socket that tells its end.

        Raises:
            OSError: when the process with the parsers is gone.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self.control, [os.fsencode(folder)], [theirs.fileno()])
        ours.settimeout(START)
        group = _number(ours)
        if group is None:
            ours.close()
            raise ConnectionError("no child was started")
        return group, ours

    def close(self) -> None:
        """End it."""
        self.control.close()
        if self.owner == os.getpid():
            self.process.kill()
            self.process.wait()


_LOCK = threading.Lock()
_nursery: _Nursery | None = None


def _close() -> None:
    global _nursery
    if _nursery is not None:
        _nursery.close()
        _nursery = None


atexit.register(_close)


def _start(folder: Path) -> tuple[int, socket.socket]:
    """Start a job; a nursery that died, or that belongs to the process we were forked from, is replaced once."""
    global _nursery
    with _LOCK:
        for last in (False, True):
            try:
                if _nursery is None or _nursery.owner != os.getpid():
                    _close()
                    _nursery = _Nursery()
                return _nursery.start(folder)
            except OSError:
                _close()
                if last:
                    raise Unavailable("file.worker_unavailable") from None
    raise AssertionError("unreachable")


def _wait(answer: socket.socket, seconds: float, written: Path) -> int:
    """Wait for the child, and tell meanwhile what it has written about its progress; return how its process ended."""
    tell, end = progress.watcher(), time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        answer.settimeout(left if tell is None else min(STEP, left))
        with suppress(TimeoutError):
            code = _number(answer)
            return 1 if code is None else code
        come = progress.read(written)
        if tell is not None and come is not None:
            tell(come)
    raise Invalid("file.too_slow", seconds=int(seconds))


def _read_answer(folder: Path, code: int, limits: Limits) -> tuple[Any, bytes]:
    path = folder / "answer"
    if code in _OUT_OF_TIME:
        raise Invalid("file.too_slow", seconds=limits.cpu_seconds)
    if code != 0 or not path.exists() or path.stat().st_size > limits.output_bytes:
        raise Invalid("file.parser_died")
    line, _, body = path.read_bytes().partition(b"\n")
    try:
        head = json.loads(line)
    except ValueError:
        raise Invalid("file.parser_died") from None
    if "code" in head:
        kind, error = _KINDS.get(head["kind"], Invalid), str(head["code"])
        if not error.startswith(_CODE_PREFIXES):
            raise Invalid("file.parser_died")
        raise kind(error, **{k: v for k, v in head["params"].items() if isinstance(v, int | str)})
    return head["result"], body


def run(name: str, data: bytes, arguments: dict[str, Any], limits: Limits) -> tuple[Any, bytes]:
    """Do job ``name`` on ``data`` in a child and return its JSON result and bytes.

    Raises:
        Invalid: what the job found wrong; ``file.too_slow`` past CPU or wall time; ``file.parser_died``; or what a
            watcher of the progress raised.
        Unavailable: ``file.worker_unavailable`` when no child can be started.
    """
    with tempfile.TemporaryDirectory(prefix="dingmi-file-") as name_of_folder:
        folder = Path(name_of_folder)
        (folder / "data").write_bytes(data)
        job = {"name": name, "arguments": arguments, "limits": asdict(limits), "told": progress.watcher() is not None}
        (folder / "job").write_text(json.dumps(job))
        group, answer = _start(folder)
        with answer:
            try:
                code = _wait(answer, limits.wall_seconds, folder / "progress")
            except BaseException:
                with suppress(ProcessLookupError):
                    os.killpg(group, signal.SIGKILL)
                raise
        if (tell := progress.watcher()) is not None:
            tell(progress.READ)
        return _read_answer(folder, code, limits)
