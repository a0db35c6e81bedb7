"""The keystore file and the shares that open it: nothing wrong opens, and what is wrong is said."""

from __future__ import annotations

import json
import secrets
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dingmi.base.errors import DingmiError, Invalid, Refused, Tampered
from dingmi.engines.crypto import keystore, shares
from dingmi.engines.crypto.passphrase import Cost

WORDS, HELD = "梅花 堤坝 三月 铜钟 river lamp", {"jimi-1": "secret", "checkpoint": "another"}
LIGHT = Cost(memory_kib=64, passes=1, lanes=1)


@pytest.fixture(scope="module")
def kept() -> keystore.Keystore:
    return keystore.created(HELD, WORDS, LIGHT)


def test_a_keystore_opens_with_its_passphrase_alone(kept: keystore.Keystore) -> None:
    back = keystore.read(kept.text)
    assert back == kept and back.content(back.root_from_passphrase(WORDS)) == HELD
    for wrong in (WORDS + "!", WORDS.upper(), "another passphrase"):
        with pytest.raises(Refused, match=r"keystore\.wrong_passphrase"):
            back.root_from_passphrase(wrong)
    with pytest.raises(Invalid, match=r"passphrase\.too_short"):
        back.root_from_passphrase("short")
    assert b"secret" not in kept.text and b"jimi" not in kept.text


def test_every_changed_byte_of_the_file_is_found(kept: keystore.Keystore) -> None:
    text = kept.text
    for place in range(len(text)):
        bad = text[:place] + bytes([text[place] ^ 1]) + text[place + 1 :]
        try:
            assert keystore.read(bad) == kept  # white space, or the case of a digit
        except Tampered as error:
            assert error.code == "keystore.damaged"


@pytest.mark.parametrize("field", ["memory_kib", "salt", "wrapped", "content", "shares"])
def test_a_change_that_mends_the_checksum_still_opens_nothing(kept: keystore.Keystore, field: str) -> None:
    root = kept.root_from_passphrase(WORDS)
    inner = dict(kept.passphrase or {})
    if field == "content":
        bad = keystore.Keystore(kept.passphrase, kept.shares, kept.sealed[:-1] + bytes([kept.sealed[-1] ^ 1]))
    elif field == "shares":
        bad = keystore.Keystore(kept.passphrase, {"need": 2}, kept.sealed)
    else:
        change = {"memory_kib": 65, "salt": "00" * 16, "wrapped": "AAAA"}
        bad = keystore.Keystore({**inner, field: change[field]}, kept.shares, kept.sealed)
    again = keystore.read(bad.text)  # as somebody would write it who knows the format
    with pytest.raises(Tampered, match=r"keystore\.altered"):
        again.content(root)
    with pytest.raises(DingmiError):
        again.content(again.root_from_passphrase(WORDS))


def test_new_shares_and_a_new_passphrase_end_the_old_ones(kept: keystore.Keystore) -> None:
    root = kept.root_from_passphrase(WORDS)
    first, old = kept.with_shares(root, need=2, of=3, keeps_passphrase=True)
    assert first.root_from_shares(shares.combine(old[1:])) == root == first.root_from_passphrase(WORDS)
    second, new = first.with_shares(root, need=2, of=2, keeps_passphrase=False)
    assert second.content(second.root_from_shares(shares.combine(new))) == HELD
    with pytest.raises(Refused, match=r"keystore\.other_shares"):
        second.root_from_shares(shares.combine(old[:2]))
    with pytest.raises(Refused, match=r"keystore\.no_passphrase"):
        second.root_from_passphrase(WORDS)
    third = first.with_passphrase(root, "entirely other words", LIGHT)
    assert third.root_from_passphrase("entirely other words") == root
    with pytest.raises(Refused, match=r"keystore\.wrong_passphrase"):
        third.root_from_passphrase(WORDS)
    assert third.holding(root, {"a": "b"}).content(root) == {"a": "b"}


