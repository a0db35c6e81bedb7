"""``dingmi assist eval``: the suggestion engine on a labelled set, in the figures that the set is scored by."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any

import typer

from dingmi.base.errors import Invalid, NotFound
from dingmi.engines.suggest import Boilerplate
from dingmi.interfaces.cli.declare import policy
from dingmi.interfaces.cli.learn import learn, model_of
from dingmi.interfaces.cli.out import JsonFlag, console, emit

assist_app = typer.Typer(no_args_is_help=True, help="建议引擎 · the suggestion engine")
assist_app.command("learn")(learn)
Rows = list[dict[str, Any]]
Trial = tuple[Rows, Rows]  # what is scored against, what the engine said

SCORED = ("test", "eval", "dev")  # the part of a set that is scored; parts before it may be learnt from
MOST_BYTES = 1024**3  # of one file, unpacked
_ENDINGS = (".jsonl", ".jsonl.gz")


class DataSet:
    """A labelled set: a folder of ``name.jsonl`` or ``name.jsonl.gz``, or one such file."""

    def __init__(self, place: Path) -> None:
        """Open the set.

        Raises:
            NotFound: There is nothing at ``place``.
        """
        if not place.exists():
            raise NotFound("assist.data_absent", (), path=str(place))
        self.place = place

    def path(self, *names: str) -> Path | None:
        """The file of the first of ``names`` that is there; a set that is one file has it under any name."""
        if self.place.is_file():
            return self.place
        paths = [self.place / f"{name}{ending}" for name in names for ending in _ENDINGS]
        return next((path for path in paths if path.is_file()), None)

    def rows(self, *names: str) -> Rows:
        """The rows of a file that must be there.

        Raises:
            NotFound: The set has no such file.
        """
        path = self.path(*names)
        if path is None:
            raise NotFound("assist.file_absent", (), path=str(self.place), names=", ".join(f"{n}.jsonl" for n in names))
        return rows_of(path)

    def optional(self, *names: str) -> Rows:
        """The rows of a file, or none when it is absent."""
        path = self.path(*names) if self.place.is_dir() else None
        return rows_of(path) if path else []

    def beside(self, name: str) -> Rows:
        """The rows of a file in one of the two folders above, or none: what is public to the whole collection."""
        above = self.place.resolve().parents[:2]
        paths = (folder / f"{name}{ending}" for folder in above for ending in _ENDINGS)
        path = next((path for path in paths if path.is_file()), None)
        return rows_of(path) if path else []

    def parts(self) -> Trial:
        """The rows to score and the rows to learn from; a set with one part is both."""
        scored = self.path(*SCORED, "train")
        train = self.optional("train")
        if scored is None:
            raise NotFound("assist.file_absent", (), path=str(self.place), names="dev.jsonl, train.jsonl")
        judged = rows_of(scored)
        if "dev" not in scored.name and scored.name.split(".")[0] != "train":
            train += self.optional("dev")
        return judged, train or judged


def rows_of(path: Path) -> Rows:
    """Read JSON Lines, packed or not.

    Raises:
        Invalid: The file is something else.
    """
    try:
        with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as file:
            data = file.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise Invalid("file.bomb")
        return [json.loads(line) for line in data.decode("utf-8").splitlines() if line.strip()]
    except (OSError, EOFError, ValueError) as error:
        raise Invalid("assist.not_rows", (), path=path.name, problem=type(error).__name__) from error


def steps(rows: Iterable[Any]) -> Iterator[Any]:
    """The rows, with a bar of progress on stderr."""
    from rich.progress import track

    yield from track(rows if isinstance(rows, Sequence) else list(rows), "比对 · comparing", console=console)


def _reuse(data: DataSet, extra: Path | None) -> Trial:
    from dingmi.engines.suggest import trial

    if extra is not None and extra.name.endswith(".model"):
        known = model_of(extra)
    else:
        rows = rows_of(extra) if extra else data.optional("boilerplate") + data.beside("public-docs-zh/docs")
        known = trial.background(rows)
    return data.rows("gold"), trial.reuse(data.rows("queries"), data.rows("sources"), known or Boilerplate(), steps)


def _guide(data: DataSet, extra: Path | None) -> Trial:
    from dingmi.engines.suggest import trial

    queries = data.rows(*SCORED, "queries")
    pool = rows_of(extra) if extra else data.rows("pool")
    return queries, trial.guide(queries, pool, data.optional("precedents"), steps)


def _public(data: DataSet, extra: Path | None) -> Trial:
    from dingmi.engines.suggest import trial

    guides = extra or DataSet(data.place.resolve().parent).path("guides/guides", "guides")
    if guides is None:
        raise NotFound("assist.file_absent", (), path=str(data.place), names="--with guides.jsonl")
    documents = data.rows("docs")
    return documents, trial.public(documents, rows_of(guides), steps)


def _review(data: DataSet, extra: Path | None) -> Trial:
    from dingmi.engines.suggest import trial

    judged, train = data.parts()
    return judged, trial.review(judged, rows_of(extra) if extra else train)


def _without_names(data: DataSet, extra: Path | None) -> Trial:
    from dingmi.engines.suggest import trial

    judged, train = data.parts()
    return judged, trial.review(*trial.masked(judged, rows_of(extra) if extra else train))


def _level(data: DataSet, extra: Path | None) -> Trial:
    from dingmi.engines.suggest import trial

    judged, train = data.parts()
    return judged, trial.level(judged, rows_of(extra) if extra else train)


def _human(data: DataSet, _: Path | None) -> Trial:
    from dingmi.engines.suggest import trial

    rows = data.rows("human-en", "human")
    return rows, trial.human(rows)


def _pairs(data: DataSet, _: Path | None) -> Trial:
    from dingmi.engines.suggest import trial

    rows = data.rows("pawsx-zh", "pairs")
    return rows, trial.pairs(rows)


TASKS: dict[str, Callable[[DataSet, Path | None], Trial]] = {
    "reuse": _reuse,
    "guide": _guide,
    "public": _public,
    "review": _review,
    "level": _level,
    "human": _human,
    "pairs": _pairs,
}


@assist_app.callback()
def _assist() -> None:
    """建议引擎的测量 · measuring the suggestion engine."""


@assist_app.command("eval")
@policy("file")
def evaluate(
    task: Annotated[str, typer.Argument(help="、".join(TASKS))],
    data: Annotated[Path, typer.Argument(help="标注数据的目录或文件 · folder or file of the labelled set")],
    extra: Annotated[
        Path | None,
        typer.Option(
            "--with", help="条目、公开文本、套话模型或学习用的行 · items, public texts, a model or rows to learn from"
        ),
    ] = None,
    masked: Annotated[
        bool, typer.Option("--masked", help="遮去名称再测，只用于 review · names masked, for review alone")
    ] = False,
    out: Annotated[Path | None, typer.Option("--out", help="预测写到此文件 · write predictions here")] = None,
    as_json: JsonFlag = False,
) -> None:
    """在标注数据上测量建议引擎 · measure the suggestion engine on a labelled set."""
    from dingmi.engines.suggest.evaluate import evaluate as figures_of

    if task not in TASKS:
        raise Invalid("assist.unknown_task", (), task=task, tasks=", ".join(TASKS))
    if masked and task != "review":
        raise Invalid("assist.masks_review", (), task=task)
    started = perf_counter()
    gold, predicted = (_without_names if masked else TASKS[task])(DataSet(data), extra)
    seconds = perf_counter() - started
    figures = {name: round(value, 4) for name, value in figures_of(task, gold, predicted).items()}
    if out is not None:
        lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in predicted)
        out.write_text("".join(lines), encoding="utf-8")
    if as_json:
        emit({"task": task, "data": str(data), "seconds": round(seconds, 1), "figures": figures})
        return
    for name, value in figures.items():
        console.print(f"{name:<28}{value:>10.4f}", highlight=False)


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.add_typer(assist_app, name="assist")
