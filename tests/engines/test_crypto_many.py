"""T21 in numbers: no key and nonce come twice over ten million encryptions (SR-50), no tampered envelope opens (SR-51)."""

from __future__ import annotations

import multiprocessing
import random
import struct
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from dingmi.base.errors import Tampered
from dingmi.engines import crypto
from dingmi.engines.crypto import container, fields, keys
from dingmi.engines.crypto.hazmat import sm4
from tests import bars

WORKERS, ENCRYPTIONS, ENVELOPES = 8, 10_000_000, 10_000
PAIR = 28  # bytes of a key and its nonce
KEK = keys.LevelKey("shui-J-1", bytes(range(32)))
LABEL = {"v": 1, "level": "机密", "mark": "机密★10年"}


# --- nonces ------------------------------------------------------------------------------------------------------


class Noting:
    """A cipher that enciphers as ever, and notes under which key and nonce."""

    def __init__(self, key: bytes, kept: bytearray) -> None:
        self._key, self._kept, self._cipher = key, kept, sm4.cipher(key)

    def encrypt(self, nonce: bytes, plain: bytes, aad: bytes = b"") -> bytes:
        self._kept += self._key + nonce
        return self._cipher.encrypt(nonce, plain, aad)


def _encipher(place: Path, number: int) -> None:
    """Encipher so often with one level key: values of the database, and one in a hundred a file; a copy of the process at its start."""
    kept = bytearray()

    def noted(key: bytes, nonce: bytes, plain: bytes, aad: bytes = b"") -> bytes:
        return Noting(key, kept).encrypt(nonce, plain, aad)

    fields.gcm_encrypt = container.gcm_encrypt = keys.gcm_encrypt = noted  # type: ignore[attr-defined]
    container.cipher = lambda key: Noting(key, kept)  # type: ignore[attr-defined]
    plain, key = b"the same value", KEK.derive("field")
    while len(kept) < number * PAIR:
        if len(kept) // PAIR % 100 == 0:
            container.seal_bytes(plain, label=LABEL, kek=KEK)
        else:
            fields.encrypt_bytes(key, plain, b"matter.title.1")
    place.write_bytes(kept)


