"""Every byte of every format as it was once written: a change of one is a change of the format, and old files would not open.

Chances are drawn from a counter, so that what is sealed here is the same each time; ``known.toml`` holds what came out.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import secrets
import tomllib
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from dingmi.base.errors import Invalid, Refused, Tampered, Unavailable
from dingmi.engines import crypto
from dingmi.engines.crypto import digests, keys, keystore, passphrase, selftest, shares, signing, totp
from dingmi.engines.crypto.hazmat import sm2, sm4

KNOWN = tomllib.loads(Path(__file__).with_name("known.toml").read_text(encoding="utf-8"))
WORDS = "梅花 堤坝 三月 铜钟 river lamp"
LIGHT = passphrase.Cost(memory_kib=64, passes=1, lanes=1)
LABEL = {"v": 1, "level": "机密", "mark": "机密★10年"}
KEK = keys.LevelKey("shui-J-1", bytes(range(32)))
SIGNING = bytes(range(1, 33))
AT = datetime(2026, 11, 26, 1, 2, 3, tzinfo=UTC)


@pytest.fixture(autouse=True)
def counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw every chance from a counter."""
    number = count()
    monkeypatch.setattr(
        secrets, "token_bytes", lambda size: crypto.hkdf_sm3(bytes([next(number)]), salt=b"", info=b"", length=size)
    )


def sealed(plain: bytes, size: int | None = None) -> tuple[bytes, crypto.Sealed]:
    out = io.BytesIO()
    return (lambda done: (out.getvalue(), done))(crypto.seal(plain, out, label=LABEL, kek=KEK, chunk_size=size))


def made() -> dict[str, str]:
    """Return what the formats look like, by name."""
    data, done = sealed("取水口阀室".encode())
    large = sealed(bytes(70_000))[0]
    store = keystore.created({"jimi-1": "secret"}, WORDS, LIGHT)
    store, parts = store.with_shares(store.root_from_passphrase(WORDS), need=2, of=3, keeps_passphrase=True)
    key = signing.SigningKey(SIGNING, sm2.public_key(SIGNING))
    head = signing.Head(signing.origin_of(key.public), 7, bytes(32), AT)
    return {
        "container": data.hex(),
        "container_shred": done.shred.hex(),
        "container_large": crypto.sm3(large).hex(),
        "container_raw": crypto.raw_cipher()(3, b"chunk").hex(),
        "field": crypto.encrypt_field(KEK.secret, "城区供水", b"matter/1/title").hex(),
        "index": ",".join(sorted(token.hex() for token in crypto.blind_bigrams(KEK.secret, "供水 ＡＢ"))),
        "level_key": keys.encode(KEK).decode(),
        "level_key_derived": KEK.derive("field").hex() + KEK.derive("payload", 16).hex(),
        "keystore": store.text.decode(),
        "share": parts[1].text,
        "passphrase_key": passphrase.key_from_passphrase(WORDS, {**passphrase.parameters(LIGHT), "salt": "07" * 16}, key_id="b").secret.hex(),
        "signing_key": signing.encode_signing_key(key),
        "head": head.text,
        "totp_secret": totp.spelled(bytes(range(20))),
    }  # fmt: skip


@pytest.mark.parametrize("name", sorted(KNOWN["made"]))
def test_what_is_written_is_what_was_written(name: str) -> None:
    assert made()[name] == KNOWN["made"][name]


def test_what_was_written_once_opens() -> None:
    held, key = KNOWN["made"], signing.decode_signing_key(KNOWN["made"]["signing_key"])
    data, shred = bytes.fromhex(held["container"]), bytes.fromhex(held["container_shred"])
    assert crypto.open_bytes(data, kek=KEK, shred=shred) == ("取水口阀室".encode(), LABEL)
    assert crypto.key_ids(io.BytesIO(data)) == ("shui-J-1",)
    assert crypto.decrypt_field(KEK.secret, bytes.fromhex(held["field"]), b"matter/1/title") == "城区供水"
    store = keystore.read(held["keystore"].encode())
    assert store.content(store.root_from_passphrase(WORDS)) == {"jimi-1": "secret"}
    assert keys.decode(held["level_key"].encode()) == KEK and key.secret == SIGNING
    assert signing.read_head(held["head"]).size == 7


