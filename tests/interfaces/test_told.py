"""What a command tells people without ``--json``: words of both languages, never a document or a value of the program."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from dingmi.engines.documents import forms
from dingmi.interfaces.cli import clauses, main, told
from tests.engines.test_documents_forms import LABEL, PRINTING, sample

ROOT = Path(__file__).resolve().parents[2]
FITTING, FAULTY = str(ROOT / "samples/1-管网切换方案.docx"), str(ROOT / "samples/6-标志有误.docx")
GUIDE = str(ROOT / "src/dingmi/interfaces/cli/demo/guide.jsonl")
OF_THE_PROGRAM = re.compile(r"None|True|False|[{}\[\]]")


@pytest.fixture
def said(capsys, monkeypatch):
    """Run one command in this process; return its exit code, what it printed, and what it told beside."""

    def command(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["dingmi", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return int(ended.value.code or 0), told.out, told.err

    return command


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("rules", "marks", "parse", "机密"), 0, ("机密★20年", "未写明", "the longest period")),
        (("rules", "marks", "parse", "机密★10年"), 0, ("--issued",)),
        (("rules", "marks", "parse", "机密★10年", "--issued", "2025-01-01"), 0, ("2035-01-01", "2035-01-02")),
        (("assess", FITTING, "--guides", GUIDE), 0, ("SW-2021#7", "机密★10年", "165–169")),
        (("assess", FAULTY, "no-such-file.docx"), 5, ("内部★5年", "carries the ★", "no-such-file.docx", "✗")),
        (("mark", "verify", FAULTY), 8, ("没有可核对的标志", "no mark that can be checked")),
    ],
)
def test_people_are_told_in_words(said, arguments, code, words):
    ended, printed, _ = said(*arguments)
    assert ended == code and OF_THE_PROGRAM.findall(printed) == []
    assert [word for word in words if word not in printed] == []


def test_a_mark_that_was_stamped_is_told_valid_and_at_its_place(said, tmp_path):
    marked = str(tmp_path / "marked.docx")
    assert said("mark", "stamp", FITTING, marked, "--mark", "机密★10年")[0] == 0
    ended, printed, _ = said("mark", "verify", marked)
    assert ended == 0 and "标志有效" in printed and "机密★10年" in printed and OF_THE_PROGRAM.findall(printed) == []


def test_a_printed_form_is_told_with_who_printed_it(said, tmp_path):
    printed_form = tmp_path / "form.pdf"
    printed_form.write_bytes(forms.render(sample("approval"), "pdf", PRINTING, LABEL))
    ended, printed, _ = said("form", "verify", str(printed_form))
    assert ended == 0 and "表单有效" in printed and f"printed by: {PRINTING.by}" in printed
    assert OF_THE_PROGRAM.findall(printed) == []


def test_what_was_learnt_is_told_and_so_is_a_file_that_was_not_taken(said, tmp_path):
    ended, printed, _ = said("assist", "learn", FITTING, "no-such-file.docx", "--out", str(tmp_path / "model"))
    assert ended == 2 and "1 份文本" in printed and "no-such-file.docx" in printed
    assert OF_THE_PROGRAM.findall(printed) == []


def test_counts_of_a_day_go_by_the_titles_of_acts_and_what_did_nothing_is_left_out():
    counts = {"review.open_annual": {"opened": 2, "seen": 0}, "notices.remind": {"sent": 0}}
    (line,) = told.counts(counts)
    assert line.endswith(": opened 2") and "review.open_annual" not in line
    assert list(told.counts({"approved": 3})) == ["approved: 3"]


def test_clauses_say_that_the_list_of_proofs_is_missing(said, monkeypatch):
    monkeypatch.setattr(clauses, "PROOFS", "no-such.tsv")
    ended, printed, beside = said("rules", "clauses", "--response", "decide")
    assert ended == 0 and "BMF" in printed and "没有证明清单" in beside and "no list of proofs" in beside
