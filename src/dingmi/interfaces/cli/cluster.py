"""A PostgreSQL cluster to throw away: tests and measurements make one, as a role that row security binds, and leave nothing."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROLE, DATABASE = "dingmi", "dingmi"


def programs() -> Path | None:
    """Return where the newest PostgreSQL of this machine has its programs; None where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    return found[-1] if found else None


def free_port() -> int:
    """Return a free TCP port on the loopback address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def throwaway(bins: Path, *, waits_for_disk: bool) -> Iterator[str]:
    """Make a cluster with a role that is no superuser; yield the address of its empty database, and remove everything.

    Args:
        waits_for_disk: False: commits do not wait for the disk, which tests need not.
    """
    folder = Path(tempfile.mkdtemp(prefix="dingmi-pg-"))
    become = []
    if os.getuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
        become = ["runuser", "-u", "postgres", "--"]
    port, data = free_port(), str(folder / "data")

    def run(program: str, *arguments: str) -> None:
        called = [*become, str(bins / program), *arguments]
        subprocess.check_call(called, stdout=subprocess.DEVNULL, cwd=folder)

    try:
        run("initdb", "-D", data, "-E", "UTF8", "--locale=C.UTF-8", "-U", "postgres", "-A", "trust")
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c max_connections=200"
        options += "" if waits_for_disk else " -c fsync=off"
        run("pg_ctl", "-D", data, "-w", "-o", options, "-l", str(folder / "log"), "start")
        for told in (  # no superuser: row security binds it as it binds the product
            f"CREATE ROLE {ROLE} LOGIN CREATEDB",
            f"CREATE DATABASE {DATABASE} OWNER {ROLE}",
        ):
            run("psql", "-h", str(folder), "-p", str(port), "-U", "postgres", "-c", told)
        yield f"postgresql://{ROLE}@127.0.0.1:{port}/{DATABASE}"
    finally:
        stop = [*become, str(bins / "pg_ctl"), "-D", data, "-m", "immediate", "stop"]
        subprocess.call(stop, stdout=subprocess.DEVNULL, cwd=folder)
        shutil.rmtree(folder, ignore_errors=True)
