"""DMB1: round trips at every border, and every tamper refused with the one error."""

from __future__ import annotations

import io
import resource
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dingmi.base.errors import Invalid, Tampered
from dingmi.engines import crypto
from dingmi.engines.crypto import container, keys

KEK = keys.generate("shui-J-1")
LABEL = {"v": 1, "level": "机密", "mark": "机密★10年"}
CHUNK = 4096


def sealed_in_chunks(plain: bytes, chunk: int = CHUNK) -> tuple[bytes, crypto.Sealed]:
    out = io.BytesIO()
    done = crypto.seal(plain, out, label=LABEL, kek=KEK, chunk_size=chunk)
    return out.getvalue(), done


def head_length(data: bytes) -> int:
    (header,) = struct.unpack_from(">I", data)
    (slots,) = struct.unpack_from(">H", data, 4 + header)
    return 4 + header + 2 + slots + 32


def refused(data: bytes, shred: bytes, kek: keys.LevelKey = KEK) -> bool:
    out = io.BytesIO()
    with pytest.raises(Tampered) as caught:
        crypto.open_sealed(io.BytesIO(data), out, kek=kek, shred=shred)
    return caught.value.code == "cipher.not_authentic" and not caught.value.params


@pytest.mark.parametrize(
    "size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK - 1, 2 * CHUNK, 2 * CHUNK + 1, 5 * CHUNK]
)
def test_round_trip_at_chunk_borders(size):
    plain = bytes(i * 7 % 251 for i in range(size))
    data, done = sealed_in_chunks(plain)
    assert crypto.open_bytes(data, kek=KEK, shred=done.shred) == (plain, LABEL)
    assert done.size == len(data) == head_length(data) + size + 16 * max(1, -(-size // CHUNK))
    assert crypto.read_label(io.BytesIO(data)) == LABEL
    assert size < 8 or plain[:8] not in data


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=3 * CHUNK), st.integers(0, 4 * CHUNK), st.integers(0, 4 * CHUNK))
def test_random_access_reads_the_same_bytes(plain, offset, length):
    data, done = sealed_in_chunks(plain)
    reader = crypto.Reader(io.BytesIO(data), kek=KEK, shred=done.shred)
    assert reader.read(offset, length) == plain[offset : offset + length]
    assert (reader.size, reader.fid, reader.header_digest) == (len(plain), done.fid, done.header_digest)


def test_every_flipped_bit_of_the_head_is_refused():
    data, done = sealed_in_chunks(b"body")
    for bit in range(head_length(data) * 8):
        bad = bytearray(data)
        bad[bit // 8] ^= 1 << bit % 8
        assert refused(bytes(bad), done.shred), bit


def test_every_truncation_and_extension_is_refused():
    data, done = sealed_in_chunks(b"x" * (CHUNK + 10))
    for cut in [*range(0, head_length(data) + 20), *range(head_length(data) + 20, len(data), 97), len(data) - 1]:
        assert refused(data[:cut], done.shred), cut
    assert refused(data + b"\0", done.shred)


def test_swapped_dropped_and_doubled_chunks_are_refused():
    data, done = sealed_in_chunks(b"".join(bytes([i]) * CHUNK for i in range(4)))
    head, step = data[: head_length(data)], CHUNK + 16
    chunks = [data[len(head) + i * step : len(head) + (i + 1) * step] for i in range(4)]
    for order in ([1, 0, 2, 3], [0, 1, 3, 2], [0, 1, 2], [0, 0, 2, 3], [0, 1, 2, 3, 3], [3, 2, 1, 0]):
        assert refused(head + b"".join(chunks[i] for i in order), done.shred), order


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_flipped_payload_bits_are_refused(data):
    sealed, done = sealed_in_chunks(b"p" * (2 * CHUNK + 5))
    bit = data.draw(st.integers(head_length(sealed) * 8, len(sealed) * 8 - 1))
    bad = bytearray(sealed)
    bad[bit // 8] ^= 1 << bit % 8
    assert refused(bytes(bad), done.shred)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_noise_is_refused_not_crashed_on(noise):
    assert refused(noise, b"\0" * 32)
    assert refused(struct.pack(">I", 70) + b"DMB1\x01\x01" + noise, b"\0" * 32)


def test_other_level_other_secret_and_other_file_stay_closed():
    data, done = sealed_in_chunks(b"one")
    other, other_done = sealed_in_chunks(b"two")
    assert refused(data, done.shred, keys.generate("shui-T-1"))
    assert refused(data, done.shred, keys.LevelKey(KEK.id, b"\1" * 32))
    assert refused(data, other_done.shred)
    assert refused(data[: head_length(data)] + other[head_length(other) :], done.shred)


def test_no_byte_leaves_before_its_chunk_is_authentic(tmp_path):
    data, done = sealed_in_chunks(b"a" * CHUNK + b"b" * CHUNK)
    bad = bytearray(data)
    bad[-20] ^= 1
    out = io.BytesIO()
    with pytest.raises(Tampered):
        crypto.open_sealed(io.BytesIO(bytes(bad)), out, kek=KEK, shred=done.shred)
    assert b"b" not in out.getvalue()
    (tmp_path / "in").write_bytes(bad)
    with pytest.raises(Tampered):
        crypto.open_file(tmp_path / "in", tmp_path / "out", kek=KEK, shred=done.shred)
    assert [p.name for p in tmp_path.iterdir()] == ["in"]


def test_rewrap_changes_the_key_and_nothing_else(tmp_path):
    new, path = keys.generate("shui-J-2"), tmp_path / "file.dmb"
    done = crypto.seal_file(b"plain" * 5000, path, label=LABEL, kek=KEK)
    before = path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
    crypto.rewrap_file(path, old=KEK, new=new, shred=done.shred)
    after = path.read_bytes()
    assert refused(after, done.shred)
    assert crypto.open_bytes(after, kek=new, shred=done.shred) == (b"plain" * 5000, LABEL)
    assert before[head_length(before) :] == after[head_length(after) :]
    assert crypto.Reader(io.BytesIO(after), kek=new, shred=done.shred).header_digest == done.header_digest


def test_source_that_shrinks_or_cannot_be_measured_is_refused(tmp_path):
    class Shrinking(io.BytesIO):
        def read(self, count=-1):
            return super().read(count)[:0]

    with pytest.raises(Invalid, match="source_changed"):
        crypto.seal_file(Shrinking(b"x" * 10), tmp_path / "f", label=LABEL, kek=KEK)
    assert list(tmp_path.iterdir()) == []


def test_label_too_large_is_refused_before_writing():
    with pytest.raises(Invalid, match="label_too_large"):
        crypto.seal_bytes(b"", label={"x": "y" * container.MAX_HEADER}, kek=KEK)


def test_memory_stays_constant_for_a_large_file(tmp_path):
    source = tmp_path / "sparse"
    with source.open("wb") as handle:
        handle.truncate(64 * 1024 * 1024)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with source.open("rb") as handle:
        done = crypto.seal_file(handle, tmp_path / "sealed", label=LABEL, kek=KEK)
    crypto.open_file(tmp_path / "sealed", tmp_path / "back", kek=KEK, shred=done.shred)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 24 * 1024, f"{grown} KiB"
    assert (tmp_path / "back").stat().st_size == 64 * 1024 * 1024
