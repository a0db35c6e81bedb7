"""An independent reader, written from docs/container.md alone, says of every container what the product says."""

from __future__ import annotations

import io
import json
import random
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dingmi.base.errors import Tampered
from dingmi.engines import crypto
from dingmi.engines.crypto import keys
from dingmi.engines.crypto.hazmat import sm4

TOOLS = Path(__file__).resolve().parents[2] / "tools"
KEK, OTHER = keys.generate("jimi-1"), keys.generate("jimi-2")
CHUNK = 4096
LABEL = {"v": 1, "level": "机密", "mark": "机密★10年", "points": [{"n": 1}, None, True]}


@pytest.fixture(scope="module")
def reader():
    """Return the tool as a module; it looks for its neighbour beside itself."""
    sys.path.insert(0, str(TOOLS))
    try:
        import read_container
    finally:
        sys.path.remove(str(TOOLS))
    return read_container


def sealed(size: int, label: dict[str, object] = LABEL) -> tuple[bytes, bytes, bytes]:
    """Return plaintext, container and shred secret."""
    plain, out = bytes(i * 31 % 253 for i in range(size)), io.BytesIO()
    done = crypto.seal(plain, out, label=label, kek=KEK, chunk_size=CHUNK)
    return plain, out.getvalue(), done.shred


def parts(data: bytes) -> tuple[int, int, int]:
    """Return where slots, MAC and chunks begin."""
    (header,) = struct.unpack_from(">I", data)
    (slots,) = struct.unpack_from(">H", data, 4 + header)
    return 6 + header, 6 + header + slots, 6 + header + slots + 32


