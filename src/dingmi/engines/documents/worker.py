"""The child process: sets its own limits, reads one job, writes one answer, dies (SR-73).

Started as ``python -P -m dingmi.engines.documents.worker JOB_FOLDER`` with an empty environment. The folder holds ``job``
(JSON), ``data`` (the untrusted file); the answer is written to ``answer`` (one JSON line, then bytes).
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from typing import Any


def _limit(job: dict[str, Any]) -> None:
    limits = job["limits"]
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits["output_bytes"],) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (limits["cpu_seconds"], limits["cpu_seconds"] + 1))
    resource.setrlimit(resource.RLIMIT_AS, (limits["memory_bytes"],) * 2)
    resource.setrlimit(resource.RLIMIT_DATA, (limits["memory_bytes"],) * 2)


def _answer(folder: Path, head: dict[str, Any], body: bytes = b"") -> None:
    (folder / "answer").write_bytes(json.dumps(head).encode() + b"\n" + body)


def main(folder: Path) -> int:
    """Do the one job in ``folder``; exit code 0 whenever there is an answer."""
    job = json.loads((folder / "job").read_bytes())
    _limit(job)
    from dingmi.base.errors import DingmiError

    try:
        from dingmi.engines.documents import jobs, progress

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


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