def test_signatures_made_once_are_right_for_their_use_alone() -> None:
    public, head = sm2.public_key(SIGNING), KNOWN["made"]["head"]
    signed = {name: bytes.fromhex(value) for name, value in KNOWN["signed"].items()}
    assert signing.head_is_signed(head, signed["head"], public)
    assert signing.decision_is_signed(public, "person", "ab" * 32, signed["decision"])
    assert signing.mark_is_signed(public, "statement", base64.b64encode(signed["mark"]).decode())
    other = sm2.public_key(bytes(range(2, 34)))
    assert not signing.head_is_signed(head, signed["head"], other)
    assert not signing.head_is_signed(head, signed["decision"], public)
    assert not signing.head_is_signed(head.replace("\n7\n", "\n8\n"), signed["head"], public)
    foreign = signing.Head("dingmi-log/0000000000000000", 7, bytes(32), AT)
    mine = signing.SigningKey(SIGNING, public)
    assert not signing.head_is_signed(
        foreign.text, mine.sign(foreign.text.encode(), signing.origin_of(public).encode()), public
    )
    assert not signing.decision_is_signed(public, "another", "ab" * 32, signed["decision"])
    assert not signing.mark_is_signed(public, "other", base64.b64encode(signed["mark"]).decode())
    mark = base64.b64encode(signed["mark"]).decode()
    for text in ("", "not base64", "ü", "AA=A", f"{mark[:8]}!{mark[8:]}", f"{mark}\n"):
        assert not signing.mark_is_signed(public, "statement", text)


def test_signatures_are_made_and_checked_under_one_identity() -> None:
    key = signing.SigningKey(SIGNING, sm2.public_key(SIGNING))
    head = signing.Head(signing.origin_of(key.public), 7, bytes(32), AT)
    assert signing.head_is_signed(head.text, signing.sign_head(head, key), key.public)
    assert signing.decision_is_signed(key.public, "person", "00", signing.sign_decision(key, "person", "00"))
    mark = base64.b64encode(signing.sign_mark(key, key.id, "words")).decode()
    assert signing.mark_is_signed(key.public, "words", mark)
    vouched = signing.sign_evidence(key, "matter:7", 12, 3, "aa", "bb")
    assert sm2.verify(key.public, b"matter:7\n12\n3\naa\nbb\n", vouched, b"dingmi-evidence/matter:7")
    fresh = signing.generate_signing_key()
    assert sm2.public_key(fresh.secret) == fresh.public and fresh.secret.hex() not in repr(fresh)


@pytest.mark.parametrize(
    "change", [{"v": 2}, {"alg": "SM4"}, {"id": "0" * 16}, {"secret": "AAAA"}, {"secret": "?"}, {"secret": None}]
)
def test_a_signing_key_that_is_none_is_refused(change: dict[str, object]) -> None:
    text = json.dumps(json.loads(KNOWN["made"]["signing_key"]) | change)
    for bad in (text, "[]", "{}", "", "null"):
        with pytest.raises(Invalid, match=r"key\.malformed"):
            signing.decode_signing_key(bad)


@pytest.mark.parametrize(
    ("was", "became"),
    [("\n7\n", "\n07\n"), ("\n7\n", "\nx\n"), ("AAAA", "AAA"), ("+00:00\n", "+00:00"), ("+00:00\n", "+00:00\n\n"), ("+00:00\n", "+00:00\nx"), ("T01", "T25")],
)  # fmt: skip
def test_a_head_that_states_none_is_refused(was: str, became: str) -> None:
    bad = KNOWN["made"]["head"].replace(was, became, 1)
    with pytest.raises(Invalid, match=r"head\.malformed"):
        signing.read_head(bad)
    short = signing.Head("dingmi-log/0", 1, bytes(31), AT)
    with pytest.raises(Invalid, match=r"head\.malformed"):
        signing.read_head(short.text)