def flipped(data: bytes, bit: int) -> bytes:
    bad = bytearray(data)
    bad[bit // 8] ^= 1 << bit % 8
    return bytes(bad)


def damages(data: bytes, other: bytes, chance: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield every kind of damage with its name."""
    slots, mac, chunks = parts(data)
    for name, start, end in (
        ("header", 0, slots),
        ("slots", slots, mac),
        ("mac", mac, chunks),
        ("chunks", chunks, len(data)),
    ):
        for _ in range(4):
            bit = chance.randrange(start * 8, end * 8)
            yield f"bit {bit} in {name}", flipped(data, bit)
    for cut in (0, 3, 10, slots - 1, mac - 1, chunks - 1, chunks, len(data) - 1):
        yield f"cut at {cut}", data[:cut]
    yield "a byte more", data + b"\0"
    yield "twice", data + data
    yield "another file's chunks", data[:chunks] + other[parts(other)[2] :]
    yield "another file's slots", data[:slots] + other[parts(other)[0] : parts(other)[2]] + data[chunks:]
    yield "another file's header", other[: parts(other)[0]] + data[slots:]
    step, body = CHUNK + 16, data[chunks:]
    pieces = [body[i : i + step] for i in range(0, len(body), step)]
    if len(pieces) > 1:
        yield "chunks swapped", data[:chunks] + pieces[1] + pieces[0] + b"".join(pieces[2:])
        yield "a chunk dropped", data[:chunks] + b"".join(pieces[:-1])
        yield "a chunk twice", data[:chunks] + pieces[0] + b"".join(pieces[:-1])
    yield "label lowered", data.replace("机密★".encode(), "秘密★".encode())
    yield "no slots", data[: slots - 2] + b"\0\0" + data[mac:]
    yield "slots named 65535", data[: slots - 2] + b"\xff\xff" + data[slots:]
    yield "header of 4 GiB", b"\xff\xff\xff\xff" + data[4:]
    yield "nothing but the magic", b"\0\0\0\4DMB1"


def said(work: Callable[[], tuple[bytes, dict[str, object]]], refusal: type[Exception]) -> object:
    try:
        return work()
    except refusal:
        return "refused"


def both(reader, data: bytes, key: keys.LevelKey, shred: bytes) -> tuple[object, object]:
    mine = said(lambda: crypto.open_bytes(data, kek=key, shred=shred), Tampered)
    return mine, said(lambda: reader.opened(data, key.id.encode(), key.secret, shred), reader.Refused)


def agree(reader, sizes: list[int], seed: int) -> int:
    """Compare both readers over a generated corpus; return how many containers were compared."""
    chance, count = random.Random(seed), 0
    for size in sizes:
        plain, data, shred = sealed(size)
        other = sealed(size)[1]
        assert both(reader, data, KEK, shred) == ((plain, LABEL), (plain, LABEL))
        for key, secret in ((OTHER, shred), (keys.LevelKey(KEK.id, OTHER.secret), shred), (KEK, bytes(32))):
            assert both(reader, data, key, secret) == ("refused", "refused")
        for name, bad in damages(data, other, chance):
            assert bad == data or both(reader, bad, KEK, shred) == ("refused", "refused"), (seed, size, name)
            count += 1
    return count


def test_the_reader_agrees_on_whole_and_on_damaged_containers(reader):
    assert agree(reader, [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK + 100], seed=20261125) > 200


@pytest.mark.deep
def test_the_reader_agrees_on_a_long_corpus(reader):
    for seed in range(60):
        agree(reader, [0, 7, CHUNK + 1, 3 * CHUNK], seed)


@pytest.mark.parametrize("label", [{}, {"a": [1, "é", {"b": -5}]}, {"x": "密" * 900}])
def test_the_reader_reads_any_label_that_can_be_sealed(reader, label):
    plain, data, shred = sealed(20, label)
    assert both(reader, data, KEK, shred) == ((plain, label), (plain, label))


def test_the_reader_opens_what_was_rewrapped(reader, tmp_path):
    path = tmp_path / "f.dmb1"
    done = crypto.seal_file(b"plain", path, label=LABEL, kek=KEK)
    crypto.rewrap_file(path, old=KEK, new=OTHER, shred=done.shred)
    assert both(reader, path.read_bytes(), OTHER, done.shred) == ((b"plain", LABEL), (b"plain", LABEL))
    assert both(reader, path.read_bytes(), KEK, done.shred) == ("refused", "refused")


def test_the_tool_runs_with_the_standard_library_alone(tmp_path):
    done = crypto.seal_file("取水口".encode(), tmp_path / "f.dmb1", label=LABEL, kek=KEK)
    (tmp_path / "key").write_bytes(keys.encode(KEK))

    def run(file: str) -> subprocess.CompletedProcess[bytes]:
        chosen = ["--key", str(tmp_path / "key"), "--shred", done.shred.hex(), "--out", str(tmp_path / "out"), "--json"]
        tool = [sys.executable, "-S", "-E", str(TOOLS / "read_container.py"), str(tmp_path / file)]
        return subprocess.run([*tool, *chosen], capture_output=True)

    good = run("f.dmb1")
    assert good.returncode == 0 and json.loads(good.stdout)["label"] == LABEL
    assert (tmp_path / "out").read_text() == "取水口"
    (tmp_path / "out").unlink()
    data = (tmp_path / "f.dmb1").read_bytes()
    (tmp_path / "bad.dmb1").write_bytes(flipped(data, 8 * len(data) - 1))
    assert run("bad.dmb1").returncode == 8 and not (tmp_path / "out").exists()
    assert run("missing").returncode == 2


# --- backends ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("backend", sm4.BACKENDS, ids=lambda backend: backend.name)
def test_every_backend_that_is_installed_gives_the_known_answers_and_one_result(backend):
    if not all(sm4.answers(backend).values()):
        assert backend is not sm4.BACKENDS[-1], "the portable backend is always there"
        return
    chance = random.Random(7)
    for size in (0, 1, 15, 16, 17, 4096, 70_000):
        key, nonce, plain = chance.randbytes(16), chance.randbytes(12), chance.randbytes(size)
        whole = backend.gcm(key).encrypt(nonce, plain, b"aad")
        assert whole == sm4.BACKENDS[-1].gcm(key).encrypt(nonce, plain, b"aad")
        assert backend.gcm(key).decrypt(nonce, whole, b"aad") == plain
        for bad in (whole[:-1] + bytes([whole[-1] ^ 1]), bytes([whole[0] ^ 1]) + whole[1:]):
            assert backend.gcm(key).decrypt(nonce, bad, b"aad") is None
        assert backend.gcm(key).decrypt(nonce, whole, b"other") is None


def test_a_backend_that_answers_wrongly_is_passed_over(monkeypatch):
    class Wrong:
        def __init__(self, key):
            pass

        def encrypt(self, nonce, plain, aad=b""):
            return plain + bytes(16)

        def decrypt(self, nonce, sealed, aad=b""):
            return sealed[:-16]

    wrong = sm4.Backend("wrong", Wrong, lambda key, data: data)
    monkeypatch.setattr(sm4, "BACKENDS", (wrong, sm4.BACKENDS[-1]))
    sm4.backend.cache_clear()
    try:
        assert sm4.backend().name == "cryptography"
        monkeypatch.setattr(sm4, "BACKENDS", (wrong,))
        sm4.backend.cache_clear()
        with pytest.raises(sm4.NoBackend):
            sm4.backend()
    finally:
        monkeypatch.undo()
        sm4.backend.cache_clear()


# --- another key in place ---------------------------------------------------------------------------------------


def test_another_key_takes_the_same_room_and_an_interrupted_change_is_finished(tmp_path, monkeypatch):
    path = tmp_path / "f.dmb1"
    done = crypto.seal_file(b"x" * 100_000, path, label=LABEL, kek=KEK)
    before, inode = path.read_bytes(), path.stat().st_ino
    with monkeypatch.context() as cut_short:  # the process dies when the new head stands beside the file
        cut_short.setattr("dingmi.engines.crypto.container.settle", lambda p: None)
        crypto.rewrap_file(path, old=KEK, new=OTHER, shred=done.shred)
    assert path.read_bytes() == before and (tmp_path / "f.dmb1.head").exists()
    crypto.settle(path)
    assert [p.name for p in tmp_path.iterdir()] == ["f.dmb1"] and path.stat().st_ino == inode
    assert crypto.open_bytes(path.read_bytes(), kek=OTHER, shred=done.shred)[0] == b"x" * 100_000
    assert len(path.read_bytes()) == len(before)
    with path.open("rb") as file:
        assert crypto.key_ids(file) == (OTHER.id,)


def test_a_torn_head_is_made_whole_by_the_one_beside_it(tmp_path):
    path = tmp_path / "f.dmb1"
    done = crypto.seal_file(b"plain", path, label=LABEL, kek=KEK)
    old = path.read_bytes()
    crypto.rewrap_file(path, old=KEK, new=OTHER, shred=done.shred)
    new, chunks = path.read_bytes(), parts(old)[2]
    path.write_bytes(new[: chunks // 2] + old[chunks // 2 :])
    (tmp_path / "f.dmb1.head").write_bytes(new[:chunks])
    crypto.settle(path)
    assert path.read_bytes() == new and crypto.open_bytes(new, kek=OTHER, shred=done.shred)[0] == b"plain"
