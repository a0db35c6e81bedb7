"""Vectors and cross-checks for digests, canonical JSON, fields and keys."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata

import pytest
import rfc8785
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given, settings
from hypothesis import strategies as st

from dingmi.base.errors import Invalid, Tampered, Unavailable
from dingmi.engines import crypto
from dingmi.engines.crypto import digests, keys, passphrase, selftest

TEXTS = (
    st.text(max_size=20)
    .map(lambda t: unicodedata.normalize("NFC", t))
    .filter(lambda t: not any(0xD800 <= ord(c) <= 0xDFFF for c in t))
)
KEYS = st.text(alphabet=st.characters(max_codepoint=127), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=15,
)
KEY = b"\x07" * 32


def test_self_test_passes_every_known_answer():
    assert crypto.self_test() == {"SM3": True, "HMAC-SM3": True, "SM4": True, "SM4-GCM": True, "SM2": True}


def test_self_test_names_the_algorithm_that_answers_wrongly(monkeypatch):
    monkeypatch.setitem(selftest._CHECKS, "SM4-GCM", lambda: False)
    with pytest.raises(Unavailable) as caught:
        crypto.self_test()
    assert caught.value.params == {"algorithms": "SM4-GCM"}


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.binary(max_size=150))
def test_digests_agree_with_independent_implementations(data, key):
    assert crypto.sm3(data) == digests._sm3_portable(data) == hashlib.new("sm3", data).digest()
    other = HMAC(key or b"\0", hashes.SM3())
    other.update(data)
    assert crypto.hmac_sm3(key or b"\0", data) == other.finalize() == hmac.new(key or b"\0", data, "sm3").digest()
    assert crypto.keyed_sm3(key or b"\0")(data) == crypto.hmac_sm3(key or b"\0", data)
    derived = HKDF(hashes.SM3(), 77, salt=key or None, info=b"i").derive(data)
    assert crypto.hkdf_sm3(data, salt=key, info=b"i", length=77) == derived
    running = crypto.SM3(data[:10])
    running.update(data[10:])
    assert running.digest() == crypto.sm3(data)


@settings(max_examples=300, deadline=None)
@given(VALUES)
def test_canonical_writes_the_bytes_of_rfc_8785(value):
    assert crypto.canonical(value).encode() == rfc8785.dumps(value)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (1.0, "canonical.type"),
        ({"a": float("nan")}, "canonical.type"),
        (2**53, "canonical.integer_range"),
        ({"密": 1}, "canonical.key"),
        ({1: 1}, "canonical.key"),
        ("e\u0301", "canonical.not_nfc"),
        ("\ud800", "canonical.surrogate"),
        (b"x", "canonical.type"),
        ({1, 2}, "canonical.type"),
    ],
)
def test_canonical_refuses_what_has_two_spellings(value, code):
    with pytest.raises(Invalid) as caught:
        crypto.canonical(value)
    assert caught.value.code == code


def test_canonical_refuses_bottomless_nesting():
    deep: list = []
    for _ in range(100):
        deep = [deep]
    with pytest.raises(Invalid, match=r"canonical\.too_deep"):
        crypto.canonical(deep)


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=60).filter(lambda t: t.isprintable()), st.binary(max_size=20))
def test_field_opens_only_at_its_own_place(text, aad):
    sealed = crypto.encrypt_field(KEY, text, aad)
    assert crypto.decrypt_field(KEY, sealed, aad) == text
    for key, data, place in [
        (b"\x08" * 32, sealed, aad),
        (KEY, sealed, aad + b"x"),
        (KEY, sealed[:-1] + bytes([sealed[-1] ^ 1]), aad),
        (KEY, sealed[:-1], aad),
        (KEY, b"", aad),
    ]:
        with pytest.raises(Tampered, match=r"cipher\.not_authentic"):
            crypto.decrypt_field(key, data, place)


def test_equal_values_look_different_when_sealed():
    assert crypto.encrypt_field(KEY, "同", b"") != crypto.encrypt_field(KEY, "同", b"")


def test_every_flipped_bit_of_a_field_is_refused():
    sealed = crypto.encrypt_field(KEY, "城区供水应急调度预案", b"matter/1/title")
    for bit in range(len(sealed) * 8):
        bad = bytearray(sealed)
        bad[bit // 8] ^= 1 << bit % 8
        with pytest.raises(Tampered):
            crypto.decrypt_field(KEY, bytes(bad), b"matter/1/title")


@settings(max_examples=80, deadline=None)
@given(st.text(alphabet="定密责任人供水ABab１ -，", max_size=30), st.data())
def test_blind_index_never_misses_a_substring(text, data):
    folded = crypto.fold(text).replace(" ", "")
    if len(folded) < 2:
        assert crypto.blind_bigrams(KEY, text) == set()
        return
    start = data.draw(st.integers(0, len(folded) - 2))
    query = folded[start : data.draw(st.integers(start + 2, len(folded)))]
    assert crypto.query_bigrams(KEY, query) <= crypto.blind_bigrams(KEY, text)
    assert crypto.matches(text, query)


def test_blind_index_is_keyed_folded_and_short():
    tokens = crypto.blind_bigrams(KEY, "供水 ＡＢ")
    assert tokens == crypto.blind_bigrams(KEY, "供水，ab")
    assert {len(t) for t in tokens} == {8}
    assert not tokens & crypto.blind_bigrams(b"\x09" * 32, "供水 ＡＢ")
    assert crypto.query_bigrams(KEY, "水") == set()
    assert not crypto.matches("供水", "水")


def test_keys_round_trip_and_hide_their_secret():
    key = keys.generate("unit-J-1")
    assert keys.decode(keys.encode(key)) == key
    assert key.secret.hex() not in repr(key) and str(key.secret) not in repr(key)
    assert key.derive("field") != key.derive("index")
    assert len(key.derive("payload", 16)) == 16


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"null", b'{"v":1,"alg":"SM4","id":"a","secret":"AAAA"}', b"\xff"])
def test_broken_key_file_is_one_error(data):
    with pytest.raises(Invalid, match=r"key\.malformed"):
        keys.decode(data)


@pytest.mark.parametrize(
    "change",
    [
        {"memory_kib": 1},
        {"memory_kib": 2**40},
        {"passes": 0},
        {"salt": "00"},
        {"salt": "zz"},
        {"alg": "none"},
        {"lanes": None},
    ],
)
def test_parameters_of_a_passphrase_that_are_none_are_refused(change):
    kept = passphrase.parameters(passphrase.Cost(memory_kib=64, passes=1, lanes=1))
    words = "梅花 堤坝 三月 铜钟 river"
    key = passphrase.key_from_passphrase(words, kept, key_id="b")
    assert key == passphrase.key_from_passphrase(words, dict(kept), key_id="b")
    assert key != passphrase.key_from_passphrase(words + "!", kept, key_id="b")
    with pytest.raises(Invalid, match=r"key\.malformed"):
        passphrase.key_from_passphrase(words, kept | change, key_id="b")
