"""The suggestion for one draft: candidates of the guides, reused passages, existing marks. It proposes, never decides."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from dingmi.base.errors import Finding
from dingmi.engines.suggest.boilerplate import Boilerplate
from dingmi.engines.suggest.conditions import Folded, judge
from dingmi.engines.suggest.guides import GuideIndex, Match, lifted
from dingmi.engines.suggest.lookup import looked_up
from dingmi.engines.suggest.marks import find_marks
from dingmi.engines.suggest.normalise import Units, units_of
from dingmi.engines.suggest.precedents import likeness
from dingmi.engines.suggest.reuse import find_reuse
from dingmi.engines.suggest.sources import SourceIndex
from dingmi.engines.suggest.types import (
    DEFAULT_LIMITS,
    Block,
    Candidate,
    FoundMark,
    Limits,
    Reason,
    Reused,
    Suggestion,
)

_FAILED, _EXCEPTED = 0.5, 0.3
_OWN = 0.3  # share of an item's own words that a draft must say, whatever was decided under it before (FW-4)


def suggest(
    text: str,
    blocks: Sequence[Block],
    guide: GuideIndex,
    sources: SourceIndex,
    source_text: Callable[[str], str | None],
    limits: Limits = DEFAULT_LIMITS,
    *,
    boilerplate: Boilerplate | None = None,
    decided: Mapping[str, str] = MappingProxyType({}),
) -> Suggestion:
    """Suggest guide items and name reused passages for a draft.

    Args:
        text: The draft as extracted; all spans are offsets into it.
        blocks: Structure seen by the document reader, may be empty.
        guide: Items of the guides in force.
        sources: Index over the texts that the reader may see; nothing else may be in it.
        source_text: Opens a source for comparison; None when it cannot be opened (then it is not mentioned).
        limits: Bounds and thresholds.
        boilerplate: Frequencies learnt from the unit's public texts.
        decided: Sources of the index with the item that each was decided under: precedents, for reference only.

    Returns:
        Candidates (strongest first, possibly none with the reason in ``abstained``), reused passages in the order of
        the draft, marks found, and findings with codes of topic ``suggest``.
    """
    known = boilerplate or Boilerplate()
    findings: list[Finding] = []
    if len(text) > limits.max_chars:
        findings.append(Finding("suggest.text_cut", "warn", (), {"read": limits.max_chars, "length": len(text)}))
        text = text[: limits.max_chars]
    units = units_of(text)
    marks = find_marks(text, blocks)
    findings.extend(_mark_findings(marks))
    looked = looked_up(units, sources, known)
    reused = find_reuse(text, looked, sources, source_text, limits)
    findings.extend(_reuse_findings(reused))
    candidates, abstained = _candidates(text, units, guide, likeness(looked, sources, decided), limits)
    return Suggestion(candidates, reused, marks, tuple(findings), abstained)


def _candidates(
    text: str, units: Units, guide: GuideIndex, precedents: Mapping[str, float], limits: Limits
) -> tuple[tuple[Candidate, ...], str]:
    if len(units) < 2:
        return (), "suggest.abstain_no_text"
    if not len(guide):
        return (), "suggest.abstain_no_items"
    matches = [m for m in guide.match(units, precedents) if _fits(m, limits) and m.item.level and m.evidence]
    if not matches:
        return (), "suggest.abstain_nothing_fits"
    folded = Folded.of(text)
    weighed = [(_candidate(match, folded, text), match.lift) for match in matches]
    weighed.sort(key=lambda w: (-w[0].score, -w[1], w[0].item_id))
    return tuple(candidate for candidate, _ in weighed[: limits.max_candidates]), ""


def _fits(match: Match, limits: Limits) -> bool:
    """Whether enough of the item is said; like matters decided under it make up for a part."""
    own = min(_OWN, limits.guide_threshold)
    return match.coverage >= own and lifted(match.coverage, match.precedent) >= limits.guide_threshold


def _candidate(match: Match, folded: Folded, text: str) -> Candidate:
    """Turn a match into a candidate: conditions and exceptions say why and why not."""
    item, score = match.item, lifted(match.coverage, match.lift)
    grounds = "suggest.matched_example" if match.by_example else "suggest.matched_item"
    why = [Reason(grounds, {"guide": item.guide, "number": item.number}, (), match.evidence[0])]
    if match.precedent:
        why.append(Reason("suggest.near_precedent", {"guide": item.guide, "number": item.number}, ("FW-4",)))
    why_not: list[Reason] = []
    for condition in item.conditions:
        met, reason = judge(condition, folded)
        (why if met else why_not).append(reason)
        if met is False:
            score *= _FAILED
    window = text[max(0, match.evidence[0].start - 60) : match.evidence[-1].end + 60]
    for exception in item.exceptions:
        if _speaks_of(exception, window):
            why_not.append(Reason("suggest.exception", {"guide": item.guide, "number": item.number}))
            score *= _EXCEPTED
    return Candidate(
        item.id,
        item.level,
        item.tail,
        item.scope_rule,
        round(min(1.0, score), 4),
        match.elements,
        match.evidence,
        tuple(why),
        tuple(why_not),
    )


def _speaks_of(phrase: str, text: str) -> bool:
    """Whether most neighbouring pairs of ``phrase`` occur in ``text``."""
    theirs, mine = units_of(phrase).tokens, units_of(text).tokens
    pairs = set(itertools.pairwise(theirs))
    return bool(pairs) and len(pairs & set(itertools.pairwise(mine))) >= 0.7 * len(pairs)


def _mark_findings(marks: Sequence[FoundMark]) -> list[Finding]:
    findings = [
        Finding(f"suggest.{problem}", "warn", (), {"start": mark.span.start, "end": mark.span.end})
        for mark in marks
        for problem in mark.problems
    ]
    heads = {(mark.level, mark.tail) for mark in marks if mark.place == "head"}
    if len(heads) > 1:
        findings.append(Finding("suggest.marks_differ", "warn", (), {"count": len(heads)}))
    return findings


def _reuse_findings(reused: Sequence[Reused]) -> list[Finding]:
    per_source: dict[str, int] = {}
    for passage in reused:
        per_source[passage.source_id] = per_source.get(passage.source_id, 0) + 1
    return [
        Finding("suggest.reuse_found", "warn", (), {"source": source_id, "passages": count})
        for source_id, count in sorted(per_source.items())
    ]
