"""``seal``, ``open`` and ``rewrap``: the encrypted container, for files outside the pages."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.progress import Progress

from dingmi.base.errors import Invalid, NotFound
from dingmi.interfaces.cli.acts import acting
from dingmi.interfaces.cli.declare import policy
from dingmi.interfaces.cli.out import AsFlag, DataFlag, JsonFlag, console, emit, use_data


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise NotFound("file.not_found", (), path=path.name)
    return path


def _matter(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid("input.invalid", (), fields={"matter": "id.unknown"}) from None


@policy("act:keep.seal_file")
def seal(
    source: Path,
    target: Path,
    account: AsFlag,
    level: Annotated[str, typer.Option("--level", help="密级 · level word")] = "",
    matter: Annotated[str, typer.Option("--matter", help="事项标识 · id of the matter")] = "",
    data: DataFlag = None,
    as_json: JsonFlag = False,
) -> None:
    """密封一个文件 · seal a file; docs/container.md describes the result."""
    if bool(level) == bool(matter):
        raise Invalid("seal.level_or_matter")
    _existing(source)
    use_data(data)
    from dingmi.procedures import sealing
    from dingmi.queries import clock, jsonable

    done = sealing.seal_file(
        actor=acting(account),
        now=clock.now(),
        source=source,
        target=target,
        level=level,
        matter=_matter(matter) if matter else None,
    )
    result = {"file": str(target), **jsonable(done)}
    emit(result) if as_json else console.print(f"{done.label['mark']} → {target}")


@policy("act:keep.open_file")
def open_sealed(source: Path, target: Path, account: AsFlag, data: DataFlag = None, as_json: JsonFlag = False) -> None:
    """打开一个密封文件 · open a sealed file; who opened it stands in the ledger first."""
    _existing(source)
    use_data(data)
    from dingmi.procedures import sealing
    from dingmi.queries import clock, jsonable

    done = sealing.open_file(actor=acting(account), now=clock.now(), source=source, target=target)
    result = {"file": str(target), **jsonable(done)}
    emit(result) if as_json else console.print(f"{done.label['mark']} → {target}")


@policy("act:keep.rewrap|act:keep.rewrap_file")
def rewrap(
    account: AsFlag,
    files: Annotated[
        list[Path] | None, typer.Argument(help="密封文件；不写则为文件库 · sealed files; else the store")
    ] = None,
    data: DataFlag = None,
    as_json: JsonFlag = False,
) -> None:
    """换用密级的最新密钥，正文不动 · bring files under the latest key of their level, contents untouched.

    A new key is made by two people: dingmi act keep.new_key, once each.
    """
    paths = [_existing(path) for path in files or []]
    use_data(data)
    from dingmi.procedures import sealing
    from dingmi.queries import clock, jsonable

    actor, now = acting(account), clock.now()
    if paths:
        changed = sealing.rewrap_files(actor=actor, now=now, paths=paths)
        result: dict[str, Any] = {"files": jsonable(changed)}
        line = "、".join(done.key for done in changed)
    else:
        with Progress(console=console, transient=True) as bar:
            task = bar.add_task("rewrap", total=None)
            done = sealing.rewrap_all(
                actor=actor, now=now, progress=lambda number, total: bar.update(task, completed=number, total=total)
            )
        result, line = jsonable(done), f"{done.changed} / {done.total}  未成 · failed {done.failed}"
    emit(result) if as_json else console.print(line)


@policy("act:keep.move_files")
def move(
    account: AsFlag,
    home: Annotated[bool, typer.Option("--home", help="从存储桶迁回本机 · from the buckets to folders")] = False,
    data: DataFlag = None,
    as_json: JsonFlag = False,
) -> None:
    """把文件库迁到对象存储，或者迁回 · move stored files to the buckets of dingmi.toml, or home; docs/storage.md tells how."""
    use_data(data)
    from dingmi.procedures import moving
    from dingmi.queries import clock, jsonable

    with Progress(console=console, transient=True) as bar:
        task = bar.add_task("move", total=None)
        done = moving.move_files(
            actor=acting(account),
            now=clock.now(),
            home=home,
            progress=lambda number, total: bar.update(task, completed=number, total=total),
        )
    emit(jsonable(done)) if as_json else console.print(
        f"已迁移 · moved {done.moved} / {done.total}  未成 · failed {done.failed}"
    )


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.command("seal")(seal)
    app.command("open")(open_sealed)
    app.command("rewrap")(rewrap)
    app.command("move")(move)
