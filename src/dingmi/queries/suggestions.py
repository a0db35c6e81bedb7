"""What the system suggests for a text: from the guides in force and the matters that this reader may see (SR-29)."""

from __future__ import annotations

import hmac
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any, TypeVar
from uuid import UUID

import numpy as np
from django.db import connection
from django.db.models import CharField, Q, UUIDField
from django.db.models.functions import Cast

from dingmi.base.actor import Actor
from dingmi.base.errors import Tampered
from dingmi.engines import suggest as engine
from dingmi.queries import access, boilerplate, fields, guide_impact, imprints, ranking, suggested
from dingmi.records.guides.models import GuideItem
from dingmi.records.keys import asking as keys
from dingmi.records.ledger.tree import sm3
from dingmi.records.ledger.worded import Worded
from dingmi.records.matters.assist import BlindShare
from dingmi.records.matters.models import SourceLink

T = TypeVar("T")
_Row = tuple[int, str, str | None]  # of a matter that a reader may see: its version, its level, its item
_Rows = dict[str, _Row]  # by id, as the database writes it: to make 10⁵ objects of ids takes longer than to find them
_ID: UUIDField[UUID, UUID] = UUIDField()
KEPT = 8  # guides kept in this process
SOON = 1000  # matters of a reader: so many are read while the draft waits, within a second
MOST = 1 << 30  # bytes of sources kept in this process, beside those of the latest reader


@dataclass
class _Sources:
    """The index over what one person may see; it holds hashes only, and forgets what is no longer visible."""

    key: bytes
    index: engine.SourceIndex = field(init=False)
    rows: dict[str, _Row] = field(init=False)  # as they stood when they were indexed
    links: dict[str, tuple[str, ...]] = field(
        init=False
    )  # of derived matters to what they are derived from, seen or not
    beside: dict[str, tuple[_Row, ...]] = field(
        init=False
    )  # of derived matters: the sources left out of them, as they stood
    weight: int = 0  # bytes, when it was last looked into
    left: int = 0  # of its matters, still to be read
    lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        """Begin with nothing."""
        self.index, self.weight, self.left = engine.SourceIndex(self.key), 0, 0
        self.rows, self.links, self.beside = {}, {}, {}

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


@dataclass(frozen=True, slots=True)
class Found:
    """A suggestion as it is stored: engine name and payload."""

    engine: str
    payload: dict[str, Any]


def suggest(actor: Actor, now: datetime, text: str, blocks: Sequence[dict[str, Any]]) -> Found:
    """Match a text to guide items and to classified texts that ``actor`` may read; nothing fits is an answer.

    While the keys of a level that ``actor`` may read are closed, whether the text is derived stays open.
    """
    if set(access.readable(actor.clearance)) - set(_open_levels()):
        return without_sources(actor, now, text, blocks)
    guide = _guide(actor, now)
    rows = _rows(actor, now)
    held = _held(actor)

    def source_text(source: str) -> str | None:
        row, pk = rows.get(source), UUID(source)
        return dict(imprints.texts_of({pk: row[1]})).get(pk, "") if row else None

    known = boilerplate.known(lambda source: _written(source) in rows)
    shape = tuple(_block(b) for b in blocks)
    with held.alone():
        is_altered = _update(held, rows)
        named = {item: str(UUID(item)) for item in {item for _, _, item in rows.values() if item}}
        decided = {source: named[item] for source, (_, _, item) in rows.items() if item}
        found = engine.suggest(text, shape, guide, held.index, source_text, boilerplate=known.model, decided=decided)
    _bounded()
    learnt = f"+{known.version}" if known.version else ""
    left_out = ["assist.model_altered"] * known.altered + ["assist.imprint_altered"] * is_altered
    return _found(text, found, learnt, left_out)


def without_sources(actor: Actor, now: datetime, text: str, blocks: Sequence[dict[str, Any]]) -> Found:
    """Match a text to guide items alone, and say that it was not yet compared with what ``actor`` may read."""
    shape, none = tuple(_block(b) for b in blocks), engine.SourceIndex(imprints.key())
    found = engine.suggest(text, shape, _guide(actor, now), none, lambda _: None)
    return _found(text, found, "", [suggested.WAITING])


def _found(text: str, found: engine.Suggestion, learnt: str, left_out: Sequence[str]) -> Found:
    """Return what was found as it is stored, with what it did without."""
    payload: dict[str, Any] = {
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
        + [{"code": code} for code in left_out],
        "abstained": found.abstained,
    }
    number = _ordered(payload)
    if is_blind(text):
        payload["withheld"], payload["candidates"] = payload["candidates"], []
    return Found(found.engine_version + learnt + (f".r{number}" if number else ""), payload)


def ready(actor: Actor, now: datetime) -> None:
    """Put together the index that the next draft of ``actor`` is held against; what he may see then is decided then (SR-24)."""
    held = _held(actor)
    with held.alone():
        _update(held, _rows(actor, now))
    _bounded()


def is_soon(actor: Actor, now: datetime) -> bool:
    """Tell whether a draft of ``actor`` can be compared at once: the index is there, or little is to be read for it."""
    held = _held(actor)
    if held.left or held.rows:
        return not held.left
    found = access.visible_in_lists(actor, now).filter(state="active").values_list("version")
    return len(found[: SOON + 1]) <= SOON