# --- limits ------------------------------------------------------------------------------------------------------


def nested(depth: int) -> object:
    value: object = None
    for _ in range(depth):
        value = [value]
    return value


def test_canonical_text_reaches_to_its_limits_and_not_beyond() -> None:
    for good in (2**53 - 1, -(2**53) + 1, nested(64), {"a": nested(63)}, True, (1, 2)):
        crypto.canonical(good)
    for bad, code in (
        (2**53, "integer_range"), (-(2**53), "integer_range"), (nested(65), "too_deep"), ({"a": nested(64)}, "too_deep"),
        ({"a": {"键": 1}}, "key"), ({"a": {True: 1}}, "key"), ([[1.5]], "type"), ((b"x",), "type"), ({"a": "e\u0301"}, "not_nfc"),
    ):  # fmt: skip
        with pytest.raises(Invalid, match=rf"canonical\.{code}"):
            crypto.canonical(bad)
    assert crypto.canonical({"b": "é", "a": [1, None, False]}) == '{"a":[1,null,false],"b":"é"}'


def test_digests_at_the_length_of_a_block_and_derivation_at_its_limits() -> None:
    import hmac

    for length in (1, 63, 64, 65, 200):
        key = bytes(i % 251 for i in range(length))
        expected = hmac.digest(key, b"data", "sm3")
        assert crypto.hmac_sm3(key, b"data") == crypto.keyed_sm3(key)(b"data") == expected
    assert crypto.keyed_sm3(b"k")(b"1") != crypto.keyed_sm3(b"k")(b"2")
    assert len(crypto.hkdf_sm3(b"s", salt=b"", info=b"", length=8160)) == 8160
    assert crypto.hkdf_sm3(b"s", salt=b"", info=b"i", length=32) == crypto.hkdf_sm3(
        b"s", salt=bytes(32), info=b"i", length=32
    )
    assert crypto.hkdf_sm3(b"s", salt=bytes(range(65)), info=b"i", length=32).hex() == KNOWN["hkdf_long_salt"]
    for length in (0, -1, 8161):
        with pytest.raises(ValueError, match="length"):
            crypto.hkdf_sm3(b"s", salt=b"", info=b"", length=length)


def test_without_the_library_of_the_system_the_digests_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = crypto.keyed_sm3(b"key")(b"data")
    monkeypatch.setattr(digests, "_HASHLIB", False)
    running = digests.SM3(b"a")
    running.update(b"b")
    assert running.digest() == running.digest() == crypto.sm3(b"ab")
    assert digests.keyed_sm3(b"key")(b"data") == expected
    assert digests._sm3_portable(b"abc") == crypto.sm3(b"abc")

    def missing(name: str, data: bytes = b"") -> None:
        raise ValueError(name)

    assert digests._hashlib_works()
    monkeypatch.setattr("hashlib.new", missing)
    assert not digests._hashlib_works()


def test_a_level_key_has_a_short_name_in_ascii_and_a_whole_secret() -> None:
    assert keys.LevelKey("x" * 64, bytes(32)).id and keys.generate("a").secret != keys.generate("a").secret
    for name, secret in (("", bytes(32)), ("x" * 65, bytes(32)), ("密", bytes(32)), ("a", bytes(31)), ("a", bytes(33))):
        with pytest.raises(Invalid, match=r"key\.malformed"):
            keys.LevelKey(name, secret)
    whole = json.loads(keys.encode(KEK))
    for change in ({"v": 2}, {"alg": "SM2"}, {"secret": "?"}, {"secret": None}):
        with pytest.raises(Invalid, match=r"key\.malformed"):
            keys.decode(json.dumps(whole | change).encode())
    wrapped = KEK.wrap(b"i" * 48, b"header")
    assert KEK.unwrap(wrapped, b"header") == b"i" * 48 and len(wrapped) == 16 + 48 + 16
    for other, data, header in (
        (keys.LevelKey("shui-J-2", KEK.secret), wrapped, b"header"),
        (KEK, wrapped, b"other"),
        (KEK, wrapped[1:], b"header"),
        (KEK, b"", b"header"),
    ):
        with pytest.raises(Tampered, match=r"cipher\.not_authentic"):
            other.unwrap(data, header)


