"""``up``, ``check``, ``daily``, ``routes``: run an installation and look at its health."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import typer

from dingmi.base.errors import Invalid, Refused, Unavailable
from dingmi.interfaces.cli import sockets, told
from dingmi.interfaces.cli.declare import policy
from dingmi.interfaces.cli.health import examine, unsound
from dingmi.interfaces.cli.install import install, is_founded, read_accounts, read_configuration
from dingmi.interfaces.cli.keys import keepers
from dingmi.interfaces.cli.out import DataFlag, JsonFlag, console, data_folder, emit, start_django, use_data
from dingmi.interfaces.cli.unfinished import MARK, hold

SIGNAL_OF_PARENT = 1  # PR_SET_PDEATHSIG
LOOPBACK = ("127.0.0.1", "localhost", "::1")
HERE, PORT = "127.0.0.1", 8000
PATIENCE = 20  # seconds that the pages have to end


@policy("folder")
def up(
    demo: Annotated[bool, typer.Option("--demo", help="建演示单位 · with the demo organ")] = False,
    host: Annotated[str, typer.Option("--host")] = HERE,
    port: Annotated[int, typer.Option("--port", min=1, max=65535)] = PORT,
    unix: Annotated[
        Path | None,
        typer.Option("--socket", help="只在这个 Unix 套接字上提供，给本机的网关 · to a gateway of this machine alone"),
    ] = None,
    alone: Annotated[
        bool,
        typer.Option(
            "--alone",
            help="只提供网页和接口：密钥服务、定时任务另行运行（dingmi services） · pages and API; keys and jobs run as services",
        ),
    ] = False,
    data: DataFlag = None,
) -> None:
    """建库（如未建）并提供网页、接口和定时任务 · found if needed, then serve pages, API and jobs."""
    folder = data_folder(data)
    place = _place(unix, host, port, folder)
    fresh = not is_founded(folder)
    install(folder, demo=demo)
    hold(folder)
    _require_sound(folder)
    _require_lawful_keys()
    _require_row_security()
    _record_profile()
    _print_start(folder, f"unix:{place}" if place else f"http://{host}:{port}/", demo=demo)
    environment = dict(os.environ, DINGMI_DATA=str(folder), DJANGO_SETTINGS_MODULE="dingmi.site.settings")
    environment["DINGMI_KEY_SERVICE"] = "1"
    services = [] if alone else keepers(folder)
    helper = [sys.executable, "-m", "dingmi.interfaces.jobs"]
    if demo and (fresh or (folder / MARK).exists()):
        helper = [sys.executable, "-m", "dingmi", "demo", "--seed", "7", "--matters", "120", "--then-jobs"]
    for service in services:
        service.start()
    beside = [] if alone else [_jobs(folder, helper, environment)]
    server = [sys.executable, "-m", "granian", "--interface", "wsgi", *_listening(place, host, port)]
    server += ["--workers", "1", "--blocking-threads", "4", "--no-ws", "--log-level", "warning"]
    heard: list[int] = []
    _on_ending(lambda number, _: heard.append(number))  # broken off while they start, the pages would be left behind
    pages = subprocess.Popen([*server, "dingmi.site.wsgi:application"], env=environment, preexec_fn=_as_pages)
    try:
        _on_ending(signal.default_int_handler)  # however it is ended, it ends as by Ctrl+C
        if heard:
            raise KeyboardInterrupt
        raise typer.Exit(pages.wait())
    except KeyboardInterrupt:
        console.print("已停止。 Stopped.")
    finally:
        for process in (pages, *beside):
            process.terminate()
        _ended(pages)
        for service in services:
            service.stop()
        if place is not None:
            place.unlink(missing_ok=True)


def _jobs(folder: Path, command: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start the jobs beside the pages; what they say is kept in ``jobs.log``."""
    with (folder / "jobs.log").open("ab") as log:
        return subprocess.Popen(command, env=environment, stdout=log, stderr=log, preexec_fn=_behind_the_pages)


def _place(unix: Path | None, host: str, port: int, folder: Path) -> Path | None:
    """Return the socket to serve; None for a port, which is free and needs no TLS or has it.

    Raises:
        Invalid: ``serve.socket_alone``: a socket and a host or port.
        Refused: ``serve.needs_tls``; see ``sockets.usable``.
        Unavailable: ``serve.port_taken``.
    """
    if unix is not None:
        if (host, port) != (HERE, PORT):
            raise Invalid("serve.socket_alone")
        return sockets.usable(unix)
    if host not in LOOPBACK and not _has_tls(folder):
        raise Refused("serve.needs_tls", (), host=host)
    _require_free(host, port)
    return None


def _listening(place: Path | None, host: str, port: int) -> list[str]:
    """Return what tells the server of the pages where to listen."""
    if place is not None:
        return ["--uds", str(place), "--uds-permissions", sockets.OWNER_ALONE]
    told = ["--host", host, "--port", str(port)]
    if host not in LOOPBACK:
        from django.conf import settings

        tls = settings.CONFIG["tls"]
        told += ["--ssl-certificate", tls["certificate"], "--ssl-keyfile", tls["key"]]
    return told


