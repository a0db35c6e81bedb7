"""派生关系: which matters descend from which, at any depth, and how the graph is drawn for a reader."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from dingmi.base.actor import Actor
from dingmi.queries import access, content, numbers
from dingmi.queries.registry import query
from dingmi.queries.rows import mark_of
from dingmi.records.matters.models import Matter, SourceLink

K = TypeVar("K")
FRONTIER = 500  # ids asked about at once
RANKS = {word: rank for rank, word in enumerate(access.LEVELS)}
WORDS = {
    "zh": {
        "lower": "低于来源",
        "shorter": "早于来源",
        "longer": "晚于来源",
        "sentence": "上游 {up} 项，下游 {down} 项。",
        "bad": "其中 {n} 项与来源不一致。",
    },
    "en": {
        "lower": "below its source",
        "shorter": "ends before its source",
        "longer": "ends after its source",
        "sentence": "{up} upstream, {down} downstream.",
        "bad": " {n} of them depart from their sources.",
    },
}


def closure(start: Iterable[K], onward: Callable[[list[K]], Iterable[K]]) -> dict[K, int]:
    """Return everything that can be reached from ``start`` and the fewest steps it takes; the start itself is left out.

    Args:
        onward: Gives what lies one step beyond a list of places; it is asked once a step, so a circle ends too.
    """
    begin = set(start)
    reached: dict[K, int] = {}
    frontier, steps = list(begin), 0
    while frontier:
        steps += 1
        found = {place for place in onward(frontier) if place not in reached and place not in begin}
        reached.update(dict.fromkeys(found, steps))
        frontier = list(found)
    return reached


def _beyond(column: str, other: str) -> Callable[[list[UUID]], Iterable[UUID]]:
    def onward(frontier: list[UUID]) -> Iterable[UUID]:
        for first in range(0, len(frontier), FRONTIER):
            asked = {f"{column}__in": frontier[first : first + FRONTIER], f"{other}__isnull": False}
            yield from SourceLink.objects.filter(**asked).values_list(f"{other}_id", flat=True)

    return onward


def descendants(matter: UUID) -> dict[UUID, int]:
    """Return every matter that derives from ``matter``, over any number of steps, with the number of steps."""
    return closure([matter], _beyond("source", "matter"))


def family(matter: UUID) -> frozenset[UUID]:
    """Return ``matter`` and everything that derives from it: none of them can be its source."""
    return frozenset((matter, *descendants(matter)))


def ancestors(matter: UUID) -> dict[UUID, int]:
    """Return every matter of ours that ``matter`` derives from, over any number of steps, with the number of steps."""
    return closure([matter], _beyond("matter", "source"))


@dataclass(frozen=True, slots=True)
class Node:
    """One matter, or one received text, of the derivation graph; ``depth`` below 0 is upstream, 0 the matter itself."""

    key: str
    depth: int
    name: str
    is_content: bool
    sub: str
    level: str
    url: str
    state: str
    last_day: date | None
    conflict: str  # lower / shorter / longer, or nothing

    @property
    def steps(self) -> int:
        """How many derivations lie between it and the matter."""
        return abs(self.depth)


@dataclass(frozen=True, slots=True)
class Graph:
    """Sources and descendants of a matter as far as the reader may see them; the counts hold nothing that he may not know of."""

    nodes: tuple[Node, ...]
    arrows: tuple[tuple[str, str], ...]
    upstream: int
    downstream: int
    conflicts: int
    sentence: str

    @property
    def here(self) -> Node:
        """The matter itself."""
        return next(n for n in self.nodes if n.depth == 0)

    @property
    def sources(self) -> tuple[Node, ...]:
        """Everything upstream."""
        return tuple(n for n in self.nodes if n.depth < 0)

    @property
    def derived(self) -> tuple[Node, ...]:
        """Everything downstream."""
        return tuple(n for n in self.nodes if n.depth > 0)

    @property
    def others(self) -> tuple[Node, ...]:
        """Everything but the matter itself, from the furthest source down."""
        return tuple(sorted((n for n in self.nodes if n.depth), key=lambda n: (n.depth, n.key)))

    def within(self, steps: int, most: int) -> Graph:
        """Return the part at most ``steps`` away, the nearest ``most`` on each side."""
        near = sorted((n for n in self.nodes if abs(n.depth) <= steps), key=lambda n: abs(n.depth))
        kept = [n for side in (-1, 1) for n in [n for n in near if n.depth * side > 0][:most]]
        kept.append(self.here)
        keys = {n.key for n in kept}
        arrows = tuple(a for a in self.arrows if a[0] in keys and a[1] in keys)
        return replace(self, nodes=tuple(kept), arrows=arrows)


def conflict(matter: Matter, links: Iterable[SourceLink]) -> str:
    """Tell how a derived matter departs from its sources as they stand: ``lower``, ``shorter``, ``longer``, or nothing.

    Level and end are compared with the highest level and the latest end of the sources that still are secret (§3.5). The guide
    item of an original determination may protect it for longer.
    """
    live = [s for s in links if s.source is None or s.source.state == "active"]
    if matter.state != "active" or not live:
        return ""
    level = max(RANKS.get(s.source.level if s.source else s.level, 0) for s in live)
    if RANKS.get(matter.level, 0) < level:
        return "lower"
    ends = [s.source.last_protected_day if s.source else s.last_protected_day for s in live]
    due, held = max((e or date.max for e in ends), default=date.max), matter.last_protected_day or date.max
    if held < due:
        return "shorter"
    return "longer" if held > due and matter.origin != "original" else ""


def graph_of(matter: Matter, actor: Actor, now: datetime) -> Graph:
    """Return the derivation graph of a matter that the reader may read; what he may not know of is not in it."""
    around = {pk: -steps for pk, steps in ancestors(matter.pk).items()} | descendants(matter.pk)
    seen: dict[UUID, Any] = {matter.pk: matter}
    others = [pk for pk in around if pk != matter.pk]
    for first in range(0, len(others), FRONTIER):
        part = access.existing(actor, now).filter(pk__in=others[first : first + FRONTIER]).select_related("organ")
        seen |= {row.pk: row for row in part}
    depths = around | {matter.pk: 0}
    wanted = list(depths)
    links: dict[UUID, list[SourceLink]] = {}
    for first in range(0, len(wanted), FRONTIER):
        for link in SourceLink.objects.filter(matter__in=wanted[first : first + FRONTIER]).select_related(
            "source", "matter"
        ):
            links.setdefault(link.matter_id, []).append(link)
    nodes = [_node(seen[pk], depth, actor, links.get(pk, [])) for pk, depth in depths.items() if pk in seen]
    arrows = [
        (str(link.source_id), str(pk))
        for pk in seen
        for link in links.get(pk, [])
        if link.source_id in seen and depths[pk] > depths[link.source_id]
    ]
    for pk, depth in depths.items():
        for link in links.get(pk, []) if pk in seen and seen[pk].is_content and depth <= 0 else []:
            if link.source_id is None:
                nodes.append(_external(link, depth - 1))
                arrows.append((str(link.pk), str(pk)))
    up, down = (sum(n.depth * side > 0 for n in nodes) for side in (-1, 1))
    words = WORDS[actor.language]
    bad = sum(bool(n.conflict) for n in nodes)
    sentence = words["sentence"].format(up=up, down=down) + (words["bad"].format(n=bad) if bad else "")
    return Graph(tuple(nodes), tuple(dict.fromkeys(arrows)), up, down, bad, sentence)


def _node(row: Any, depth: int, actor: Actor, links: list[SourceLink]) -> Node:
    departs = conflict(row, links)
    word = WORDS[actor.language].get(departs, "")
    name = content.listed_title(row) if row.is_content else numbers.shown(row.pk, row.register_no)
    sub = " · ".join(p for p in (mark_of(row), word or ("" if row.organ.is_home else row.organ.short_name)) if p)
    url = f"/m/{row.pk}" if row.is_content else ""
    return Node(
        str(row.pk), depth, name, row.is_content, sub, row.level, url, row.state, row.last_protected_day, departs
    )


def _external(link: SourceLink, depth: int) -> Node:
    try:
        given = json.loads(content.opened(link, "external_ct", link.matter.level) or "{}")
    except ValueError:
        given = {}
    name = " ".join(str(given.get(k) or "") for k in ("originator", "number")).strip() or "—"
    last = link.last_protected_day
    sub = link.level + (f" · {last.isoformat()}" if last else "")
    return Node(str(link.pk), depth, name, True, sub, link.level, "", "external", last, "")


@query("derivation.graph")
def graph(*, actor: Actor, now: datetime, matter: UUID) -> Graph:
    """Return every source and every descendant of a matter, at any depth, with who departs from its sources.

    Raises:
        NotFound: There is no such matter, or the reader may not know it.
    """
    row: Any = access.matter_for(actor, now, matter)
    return graph_of(row, actor, now)
