"""汇聚: which items of a guide a text touches together, and which item of the same guide those together are (BMF-36.3)."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from dingmi.queries import access, content, standing, suggested
from dingmi.records.guides.models import GuideItem
from dingmi.records.matters.models import ClassifiedPoint, Matter
from dingmi.regime.prc_state import facts as asked


def together(row: Matter, *items: UUID | None, also: Iterable[Matter] = ()) -> tuple[asked.AggregateFacts, ...]:
    """Return the items that the text of ``row`` makes up together, highest level first.

    A text touches the item it is to rest on, those of its points and of its sources, and those that fit it with nothing
    against them.

    Args:
        items: What it is to rest on.
        also: Its sources.
    """
    touched = {item for item in items if item}
    touched |= set(ClassifiedPoint.objects.filter(matter=row, item__isnull=False).values_list("item", flat=True))
    touched |= {source.item_id for source in also if source.item_id}
    touched |= {UUID(f.item) for f in suggested.fits(content.suggestion(row.pk)) if not f.why_not}
    if len(touched) < 2:
        return ()
    return _made_of(touched)


def with_what_is_public(row: Matter) -> str:
    """Return the highest level that the text of ``row`` has together with what was published before; empty for none.

    What it makes up by itself was decided when it was released.
    """
    items = standing.published_items(row.pk)
    alone = {made.id for made in together(row, row.item_id)}
    found = [made.level for made in together(row, row.item_id, *items) if made.id not in {*alone, *map(str, items)}]
    return found[0] if found else ""


def _made_of(touched: set[UUID]) -> tuple[asked.AggregateFacts, ...]:
    """Return the items that ``touched`` items of the same edition are together, highest level first."""
    numbers: dict[UUID, set[str]] = {}
    for edition, number in GuideItem.objects.filter(pk__in=touched).values_list("edition", "number"):
        numbers.setdefault(edition, set()).add(number)
    made = []
    for item in GuideItem.objects.filter(edition__in=numbers).exclude(together={}).order_by("order", "pk"):
        parts = numbers[item.edition_id] & set(item.together["items"])
        if len(parts) >= int(item.together["at_least"]):
            made.append(asked.AggregateFacts(str(item.pk), item.number, item.level, tuple(sorted(parts))))
    return tuple(sorted(made, key=lambda a: -access.LEVELS.index(a.level)))
