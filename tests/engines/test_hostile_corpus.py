"""T7: a corpus of hostile files, and mutants of good ones: each is refused in words or read within the limits of a parser."""

from __future__ import annotations

import io
import os
import time
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dingmi.base.errors import Invalid
from dingmi.engines import documents
from dingmi.engines.documents import rendering
from tests.engines import layouts, office, packages
from tests.engines.hostile import corpus

LONGEST = documents.DEFAULT.wall_seconds + 5  # seconds
SEEDS = {
    "a.docx": office.everything(),
    "a.xlsx": packages.workbook("供水应急调度预案", more=True),
    "a.pptx": packages.presentation("供水应急调度预案", more=True),
    "a.ofd": layouts.ofd("供水应急调度预案", more=True),
    "a.pdf": rendering.render_text_pdf("供水应急调度预案正文\n第二段"),
}


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


NUMBERS = (b"0", b"-1", b"4294967296", b"99999999999999999999", b"1e999", b"NaN")


def mutated(data: bytes, chance: st.DataObject) -> bytes:
    """Take out, double, blow up or overwrite a stretch between two tags or words."""
    ends = [at for at in range(len(data)) if data[at : at + 1] in (b"<", b"/", b" ", b"=")] or [0]
    first, second = sorted(chance.draw(st.tuples(st.sampled_from(ends), st.sampled_from(ends))))
    stretch = data[first:second]
    kinds = {
        "cut": b"",
        "double": stretch * 2,
        "many": stretch[:64] * 500,
        "number": chance.draw(st.sampled_from(NUMBERS)),
        "bytes": chance.draw(st.binary(max_size=24)),
    }
    return data[:first] + kinds[chance.draw(st.sampled_from(sorted(kinds)))] + data[second:]


def mutant(data: bytes, chance: st.DataObject) -> bytes:
    """Mutate inside one part of a package and pack it again, or in the middle of another file."""
    if not data.startswith(b"PK"):
        return mutated(data, chance)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    for name in chance.draw(st.lists(st.sampled_from(sorted(held)), min_size=1, max_size=3)):
        held[name] = mutated(held[name], chance)
    return office.package(held)


def fuzzed(examples: int) -> None:
    @settings(
        max_examples=examples, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(st.data(), st.sampled_from(sorted(SEEDS)))
    def run(chance: st.DataObject, name: str) -> None:
        outcome(mutant(SEEDS[name], chance), name)

    run()


def test_mutants_of_good_files_are_refused_or_read() -> None:
    fuzzed(60)


@pytest.mark.deep
def test_thousands_of_mutants_of_good_files_are_refused_or_read() -> None:
    fuzzed(5_000)
