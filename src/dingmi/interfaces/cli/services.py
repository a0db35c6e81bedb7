"""``dingmi services``: systemd units under which each part of an installation runs as a user of its own (SR-90).

What runs, as whom, and what it may do is data (``services.toml``): the units, the users and the owners of files all come of it.
"""

from __future__ import annotations

import grp
import os
import pwd
import stat
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import typer

from dingmi.base.errors import Forbidden, Invalid, NotFound, Refused, Unavailable
from dingmi.interfaces.cli.declare import policy
from dingmi.interfaces.cli.install import is_founded
from dingmi.interfaces.cli.out import DataFlag, JsonFlag, console, data_folder, emit, start_django

app = typer.Typer(
    no_args_is_help=True, help="系统服务：单独的用户和 systemd 单元 · services: users of their own, systemd units"
)
UNITS, USERS, KEPT = "etc/systemd/system", "etc/sysusers.d/dingmi.conf", "etc/tmpfiles.d/dingmi.conf"
HIDDEN = ("/home", "/root", "/run/user", "/tmp", "/var/tmp")


@dataclass(frozen=True, slots=True)
class Place:
    """A file or folder of the data directory: whose it is, and its mode."""

    path: Path
    user: str
    group: str
    mode: int


@cache
def told() -> dict[str, Any]:
    """Return the table of services."""
    return tomllib.loads(Path(__file__).with_name("services.toml").read_text(encoding="utf-8"))


def units(folder: Path, port: int, parts: tuple[str, ...], python: str = sys.executable) -> dict[str, str]:
    """Return the text of each unit by its name.

    Args:
        parts: The parts of the keys that have a service: one that rests with the others has none.
    """
    filled = {"{data}": str(folder), "{port}": str(port), "{python}": python}
    found = {}
    for one in told()["service"]:
        if one.get("part", "") in parts:
            found[f"{one['name']}.service"] = _filled(_unit(one), filled)
    return found


def _filled(text: str, filled: dict[str, str]) -> str:
    for name, value in filled.items():
        text = text.replace(name, value)
    return text


def _unit(one: dict[str, Any]) -> str:
    lines = ["[Unit]", f"Description={one['says']}"]
    lines += [f"After={' '.join(one['after'])}"] if one["after"] else []
    lines += [f"Requires={' '.join(one['needs'])}"] if one["needs"] else []
    lines += ["", "[Service]", f"User={one['user']}", f"Group={one['user']}", f"ExecStart={one['run']}"]
    lines += ["Environment=DINGMI_DATA={data}", "Environment=DINGMI_KEY_SERVICE=1"]
    lines += ["Environment=DJANGO_SETTINGS_MODULE=dingmi.site.settings", "Environment=PYTHONDONTWRITEBYTECODE=1"]
    lines += ["WorkingDirectory=/", "Restart=on-failure", "RestartSec=2"]
    for name, value in {**one["unit"], **told()["floor"]}.items():
        lines += [f"{name}={each}" for each in (value if isinstance(value, list) else [value])]
    return "\n".join([*lines, "", "[Install]", "WantedBy=multi-user.target", ""])


def users(folder: Path) -> str:
    """Return the users, as systemd-sysusers makes them."""
    rows = [f'u {name} - "{one["says"]}" {folder}' for name, one in told()["users"].items()]
    rows += [f"m {name} {group}" for name, one in told()["users"].items() for group in one["also"]]
    return "\n".join([*rows, ""])


def kept(folder: Path) -> str:
    """Return the owners and modes of the folders that are shared, as systemd-tmpfiles holds them at every start."""
    rows = [f"z {path} {one.mode:o} {one.user} {one.group}" for path, one in places(folder).items() if path.is_dir()]
    return "\n".join([*rows, ""])


def places(folder: Path) -> dict[Path, Place]:
    """Return what of the data directory is there and not the pages' alone, a folder before what it holds."""
    found: dict[Path, Place] = {}
    for one in told()["place"]:
        paths = [folder] if one["path"] == "." else sorted(folder.glob(one["path"]))
        for path in paths:
            found[path] = Place(path, one["user"], one["group"], one["mode"])
    return found


