"""The message catalogues: the same codes in both languages, a sentence and a remedy for each, and none missing."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from tests.architecture.source import PACKAGE, modules, name, tree

MESSAGES = PACKAGE / "base/messages"
TITLES = ("acts", "queries", "reads", "roles")  # how topics begin that name things, not faults: they need no remedy
ERRORS = {
    "Finding",
    "Invalid",
    "Refused",
    "Forbidden",
    "NotFound",
    "Conflict",
    "Unavailable",
    "Tampered",
    "CalendarGap",
}
CODE = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+")
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff}][,;:!?](?:[\u4e00-\u9fff{]|$)|[\u4e00-\u9fff]\.$")


def topics(language: str) -> dict[str, dict[str, dict[str, str]]]:
    """Return the entries of every topic of one language."""
    return {
        path.stem: tomllib.loads(path.read_text(encoding="utf-8"))
        for path in sorted((MESSAGES / language).glob("*.toml"))
    }


ZH, EN = topics("zh"), topics("en")
PAIRS = [(topic, code) for topic, entries in ZH.items() for code in entries]


def slots(text: str) -> set[str]:
    """Return the parameter names of a message."""
    return {field for _, field, _, _ in Formatter().parse(text) if field}


def _constants(node: ast.AST) -> Iterator[ast.expr]:
    """Yield the expressions that name a code: of an error, a finding, a fault, a field, a warning, or a rule's yield."""
    if isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple) and node.value.elts:
        first = node.value.elts[0]
        yield from (first.body, first.orelse) if isinstance(first, ast.IfExp) else (first,)
    if not isinstance(node, ast.Call):
        return
    called = getattr(node.func, "id", getattr(node.func, "attr", ""))
    if called in ERRORS:
        yield from node.args[:1]
        for keyword in node.keywords:
            if keyword.arg == "fields" and isinstance(keyword.value, ast.Dict):
                yield from keyword.value.values
    elif called == "Fault":
        yield from (argument for argument in node.args if isinstance(argument, ast.Constant))
    elif called == "append" and len(node.args) == 1:
        yield node.args[0]


def codes_raised() -> Iterator[tuple[str, str]]:
    """Yield each literal code that reaches people, with its place."""
    for path in modules():
        for node in ast.walk(tree(path)):
            for code in _constants(node):
                if isinstance(code, ast.Constant) and isinstance(code.value, str) and CODE.fullmatch(code.value):
                    yield code.value, f"{name(path)}:{node.lineno}"


def test_both_languages_have_the_same_codes_in_the_same_topics():
    assert {topic: set(entries) for topic, entries in ZH.items()} == {
        topic: set(entries) for topic, entries in EN.items()
    }


def test_no_code_stands_in_two_topics():
    codes = [code for entries in ZH.values() for code in entries]
    assert sorted({code for code in codes if codes.count(code) > 1}) == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_fault_says_what_is_wrong_and_what_to_do(language: str):
    entries = {"zh": ZH, "en": EN}[language]
    silent = [
        f"{topic}: {code}"
        for topic, messages in entries.items()
        for code, message in messages.items()
        if not message.get("text", "").strip()
        or (not topic.startswith(TITLES) and not message.get("remedy", "").strip())
    ]
    assert silent == []


def test_both_languages_fill_in_the_same_parameters():
    differing = [
        code
        for topic, code in PAIRS
        for key in ("text", "remedy")
        if slots(ZH[topic][code].get(key, "")) != slots(EN.get(topic, {}).get(code, {}).get(key, ""))
    ]
    assert differing == []


def test_chinese_messages_use_full_width_punctuation():
    texts = [(code, text) for entries in ZH.values() for code, message in entries.items() for text in message.values()]
    assert [code for code, text in texts if HALF_WIDTH.search(text)] == []


def test_every_code_in_the_source_has_a_message():
    known = {code for entries in ZH.values() for code in entries}
    assert sorted(f"{code} at {place}" for code, place in codes_raised() if code not in known) == []


def test_the_catalogues_are_files_of_the_package():
    assert {path.name for path in Path(MESSAGES).iterdir() if path.is_dir() and path.name != "__pycache__"} == {
        "zh",
        "en",
    }
