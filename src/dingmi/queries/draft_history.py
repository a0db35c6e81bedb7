"""A draft beside what came before it, line by line and within a line by character: what was sent back, or a decided matter."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import NotFound
from dingmi.queries import content, facts, numbers
from dingmi.queries.access import LEVELS, matter_for
from dingmi.queries.registry import query
from dingmi.records.matters.models import EarlierText, Matter

CLOSE = 0.5  # likeness from which two lines count as one line reworded, between 0 and 1
LONGEST = 4_000  # characters of a line that are compared by character


@dataclass(frozen=True, slots=True)
class Part:
    """Some words of a line: ``same``, ``gone`` or ``new``."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the comparison; ``kind`` is ``same``, ``changed``, ``gone`` or ``new``."""

    kind: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """A draft beside an earlier version: of its own, ``number`` of ``versions``, or a decided matter (``source``).

    ``level`` is the higher of both texts; ``mine`` tells whether the reader drafted it.
    """

    matter: UUID
    level: str
    title: str
    number: int
    versions: int
    replaced_at: datetime | None
    source: UUID | None
    source_number: str
    source_mark: str
    lines: tuple[Line, ...]
    gone: int
    new: int
    changed: int
    mine: bool


def compared(old: str, new: str) -> tuple[Line, ...]:
    """Compare two texts line by line; a line that is mostly the same is shown once with its changes."""
    before, after = old.split("\n"), new.split("\n")
    return tuple(_lines(before, after))


def _lines(before: Sequence[str], after: Sequence[str]) -> Iterator[Line]:
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            yield from (Line("same", (Part("same", text),)) for text in before[a:b] if text.strip())
            continue
        left, right = [t for t in before[a:b] if t.strip()], [t for t in after[c:d] if t.strip()]
        while left and right:
            inside = difflib.SequenceMatcher(None, left[0][:LONGEST], right[0][:LONGEST], autojunk=False)
            if inside.ratio() < CLOSE:
                yield Line("gone", (Part("gone", left.pop(0)),))
                continue
            yield Line("changed", tuple(_parts(inside, left.pop(0), right.pop(0))))
        yield from (Line("gone", (Part("gone", text),)) for text in left)
        yield from (Line("new", (Part("new", text),)) for text in right)


def _parts(inside: difflib.SequenceMatcher[str], old: str, new: str) -> Iterator[Part]:
    for tag, a, b, c, d in inside.get_opcodes():
        if tag == "equal":
            yield Part("same", old[a:b])
            continue
        if b > a:
            yield Part("gone", old[a:b])
        if d > c:
            yield Part("new", new[c:d])
    if old[LONGEST:] or new[LONGEST:]:
        yield Part("same" if old[LONGEST:] == new[LONGEST:] else "new", new[LONGEST:])


def _shown(beside: Compared) -> tuple[UUID, ...]:
    return (beside.matter,) if beside.source is None else (beside.matter, beside.source)


@query("draft.compare", roles=(Role.DRAFTER, Role.OFFICER), shows=_shown)
def compare(
    *, actor: Actor, now: datetime, matter: UUID, number: int | None = None, source: UUID | None = None
) -> Compared:
    """Return a draft beside the version of it that came back, the latest unless ``number`` says otherwise.

    Args:
        source: A decided matter that the actor may read, in the place of a version of the draft.
    Raises:
        NotFound: There is no such matter for the actor, or no earlier version.
    """
    row = matter_for(actor, now, matter)
    mine = str(row.drafter_id) == actor.person_id
    if not mine and not actor.holds(Role.OFFICER):
        raise NotFound()
    if source is not None:
        before = matter_for(actor, now, source)
        lines = compared(content.body(before)[0], content.body(row)[0])
        level = max(row.level, before.level, key=LEVELS.index)
        shown = (before.pk, numbers.shown(before.pk, before.register_no), facts.mark(before.level, before.tail))
        return _compared(row, mine, level, lines, (0, 0, None), shown)
    kept = EarlierText.objects.filter(matter=row).order_by("number")
    earlier = kept.filter(number=number).first() if number else kept.last()
    if earlier is None:
        raise NotFound()
    lines = compared(content.opened(earlier, "text_ct", earlier.level), content.body(row)[0])
    return _compared(row, mine, row.level, lines, (earlier.number, kept.count(), earlier.at), (None, "", ""))


def _compared(
    row: Matter,
    mine: bool,
    level: str,
    lines: tuple[Line, ...],
    version: tuple[int, int, datetime | None],
    source: tuple[UUID | None, str, str],
) -> Compared:
    kinds = [line.kind for line in lines]
    return Compared(
        matter=row.pk,
        level=level,
        title=content.title(row),
        number=version[0],
        versions=version[1],
        replaced_at=version[2],
        source=source[0],
        source_number=source[1],
        source_mark=source[2],
        lines=lines,
        gone=kinds.count("gone"),
        new=kinds.count("new"),
        changed=kinds.count("changed"),
        mine=mine,
    )
