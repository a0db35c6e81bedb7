"""The drafts of the demo organ: papers with sections and tables, their sentences drawn by a seeded source, as docx."""

from __future__ import annotations

import io
import random
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import docx

SECTION = re.compile(r"^[一二三四五六七八九十]+、")


@dataclass(frozen=True, slots=True)
class Draft:
    """One draft: its title, its lines, and the secret sentences among them that others may take over.

    A line that begins with a bar is a row of a table.
    """

    title: str
    lines: tuple[str, ...]
    secrets: tuple[str, ...]

    def as_docx(self) -> bytes:
        """Return the draft as a Word file: heading, sections, paragraphs and tables."""
        document = docx.Document()
        document.add_heading(self.title, level=1)
        for lines in _grouped(self.lines):
            if lines[0].startswith("|"):
                _table(document, lines)
            elif SECTION.match(lines[0]):
                document.add_heading(lines[0], level=2)
            else:
                document.add_paragraph(lines[0])
        document.core_properties.author = ""
        buffer = io.BytesIO()
        document.save(buffer)
        return buffer.getvalue()


def _grouped(lines: tuple[str, ...]) -> Iterator[list[str]]:
    """Yield each line alone, and the rows of a table together."""
    rows: list[str] = []
    for line in lines:
        if line.startswith("|"):
            rows.append(line)
            continue
        if rows:
            yield rows
            rows = []
        yield [line]
    if rows:
        yield rows


def _table(document: Any, rows: list[str]) -> None:
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    made = document.add_table(len(cells), len(cells[0]), style="Table Grid")
    for place, row in enumerate(cells):
        for column, text in enumerate(row):
            made.cell(place, column).text = text


@cache
def table() -> dict[str, Any]:
    """Return the sentences."""
    return tomllib.loads(files(__package__).joinpath("texts.toml").read_text(encoding="utf-8"))


def item_numbers() -> list[str]:
    """Return the guide items that there are sentences for."""
    return sorted(table()["items"], key=int)


def write(rng: random.Random, kind: dict[str, Any], copied: tuple[str, ...] = ()) -> Draft:
    """Draw one draft.

    Args:
        rng: The seeded source.
        kind: A table of titles, secret lines and the body around them.
        copied: Sentences taken over from a source matter.
    """
    words = table()
    draw = {
        "place": rng.choice(words["places"]),
        "n": rng.randint(6, 60),
        "m": rng.randint(1, 9),
        "k": rng.randint(2, 40),
        "form": rng.choice(words["forms"]),
        "day": f"{rng.randint(1, 12)}月{rng.randint(1, 28)}日",
    }
    opening, closing = rng.choice(words["openings"]), rng.choice(words["closings"])
    ends = words["phones"] if rng.random() < 0.4 else ""
    secrets = tuple(line.format(**draw) for line in kind.get("lines", ()))
    body = str(kind["body"]).replace("{opening}", opening) + closing + "\n" + ends
    lines: list[str] = []
    for line in body.format(**draw).splitlines():
        if line == "@copied":
            lines += copied
        elif line.startswith("@"):
            lines.append(secrets[int(line[1:]) - 1])
        elif line.strip():
            lines.append(line.strip())
    return Draft(rng.choice(kind["titles"]).format(**draw), tuple(lines), secrets or copied)