def test_a_file_that_is_no_keystore_is_damaged(kept: keystore.Keystore) -> None:
    document = json.loads(kept.text)
    others = [
        b"",
        b"null",
        b"[]",
        b"{}",
        json.dumps(document | {"v": 2}).encode(),
        json.dumps({"checksum": 3}).encode(),
    ]
    for text in others:
        with pytest.raises(Tampered, match=r"keystore\.damaged"):
            keystore.read(text)


# --- shares -------------------------------------------------------------------------------------------------------


@settings(max_examples=20, deadline=None)
@given(secret=st.binary(min_size=32, max_size=32), numbers=st.tuples(st.integers(2, 5), st.integers(0, 2)))
def test_any_enough_shares_give_the_secret_back(secret: bytes, numbers: tuple[int, int]) -> None:
    need, more = numbers
    made = [shares.read(share.text) for share in shares.split(secret, need=need, of=need + more)]
    for chosen in combinations(made, need):
        assert shares.combine(chosen) == secret
    with pytest.raises(Invalid, match=r"share\.too_few"):
        shares.combine(made[: need - 1])


def test_one_share_of_two_says_nothing_of_the_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """Over all coefficients that may be drawn, a share takes every value once, whatever the secret is."""
    for byte in (0, 1, 77, 255):
        drawn = iter(range(256))
        monkeypatch.setattr(
            shares.secrets, "token_bytes", lambda size, drawn=drawn: bytes([next(drawn)]) if size == 1 else bytes(size)
        )
        secret = bytes([byte]) * shares.SECRET_BYTES
        sets = [shares.split(secret, need=2, of=3) for _ in range(256 // shares.SECRET_BYTES)]
        assert next(drawn, None) is None  # each byte of the secret has a coefficient of its own
        for place in range(3):
            assert sorted(b"".join(made[place].value for made in sets)) == list(range(256))


def test_the_field_of_the_shares_is_that_of_the_standard() -> None:
    assert all(shares._product(a, shares._inverse(a)) == 1 for a in range(1, 256))
    assert shares._product(0x57, 0x83) == 0xC1  # FIPS 197, 4.2


def test_two_sets_of_one_secret_have_no_share_in_common() -> None:
    secret = secrets.token_bytes(32)
    first, second = (shares.split(secret, need=2, of=3) for _ in range(2))
    assert not {s.value for s in first} & {s.value for s in second}


def test_every_wrong_character_of_a_share_is_found_and_writing_does_not_matter() -> None:
    share = shares.split(secrets.token_bytes(32), need=2, of=3)[0]
    assert shares.read(share.text.lower().replace("-", " ")) == share
    body = share.text.removeprefix(shares.PREFIX)
    for place, letter in enumerate(body):
        if letter != "-":
            other = "B" if letter != "B" else "C"
            with pytest.raises(Invalid, match=r"share\.(damaged|malformed)"):
                shares.read(shares.PREFIX + body[:place] + other + body[place + 1 :])
    for text in ("", "DMS1", share.text[:-4], share.text + "AAAA", "DMS2-" + body, share.text.replace("DMS1", "0189")):
        with pytest.raises(Invalid, match=r"share\."):
            shares.read(text)


def test_shares_of_two_sets_twice_the_same_and_made_up_ones_are_named() -> None:
    secret = secrets.token_bytes(32)
    first, second = shares.split(secret, need=2, of=3), shares.split(secret, need=2, of=3)
    with pytest.raises(Invalid, match=r"share\.other_set"):
        shares.combine([first[0], second[1]])
    with pytest.raises(Invalid, match=r"share\.twice"):
        shares.combine([first[0], first[0]])
    forged = shares.Share(first[1].set, 2, 3, 2, secrets.token_bytes(32), first[1].commitment)
    with pytest.raises(Tampered, match=r"share\.not_together"):
        shares.combine([first[0], shares.read(forged.text)])
    for need, of in ((1, 3), (4, 3), (2, 17), (0, 0)):
        with pytest.raises(Invalid, match=r"share\.numbers"):
            shares.split(secret, need=need, of=of)