def _on_ending(do: Callable[[int, FrameType | None], Any]) -> None:
    """Do this when asked to end; what is ignored, as below nohup, stays so."""
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(name) is not signal.SIG_IGN:
            signal.signal(name, do)


def _ended(pages: subprocess.Popen[bytes]) -> None:
    """Wait for the pages to end, and end what they leave; a server that was told to while it started may miss it, or leave its worker."""
    with suppress(subprocess.TimeoutExpired):
        pages.wait(PATIENCE)
    with suppress(ProcessLookupError):
        os.killpg(pages.pid, signal.SIGKILL)
    pages.wait()


def _require_free(host: str, port: int) -> None:
    """Refuse a port that is served already: two servers would share its requests in silence.

    Raises:
        Unavailable: ``serve.port_taken``.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what was closed a moment ago is free
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Unavailable("serve.port_taken", (), host=host, port=port) from error


def _end_with_parent() -> None:
    """Ask the system, where it can, to end this process when its parent is gone, however that went."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SIGNAL_OF_PARENT, signal.SIGTERM)


def _as_pages() -> None:
    """Lead a group of processes of its own, which is ended as one, and end with the parent."""
    os.setpgid(0, 0)
    _end_with_parent()


def _behind_the_pages() -> None:
    """Let the pages go first where both want the processor, and end with the parent."""
    os.nice(5)
    _end_with_parent()


def _require_sound(folder: Path) -> None:
    """Refuse to serve with open key files, known secrets, in debug mode or as another program than was installed (SR-91)."""
    if found := unsound(folder):
        raise Refused.of(found)


def _require_lawful_keys() -> None:
    """Refuse to serve state secrets under software keys, unless two people declared that there is test data only."""
    from dingmi.procedures import custody

    if not custody.is_lawful():
        raise Refused("serve.software_keys", ("MM-7",))


def _require_row_security() -> None:
    """Refuse to serve from PostgreSQL as a role that its row security does not bind (SR-20)."""
    from dingmi.queries.system import unguarded

    if found := unguarded():
        raise Refused(found[0].code, (), **found[0].params)


def _record_profile() -> None:
    """Keep the profile that is served, and refuse one laxer than was kept before."""
    from dingmi.procedures.keep import record_profile
    from dingmi.queries import clock

    record_profile(now=clock.now())


def _has_tls(folder: Path) -> bool:
    """Read it from the file: the settings are loaded once, and only when it is complete."""
    return bool(read_configuration(folder).get("tls", {}).get("certificate"))


def _print_start(folder: Path, address: str, *, demo: bool) -> None:
    """Print the address, what is being filled, and the demo accounts."""
    console.print("\ndingmi", style="bold", end="")
    console.print(f"  {address}   （Ctrl+C 停止 · to stop）", highlight=False)
    for line in read_accounts(folder) if demo else ():
        console.print(f"  {line}", highlight=False)
    if (folder / MARK).exists():
        console.print("  演示数据正在后台生成，进度见 · the demo is being filled: jobs.log", highlight=False)


@policy("folder")
def check(
    deploy: Annotated[bool, typer.Option("--deploy", help="按正式运行检查")] = False,
    data: DataFlag = None,
    as_json: JsonFlag = False,
) -> None:
    """检查配置、密钥、文件权限、时钟 · configuration, keys, file modes, clock."""
    folder = use_data(data)
    findings = examine(folder, deploy=deploy)
    if as_json:
        emit({"ok": not any(f["severity"] == "block" for f in findings), "findings": findings})
    else:
        for finding in findings:
            console.print(f"{finding['severity']}: {finding['message_zh']} {finding['remedy_zh']}", highlight=False)
        if not findings:
            console.print("没有发现问题。 Nothing found.")
    if any(finding["severity"] == "block" for finding in findings):
        raise typer.Exit(3)


@policy("folder")
def daily(data: DataFlag = None, as_json: JsonFlag = False) -> None:
    """办理今天到期的事项 · perform the time-driven acts due now."""
    use_data(data)
    from dingmi.procedures.daily import refresh_statistics, run
    from dingmi.queries import clock

    counts = run(now=clock.now())
    refresh_statistics()
    if as_json:
        emit(counts)
        return
    told.say(told.counts(counts))
    if not any(any(values.values()) for values in counts.values()):
        print("今天没有到期的事项。 Nothing is due today.")


@policy("folder")
def routes(as_json: JsonFlag = False, data: DataFlag = None) -> None:
    """列出全部路径及其访问策略 · every route with its policy."""
    start_django(data_folder(data))
    from dingmi.interfaces.cli.routes import declared

    rows = declared()
    if as_json:
        emit(rows)
        return
    for row in rows:
        print(f"{row['path']:<48}{','.join(row['methods']):<12}{row['policy']}")


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    for command in (up, check, daily, routes):
        app.command(command.__name__)(command)
