"""Start the product where there is no network but loopback, sign in and draft through the API; print what happened as JSON.

``unshare --map-root-user --net python -m tests.offline FOLDER``
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import time
import urllib.error
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from dingmi.interfaces.cli.install import install
from dingmi.interfaces.cli.unfinished import MARK

LOOPBACK, ELSEWHERE = "lo", "192.0.2.1"  # an address that stands for any other machine
SET_FLAGS, UP = 0x8914, 0x1  # SIOCSIFFLAGS, IFF_UP
PATIENCE = 120  # seconds
DRAFTER = "drafter"
TEXT = "城区供水管网关键节点切换方案\n一、关键节点共三处，节点坐标见附表。\n二、切换时序按照先主后备的原则安排，控制参数由调度中心掌握。\n"


def raise_loopback() -> None:
    """Bring up the one interface that this namespace has."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        fcntl.ioctl(asking, SET_FLAGS, struct.pack("16sh", LOOPBACK.encode(), UP))


def is_cut_off() -> bool:
    """Tell whether nothing but this machine can be reached, and no name be asked for."""
    try:
        socket.create_connection((ELSEWHERE, 443), timeout=1).close()
    except OSError as error:
        unreachable = not isinstance(error, TimeoutError)
    else:
        return False
    try:
        socket.getaddrinfo("example.org", 443)
    except OSError:
        return unreachable
    return False


class Reader:
    """A browser without scripts."""

    def __init__(self, port: int) -> None:
        self.root = f"http://127.0.0.1:{port}"
        self.open = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(CookieJar())
        ).open

    def get(self, path: str) -> str:
        """Return a page."""
        with self.open(f"{self.root}{path}", timeout=30) as page:
            return str(page.read().decode())

    def sign_in(self, name: str, password: str) -> str:
        """Sign in by the form; return the page that follows."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get("/sign-in"))
        assert token, "the form has its token"
        form = {"csrfmiddlewaretoken": token[1], "username": name, "password": password}
        asked = urllib.request.Request(f"{self.root}/sign-in", urlencode(form).encode(), {"Referer": self.root})
        with self.open(asked, timeout=60) as page:
            return str(page.read().decode())

    def post(self, path: str, token: str, body: dict[str, Any]) -> dict[str, Any]:
        """Post JSON under a token; return the answer."""
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        asked = urllib.request.Request(f"{self.root}{path}", json.dumps(body).encode(), headers)
        with self.open(asked, timeout=120) as answer:
            found: dict[str, Any] = json.loads(answer.read())
            return found


def started(folder: Path, port: int) -> subprocess.Popen[bytes]:
    """Found the demonstration, none of its matters, and start the product; return it when it serves."""
    install(folder, demo=True)
    (folder / MARK).unlink()
    command = [sys.executable, "-m", "dingmi", "up", "--port", str(port), "--data", str(folder)]
    told = (folder.parent / "up.log").open("wb")
    process = subprocess.Popen(command, stdout=told, stderr=told, start_new_session=True)
    began = time.monotonic()
    while time.monotonic() - began < PATIENCE:
        assert process.poll() is None, (folder.parent / "up.log").read_text("utf-8")
        try:
            Reader(port).get("/sign-in")
            return process
        except OSError:
            time.sleep(0.2)
    raise AssertionError("nothing is served")


def used(folder: Path, port: int) -> dict[str, Any]:
    """Sign in, take a token, draft through the API and find the draft on its page."""
    rows = (line.split() for line in (folder / "demo-accounts.txt").read_text("utf-8").splitlines())
    password = next(row[1] for row in rows if row and row[0] == DRAFTER)
    reader = Reader(port)
    page = reader.sign_in(DRAFTER, password)
    act = [sys.executable, "-m", "dingmi", "act", "access.issue_token", "--as", DRAFTER, "--data", str(folder)]
    issued = subprocess.run([*act, "--json"], input="{}", capture_output=True, text=True, check=False)
    assert issued.returncode == 0, issued.stdout + issued.stderr
    token = json.loads(issued.stdout)["token"]
    upload = {"filename": "切换方案.txt", "content_base64": base64.b64encode(TEXT.encode()).decode("ascii")}
    drafted = reader.post("/api/v1/acts/determination.draft", token, {"upload": upload, "title": "无网络下拟稿"})
    return {
        "signed_in": 'href="/draft' in page,
        "drafted": drafted["characters"] > 50,
        "shown": "无网络下拟稿" in reader.get(f"/draft/{drafted['matter']}"),
    }


def main() -> None:
    """Do it all; what was started ends with us."""
    folder = Path(sys.argv[1]) / "data"
    raise_loopback()
    found: dict[str, Any] = {"interfaces": [name for _, name in socket.if_nameindex()], "cut_off": is_cut_off()}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = started(folder, port)
    try:
        found |= used(folder, port)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
