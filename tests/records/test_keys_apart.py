"""The keys of 绝密 are held by a process of their own, and no other ever has them (SR-48)."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dingmi.base.errors import Invalid, Refused, Tampered, Unavailable
from dingmi.engines import crypto
from dingmi.engines.crypto import keystore
from dingmi.engines.crypto.keys import decode, encode, generate
from dingmi.engines.crypto.passphrase import Cost
from dingmi.interfaces.cli.keys import start_service
from dingmi.records.keys import custody, moving, places
from dingmi.records.keys.client import RemoteRing
from dingmi.records.keys.places import APART
from dingmi.records.keys.ring import LocalRing, splitting
from dingmi.records.keys.routed import RoutedRing

WORDS, OTHER = "梅花 堤坝 三月 铜钟 river lamp", "白鹭 石桥 腊月 竹笛 cloud reed"
LIGHT = Cost(memory_kib=64, passes=1, lanes=1)
LOWER = tuple(slug for slug in places.SLUGS.values() if slug != APART)


class Divided:
    """An installation's folder whose keys two services hold."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.keys = folder, folder / "keys"
        (folder / "dingmi.toml").write_text('profile = "demo"\n', encoding="utf-8")
        custody.prepare(self.keys)
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def beside(self) -> Path:
        return places.apart(self.keys)

    def ring(self, name: str) -> RemoteRing:
        return RemoteRing(self.folder / places.socket_of(name))

    def start(self, *names: str) -> RoutedRing:
        for name in names or ("", APART):
            self.running[name] = start_service(self.folder, name)
        return RoutedRing(self.ring(""), self.ring(APART))

    def kill(self, *names: str) -> None:
        for name in names or tuple(self.running):
            process = self.running.pop(name)
            process.kill()
            process.wait()

    def log(self) -> str:
        return (self.folder / "keys.log").read_text(encoding="utf-8")


@pytest.fixture
def divided(tmp_path: Path) -> Iterator[Divided]:
    made = Divided(tmp_path)
    yield made
    made.kill()


def label(level: str) -> dict[str, object]:
    return {"v": 1, "level": level, "kind": "original", "id": "x"}


def _is_confined() -> bool:
    program = """
import sys
from pathlib import Path
from dingmi.base import confine
print(confine.keep_to({Path(sys.argv[1]): confine.EVERYTHING}, never=Path("/nowhere/at/all")))
"""
    told = subprocess.check_output([sys.executable, "-c", program, "/proc/self"], text=True, env=dict(os.environ))
    return told.strip() == "True"


def test_each_service_refuses_the_keys_of_the_other_by_name_and_has_none(divided: Divided) -> None:
    divided.start()
    lower, highest = divided.ring(""), divided.ring(APART)
    assert set(lower.state().keys) == set(LOWER) and set(highest.state().keys) == {APART}
    header = crypto.seal_bytes(b"x", label=label(APART), kek=highest.key("juemi-1"))[0]
    header = header[4 : 4 + int.from_bytes(header[:4], "big")]
    asks = {
        "ids": (APART,),
        "slot": ("juemi-1",),
        "wrap": ("juemi-1", bytes(48), header),
        "unwrap": ("juemi-1", bytes(80), header, "one"),
        "derive": (APART, "field"),
        "ensure": (APART,),
        "agree": ({"act": "new_key", "level": APART, "key": "juemi-2"}, "one"),
    }
    for name, given in asks.items():
        with pytest.raises(Invalid, match=r"key\.not_held") as caught:
            lower._call(name, *given)
        assert caught.value.params == {"key": APART}
    with pytest.raises(Invalid, match=r"key\.malformed"):
        lower.agree(splitting(2, 3, True, APART), "one")
    for name, given in {"ids": ("jimi",), "derive": ("mimi", "index"), "public": (), "sign": (b"m", b"i")}.items():
        with pytest.raises(Invalid, match=r"key\.not_held"):
            highest._call(name, *given)
    assert not (divided.keys / "juemi.key").exists() and not (divided.beside / "jimi.key").exists()
    assert "not_held" in divided.log()


