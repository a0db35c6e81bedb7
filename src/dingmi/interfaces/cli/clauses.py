"""Every clause of the register: in force when, carried by what, proved by which tests."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

PROOFS = "proofs.tsv"  # written by ``tools/clause_proofs.py`` when the package is prepared


def proofs() -> dict[str, list[str]]:
    """Return for each clause the tests that prove it, as collected when the package was prepared."""
    source = files("dingmi.regime").joinpath("register", PROOFS)
    found: dict[str, list[str]] = {}
    if source.is_file():
        for line in source.read_text(encoding="utf-8").splitlines():
            clause, _, test = line.partition("\t")
            found.setdefault(clause, []).append(test)
    return found


def _named(pairs: list[tuple[str, frozenset[str]]]) -> dict[str, list[str]]:
    """Return for each clause what names it; an article names all its paragraphs (``ZX-24`` names ``ZX-24.1``)."""
    from dingmi.regime.kernel.register import clauses

    found: dict[str, list[str]] = {}
    for name, ids in pairs:
        for clause in clauses():
            if clause in ids or clause.partition(".")[0] in ids:
                found.setdefault(clause, []).append(name)
    return found


def rows() -> list[dict[str, Any]]:
    """Return one row a clause: response, edition, rules, deadlines, procedures, queries, forms, tests, why it is outside."""
    from dingmi import regime
    from dingmi.engines.documents.forms import FORMS
    from dingmi.procedures import ACTS
    from dingmi.queries.registry import QUERIES
    from dingmi.regime.kernel.register import outside

    procedures = _named([(a.name, a.clauses) for a in ACTS.values()])
    queries = _named([(q.name, q.clauses) for q in QUERIES.values()])
    printed = FORMS.values() if isinstance(FORMS, dict) else FORMS
    forms = _named([(f.name, frozenset(f.clauses)) for f in printed if hasattr(f, "clauses")])
    proved = proofs()
    found = []
    for row in regime.coverage():
        carried = row["rules"]
        found.append(
            row
            | {
                "rules": [name for name in carried if not name.startswith("deadline ")],
                "deadlines": [name.removeprefix("deadline ") for name in carried if name.startswith("deadline ")],
                "procedures": sorted(procedures.get(row["id"], [])),
                "queries": sorted(queries.get(row["id"], [])),
                "forms": sorted(forms.get(row["id"], [])),
                "tests": proved.get(row["id"], []),
                "outside": outside().get(row["id"], {}),
            }
        )
    return found


CARRIERS = ("rules", "deadlines", "procedures", "queries", "forms")


def summary(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return how many clauses of each response are carried, how many of these proved, and how many are outside the product."""
    made = []
    for response in dict.fromkeys(row["response"] for row in found):
        of_kind = [row for row in found if row["response"] == response]
        carried = [row for row in of_kind if any(row[name] for name in CARRIERS)]
        made.append(
            {
                "response": response,
                "clauses": len(of_kind),
                "carried": len(carried),
                "proved": sum(bool(row["tests"]) for row in carried),
                "outside": sum(bool(row["outside"]) for row in of_kind),
            }
        )
    return made
