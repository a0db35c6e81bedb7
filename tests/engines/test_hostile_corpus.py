"""T7: a corpus of hostile files, and mutants of good ones: each is refused in words or read within the limits of a parser."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest

from dingmi.base.errors import Invalid
from dingmi.engines import documents
from tests.architecture.source import PACKAGE
from tests.engines import fuzz, hostile, mutants, office
from tests.engines.hostile import corpus

LONGEST = documents.DEFAULT.wall_seconds + 5  # seconds


def outcome(data: bytes, name: str) -> str:
    """Return the code of the refusal, or ``read``; anything else that a file brings about is a failure."""
    try:
        documents.extract(data, name)
    except Invalid as refused:
        assert refused.code.startswith("file."), refused.code
        return refused.code
    return "read"


def outcomes(*, whole: bool) -> dict[str, str]:
    """Read every file of the corpus; in between, a good one is read as ever."""
    found: dict[str, str] = {}
    for number, (case, name, make) in enumerate(corpus(whole=whole)):
        data = make()
        began, cpu = time.monotonic(), os.times()
        found[case] = outcome(data, name)
        spent = os.times()
        assert time.monotonic() - began < LONGEST, case
        assert spent.user - cpu.user < 5, case  # the work is the child's, not this process's
        if number % 20 == 0:
            assert documents.extract(office.simple("一"), "a.docx").text == "一", case
    return found


def require_refused(found: dict[str, str]) -> None:
    """Require that what is never harmless was never read."""
    for word in (
        "laughs",
        "entity",
        "upwards",
        "from the root",
        "300 MiB",
        "thousands",
        "inflated",
        "script",
        "program",
    ):
        refused = {case: code for case, code in found.items() if word in case}
        assert refused and "read" not in refused.values(), refused
    others = {code for case, code in found.items() if case.split()[0] in ("mail", "zip")}
    assert others == {"file.type_not_accepted", "file.bomb"}


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_hostile_files_are_refused_or_read_in_time_and_the_next_file_is_read_as_ever() -> None:
    found = outcomes(whole=False)
    assert len(found) >= 80
    require_refused(found)


@pytest.mark.deep
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_every_attack_on_every_kind_of_file_is_refused_or_read_in_time() -> None:
    found = outcomes(whole=True)
    assert len(found) >= 160
    require_refused(found)


@pytest.mark.parametrize("kind", sorted(hostile.TYPES))
def test_what_a_part_declares_is_refused_in_every_format(kind: str) -> None:
    for attack in ("billion laughs", "entity of a file", "entity of parameters", "entity in sixteen bits"):
        assert outcome(hostile.ARCHIVE[attack](kind), f"a.{kind}") == "file.xml_dtd", attack


def test_xml_is_read_by_the_one_parser_that_takes_no_declarations() -> None:
    reading = re.compile(r"etree\.(fromstring|parse|XML|iterparse|XMLParser)\b|import.*(ElementTree|minidom|expat)")
    places = {path.name for path in PACKAGE.rglob("*.py") if reading.search(path.read_text("utf-8"))}
    assert places == {"archive.py"}


def test_mutants_of_good_files_are_refused_or_read() -> None:
    for name in mutants.seeds():
        for number in range(10):
            outcome(fuzz.made(name, 0, number), name)


@pytest.mark.parametrize("file", sorted(fuzz.KEPT.glob("*.*")), ids=lambda file: file.name)
def test_what_once_ended_a_parser_is_refused_or_read_in_time(file: Path) -> None:
    assert fuzz.escaped(f"a{file.suffix}", file.read_bytes()) == ""


@pytest.mark.parametrize("kind", ["docx", "pdf"])
def test_a_child_that_dies_is_told_and_the_mutants_after_it_are_tried(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = fuzz.made

    def made(name: str, seed: int, number: int) -> bytes:
        if number == 2:
            os._exit(1)
        return real(name, seed, number)

    monkeypatch.setattr(fuzz, "made", made)
    found = fuzz.batch(f"a.{kind}", 0, range(4))
    assert found[2] == "! dead" and sorted(found) == [0, 1, 2, 3] and found[3] != "! dead"


@pytest.mark.deep
@pytest.mark.parametrize("name", sorted(mutants.seeds()))
def test_twenty_thousand_mutants_of_each_format_are_refused_or_read(name: str, tmp_path: Path) -> None:
    assert fuzz.fuzz(name.removeprefix("a."), 20_000, 0, tmp_path) == 0