def test_the_process_of_the_lower_levels_was_given_nothing_of_the_highest(divided: Divided) -> None:
    """Its memory holds every key of its own levels and none of 绝密; the file of 绝密 was not opened and cannot be."""
    beside = divided.beside / "juemi.key"
    before = beside.stat().st_atime_ns
    os.utime(beside, ns=(before - 10**12, beside.stat().st_mtime_ns))  # whoever reads it now would move this
    old = beside.stat().st_atime_ns
    divided.start("")
    lower = divided.ring("")
    for slug in LOWER:
        lower.derive(slug, "field")
    pid = divided.running[""].pid
    opened = [os.readlink(link) for link in _links(pid)]
    assert not [path for path in opened if path.startswith(str(divided.beside))]
    assert beside.stat().st_atime_ns == old
    assert "serving jimi, mimi" in divided.log() and "juemi" not in divided.log()
    assert _is_confined() == ("kept to its files" in divided.log() and "not kept" not in divided.log())


def _links(pid: int) -> list[Path]:
    try:
        return list(Path(f"/proc/{pid}/fd").iterdir())
    except PermissionError:  # nobody looks into a process that dumps no core
        return []


def test_the_kernel_keeps_the_service_of_the_lower_levels_from_the_files_of_the_highest(divided: Divided) -> None:
    """As the service is kept, so is a process that asks the same of the kernel: it reads its keys and not those."""
    program = """
import sys
from pathlib import Path
from dingmi.records.keys import places, service
folder = Path(sys.argv[1])
held = service._keep_to(places.part(folder / "keys", sys.argv[2]), folder)
for path in (folder / "keys/jimi.key", folder / "keys-juemi/juemi.key", folder / "dingmi.toml"):
    try:
        path.read_bytes()
        print("read")
    except PermissionError:
        print("refused")
print(held)
"""
    told = {}
    for name in ("", APART):
        command = [sys.executable, "-c", program, str(divided.folder), name]
        told[name] = subprocess.check_output(command, text=True, env=dict(os.environ), cwd=divided.folder).split()
    if told[""][-1] == "False":
        pytest.skip("this kernel has no Landlock")
    assert told == {"": ["read", "refused", "refused", "True"], APART: ["read", "read", "refused", "True"]}


def test_lower_levels_go_on_while_the_highest_is_closed_or_dead(divided: Divided) -> None:
    assert moving.protect(places.part(divided.keys, APART), OTHER, LIGHT) == 1
    ring = divided.start()
    assert ring.state().is_open and ring.state().apart is not None and not ring.state().apart.is_open
    data, sealed = crypto.seal_bytes("甲".encode(), label=label("jimi"), kek=ring.key("jimi-1"))
    for ask in (lambda: ring.ids(APART), lambda: ring.derive(APART, "field"), lambda: ring.key("juemi-1")):
        with pytest.raises(Unavailable, match=r"key\.sealed_apart"):
            ask()
    assert ring.part(APART).open("passphrase", OTHER) and ring.ids(APART) == ["juemi-1"]
    divided.kill(APART)
    with pytest.raises(Unavailable, match=r"key\.service_down"):
        ring.ids(APART)
    state = ring.state()
    assert state.is_open and state.apart is not None and state.apart.kind == "down" and APART not in state.keys
    assert crypto.open_bytes(data, kek=ring.key("jimi-1"), shred=sealed.shred)[0] == "甲".encode()
    assert ring.sign(b"m", b"i") and ring.may_seal_state_secrets()
    divided.start(APART)
    assert ring.part(APART).open("passphrase", OTHER)
    top, kept = crypto.seal_bytes("乙".encode(), label=label(APART), kek=ring.key("juemi-1"))
    assert crypto.open_bytes(top, kek=ring.key("juemi-1"), shred=kept.shred)[0] == "乙".encode()
    ring.close()
    assert not ring.part(APART).state().is_open, "what can be closed is closed, though the others are files"


