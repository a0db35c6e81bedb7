"""Running one job in a child process with limits, no secrets, and a private folder (SR-73)."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import dingmi
from dingmi.base.errors import KINDS, DingmiError, Invalid, Unavailable
from dingmi.engines.documents import progress
from dingmi.engines.documents.limits import Limits

_KINDS: dict[str, type[DingmiError]] = {kind.kind: kind for kind in KINDS}
_SOURCE = str(Path(next(iter(dingmi.__path__))).resolve().parent)
_CODE_PREFIXES = ("file.", "mark.", "font.", "form.")
STEP = 0.2  # seconds between two looks at a child's progress
_OUT_OF_TIME = (-signal.SIGXCPU, -signal.SIGKILL)


def _environment(folder: Path) -> dict[str, str]:
    """Nothing of ours goes in: no keys, no settings, no user's home."""
    return {"PYTHONPATH": _SOURCE, "HOME": str(folder), "TMPDIR": str(folder), "LC_ALL": "C.UTF-8"}


def _wait(process: subprocess.Popen[bytes], seconds: float, written: Path) -> int:
    """Wait for the child, and tell meanwhile what it has written about its progress."""
    tell, left = progress.watcher(), seconds
    try:
        while tell is not None and left > STEP:
            with suppress(subprocess.TimeoutExpired):
                return process.wait(STEP)
            left -= STEP
            come = progress.read(written)
            if come is not None:
                tell(come)
        return process.wait(left)
    except subprocess.TimeoutExpired:
        raise Invalid("file.too_slow", seconds=int(seconds)) from None
    finally:
        if process.returncode is None:
            process.kill()
            process.wait()


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
        command = [sys.executable, "-P", "-m", "dingmi.engines.documents.worker", str(folder)]
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=folder,
                env=_environment(folder),
                close_fds=True,
                start_new_session=True,
            )
        except OSError:
            raise Unavailable("file.worker_unavailable") from None
        code = _wait(process, limits.wall_seconds, folder / "progress")
        if (tell := progress.watcher()) is not None:
            tell(progress.READ)
        return _read_answer(folder, code, limits)
