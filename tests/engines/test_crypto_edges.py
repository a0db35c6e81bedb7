"""The tree, the container, SM2 and the doors to SM4 at every edge, by small exhaustive loops."""

from __future__ import annotations

import ctypes
import io
import os
import secrets
import struct
from pathlib import Path

import pytest

from dingmi.base.errors import Invalid, Tampered
from dingmi.engines import crypto
from dingmi.engines.crypto import container, keys, merkle
from dingmi.engines.crypto.hazmat import gcrypt, portable, sm2, sm4

KEK = keys.LevelKey("shui-J-1", bytes(range(32)))
LEAVES = [merkle.leaf_hash(bytes([number])) for number in range(18)]


# --- the tree ----------------------------------------------------------------------------------------------------


def subtree(leaves: list[bytes]) -> bytes:
    """RFC 6962 2.1 word for word."""
    if not leaves:
        return crypto.sm3(b"")
    if len(leaves) == 1:
        return leaves[0]
    k = max(power for power in (1, 2, 4, 8, 16) if power < len(leaves))
    return crypto.sm3(b"\1" + subtree(leaves[:k]) + subtree(leaves[k:]))


def path(leaves: list[bytes], index: int) -> tuple[bytes, ...]:
    """RFC 6962 2.1.1 word for word."""
    if len(leaves) == 1:
        return ()
    k = max(power for power in (1, 2, 4, 8, 16) if power < len(leaves))
    if index < k:
        return (*path(leaves[:k], index), subtree(leaves[k:]))
    return (*path(leaves[k:], index - k), subtree(leaves[:k]))


def wrong(proof: tuple[bytes, ...], head: bytes) -> list[tuple[bytes, ...]]:
    """Return proofs that differ by one step."""
    bad = [(*proof, head), (head, *proof), (*proof, *proof[-1:]) if proof else (head, head)]
    for place in range(len(proof)):
        bad += [proof[:place] + proof[place + 1 :], (*proof[:place], crypto.sm3(proof[place]), *proof[place + 1 :])]
    return bad


@pytest.mark.parametrize("size", range(1, 18))
def test_each_leaf_is_shown_by_its_path_and_by_nothing_else(size: int) -> None:
    leaves, head = LEAVES[:size], subtree(LEAVES[:size])
    assert merkle.root(leaves) == head
    assert merkle.inclusion_proofs(leaves, range(size)) == [path(leaves, index) for index in range(size)]
    for index in range(size):
        proof = merkle.inclusion_proof(leaves, index)
        assert proof == path(leaves, index)
        assert merkle.verify_inclusion(leaves[index], index, size, proof, head) is True
        for bad in wrong(proof, head):
            assert merkle.verify_inclusion(leaves[index], index, size, bad, head) is False
        for other in (-1, *(n for n in range(size + 2) if n != index)):
            assert merkle.verify_inclusion(leaves[index], other, size, proof, head) is False
        assert merkle.verify_inclusion(LEAVES[17], index, size, proof, head) is False
        assert merkle.verify_inclusion(leaves[index], index, size, proof, crypto.sm3(head)) is False


@pytest.mark.parametrize("size", range(1, 18))
def test_each_earlier_size_is_shown_by_its_proof_and_by_nothing_else(size: int) -> None:
    leaves, head = LEAVES[:size], subtree(LEAVES[:size])
    for old in range(1, size + 1):
        earlier, proof = subtree(LEAVES[:old]), merkle.consistency_proof(leaves, old)
        assert merkle.verify_consistency(old, size, earlier, head, proof) is True
        for bad in wrong(proof, head):
            assert merkle.verify_consistency(old, size, earlier, head, bad) is False
        assert merkle.verify_consistency(old, size, crypto.sm3(earlier), head, proof) is False
        assert merkle.verify_consistency(old, size, earlier, crypto.sm3(head), proof) is False
        assert merkle.verify_consistency(0, size, earlier, head, proof) is False
        assert merkle.verify_consistency(size + 1, size, earlier, head, proof) is False
    assert merkle.verify_consistency(size, size, head, crypto.sm3(head), ()) is False


