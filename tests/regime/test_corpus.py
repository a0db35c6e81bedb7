"""Over a thousand unlawful acts, each a lawful one with one element broken, and over a thousand lawful ones.

The generator and its oracle are written from the procedures, not from the rules (``tests/regime/oracle``).
"""

from __future__ import annotations

import warnings
from collections import Counter
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from dingmi.regime import judge
from dingmi.regime.kernel.rulebook import Law
from dingmi.regime.prc_state.book import BOOK
from dingmi.regime.prc_state.facts import DelegationFacts, OfficerFacts, OrganFacts
from dingmi.regime.prc_state.facts_office import AuthorityFacts
from tests.regime.oracle import law
from tests.regime.oracle.broken import BREAKS, EXTENDED
from tests.regime.oracle.lawful import MAKERS

LAWFUL_EACH, UNLAWFUL_EACH = 180, 14
AUTHORITY_CASES = 10_000


def told(act: str, facts: Any) -> dict[str, set[str]]:
    """Return the codes that block, with their clauses."""
    found: dict[str, set[str]] = {}
    for finding in judge("prc_state", act, facts, facts.at.date()).blocking:
        found.setdefault(finding.code, set()).update(finding.clauses)
    return found


@pytest.mark.parametrize("kind", MAKERS)
def test_every_lawful_act_is_accepted_across_all_boundaries(kind: str) -> None:
    act, make = MAKERS[kind]
    rng = Random(f"lawful {kind}")
    refused = [(facts, found) for facts in (make(rng) for _ in range(LAWFUL_EACH)) if (found := told(act, facts))]
    assert refused == []


def _unlawful(kind: str) -> list[tuple[str, Any, set[str]]]:
    """Break each element of lawful acts of a kind, so often that every break is seen."""
    rng, made = Random(f"unlawful {kind}"), []
    _, make = MAKERS[kind]
    for name, spoil, clauses in BREAKS[kind]:
        right = EXTENDED.get(name, clauses) if kind == "extension" else clauses
        count = tries = 0
        while count < UNLAWFUL_EACH and tries < 2000:
            tries += 1
            broken = spoil(make(rng), rng)
            if broken is not None:
                made.append((name, broken, right(broken.at.date())))
                count += 1
        assert count == UNLAWFUL_EACH, f"{kind}: {name} was never seen"
    return made


@pytest.mark.parametrize("kind", BREAKS)
@pytest.mark.clause(
    "BMF10-14.1", "BMF-19", "BMF10-15.1", "BMF-20.1", "BMF10-15.2", "BMF-20.2", "FW-4", "FW-8", "FW-9.1"
)
@pytest.mark.clause("BMF10-12.2", "BMF-16.2", "BMF10-13.1", "BMF-17.1", "ZX-14.1", "ZX-14.2", "BMF-43.3", "SEED-1")
@pytest.mark.clause("ZX-19.1", "ZX-19.2", "ZX-19.3", "ZX-19.4", "BMF-4.2", "ZX-21", "ZX-22.2", "TL14-9", "TL-14.2")
@pytest.mark.clause("BMF10-13.3", "PS-6", "PS-7", "PS-8", "BMF-18", "TL-18", "BMF-26.2b", "TL-29.4", "GD-6.1")
@pytest.mark.clause("BMF10-19.1", "BMF10-19.2", "BMF-24.2a", "BMF-24.2b", "BMF-24.2c", "BMF10-18.1", "BMF-23.1")
@pytest.mark.clause("ZX-26.1", "ZX-27.2", "ZX-31.1", "ZX-33", "ZX-25.1", "TL-26.3", "BMF10-10.1", "BMF-14.1", "QA-5")
def test_every_unlawful_act_is_refused_with_the_clause_that_it_breaks(kind: str) -> None:
    act = MAKERS[kind][0]
    corpus = _unlawful(kind)
    wrong = []
    for name, facts, clauses in corpus:
        found = told(act, facts)
        if not any(clauses & cited for cited in found.values()):
            wrong.append((name, sorted(clauses), found, facts))
    counts = Counter(clause for _, _, clauses in corpus for clause in clauses)
    warnings.warn(f"{kind}: {len(corpus)} unlawful acts by clause: {dict(sorted(counts.items()))}", stacklevel=1)
    assert wrong[:3] == []


@pytest.mark.parametrize("kind", BREAKS)
def test_no_rule_finds_fault_with_a_case_that_it_says_is_none_of_its_own(kind: str) -> None:
    act, wrong = MAKERS[kind][0], set()
    for _, facts, _ in _unlawful(kind):
        law_then = Law(facts.at.date(), BOOK.parameters)
        for rule in BOOK.rules:
            if act in rule.acts and not rule.concerns(facts) and list(rule.body(facts, law_then)):
                wrong.add(rule.name)
    assert wrong == set()


def test_the_corpus_is_as_large_as_it_should_be() -> None:
    assert LAWFUL_EACH * len(MAKERS) >= 1000
    assert sum(len(breaks) for breaks in BREAKS.values()) * UNLAWFUL_EACH >= 1000


def _grants(rng: Random, at: datetime) -> tuple[law.Grant, ...]:
    """Give delegations whose ends lie at, just before or just after the instant."""
    near = (timedelta(0), timedelta(seconds=1), timedelta(days=400))
    made = []
    for _ in range(rng.randint(0, 3)):
        since = at + rng.choice((-1, 1)) * rng.choice(near)
        until = at + rng.choice((-1, 1)) * rng.choice(near)
        revoked = rng.choice((None, None, at + rng.choice((-1, 1)) * rng.choice(near)))
        made.append(law.Grant(rng.choice(law.LEVELS), rng.choice((("*",), ("A",), ("B", "C"))), since, until, revoked))
    return tuple(made)


@pytest.mark.clause("BMF-17.1", "ZX-44.1", "BMF-17.2a", "BMF-17.2b", "BMF10-13.2", "QA-3")
def test_authority_at_every_boundary_is_what_the_tables_say() -> None:
    rng, differences = Random("authority"), []
    instants = [
        datetime(2024, 4, 30, 23, 59, 59),
        datetime(2024, 5, 1),
        datetime(2016, 1, 1),
        datetime(2026, 11, 24, 12),
    ]
    for _ in range(AUTHORITY_CASES):
        at, tier, matter = rng.choice(instants), rng.choice(list(law.INHERENT)), rng.choice(("", "A", "B", "D"))
        grants = _grants(rng, at)
        held = tuple(DelegationFacts("授", g.level, g.matters, g.since, g.until, g.revoked) for g in grants)
        asked = AuthorityFacts(at, OrganFacts(tier, held), OfficerFacts("p", "statutory"), matter)
        values = judge("prc_state", "authority.of", asked, at.date()).values
        right = law.authority(tier, grants, at, matter)
        if (values["authority"], values["officer_authority"]) != (right, right):
            differences.append((asked, right, values))
    assert differences[:3] == []