def test_a_field_is_bound_to_its_version_and_holds_at_least_its_frame() -> None:
    empty = crypto.encrypt_field(KEK.secret, "", b"")
    assert len(empty) == 33 and crypto.decrypt_field(KEK.secret, memoryview(empty), b"") == ""
    for bad in (empty[:-1], b"\2" + empty[1:], b"\0" + empty[1:]):
        with pytest.raises(Tampered, match=r"cipher\.not_authentic"):
            crypto.decrypt_field(KEK.secret, bad, b"")
    latin = b"\1" + bytes(16)
    once = crypto.hkdf_sm3(KEK.secret, salt=bytes(16), info=b"dingmi field v1", length=28)
    latin += sm4.gcm_encrypt(once[:16], once[16:], b"\xff", b"\1")
    with pytest.raises(Tampered, match=r"cipher\.not_authentic"):
        crypto.decrypt_field(KEK.secret, latin, b"")


def test_words_are_folded_for_searching_and_two_characters_are_the_least() -> None:
    assert crypto.fold("  Ａb-密，１\n") == "ab 密 1" and crypto.fold("ẞ") == "ss" and crypto.fold("ﬁ ②") == "fi 2"
    assert crypto.matches("供-水", "供水") and crypto.matches("供水", "供 水") and not crypto.matches("供水", "水供")
    assert not crypto.matches("供水", "供") and crypto.query_bigrams(KEK.secret, "供水调") == crypto.blind_bigrams(
        KEK.secret, "供水调"
    )
    assert len(crypto.blind_bigrams(KEK.secret, "供水调度")) == 3


# --- passphrase, keystore, shares ----------------------------------------------------------------------------------


def test_a_passphrase_has_twelve_characters_and_a_cost_within_bounds() -> None:
    kept = passphrase.parameters(LIGHT)
    assert passphrase.key_from_passphrase("x" * 12, kept, key_id="b").id == "b"
    with pytest.raises(Invalid, match=r"passphrase\.too_short") as caught:
        passphrase.key_from_passphrase("x" * 11, kept, key_id="b")
    assert caught.value.params == {"least": 12}
    wide = passphrase.key_from_passphrase("ｘ" * 12, kept, key_id="b")
    assert wide == passphrase.key_from_passphrase("x" * 12, kept, key_id="b")
    assert passphrase.parameters() | {"salt": ""} == {
        "alg": "Argon2id",
        "salt": "",
        "memory_kib": 262144,
        "passes": 3,
        "lanes": 2,
    }
    assert len(bytes.fromhex(passphrase.parameters()["salt"])) == 16
    assert passphrase._MOST == {"memory_kib": 4 * 2**20, "passes": 64, "lanes": 64}


@pytest.mark.parametrize(
    "change",
    [{"passes": 65}, {"lanes": 65}, {"lanes": 0}, {"memory_kib": 4 * 2**20 + 1}, {"memory_kib": 0}, {"passes": 0}],
)
def test_a_cost_without_bound_is_refused_before_it_is_paid(
    change: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passphrase, "hash_secret_raw", lambda *a, **k: pytest.fail("computed"))
    with pytest.raises(Invalid, match=r"key\.malformed"):
        passphrase.key_from_passphrase(WORDS, passphrase.parameters(LIGHT) | change, key_id="b")


