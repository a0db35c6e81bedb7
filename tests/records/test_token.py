"""Keys in a PKCS#11 device: SoftHSM2 stands for it, in the key service, where the real one would be."""

from __future__ import annotations

import base64
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pkcs11
import pytest

from dingmi.base.errors import Refused, Tampered, Unavailable
from dingmi.engines import crypto
from dingmi.engines.crypto import signing
from dingmi.interfaces.cli.keys import start_service
from dingmi.records.keys import places, token, wire
from dingmi.records.keys.client import RemoteRing

MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")
PIN, LABEL = "124683", {"v": 1, "level": "jimi", "kind": "original", "id": "x"}
pytestmark = pytest.mark.skipif(
    not MODULE.exists() or shutil.which("softhsm2-util") is None, reason="needs softhsm2 (./test installs it)"
)
MAKE = """
import sys
from pathlib import Path
from dingmi.base.errors import DingmiError
from dingmi.records.keys.moving import to_token
try:
    print(to_token(Path(sys.argv[1]), module=sys.argv[2], label="dingmi", approval=sys.argv[4], pin=sys.argv[3]))
except DingmiError as error:
    print(error.code)
"""


def make(folder: Path, *, pin: str = PIN, module: str = str(MODULE), approval: str = "") -> str:
    """Make the keys of an installation in the device, in a process of its own: a library reads its settings once."""
    command = [sys.executable, "-c", MAKE, str(folder), module, pin, approval]
    return subprocess.check_output(command, text=True, env=dict(os.environ)).strip()


@pytest.fixture
def device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh token, and the folder of an installation beside it."""
    (tmp_path / "tokens").mkdir()
    settings = tmp_path / "softhsm2.conf"
    settings.write_text(
        f"directories.tokendir = {tmp_path / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n"
    )
    monkeypatch.setenv("SOFTHSM2_CONF", str(settings))
    command = ["softhsm2-util", "--init-token", "--free", "--label", "dingmi", "--pin", PIN, "--so-pin", "87654321"]
    subprocess.check_output(command)
    return tmp_path / "house"


@pytest.fixture
def ring(device: Path) -> Iterator[RemoteRing]:
    """The service of an installation whose keys are in the device; closed."""
    device.mkdir()
    (device / "dingmi.toml").write_text('profile = "demo"\n', encoding="utf-8")
    assert make(device / "keys") == str(len(places.SLUGS))
    process = start_service(device)
    yield RemoteRing(device / wire.SOCKET)
    process.kill()
    process.wait()


def test_the_device_seals_opens_derives_and_signs_after_its_pin_and_gives_no_key_away(
    ring: RemoteRing, device: Path
) -> None:
    assert (ring.state().kind, ring.state().is_open, ring.state().ways) == ("token", False, ("pin",))
    with pytest.raises(Unavailable, match=r"key\.sealed"):
        ring.ids("jimi")
    with pytest.raises(Refused, match=r"token\.wrong_pin"):
        ring.open("pin", "999999")
    assert ring.open("pin", PIN) and ring.ids("jimi") == ["jimi-1"]
    key = ring.key("jimi-1")
    data, sealed = crypto.seal_bytes("取水口".encode() * 100, label=LABEL, kek=key)
    assert crypto.key_ids(io.BytesIO(data)) == ("jimi-1",)
    assert crypto.open_bytes(data, kek=key, shred=sealed.shred) == ("取水口".encode() * 100, LABEL)
    for bad in (data.replace(b'"x"', b'"y"'), data[:300] + bytes([data[300] ^ 1]) + data[301:]):
        with pytest.raises(Tampered):
            crypto.open_bytes(bad, kek=key, shred=sealed.shred)
    with pytest.raises(Refused, match=r"key\.other_level"):
        ring.wrap("mimi-1", bytes(48), data[4 : 4 + int.from_bytes(data[:4], "big")])
    derived = {ring.derive(level, purpose) for level in ("jimi", "mimi") for purpose in ("field", "index")}
    assert len(derived) == 4 and {len(one) for one in derived} == {32}
    public = (device / "keys/checkpoint.pub").read_text(encoding="ascii").strip()
    assert signing.key_id(ring.public()) == signing.key_id(base64.b64decode(public))
    signature = signing.sign_decision(ring, "someone", "ab")
    assert signing.decision_is_signed(ring.public(), "someone", "ab", signature)
    asked = {"act": "new_key", "level": "jimi", "key": "jimi-2"}
    assert ring.agree(asked, "first") is False and ring.agree(asked, "second") is True
    path = device / "file.dmb1"
    path.write_bytes(data)
    crypto.rewrap_file(path, old=key, new=ring.key("jimi-2"), shred=sealed.shred)
    assert crypto.open_bytes(path.read_bytes(), kek=ring.key("jimi-2"), shred=sealed.shred)[1] == LABEL
    with pytest.raises(Refused, match=r"key\.is_open"):
        ring.open("pin", "999999")
    assert ring.ids("jimi") == ["jimi-1", "jimi-2"], "what is open stays open"
    ring.close()
    with pytest.raises(Unavailable, match=r"key\.sealed"):
        crypto.open_bytes(data, kek=key, shred=sealed.shred)
    signer = device / "keys/checkpoint.sealed"
    signer.rename(signer.with_suffix(".away"))
    with pytest.raises(Unavailable, match=r"key\.missing"):
        ring.open("pin", PIN)
    assert not ring.state().is_open, "no half of it is open"
    signer.with_suffix(".away").rename(signer)
    assert ring.open("pin", PIN) and ring.ids("jimi") == ["jimi-1", "jimi-2"]
    left = b"".join(p.read_bytes() for p in (device / "keys").iterdir())
    assert PIN.encode() not in left and sorted(p.name for p in (device / "keys").glob("*.key")) == []


class Key:
    """A key of a device: its answers are its own, or those of a device that was taken out."""

    def __init__(self, refusal: str, *, is_gone: bool) -> None:
        self._refusal, self._is_gone = refusal, is_gone

    def get_key(self, **_which: object) -> Key:
        return self

    def decrypt(self, _data: bytes, **_how: object) -> bytes:
        raise getattr(pkcs11.exceptions, self._refusal)

    def encrypt(self, data: bytes, **_how: object) -> bytes:
        if self._is_gone:
            raise getattr(pkcs11.exceptions, self._refusal)
        return data


@pytest.mark.parametrize(
    ("refusal", "is_gone", "expected"),
    [
        ("DeviceRemoved", True, Unavailable),
        ("GeneralError", True, Unavailable),
        ("GeneralError", False, Tampered),
        ("EncryptedDataInvalid", False, Tampered),
    ],
)
def test_a_device_that_was_taken_out_does_not_call_a_file_altered(
    tmp_path: Path, refusal: str, is_gone: bool, expected: type[Exception]
) -> None:
    custody = token.TokenCustody(tmp_path)
    custody._session = Key(refusal, is_gone=is_gone)
    with pytest.raises(expected):
        custody.gcm("decrypt", "jimi-1", bytes(12), bytes(32), b"")


def test_a_device_that_is_not_there_not_new_or_used_is_refused_and_nothing_is_left(device: Path) -> None:
    assert make(device / "keys", module="/nowhere.so") == "token.not_there"
    assert make(device / "keys", pin="999999") == "token.wrong_pin"
    assert not (device / "keys" / places.TOKEN).exists()
    assert make(device / "keys", approval="商用密码产品认证 SX-1") == str(len(places.SLUGS))
    assert make(device / "keys") == "token.not_new"
    assert make(device / "other") == "token.used"
    assert not (device / "other" / places.TOKEN).exists()
