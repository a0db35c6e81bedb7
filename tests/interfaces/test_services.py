"""Each part of an installation runs as a user of its own, in units that hold every service to one floor (SR-90)."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from dingmi.interfaces.cli import health, services
from dingmi.queries import clock
from dingmi.records.keys import custody, places
from tests.architecture.source import ROOT

DATA, PARTS = Path("/var/lib/dingmi"), ("", "juemi")
FLOOR = {  # what no service may lack, told again here: the table of units cannot lower it
    "NoNewPrivileges": "yes",
    "CapabilityBoundingSet": "",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "ProtectKernelModules": "yes",
    "ProtectKernelTunables": "yes",
    "ProtectControlGroups": "yes",
    "RestrictNamespaces": "yes",
    "RestrictSUIDSGID": "yes",
    "LockPersonality": "yes",
    "MemoryDenyWriteExecute": "yes",
    "SystemCallArchitectures": "native",
    "UMask": "0077",
    "LimitCORE": "0",
}
KEYS, PAGES = ("dingmi-keys", "dingmi-keys-juemi"), ("dingmi-pages", "dingmi-jobs")


def units() -> dict[str, dict[str, list[str]]]:
    """Return what each unit says, by its name."""
    read: dict[str, dict[str, list[str]]] = {}
    for name, text in services.units(DATA, 8000, PARTS).items():
        said: dict[str, list[str]] = {}
        for line in text.splitlines():
            key, is_line, value = line.partition("=")
            if is_line:
                said.setdefault(key, []).append(value)
        read[name.removesuffix(".service")] = said
    return read


def lacking(said: dict[str, list[str]]) -> list[str]:
    """Return what a unit lacks of the floor."""
    found = [name for name, value in FLOOR.items() if said.get(name) != [value]]
    calls = " ".join(said.get("SystemCallFilter", []))
    found += [] if "@system-service" in calls and "~@privileged" in calls else ["SystemCallFilter"]
    found += [] if said.get("User", ["root"]) not in (["root"], [""]) else ["User"]
    families = set(" ".join(said.get("RestrictAddressFamilies", ["AF_PACKET"])).split())
    found += [] if families <= {"AF_UNIX", "AF_INET", "AF_INET6"} else ["RestrictAddressFamilies"]
    writes = " ".join(said.get("ReadWritePaths", ["/"])).split()
    found += [] if all(Path(path).is_relative_to(DATA) for path in writes) else ["ReadWritePaths"]
    return found


def test_every_unit_holds_the_floor_and_one_that_does_not_is_found() -> None:
    read = units()
    assert read.keys() == {*KEYS, *PAGES}
    assert {name: lacking(said) for name, said in read.items()} == {name: [] for name in read}
    for name in (*FLOOR, "SystemCallFilter", "User", "RestrictAddressFamilies", "ReadWritePaths"):
        poorer = {key: value for key, value in read["dingmi-pages"].items() if key != name}
        assert lacking(poorer) == [name]


def test_who_holds_keys_has_no_network_and_a_user_and_files_of_its_own() -> None:
    read = units()
    for name in KEYS:
        assert read[name]["PrivateNetwork"] == ["yes"] and read[name]["RestrictAddressFamilies"] == ["AF_UNIX"]
    owners = {name: read[name]["User"][0] for name in read}
    assert len({owners[name] for name in KEYS} | {owners["dingmi-pages"]}) == 3, "no two of these share a user"
    writes = {name: Path(read[name]["ReadWritePaths"][0]) for name in read}
    assert writes["dingmi-keys"] == DATA / "keys" and writes["dingmi-keys-juemi"] == DATA / "keys-juemi"
    for name in PAGES:
        assert set(read[name]["ReadOnlyPaths"][0].split()) == {f"-{writes[one]}" for one in KEYS}
    assert str(DATA / "keys-juemi") in read["dingmi-keys"]["InaccessiblePaths"][0]


def test_where_one_service_holds_all_keys_there_is_no_unit_of_the_highest() -> None:
    assert "dingmi-keys-juemi.service" not in services.units(DATA, 8000, ("",))


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """What the command writes for a data directory that keys were made in."""
    data, out = tmp_path / "data", tmp_path / "out"
    made(data)
    command = [sys.executable, "-m", "dingmi", "services", "write", str(out), "--data", str(data), "--json"]
    told = subprocess.run(command, capture_output=True, text=True, env=environment(data))
    assert told.returncode == 0, told.stderr
    assert {str(p.relative_to(out)) for p in out.rglob("*") if p.is_file()} == set(json.loads(told.stdout)["written"])
    return out


def made(data: Path) -> None:
    data.mkdir()
    (data / "dingmi.toml").write_text('profile = "state-secret"\n', encoding="utf-8")
    custody.prepare(data / "keys")
    (data / "founded").touch()


def environment(data: Path) -> dict[str, str]:
    return {**os.environ, "DINGMI_DATA": str(data)}


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not on this machine")
def test_systemd_takes_the_units_and_finds_little_exposed(written: Path) -> None:
    paths = sorted(map(str, (written / services.UNITS).glob("*.service")))
    checked = subprocess.run(["systemd-analyze", "verify", *paths], capture_output=True, text=True)
    assert (checked.returncode, checked.stderr) == (0, "")
    for path in paths:
        most = 10 if "keys" in path else 20  # tenths of ten
        command = ["systemd-analyze", "security", "--offline=true", f"--threshold={most}", path]
        told = subprocess.run(command, capture_output=True, text=True)
        assert told.returncode == 0, told.stdout[-300:]


@pytest.mark.skipif(not shutil.which("systemd-sysusers"), reason="systemd-sysusers is not on this machine")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes users, in a folder of the test")
def test_systemd_makes_the_users_and_each_is_in_the_groups_it_needs(written: Path) -> None:
    told = subprocess.run(
        ["systemd-sysusers", f"--root={written}", Path(services.USERS).name], capture_output=True, text=True
    )
    assert told.returncode == 0, told.stderr
    users = (written / "etc" / "passwd").read_text()
    assert {line.split(":")[0] for line in users.splitlines()} == set(services.told()["users"])
    assert all("nologin" in line for line in users.splitlines())
    groups = dict((line.split(":")[0], line.split(":")[3]) for line in (written / "etc" / "group").read_text().split())
    assert groups["dingmi-keys"] == "dingmi-juemi" and groups["dingmi"] == groups["dingmi-juemi"] == ""


def test_what_cannot_be_written_or_handed_over_is_refused(tmp_path: Path) -> None:
    data = tmp_path / "da ta"

    def said(*words: str) -> str:
        told = subprocess.run(
            [sys.executable, "-m", "dingmi", "services", *words, "--data", str(data), "--json"],
            capture_output=True,
            text=True,
            env=environment(data),
        )
        return str(json.loads(told.stdout)["error"]["code"])

    assert said("write", str(tmp_path / "out")) == "services.no_installation"
    made(data)
    assert said("write", str(tmp_path / "out")) == "services.path" and not (tmp_path / "out").exists()
    data = data.rename(tmp_path / "data")
    before = [(path, path.stat().st_uid, path.stat().st_mode) for path in sorted(data.rglob("*"))]
    assert said("own") == ("services.no_users" if os.geteuid() == 0 else "services.not_root")
    assert [(path, path.stat().st_uid, path.stat().st_mode) for path in sorted(data.rglob("*"))] == before


def commands(parent: int | None = None) -> list[str]:
    """Return the commands of the processes there are, or of those that ``parent`` started."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            if parent in (None, int(status.read_text().rpartition(")")[2].split()[1])):
                found.append(status.with_name("cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:
            continue
    return found


def test_pages_alone_start_neither_jobs_nor_a_key_service(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = tmp_path / "data"
    data.mkdir()
    (data / "dingmi.toml").write_text('profile = "enterprise"\n', encoding="utf-8")
    command = [sys.executable, "-m", "dingmi", "up", "--alone", "--data", str(data), "--port", str(port)]
    pages = subprocess.Popen(command, env=environment(data), stdout=subprocess.DEVNULL)
    try:
        while not any("granian" in each for each in commands(pages.pid)):
            assert pages.poll() is None
            time.sleep(0.2)
        assert len(commands(pages.pid)) == 1 and not (data / "jobs.log").exists() and not (data / "keys.log").exists()
    finally:
        pages.terminate()
        pages.wait(60)
    assert not [line for line in commands() if f"--port {port}" in line], "told to end while it starts, it leaves none"


# --- with real users ----------------------------------------------------------------------------------------------

IDS = {"root": 0, "dingmi": 61001, "dingmi-keys": 61002, "dingmi-juemi": 61003}
STRANGER = 61009
SERVE = """
import os, sys
from dingmi.records.keys import service
service.self_test()
user, groups = int(sys.argv.pop()), [int(one) for one in sys.argv.pop().split(",") if one]
os.setgroups(groups); os.setgid(user); os.setuid(user)
service.main()
"""
ASK = """
import os, sys
from pathlib import Path
from dingmi.base.errors import DingmiError
from dingmi.records.keys import places
from dingmi.records.keys.client import RemoteRing
data, what, groups, user = Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
os.setgroups([int(one) for one in groups.split(",") if one]); os.setgid(user); os.setuid(user)
try:
    if what.startswith("read "):
        print("read" if (data / what[5:]).read_bytes() else "empty")
    elif what.startswith("waive "):
        print(RemoteRing(places.socket_at(data, "")).agree({"act": "waive", "until": what.split()[1]}, what.split()[2]))
    elif what == "parts":
        print([part.name for part in places.parts(data / "keys")])
    else:
        ring = RemoteRing(places.socket_at(data, what.partition(" ")[2]))
        print(ring.may_seal_state_secrets() if what.startswith("may") else sorted(ring.state().keys))
except DingmiError as error:
    print(error.code)
except OSError as error:
    print(type(error).__name__)
"""
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes other users")


class House:
    """An installation that was handed over, with both key services under their own users."""

    def __init__(self, folder: Path) -> None:
        folder.chmod(0o755)
        self.data = folder / "data"
        made(self.data)
        (self.data / "vault").mkdir()
        (self.data / "vault" / "one").write_bytes(b"sealed")
        services.hand_over(self.data, IDS.__getitem__, IDS.__getitem__)
        self.running = [self.serve("dingmi-keys", ""), self.serve("dingmi-juemi", str(IDS["dingmi-keys"]), "juemi")]

    def serve(self, user: str, groups: str, *part: str) -> subprocess.Popen[bytes]:
        """Start a key service and wait until it tells, as it tells systemd, that it listens."""
        place = self.data.parent / f"notify-{user}"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(str(place))
            place.chmod(0o666)
            manager.settimeout(60)
            command = [sys.executable, "-c", SERVE, str(self.data), *part, groups, str(IDS[user])]
            started = subprocess.Popen(command, env={**os.environ, "NOTIFY_SOCKET": str(place)}, stderr=sys.stderr)
            assert manager.recv(100) == b"READY=1"
        return started

    def asked(self, what: str, user: int, groups: str = "") -> str:
        """Return what one user, in further groups, is answered."""
        command = [sys.executable, "-c", ASK, str(self.data), what, groups, str(user)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    folder = Path(tempfile.mkdtemp(prefix="services-"))
    made_here = House(folder)
    yield made_here
    for process in made_here.running:
        process.terminate()
        process.wait(20)
    shutil.rmtree(folder)


@as_root
def test_the_pages_ask_both_services_of_other_users_and_read_no_key(house: House) -> None:
    pages = IDS["dingmi"]
    assert house.asked("parts", pages) == "['', 'juemi']"
    assert "jimi" in house.asked("state ", pages) and house.asked("state juemi", pages) == "['juemi']"
    for name in ("keys/jimi.key", "keys/checkpoint.key", "keys-juemi/juemi.key"):
        assert house.asked(f"read {name}", pages) == "PermissionError", name
    for name in ("keys/ledger.key", "keys/session.key", "dingmi.toml", "vault/one"):
        assert house.asked(f"read {name}", pages) == "read", name


@as_root
@pytest.mark.parametrize(
    ("user", "others"),
    [
        ("dingmi-keys", ("keys-juemi/juemi.key", "vault/one")),
        ("dingmi-juemi", ("keys/jimi.key", "keys/checkpoint.key", "keys/ledger.key", "keys/session.key", "vault/one")),
    ],
)
def test_who_holds_keys_reads_neither_those_of_the_other_nor_the_files_of_the_pages(
    house: House, user: str, others: tuple[str, ...]
) -> None:
    groups = "61002" if user == "dingmi-juemi" else ""
    assert [house.asked(f"read {name}", IDS[user], groups) for name in others] == ["PermissionError"] * len(others)
    assert house.asked("read dingmi.toml", IDS[user], groups) == "read"
    other = "" if user == "dingmi-juemi" else "juemi"
    assert house.asked(f"state {other}", IDS[user], groups) == "key.service_down", "nor asks the other for one"


@as_root
def test_the_group_alone_asks_whatever_the_mode_of_the_socket_says(house: House) -> None:
    assert house.asked("state ", STRANGER) == "key.service_down"
    assert "jimi" in house.asked("state ", STRANGER, "61001"), "further groups count"
    paths = [house.data / "keys/keys.sock", house.data / "keys-juemi/keys.sock"]
    assert [path.stat().st_mode & 0o777 for path in paths] == [0o660, 0o660]
    try:
        for place in (house.data, *(path.parent for path in paths)):
            place.chmod(place.stat().st_mode | 0o001)
        for path in paths:
            path.chmod(0o666)
        for part in ("", "juemi"):
            assert house.asked(f"state {part}", STRANGER) == "key.service_down", "its credentials are looked at too"
            assert house.asked(f"state {part}", STRANGER, "61002,61003") == "key.service_down"
    finally:
        for path in paths:
            path.chmod(0o660)
        services.hand_over(house.data, IDS.__getitem__, IDS.__getitem__)


@as_root
def test_what_two_people_declare_before_one_service_the_other_reads(house: House) -> None:
    pages, day = IDS["dingmi"], f"{clock.now() + timedelta(days=5):%Y-%m-%d}"
    assert house.asked("may juemi", pages) == "False"
    assert house.asked(f"waive {day} one", pages) == "False" and house.asked(f"waive {day} two", pages) == "True"
    assert house.asked("may ", pages) == house.asked("may juemi", pages) == "True"


@as_root
def test_an_installation_that_was_handed_over_is_sound_until_a_mode_is_wider(house: House) -> None:
    from django.test import override_settings

    with override_settings(CONFIG={}):
        assert health._modes(house.data) == []
        key = house.data / "keys" / "jimi.key"
        key.chmod(0o640)
        assert [finding.params["path"] for finding in health._modes(house.data)] == ["jimi.key"]
        key.chmod(0o600)
        (house.data / "founded").chmod(0o644)
        assert [finding.params["path"] for finding in health._modes(house.data)] == ["founded"]
        (house.data / "founded").chmod(0o600)
    pages = (house.data / "vault/one").stat()
    assert (pages.st_uid, pages.st_gid, pages.st_mode & 0o777) == (IDS["dingmi"], IDS["dingmi"], 0o600)
    assert places.socket_at(house.data, "juemi") == house.data / "keys-juemi" / "keys.sock"


# --- the page for administrators ----------------------------------------------------------------------------------

PAGE = (ROOT / "docs" / "services.md").read_text(encoding="utf-8")
OF_THE_SYSTEM: dict[str, Callable[[str], bool]] = {
    "systemd-sysusers": lambda rest: rest == "",
    "systemctl": lambda rest: rest == "daemon-reload" or rest.startswith("enable --now "),
    "systemd-analyze": lambda rest: rest.startswith(("verify ", "security ")),
    "runuser": lambda rest: rest.startswith("-u dingmi -- dingmi "),
}


def test_every_command_of_the_page_is_one_that_there_is(written: Path) -> None:
    lines = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.S) for line in block.splitlines()]
    known = {f"{name}.service" for name in units()}
    for line in lines:
        typed = line.split("#")[0].strip()
        name, _, rest = typed.partition(" ")
        if name == "runuser":
            name, rest = "dingmi", rest.removeprefix("-u dingmi -- dingmi ")
        if name == "dingmi":
            command = [sys.executable, "-m", "dingmi", *rest.split(" --")[0].split()[:2], "--help"]
            asked = subprocess.run(command, capture_output=True, text=True)
            assert asked.returncode == 0, line
            for option in re.findall(r"--[a-z]+", rest):
                assert option in asked.stdout, line
            continue
        assert OF_THE_SYSTEM[name](rest), line
        if "enable" in rest:
            assert {f"{one}.service" for one in rest.split()[2:]} == known
    assert any(line.startswith("dingmi services write / ") for line in lines), "what the fixture does below a folder"
