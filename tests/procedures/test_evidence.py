"""Evidence of one matter: made by the system, checked by a tool that shares no code with it."""

from __future__ import annotations

import base64
import functools
import importlib.util
import json
import random
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connection

from dingmi.base.errors import Forbidden, NotFound
from dingmi.engines.crypto.hazmat import sm2
from dingmi.engines.crypto.signing import generate_signing_key, sign_evidence
from dingmi.procedures.evidence import sign_log
from dingmi.procedures.terms import Upload
from dingmi.queries.verify import verify
from dingmi.records.ledger.checkpoint import signing_key
from dingmi.records.ledger.guard import act_open
from dingmi.records.ledger.models import Checkpoint
from dingmi.records.matters.models import Decision, MatterFile, Proposal
from dingmi.records.vault import store
from tests import bars
from tests.story import Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]
MUTANTS = 50_000
TOOL = Path(__file__).resolve().parents[2] / "tools" / "verify_evidence.py"


@pytest.fixture(scope="module")
def tool() -> Any:
    spec = importlib.util.spec_from_file_location("verify_evidence", TOOL)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def made(story: Story, tmp_path: Path) -> tuple[Path, Any]:
    approved = story.approve(story.proposed())
    package = story.act("auditor", "keep.evidence", matter=approved.register_no)
    path = tmp_path / package.filename
    path.write_bytes(package.content)
    return path, approved


def _rewritten(path: Path, change: Any) -> Path:
    """Return a copy of a package in which ``change`` edited the files by name."""
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    out = path.with_name("changed.zip")
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out


def test_package_is_proven_by_the_independent_tool_and_holds_no_text(made, tool) -> None:
    path, approved = made
    result = tool.check(path, signing_key().public)
    assert result["ok"] and result["entries"] >= 3
    with zipfile.ZipFile(path) as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist()).decode()
    assert "管网" not in everything and approved.digest in everything


def test_another_key_is_not_trusted(made, tool) -> None:
    result = tool.check(made[0], generate_signing_key().public)
    assert not result["ok"] and len(result["faults"]) == 6  # key, origin, head, what is vouched for, proposal, decision


def test_an_edited_missing_or_foreign_entry_is_told(made, tool) -> None:
    path, trusted = made[0], signing_key().public

    def edited(files: dict[str, bytes]) -> None:
        files["entries/000002.json"] = files["entries/000002.json"].replace(b"2026", b"2025", 1)

    def missing(files: dict[str, bytes]) -> None:
        manifest = json.loads(files["evidence.json"])
        del manifest["entries"][1]
        files["evidence.json"] = json.dumps(manifest).encode()

    def signed_by_me(files: dict[str, bytes]) -> None:
        manifest, mine = json.loads(files["evidence.json"]), generate_signing_key()
        manifest["public"] = base64.b64encode(mine.public).decode()
        origin = manifest["note"].split("\n")[0]
        manifest["signature"] = base64.b64encode(mine.sign(manifest["note"].encode(), origin.encode())).decode()
        files["evidence.json"] = json.dumps(manifest).encode()

    def decided_otherwise(files: dict[str, bytes]) -> None:
        files["decided.json"] = files["decided.json"].replace(b"determination.approve", b"determination.refuse")

    for change in (edited, missing, signed_by_me, decided_otherwise):
        assert not tool.check(_rewritten(path, change), trusted)["ok"], change.__name__


def test_a_package_from_which_something_is_left_out_or_told_otherwise_is_refused(made, tool) -> None:
    """Whoever changes a package writes the digests in its manifest anew; what the key vouched for he cannot."""
    path, trusted = made[0], signing_key().public

    def decided(change: Any) -> Any:
        def changed(files: dict[str, bytes]) -> None:
            manifest, text = json.loads(files["evidence.json"]), json.loads(files["decided.json"])
            change(text["decided"])
            files["decided.json"] = json.dumps(text).encode()
            manifest["decided_sm3"] = sm2.sm3(files["decided.json"]).hex()
            files["evidence.json"] = json.dumps(manifest).encode()

        return changed

    def last_entry_gone(files: dict[str, bytes]) -> None:
        manifest = json.loads(files["evidence.json"])
        del files[manifest["entries"].pop()["file"]]
        files["evidence.json"] = json.dumps(manifest).encode()

    def another_version(files: dict[str, bytes]) -> None:
        files["evidence.json"] = files["evidence.json"].replace(b'"v": 2', b'"v": 1')

    def beside(files: dict[str, bytes]) -> None:
        files["entries/000099.json"] = files["entries/000001.json"]

    changes = {
        "decided otherwise": decided(lambda rows: rows[1].update(act="determination.return")),
        "decided by another": decided(lambda rows: rows[1].update(person=rows[0]["person"])),
        "on another day": decided(lambda rows: rows[1].update(at="2020-01-01T00:00:00+08:00")),
        "no signature": decided(lambda rows: rows[1].update(signature="")),
        "a decision gone": decided(lambda rows: rows.pop()),
        "a decision twice": decided(lambda rows: rows.append(rows[0])),
        "the last entry gone": last_entry_gone,
        "another version": another_version,
        "a file beside": beside,
    }
    assert tool.check(path, trusted)["ok"]
    taken = [name for name, change in changes.items() if tool.check(_rewritten(path, change), trusted)["ok"]]
    assert taken == []


