"""``backup`` and ``restore``: the whole installation, encrypted under a passphrase, into an empty place and back."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer

from dingmi.base.errors import DingmiError, NotFound
from dingmi.interfaces.cli.acts import acting
from dingmi.interfaces.cli.declare import policy
from dingmi.interfaces.cli.install import FOUNDED
from dingmi.interfaces.cli.out import AsFlag, DataFlag, JsonFlag, console, data_folder, emit, start_django, use_data

PassphraseFlag = Annotated[
    Path | None,
    typer.Option("--passphrase-file", help="口令文件；不写则询问 · file with the passphrase; asked for otherwise"),
]


def _passphrase(path: Path | None, *, twice: bool) -> str:
    if path is None:
        return str(typer.prompt("备份口令 · passphrase", hide_input=True, confirmation_prompt=twice, err=True))
    if not path.is_file():
        raise NotFound("file.not_found", (), path=path.name)
    return path.read_text(encoding="utf-8").strip()


@policy("act:keep.backup")
def backup(
    folder: Path,
    account: AsFlag = "sysadmin",
    passphrase_file: PassphraseFlag = None,
    data: DataFlag = None,
    as_json: JsonFlag = False,
) -> None:
    """备份：不停机，加密，写完逐字节核对 · back up while running, encrypted, read back in full."""
    use_data(data)
    from dingmi.procedures.backup import backup as run
    from dingmi.queries import clock, jsonable

    passphrase = _passphrase(passphrase_file, twice=True)
    done = run(actor=acting(account), now=clock.now(), folder=folder, passphrase=passphrase)
    result = {"folder": str(folder), **jsonable(done)}
    emit(result) if as_json else console.print(f"{folder}  {done.files} 个文件 · files  账本 · log {done.log_size}")


@policy("custodian")
def restore(
    folder: Path, passphrase_file: PassphraseFlag = None, data: DataFlag = None, as_json: JsonFlag = False
) -> None:
    """恢复到空目录，核验后才可使用，结束全部会话 · restore into an empty place; usable once it verifies, sessions ended."""
    place = data_folder(data)
    passphrase = _passphrase(passphrase_file, twice=False)
    start_django(place)
    from dingmi.procedures import backup as acts
    from dingmi.queries import access, clock, jsonable

    opened = acts.unpack(folder=folder, passphrase=passphrase, place=place)
    try:
        done = acts.restored(actor=access.anonymous("cli"), now=clock.now(), opened=opened)
    except (DingmiError, OSError):
        shutil.rmtree(place, ignore_errors=True)
        raise
    (place / FOUNDED).touch()
    result = {"data": str(place), **jsonable(done)}
    emit(result) if as_json else console.print(f"{place}  {done.entries} 条 · entries  root {done.root}")


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.command("backup")(backup)
    app.command("restore")(restore)
