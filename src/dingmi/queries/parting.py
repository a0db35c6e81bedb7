"""部分解密：which paragraphs of a text were released, and whether a copy holds words of those that are still secret."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from dingmi.engines.documents import Extracted
from dingmi.queries import content
from dingmi.records.matters.models import Decision, Matter
from dingmi.records.notices.models import Deadline

ZONE = ZoneInfo("Asia/Shanghai")
CHANGE, BY_OTHERS = "change.change", ("change.register_external", "challenge.register_decision")
RUN = 8  # policy: so many characters in a row, without blanks and signs, are known again wherever they stand
SHORT = 4  # policy: a whole paragraph of fewer is known only where it is a line by itself
UNREAD = ("pages_without_text", "pictures_without_text")


@dataclass(frozen=True, slots=True)
class Release:
    """One decision that released parts of a matter and left the rest secret."""

    decision: int
    on: date
    parts: tuple[str, ...]
    paragraphs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Parted:
    """A matter of which part was released: paragraphs of its text by number, and what each holds."""

    releases: tuple[Release, ...]
    lines: tuple[str, ...]

    @property
    def paragraphs(self) -> tuple[int, ...]:
        """Return the numbers of the paragraphs that were released, in order."""
        known = range(1, len(self.lines) + 1)
        return tuple(sorted({n for r in self.releases for n in r.paragraphs if n in known}))

    @property
    def text(self) -> str:
        """Return the released paragraphs and nothing else, one a line."""
        return "\n".join(self.lines[n - 1] for n in self.paragraphs)

    def still_secret(self, copy: Extracted) -> tuple[int, ...]:
        """Return the paragraphs still secret of which words stand in ``copy``; blanks, signs and widths hide none."""
        free = _plain(self.text)
        free_lines = {_plain(line) for line in self.text.splitlines()}
        whole, lines = _plain(copy.text), {_plain(line) for line in copy.text.splitlines()}
        fresh, open_ = _runs(whole), _runs(free)
        found = []
        for number, line in enumerate(self.lines, 1):
            words = _plain(line)
            if number in self.paragraphs or not words or words in free_lines:
                continue
            if len(words) >= RUN:
                hit = bool((_runs(words) - open_) & fresh)
            elif len(words) >= SHORT:
                hit = words in whole and words not in free
            else:
                hit = words in lines
            if hit:
                found.append(number)
        return tuple(found)


def paragraphs(matter: Matter) -> tuple[str, ...]:
    """Return the paragraphs of the text of a matter in order; the first has number 1. None where it has no text."""
    return tuple(content.body(matter)[0].splitlines())


def changes(matter: Matter) -> Iterator[tuple[Decision, dict[str, Any], date]]:
    """Yield the changes of a matter in force, oldest first: decision, what was signed with it, its day; none that waits for its day."""
    for row in Decision.objects.filter(matter=matter, act=CHANGE).order_by("number"):
        said = json.loads(content.opened(row, "payload_ct", row.level))
        day = date.fromisoformat(said["effective_on"]) if said.get("effective_on") else _day(row.at)
        if _has_effect(matter, row, day):
            yield row, said, day


def releases(matter: Matter) -> tuple[Release, ...]:
    """Return the decisions in force that released parts of a matter, oldest first."""
    found = []
    for row, said, day in changes(matter):
        parts = tuple(str(p) for p in said.get("released_parts") or ())
        numbers = tuple(int(n) for n in said.get("released_paragraphs") or ())
        if parts or numbers:
            found.append(Release(row.number, day, parts, numbers))
    return tuple(found)


def _has_effect(matter: Matter, row: Decision, day: date) -> bool:
    """Tell whether a change has come into force: no other organ decided before its day, and the clock brought it."""
    if day <= _day(row.at):
        return True
    over = Decision.objects.filter(matter=matter, act__in=BY_OTHERS, number__gt=row.number).order_by("number").first()
    waits = Deadline.objects.filter(matter_id=matter.pk, name="change_effect", done_at__isnull=True)
    if over is not None and _day(over.at) < day:
        return False
    return not waits.filter(due_on=day, starts_on=_day(row.at)).exists()


def parted(matter: Matter) -> Parted | None:
    """Return what was released of a matter whose rest is secret; None where nothing was."""
    made = releases(matter) if matter.state == "active" else ()
    return Parted(made, paragraphs(matter)) if made else None


def unread(copy: Extracted) -> int:
    """Return how many pages and pictures of ``copy`` hold words that nobody here could read."""
    told = (w.partition(":") for w in copy.warnings)
    return sum(len(numbers.split(",")) for code, _, numbers in told if code in UNREAD)


def freed(matter: Matter, also: Collection[int] = ()) -> tuple[tuple[int, int], ...]:
    """Return the stretches [start, end) of the text of a matter in force that were released.

    Args:
        also: Paragraphs that the decision now being taken releases.
    """
    numbers = {*also, *(n for r in releases(matter) for n in r.paragraphs)} if matter.state == "active" else set()
    if not numbers:
        return ()
    found, start = [], 0
    for number, line in enumerate(content.body(matter)[0].splitlines(keepends=True), 1):
        if number in numbers:
            found.append((start, start + len(line)))
        start += len(line)
    return tuple(found)


def spoken(parts: tuple[str, ...], numbers: tuple[int, ...]) -> str:
    """Return the parts of one release in words: as they were named, then the paragraphs by number."""
    return "、".join((*parts, *(f"第{n}段" for n in numbers)))


def _day(at: datetime) -> date:
    return at.astimezone(ZONE).date()


def _plain(text: str) -> str:
    """Return the letters and figures of ``text``: neither blanks nor signs nor full widths keep words from being found."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


def _runs(text: str) -> set[str]:
    return {text[i : i + RUN] for i in range(len(text) - RUN + 1)}