def _leaves(document: Any, road: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the road to each value of a JSON document."""
    inside = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    return [way for key, value in inside for way in _leaves(value, (*road, key))] or [road]


def _told_otherwise(value: Any, draw: random.Random) -> Any:
    """Return a value that says something else: a number near it, a text with one bit of what it encodes changed, or shorter."""
    if isinstance(value, int):
        return value + draw.choice((-1, 1, 1000))
    if not isinstance(value, str) or not value:
        return "0"
    try:
        raw, encode = (
            (bytes.fromhex(value), bytes.hex) if len(value) == 64 else (base64.b64decode(value, validate=True), None)
        )
    except ValueError:
        raw, encode = value.encode(), lambda data: data.decode("latin-1")
    changed = bytearray(raw or b"\0")
    changed[draw.randrange(len(changed))] ^= 1 << draw.randrange(7)
    kept = bytes(changed) if draw.random() < 0.8 else bytes(changed[:-1])
    return encode(kept) if encode else base64.b64encode(kept).decode()


@pytest.mark.parametrize("number", [400, pytest.param(MUTANTS, marks=pytest.mark.deep)])
def test_no_mutated_package_is_accepted(made, tool, monkeypatch, bar, number: int) -> None:
    trusted, draw, taken = signing_key().public, random.Random(number), []
    monkeypatch.setattr(tool, "sm3", sm2.sm3)  # agrees with its own, and so do signatures asked for again
    monkeypatch.setattr(tool, "is_signed", functools.cache(tool.is_signed))
    with zipfile.ZipFile(made[0]) as archive:
        plain = {name: archive.read(name) for name in archive.namelist()}
    manifest, names = json.loads(plain["evidence.json"]), sorted(set(plain) - {"evidence.json"})
    roads, wanted = _leaves(manifest), bars.part(number) if number == MUTANTS else number
    for _ in range(wanted):
        files, told = dict(plain), json.loads(plain["evidence.json"])
        if draw.random() < 0.5:
            road = draw.choice(roads)
            inner = functools.reduce(lambda part, key: part[key], road[:-1], told)
            inner[road[-1]] = _told_otherwise(inner[road[-1]], draw)
        else:
            name = draw.choice(names)
            content = bytearray(plain[name])
            content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
            files[name] = bytes(content)
            if name == "decided.json" and draw.random() < 0.5:
                told["decided_sm3"] = sm2.sm3(files[name]).hex()
        files["evidence.json"] = json.dumps(told).encode()
        out = BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for other, body in files.items():
                archive.writestr(other, body)
        out.seek(0)
        try:
            if tool.check(out, trusted)["ok"]:
                taken.append([name for name, body in files.items() if body != plain[name]])
        except (ValueError, KeyError, TypeError):
            pass  # `main` answers 2: it cannot be read
    assert taken == []
    if number == MUTANTS:
        bar("T4 mutated packages", wanted, MUTANTS)


@pytest.fixture
def with_files(story: Story, tmp_path: Path) -> tuple[Path, Path, list[str]]:
    """The evidence of a matter with an attachment in force and one taken off; the container handed out; ids of both."""
    matter = story.filled()
    given: dict[str, Any] = {"matter": matter, "expected_version": story.version(matter)}
    kept = story.act("drafter", "determination.attach", **given, upload=Upload("节点图.dwg", b"AC1032 the drawing"))
    given["expected_version"] = story.version(matter)
    other = story.act("drafter", "determination.attach", **given, upload=Upload("录音.wav", b"RIFF the recording"))
    given["expected_version"] = story.version(matter)
    story.act("drafter", "determination.detach", **given, file=other.file)
    story.propose(matter)
    story.approve(matter)
    path, out = tmp_path / "evidence.zip", tmp_path / "节点图.dwg.dmb"
    path.write_bytes(story.act("auditor", "keep.evidence", matter=str(matter)).content)
    container = MatterFile.objects.select_related("stored").get(
        matter=matter, role="sealed", superseded_at__isnull=True
    )
    out.write_bytes(store.get(container.stored))
    return path, out, [str(kept.file), str(other.file)]


def test_attachments_are_in_the_package_by_size_and_kind_and_their_containers_by_digest(with_files, tool) -> None:
    path, out, ids = with_files
    trusted = signing_key().public
    assert tool.check(path, trusted, [str(out)]) == tool.check(path, trusted) and tool.check(path, trusted)["ok"]
    with zipfile.ZipFile(path) as archive:
        told = json.loads(archive.read("attached.json"))
        everything = b"".join(archive.read(name) for name in archive.namelist())
    assert {(row["file"], row["media"], bool(row["off"])) for row in told["attached"]} == {
        (ids[0], "dwg", False),
        (ids[1], "wav", True),
    }
    assert [row["sm3"] for row in told["sealed"]] == [sm2.sm3(out.read_bytes()).hex()]
    assert told["sealed"][0]["mark"].startswith("机密")
    for hidden in ("节点图".encode(), b"the drawing", sm2.sm3(b"AC1032 the drawing").hex().encode()):
        assert hidden not in everything, "no name, no content, and nothing by which a guess of it is confirmed"


def test_an_attachment_that_was_changed_removed_or_added_is_told(with_files, tool, tmp_path: Path) -> None:
    path, out, ids = with_files
    trusted, changed = signing_key().public, tmp_path / "changed.dmb"
    data = bytearray(out.read_bytes())
    data[-20] ^= 1
    changed.write_bytes(data)
    assert tool.check(path, trusted, [str(changed)])["faults"] == [
        f"{changed}: no container of this matter, or it was changed"
    ]

    def told(change: Any, *, anew: bool) -> list[str]:
        """Return the faults after a change; ``anew``: as if the key had signed what was changed, so the entries must tell."""

        def changing(files: dict[str, bytes]) -> None:
            manifest, text = json.loads(files["evidence.json"]), json.loads(files["attached.json"])
            text["attached"].sort(key=lambda row: ids.index(row["file"]))
            change(text)
            files["attached.json"] = json.dumps(text).encode()
            manifest["attached_sm3"] = digest = sm2.sm3(files["attached.json"]).hex()
            if anew:
                size, number = int(manifest["note"].split("\n")[1]), len(manifest["entries"])
                named = (manifest["stream"], size, number, manifest["decided_sm3"], digest)
                manifest["vouched"] = base64.b64encode(sign_evidence(signing_key(), *named)).decode()
            files["evidence.json"] = json.dumps(manifest).encode()

        return list(tool.check(_rewritten(path, changing), trusted)["faults"])

    assert told(lambda text: None, anew=True) == []
    by_log = {
        "changed": (lambda text: text["attached"][0].update(size=1), "is not what the entries say"),
        "of another kind": (lambda text: text["attached"][0].update(media="pdf"), "is not what the entries say"),
        "removed": (lambda text: text["attached"].pop(0), "is missing"),
        "not taken off": (lambda text: text["attached"][1].update(off=""), "is not what the entries say"),
        "added": (lambda text: text["attached"].append({**text["attached"][0], "file": "x"}), "stands in no entry"),
    }
    by_key = {
        "another container": lambda text: text["sealed"][0].update(sm3="00" * 32),
        "a container gone": lambda text: text["sealed"].clear(),
        "a container more": lambda text: text["sealed"].append(text["sealed"][0]),
        "another mark": lambda text: text["sealed"][0].update(mark="秘密★1年"),
    }
    for name, (change, words) in by_log.items():
        assert any(words in fault for fault in told(change, anew=True)), name
        assert told(change, anew=False), name
    for name, change in by_key.items():
        assert any("the trusted key signed others" in fault for fault in told(change, anew=False)), name

    def left_out(files: dict[str, bytes]) -> None:
        manifest = json.loads(files["evidence.json"])
        del files["attached.json"], manifest["attached_sm3"]
        files["evidence.json"] = json.dumps(manifest | {"v": 1}).encode()

    assert any("signed others" in fault for fault in tool.check(_rewritten(path, left_out), trusted)["faults"])


def test_a_container_whose_mark_was_superseded_is_told(story: Story, with_files, tool, tmp_path: Path) -> None:
    path, out, _ = with_files
    with zipfile.ZipFile(path) as archive:
        matter = UUID(json.loads(archive.read("attached.json"))["matter"])
    given = {"level": "秘密", "tail": "5年", "ground": "damage_changed", "reason": "危害减小。", "matter": matter}
    story.act("drafter", "change.propose", expected_version=story.version(matter), **given)
    story.act("officer", "change.change", matter=matter, expected_version=story.version(matter))
    later = tmp_path / "later.zip"
    later.write_bytes(story.act("auditor", "keep.evidence", matter=str(matter)).content)
    (fault,) = tool.check(later, signing_key().public, [str(out)])["faults"]
    assert "was superseded" in fault


def test_a_drafter_may_not_export_and_a_draft_is_not_found(story: Story) -> None:
    matter = story.proposed()
    with pytest.raises(Forbidden, match=r"role\.required"):
        story.act("drafter", "keep.evidence", matter=str(matter))
    with pytest.raises(NotFound):
        story.act("auditor", "keep.evidence", matter=str(story.drafted()))
    with pytest.raises(NotFound):
        story.act("auditor", "keep.evidence", matter="QJSW-J-2026-999")


def test_a_signed_head_convicts_truncation_and_rewriting(story: Story) -> None:
    assert sign_log(story.now) == sign_log(story.now), "nothing new, nothing signed"
    story.proposed()
    assert sign_log(story.now) and Checkpoint.objects.count() == 2
    assert verify().ok
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER ledger_checkpoint_no_update")
        else:
            cursor.execute("ALTER TABLE ledger_checkpoint DISABLE TRIGGER ALL")
        cursor.execute(
            "UPDATE ledger_checkpoint SET size = size + 1000 WHERE id = (SELECT max(id) FROM ledger_checkpoint)"
        )
    assert {f.kind for f in verify().findings} == {"log.truncated"}


def test_proposals_and_decisions_are_signed_in_the_name_of_their_person_and_a_moved_signature_is_found(
    story: Story, tool
) -> None:
    first, second = story.approve(story.proposed()).matter, story.approve(story.proposed()).matter
    kept = [Decision.objects.get(matter=matter, act="determination.approve") for matter in (first, second)]
    kept += Proposal.objects.filter(matter__in=(first, second))
    for row in kept:
        who = row.officer_id if isinstance(row, Decision) else row.drafter_id
        identity, public = f"dingmi-decision/{who}".encode(), signing_key().public
        assert tool.is_signed(public, identity, row.digest.encode(), bytes(row.signature))
        assert not tool.is_signed(public, b"dingmi-decision/", row.digest.encode(), bytes(row.signature))
    assert verify().ok
    with connection.cursor() as cursor, act_open("test.moved"):
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER matters_decision_no_update")
        else:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # pending checks would refuse ALTER TABLE
            cursor.execute("ALTER TABLE matters_decision DISABLE TRIGGER USER")
        Decision.objects.filter(pk=kept[0].pk).update(signature=bytes(kept[1].signature))
    assert {f.kind for f in verify().findings} == {"row.edited", "decision.unsigned"}


def test_a_head_signed_by_another_key_is_found(story: Story) -> None:
    sign_log(story.now)
    path = Path(settings.DINGMI_KEYS) / "checkpoint.key"
    path.unlink()
    from dingmi.records.keys import asking as keys

    keys.prepare()
    assert {f.kind for f in verify().findings} == {"checkpoint.unsigned"}


def test_tool_and_system_agree_on_sm3_and_sm2(tool) -> None:
    draw = random.Random(3)
    for size in (0, 1, 55, 56, 63, 64, 65, 119, 120, 1000):
        data = draw.randbytes(size)
        assert tool.sm3(data) == sm2.sm3(data)
    key = generate_signing_key()
    for _ in range(5):
        message = draw.randbytes(draw.randrange(200))
        signature = key.sign(message, b"someone")
        assert tool.is_signed(key.public, b"someone", message, signature)
        assert sm2.verify(key.public, message, signature, b"someone")
        broken = bytearray(signature)
        broken[draw.randrange(64)] ^= 1
        assert not tool.is_signed(key.public, b"someone", message, bytes(broken))
        assert not sm2.verify(key.public, message, bytes(broken), b"someone")
        assert not sm2.verify(key.public, message, signature, b"another")