def test_the_passphrase_of_one_opens_not_the_other_and_shares_are_of_one(divided: Divided) -> None:
    moving.protect(places.part(divided.keys, ""), WORDS, LIGHT)
    moving.protect(places.part(divided.keys, APART), OTHER, LIGHT)
    ring = divided.start()
    with pytest.raises(Refused, match=r"keystore\.wrong_passphrase"):
        ring.part(APART).open("passphrase", WORDS)
    assert ring.open("passphrase", WORDS) and ring.part(APART).open("passphrase", OTHER)
    asked = splitting(2, 3, False, APART)
    assert ring.agree(asked, "one") is False and ring.agree(asked, "two") is True
    with pytest.raises(Refused, match=r"key\.takes_two"):
        ring.split(2, 3, False)
    shares = ring.part(APART).split(2, 3, False)
    ring.close()
    with pytest.raises(Refused, match=r"keystore\.other_shares"):
        ring.open("share", shares[0])
    assert ring.part(APART).open("share", shares[0]) is False and ring.part(APART).open("share", shares[1]) is True
    assert not ring.state().is_open
    new = {"act": "new_key", "level": APART, "key": "juemi-2"}
    assert ring.agree(new, "one") is False and ring.withdraw(new, "one") is True, "where it waits"
    assert ring.agree(new, "one") is False and ring.agree(new, "two") is True
    assert ring.ids(APART) == ["juemi-1", "juemi-2"]


# --- folders of before ------------------------------------------------------------------------------------------------


def together(folder: Path) -> dict[str, bytes]:
    """Put the key files as they stood before: all in one folder, 绝密 with a second key."""
    custody.prepare(folder)
    shutil.rmtree(places.apart(folder))
    for name in ("juemi-1", "juemi-2"):
        places.write_once(folder / custody.file_of(name), encode(generate(name)).decode("ascii").strip())
    return {path.name: path.read_bytes() for path in folder.glob("juemi*.key")}


def test_key_files_of_before_part_at_the_next_start_and_none_is_lost(tmp_path: Path) -> None:
    made = Divided(tmp_path)
    shutil.rmtree(made.keys)
    shutil.rmtree(made.beside)
    held = together(made.keys)
    assert [part.name for part in places.parts(made.keys)] == [""]
    try:
        ring = made.start()
        assert ring.ids(APART) == ["juemi-1", "juemi-2"] and ring.ids("jimi") == ["jimi-1"]
        assert {path.name: path.read_bytes() for path in made.beside.glob("*.key")} == held
        assert not list(made.keys.glob("juemi*"))
        assert {path.stat().st_mode & 0o777 for path in made.beside.glob("*.key")} == {0o600}
    finally:
        made.kill()


KILLED = """
import os, signal, sys
from pathlib import Path
from dingmi.records.keys import custody, moving
points = [int(sys.argv[2])]
def dying(event, args):
    if event in ("open", "os.rename", "os.remove") and "juemi" in str(args[0]):
        points[0] -= 1
        if points[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(dying)
custody.settle(Path(sys.argv[1]))
"""


def test_a_move_of_key_files_that_is_killed_anywhere_goes_on(tmp_path: Path) -> None:
    died = 0
    for point in range(100):
        folder = tmp_path / str(point) / "keys"
        folder.parent.mkdir()
        held = together(folder)
        command = [sys.executable, "-c", KILLED, str(folder), str(point)]
        code = subprocess.run(command, env=dict(os.environ)).returncode
        left = {p.name: p.read_bytes() for p in (*folder.glob("*.key"), *places.apart(folder).glob("*.key"))}
        assert held.items() <= left.items() or len(places.parts(folder)) == 2, "no moment knows only some"
        custody.settle(folder)
        ring = LocalRing(places.part(folder, APART), "demo", lambda: 0.0)
        assert ring.ids(APART) == ["juemi-1", "juemi-2"]
        assert {p.name: p.read_bytes() for p in places.apart(folder).glob("*.key")} == held
        assert not list(folder.glob("juemi*"))
        if code == 0:
            break
        died += 1
        assert code == -signal.SIGKILL
    assert died >= 6


