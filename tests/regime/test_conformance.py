"""What every regime keeps, whatever it protects: levels, marks, findings, facts, digests; run over ``REGIMES``."""

from __future__ import annotations

import ast
import types
import typing
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from dingmi import regime as law
from dingmi.base import messages
from dingmi.base.errors import Finding, Invalid
from dingmi.regime import REGIMES
from dingmi.regime.kernel.register import clauses, in_force
from dingmi.regime.kernel.rulebook import RuleBook
from tests.architecture.source import PACKAGE

AT = datetime.fromisoformat("2026-11-24T10:00:00+08:00")
NAMES = list(REGIMES)
MARKS = {
    "prc_state": [("秘密", "5年"), ("机密", "2030年12月31日"), ("绝密", "长期"), ("机密", "启用前")],
    "work_secret": [("内部", "")],
    "trade_secret": [
        (level, tail) for level in ("普通商密", "核心商密") for tail in ("5年", "2030年12月31日", "长期", "公布前")
    ],
}
ADVISED = {"personnel.non_compete"}  # its one rule warns and refuses nothing
STATE_MARKS = ("机密★10年", "秘密★长期")


def acts() -> list[tuple[str, str]]:
    return [(name, act) for name in NAMES for act in REGIMES[name].FACTS]


def bare(kind: Any, level: str) -> Any:
    """Return the emptiest value of a type: what an act looks like of which nothing was filled in."""
    origin, given = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return None if type(None) in given else bare(given[0], level)
    if origin in (tuple, frozenset, dict, list):
        return origin()
    if is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return kind(**{f.name: level if f.name == "level" else bare(hints[f.name], level) for f in fields(kind)})
    return {bool: False, int: 0, float: 0.0, str: "", datetime: AT, date: AT.date(), time: AT.time()}[kind]


def codes_of(name: str) -> Iterator[str]:
    """Yield every literal code that the rules of a regime yield."""
    for path in sorted(Path(PACKAGE / "regime" / name).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple):
                first = node.value.elts[0]
                if isinstance(first, ast.Constant):
                    yield str(first.value)


@pytest.mark.parametrize("name", NAMES)
def test_levels_are_ordered_from_the_lowest_up(name: str):
    levels = list(REGIMES[name].Level)
    assert levels and levels == sorted(levels)
    assert [level.rank for level in levels] == list(range(len(levels)))
    assert len({level.word for level in levels}) == len(levels)


@pytest.mark.parametrize(("one", "other"), combinations(NAMES, 2))
def test_levels_of_two_regimes_are_not_comparable_and_share_no_word(one: str, other: str):
    for a in REGIMES[one].Level:
        for b in REGIMES[other].Level:
            assert a.word != b.word and a != b
            with pytest.raises(TypeError, match="not comparable"):
                _ = a < b


@pytest.mark.parametrize(("name", "level", "tail"), [(name, *pair) for name in NAMES for pair in MARKS[name]])
def test_a_mark_reads_back_as_it_was_written(name: str, level: str, tail: str):
    regime: Any = REGIMES[name]
    written = regime.marks.mark_text(level, tail)
    found = regime.marks.parse(written)
    read = found.tail if isinstance(found.tail, str) else found.tail.text
    assert (found.level, read, found.canonical) == (level, tail, written)
    assert ("★" in written) == (name == "prc_state")


@pytest.mark.parametrize("name", [n for n in NAMES if n != "prc_state"])
@pytest.mark.parametrize("text", STATE_MARKS)
def test_no_other_regime_reads_a_mark_of_state_secrets(name: str, text: str):
    regime: Any = REGIMES[name]
    with pytest.raises(Invalid) as refused:
        regime.marks.parse(text)
    assert refused.value.code == "grade.star"


@pytest.mark.parametrize("name", NAMES)
def test_every_finding_of_a_regime_has_its_words_and_its_remedy_in_both_languages(name: str):
    found = sorted(set(codes_of(name)))
    assert found
    for code in found:
        for language in ("zh", "en"):
            said = messages.render(Finding(code, "block", (), {}), language)
            assert said.text and said.text != code and said.remedy, (code, language)


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_rests_on_a_clause_and_every_act_of_a_rule_has_facts(name: str):
    book: RuleBook = REGIMES[name].BOOK
    assert book.rules
    for rule in book.rules:
        assert rule.clauses and set(rule.clauses) <= set(clauses())
        assert rule.acts <= set(REGIMES[name].FACTS), rule.name


@pytest.mark.parametrize(("name", "act"), acts())
def test_facts_of_an_act_have_a_schema_and_an_unknown_field_is_refused(name: str, act: str):
    schema = law.schema(act, name)
    assert schema["type"] == "object" and schema["properties"]
    with pytest.raises(Invalid, match="malformed_facts"):
        law.facts_from_json(act, {"at": AT.isoformat(), "no_such_field": 1}, name)


@pytest.mark.parametrize(("name", "act"), acts())
def test_judging_is_deterministic_and_every_finding_stands_on_law_in_force(name: str, act: str):
    level = next(iter(REGIMES[name].Level)).word
    facts = bare(REGIMES[name].FACTS[act], level)
    first, again = (law.judge(name, act, facts, AT.date()) for _ in range(2))
    assert first.payload() == again.payload()
    for finding in first.findings:
        assert finding.clauses and all(in_force(c, AT.date()) for c in finding.clauses[:1])
        assert finding.severity == "warn" or not finding.clauses[0].endswith("?")
        assert messages.render(finding, "zh").remedy and messages.render(finding, "en").remedy


@pytest.mark.parametrize("name", [n for n in NAMES if n != "prc_state"])
def test_an_act_of_which_nothing_is_filled_in_is_refused(name: str):
    level = next(iter(REGIMES[name].Level)).word
    for act in set(REGIMES[name].FACTS) - ADVISED:
        facts = bare(REGIMES[name].FACTS[act], level)
        assert not law.judge(name, act, facts, AT.date()).allowed, act


def test_the_digests_differ_by_regime_and_change_with_the_rules(monkeypatch: pytest.MonkeyPatch):
    digests = {name: law.rulebook(name) for name in NAMES}
    assert len(set(digests.values())) == len(NAMES)
    book = REGIMES["work_secret"].BOOK
    changed = type(book)(type(book.parameters)(book.parameters.text + "\n# another edition\n"))
    changed.rules = book.rules
    assert changed.digest() != digests["work_secret"] == book.digest()
