"""``dingmi assist learn``: public texts become a boilerplate model, in a file or in an installation; models are read back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from dingmi.base.errors import DingmiError, Invalid, NotFound, Refused
from dingmi.base.presentation import error_document
from dingmi.engines.suggest import Boilerplate
from dingmi.interfaces.cli import told
from dingmi.interfaces.cli.declare import policy
from dingmi.interfaces.cli.out import DataFlag, JsonFlag, emit, use_data

ModelFlag = Annotated[
    Path | None, typer.Option("--model", help="套话模型（dingmi assist learn --out） · boilerplate model")
]


def model_of(path: Path | None) -> Boilerplate | None:
    """Read a model that ``learn`` wrote; none for no path.

    Raises:
        NotFound: There is no such file.
        Invalid: It is something else, or was altered.
    """
    if path is None:
        return None
    if not path.is_file():
        raise NotFound("file.not_found", (), path=path.name)
    try:
        return Boilerplate.from_bytes(path.read_bytes())
    except ValueError as error:
        raise Invalid("assist.not_model", (), path=path.name) from error


@policy("file|act:assist.learn")
def learn(
    paths: Annotated[
        list[Path], typer.Argument(help="公开文件，或者每行一份文本的 .jsonl · public documents, or rows")
    ],
    out: Annotated[
        Path | None, typer.Option("--out", help="模型写到此文件；已有的接着学 · write or extend this model")
    ] = None,
    account: Annotated[str, typer.Option("--as", help="以保密办账号加入本单位模型 · add to the unit's model")] = "",
    data: DataFlag = None,
    as_json: JsonFlag = False,
) -> None:
    """学习公开文本的常用语 · learn common language from public texts."""
    if (out is None) == (not account):
        raise Invalid("assist.learn_where", ())
    done = _into_unit(paths, account, data) if account else _into_file(paths, out or Path())
    emit(done) if as_json else told.say(told.learnt(done))
    if done.get("failed"):
        raise typer.Exit(2)


def _into_file(paths: list[Path], out: Path) -> dict[str, Any]:
    """Learn into a model file; a file that cannot be read is named, and the others count."""
    model = (model_of(out) if out.exists() else None) or Boilerplate()
    failed: list[dict[str, Any]] = []
    for path in paths:
        try:
            for text, weight in _texts(path):
                model.learn(text, weight=weight)
        except DingmiError as error:
            failed.append({"file": path.name, **error_document(error)})
    out.write_bytes(model.to_bytes())
    return {"model": str(out), "texts": model.documents, "grams": model.grams, "failed": failed}


def _texts(path: Path) -> Iterator[tuple[str, int]]:
    from dingmi.engines import documents
    from dingmi.interfaces.cli.assist import rows_of

    if path.name.endswith((".jsonl", ".jsonl.gz")):
        for row in rows_of(path):
            yield str(row["text"]), int(row.get("df", 1))
        return
    if not path.is_file():
        raise NotFound("file.not_found", (), path=path.name)
    yield documents.extract(path.read_bytes(), path.name).text, 1


def _into_unit(paths: list[Path], account: str, data: Path | None) -> dict[str, Any]:
    """Perform ``assist.learn`` for each file; one learnt before is told and is no failure."""
    use_data(data)
    from dingmi.interfaces.cli.acts import acting
    from dingmi.procedures import perform
    from dingmi.queries import clock, jsonable

    actor, learnt, failed = acting(account), [], []
    for path in paths:
        try:
            if not path.is_file():
                raise NotFound("file.not_found", (), path=path.name)
            upload = {"filename": path.name, "content": path.read_bytes()}
            made = perform("assist.learn", actor=actor, now=clock.now(), params={"upload": upload})
            learnt.append({"file": path.name, **jsonable(made)})
        except Refused as error:
            if error.code != "assist.learnt_before":
                failed.append({"file": path.name, **error_document(error)})
        except DingmiError as error:
            failed.append({"file": path.name, **error_document(error)})
    return {"learnt": learnt, "failed": failed}
