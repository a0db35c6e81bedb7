"""A witness outside the server takes a head that continues what it has seen, and refuses every other one."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dingmi.base.errors import Forbidden, Invalid
from dingmi.engines.crypto import consistency_proof, leaf_hash, root
from dingmi.engines.crypto.signing import Head, generate_signing_key, origin_of, sign_head
from dingmi.procedures import access as acts
from dingmi.procedures.evidence import sign_log
from dingmi.queries import QUERIES, jsonable
from tests.procedures.test_frame_and_access import NOW, actor, founded  # noqa: F401

TOOLS = Path(__file__).resolve().parents[2] / "tools"
KEY = generate_signing_key()
PUBLIC = base64.b64encode(KEY.public).decode()


@pytest.fixture(scope="module")
def witness() -> Any:
    sys.path.insert(0, str(TOOLS))
    try:
        import witness
    finally:
        sys.path.remove(str(TOOLS))
    return witness


def log(size: int, history: str = "a") -> list[bytes]:
    return [leaf_hash(f"{history}{number}".encode()) for number in range(size)]


def proof(leaves: list[bytes], since: int = 0, key: Any = KEY) -> dict[str, Any]:
    head = Head(origin_of(key.public), len(leaves), root(leaves), NOW)
    path = [part.hex() for part in consistency_proof(leaves, since)] if since else []
    return {
        "note": head.text,
        "signature": base64.b64encode(sign_head(head, key)).decode(),
        "since": since,
        "path": path,
    }


def test_every_growth_of_a_log_is_taken(witness):
    for old in range(1, 20):
        seen = witness.taken(None, proof(log(old)), KEY.public)
        for new in (old, old + 1, old + 5, 2 * old, 40):
            assert witness.taken(seen, proof(log(new), old), KEY.public)["note"].split("\n")[1] == str(new)


def test_a_fork_a_rollback_and_a_foreign_head_are_refused(witness):
    seen = witness.taken(None, proof(log(9)), KEY.public)
    forked = log(5) + log(12, "b")[5:]
    unsigned = proof(log(12), 9)
    unsigned["note"] = unsigned["note"].replace("\n12\n", "\n13\n")
    refused = [
        proof(forked, 9),
        proof(log(8)),
        proof(log(9, "b"), 9),
        proof(log(12), 8),
        proof(log(12), 9, generate_signing_key()),
        unsigned,
    ]
    for bad in refused:
        with pytest.raises(witness.Refused):
            witness.taken(seen, bad, KEY.public)
    good = proof(log(12), 9)
    for place in range(len(good["path"])):
        changed = [part if i != place else "00" * 32 for i, part in enumerate(good["path"])]
        for path in (changed, good["path"][:place]):
            with pytest.raises(witness.Refused):
                witness.taken(seen, {**good, "path": path}, KEY.public)


@pytest.mark.django_db
def test_the_witness_follows_the_log_of_an_installation_with_the_standard_library_alone(founded, tmp_path: Path):  # noqa: F811
    def run(told: dict[str, Any]) -> int:
        tool = [
            sys.executable,
            "-S",
            "-E",
            str(TOOLS / "witness.py"),
            str(tmp_path / "seen"),
            "--trust",
            told["public"],
        ]
        return subprocess.run(tool, input=json.dumps(told).encode(), capture_output=True).returncode

    def anchor(**params: int) -> dict[str, Any]:
        return dict(jsonable(QUERIES["ledger.anchor"].run(actor=actor("auditor"), now=NOW, params=params)))

    assert anchor()["size"] == 0
    sign_log(NOW)
    first = anchor()
    assert run(first) == 0 and len(first["code"].split()) == 5
    for minute in range(5):
        acts.set_language(actor=actor(), now=NOW + timedelta(minutes=minute), language="zh")
    sign_log(NOW + timedelta(minutes=9))
    grown = anchor(since=first["size"])
    assert grown["size"] > first["size"] and grown["path"]
    assert run({**grown, "path": grown["path"][1:]}) == 8
    assert run(grown) == 0 and run(first) == 8
    with pytest.raises(Forbidden):
        QUERIES["ledger.anchor"].run(actor=actor("head"), now=NOW, params={})
    with pytest.raises(Invalid):
        anchor(since=10_000)
