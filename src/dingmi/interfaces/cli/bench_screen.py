"""How fast one core screens documents, and how much of it goes into reading the files."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

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
    seconds = sum(row["seconds"] for row in rows)
    reading = sum(row["reading_seconds"] for row in rows)
    told = f"{FILES} files (half .docx, half .txt) of {sum(map(len, texts)) // FILES} characters, {ITEMS} items, {SOURCES} sources"
    return [
        figure("screening on one core", FILES / seconds, "files/s", FILES / reading, "reading the files alone", told),
        figure("screening: share of reading", reading / seconds, "share", 1.0, "nothing but reading", told),
    ]


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