@pytest.mark.parametrize(
    "change", [{"passes": 64}, {"lanes": 64}, {"memory_kib": 4 * 2**20}, {"passes": 1, "lanes": 1, "memory_kib": 1}]
)
def test_a_cost_at_its_bound_is_taken(change: dict[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, int] = {}
    monkeypatch.setattr(passphrase, "hash_secret_raw", lambda *a, **k: asked.update(k) or bytes(32))
    kept = passphrase.parameters(LIGHT) | change
    passphrase.key_from_passphrase(WORDS, kept, key_id="b")
    assert (asked["time_cost"], asked["memory_cost"], asked["parallelism"]) == (
        kept["passes"],
        kept["memory_kib"],
        kept["lanes"],
    )


def test_a_keystore_says_what_opens_it_and_what_does_not() -> None:
    store = keystore.created({"a": "b"}, WORDS, LIGHT)
    root = store.root_from_passphrase(WORDS)
    with pytest.raises(Refused, match=r"keystore\.other_shares"):
        store.root_from_shares(bytes(32))
    both, parts = store.with_shares(root, need=2, of=3, keeps_passphrase=True)
    secret = shares.combine(parts[:2])
    assert both.root_from_passphrase(WORDS) == both.root_from_shares(secret) == root
    assert both.shares is not None and {k: both.shares[k] for k in ("need", "of")} == {"need": 2, "of": 3}
    only, _ = both.with_shares(root, need=2, of=2, keeps_passphrase=False)
    with pytest.raises(Refused, match=r"keystore\.no_passphrase"):
        only.root_from_passphrase(WORDS)
    with pytest.raises(Refused, match=r"keystore\.other_shares"):
        only.root_from_shares(secret)
    bad = keystore.Keystore(both.passphrase, {**both.shares, "wrapped": "AAAA"}, both.sealed)
    with pytest.raises(Refused, match=r"keystore\.other_shares"):
        bad.root_from_shares(secret)
    for wrong in ("?", None, 7):
        torn = keystore.Keystore({**(both.passphrase or {}), "wrapped": wrong}, both.shares, both.sealed)
        with pytest.raises(Refused, match=r"keystore\.wrong_passphrase"):
            torn.root_from_passphrase(WORDS)
    with pytest.raises(Tampered, match=r"keystore\.altered"):
        both.content(bytes(32))


def test_a_keystore_of_another_format_or_with_another_field_is_damaged() -> None:
    store = keystore.created({"a": "b"}, WORDS, LIGHT)
    for change in ({"format": "other"}, {"v": 2}, {"content": None}, {"shares": 0}, {"passphrase": []}):
        document = json.loads(store.text) | change
        document.pop("checksum")
        document["checksum"] = crypto.sm3(crypto.canonical(document).encode()).hex()
        with pytest.raises(Tampered, match=r"keystore\.damaged"):
            keystore.read(json.dumps(document).encode())
    document = json.loads(store.text) | {"checksum": "00" * 32}
    for text in (json.dumps(document), json.dumps(document | {"checksum": 1}), "[]", "{}", "1", ""):
        with pytest.raises(Tampered, match=r"keystore\.damaged"):
            keystore.read(text.encode())


def share_with(**change: object) -> str:
    held = shares.read(KNOWN["made"]["share"])
    values = {name: getattr(held, name) for name in ("set", "need", "of", "index", "value", "commitment")}
    return shares.Share(**(values | change)).text  # type: ignore[arg-type]


def test_a_share_states_numbers_that_can_be() -> None:
    for good in ({"need": 16, "of": 16, "index": 16}, {"need": 2, "of": 2, "index": 1}, {"index": 3}):
        assert shares.read(share_with(**good))
    for bad in ({"need": 1}, {"need": 4}, {"of": 17, "index": 1}, {"index": 0}, {"index": 4}):
        with pytest.raises(Invalid, match=r"share\.malformed"):
            shares.read(share_with(**bad))
    text = KNOWN["made"]["share"]
    body = text.removeprefix("DMS1-")
    assert shares.read("dms 1 " + body.lower()) == shares.read(text)
    for wrong in ("", "XMS1-" + body, body, text[:-1], "DMS1-!"):
        with pytest.raises(Invalid, match=r"share\.malformed"):
            shares.read(wrong)
    raw = bytearray(base64.b32decode(body.replace("-", "") + "=" * (-len(body.replace("-", "")) % 8)))
    raw[0] = 2
    raw[-4:] = crypto.sm3(bytes(raw[:-4]))[:4]
    second = base64.b32encode(bytes(raw)).decode().rstrip("=")
    with pytest.raises(Invalid, match=r"share\.malformed"):
        shares.read("DMS1" + second)


def test_shares_are_as_many_as_asked_for_and_few_are_told_how_many_are_needed() -> None:
    made_of = shares.split(bytes(range(32)), need=16, of=16)
    assert [one.index for one in made_of] == list(range(1, 17)) and shares.combine(made_of) == bytes(range(32))
    for secret in (bytes(31), bytes(33)):
        with pytest.raises(Invalid, match=r"share\.numbers") as caught:
            shares.split(secret, need=2, of=3)
        assert caught.value.params == {"most": 16}
    for given, params in (((), {"given": 0, "need": 2}), (made_of[:15], {"given": 15, "need": 16})):
        with pytest.raises(Invalid, match=r"share\.too_few") as caught:
            shares.combine(given)
        assert caught.value.params == params
    two = shares.split(bytes(32), need=2, of=3)
    for change in ({"need": 3}, {"of": 4}, {"commitment": bytes(8)}, {"set": bytes(4)}):
        odd = shares.read(share_with(**{"set": two[1].set, "commitment": two[1].commitment, "index": 2} | change))
        with pytest.raises(Invalid, match=r"share\.other_set") as caught:
            shares.require_fits(odd, [two[0]])
        assert caught.value.params == {"index": 2}
    shares.require_fits(two[1], [two[0], two[2]])


# --- self-test, one-time codes -------------------------------------------------------------------------------------


def test_one_time_codes_are_those_of_rfc_6238() -> None:
    secret = b"12345678901234567890"
    for seconds, code in ((59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (20000000000, "353130")):
        at = datetime.fromtimestamp(seconds, UTC)
        step = totp.step_at(at)
        assert totp.code_of(secret, step) == code and totp.matching_step(secret, code, at) == step
        for off in (-1, 1):
            assert totp.matching_step(secret, totp.code_of(secret, step + off), at) == step + off
        for other in (step + 2, max(step - 2, 9)):
            assert totp.matching_step(secret, totp.code_of(secret, other), at) is None
    assert totp.step_at(datetime.fromtimestamp(29, UTC)) == 0 and totp.step_at(datetime.fromtimestamp(30, UTC)) == 1
    for bad in ("", "28708", "2870820", "é87082", "\ud800"):
        assert totp.matching_step(secret, bad, datetime.fromtimestamp(59, UTC)) is None
    assert totp.SECRET_BYTES == 20


@pytest.mark.parametrize("name", list(selftest._CHECKS))
def test_each_self_test_fails_where_its_algorithm_answers_wrongly(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = {"SM3": "sm3", "HMAC-SM3": "hmac_sm3"}.get(name)
    if broken:
        monkeypatch.setattr(selftest, broken, lambda *a: bytes(32))
    elif name == "SM2":
        monkeypatch.setattr(selftest.sm2, "verify", lambda *a: True)
    else:
        monkeypatch.setattr(
            selftest.sm4, "answers", lambda backend: {"SM4": name != "SM4", "SM4-GCM": name != "SM4-GCM"}
        )
    with pytest.raises(Unavailable) as caught:
        crypto.self_test()
    assert caught.value.params == {"algorithms": name}


def test_a_self_test_that_breaks_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selftest.sm2, "sign", lambda *a, **k: 1 / 0)
    with pytest.raises(Unavailable) as caught:
        crypto.self_test()
    assert caught.value.params == {"algorithms": "SM2"}
    monkeypatch.setattr(selftest.sm2, "sign", lambda *a, **k: selftest._SIGNATURE)
    monkeypatch.setattr(selftest.sm2, "verify", lambda *a: False)
    with pytest.raises(Unavailable):
        crypto.self_test()
    assert crypto.cipher_in_use() in ("libgcrypt", "cryptography")


def test_the_fast_digest_is_used_where_the_interpreter_knows_it() -> None:
    if "sm3" not in hashlib.algorithms_available:
        pytest.skip("no SM3 in hashlib here")
    assert digests._HASHLIB is True and digests.sm3 is digests._sm3_hashlib
    assert not isinstance(digests.keyed_sm3(bytes(64)), partial) and isinstance(digests.keyed_sm3(bytes(65)), partial)