def test_proofs_of_rfc_6962_have_their_parts_in_their_order() -> None:
    a, b, c, d, e, f, j = LEAVES[:7]
    g, h, i = (merkle.node_hash(x, y) for x, y in ((a, b), (c, d), (e, f)))
    k, l = merkle.node_hash(g, h), merkle.node_hash(i, j)  # noqa: E741 - the letters of RFC 6962 2.1.3
    seven = LEAVES[:7]
    assert merkle.inclusion_proof(seven, 0) == (b, h, l) and merkle.inclusion_proof(seven, 6) == (i, k)
    assert merkle.consistency_proof(seven, 3) == (c, d, g, l)
    assert merkle.consistency_proof(seven, 4) == (l,) and merkle.consistency_proof(seven, 6) == (i, j, k)


def test_a_frontier_grows_to_the_root_of_its_leaves_and_cannot_be_made_up() -> None:
    edge = merkle.Frontier()
    assert edge.root() == merkle.root([]) == crypto.sm3(b"")
    for size, leaf in enumerate(LEAVES, 1):
        edge = edge.append(leaf)
        assert edge.size == size and edge.root() == subtree(LEAVES[:size])
    for size, hashes in ((-1, ()), (3, (b"x",)), (1, ()), (0, (b"x",)), (-1, (b"x",))):
        with pytest.raises(ValueError, match="frontier"):
            merkle.Frontier(size, hashes)
    for bad in (-1, 3):
        with pytest.raises(IndexError):
            merkle.inclusion_proof(LEAVES[:3], bad)
        with pytest.raises(IndexError):
            merkle.inclusion_proofs(LEAVES[:3], [0, bad])
    for bad in (-1, 0, 4):
        with pytest.raises(IndexError):
            merkle.consistency_proof(LEAVES[:3], bad)
    assert merkle.leaf_hash(b"a") == crypto.sm3(b"\0a") != merkle.node_hash(b"a", b"")


# --- SM2 ---------------------------------------------------------------------------------------------------------

