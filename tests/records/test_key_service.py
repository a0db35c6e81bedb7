"""The key service: a process of its own that wraps and unwraps, and gives no key of a level away."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dingmi.base.errors import Invalid, Refused, Tampered, Unavailable
from dingmi.engines import crypto
from dingmi.engines.crypto import keys as level_keys
from dingmi.engines.crypto.passphrase import Cost
from dingmi.interfaces.cli import keys as commands
from dingmi.interfaces.cli.keys import start_service
from dingmi.records.keys import custody, gate, moving, places, service, wire
from dingmi.records.keys.client import RemoteRing
from dingmi.records.keys.ring import LocalRing, opening

WORDS, LIGHT = "梅花 堤坝 三月 铜钟 river lamp", Cost(memory_kib=64, passes=1, lanes=1)
LABEL = {"v": 1, "level": "jimi", "kind": "original", "id": "x"}


class House:
    """An installation's folder with a key service that can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "dingmi.toml").write_text('profile = "demo"\n', encoding="utf-8")
        custody.prepare(folder / "keys")
        self.ring = RemoteRing(folder / wire.SOCKET)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> RemoteRing:
        self.process = start_service(self.folder)
        return self.ring

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    @property
    def log(self) -> str:
        return (self.folder / "keys.log").read_text(encoding="utf-8")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.kill()


@pytest.fixture
def closed(house: House) -> House:
    """A house whose keys are in a keystore."""
    assert moving.protect(places.part(house.folder / "keys", ""), WORDS, LIGHT) == len(places.SLUGS)
    return house


def test_containers_are_sealed_and_opened_through_it_and_no_key_comes_out(house: House) -> None:
    ring = house.start()
    key = ring.key("jimi-1")
    data, sealed = crypto.seal_bytes("取水口".encode(), label=LABEL, kek=key)
    assert crypto.open_bytes(data, kek=key, shred=sealed.shred) == ("取水口".encode(), LABEL)
    file_key = level_keys.decode((house.folder / "keys/jimi.key").read_bytes())
    assert crypto.open_bytes(data, kek=file_key, shred=sealed.shred)[1] == LABEL  # the format is the same
    assert ring.derive("jimi", "field") == file_key.derive("field") != ring.derive("jimi", "index")
    with pytest.raises(Invalid):
        ring.derive("jimi", "anything")
    answers = [ring.state(), ring.ids("jimi"), key.wrap(bytes(48), _header(data)), ring.public()]
    assert file_key.secret.hex() not in str(answers) and file_key.secret not in b"".join(
        a for a in answers if isinstance(a, bytes)
    )
    assert ring.state().is_service and ring.state().is_open


def _header(data: bytes) -> bytes:
    return data[4 : 4 + int.from_bytes(data[:4], "big")]


def test_there_is_one_service_of_a_folder_and_the_pages_use_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    ring = house.start()
    monkeypatch.setattr(commands, "RESTED", 0.05)
    with pytest.raises(Refused, match=r"serve\.keys_served"):
        start_service(house.folder)
    other = subprocess.run(commands.service_command(house.folder), capture_output=True, timeout=60)
    assert other.returncode == 1 and b"another key service" in other.stderr
    keeper = commands.Keeper(house.folder)
    keeper.start()
    try:
        assert ring.ids("jimi") == ["jimi-1"] and house.process is not None and house.process.poll() is None
        assert keeper._service is None, "the one that answers is used"
        house.kill()
        until = time.monotonic() + 60
        while keeper._service is None or not ring.answers():
            assert time.monotonic() < until
            time.sleep(0.02)
        assert ring.ids("jimi") == ["jimi-1"], "when it ended, the pages have their own"
    finally:
        keeper.stop()


def test_what_it_wraps_is_bound_to_the_label(house: House) -> None:
    ring = house.start()
    data, _ = crypto.seal_bytes(b"x", label=LABEL, kek=ring.key("jimi-1"))
    header, wrapped = _header(data), ring.wrap("jimi-1", bytes(48), _header(data))
    assert ring.unwrap("jimi-1", wrapped, header) == bytes(48)
    with pytest.raises(Tampered):
        ring.unwrap("jimi-1", wrapped, header.replace(b'"x"', b'"y"'))
    for level in ("mimi", "internal"):
        with pytest.raises(Refused, match=r"key\.other_level"):
            ring.wrap(f"{level}-1", bytes(48), header)
        with pytest.raises(Refused, match=r"key\.other_level"):
            ring.unwrap(f"{level}-1", wrapped, header)
    with pytest.raises(Tampered):
        ring.wrap("jimi-1", bytes(48), b"no header")


