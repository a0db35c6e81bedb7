"""The generated corpus of unlawful and lawful acts, performed: acts on a real database answer as the rules were asked to.

``tests/regime/test_corpus`` asks the rules; here each case is brought about and performed. The plain run takes one case of
every break and a few lawful ones of every kind, the deep run all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from random import Random
from typing import Any

import pytest

from dingmi.base.errors import DingmiError
from dingmi.procedures import decide
from tests import bars
from tests.enacted import Enactment
from tests.regime.oracle import law, lawful
from tests.regime.oracle.broken import BREAKS, EXTENDED, Break
from tests.regime.oracle.lawful import MAKERS
from tests.regime.test_corpus import LAWFUL_EACH, UNLAWFUL_EACH
from tests.story import Story

pytestmark = [pytest.mark.db, pytest.mark.django_db, pytest.mark.one_database]
UNSAID = {  # what the act leaves nobody to say: a change takes what is left out as it stands, a derivation reckons it from the sources
    "change": {"no level", "no period", "no scope"},
    "derivation": {"no level", "no period", "no scope", "period unreadable", "level not the source's", "period copied"},
    "derived approval": {"no level", "no period", "no scope"},
}
SOONER = {  # what is refused before the law is asked, and how
    "no appointment": "role.required",  # the role of an officer comes and goes with the appointment
    "appointed a second later": "role.required",
    "term ended at that instant": "role.required",
    "above the instrument": "object.not_found",  # what waits is found by those who may decide its level (SR-19)
    "clearance too low": "object.not_found",  # what is above one's clearance does not exist (SR-11)
    "drafter may not know the source": "object.not_found",
    "voided": "matter.voided",
    "no source": "sources.missing",
    "no trigger": "input.invalid",
    "no reasons": "text.missing",
    "no ground": "input.invalid",
}
SINCE_REPEALED = {"not a superior's"}  # no act of today is judged by the law of 2010


@pytest.fixture
def house(story: Story, monkeypatch: pytest.MonkeyPatch) -> Enactment:
    monkeypatch.setattr(decide, "stamp_shown", lambda *_, **__: None)  # stamping has tests of its own and takes seconds
    made = Enactment(story)
    monkeypatch.setattr(lawful, "some_instant", lambda rng: made.at)
    return made


def answered(house: Enactment, kind: str, case: Any) -> tuple[set[str], set[str]]:
    """Perform a case; return the codes and the clauses of what blocks it, none where it is accepted."""
    with house.case():
        try:
            house.perform(kind, case)
        except DingmiError as error:
            found = [f for f in error.findings if f.severity == "block"]
            return {f.code for f in found}, {c for f in found for c in f.clauses}
    return set(), set()


def breaks(kind: str, on: date, is_whole: bool) -> list[Break]:
    """Return the breaks of a kind that can be said to its acts: all, or one of each clause, of those drawn for the kind."""
    said = [b for b in BREAKS[kind] if b[0] not in UNSAID.get(kind, ()) and b[0] not in SINCE_REPEALED]
    if is_whole:
        return said
    Random(f"drawn {kind}").shuffle(said)
    return list({frozenset(grounds(kind, b, on)): b for b in said}.values())


def grounds(kind: str, broken: Break, on: date) -> set[str]:
    """Return the clauses that a break breaks on a day."""
    name, _, clauses = broken
    return (EXTENDED.get(name, clauses) if kind == "extension" else clauses)(on)


def can_be_written(case: Any) -> bool:
    """Tell whether the case can stand in the records: an instrument names a level, and below 秘密 there is none."""
    officer = getattr(case, "officer", None)
    return officer is None or officer.kind != "designated" or officer.max_level in law.LEVELS


def unlawful(kind: str, broken: Break, each: int) -> Iterator[Any]:
    """Give cases of a break."""
    name, spoil, _ = broken
    make, rng, count = MAKERS[kind][1], Random(f"performed {kind} {name}"), 0
    for _ in range(2000):
        case = spoil(make(rng), rng)
        if case is not None and can_be_written(case):
            yield case
            count += 1
        if count == each:
            return
    raise AssertionError(f"{kind}: {name} was never seen")


def performed(house: Enactment, each: int, lawful_each: int, *, is_whole: bool) -> tuple[int, int]:
    """Perform the corpus; return how many unlawful and how many lawful cases."""
    wrong: list[object] = []
    bad = good = 0
    for kind, (_, make) in MAKERS.items():
        for broken in breaks(kind, house.at.date(), is_whole):
            clauses = grounds(kind, broken, house.at.date())
            for case in unlawful(kind, broken, each):
                codes, cited = answered(house, kind, case)
                if not (codes and (clauses & cited or SOONER.get(broken[0]) in codes)):
                    wrong.append((kind, broken[0], sorted(clauses), sorted(codes), sorted(cited), str(case)))
                bad += 1
        rng = Random(f"performed {kind}")
        for case in (make(rng) for _ in range(lawful_each)):
            codes, _ = answered(house, kind, case)
            wrong += [(kind, "lawful", sorted(codes), str(case))] if codes else []
            good += 1
    assert wrong[:3] == []
    return bad, good


def test_one_case_of_every_clause_and_some_lawful_ones_are_answered_by_the_acts(house: Enactment) -> None:
    bad, good = performed(house, 1, 2, is_whole=False)
    assert bad >= 60 and good == 2 * len(MAKERS)


@pytest.mark.deep
def test_a_thousand_of_each_are_answered_by_the_acts(house: Enactment, bar: bars.Reached) -> None:
    each, lawful_each = bars.part(UNLAWFUL_EACH), bars.part(LAWFUL_EACH)
    bad, good = performed(house, each, lawful_each, is_whole=True)
    bar("unlawful acts performed", bad, 1_000)
    bar("lawful acts performed", good, 1_000)


def test_what_is_left_out_names_breaks_there_are() -> None:
    names = {kind: {name for name, _, _ in held} for kind, held in BREAKS.items()}
    assert all(left <= names[kind] for kind, left in UNSAID.items())
    assert set(SOONER) | SINCE_REPEALED <= set().union(*names.values())