def progress(actor: Actor) -> tuple[int, int]:
    """Return how many matters the index of ``actor`` holds as they stand, and of how many."""
    held = _held(actor)
    return len(held.rows), len(held.rows) + held.left


def _held(actor: Actor) -> _Sources:
    return _kept(_sources, actor.person_id, lambda: _Sources(imprints.key()), most=None)


def _bounded() -> None:
    """Forget the indexes longest unused while all together are too heavy."""
    with _keeping:
        while len(_sources) > 1 and sum(held.weight for held in _sources.values()) > MOST:
            _sources.popitem(last=False)


def _open_levels() -> list[str]:
    return [level for level in access.LEVELS if not fields.is_away(level)]


def _rows(actor: Actor, now: datetime) -> _Rows:
    """Return the matters in force that ``actor`` may read now (SR-24)."""
    found = access.visible_in_lists(actor, now).filter(state="active", level__in=_open_levels())
    words = found.annotate(name=Cast("pk", CharField()), decided=Cast("item_id", CharField()))
    asked = Worded(words.values_list("name", "version", "level", "decided"))
    return {name: (version, level, item) for name, version, level, item in asked.rows()}


def _written(pk: UUID) -> str:
    """Return an id as ``_rows`` has it."""
    return str(_ID.get_db_prep_value(pk, connection))


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
            "source": str(UUID(source)),
            "similarity": round(max(p.coverage for p in passages), 4),
            "spans": [[p.draft.start, p.draft.end] for p in passages],
            "source_spans": [[p.source.start, p.source.end] for p in passages],
            "trigger": "identical" if any(p.kind == "verbatim" for p in passages) else "rework",
        }
        for source, passages in by_source.items()
    ]


def _block(value: dict[str, Any]) -> engine.Block:
    return engine.Block(int(value["start"]), int(value["end"]), str(value.get("kind", "paragraph")))


def _guide(actor: Actor, now: datetime) -> engine.GuideIndex:
    """Return the index over the items of every guide edition in force that the reader may see (GD-8.2).

    It is kept in the process under the digest of exactly these items, and the items are read when it is made.
    """
    on = now.date()
    running = Q(edition__until__isnull=True) | Q(edition__until__gt=on)
    rows = GuideItem.objects.filter(
        running, edition__since__lte=on, edition__level__in=guide_impact.readable(actor, now)
    ).order_by("edition__code", "order")
    named = "\n".join(f"{pk}:{digest}" for pk, digest in rows.values_list("pk", "edition__digest"))
    digest = sm3(named.encode()).hex()
    return _kept(_guides, digest, lambda: engine.GuideIndex(_item(i) for i in rows.select_related("edition")))


def _update(held: _Sources, rows: _Rows) -> bool:
    """Make it the index over exactly these matters: what changed is read again, what is gone is forgotten (SR-29).

    Nothing is asked of other matters, nor of these while they stand as they did. Return whether the imprint of one of them
    was altered.
    """
    for gone in held.rows.keys() - rows.keys():
        held.index.remove(gone)
        for kept in (held.rows, held.links, held.beside):
            kept.pop(gone, None)
    changed = [name for name, row in rows.items() if held.rows.get(name) != row]
    moved = [name for name, links in held.links.items() if held.beside[name] != _seen(links, rows)]
    due, is_altered = list(dict.fromkeys([*changed, *moved])), False
    for first in range(0, len(due), imprints.CHUNK):
        held.left = len(due) - first
        is_altered |= _read(held, rows, due[first : first + imprints.CHUNK])
    held.left = 0
    return is_altered


def _seen(links: Sequence[str], rows: _Rows) -> tuple[_Row, ...]:
    """Return those of the sources of a matter that may be seen, as they stand."""
    return tuple(rows[source] for source in links if source in rows)


def _read(held: _Sources, rows: _Rows, names: Sequence[str]) -> bool:
    """Index these matters as they stand now; return whether an imprint was altered."""
    links = _links(names)
    wanted = {name for one in names for name in (one, *links.get(one, ())) if name in rows}
    found = imprints.read({UUID(name): rows[name][1] for name in wanted}, held.index.hasher)
    for name in names:
        sources = [found.of[UUID(source)] for source in links.get(name, ()) if source in rows]
        _enter(held.index, name, found.of[UUID(name)], sources)
        held.rows[name] = rows[name]
        for kept in (held.links, held.beside):
            kept.pop(name, None)
        if name in links:
            held.links[name], held.beside[name] = links[name], _seen(links[name], rows)
    return found.altered


def _links(names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return what each of these matters is derived from, where it is; links change with the version of their matter."""
    asked = SourceLink.objects.filter(matter__in=[UUID(name) for name in names], source__isnull=False).order_by(
        "at", "pk"
    )
    found: dict[str, tuple[str, ...]] = {}
    for matter, source in asked.values_list("matter_id", "source_id"):
        name = _written(matter)
        found[name] = (*found.get(name, ()), _written(source))
    return found


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
