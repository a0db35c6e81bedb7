"""What the system suggests for a text: from the guides in force and the matters that this reader may see (SR-29)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q

from dingmi.base.actor import Actor
from dingmi.engines import suggest as engine
from dingmi.queries import access, content
from dingmi.records.guides.models import GuideItem
from dingmi.records.ledger.tree import sm3
from dingmi.records.matters.models import Matter

KEPT = 4  # indexes kept in this process
_assessors: OrderedDict[str, Any] = OrderedDict()


@dataclass(frozen=True, slots=True)
class Found:
    """A suggestion as it is stored: engine name and payload."""

    engine: str
    payload: dict[str, Any]


def suggest(actor: Actor, now: datetime, text: str, blocks: Sequence[dict[str, Any]]) -> Found:
    """Match a text to guide items and to classified texts that ``actor`` may read; nothing fits is an answer."""
    items = list(_items(now.date()))
    sources = list(_sources(actor, now))
    assessor = _assessor(items, sources)
    found = assessor.assess(text, tuple(_block(b) for b in blocks))
    payload = {
        "candidates": [
            {
                "item": c.item_id,
                "matched": list(c.matched),
                "missing": [r.code for r in c.why_not],
                "spans": [[s.start, s.end] for s in c.evidence],
            }
            for c in found.candidates
        ],
        "reuse": _reuse(found),
        "work_secret": [],
        "marks": [{"text": m.text, "span": [m.span.start, m.span.end], "place": m.place} for m in found.marks],
        "findings": [f.code for f in found.findings],
        "abstained": found.abstained,
    }
    return Found(found.engine_version, payload)


def _reuse(found: Any) -> list[dict[str, Any]]:
    by_source: dict[str, list[Any]] = {}
    for passage in found.reused:
        by_source.setdefault(passage.source_id, []).append(passage)
    return [
        {
            "source": source,
            "similarity": round(max(p.coverage for p in passages), 4),
            "spans": [[p.draft.start, p.draft.end] for p in passages],
            "trigger": "identical" if any(p.kind == "verbatim" for p in passages) else "rework",
        }
        for source, passages in by_source.items()
    ]


def _block(value: dict[str, Any]) -> Any:
    return engine.Block(int(value["start"]), int(value["end"]), str(value.get("kind", "paragraph")))


def _items(on: date) -> Sequence[GuideItem]:
    """Return the items of every guide edition in force on a civil day."""
    running = Q(edition__until__isnull=True) | Q(edition__until__gt=on)
    rows = GuideItem.objects.select_related("edition").filter(running, edition__since__lte=on)
    return list(rows.order_by("edition__code", "order"))


def _sources(actor: Actor, now: datetime) -> Sequence[Matter]:
    return list(access.visible(actor, now).filter(state="active").order_by("pk"))


def _assessor(items: Sequence[GuideItem], sources: Sequence[Matter]) -> Any:
    """Return the index over exactly these items and texts; kept in the process under the digest of both."""
    named = [f"{i.pk}:{i.edition.digest}" for i in items] + [f"{m.pk}:{m.version}" for m in sources]
    digest = sm3("\n".join(named).encode()).hex()
    if digest in _assessors:
        _assessors.move_to_end(digest)
        return _assessors[digest]
    made = engine.Assessor([_item(i) for i in items], [_source(m) for m in sources])
    _assessors[digest] = made
    while len(_assessors) > KEPT:
        _assessors.popitem(last=False)
    return made


def _item(row: GuideItem) -> Any:
    return engine.item_from_row(
        {
            "id": str(row.pk),
            "guide": row.edition.title,
            "number": row.number,
            "text": row.text,
            "level": row.level,
            "tail": row.tail,
            "scope_rule": row.scope_rule,
            "sector": row.edition.sector,
            "conditions": row.conditions,
            "examples": row.examples,
            "exceptions": row.exceptions,
        }
    )


def _source(row: Matter) -> Any:
    text, _ = content.body(row)
    return engine.source_from_row(
        {"id": str(row.pk), "title": content.title(row), "text": text, "level": row.level, "tail": row.tail}
    )
