"""How alike two short texts are, word by word and in order: one number, for pairs and for rewritings of a known source."""

from __future__ import annotations

from rapidfuzz.distance import LCSseq

from dingmi.engines.suggest.normalise import units_of


def likeness(text: str, source: str) -> float:
    """Twice the longest common subsequence of units over both lengths: 0 nothing in common, 1 the same."""
    return float(LCSseq.normalized_similarity(units_of(text).tokens, units_of(source).tokens))


def taken(text: str, source: str) -> float:
    """The share of the runs of three units of ``text`` that stand in ``source``."""
    mine, theirs = _triples(text), _triples(source)
    return len(mine & theirs) / len(mine) if mine else 0.0


def _triples(text: str) -> set[tuple[str, str, str]]:
    tokens = units_of(text).tokens
    return set(zip(tokens, tokens[1:], tokens[2:], strict=False))
