"""``dingmi screen``: every document of a tree matched to guide items and classified texts, for a secrecy office to act on."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any

import typer

from dingmi.base.errors import Invalid, NotFound
from dingmi.engines import pool
from dingmi.interfaces.cli.declare import policy
from dingmi.interfaces.cli.learn import ModelFlag
from dingmi.interfaces.cli.out import JsonFlag, console, emit
from dingmi.interfaces.cli.screen import report
from dingmi.interfaces.cli.screen.work import Task, basis_of, examine, prepare

TRY_AGAIN = ("screen.unreadable", "screen.lost")


def files_under(folder: Path) -> Iterator[Path]:
    """Every regular file under ``folder`` in one order; links are not followed, so no circle is walked."""
    with os.scandir(folder) as entries:
        found = sorted(entries, key=lambda entry: entry.name)
    for entry in found:
        if entry.is_dir(follow_symlinks=False):
            yield from files_under(Path(entry.path))
        elif entry.is_file(follow_symlinks=False):
            yield Path(entry.path)


def tasks_of(folder: Path, done: set[tuple[str, int, int]]) -> Iterator[Task]:
    """What is still to do: files of which no row of the same size and time was written."""
    for path in files_under(folder):
        name, status = path.relative_to(folder).as_posix(), path.stat()
        if (name, status.st_size, status.st_mtime_ns) not in done:
            yield Task(str(path), name, status.st_size, status.st_mtime_ns)


def resumed(out: Path, basis: str) -> set[tuple[str, int, int]]:
    """Which files an earlier run has finished on the same basis; a row torn by a kill is cut off.

    Raises:
        Invalid: ``out`` holds something else.
    """
    if not out.exists():
        return set()
    done, whole = set(), 0
    with out.open("rb+") as stream:
        for line in stream:
            if not line.endswith(b"\n"):
                break
            try:
                row = json.loads(line)
                if row["basis"] == basis and row.get("error", {}).get("code") not in TRY_AGAIN:
                    done.add((row["file"], row["size"], row["modified"]))
            except (ValueError, KeyError, TypeError) as error:
                raise Invalid("screen.not_results", (), path=out.name) from error
            whole += len(line)
        stream.truncate(whole)
    return done


@policy("file")
def screen(
    folder: Annotated[Path, typer.Argument(help="要筛查的目录 · the tree to screen")],
    out: Annotated[Path, typer.Option("--out", help="逐份结果（JSON Lines），可续办 · one row a file, resumable")],
    guides: Annotated[Path | None, typer.Option("--guides", help="事项范围 JSON Lines")] = None,
    sources: Annotated[Path | None, typer.Option("--sources", help="已定密文稿 JSON Lines")] = None,
    model: ModelFlag = None,
    workers: Annotated[int, typer.Option("--workers", min=1, help="进程数 · processes")] = os.cpu_count() or 1,
    engine: Annotated[str, typer.Option("--engine", help="local｜ray")] = "local",
    report_to: Annotated[
        list[Path] | None, typer.Option("--report", help="报告 .html、.xlsx、.json，可多次 · reports, repeatable")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """筛查目录中的全部文稿 · screen every document of a tree."""
    if not folder.is_dir():
        raise NotFound("screen.no_folder", (), path=str(folder))
    if engine not in pool.ENGINES:
        raise Invalid("screen.unknown_engine", (), engine=engine)
    targets = report_to or []
    for target in targets:
        if target.suffix not in report.WRITERS:
            raise Invalid("screen.unknown_report", (), path=target.name)
    for path in (guides, sources, model):
        if path is not None and not path.is_file():
            raise NotFound("file.not_found", (), path=path.name)
    given = (str(guides or ""), str(sources or ""), str(model or ""))
    basis = basis_of(*given)
    started = perf_counter()
    done = resumed(out, basis)
    total = sum(1 for _ in tasks_of(folder, done))
    tasks = tasks_of(folder, done)
    _write_rows(out, pool.run(pool.Work(examine, prepare, given), tasks, workers, engine), total, basis)
    result = report.summary(out, basis)
    result |= {"already_done": len(done), "examined": total, "seconds": round(perf_counter() - started, 1)}
    for target in targets:
        private(target)
        report.WRITERS[target.suffix](target, result, report.named(report.rows_of(out, basis), given[0]))
    if as_json:
        emit(result)
    else:
        report.tell(result, console)


def private(path: Path) -> None:
    """Make ``path`` a file that only its owner reads."""
    path.touch(mode=0o600)
    path.chmod(0o600)


def _write_rows(out: Path, ended: Iterator[tuple[Task, Any]], total: int, basis: str) -> None:
    """Append the rows of a file as it is finished, its own last, with a bar of progress, rate and time left."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    private(out)
    columns = (
        TextColumn("筛查 · screening"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}/s"),
        TimeRemainingColumn(),
    )
    started = perf_counter()
    with out.open("a", encoding="utf-8") as stream, Progress(*columns, console=console) as bar:
        shown = bar.add_task("", total=total, rate="0")
        for count, (task, result) in enumerate(ended, 1):
            rows: list[dict[str, Any]] = [report.lost(task)] if isinstance(result, pool.Lost) else result
            stream.write("".join(json.dumps({**row, "basis": basis}, ensure_ascii=False) + "\n" for row in rows))
            stream.flush()
            bar.update(shown, advance=1, rate=f"{count / (perf_counter() - started):.1f}")


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("screen")(screen)
