"""The drafts of the demo organ: sentences drawn by a seeded source, as docx."""

from __future__ import annotations

import io
import random
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import docx


@dataclass(frozen=True, slots=True)
class Draft:
    """One draft: its title and its paragraphs."""

    title: str
    lines: tuple[str, ...]

    def as_docx(self) -> bytes:
        """Return the draft as a Word file with a heading and body paragraphs."""
        document = docx.Document()
        document.add_heading(self.title, level=1)
        for line in self.lines:
            document.add_paragraph(line)
        document.core_properties.author = ""
        buffer = io.BytesIO()
        document.save(buffer)
        return buffer.getvalue()


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
        kind: A table of titles and lines.
        copied: Sentences taken over from a source matter.
    """
    words = table()
    draw = {
        "place": rng.choice(words["places"]),
        "n": rng.randint(6, 60),
        "m": rng.randint(1, 9),
        "k": rng.randint(2, 40),
        "form": rng.choice(words["forms"]),
    }
    lines = [rng.choice(words["openings"]), *kind["lines"], rng.choice(words["closings"])]
    text = [line.format(**draw) for line in lines]
    return Draft(rng.choice(kind["titles"]).format(**draw), (*text[:-1], *copied, text[-1]))
