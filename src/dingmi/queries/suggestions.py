"""What the system suggests for a text: from the guides in force and the matters that this reader may see (SR-29)."""

from __future__ import annotations

import hmac
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import numpy as np
from django.db.models import Q

from dingmi.base.actor import Actor
from dingmi.base.errors import Tampered
from dingmi.engines import suggest as engine
from dingmi.queries import access, boilerplate, guide_impact, imprints, ranking
from dingmi.records.guides.models import GuideItem
from dingmi.records.keys import asking as keys
from dingmi.records.ledger.tree import sm3
from dingmi.records.matters.assist import BlindShare
from dingmi.records.matters.models import SourceLink

T = TypeVar("T")
KEPT = 8  # guides kept in this process
MOST = 1 << 30  # bytes of sources kept in this process, beside those of the latest reader


@dataclass
class _Sources:
    """The index over what one person may see; it holds hashes only, and forgets what is no longer visible."""

    key: bytes
    index: engine.SourceIndex = field(init=False)
    versions: dict[UUID, tuple[int, ...]] = field(init=False)  # of a matter and of those it is derived from
    weight: int = 0  # bytes, when it was last looked into
    lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        """Begin with nothing."""
        self.index, self.versions, self.weight = engine.SourceIndex(self.key), {}, 0

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other uploads of the same person out; what breaks off half way is forgotten, and read anew next time."""
        with self.lock:
            try:
                yield
                self.weight = self.index.weight
            except BaseException:
                self.__post_init__()
                raise


_keeping = Lock()  # held while one of these two is looked into, never while an index is made or searched
_guides: OrderedDict[str, engine.GuideIndex] = OrderedDict()
_sources: OrderedDict[str, _Sources] = OrderedDict()


class _Row(NamedTuple):
    """What is asked of a matter that a reader may see, when a suggestion is made."""

    version: int
    level: str
    item: UUID | None


@dataclass(frozen=True, slots=True)
class Found:
    """A suggestion as it is stored: engine name and payload."""

    engine: str
    payload: dict[str, Any]


def suggest(actor: Actor, now: datetime, text: str, blocks: Sequence[dict[str, Any]]) -> Found:
    """Match a text to guide items and to classified texts that ``actor`` may read; nothing fits is an answer."""
    guide = _guide(_items(actor, now))
    rows = _rows(actor, now)
    held = _held(actor)

    def source_text(source: str) -> str | None:
        row = rows.get(pk := UUID(source))
        return dict(imprints.texts_of({pk: row.level})).get(pk, "") if row else None

    known = boilerplate.known({str(pk) for pk in rows})
    shape = tuple(_block(b) for b in blocks)
    with held.alone():
        is_altered = _update(held, rows)
        decided = {str(pk): str(row.item) for pk, row in rows.items() if row.item}
        found = engine.suggest(text, shape, guide, held.index, source_text, boilerplate=known.model, decided=decided)
    payload = {
        "candidates": [
            {
                "item": c.item_id,
                "score": c.score,
                "place": place,
                "matched": list(c.matched),
                "grounds": [_reason(r) for r in c.why if not r.code.startswith("suggest.matched_")],
                "missing": [_reason(r) for r in c.why_not],
                "spans": [[s.start, s.end] for s in c.evidence],
            }
            for place, c in enumerate(found.candidates, 1)
        ],
        "reuse": _reuse(found),
        "work_secret": [[s.start, s.end] for s in engine.work_secrets(text)],
        "marks": [{"text": m.text, "span": [m.span.start, m.span.end], "place": m.place} for m in found.marks],
        "findings": [{"code": f.code, "params": engine.as_json(f.params)} for f in found.findings]
        + [{"code": "assist.model_altered"}] * known.altered
        + [{"code": "assist.imprint_altered"}] * is_altered,
        "abstained": found.abstained,
    }
    _bounded()
    number = _ordered(payload)
    if is_blind(text):
        payload["withheld"], payload["candidates"] = payload["candidates"], []
    learnt = (f"+{known.version}" if known.version else "") + (f".r{number}" if number else "")
    return Found(found.engine_version + learnt, payload)


def ready(actor: Actor, now: datetime) -> None:
    """Put together the index that the next draft of ``actor`` is held against; what he may see then is decided then (SR-24)."""
    held = _held(actor)
    with held.alone():
        _update(held, _rows(actor, now))
    _bounded()


def _held(actor: Actor) -> _Sources:
    return _kept(_sources, actor.person_id, lambda: _Sources(imprints.key()), most=None)


def _bounded() -> None:
    """Forget the indexes longest unused while all together are too heavy."""
    with _keeping:
        while len(_sources) > 1 and sum(held.weight for held in _sources.values()) > MOST:
            _sources.popitem(last=False)


def _rows(actor: Actor, now: datetime) -> dict[UUID, _Row]:
    """Return the matters in force that ``actor`` may read now (SR-24)."""
    found = access.visible(actor, now).filter(state="active").values_list("pk", "version", "level", "item_id")
    return {pk: _Row(version, level, item) for pk, version, level, item in found}


def _reason(reason: engine.Reason) -> dict[str, Any]:
    return {"code": reason.code, "clauses": list(reason.clauses), "params": engine.as_json(reason.params)}


def _ordered(payload: dict[str, Any]) -> int:
    """Put the candidates in the order learnt from decisions, where one is in use; return its number."""
    try:
        payload["candidates"], number = ranking.put_in_order(payload["candidates"])
    except (Tampered, ValueError):
        payload["findings"].append({"code": "assist.ranking_altered"})
        return 0
    return number


def blind_share() -> int:
    """Return in how many drafts of a hundred the items are withheld at first."""
    return BlindShare.objects.order_by("-at", "-pk").values_list("per_cent", flat=True).first() or 0


def is_blind(text: str) -> bool:
    """Tell whether the items are withheld for this text: the same text always gets the same answer."""
    drawn = hmac.digest(keys.key(access.LEVELS[0], "index"), b"blind:" + text.encode("utf-8", "replace"), "sm3")
    return int.from_bytes(drawn[:4], "big") % 100 < blind_share()


def _reuse(found: Any) -> list[dict[str, Any]]:
    by_source: dict[str, list[Any]] = {}
    for passage in found.reused:
        by_source.setdefault(passage.source_id, []).append(passage)
    return [
        {
            "source": source,
            "similarity": round(max(p.coverage for p in passages), 4),
            "spans": [[p.draft.start, p.draft.end] for p in passages],
            "source_spans": [[p.source.start, p.source.end] for p in passages],
            "trigger": "identical" if any(p.kind == "verbatim" for p in passages) else "rework",
        }
        for source, passages in by_source.items()
    ]


def _block(value: dict[str, Any]) -> engine.Block:
    return engine.Block(int(value["start"]), int(value["end"]), str(value.get("kind", "paragraph")))


def _items(actor: Actor, now: datetime) -> Sequence[GuideItem]:
    """Return the items of every guide edition in force that the reader may see (GD-8.2)."""
    on = now.date()
    running = Q(edition__until__isnull=True) | Q(edition__until__gt=on)
    rows = GuideItem.objects.select_related("edition").filter(
        running, edition__since__lte=on, edition__level__in=guide_impact.readable(actor, now)
    )
    return list(rows.order_by("edition__code", "order"))


def _guide(items: Sequence[GuideItem]) -> engine.GuideIndex:
    """Return the index over exactly these items, kept in the process under their digest."""
    digest = sm3("\n".join(f"{i.pk}:{i.edition.digest}" for i in items).encode()).hex()
    return _kept(_guides, digest, lambda: engine.GuideIndex(tuple(_item(i) for i in items)))


def _update(held: _Sources, rows: Mapping[UUID, _Row]) -> bool:
    """Make it the index over exactly these matters: what changed is read again, what is gone is forgotten (SR-29).

    Return whether the imprint of one of them was altered.
    """
    for gone in set(held.versions) - set(rows):
        held.index.remove(str(gone))
        del held.versions[gone]
    links = SourceLink.objects.filter(source__isnull=False).order_by("at", "pk").values_list("matter_id", "source_id")
    derived: dict[UUID, list[UUID]] = {}
    for matter, source in links:
        if matter in rows and source in rows:
            derived.setdefault(matter, []).append(source)
    versions = {pk: (row.version, *(rows[s].version for s in derived.get(pk, ()))) for pk, row in rows.items()}
    changed = [pk for pk, version in versions.items() if held.versions.get(pk) != version]
    is_altered = False
    for first in range(0, len(changed), imprints.CHUNK):
        chunk = changed[first : first + imprints.CHUNK]
        wanted = [*chunk, *(source for pk in chunk for source in derived.get(pk, ()))]
        found = imprints.read({pk: rows[pk].level for pk in wanted}, held.index.hasher)
        is_altered |= found.altered
        for pk in chunk:
            _enter(held.index, str(pk), found.of[pk], [found.of[source] for source in derived.get(pk, ())])
            held.versions[pk] = versions[pk]
    return is_altered


def _enter(index: engine.SourceIndex, name: str, text: engine.Imprint, sources: Sequence[engine.Imprint]) -> None:
    """Index a matter; one derived from ``sources`` by its own words, for what it took over is looked up where it stands first.

    Otherwise the words most often taken over would be the ones that are found least: they would look like official prose.
    """
    taken = np.concatenate([s.codes for s in sources]) if sources else np.zeros(0, np.uint64)
    seeds = text.own(taken)
    if seeds is None:
        index.remove(name)
    else:
        index.enter(name, seeds)


def _kept(kept: OrderedDict[str, T], name: str, make: Callable[[], T], most: int | None = KEPT) -> T:
    """Return what is kept under ``name``, made when it is not there; the longest unused goes while there are too many."""
    with _keeping:
        found = kept.get(name)
    made = make() if found is None else found
    with _keeping:
        found = kept.setdefault(name, made)
        kept.move_to_end(name)
        while most is not None and len(kept) > most:
            kept.popitem(last=False)
    return found


def _item(row: GuideItem) -> engine.SuggestItem:
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
