"""One line of a list of matters, as the reader may see it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, Q, Subquery, UUIDField
from django.db.models.functions import Coalesce
from django.db.models.query import QuerySet
from django.utils.translation import gettext_noop as n_

from dingmi.base.errors import Invalid
from dingmi.queries import content, numbers, standing
from dingmi.records.carriers.models import Carrier
from dingmi.records.ledger.worded import Blank, Worded
from dingmi.records.matters.models import STATES, Matter
from dingmi.regime.prc_state import marks

STATE_WORDS: dict[str, str] = dict(STATES)
TIER_WORDS = {"main": n_("主要"), "managing": n_("管理"), "assistant": n_("辅助")}  # of officers
LIVE = ("active",)
COUNTED_TO = 1000  # totals stop here (UI §15)


def place_of(department: str, post: str) -> str:
    """Return department and post as people say them: a post that names its department stands alone."""
    return post if department and post.startswith(department) else f"{department} {post}".strip()


@dataclass(frozen=True, slots=True)
class MatterRow:
    """A matter in a list; title, department and people are empty where only its existence may be known."""

    matter: UUID
    number: str
    title: str
    is_content: bool
    level: str
    held: bool  # an open challenge holds ``level`` above what was determined
    mark: str
    state: str
    state_word: str
    origin: str
    department: str
    officer: str
    decided_on: date | None
    last_day: date | None
    by_event: bool
    days_left: int | None
    share_left: float
    urgency: str
    copies: int
    provisional: bool
    released: bool
    changed_at: datetime

    @property
    def days_over(self) -> int:
        """Return how many days ago the last day was; 0 while it is still ahead."""
        return max(0, -self.days_left) if self.days_left is not None else 0

    @property
    def years_left(self) -> float | None:
        """Return the years left, where more than one is."""
        return round(self.days_left / 365.25, 1) if self.days_left is not None and self.days_left > 366 else None


def mark_of(matter: Matter) -> str:
    """Return the mark that stands on ``matter``, or its level word when it has none."""
    if matter.tail and standing.determined_level(matter) in numbers.LETTERS:
        return str(marks.mark_text(standing.determined_level(matter), matter.tail))
    return str(matter.level) if matter.level == "内部" else ""


def urgency(days: int | None) -> str:
    """Return how near the last day is: ``er`` within 30 days, ``wa`` within 90."""
    return "" if days is None or days > 90 else ("er" if days <= 30 else "wa")


def row_of(matter: Any, today: date) -> MatterRow:
    """Return one line. ``matter`` carries ``is_content``; related people are selected with it."""
    known = bool(matter.is_content)
    last = matter.last_protected_day if matter.state == "active" else None
    days = (last - today).days if last else None
    whole = (last - matter.starts_on).days if last and matter.starts_on else 0
    return MatterRow(
        matter=matter.pk,
        number=numbers.shown(matter.pk, matter.register_no),
        title=content.listed_title(matter) if known else "",
        is_content=known,
        level=matter.level,
        held=bool(matter.determined_level),
        mark=mark_of(matter),
        state=matter.state,
        state_word=STATE_WORDS.get(matter.state, matter.state),
        origin=matter.origin,
        department=matter.department.name if known and matter.department else "",
        officer=matter.officer.name if known and matter.officer else "",
        decided_on=matter.starts_on,
        last_day=matter.last_protected_day,
        by_event=matter.tail_kind == "event",
        days_left=days,
        share_left=max(0.0, min(1.0, days / whole)) if days is not None and whole > 0 else 0.0,
        urgency=urgency(days),
        copies=getattr(matter, "copies", 0) if known else 0,
        provisional=matter.state in ("draft", "proposed", "referred"),
        released=matter.state == "declassified",
        changed_at=matter.changed_at,
    )


def keys_of(rows: Any, count: int, *order: str) -> QuerySet[Any]:
    """Return what names the first ``count`` of ``rows`` in ``order``: the key, and whether its content may be read.

    Need-to-know is asked here and nowhere else: what a line shows is read for these few afterwards (``records``).
    """
    found: QuerySet[Any] = rows.order_by(*order).values_list("pk", "is_content")[:count]
    return found


@lru_cache(maxsize=40)
def _wide(count: int) -> Worded:
    """Return the words that read what a line shows of ``count`` matters."""
    carriers = Carrier.objects.filter(matter=OuterRef("pk")).order_by().values("matter").annotate(n=Count("pk"))
    keys: Any = [Blank(str(place), UUIDField()) for place in range(count)]
    rows = Matter.objects.filter(pk__in=keys).select_related("department", "officer")
    return Worded(rows.annotate(copies=Coalesce(Subquery(carriers.values("n")), 0)))


def records(keys: Iterable[tuple[UUID, bool]]) -> list[Any]:
    """Return the matters that ``keys`` name, in their order, with what a line shows."""
    known = dict(keys)
    read = _wide(len(known)).records(**{str(place): key for place, key in enumerate(known)})
    held = {matter.pk: matter for matter in read}
    for key, matter in held.items():
        matter.is_content = known[key]
    return [held[key] for key in known if key in held]


def page_of(rows: Any, count: int, *order: str) -> list[Any]:
    """Return the first ``count`` of ``rows`` in ``order``, with what a line shows."""
    return records(keys_of(rows, count, *order))


def rows_of(matters: Iterable[Any], today: date) -> tuple[MatterRow, ...]:
    """Return the lines of ``matters``."""
    return tuple(row_of(m, today) for m in matters)


def capped(rows: Any) -> int:
    """Return how many rows there are, counting no further than one past the cap."""
    return int(rows.order_by().values("pk")[: COUNTED_TO + 1].count())


def at_most(number: int) -> int:
    """Return a number that was counted together with others, no further than one past the cap."""
    return min(number, COUNTED_TO + 1)


def count_word(number: int) -> str:
    """Return a count as people see it: 1000+ past the cap."""
    return f"{COUNTED_TO}+" if number > COUNTED_TO else str(number)


def beyond(rows: Any, after: str) -> Any:
    """Return the rows that come after a page ended, newest change first; all of them without ``after``.

    Raises:
        Invalid: ``after`` is not what a page gave.
    """
    if not after:
        return rows
    instant, _, key = after.partition("_")
    try:
        at, pk = datetime.fromisoformat(instant), UUID(key)
    except ValueError:
        raise Invalid("input.invalid", (), fields={"after": "cursor.malformed"}) from None
    return rows.filter(Q(changed_at__lt=at) | Q(changed_at=at, pk__lt=pk))


def end_of(page: list[Any]) -> str:
    """Return where a page ended, for the next one to begin."""
    return f"{page[-1].changed_at.isoformat()}_{page[-1].pk}"
