"""Destroying a sealed file: nothing that is left, and no backup made after, gives its content back."""

from __future__ import annotations

import io
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from dingmi.base.errors import Invalid, NotFound, Refused, Tampered
from dingmi.engines import crypto
from dingmi.engines.crypto import keys as level_keys
from dingmi.engines.crypto import passphrase as passphrases
from dingmi.engines.crypto.passphrase import Cost
from dingmi.procedures import backup as acts
from dingmi.procedures import sealing
from dingmi.queries.verify import verify
from dingmi.records.vault.models import SealedFile
from tests.story import Story

TEXT = "取水口坐标 ".encode() * 300
WORDS = "梅花 堤坝 三月 铜钟 river lamp"


def seal(story: Story, folder: Path) -> Path:
    plain, target = folder / "plain", folder / f"sealed-{SealedFile.objects.count()}.dmb1"
    plain.write_bytes(TEXT)
    sealing.seal_file(actor=story.actor("drafter"), now=story.now, source=plain, target=target, level="机密")
    plain.unlink()
    return target


def destroy(story: Story, user: str = "secrecy", **change: object) -> object:
    given = {
        "file": SealedFile.objects.order_by("created_at", "pk").first().pk,  # type: ignore[union-attr]
        "approval": "销毁审批〔2026〕1号",
        "witness": story.people["officer"],
        "other_witness": story.people["officer2"],
    }
    return story.act(user, "carriers.destroy", **(given | change))


def everything(*folders: Path) -> bytes:
    return b"".join(p.read_bytes() for f in folders for p in sorted(f.rglob("*")) if p.is_file())


def unpacked(story: Story, tmp_path: Path, name: str) -> Path:
    folder, place = tmp_path / f"backup-{name}", tmp_path / f"place-{name}"
    acts.backup(actor=story.actor("sysadmin"), now=story.now, folder=folder, passphrase=WORDS)
    acts.unpack(folder=folder, passphrase=WORDS, place=place)
    return place


@pytest.mark.db
@pytest.mark.django_db
@pytest.mark.clause("TL-28.2")
def test_a_destroyed_file_is_not_in_vault_keys_database_or_any_later_backup(
    story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("reads the database file")
    light = Cost(memory_kib=64, passes=1, lanes=1)
    monkeypatch.setattr(acts, "parameters", lambda: passphrases.parameters(light))
    monkeypatch.setattr(acts, "_snapshot", lambda target: target.write_bytes(connection.connection.serialize()))
    path = seal(story, tmp_path)
    kept = bytes(SealedFile.objects.get().shred)
    assert kept in everything(unpacked(story, tmp_path, "before"))  # as the manual says: earlier backups have to go
    destroy(story)
    after = unpacked(story, tmp_path, "after")
    left = (
        everything(after, Path(settings.DINGMI_KEYS), Path(settings.DINGMI_VAULT)) + connection.connection.serialize()
    )
    assert kept not in left and kept[:24] not in left and kept[-24:] not in left
    assert TEXT[:32] not in left
    container = path.read_bytes()
    all_keys = [level_keys.decode(p.read_bytes()) for p in sorted(after.glob("keys*/*mi.key"))]
    assert len(all_keys) == 3
    for key, shred in product(all_keys, (bytes(32), kept[:32], kept[-32:], crypto.sm3(container))):
        with pytest.raises(Tampered):
            crypto.open_sealed(io.BytesIO(container), io.BytesIO(), kek=key, shred=shred)
    with pytest.raises(Refused, match=r"seal\.destroyed"):
        sealing.open_file(actor=story.actor("drafter"), now=story.now, source=path, target=tmp_path / "opened")
    assert not (tmp_path / "opened").exists() and verify().ok


@pytest.mark.db
@pytest.mark.django_db
@pytest.mark.clause("CS-58")
def test_a_file_is_destroyed_only_with_an_approval_and_two_witnesses(story: Story, tmp_path: Path) -> None:
    path = seal(story, tmp_path)
    with pytest.raises(Refused, match=r"destruction\.witnesses"):
        destroy(story, other_witness=story.people["officer"])
    with pytest.raises(Refused, match=r"destruction\.witnesses"):
        destroy(story, witness="00000000-0000-0000-0000-000000000000")
    for approval in ("", " "):
        with pytest.raises((Refused, Invalid)):
            destroy(story, approval=approval)
    with pytest.raises(NotFound):
        destroy(story, file="00000000-0000-0000-0000-000000000000")
    target = tmp_path / "opened"
    sealing.open_file(actor=story.actor("drafter"), now=story.now, source=path, target=target)
    assert target.read_bytes() == TEXT  # nothing was lost by what was refused
    destroy(story)
    with pytest.raises(Refused, match=r"seal\.destroyed"):
        destroy(story)


REWRAPPER = """
import sys
from pathlib import Path
from dingmi.engines import crypto
from dingmi.engines.crypto import keys
folder = Path(sys.argv[1])
old, new = (keys.decode((folder / name).read_bytes()) for name in ("old", "new"))
while True:
    for path in sorted(folder.glob("*.dmb1")):
        shred = bytes.fromhex(path.with_suffix(".shred").read_text())
        crypto.settle(path)
        with path.open("rb") as file:
            held = crypto.key_ids(file)[0]
        first, second = (old, new) if held == old.id else (new, old)
        crypto.rewrap_file(path, old=first, new=second, shred=shred)
        print(".", end="", flush=True)
"""


def test_a_change_of_key_killed_at_any_point_leaves_every_file_whole_and_goes_on(tmp_path: Path) -> None:
    old, new = level_keys.generate("jimi-1"), level_keys.generate("jimi-2")
    (tmp_path / "old").write_bytes(level_keys.encode(old))
    (tmp_path / "new").write_bytes(level_keys.encode(new))
    for number in range(6):
        path = tmp_path / f"{number}.dmb1"
        done = crypto.seal_file(TEXT, path, label={"level": "jimi", "kind": "original"}, kek=old)
        path.with_suffix(".shred").write_text(done.shred.hex())
    for kill in range(6):
        process = subprocess.Popen([sys.executable, "-c", REWRAPPER, str(tmp_path)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.read(7 + kill)  # it is in the middle of something
        process.kill()
        process.wait()
        process.stdout.close()
        for path in sorted(tmp_path.glob("*.dmb1")):
            crypto.settle(path)
            container = path.read_bytes()
            held = crypto.key_ids(io.BytesIO(container))
            key = old if held == (old.id,) else new
            shred = bytes.fromhex(path.with_suffix(".shred").read_text())
            assert crypto.open_bytes(container, kek=key, shred=shred)[0] == TEXT
