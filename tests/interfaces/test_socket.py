"""A Unix socket for a gateway of the same machine: who may connect, what is refused, and what is believed of who does."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.test import Client

from dingmi.base.errors import DingmiError
from dingmi.interfaces.cli import serve, sockets
from dingmi.queries import gateway
from tests.interfaces.test_gateway import SECRET, said, sign_in
from tests.interfaces.test_gateway import story as behind_a_gateway
from tests.procedures.test_certificates import bound
from tests.story import Story

ROOT = Path(__file__).resolve().parents[2]
story = behind_a_gateway


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a path short enough for a socket."""
    with TemporaryDirectory(prefix="dm") as made:
        yield Path(made)


def refused(path: Path) -> str:
    with pytest.raises(DingmiError) as caught:
        sockets.usable(path)
    return caught.value.code


def test_only_a_place_of_ones_own_is_served(folder: Path) -> None:
    assert sockets.usable(folder / "s") == Path(os.path.realpath(folder)) / "s"
    for path in (folder / "missing" / "s", folder / ("s" * 120), Path("/")):
        assert refused(path) == "serve.socket_path"
    for mode in (0o720, 0o702, 0o777):
        folder.chmod(mode)
        assert refused(folder / "s") == "serve.socket_folder"
    folder.chmod(0o755)
    (folder / "file").write_text("x")
    (folder / "link").symlink_to(folder / "nowhere")
    for taken in ("file", "link"):
        assert refused(folder / taken) == "serve.socket_taken"
    assert (folder / "file").read_text() == "x"


def test_a_folder_of_another_user_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: folder.stat().st_uid + 1)
    assert refused(folder / "s") == "serve.socket_folder"


def test_a_socket_that_is_served_stays_and_one_left_behind_goes(folder: Path) -> None:
    path = folder / "s"
    with socket.socket(socket.AF_UNIX) as served:
        served.bind(str(path))
        served.listen()
        assert refused(path) == "serve.socket_taken" and path.exists()
    assert sockets.usable(path) == Path(os.path.realpath(path)) and not path.exists()


@pytest.mark.parametrize(("host", "port"), [("0.0.0.0", serve.PORT), (serve.HERE, 9000)])
def test_a_socket_and_a_port_are_not_served_together(folder: Path, host: str, port: int) -> None:
    with pytest.raises(DingmiError, match=r"serve\.socket_alone"):
        serve._place(folder / "s", host, port, folder)


def get(path: Path, road: str) -> tuple[int, str]:
    """Ask through a socket; return status and where it leads."""
    line = http.client.HTTPConnection("localhost", timeout=20)
    line.sock = socket.socket(socket.AF_UNIX)
    line.sock.settimeout(20)
    line.sock.connect(str(path))
    line.request("GET", road)
    answer = line.getresponse()
    return answer.status, answer.headers.get("Location", "")


def test_it_is_served_to_its_owner_alone_and_gone_afterwards(folder: Path) -> None:
    (folder / "data").mkdir(mode=0o700)
    (folder / "data/dingmi.toml").write_text('profile = "enterprise"\n', encoding="utf-8")
    path = folder / "pages.sock"
    environment = {k: v for k, v in os.environ.items() if k not in ("DINGMI_TEST_DATABASE", "DINGMI_DATABASE")}
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT / "src"), environment.get("PYTHONPATH", "")])
    command = [sys.executable, "-m", "dingmi", "up", "--socket", str(path), "--data", str(folder / "data")]
    log = (folder / "log").open("wb")
    server = subprocess.Popen(command, env=environment, cwd=folder, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 240
        while server.poll() is None and time.monotonic() < deadline:
            try:
                status, road = get(path, "/")
                break
            except OSError:
                time.sleep(0.3)
        else:
            pytest.fail((folder / "log").read_text("utf-8")[-2000:])
        assert status == 302 and "sign-in" in road
        assert stat.S_ISSOCK(path.stat().st_mode) and stat.S_IMODE(path.stat().st_mode) == 0o600
        assert f"unix:{os.path.realpath(path)}" in (folder / "log").read_text("utf-8").replace("\n", "")
        second = subprocess.run(command, env=environment, cwd=folder, capture_output=True, timeout=120, check=False)
        assert second.returncode == 7 and get(path, "/sign-in")[0] == 200
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=90)
        log.close()
    assert not path.exists()


@pytest.mark.db
@pytest.mark.django_db
def test_through_the_socket_the_gateway_is_believed_by_its_secret_and_nobody_is_by_the_word(
    story: Story, settings: object
) -> None:
    settings.DINGMI_GATEWAY = {"peers": [gateway.SOCKET]}  # type: ignore[attr-defined]
    assert gateway.trusted() is not None and list(gateway.faults()) == []
    pem, _ = bound(story)
    for wrong in ({"REMOTE_ADDR": "127.0.0.1"}, {"HTTP_X_GATEWAY_SECRET": SECRET[:-1]}, {"HTTP_X_GATEWAY_SECRET": ""}):
        assert sign_in(Client(), said(pem, **({"REMOTE_ADDR": ""} | wrong))) == 403
    client = Client()
    assert sign_in(client, said(pem, REMOTE_ADDR="")) == 302
    assert client.get("/account", **said(pem, REMOTE_ADDR="")).status_code == 200
    assert client.get("/account", **said("", REMOTE_ADDR="")).status_code == 302, "over without its certificate"


@pytest.mark.db
@pytest.mark.django_db
def test_the_socket_is_no_peer_where_addresses_are(story: Story) -> None:
    pem, _ = bound(story)
    assert sign_in(Client(), said(pem, REMOTE_ADDR="")) == 403