def is_owned(folder: Path) -> bool:
    """Tell whether the users of the services own their files of the data directory."""
    return bool(folder.stat().st_mode & stat.S_ISVTX)


def hand_over(folder: Path, user: Callable[[str], int], group: Callable[[str], int]) -> int:
    """Give every file of the data directory to the user whose service needs it; return how many there are.

    Links are not followed, nor changed: the data directory holds none of its own.
    """
    shared, count = places(folder), 0
    mine = user("dingmi"), group("dingmi")
    for path in _below(folder):
        one = shared.get(path)
        owner = mine if one is None else (user(one.user), group(one.group))
        mode = path.lstat().st_mode & 0o700 if one is None else one.mode
        os.chown(path, *owner, follow_symlinks=False)
        path.chmod(mode)
        count += 1
    return count


def _below(folder: Path) -> Iterator[Path]:
    """Yield what is in the data directory, and last the folders, deepest first: none is open before what it holds is closed."""
    for root, _, files in os.walk(folder, topdown=False):
        yield from (path for path in (Path(root) / name for name in files) if not path.is_symlink())
        yield Path(root)


def _id_of_user(name: str) -> int:
    return 0 if name == "root" else pwd.getpwnam(name).pw_uid


def _id_of_group(name: str) -> int:
    return grp.getgrnam(name).gr_gid


@app.command()
@policy("folder")
def write(
    out: Annotated[Path, typer.Argument(help="写到哪个目录之下；/ 即直接安装 · below which folder; / installs them")],
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="网页的端口 · port of the pages")] = 8000,
    data: DataFlag = None,
    as_json: JsonFlag = False,
) -> None:
    """写出 systemd 单元、用户和目录权限的配置，由系统管理员安装 · write units, users and owners for an administrator to install."""
    folder = _founded(data)
    start_django(folder)
    from dingmi.procedures import custody

    texts = {f"{UNITS}/{name}": text for name, text in units(folder, port, custody.services(folder)).items()}
    texts |= {USERS: users(folder), KEPT: kept(folder)}
    for name, text in texts.items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o644)
    hidden = sorted({str(place) for place in _needed(folder) for top in HIDDEN if place.is_relative_to(top)})
    if as_json:
        emit({"written": sorted(texts), "hidden": hidden})
        return
    for name in sorted(texts):
        console.print(out / name, highlight=False)
    for name in hidden:
        console.print(
            f"服务看不到 {name}：请移到 /opt、/srv、/var/lib。 A service does not see it: move it there.",
            style="yellow",
        )


def _needed(folder: Path) -> tuple[Path, ...]:
    return folder, Path(sys.prefix), Path(__file__).resolve()


@app.command()
@policy("folder")
def own(data: DataFlag = None, as_json: JsonFlag = False) -> None:
    """停止服务后以 root 运行：把数据目录的文件交给各服务的用户 · as root, nothing running: give the files to the services' users."""
    folder = _founded(data)
    if os.geteuid() != 0:
        raise Forbidden("services.not_root")
    missing = [name for name in told()["users"] if not _is_known(name)]
    if missing:
        raise Unavailable("services.no_users", (), users="、".join(missing))
    start_django(folder)
    from dingmi.procedures import custody

    if any(custody.is_served(folder, part) for part in custody.services(folder)):
        raise Refused("key.service_running")
    count = hand_over(folder, _id_of_user, _id_of_group)
    if as_json:
        emit({"files": count})
        return
    console.print(f"已交给各服务的用户：{count} 个 · files and folders given to the users of the services")


def _is_known(name: str) -> bool:
    try:
        return _id_of_user(name) >= 0 and _id_of_group(name) >= 0
    except KeyError:
        return False


def _founded(data: Path | None) -> Path:
    """Return the data directory, which holds an installation and may stand in a unit.

    Raises:
        NotFound: ``services.no_installation``.
        Invalid: ``services.path``: a unit has no blanks and no signs of its own in a path.
    """
    folder = data_folder(data).absolute()
    if not is_founded(folder):
        raise NotFound("services.no_installation", (), path=str(folder))
    if any(not (c.isalnum() or c in "/._-") for c in f"{folder}{sys.executable}"):
        raise Invalid("services.path", (), path=str(folder))
    return folder
