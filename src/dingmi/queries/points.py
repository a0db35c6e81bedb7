"""密点 of a text: read in document order, and as the plain value that stamping and forms take."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from dingmi.queries import parting
from dingmi.records.matters.models import ClassifiedPoint, Matter
from dingmi.regime.prc_state import facts as asked
from dingmi.regime.prc_state import marks
from dingmi.regime.prc_state.points import label

EXCERPT = 60  # characters of a point's words in a list


@dataclass(frozen=True, slots=True)
class Point:
    """One classified point: number in document order, its stretch [start, end), level, tail, and what it rests on.

    ``label`` is the inline prefix ``〔密点1 机密〕``; ``basis`` names the guide item or the source.
    """

    id: UUID
    number: int
    start: int
    end: int
    level: str
    tail: str
    mark: str
    label: str
    item: UUID | None
    source: UUID | None
    basis: str
    words: str


def rows_of(matter: Matter) -> list[ClassifiedPoint]:
    """Return the points of a matter in document order."""
    found = ClassifiedPoint.objects.filter(matter=matter).select_related("item__edition", "source")
    return list(found.order_by("start", "pk"))


def of(matter: Matter, text: str = "") -> tuple[Point, ...]:
    """Return the points of a matter; ``text`` gives their words."""
    return tuple(
        Point(
            id=p.pk,
            number=n,
            start=p.start,
            end=p.end,
            level=p.level,
            tail=p.tail,
            mark=marks.mark_text(p.level, p.tail),
            label=label(n, p.level),
            item=p.item_id,
            source=p.source_id,
            basis=_basis(p),
            words=" ".join(text[p.start : p.end].split())[:EXCERPT],
        )
        for n, p in enumerate(rows_of(matter), 1)
    )


def still_secret(matter: Matter, also: Collection[int] = ()) -> tuple[Point, ...]:
    """Return the points of a matter without what was released of its text; each keeps the number that it was given.

    A point that reaches from a released paragraph into one that is still secret begins, or ends, with the latter.

    Args:
        also: Paragraphs that the decision now being taken releases.
    """
    marked = of(matter)
    free = parting.freed(matter, also) if marked else ()
    left = (replace(p, start=start, end=end) for p in marked for start, end in (_left(p.start, p.end, free),))
    return tuple(p for p in left if p.start < p.end)


def _left(start: int, end: int, free: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Return what is left of a stretch at whose ends something was released; an empty one where nothing is."""
    for first, behind in free:  # in order of the text
        if first <= start < behind:
            start = behind
    for first, behind in reversed(free):
        if first < end <= behind:
            end = first
    return start, end


def _basis(point: ClassifiedPoint) -> str:
    if point.item is not None:
        return f"《{point.item.edition.title}》{point.item.number}"
    return (point.source.register_no or "") if point.source is not None else ""


def asked_of(matter: Matter) -> tuple[asked.PointFacts, ...]:
    """Return the points of a matter as the law is asked about them: of what is still secret."""
    return tuple(asked.PointFacts(p.start, p.end, p.level, p.tail) for p in still_secret(matter))


def plain(points: Sequence[Point]) -> list[dict[str, object]]:
    """Return points as JSON values: as they stand in the signed payload."""
    return [
        {
            "number": p.number,
            "start": p.start,
            "end": p.end,
            "level": p.level,
            "tail": p.tail,
            "item": str(p.item) if p.item else None,
            "source": str(p.source) if p.source else None,
        }
        for p in points
    ]


def brief(points: Sequence[Point]) -> list[list[object]]:
    """Return points as short rows for the label of a file: number, start, end, level, tail."""
    return [[p.number, p.start, p.end, p.level, p.tail] for p in points]
