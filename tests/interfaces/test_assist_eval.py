"""``dingmi assist eval``: reads the files of a labelled set, says what is missing, and writes its predictions."""

from __future__ import annotations

import gzip
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from dingmi.base.errors import Invalid
from dingmi.engines.suggest import trial
from dingmi.interfaces.cli import assist, main

PASSAGE = "三号泵站枯水期向城北片区供水的最大流量为每秒四点七立方米，备用线路经由青石岭隧洞接入，切换时间不超过九分钟。"


@pytest.fixture
def run(capsys, monkeypatch):
    """Run one command in this process; return its exit code and the JSON it printed."""

    def command(*arguments: str) -> tuple[int, Any]:
        monkeypatch.setattr(sys, "argv", ["dingmi", *arguments, "--json"])
        monkeypatch.setattr(sys, "stdin", io.StringIO(""))
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr().out
        return int(ended.value.code or 0), json.loads(printed)

    return command


def put(path: Path, rows: list[dict[str, Any]]) -> None:
    data = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)


@pytest.fixture
def reuse(tmp_path):
    """A labelled set of one source and two drafts, packed and plain files mixed."""
    put(tmp_path / "sources.jsonl.gz", [{"id": "s", "text": PASSAGE}])
    put(
        tmp_path / "queries.jsonl",
        [{"id": "a", "text": "说明。\n" + PASSAGE}, {"id": "b", "text": "食堂菜单已经更新。"}],
    )
    spans = [{"kind": "verbatim", "off": 4, "len": len(PASSAGE), "src": "s"}]
    put(tmp_path / "gold.jsonl.gz", [{"id": "a", "spans": spans}, {"id": "b", "spans": []}])
    return tmp_path


def test_figures_and_predictions_come_in_the_shapes_of_the_sets(run, reuse, tmp_path):
    out = tmp_path / "said.jsonl"
    code, printed = run("assist", "eval", "reuse", str(reuse), "--out", str(out))
    assert code == 0 and printed["task"] == "reuse"
    assert printed["figures"]["recall[verbatim]"] > 0.95 and printed["figures"]["clean_docs_flagged"] == 0
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [row["id"] for row in rows] == ["a", "b"]
    assert {"off", "len", "src", "src_off", "src_len", "score"} <= set(rows[0]["spans"][0])


def test_one_file_is_a_set_and_public_documents_find_the_guides_beside_them(run, tmp_path):
    put(
        tmp_path / "x.jsonl",
        [{"id": 1, "a": "甲乙丙", "b": "甲乙丁", "label": 1}, {"id": 2, "a": "甲", "b": "戊", "label": 0}],
    )
    assert run("assist", "eval", "pairs", str(tmp_path / "x.jsonl"))[1]["figures"]["auc"] == 1.0
    (tmp_path / "guides").mkdir()
    (tmp_path / "public").mkdir()
    put(tmp_path / "guides" / "guides.jsonl", [{"id": "i", "item": "备用水源启用预案和调度方案", "level": "机密"}])
    put(
        tmp_path / "public" / "docs.jsonl",
        [{"id": 1, "text": "备用水源启用预案和调度方案"}, {"id": 2, "text": "周六有自行车赛。"}],
    )
    assert run("assist", "eval", "public", str(tmp_path / "public"))[1]["figures"]["flagged"] == 0.5


@pytest.mark.parametrize(
    ("task", "place", "code", "error"),
    [
        ("reuse", "absent", 5, "assist.data_absent"),
        ("reuse", "", 5, "assist.file_absent"),
        ("review", "", 5, "assist.file_absent"),
        ("public", "", 5, "assist.file_absent"),
        ("guess", "", 2, "assist.unknown_task"),
        ("pairs", "broken.jsonl", 2, "assist.not_rows"),
        ("pairs", "broken.gz", 2, "assist.not_rows"),
    ],
)
def test_absent_data_and_broken_files_are_told_plainly(run, tmp_path, task, place, code, error):
    (tmp_path / "broken.jsonl").write_bytes(b"\xff\xfe{")
    (tmp_path / "broken.gz").write_bytes(b"not packed")
    ended, printed = run("assist", "eval", task, str(tmp_path / place))
    assert (ended, printed["error"]["code"]) == (code, error)
    assert printed["error"]["remedy_zh"] and printed["error"]["remedy_en"]


def test_review_is_measured_with_names_masked_and_nothing_else_is(run, tmp_path):
    rows = [
        {
            "id": n,
            "nat_sec": n % 2,
            "text": f"{'Kestrel met Osprey' if n % 2 else 'Heron met Plover'} on the budget, draft {n}.",
        }
        for n in range(240)
    ]
    put(tmp_path / "train.jsonl", rows)
    put(tmp_path / "dev.jsonl", [*rows[:20], {"id": "x", "nat_sec": 0, "text": "Wren met kestrel On the budget."}])
    assert run("assist", "eval", "review", str(tmp_path))[1]["figures"]["auc"] > 0.9
    assert run("assist", "eval", "review", str(tmp_path), "--masked")[1]["figures"]["auc"] < 0.7
    (first, *_, last), _ = trial.masked(*assist.DataSet(tmp_path).parts())
    assert (first["text"], last["text"]) == ("name met name on the budget, draft 0.", "name met name On the budget.")
    code, printed = run("assist", "eval", "pairs", str(tmp_path), "--masked")
    assert (code, printed["error"]["code"]) == (2, "assist.masks_review")


def test_rows_are_unpacked_no_further_than_a_limit(tmp_path, monkeypatch):
    for name, opens in (("a.jsonl.gz", gzip.open), ("a.jsonl", open)):
        with opens(tmp_path / name, "wb") as file:
            file.write(b'{"id": 1}\n' * 1000)
        assert len(assist.rows_of(tmp_path / name)) == 1000
    monkeypatch.setattr(assist, "MOST_BYTES", 9000)
    for name in ("a.jsonl.gz", "a.jsonl"):
        with pytest.raises(Invalid) as refused:
            assist.rows_of(tmp_path / name)
        assert refused.value.code == "file.bomb"


def test_a_model_is_learnt_from_rows_and_files_extended_used_and_refused_when_altered(run, reuse, tmp_path):
    public, model = tmp_path / "public.jsonl", tmp_path / "unit.model"
    put(public, [{"text": PASSAGE}] * 12)
    (tmp_path / "notice.txt").write_text("各单位应当按照要求认真组织实施，并于月底前报送情况。", "utf-8")
    code, learnt = run("assist", "learn", str(public), "--out", str(model))
    assert (code, learnt["texts"], learnt["failed"]) == (0, 12, [])
    code, more = run("assist", "learn", str(tmp_path / "notice.txt"), str(tmp_path / "absent.txt"), "--out", str(model))
    assert (code, more["texts"]) == (2, 13) and more["failed"][0]["error"]["code"] == "file.not_found"
    assert more["grams"] > learnt["grams"]

    code, printed = run("assist", "eval", "reuse", str(reuse), "--with", str(model))
    assert code == 0 and printed["figures"]["recall"] == 0  # what every public text says is no reuse
    model.write_bytes(model.read_bytes()[:-1] + b"?")
    code, printed = run("assist", "eval", "reuse", str(reuse), "--with", str(model))
    assert (code, printed["error"]["code"]) == (2, "assist.not_model")
    assert run("assist", "learn", str(public))[1]["error"]["code"] == "assist.learn_where"
