"""Structure-aware fuzzing of the parsers: many mutants of a good file of each format. A long run, by hand.

``python -m tests.engines.fuzz [docx|xlsx|pptx|ofd|pdf|txt …] [--count 20000] [--seed S] [--keep FOLDER]``

Batches of mutants go through a child with the limits of a parser, in which many are parsed one after another: thousands a minute, where
the product forks for each. Whatever ends a child, takes longer than ``SLOW`` or ends in an error that is none of ours goes
through the product's own door afterwards (a process of its own): there it must be refused in words or read within the limits.
What is not is an escape; it is kept as a file, so that a test can hold it for ever, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import random
import resource
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path

from dingmi.base import confine
from dingmi.base.errors import DingmiError, Invalid
from dingmi.engines import documents
from dingmi.engines.documents import jobs
from tests.engines import mutants

BATCH = 200
SLOW = 2.0  # seconds of the processor
KEPT = Path(__file__).with_name("kept")


def made(name: str, seed: int, number: int) -> bytes:
    """Return one mutant: the same for the same seed and number."""
    return mutants.mutant(name, random.Random(f"{name} {seed} {number}"))


def _child(name: str, seed: int, numbers: range, told: int, folder: Path) -> None:
    """Parse mutants under the limits of a parser; tell of each how it ended."""
    limits = asdict(documents.DEFAULT)
    resource.setrlimit(resource.RLIMIT_AS, (limits["memory_bytes"] + (512 << 20),) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    confine.confine(folder)
    logging.disable()  # what a library says of a damaged file is no news here
    for number in numbers:
        data, began = made(name, seed, number), time.process_time()
        signal.setitimer(signal.ITIMER_VIRTUAL, 2 * limits["cpu_seconds"])
        try:
            jobs.run("extract", data, {"filename": name}, limits)
            ended = "read"
        except DingmiError as error:
            ended = error.code
        except Exception as error:
            ended = f"! {type(error).__name__}"
        if time.process_time() - began > SLOW:
            ended = f"~ {ended}"
        os.write(told, f"{json.dumps([number, ended])}\n".encode())


def batch(name: str, seed: int, numbers: range) -> dict[int, str]:
    """Return how each mutant ended; the one at which the child died is told as dead, and the rest is tried anew."""
    found: dict[int, str] = {}
    mutants.seeds()  # made here, once: the child reads no file of ours
    with tempfile.TemporaryDirectory(prefix="dingmi-fuzz-") as place:
        while len(found) < len(numbers):
            _more(name, seed, numbers, found, Path(place))
    return found


def _more(name: str, seed: int, numbers: range, found: dict[int, str], place: Path) -> None:
    """Let one child go on where the one before ended."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            _child(name, seed, numbers[len(found) :], writing, place)
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as lines:
        found.update({int(number): str(ended) for number, ended in map(json.loads, lines)})
    os.waitpid(child, 0)
    if len(found) < len(numbers):
        found[numbers[len(found)]] = "! dead"


def escaped(name: str, data: bytes) -> str:
    """Return what is wrong with how the product itself takes a file; empty when it refuses it in words or reads it in time."""
    began = time.monotonic()
    try:
        documents.extract(data, name)
    except Invalid as error:
        if not error.code.startswith("file."):
            return error.code
    except Exception as error:
        return type(error).__name__
    return "too slow" if time.monotonic() - began > documents.DEFAULT.wall_seconds + 5 else ""


def fuzz(kind: str, count: int, seed: int, keep: Path) -> int:
    """Try ``count`` mutants of one format; print what came of them, return how many escaped."""
    name, ends, again, began = f"a.{kind}", Counter[str](), 0, time.monotonic()
    escapes = 0
    for start in range(0, count, BATCH):
        for number, ended in batch(name, seed, range(start, min(start + BATCH, count))).items():
            ends[ended] += 1
            if not ended.startswith(("!", "~")):
                continue
            again += 1
            data = made(name, seed, number)
            wrong = escaped(name, data)
            if wrong or ended == "! dead":
                keep.mkdir(exist_ok=True)
                (keep / f"{kind}-{seed}-{number}.{kind}").write_bytes(data)
            if wrong:
                escapes += 1
                print(f"ESCAPE {name} seed {seed} number {number}: {ended}, {wrong}", flush=True)
    told = ", ".join(f"{ended} {times}" for ended, times in ends.most_common())
    print(
        f"{kind}: {count} mutants, {escapes} escapes, {again} tried again alone, {time.monotonic() - began:.0f} s; {told}",
        flush=True,
    )
    return escapes


def main() -> int:
    """Fuzz the formats asked for."""
    kinds = [name.removeprefix("a.") for name in mutants.seeds()]
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("kinds", nargs="*", default=kinds, metavar="|".join(kinds))
    asked.add_argument("--count", type=int, default=20_000)
    asked.add_argument("--seed", type=int, default=0)
    asked.add_argument("--keep", type=Path, default=KEPT)
    given = asked.parse_args()
    return 1 if sum(fuzz(kind, given.count, given.seed, given.keep) for kind in given.kinds) else 0


if __name__ == "__main__":
    sys.exit(main())