def test_a_dead_service_is_a_clear_refusal_and_one_started_again_serves_on(house: House) -> None:
    ring = house.start()
    assert ring.ids("jimi") == ["jimi-1"]
    house.kill()
    with pytest.raises(Unavailable, match=r"key\.service_down") as caught:
        ring.ids("jimi")
    assert (caught.value.http_status, caught.value.exit_code) == (503, 7)
    target = house.folder / "sealed"
    with pytest.raises(Unavailable):
        crypto.seal_file(b"x" * 100_000, target, label=LABEL, kek=ring.key("mimi-1"))
    assert not target.exists() and not list(house.folder.glob(".dmb1-*"))
    house.start()
    assert ring.ids("jimi") == ["jimi-1"]


def test_a_started_keystore_holds_nothing_until_it_is_opened(closed: House) -> None:
    assert sorted(p.name for p in (closed.folder / "keys").iterdir()) == [
        "checkpoint.pub",
        "keystore.json",
        "ledger.key",
        "session.key",
    ]
    ring = closed.start()
    assert (ring.state().is_open, ring.state().keys, ring.state().ways) == (False, {}, ("passphrase",))
    for ask in (
        lambda: ring.ids("jimi"),
        lambda: ring.derive("jimi", "field"),
        lambda: ring.sign(b"m", b"i"),
        lambda: ring.unwrap("jimi-1", bytes(80), _header(crypto.seal_bytes(b"", label=LABEL, kek=_own())[0])),
    ):
        with pytest.raises(Unavailable, match=r"key\.sealed"):
            ask()
    with pytest.raises(Refused, match=r"keystore\.wrong_passphrase"):
        ring.open("passphrase", WORDS + " no")
    assert ring.open("passphrase", WORDS) and ring.ids("jimi") == ["jimi-1"]
    ring.close()
    with pytest.raises(Unavailable, match=r"key\.sealed"):
        ring.derive("jimi", "field")  # what was kept here is forgotten too
    assert WORDS not in closed.log


def test_a_passphrase_is_changed_by_who_knows_it_and_changing_it_opens_nothing(closed: House) -> None:
    ring, later = closed.start(), WORDS + " snow"
    with pytest.raises(Unavailable, match=r"key\.sealed"):
        ring.change_passphrase(WORDS, later)
    assert not ring.state().is_open
    ring.open("passphrase", WORDS)
    with pytest.raises(Refused, match=r"keystore\.wrong_passphrase"):
        ring.change_passphrase(later, later)
    ring.change_passphrase(WORDS, later)
    ring.close()
    with pytest.raises(Refused, match=r"keystore\.wrong_passphrase"):
        ring.open("passphrase", WORDS)
    assert ring.open("passphrase", later)


def _own() -> level_keys.LevelKey:
    return level_keys.generate("jimi-1")


def test_shares_take_two_people_and_open_one_after_another(closed: House) -> None:
    ring = closed.start()
    ring.open("passphrase", WORDS)
    with pytest.raises(Refused, match=r"key\.takes_two"):
        ring.split(2, 3, False)
    asked = {"act": "split", "need": 2, "of": 3, "keeps_passphrase": False, "part": ""}
    assert ring.agree(asked, "first") is False
    with pytest.raises(Refused, match=r"key\.asked_by_you"):
        ring.agree(asked, "first")
    assert ring.agree({**asked, "need": 3}, "second") is False  # another request
    assert ring.agree(asked, "second") is True
    with pytest.raises(Refused, match=r"key\.takes_two"):
        ring.split(2, 3, True)  # not what they agreed to
    made = ring.split(2, 3, False)
    with pytest.raises(Refused, match=r"key\.takes_two"):
        ring.split(2, 3, False)  # it counts once
    closed.kill()
    closed.start()
    assert (ring.state().ways, ring.state().needed) == (("share",), 2)
    assert ring.open("share", made[2]) is False and ring.state().given == 1
    with pytest.raises(Invalid, match=r"share\.twice"):
        ring.open("share", made[2])
    with pytest.raises(Invalid, match=r"share\.damaged"):
        ring.open("share", made[0][:-1] + ("A" if made[0][-1] != "A" else "B"))
    assert ring.open("share", made[0]) is True and ring.ids("jimi") == ["jimi-1"]
    assert not [text for text in made if text in closed.log]