SECRET = bytes.fromhex("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8")  # GB/T 32918.5-2017 A.2
PUBLIC = bytes.fromhex(
    "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)
ONE = (1).to_bytes(32, "big")
BASE = sm2._bytes(sm2.GX, sm2.GY)


def number(value: int) -> bytes:
    return value.to_bytes(32, "big")


def test_keys_and_points_of_sm2_are_those_of_the_standard() -> None:
    assert sm2.public_key(SECRET) == PUBLIC and sm2.public_key(ONE) == BASE
    assert sm2.message_digest(PUBLIC, b"message digest").hex() == (
        "f0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640"
    )
    for bad in (number(0), number(sm2.N - 1), number(sm2.N), SECRET[1:], b"\0" + SECRET):
        with pytest.raises(ValueError, match="private key"):
            sm2.public_key(bad)
    last = number(sm2.N - 2)
    assert sm2.verify(sm2.public_key(last), b"m", sm2.sign(last, b"m"))


def test_sums_of_points_are_right_where_they_meet_themselves_and_their_opposite() -> None:
    base, none = (sm2.GX, sm2.GY, 1), sm2._INFINITY
    opposite = (sm2.GX, sm2.P - sm2.GY, 1)
    assert sm2._add(base, opposite) == none and sm2._add(none, base) == base and sm2._add(base, none) == base
    assert sm2._affine(sm2._add(base, base)) == sm2._affine(sm2._double(base)) == sm2._affine(sm2._times_base(2))
    assert sm2._double(none) == none and sm2._double((5, 0, 1)) == none and sm2._times_base(sm2.N)[2] == 0
    five = sm2._affine(sm2._times_base(5))
    for k in (0, 1, 2, 15, 16, 17, 2**255 + 9, sm2.N - 1):
        one, other = sm2._times(k, five), sm2._times_base(5 * k % sm2.N)
        assert (not one[2] and not other[2]) or sm2._affine(one) == sm2._affine(other)


def test_only_a_signature_in_range_over_this_message_by_this_name_is_right() -> None:
    good = sm2.sign(SECRET, b"message")
    r, s = good[:32], good[32:]
    assert sm2.verify(PUBLIC, b"message", good) is True and sm2.sign(SECRET, b"message") != good
    assert sm2.verify(PUBLIC, b"message", sm2.sign(SECRET, b"message", b"other")) is False
    assert sm2.verify(PUBLIC, b"message", sm2.sign(SECRET, b"message", b"other"), b"other") is True
    outside = number(int.from_bytes(r, "big") + sm2.N) if int.from_bytes(r, "big") + sm2.N < 2**256 else number(sm2.N)
    for bad in (
        b"", r, good + b"\0", good[:-1], s + r, number(0) + s, r + number(0), number(sm2.N) + s, r + number(sm2.N),
        outside + s, number(1) + number(sm2.N - 1), number(0) + number(0),
    ):  # fmt: skip
        assert sm2.verify(PUBLIC, b"message", bad) is False
    x = PUBLIC[:32]
    for key in (
        b"",
        x,
        PUBLIC + b"\0",
        PUBLIC[:-1] + b"\x14",
        number(sm2.P) + PUBLIC[32:],
        x + number(sm2.P),
        bytes(64),
    ):
        assert sm2.verify(key, b"message", good) is False
    again = number(sm2.P - int.from_bytes(PUBLIC[32:], "big"))
    assert sm2.verify(x + again, b"message", good) is False


def test_a_point_beyond_the_field_is_no_key_though_its_remainder_is_one() -> None:
    """(0, √B) is on the curve; so would (P, √B) be, were it not for its size."""
    root = pow(sm2.B, (sm2.P + 1) // 4, sm2.P)
    assert root * root % sm2.P == sm2.B and sm2._point(number(0) + number(root)) == (0, root)
    with pytest.raises(ValueError, match="public key"):
        sm2._point(number(sm2.P) + number(root))


def test_forged_signatures_that_lead_nowhere_are_refused() -> None:
    """With the key of 1, r and s can be chosen so that the sum of points is none, or so that t is."""
    t = 7
    s = sm2.N - t  # s·G + t·G is the point that is none
    assert sm2.verify(BASE, b"m", number((t - s) % sm2.N) + number(s)) is False


def test_a_signature_draws_again_while_a_part_of_it_would_be_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    public = sm2.public_key(SECRET)
    e, d = int.from_bytes(sm2.message_digest(public, b"m"), "big"), int.from_bytes(SECRET, "big")
    drawn, asked = iter((3, 5, 7, 11)), []

    def point(k: int) -> tuple[int, int, int]:
        asked.append(k)
        x = {3: -e % sm2.N, 5: (sm2.N - 5 - e) % sm2.N, 7: (7 * pow(d, -1, sm2.N) - e) % sm2.N, 11: 99}[k]
        return (x, 1, 1)

    monkeypatch.setattr(sm2, "public_key", lambda private: public)
    monkeypatch.setattr(sm2, "_times_base", point)
    monkeypatch.setattr(sm2, "_nonces", lambda private, digest: next(drawn))
    signed = sm2.sign(SECRET, b"m")
    assert asked == [3, 5, 7, 11] and signed[:32] == number((e + 99) % sm2.N)


def test_nonces_come_from_key_digest_and_chance_and_are_never_none(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []
    monkeypatch.setattr(secrets, "token_bytes", lambda size: drawn.append(size) or bytes([len(drawn)]) * size)
    first, second = sm2._nonces(SECRET, bytes(32)), sm2._nonces(SECRET, bytes(32))
    assert drawn == [32, 32] and first != second
    seed = crypto.hmac_sm3(SECRET, bytes(32) + b"\1" * 32)
    assert first == int.from_bytes(seed + crypto.hmac_sm3(SECRET, seed), "big") % sm2.N
    monkeypatch.setattr(sm2, "hmac_sm3", lambda key, data: bytes(32) if len(drawn) < 4 else b"\0" * 31 + b"\5")
    assert sm2._nonces(SECRET, bytes(32)) and len(drawn) == 4


def test_a_fresh_key_is_in_range_at_both_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(secrets, "randbelow", lambda top: asked.append(top) or 0)
    assert sm2.generate() == ONE and asked == [sm2.N - 2]
    monkeypatch.setattr(secrets, "randbelow", lambda top: top - 1)
    assert sm2.public_key(sm2.generate())


# --- the doors to SM4 --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "backend", [one for one in sm4.BACKENDS if all(sm4.answers(one).values())], ids=lambda one: one.name
)
def test_each_backend_binds_what_goes_with_a_message_and_takes_an_empty_one(backend: sm4.Backend) -> None:
    cipher, nonce = backend.gcm(bytes(16)), bytes(12)
    empty = cipher.encrypt(nonce, b"", b"aad")
    assert len(empty) == 16 and cipher.decrypt(nonce, empty, b"aad") == b""
    assert cipher.decrypt(nonce, empty, b"") is None and cipher.decrypt(nonce, empty, b"other") is None
    assert cipher.decrypt(bytes(11) + b"\1", empty, b"aad") is None
    assert backend.gcm(b"\1" * 16).decrypt(nonce, empty, b"aad") is None
    whole = cipher.encrypt(nonce, b"text")
    assert len(whole) == 20 and cipher.decrypt(nonce, whole) == b"text" and cipher.decrypt(nonce, whole, b"a") is None
    assert backend.block(
        bytes.fromhex("0123456789abcdeffedcba9876543210"), bytes.fromhex("0123456789abcdeffedcba9876543210")
    ).hex() == ("681edf34d206965e86b3e94f536e4246")


@pytest.mark.parametrize(
    "part", ["block", "encrypt", "decrypt", "tag", "aad", "breaks"], ids=lambda part: f"wrong-{part}"
)
def test_a_backend_is_used_only_with_every_known_answer(part: str) -> None:
    class Odd(portable.Gcm):
        def encrypt(self, nonce: bytes, plain: bytes, aad: bytes = b"") -> bytes:
            if part == "breaks":
                raise OSError
            return bytes(80) if part == "encrypt" else super().encrypt(nonce, plain, aad)

        def decrypt(self, nonce: bytes, sealed: bytes, aad: bytes = b"") -> bytes | None:
            found = super().decrypt(nonce, sealed, aad)
            if part == "decrypt" and found is not None:
                return b"other"
            if part == "tag" and aad and found is None:
                return b"released"
            return b"released" if part == "aad" and not aad else found

    block = (lambda key, data: data) if part == "block" else portable.block
    expected = {"SM4": part not in ("block", "breaks"), "SM4-GCM": part == "block"}
    assert sm4.answers(sm4.Backend("odd", Odd, block)) == expected


def test_less_than_a_tag_is_not_authentic() -> None:
    keyed = sm4.cipher(bytes(16))
    for short in (b"", bytes(15)):
        with pytest.raises(sm4.NotAuthentic):
            sm4.checked(keyed, bytes(12), short)
    assert sm4.checked(keyed, bytes(12), keyed.encrypt(bytes(12), b"")) == b""
    assert sm4.gcm_decrypt(bytes(16), bytes(12), sm4.gcm_encrypt(bytes(16), bytes(12), b"p", b"a"), b"a") == b"p"


@pytest.mark.filterwarnings("error")
def test_a_library_that_is_missing_or_too_old_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    class Old:
        class gcry_check_version:
            def __new__(cls, wanted: bytes) -> bytes | None:  # type: ignore[misc]
                assert wanted == b"1.10.0"
                return None

    asked: list[str] = []

    def load(name: str) -> object:
        asked.append(name)
        if len(asked) == 1:
            raise OSError
        return Old

    gcrypt.load.cache_clear()
    try:
        monkeypatch.setattr(gcrypt.ctypes.util, "find_library", lambda name: None if name == "gcrypt" else name)
        monkeypatch.setattr(gcrypt.ctypes, "CDLL", load)
        for _ in range(2):
            with pytest.raises(gcrypt.NoLibrary):
                gcrypt.load()
        assert asked == ["libgcrypt.so.20"] * 2
        assert sm4.answers(sm4.BACKENDS[0]) == {"SM4": False, "SM4-GCM": False}
    finally:
        monkeypatch.undo()
        gcrypt.load.cache_clear()


def test_the_library_refuses_what_is_no_key() -> None:
    if not all(sm4.answers(sm4.BACKENDS[0]).values()):
        pytest.skip("no libgcrypt here")
    with pytest.raises(gcrypt.NoLibrary):
        gcrypt.Gcm(bytes(15))
    with pytest.raises(gcrypt.NoLibrary):
        gcrypt.Gcm(bytes(16)).encrypt(b"", b"p")


# --- the container -----------------------------------------------------------------------------------------------


def sealed(
    plain: bytes = b"plain", size: int | None = None, label: dict[str, object] | None = None
) -> tuple[bytes, crypto.Sealed]:
    out = io.BytesIO()
    return (lambda done: (out.getvalue(), done))(
        crypto.seal(plain, out, label=label or {"level": "机密"}, kek=KEK, chunk_size=size)
    )


def refused(data: bytes, shred: bytes = bytes(32)) -> None:
    with pytest.raises(Tampered, match=r"cipher\.not_authentic"):
        crypto.Reader(io.BytesIO(data), kek=KEK, shred=shred)


def test_chunks_and_labels_reach_to_their_limits_and_not_beyond() -> None:
    for good in (4096, 16 << 20):
        data, done = sealed(size=good)
        assert crypto.open_bytes(data, kek=KEK, shred=done.shred)[0] == b"plain"
    for bad in (4095, (16 << 20) + 1, -1):
        with pytest.raises(Invalid, match=r"cipher\.chunk_size"):
            sealed(size=bad)
    room = 60_000 - 54 - len('{"x":""}')
    data, done = sealed(label={"x": "y" * room})
    assert crypto.open_bytes(data, kek=KEK, shred=done.shred)[1] == {"x": "y" * room}
    with pytest.raises(Invalid, match=r"cipher\.label_too_large") as caught:
        sealed(label={"x": "y" * (room + 1)})
    assert caught.value.params == {"limit": 60_000}
    container._build_header({}, 2**32 * 4096 - 4096, 4096, bytes(16))
    with pytest.raises(Invalid, match=r"cipher\.too_large"):
        container._build_header({}, 2**32 * 4096 - 4095, 4096, bytes(16))


def test_small_files_have_small_chunks_and_large_ones_large(monkeypatch: pytest.MonkeyPatch) -> None:
    assert struct.unpack_from(">I", sealed()[0], 10) == (64 * 1024,)
    assert (container.LARGE_CHUNK, container.LARGE_FILE) == (1 << 20, 16 << 20)
    monkeypatch.setattr(container, "LARGE_FILE", 100)
    assert struct.unpack_from(">I", sealed(bytes(100))[0], 10) == (64 * 1024,)
    assert struct.unpack_from(">I", sealed(bytes(101))[0], 10) == (1 << 20,)


def header(**change: object) -> bytes:
    values = {
        "magic": b"DMB1",
        "version": 1,
        "suite": 1,
        "chunk": 4096,
        "size": 5,
        "fid": bytes(16),
        "salt": bytes(16),
        "text": b"{}",
    }
    values |= change
    values.setdefault("length", len(values["text"]))  # type: ignore[arg-type]
    fixed = [values[name] for name in ("magic", "version", "suite", "chunk", "size", "fid", "salt", "length")]
    return struct.pack(">4sBBIQ16s16sI", *fixed) + values["text"]  # type: ignore[operator]


@pytest.mark.parametrize(
    "change",
    [{"magic": b"DMB2"}, {"version": 2}, {"suite": 2}, {"length": 3}, {"length": 1}, {"chunk": 4095}, {"chunk": (16 << 20) + 1},
     {"size": 2**32 * 4096 - 4095}, {"text": b"[]"}, {"text": b'{ }'}, {"text": b'{"b":1,"a":2}'}, {"text": b"{"}, {"text": b"\xff"},
     {"text": b'{"a":1.0}'}, {"text": b"[" * 50_000}, {"text": b'{"a":9007199254740992}'}, {"text": b'{"a":NaN}'}],
)  # fmt: skip
def test_a_header_that_says_what_none_says_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(Tampered, match=r"cipher\.not_authentic"):
        container.header_digest_and_label(header(**change))


def test_a_header_at_its_limits_is_read() -> None:
    for change in ({}, {"chunk": 16 << 20}, {"size": 2**32 * 4096 - 4096}, {"text": '{"a":"密"}'.encode()}):
        digest, label = container.header_digest_and_label(header(**change))
        assert digest == crypto.sm3(header(**change)) and isinstance(label, dict)
    with pytest.raises(Tampered, match=r"cipher\.not_authentic"):
        container.header_digest_and_label(header()[:53])


def test_lengths_in_a_head_are_bounded_before_anything_is_read() -> None:
    text = b'{"a":"' + b"y" * (60_000 - 54 - 8) + b'"}'
    longest = header(text=text)
    slots = struct.pack(">BH", 0, 4093) + bytes(4093)
    whole = struct.pack(">I", len(longest)) + longest + struct.pack(">H", len(slots)) + slots + bytes(32)
    assert len(longest) == 60_000 and len(slots) == 4096
    assert (
        crypto.read_label(io.BytesIO(whole)) == {"a": "y" * (60_000 - 62)} and crypto.key_ids(io.BytesIO(whole)) == ()
    )

    class Watched(io.BytesIO):
        asked = 0

        def read(self, size: int | None = -1, /) -> bytes:
            self.asked = max(self.asked, size or 0)
            return super().read(size)

    for bad in (
        struct.pack(">I", 60_001) + bytes(70_000),
        struct.pack(">I", 56) + header() + struct.pack(">H", 4097) + bytes(5000),
    ):
        source = Watched(bad)
        with pytest.raises(Tampered, match=r"cipher\.not_authentic"):
            crypto.read_label(source)
        assert source.asked <= 56


def rebuilt(data: bytes, slots: bytes) -> bytes:
    """Return the container with other slots; what follows them stays."""
    (length,) = struct.unpack_from(">I", data)
    (old,) = struct.unpack_from(">H", data, 4 + length)
    return data[: 4 + length] + struct.pack(">H", len(slots)) + slots + data[6 + length + old :]


def test_slots_that_are_torn_foreign_or_too_short_are_refused() -> None:
    data, done = sealed()
    (length,) = struct.unpack_from(">I", data)
    (room,) = struct.unpack_from(">H", data, 4 + length)
    slots = data[6 + length : 6 + length + room]
    (body,) = struct.unpack_from(">H", slots, 1)
    own = slots[: 3 + body]
    assert room == 512 and slots[0] == 1 and slots[3 + body] == 0 and not any(slots[3 + body + 3 :])
    for bad in (
        b"",
        b"\1",
        b"\1\0",
        own[:-1],
        own[3:],
        b"\2" + own[1:],
        b"\4" + own[1:],
        b"\1\0\0",
        struct.pack(">BH", 1, body - 1) + own[3:-1],
    ):
        refused(rebuilt(data, bad), done.shred)
    ids = crypto.key_ids(
        io.BytesIO(
            rebuilt(data, b"\1\0\0" + own + struct.pack(">BH", 4, 3) + b"\2hs" + struct.pack(">BH", 9, 2) + b"\1x")
        )
    )
    assert ids == ("shui-J-1", "hs")
    for torn in (own + b"\0", own + b"\0\0\1"):
        with pytest.raises(Tampered, match=r"cipher\.not_authentic"):
            crypto.key_ids(io.BytesIO(rebuilt(data, torn)))


def test_a_key_of_a_device_has_its_own_slot_and_its_own_form() -> None:
    class Device:
        id, slot = "card-1", 4

        def wrap(self, inner: bytes, header: bytes) -> bytes:
            return inner[::-1]

        def unwrap(self, wrapped: bytes, header: bytes) -> bytes:
            return wrapped[::-1]

    out = io.BytesIO()
    done = crypto.seal(b"plain", out, label={}, kek=Device())
    assert crypto.open_bytes(out.getvalue(), kek=Device(), shred=done.shred) == (b"plain", {})
    assert crypto.key_ids(io.BytesIO(out.getvalue())) == ("card-1",)
    refused(out.getvalue(), done.shred)


def test_slots_fill_the_least_room_that_holds_them() -> None:
    for length, room in ((0, 512), (509, 512), (510, 1024), (512, 1024)):
        assert len(container._padded(bytes(length))) == room


def test_reading_within_and_beyond_the_text() -> None:
    plain = bytes(i % 251 for i in range(3 * 4096))
    data, done = sealed(plain, 4096)
    reader = crypto.Reader(io.BytesIO(data), kek=KEK, shred=done.shred)
    for offset in (0, 1, 4095, 4096, 4097, 12287, 12288, 20_000):
        for length in (0, 1, 2, 4096, 4097, 30_000):
            assert reader.read(offset, length) == plain[offset : offset + length]
    for offset, length in ((-1, 1), (0, -1)):
        with pytest.raises(Invalid, match=r"cipher\.range"):
            reader.read(offset, length)
    asked: list[int] = []
    chunk = reader.chunk
    reader.chunk = lambda index: asked.append(index) or chunk(index)  # type: ignore[method-assign, func-returns-value]
    reader.read(4096, 4096)
    assert asked == [1]
    copied = io.BytesIO()
    assert reader.copy_sealed(copied) == 3 * (4096 + 16) and copied.getvalue() == data[reader.head_size :]
    reader.close()
    assert reader._src.closed


def test_a_source_is_read_from_where_it_stands_in_whatever_pieces_it_comes() -> None:
    class Dripping(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(size or 0, 7))

    source = Dripping(b"skipped" + bytes(range(100)))
    source.seek(7)
    out = io.BytesIO()
    done = crypto.seal(source, out, label={}, kek=KEK)
    assert crypto.open_bytes(out.getvalue(), kek=KEK, shred=done.shred)[0] == bytes(range(100))
    assert crypto.Reader(Dripping(out.getvalue()), kek=KEK, shred=done.shred).size == 100

    class Stream:
        def tell(self) -> int:
            raise OSError

    for bad in (Stream(), object()):
        with pytest.raises(Invalid, match=r"cipher\.source_not_seekable"):
            crypto.seal(bad, io.BytesIO(), label={}, kek=KEK)  # type: ignore[arg-type]
    for kind in (bytearray(b"x"), memoryview(b"x")):
        out = io.BytesIO()
        done = crypto.seal(kind, out, label={}, kek=KEK)  # type: ignore[arg-type]
        assert crypto.open_bytes(out.getvalue(), kek=KEK, shred=done.shred)[0] == b"x"
    assert repr(done.shred) not in repr(done)


def test_files_appear_whole_synced_and_for_their_owner_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[bool] = []
    fsync = os.fsync
    monkeypatch.setattr(
        os, "fsync", lambda handle: synced.append(os.path.isdir(f"/proc/self/fd/{handle}")) or fsync(handle)
    )
    done = crypto.seal_file(b"plain", tmp_path / "f", label={"a": 1}, kek=KEK)
    assert synced == [False, True]
    assert crypto.open_file(tmp_path / "f", tmp_path / "g", kek=KEK, shred=done.shred) == {"a": 1}
    with (tmp_path / "f").open("rb") as file:
        crypto.write_file(crypto.Reader(file, kek=KEK, shred=done.shred), tmp_path / "h")
    assert (tmp_path / "g").read_bytes() == (tmp_path / "h").read_bytes() == b"plain"
    assert {p.stat().st_mode & 0o777 for p in tmp_path.iterdir()} == {0o600}
    synced.clear()
    crypto.rewrap_file(tmp_path / "f", old=KEK, new=keys.generate("shui-J-2"), shred=done.shred)
    assert synced == [False, True, False]  # the head beside the file, its folder, the file
    assert sorted(p.name for p in tmp_path.iterdir()) == ["f", "g", "h"]
    with (tmp_path / "f").open("rb") as file:
        assert crypto.identity(file) == (done.fid, done.header_digest)


def test_what_went_wrong_is_told_even_where_the_half_written_file_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(name: str, target: Path) -> None:
        os.unlink(name)
        raise RuntimeError("lost")

    monkeypatch.setattr(os, "replace", lost)
    with pytest.raises(RuntimeError, match="lost"):
        crypto.seal_file(b"plain", tmp_path / "f", label={}, kek=KEK)
    assert list(tmp_path.iterdir()) == []


def test_a_change_of_key_that_was_broken_off_is_finished_before_the_next(tmp_path: Path) -> None:
    done = crypto.seal_file(b"plain", tmp_path / "f", label={}, kek=KEK)
    second, third = keys.generate("shui-J-2"), keys.generate("shui-J-3")
    with (tmp_path / "f").open("rb") as file:
        (tmp_path / "f.head").write_bytes(crypto.Reader(file, kek=KEK, shred=done.shred).rewrapped(second))
    crypto.rewrap_file(tmp_path / "f", old=second, new=third, shred=done.shred)
    assert crypto.open_bytes((tmp_path / "f").read_bytes(), kek=third, shred=done.shred)[0] == b"plain"


def test_another_key_that_takes_more_room_moves_the_chunks(tmp_path: Path) -> None:
    """As those sealed before slots were padded."""
    made = crypto.seal_file(bytes(5000), tmp_path / "f", label={}, kek=KEK)
    data = (tmp_path / "f").read_bytes()
    reader = crypto.Reader(io.BytesIO(data), kek=KEK, shred=made.shred)
    narrow = container._head(reader._header.raw, container._slot(reader._inner, reader._header.raw, KEK), reader._dek)
    (tmp_path / "f").write_bytes(narrow + data[reader.head_size :])
    new = keys.generate("shui-J-2")
    crypto.rewrap_file(tmp_path / "f", old=KEK, new=new, shred=made.shred)
    assert crypto.open_bytes((tmp_path / "f").read_bytes(), kek=new, shred=made.shred)[0] == bytes(5000)
    assert [p.name for p in tmp_path.iterdir()] == ["f"]


def test_a_signature_whose_numbers_are_out_of_range_is_none_even_where_its_equation_holds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def holds(r: int, s: int, public: bytes = PUBLIC) -> bytes:
        """Return a signature, and let the digest be the one for which the equation of the standard holds."""
        x, y = int.from_bytes(public[:32], "big"), int.from_bytes(public[-32:], "big")
        total = sm2._add(sm2._times_base(s % sm2.N), sm2._times((r + s) % sm2.N, (x, y)))
        monkeypatch.setattr(sm2, "message_digest", lambda *_: number((r - sm2._affine(total)[0]) % sm2.N))
        return number(r) + number(s)

    def is_taken(signature: bytes, public: bytes = PUBLIC) -> bool:
        return sm2.verify(public, b"", signature)

    good = holds(1, 1)
    assert is_taken(good) and is_taken(holds(7, 5)) and is_taken(holds(sm2.N - 1, 5)) and is_taken(holds(5, sm2.N - 1))
    for r, s in ((0, 5), (5, 0), (5, sm2.N), (5, sm2.N + 5), (sm2.N - 5, 5)):
        assert not is_taken(holds(r, s)), (r, s)
    good = holds(7, 5)
    assert not is_taken(good[:32] + b"\0" + good[32:]) and not is_taken(good[:32] + good[33:])
    assert not is_taken(good, PUBLIC[:32] + b"\0" + PUBLIC[32:])
    beside = PUBLIC[:63] + bytes([PUBLIC[63] ^ 1])
    assert not is_taken(holds(7, 5, beside), beside), "no point of the curve"


def test_libgcrypt_seals_where_it_is_installed_and_old_enough_to_know_the_cipher() -> None:
    try:
        library = ctypes.CDLL("libgcrypt.so.20")
    except OSError:
        pytest.skip("no libgcrypt here")
    library.gcry_check_version.restype = ctypes.c_char_p
    if not library.gcry_check_version(b"1.10.0"):
        pytest.skip("a libgcrypt of before SM4-GCM")
    assert sm4.backend() is sm4.BACKENDS[0] and sm4.backend().name == "libgcrypt"
    for one in sm4.BACKENDS:
        assert sm4.answers(one) == {"SM4": True, "SM4-GCM": True}, one.name
    cipher = gcrypt.Gcm(bytes(range(16)))
    sealed = cipher.encrypt(bytes(12), b"text", b"label")
    assert len(sealed) == 4 + 16 and portable.Gcm(bytes(range(16))).decrypt(bytes(12), sealed, b"label") == b"text"
    assert cipher.decrypt(bytes(12), sealed, b"label") == b"text" and cipher.decrypt(bytes(12), sealed, b"") is None