@pytest.mark.parametrize("number", [24_000, pytest.param(ENCRYPTIONS, marks=pytest.mark.deep)])
def test_no_key_and_nonce_come_twice_from_eight_processes_with_one_key(
    tmp_path: Path, bar: bars.Reached, number: int
) -> None:
    """The eight are forked from one process, as restored copies of one installation are: they begin in the same state."""
    wanted = bars.part(number) if number == ENCRYPTIONS else number
    places = [tmp_path / str(worker) for worker in range(WORKERS)]
    fork = multiprocessing.get_context("fork")
    workers = [fork.Process(target=_encipher, args=(place, -(-wanted // WORKERS))) for place in places]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0] * WORKERS
    pairs = np.concatenate([np.fromfile(place, np.uint8).reshape(-1, PAIR) for place in places])
    made, heads = len(pairs), pairs[:, 0]
    different = sum(len({pair.tobytes() for pair in pairs[heads == head]}) for head in range(256))  # a few held at once
    assert made >= wanted and different == made
    if number == ENCRYPTIONS:
        bar("T21 encryptions", made, ENCRYPTIONS)


# --- envelopes ---------------------------------------------------------------------------------------------------

CHUNK = container.MIN_CHUNK
Tamper = Callable[["Envelope", random.Random], bytes]


class Envelope:
    """A container of three chunks, with the places of its parts."""

    def __init__(self, number: int) -> None:
        self.plain = bytes((number + i) % 251 for i in range(2 * CHUNK + 500))
        out = container.io.BytesIO()
        self.shred = crypto.seal(self.plain, out, label=LABEL, kek=KEK, chunk_size=CHUNK).shred
        self.data = out.getvalue()
        (header,) = struct.unpack_from(">I", self.data)
        (slots,) = struct.unpack_from(">H", self.data, 4 + header)
        label = 4 + container._FIXED.size
        ends = {
            "magic": 8,
            "version": 10,
            "chunk": 14,
            "length": 22,
            "fid": 38,
            "salt": 54,
            "label": label,
            "text": 4 + header,
        }
        ends |= {"slot": 6 + header + 5, "name": 6 + header + 5 + len(KEK.id), "wrapped": 6 + header + 120}
        ends |= {"padding": 6 + header + slots, "mac": 38 + header + slots}
        first = ends["mac"]
        for number in range(3):
            size = min(CHUNK, len(self.plain) - number * CHUNK)
            ends |= {f"chunk {number}": first + size, f"tag {number}": first + size + 16}
            first += size + 16
        assert first == len(self.data)
        begins = [0, *ends.values()][:-1]
        self.parts = {name: (begin, end) for (name, end), begin in zip(ends.items(), begins, strict=True)}


def _bit(part: str) -> Tamper:
    def flip(one: Envelope, chance: random.Random) -> bytes:
        begin, end = one.parts[part]
        data = bytearray(one.data)
        data[chance.randrange(begin, end)] ^= 1 << chance.randrange(8)
        return bytes(data)

    return flip


def _cut(one: Envelope, chance: random.Random) -> bytes:
    return one.data[: chance.randrange(len(one.data))]


def _longer(one: Envelope, chance: random.Random) -> bytes:
    return one.data + chance.randbytes(chance.randrange(1, 40))


def _noise(one: Envelope, chance: random.Random) -> bytes:
    begin = chance.randrange(len(one.data) - 40)
    return one.data[:begin] + chance.randbytes(40) + one.data[begin + 40 :]


def _gone(one: Envelope, chance: random.Random) -> bytes:
    begin = chance.randrange(len(one.data) - 1)
    return one.data[:begin] + one.data[begin + chance.randrange(1, 40) :]


def _spliced(one: Envelope, chance: random.Random) -> bytes:
    other = Envelope(chance.randrange(10**6))
    begin, end = one.parts[chance.choice([part for part in one.parts if part not in ALIKE])]
    return one.data[:begin] + other.data[begin:end] + one.data[end:]


ALIKE = (
    "magic",
    "version",
    "chunk",
    "length",
    "label",
    "text",
    "slot",
    "name",
    "padding",
)  # the same in every envelope of this size
PARTS = tuple(Envelope(0).parts)
CLASSES: dict[str, Tamper] = {f"a bit of {part}": _bit(part) for part in PARTS}
CLASSES |= {"cut": _cut, "longer": _longer, "noise": _noise, "bytes gone": _gone, "spliced": _spliced}


@pytest.mark.parametrize("number", [900, pytest.param(ENVELOPES, marks=pytest.mark.deep)])
def test_tampered_envelopes_all_fail_with_one_error(bar: bars.Reached, number: int) -> None:
    wanted, made, opened = bars.part(number) if number == ENVELOPES else number, Counter[str](), []
    chance, kinds = random.Random(number), list(CLASSES)
    envelopes = [Envelope(each) for each in range(20)]
    for one in envelopes:
        assert crypto.open_bytes(one.data, kek=KEK, shred=one.shred) == (one.plain, LABEL)
    while sum(made.values()) < wanted:
        kind, one = kinds[sum(made.values()) % len(kinds)], chance.choice(envelopes)
        tampered = CLASSES[kind](one, chance)
        made[kind] += 1
        try:
            crypto.open_bytes(tampered, kek=KEK, shred=one.shred)
            opened.append(kind)
        except Tampered as error:
            assert (error.code, error.params, error.clauses) == ("cipher.not_authentic", {}, ()), kind
    assert opened == [] and min(made[kind] for kind in kinds) >= wanted // len(kinds)
    if number == ENVELOPES:
        bar("T21 tampered envelopes", sum(made.values()), ENVELOPES)


def test_another_key_another_secret_and_another_place_open_no_envelope_and_no_field() -> None:
    one = Envelope(1)
    other, sealed = keys.LevelKey("shui-J-1", bytes(range(1, 33))), fields.encrypt_bytes(bytes(32), b"title", b"row 1")
    tries: list[Callable[[], object]] = [
        lambda: crypto.open_bytes(one.data, kek=other, shred=one.shred),
        lambda: crypto.open_bytes(one.data, kek=KEK, shred=Envelope(2).shred),
        lambda: fields.decrypt_bytes(bytes(32), sealed, b"row 2"),
        lambda: fields.decrypt_bytes(bytes([1] * 32), sealed, b"row 1"),
        *(lambda cut=cut: fields.decrypt_bytes(bytes(32), sealed[:cut], b"row 1") for cut in range(len(sealed))),
    ]
    for attempt in tries:
        with pytest.raises(Tampered) as caught:
            attempt()
        assert (caught.value.code, caught.value.params) == ("cipher.not_authentic", {})
