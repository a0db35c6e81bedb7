"""Run every check in order and end with one closing line: ``N passed, N failed, N skipped``."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from dingmi.interfaces.cli.cluster import programs, throwaway

ROOT = Path(__file__).resolve().parent.parent
TWO_WORKERS = ("-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")  # reordered, the longest file is the last
STRICT = ("base", "regime", "engines", "procedures", "queries")


def step(title: str, *command: str) -> bool:
    """Run one check; tell what it printed, all at once, and return whether it passed."""
    started = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    state = "ok" if done.returncode == 0 else "FAILED"
    print(f"{done.stdout}[{state}] {title} ({time.monotonic() - started:.0f} s)", flush=True)
    return done.returncode == 0


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


def pytest(*arguments: str, told: str = "", **environment: str) -> tuple[dict[str, int], bool]:
    """Run pytest; return its counts and whether it passed.

    Args:
        told: What runs here beside another run: what it prints comes under this title, all at once.
    """
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", "--continue-on-collection-errors", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    last, kept = "", []
    for line in process.stdout:
        if told:
            kept.append(line)
        else:
            print(line, end="", flush=True)
        last = line if re.search(r"\d+ (passed|failed|error)", line) else last
    code = process.wait()
    if told:
        print(f"\n{''.join(kept)}[{told}] ({time.monotonic() - started:.0f} s)", flush=True)
    counts = {word: int(number) for number, word in re.findall(r"(\d+) (passed|failed|skipped|errors?)", last)}
    return counts, code in (0, 5)


def on_postgresql(mode: str) -> list[tuple[dict[str, int], bool]]:
    """Run the database tests on a throw-away cluster; nothing where this machine has no PostgreSQL."""
    bins = programs()
    if bins is None:
        print("没有 PostgreSQL，未运行其测试。 No PostgreSQL here: its tests did not run.", flush=True)
        return []
    with throwaway(bins, waits_for_disk=False) as url:
        chosen = "(db or postgres) and not deep and not e2e" + (" and not one_database" if mode != "deep" else "")
        return [pytest(*TWO_WORKERS, "-m", chosen, told="PostgreSQL", DINGMI_TEST_DATABASE=url)]


def besides(mode: str) -> tuple[list[tuple[dict[str, int], bool]], int]:
    """Run what goes on beside the tests on SQLite; return what the runs made of it, and how many checks failed.

    One after the other, each part would leave a processor idle while its last file ends.
    """
    if mode == "fast":
        return [], checks()
    # The browser's tests run in a process of their own: its event loop would stop database calls of others.
    browser = pytest("-m", "e2e" if mode == "deep" else "e2e and not deep", told="browser")
    failed = checks()
    return [browser, *on_postgresql(mode)], failed


def main() -> int:
    """Run what ``mode`` asks for."""
    mode = sys.argv[1] if len(sys.argv) > 1 else "all"
    if mode == "deep":
        os.environ["DINGMI_TEST_CHANCE"] = "free"  # ordinary runs draw the same examples every time
    left = {"deep": "", "all": " and not deep", "fast": " and not deep and not clone"}[mode]
    with ThreadPoolExecutor(1) as side:
        beside = side.submit(besides, mode)
        runs = [pytest(*TWO_WORKERS, "-m", "not e2e and not postgres" + left)]
        if mode == "deep":  # the ordinary tests again, every act broken off and with faults beneath it
            runs.append(pytest("-p", "tests.every_act", "-m", "db and not deep and not e2e and not postgres"))
        more, failed_checks = beside.result()
    runs += more
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
