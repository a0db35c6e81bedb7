"""The help: Markdown files of the package, rendered without raw HTML."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

from dingmi.base import messages
from dingmi.base.errors import NotFound

ROOT = Path(__file__).parent / "help"
TOPICS = ("start", "drafting", "reviewing", "expiry", "archives", "keys")


@dataclass(frozen=True, slots=True)
class Law:
    """One clause: how it is cited."""

    id: str
    cited: str
    on: date


@cache
def article(topic: str, language: str) -> SafeString:
    """Return one page of the help as HTML; the files are ours and raw HTML in them is shown, not run.

    Raises:
        NotFound: There is no such page.
    """
    if topic not in TOPICS:
        raise NotFound()
    text = (ROOT / ("en" if language == "en" else "zh") / f"{topic}.md").read_text(encoding="utf-8")
    return mark_safe(MarkdownIt("commonmark", {"html": False}).enable("table").render(text))


@cache
def topics(language: str) -> tuple[tuple[str, str], ...]:
    """Return the pages of the help with their titles."""
    folder = ROOT / ("en" if language == "en" else "zh")
    return tuple((t, (folder / f"{t}.md").read_text(encoding="utf-8").splitlines()[0].lstrip("# ")) for t in TOPICS)


def law(clause: str, language: str, on: date) -> Law:
    """Return one clause spelled out.

    Raises:
        NotFound: No such clause is carried.
    """
    spelled = messages.cited((clause,), language)
    if spelled == clause:
        raise NotFound()
    return Law(clause, spelled, on)
