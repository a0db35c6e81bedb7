"""Run every check in order and end with one closing line: ``N passed, N failed, N skipped``."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PG_BINS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
STRICT = ("base", "regime", "engines", "procedures", "queries")


def step(title: str, *command: str) -> bool:
    """Run one check; return whether it passed."""
    started = time.monotonic()
    code = subprocess.call(command, cwd=ROOT)
    print(f"[{'ok' if code == 0 else 'FAILED'}] {title} ({time.monotonic() - started:.0f} s)", flush=True)
    return code == 0


def checks() -> int:
    """Run the checks that are no tests; return how many failed."""
    packages = [arg for name in STRICT if (ROOT / "src/dingmi" / name).is_dir() for arg in ("-p", f"dingmi.{name}")]
    results = [
        step("format", "ruff", "format", "--check", "-q", "src", "tests", "tools"),
        step("lint", "ruff", "check", "-q", "src", "tests", "tools"),
        step("types", "mypy", "--strict", *packages),
        step("import contracts", "lint-imports", "--no-cache"),
        step("guards", sys.executable, "tools/guards.py"),
    ]
    return results.count(False)


def pytest(*arguments: str, **environment: str) -> tuple[dict[str, int], bool]:
    """Run pytest; return its counts and whether it passed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", "--continue-on-collection-errors", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    last = ""
    for line in process.stdout:
        print(line, end="", flush=True)
        last = line if re.search(r"\d+ (passed|failed|error)", line) else last
    code = process.wait()
    counts = {word: int(number) for number, word in re.findall(r"(\d+) (passed|failed|skipped|errors?)", last)}
    return counts, code in (0, 5)


def free_port() -> int:
    """Return a free TCP port on the loopback address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def on_postgresql() -> tuple[dict[str, int], bool] | None:
    """Run the database tests on a throw-away cluster; None when this machine has no PostgreSQL."""
    if not PG_BINS:
        return None
    programs = PG_BINS[-1]
    folder = Path(tempfile.mkdtemp(prefix="dingmi-pg-"))
    become = []
    if os.getuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
        become = ["runuser", "-u", "postgres", "--"]
    port, data = free_port(), folder / "data"
    quiet = {"stdout": subprocess.DEVNULL, "cwd": folder}
    try:
        subprocess.check_call(
            [
                *become,
                str(programs / "initdb"),
                "-D",
                str(data),
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
                "-U",
                "postgres",
                "-A",
                "trust",
            ],
            **quiet,
        )
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=200"
        subprocess.check_call(
            [
                *become,
                str(programs / "pg_ctl"),
                "-D",
                str(data),
                "-w",
                "-o",
                options,
                "-l",
                str(folder / "log"),
                "start",
            ],
            **quiet,
        )
        role = "CREATE ROLE dingmi LOGIN CREATEDB"  # no superuser: row security binds the tests as it binds the product
        subprocess.check_call(
            [*become, str(programs / "psql"), "-h", str(folder), "-p", str(port), "-c", role], **quiet
        )
        url = f"postgresql://dingmi@127.0.0.1:{port}/dingmi"
        chosen = "(db or postgres) and not deep and not e2e"
        return pytest("-n", "2", "--dist", "loadfile", "-m", chosen, DINGMI_TEST_DATABASE=url)
    finally:
        subprocess.call([*become, str(programs / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop"], **quiet)
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    """Run what ``mode`` asks for."""
    mode = sys.argv[1] if len(sys.argv) > 1 else "all"
    if mode == "deep":
        os.environ["DINGMI_TEST_CHANCE"] = "free"  # ordinary runs draw the same examples every time
    failed_checks = checks()
    rest = "not e2e and not postgres" if mode == "deep" else "not e2e and not postgres and not deep"
    runs = [pytest("-n", "2", "--dist", "loadfile", "-m", rest)]
    if mode != "fast":
        runs.append(
            pytest("-m", "e2e" if mode == "deep" else "e2e and not deep")
        )  # alone: the browser's event loop would stop database calls of other tests
        second = on_postgresql()
        if second is None:
            print("没有 PostgreSQL，未运行其测试。 No PostgreSQL here: its tests did not run.", flush=True)
        else:
            runs.append(second)
    total = {
        word: sum(counts.get(word, 0) for counts, _ in runs)
        for word in ("passed", "failed", "skipped", "error", "errors")
    }
    failed = total["failed"] + total["error"] + total["errors"] + failed_checks
    if failed == 0 and not all(passed for _, passed in runs):
        failed = 1
    print(f"{total['passed']} passed, {failed} failed, {total['skipped']} skipped", flush=True)
    return 1 if failed or not total["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
