"""The score of passages is fitted again from labelled sets by one command; without the sets it says which are missing."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dingmi.engines.suggest import strength
from dingmi.interfaces.cli.bench_assist import Papers
from tools import fit_strength

Rows = list[dict[str, Any]]


def written(folder: Path, **files: Rows) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in files.items():
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Generated sets in the form of the real ones: half of the drafts copy two sentences, half speak of what is public."""
    place, papers = tmp_path_factory.mktemp("corpus"), Papers(5)
    sources = [{"id": f"s{n}", "text": papers.paper(8)} for n in range(20)]
    hosts = [papers.paper(6) for _ in range(24)]
    queries, gold = [], []
    for number, host in enumerate(hosts):
        spans, text = [], host
        if number % 2:
            source = papers.rng.choice(sources)
            passage = "\n".join(source["text"].split("\n")[:2])
            text = f"{host}\n{passage}"
            spans = [{"kind": "verbatim", "off": len(host) + 1, "len": len(passage), "src": source["id"]}]
        queries.append({"id": f"q{number}", "text": text})
        gold.append({"id": f"q{number}", "spans": spans})
    formulas = [{"text": "自印发之日起施行", "df": 200}]
    public = [{"id": f"p{n}", "text": host} for n, host in enumerate(hosts[: len(hosts) // 2])]
    part = {"sources": sources, "queries": queries, "gold": gold}
    written(place / "reuse-dev/zh", **part, boilerplate=formulas)
    written(place / "reuse-dev/en", **part)
    written(place / "public-docs-zh", docs=public)
    return place


@pytest.mark.deep
def test_the_same_sets_give_the_same_coefficients_and_figures_on_drafts_held_out(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "strength.json"
    assert fit_strength.main([str(corpus), "--out", str(out)]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(one["situation"], one["scores"]) for one in told[:2]] == [
        ("zh, related public texts", "held out"),
        ("zh, related public texts", "as fitted"),
    ]
    assert len(told) == 8 and all(one["recall"] >= 0.9 for one in told), "copied sentences are found"
    made = json.loads(out.read_text("utf-8"))
    assert tuple(made["names"]) == strength.NAMES
    rows = np.random.default_rng(1).normal(size=(7, len(strength.NAMES)))
    assert all(
        ((strength.Model(made[k]).scores(rows) >= 0) & (strength.Model(made[k]).scores(rows) <= 1)).all()
        for k in ("known", "unknown")
    )
    drafts = [draft for one in fit_strength.situations(corpus) for draft in one.drafts]
    assert any(draft.is_known for draft in drafts)
    random.Random(3).shuffle(drafts)
    again = fit_strength.both(sorted(drafts, key=lambda d: (d.is_known, d.row["id"])))
    assert again["unknown"]["mean"] == pytest.approx(made["unknown"]["mean"], rel=1e-3)
    assert fit_strength.main([str(corpus)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "not as shipped"


def test_without_the_sets_nothing_is_fitted_and_what_is_missing_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(tmp_path / "reuse-dev/en", sources=[], queries=[], gold=[])
    assert fit_strength.main([str(tmp_path)]) == 5
    said = capsys.readouterr().err
    assert "reuse-dev/zh/sources" in said and "public-docs-zh/docs" in said and "reuse-dev/en" not in said
