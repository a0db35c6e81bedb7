"""Every bench of ``dingmi bench`` on tiny data, in a process of its own: ``python -m tests.interfaces.tiny_bench FOLDER``.

Sizes are made small, the story of the demo skips its daily rounds, and nothing waits for the disk; all else is what people run.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any
from unittest import mock

from dingmi.interfaces.cli import (
    bench,
    bench_answers,
    bench_assist,
    bench_document,
    bench_locks,
    bench_ranking,
    bench_scale,
    bench_screen,
    bench_vault,
    bench_web,
)
from dingmi.interfaces.cli.install import write_profile
from dingmi.interfaces.cli.out import emit, start_django

SMALL: tuple[tuple[Any, dict[str, Any]], ...] = (
    (bench, {"ROUNDS": 1, "COMMITS": 2, "STORY": 2}),
    (bench_assist, {"SOURCES": 10, "DRAFTS": 2, "ITEMS": 10, "ROUNDS": 2, "EDITS": {"verbatim": lambda _, text: text}}),
    (bench_assist, {"MANY": 300, "SENTENCES": 200}),
    (bench_answers, {"DRAFTS": 2, "ITEMS": 10, "LONG": 8}),
    (bench_screen, {"FILES": 4, "ITEMS": 10, "SOURCES": 10}),
    (bench_document, {"CHARACTERS": 700, "TIMES": 1}),
    (bench_locks, {"BARE": 2, "LARGE": 1, "YEARS": 1}),
    (bench_ranking, {"LEARNT": (40,), "JUDGED": 20, "UNITS": 2}),
    (bench_scale, {"TIMES": 2}),
    (bench_vault, {"SIZE": bench_vault.MIB, "LARGE": 2 * bench_vault.MIB, "FILES": 3}),
    (bench_web, {"SECONDS": 0.2, "CONNECTIONS": 2, "WRITES": 2, "SIGNED": 1}),
)


def main(folder: Path) -> None:
    """Found the installation in ``folder`` and measure everything; print the figures."""
    os.environ |= {"DINGMI_BENCH": "12", "DINGMI_BENCH_DAYS": "4", "DINGMI_BENCH_FLOOD": "0.2"}
    os.environ["DINGMI_BENCH_PROBES"] = "3"
    for module, sizes in SMALL:
        for name, value in sizes.items():
            assert hasattr(module, name), f"{module.__name__} has no {name}"
            setattr(module, name, value)
    write_profile(folder, demo=True, house="organ")
    start_django(folder)
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["tests.hashing.LightArgon2"]
    from dingmi.interfaces.cli.demo import keeping, story
    from dingmi.procedures.bench import durable

    durable(False)
    keeping.NEXT_EDITION_IN = 2  # a sweep of four days sees it come into force, and no midnight while we measure does
    skipped = (
        mock.patch.object(story.daily, "run", lambda **_: {}),
        mock.patch.object(keeping, "rule_on_cases", lambda _: None),
    )
    with skipped[0], skipped[1]:  # no round finds a case, so nobody looks for one either
        bench.prepare(folder)
    named = [name for name in bench.BENCHES if name not in bench.ALONE]
    emit(bench.measure(named, folder, lambda _: None))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
