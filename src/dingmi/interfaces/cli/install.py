"""Make an installation: directory, configuration, keys, database, the organ and its first accounts."""

from __future__ import annotations

import os
import stat
import tomllib
from pathlib import Path
from typing import Any

from dingmi.base.errors import Refused
from dingmi.interfaces.cli.out import console, start_django
from dingmi.interfaces.cli.unfinished import MARK, clear

ACCOUNTS = {True: "demo-accounts.txt", False: "first-accounts.txt"}
FOUNDED = "founded"
CONFIGURATION = "dingmi.toml"


def is_founded(folder: Path) -> bool:
    """Tell whether ``folder`` holds an installation."""
    return (folder / FOUNDED).exists()


def install(folder: Path, *, demo: bool, organ_name: str = "本单位", house: str = "organ") -> None:
    """Bring ``folder`` up to date: create what is missing, migrate, found the organ once.

    Args:
        folder: The data directory, mode 0700.
        demo: Found the demo organ, of profile ``demo``.
        organ_name: Name of the organ otherwise.
        house: Kind of unit of a demo: ``organ`` or ``enterprise`` (a company that grades trade secrets).

    Raises:
        Refused: ``database.newer`` when a later program has changed the database; nothing is touched.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if not folder.stat().st_mode & stat.S_ISVTX:  # else several users share it, as ``dingmi services own`` left it
        folder.chmod(0o700)
    if demo and clear(folder):
        console.print(
            "上次的演示数据没有填完，从头重新生成。 The demonstration was broken off while it was filled: it is made anew."
        )
    if not is_founded(folder):
        write_profile(folder, demo=demo, house=house)
    start_django(folder)
    from django.core.management import call_command

    from dingmi.engines import crypto
    from dingmi.queries.reading import everything
    from dingmi.queries.system import later_migrations, pending_migrations

    crypto.self_test()
    with everything("migrate"):
        if later := later_migrations():
            raise Refused("database.newer", (), names="、".join(later[:5]), count=len(later))
        if pending_migrations():
            call_command("migrate", verbosity=0)
    if is_founded(folder):
        from dingmi.procedures.keep import add_keys

        add_keys()
        return
    if demo and house == "enterprise":
        from dingmi.interfaces.cli.demo.company import found_company

        lines = found_company()
        (folder / MARK).touch()
    elif demo:
        from dingmi.interfaces.cli.demo.organ import found_demo

        lines = found_demo()
        (folder / MARK).touch()
    else:
        lines = _found(organ_name)
    _write_secret(folder / ACCOUNTS[demo], "\n".join(lines) + "\n")
    (folder / FOUNDED).touch()
    if not demo:
        console.print(f"首批账号口令已写入 {folder / ACCOUNTS[False]}，请分发后删除。 First accounts are kept there.")


def read_configuration(folder: Path) -> dict[str, Any]:
    """Return what ``dingmi.toml`` of ``folder`` says; nothing when there is none."""
    path = folder / CONFIGURATION
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def write_profile(folder: Path, *, demo: bool, house: str) -> None:
    """Write the profile into a configuration that does not say one, before the tables that it may hold."""
    path, told = folder / CONFIGURATION, read_configuration(folder)
    if "profile" in told:
        return
    kind = f'house = "{house}"\n' if house != "organ" and "house" not in told else ""
    rest = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text(f'profile = "{"demo" if demo else "enterprise"}"\n{kind}{rest}', encoding="utf-8")
    path.chmod(0o600)


def _found(name: str) -> list[str]:
    from dingmi.procedures import keep
    from dingmi.queries import access, clock

    founded = keep.found(
        actor=access.anonymous("cli"),
        now=clock.now(),
        name=name,
        unit_code="DW",
        tier="other",
        head="主要负责人",
        secrecy_officer="保密办公室",
    )
    return [f"{username}  {password}" for username, password in founded.passwords]


def _write_secret(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)


def read_accounts(folder: Path) -> list[str]:
    """Return the lines of the demo accounts that are still kept."""
    path = folder / ACCOUNTS[True]
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []
