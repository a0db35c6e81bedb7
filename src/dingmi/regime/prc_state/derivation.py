"""派生定密: level, period and scope follow the sources; one of four triggers; no authority check."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

from dingmi.regime.kernel.rulebook import Found, Law
from dingmi.regime.prc_state import marks
from dingmi.regime.prc_state.book import BOOK, DECIDE
from dingmi.regime.prc_state.cases import has, has_top_secret_source, is_derived
from dingmi.regime.prc_state.elements import tail_of
from dingmi.regime.prc_state.facts import SourceFacts
from dingmi.regime.prc_state.levels import Level, highest, is_level

TRIGGERS = {"identical": "TL-18.1", "point": "TL-18.2", "rework": "TL-18.3", "originator_rule": "TL-18.4"}
ACT = "derivation.propose"
BOTH = (ACT, *DECIDE)
PROPOSED = (ACT, "determination.propose")  # an original determination may use the words of a source too
ANY = (*PROPOSED, *DECIDE)


def inherited_level(source: SourceFacts) -> str:
    """Return the level a source hands on: the highest of its points used where it marks points, else its own."""
    return highest(source.point_levels) if source.marks_points and source.point_levels else source.level


def derived_level(sources: tuple[SourceFacts, ...]) -> str:
    """Return the highest level handed on by the sources."""
    return highest(tuple(inherited_level(s) for s in sources))


def derived_tail(sources: tuple[SourceFacts, ...]) -> str:
    """Return the tail of the derived matter: 长期 or an open condition is linked, else the latest absolute date (§3.5)."""
    for kind in (marks.DurationKind.INDEFINITE, marks.DurationKind.EVENT):
        for source in sources:
            tail = tail_of(source.tail)
            if tail and tail.kind is kind:
                return tail.text
    ends = [(day, marks.release_hour(s.tail)) for s in sources if (day := _released_from(s)) is not None]
    return marks.date_text(*max(ends)) if ends else ""


def _released_from(source: SourceFacts) -> date | None:
    """Return the day on which a source stops being secret, at 00:00 or at the hour that its mark states."""
    return source.last_protected_day + timedelta(days=1) if source.last_protected_day else None


def _common(sources: tuple[SourceFacts, ...], name: str) -> list[str]:
    """Return whom every source names; a paper received without its scope does not narrow that of the others."""
    groups = [set(getattr(s, name)) for s in sources if s.persons or s.departments or s.organs]
    return sorted(set.intersection(*groups)) if groups else []


@BOOK.rule(DECIDE, "PS-8", "PS-8.2?", severity="warn", concerns=is_derived)
def less_than_the_whole_is_looked_at(facts: Any, law: Law) -> Found:
    """来源标注密点的，只使用其中部分密点的，按所用密点确定：whoever approves looks whether no more of it was used."""
    for source in facts.sources if is_derived(facts) else ():
        handed_on = inherited_level(source)
        if handed_on != source.level:
            yield "derivation.points_only", {"level": handed_on, "source_level": source.level}


def _follow_up(facts: Any, law: Law) -> list[dict[str, Any]]:
    """Return change tasks: the day after the last source of a level ends while lower ones go on (E17)."""
    ends: dict[str, date] = {}
    for source in facts.sources if is_derived(facts) else ():
        level = inherited_level(source)
        if not is_level(level):
            continue
        ends[level] = max(ends.get(level, date.min), source.last_protected_day or date.max)
    order = sorted(ends, key=lambda word: Level(word).rank, reverse=True)
    tasks: list[dict[str, Any]] = []
    current = order[0] if order else ""
    for lower in order[1:]:
        if ends[lower] > ends[current]:
            tasks.append({"on": ends[current] + timedelta(days=1), "from_level": current, "to_level": lower})
            current = lower
    return tasks


BOOK.decision("derived_level", BOTH, "TL-18", lambda f, law: derived_level(f.sources))
BOOK.decision("derived_tail", BOTH, "TL-18", lambda f, law: derived_tail(f.sources))
BOOK.decision("derived_persons", ACT, "TL-18", lambda f, law: _common(f.sources, "persons"))
BOOK.decision("derived_departments", ACT, "TL-18", lambda f, law: _common(f.sources, "departments"))
BOOK.decision("derived_organs", ACT, "TL-18", lambda f, law: _common(f.sources, "organs"))
BOOK.decision("change_tasks", BOTH, "PS-8", _follow_up)
trigger_clause = BOOK.decision("trigger_clause", ACT, "TL-18", lambda f, law: "")


def _is_trigger(name: str) -> Callable[[Any], bool]:
    return lambda facts: bool(facts.trigger == name)


for _name, _clause in TRIGGERS.items():
    trigger_clause.unless(_clause, when=_is_trigger(_name))(lambda f, law: TRIGGERS[f.trigger])


@BOOK.rule(ACT, "TL-18", "PS-7", "BMF10-13.3", "PS-12?")
def trigger_is_one_of_four(facts: Any, law: Law) -> Found:
    """四种情形之一：一致、涉及密点、概括整合细化、原定密机关有要求。"""
    if facts.trigger not in TRIGGERS:
        yield "derivation.no_trigger", {}


@BOOK.rule(BOTH, "TL-18", "BMF-18", "BMF10-13.3", "PS-11?", concerns=is_derived)
def record_names_its_sources(facts: Any, law: Law) -> Found:
    """书面记录注明依据：a derivation rests on at least one source."""
    if is_derived(facts) and not facts.sources:
        yield "derivation.no_source", {}


@BOOK.rule(BOTH, "TL-18", "BMF-18", "BMF10-13.3", concerns=has("sources"))
def source_is_one_that_may_be_followed(facts: Any, law: Law) -> Found:
    """2010年法只有执行上级事项；2024-05-01起，办理其他机关、单位的事项也可以派生。"""
    for source in facts.sources:
        if source.relation not in law.value("derivable_sources"):
            yield "derivation.source_not_a_superiors", {"source": source.id}


@BOOK.rule(PROPOSED, "TL-18", "PS-7", "BMF10-13.3", concerns=has("sources"))
def source_is_still_secret(facts: Any, law: Law) -> Found:
    """已解密的事项不能作为派生依据。"""
    for source in facts.sources:
        day, by_the_hour = _released_from(source), marks.release_hour(source.tail) != time.min
        ended = day is not None and (law.on > day if by_the_hour else law.on >= day)
        if source.is_released or ended:
            yield "derivation.source_released", {"source": source.id}


@BOOK.rule(DECIDE, "TL-18", "PS-7", "BMF10-13.3", concerns=is_derived)
def source_is_still_secret_when_decided(facts: Any, law: Law) -> Found:
    """来源在批准前解密的，不再派生定密；原始定密仍有条目为依据。"""
    if is_derived(facts):
        yield from source_is_still_secret(facts, law)


@BOOK.rule(ANY, "TL-18", "PS-7", "BMF10-13.3", concerns=has("sources"))
def source_is_not_a_descendant(facts: Any, law: Law) -> Found:
    """派生依据应当是先已确定的事项，不能循环派生。"""
    for source in facts.sources:
        if source.is_descendant:
            yield "derivation.cyclic", {"source": source.id}


@BOOK.rule(PROPOSED, "TL-18", "BMF-18", "BMF-21.2", "BMF10-13.3", concerns=has("sources"))
def drafter_knows_the_source(facts: Any, law: Law) -> Found:
    """承办人应当在来源的知悉范围内。"""
    for source in facts.sources:
        if not source.drafter_may_know:
            yield "derivation.source_unknown", {"source": source.id}


@BOOK.rule(ANY, "TL-29.4", "BMF-26.2b", concerns=has_top_secret_source)
def top_secret_needs_consent(facts: Any, law: Law) -> Found:
    """绝密级未经原定密机关或者其上级机关批准，不得复制、摘抄、汇编。"""
    for source in facts.sources:
        if source.level == Level.JUEMI.word and not source.has_consent:
            yield "derivation.consent_missing", {"source": source.id}


@BOOK.rule(BOTH, "PS-8", "TL-18", "BMF-18", "BMF10-13.3", "PS-8.2?", concerns=is_derived)
def level_follows_the_sources(facts: Any, law: Law) -> Found:
    """派生国家秘密的密级应当与已定密事项的密级保持一致。"""
    due = derived_level(facts.sources) if is_derived(facts) else ""
    if facts.terms.level and due and facts.terms.level != due:
        yield "derivation.level_differs", {"level": facts.terms.level, "source_level": due}


@BOOK.rule(BOTH, "TL-18", "BMF-18", "BMF10-13.3", "BJ-14.2", "JM-14?", "PS-9?", concerns=is_derived)
def period_follows_the_sources(facts: Any, law: Law) -> Found:
    """保密期限按照已定密事项确定，不早于也不晚于来源。"""
    due = derived_tail(facts.sources) if is_derived(facts) else ""
    if facts.terms.tail and due and facts.terms.tail != due:
        yield "derivation.tail_differs", {"tail": facts.terms.tail[:40], "source_tail": due}


@BOOK.rule(ACT, "TL-18", "BMF-18", "BMF10-13.3", "PS-10?")
def scope_within_the_sources(facts: Any, law: Law) -> Found:
    """知悉范围不宽于来源。"""
    for name in ("persons", "departments", "organs"):
        wider = set(getattr(facts.terms, name)) - set(_common(facts.sources, name))
        if wider and any(getattr(s, n) for s in facts.sources for n in ("persons", "departments", "organs")):
            yield "derivation.scope_wider", {"count": len(wider), "kind": name}