def test_a_new_key_takes_two_people_in_the_service_and_outlives_a_kill(closed: House) -> None:
    ring = closed.start()
    ring.open("passphrase", WORDS)
    asked = {"act": "new_key", "level": "jimi", "key": "jimi-2"}
    for wrong in ({**asked, "key": "jimi-3"}, {**asked, "key": "jimi-1"}):
        with pytest.raises(Refused, match=r"key\.not_next"):
            ring.agree(wrong, "first")
    for malformed in ({}, {"act": "new_key"}, {**asked, "more": "x"}, {**asked, "key": 2}):
        with pytest.raises(Invalid):
            ring.agree(malformed, "first")
    assert ring.agree(asked, "first") is False
    assert ring.withdraw(asked, "second") is False and ring.withdraw({**asked, "key": "jimi-3"}, "first") is False
    assert ring.withdraw(asked, "first") is True and ring.withdraw(asked, "first") is False
    assert ring.agree(asked, "second") is False and ring.withdraw(asked, "second") is True, "who came too late asked"
    assert ring.agree(asked, "first") is False
    closed.kill()
    closed.start()
    ring.open("passphrase", WORDS)
    assert (
        ring.agree(asked, "second") is True
        and ring.withdraw(asked, "first") is False
        and ring.ids("jimi") == ["jimi-1", "jimi-2"]
    )
    closed.kill()
    closed.start()
    ring.open("passphrase", WORDS)
    assert ring.ids("jimi") == ["jimi-1", "jimi-2"]


def test_what_is_no_question_gets_no_answer_and_the_service_stays(house: House) -> None:
    ring = house.start()
    for name in ("_value", "custody", "_gate", "__class__", "serve", "key"):
        with pytest.raises(Invalid):
            ring._call(name)
    with pytest.raises(Invalid):
        ring._call("wrap", "jimi-1")
    for raw in (b"\xff\xff\xff\xff", b"\0\0\0\2[]", b"\0\0\0\1{", secrets.token_bytes(64)):
        link = ring._connect()
        link.sendall(raw)
        link.close()
    assert ring.ids("jimi") == ["jimi-1"]


def test_no_message_of_an_admitted_client_breaks_it_fills_it_or_writes_where_it_should_not(house: House) -> None:
    ring = house.start()
    deep = b'{"ask":' + b"[" * 100_000 + b"}"
    for raw in (deep, b'{"bytes": 1}', b'{"ask": {"bytes": [1]}}', b'{"ask": "a\\nforged line: done"}'):
        link = ring._connect()
        link.sendall(len(raw).to_bytes(4, "big") + raw)
        link.recv(1000)
        link.close()
    assert "Traceback" not in house.log and "forged" not in house.log
    day, whole = "2026-01-05", {"act": "new_key", "level": "jimi", "key": "jimi-2"}
    for wrong in (
        {"act": "split", "until": day},
        {"act": "open", "until": day},
        {"act": "waive", "file": "x", "person": "first"},
        {"act": "other", "until": day},
        {"act": ["waive"], "until": day},
        {**whole, "level": "../x", "key": "../x-2"},
        {"act": "open", "file": "x" * 1000, "person": "first"},
    ):
        with pytest.raises(Invalid):
            ring.agree(wrong, "first")
    for person in ("first" * 100, ["first"], 1):
        with pytest.raises(Invalid):
            ring.agree(whole, person)  # type: ignore[arg-type]
    assert ring.state().asked == () and ring.ids("jimi") == ["jimi-1"]