def test_another_key_of_that_name_stops_the_move_and_nothing_is_overwritten(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    held = together(folder)
    beside = places.apart(folder)
    beside.mkdir(mode=0o700)
    (beside / "juemi-2.key").write_bytes(encode(generate("juemi-2")))
    with pytest.raises(Tampered, match=r"key\.damaged"):
        custody.settle(folder)
    assert {path.name: path.read_bytes() for path in folder.glob("juemi*.key")} == held


def in_one(folder: Path) -> tuple[dict[str, bytes], custody.KeystoreCustody]:
    """Put the keys as they stood before: all in one keystore under ``WORDS``."""
    files = together(folder)
    whole = places.parts(folder)[0]
    moving.protect(whole, WORDS, LIGHT)
    held = custody.KeystoreCustody(folder)
    held.open("passphrase", WORDS)
    return files, held


def test_a_keystore_of_before_serves_on_and_is_divided_by_a_command(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    files, held = in_one(folder)
    assert [part.slugs for part in places.parts(folder)] == [tuple(places.SLUGS.values())]
    with pytest.raises(Invalid, match=r"key\.not_apart"):
        places.part(folder, APART)
    assert held.ids(APART) == ["juemi-1", "juemi-2"]
    assert moving.separate(folder, held, OTHER, LIGHT) == 2
    lower, highest = (LocalRing(part, "demo", lambda: 0.0) for part in places.parts(folder))
    assert lower.open("passphrase", WORDS) and highest.open("passphrase", OTHER)
    assert lower.ids("jimi") == ["jimi-1"] and lower.public()
    assert highest.ids(APART) == ["juemi-1", "juemi-2"]
    assert highest.derive(APART, "field") == decode(files["juemi.key"]).derive("field")
    left = keystore.read((folder / places.KEYSTORE).read_bytes())
    assert not [name for name in left.content(left.root_from_passphrase(WORDS)) if name.startswith(APART)]
    with pytest.raises(Refused, match=r"keystore\.exists"):
        moving.separate(folder, _opened(folder), OTHER, LIGHT)


def _opened(folder: Path) -> custody.KeystoreCustody:
    held = custody.KeystoreCustody(folder)
    held.open("passphrase", WORDS)
    return held


def test_a_division_broken_off_is_refused_until_it_is_done_with_the_same_passphrase(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "keys"
    _, held = in_one(folder)

    def killed(self: custody.KeystoreCustody, slug: str) -> None:
        raise OSError("killed")

    with monkeypatch.context() as broken:
        broken.setattr(custody.KeystoreCustody, "drop", killed)
        with pytest.raises(OSError, match="killed"):
            moving.separate(folder, held, OTHER, LIGHT)
    lower, highest = (LocalRing(part, "demo", lambda: 0.0) for part in places.parts(folder))
    with pytest.raises(Unavailable, match=r"keystore\.half_apart"):
        lower.open("passphrase", WORDS)
    assert not lower.state().is_open and highest.open("passphrase", OTHER)
    with pytest.raises(Refused, match=r"keystore\.wrong_passphrase"):
        moving.separate(folder, _opened(folder), WORDS, LIGHT)
    assert moving.separate(folder, _opened(folder), OTHER, LIGHT) == 2
    assert lower.open("passphrase", WORDS) and highest.ids(APART) == ["juemi-1", "juemi-2"]


def test_a_service_of_what_is_not_apart_does_not_start(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    in_one(folder)
    command = [sys.executable, "-m", "dingmi.records.keys.service", str(tmp_path), APART]
    ended = subprocess.run(command, capture_output=True, timeout=60, env=dict(os.environ))
    assert ended.returncode == 1 and b"rest with the others" in ended.stderr


def test_a_call_is_one_message_to_whom_it_concerns(divided: Divided, monkeypatch: pytest.MonkeyPatch) -> None:
    ring, asked = divided.start(), list[tuple[str, str]]()
    call = RemoteRing._call

    def told(self: RemoteRing, name: str, *arguments: object) -> object:
        asked.append((self._path.name, name))
        return call(self, name, *arguments)

    monkeypatch.setattr(RemoteRing, "_call", told)
    ring.ids("jimi"), ring.derive("mimi", "field"), ring.sign(b"m", b"i"), ring.public()
    assert asked == [("keys.sock", name) for name in ("ids", "derive", "sign", "public")]
    ring.ids(APART), ring.derive(APART, "index")
    assert asked[4:] == [("keys-juemi.sock", "ids"), ("keys-juemi.sock", "derive")]
