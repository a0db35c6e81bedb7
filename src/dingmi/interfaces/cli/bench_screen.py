"""How fast one core screens documents, and how much of it goes into reading the files."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from time import perf_counter
from typing import Any

from dingmi.base.errors import Unavailable
from dingmi.engines import pool
from dingmi.interfaces.cli.screen import work

Figure = Callable[[str, float, str, float, str, str], dict[str, Any]]
FILES, SENTENCES, ITEMS, SOURCES = 24, 40, 800, 300


def screen(figure: Figure, papers: Any) -> list[dict[str, Any]]:
    """Screen Word files and plain ones in this process, each against the guides and sources of the bench."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        texts = [papers.paper(SENTENCES) for _ in range(FILES)]
        tasks = [_task(folder, number, text) for number, text in enumerate(texts)]
        guides = _rows(
            folder / "guides.jsonl",
            [{"id": n, "text": papers.sentence()[:40], "level": "机密"} for n in range(1, ITEMS + 1)],
        )
        sources = _rows(folder / "sources.jsonl", [{"id": n, "text": papers.paper(16)} for n in range(1, SOURCES + 1)])
        work.prepare(guides, sources, "")
        rows = [row for task in tasks for row in work.examine(task)]
        shares = [one for engine in pool.ENGINES if (one := _share(figure, engine, tasks, guides, sources))]
    seconds = sum(row["seconds"] for row in rows)
    reading = sum(row["reading_seconds"] for row in rows)
    told = f"{FILES} files (half .docx, half .txt) of {sum(map(len, texts)) // FILES} characters, {ITEMS} items, {SOURCES} sources"
    return [
        figure("screening on one core", FILES / seconds, "files/s", FILES / reading, "reading the files alone", told),
        figure("screening: share of reading", reading / seconds, "share", 1.0, "nothing but reading", told),
        *shares,
    ]


def _share(figure: Figure, engine: str, tasks: list[work.Task], guides: str, sources: str) -> dict[str, Any] | None:
    """How much of twice one worker's rate two workers reach, between the first and the last result; none without the engine."""
    rates = []
    screening = pool.Work(work.examine, work.prepare, (guides, sources, ""))
    for workers in (1, 2):
        try:
            ended = pool.run(screening, tasks, workers, engine)
            times = [perf_counter() for _ in ended]
        except Unavailable:
            return None
        rates.append((len(times) - 1) / (times[-1] - times[0]))
    told = f"{rates[0]:.2f} and {rates[1]:.2f} files/s by the wall, {len(tasks)} files, the start left out"
    return figure(
        f"screening: efficiency of two workers, {engine}",
        rates[1] / rates[0] / 2,
        "share",
        1.0,
        "twice one worker",
        told,
    )


def _task(folder: Path, number: int, text: str) -> work.Task:
    from docx import Document

    path = folder / f"{number}.{'docx' if number % 2 else 'txt'}"
    if number % 2:
        made, out = Document(), BytesIO()
        for line in text.splitlines():
            made.add_paragraph(line)
        made.save(out)
        path.write_bytes(out.getvalue())
    else:
        path.write_text(text, encoding="utf-8")
    return work.Task(str(path), path.name, path.stat().st_size, 0)


def _rows(path: Path, rows: list[dict[str, Any]]) -> str:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return str(path)