def test_no_more_wait_for_a_second_person_than_a_file_bears(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "MOST", 3)
    kept = gate.Gate(tmp_path / "asked.json")
    for number in range(3):
        kept.agree(opening(bytes([number]), "first"), "first", 0.0)
    with pytest.raises(Refused, match=r"key\.too_many_wait"):
        kept.agree(opening(b"more", "first"), "first", 1.0)
    assert kept.agree(opening(bytes([0]), "first"), "second", 1.0).is_granted, "what waits is agreed to all the same"
    assert not kept.agree(opening(b"more", "first"), "first", 901.5).is_granted, "what is over makes place"


class Here:
    """The service in this process, on ``path``."""

    def __init__(self, path: Path) -> None:
        self.path = path
        custody.prepare(path.parent / "keys")
        self._served = service.Service(str(path), LocalRing(places.part(path.parent / "keys", ""), "demo", lambda: 0.0))
        threading.Thread(target=self._served.serve_forever, args=(0.01,), daemon=True).start()

    def link(self) -> socket.socket:
        link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        link.settimeout(30)
        link.connect(str(self.path))
        return link

    def close(self) -> None:
        self._served.shutdown()
        self._served.server_close()


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Here]:
    """A service that bears two connections and waits a tenth of a second for the rest of a message."""
    monkeypatch.setattr(service, "MOST_LINKS", 2)
    monkeypatch.setattr(service, "SECONDS", 0.1)
    made = Here(tmp_path / wire.SOCKET)
    yield made
    made.close()


def test_a_connection_may_rest_a_message_may_not_and_there_are_only_so_many(here: Here) -> None:
    resting, slow = here.link(), here.link()
    for link in (resting, slow):
        wire.send(link, {"ask": "ids", "with": ["jimi"]})
        assert wire.receive(link) == {"value": ["jimi-1"]}
    more = here.link()
    assert more.recv(1) == b"", "one more is not served"
    slow.sendall(b"\0\0")
    assert slow.recv(1) == b"", "half a message is not waited for"
    wire.send(resting, {"ask": "ids", "with": ["jimi"]})
    assert wire.receive(resting) == {"value": ["jimi-1"]}
    for link in (resting, slow, more):
        link.close()


@pytest.mark.parametrize(("ask", "times"), [("ids", 2), ("agree", 1), ("open", 1), ("split", 1), ("unwrap", 1)])
def test_what_counts_each_time_is_not_asked_again_when_its_answer_is_lost(tmp_path: Path, ask: str, times: int) -> None:
    path, asked = tmp_path / wire.SOCKET, list[str]()
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listening.bind(str(path))
    listening.listen()

    def losing() -> None:
        """Answer the first message of the first connection; get every other and answer none."""
        while True:
            try:
                link, _ = listening.accept()
            except OSError:
                return
            with link:
                while (message := wire.receive(link)) is not None:
                    asked.append(message["ask"])
                    if len(asked) > 1:
                        break
                    wire.send(link, {"value": []})

    thread = threading.Thread(target=losing)
    thread.start()
    ring = RemoteRing(path)
    assert ring.ids("jimi") == []
    with pytest.raises(Unavailable, match=r"key\.service_down"):
        ring._call(ask)
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    thread.join(30)
    assert asked == ["ids"] + [ask] * times


def test_many_ask_at_once(house: House) -> None:
    ring = house.start()
    faults: list[BaseException] = []

    def work() -> None:
        try:
            for number in range(10):
                data, sealed = crypto.seal_bytes(bytes([number]), label=LABEL, kek=ring.key("jimi-1"))
                assert crypto.open_bytes(data, kek=ring.key("jimi-1"), shred=sealed.shred)[0] == bytes([number])
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


def test_it_is_small_dumps_no_core_and_ends_when_it_is_asked(house: House) -> None:
    house.start()
    assert house.process is not None
    status = Path(f"/proc/{house.process.pid}/limits").read_text(encoding="ascii")
    assert [line.split()[4:6] for line in status.splitlines() if line.startswith("Max core")] == [["0", "0"]]
    assert (house.folder / wire.SOCKET).stat().st_mode & 0o777 == 0o600
    house.process.send_signal(signal.SIGTERM)
    assert house.process.wait(10) == 0 and not (house.folder / wire.SOCKET).exists()
    loaded = "import sys, dingmi.records.keys.service; print('django' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", loaded], text=True, env=dict(os.environ)).strip() == "False"
