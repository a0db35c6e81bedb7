"""The child process: sets its own limits, reads one job, writes one answer, dies (SR-73).

``python -P -m dingmi.engines.documents.worker FD`` starts, with an empty environment, a process that loads the parsers and
then only forks: one child for every job folder that comes over the socket ``FD``. It never sees a file of others. A folder
holds ``job`` (JSON) and ``data`` (the untrusted file); the answer is written to ``answer`` (one JSON line, then bytes).
"""

from __future__ import annotations

import gc
import json
import os
import resource
import signal
import socket
import struct
import sys
import tempfile
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

from dingmi.base import confine

NUMBER = struct.Struct("!i")
LONGEST_PATH = 4096  # bytes


def _limit(job: dict[str, Any], folder: Path) -> None:
    limits = job["limits"]
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits["output_bytes"],) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (limits["cpu_seconds"], limits["cpu_seconds"] + 1))
    resource.setrlimit(resource.RLIMIT_AS, (limits["memory_bytes"],) * 2)
    resource.setrlimit(resource.RLIMIT_DATA, (limits["memory_bytes"],) * 2)
    confine.confine(folder)


def _answer(folder: Path, head: dict[str, Any], body: bytes = b"") -> None:
    (folder / "answer").write_bytes(json.dumps(head).encode() + b"\n" + body)


def work(folder: Path) -> int:
    """Do the one job in ``folder``; exit code 0 whenever there is an answer."""
    job = json.loads((folder / "job").read_bytes())
    os.environ.update(HOME=str(folder), TMPDIR=str(folder))
    tempfile.tempdir = None
    os.chdir(folder)
    _limit(job, folder)
    from dingmi.base.errors import DingmiError
    from dingmi.engines.documents import jobs, progress

    try:
        if job.get("told"):
            progress.write_to(folder / "progress")
        head, body = jobs.run(job["name"], (folder / "data").read_bytes(), job["arguments"], job["limits"])
        _answer(folder, {"result": head}, body)
    except DingmiError as error:
        _answer(folder, {"kind": error.kind, "code": error.code, "params": error.params})
    except MemoryError:
        _answer(folder, {"kind": "Invalid", "code": "file.bomb", "params": {}})
    except RecursionError:
        _answer(folder, {"kind": "Invalid", "code": "file.bomb", "params": {}})
    except Exception as error:
        # Whatever a parser throws at a hostile file is one refusal; the name of the error helps whoever debugs it.
        _answer(folder, {"kind": "Invalid", "code": "file.damaged", "params": {}, "cause": type(error).__name__})
    return 0


def _keep(answer: socket.socket, folder: Path) -> NoReturn:
    """Lead a process group of its own, have the job done in it, and tell how its process ended."""
    code = 1
    try:
        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        answer.sendall(NUMBER.pack(os.getpid()))
        child = os.fork()
        if child == 0:
            answer.close()
            code = work(folder)
        else:
            _, status = os.waitpid(child, 0)
            answer.sendall(NUMBER.pack(os.waitstatus_to_exitcode(status)))
            code = 0
    finally:
        os._exit(code)


def _rehearse() -> None:
    """Do on a text of our own what most files go through: every fork then finds fonts read, patterns compiled, classes looked into."""
    from dingmi.base.errors import Unavailable
    from dingmi.engines.documents import fonts, jobs
    from dingmi.engines.documents.limits import DEFAULT

    limits = asdict(DEFAULT)
    marked: dict[str, Any] = {"kind": "txt", "mark": "内部", "label": {}, "strike": None, "note": None}
    with suppress(Unavailable):
        _, body = jobs.run("stamp", "预备".encode(), marked, limits)
        jobs.run("read", body, {"kind": "pdf"}, limits)
        jobs.run("watermark", body, {"kind": "pdf", "text": "预备"}, limits)
        fonts.read_ahead()
    gc.collect()
    gc.freeze()


def serve(control: socket.socket) -> None:
    """Load every parser and the font of marks, then fork for each folder asked for, until whoever asks is gone."""
    from dingmi.base.errors import Unavailable
    from dingmi.engines.documents import fonts, jobs, registry, rendering, sheets  # noqa: F401
    from dingmi.engines.documents.formats import pdf_mark  # noqa: F401
    from dingmi.engines.documents.forms import painting  # noqa: F401

    with suppress(Unavailable):  # told by the job that asks for it
        fonts.bold_of_marks()
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    is_rehearsed = False
    while True:
        asked, handed, _, _ = socket.recv_fds(control, LONGEST_PATH, 1)
        if not handed:
            return
        answer = socket.socket(fileno=handed[0])
        if os.fork() == 0:
            control.close()
            _keep(answer, Path(os.fsdecode(asked)))
        answer.close()
        if not is_rehearsed:  # the first does not wait for it; a command that asks once does without
            _rehearse()
            is_rehearsed = True


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
