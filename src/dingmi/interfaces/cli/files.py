"""``assess`` and ``mark``: what a file contains, and the mark on it; they need no server, and a data directory only to look up."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from dingmi.base import messages
from dingmi.base.errors import DingmiError, Finding, Invalid, NotFound
from dingmi.base.presentation import error_document, plain
from dingmi.interfaces.cli import told
from dingmi.interfaces.cli.declare import policy
from dingmi.interfaces.cli.install import is_founded
from dingmi.interfaces.cli.learn import ModelFlag, model_of
from dingmi.interfaces.cli.out import DataFlag, JsonFlag, console, data_folder, day_of, emit, read_json, start_django

mark_app = typer.Typer(no_args_is_help=True, help="文件上的标志 · marks on files")
form_app = typer.Typer(no_args_is_help=True, help="打印的表单 · printed forms")


def _bytes(path: Path) -> bytes:
    """Read a file.

    Raises:
        NotFound: There is no such file.
    """
    if not path.is_file():
        raise NotFound("file.not_found", (), path=path.name)
    return path.read_bytes()


def _rows(path: Path | None) -> list[dict[str, Any]]:
    """Read JSON Lines; an empty list for no path."""
    if path is None:
        return []
    return [read_json(line) for line in _bytes(path).decode("utf-8").splitlines() if line.strip()]


@policy("file")
def assess(
    paths: list[Path],
    guides: Annotated[Path | None, typer.Option("--guides", help="事项范围 JSON Lines")] = None,
    sources: Annotated[Path | None, typer.Option("--sources", help="已定密文稿 JSON Lines")] = None,
    model: ModelFlag = None,
    as_json: JsonFlag = False,
) -> None:
    """比对文件与事项范围、已定密文稿 · match files to guide items and existing secrets."""
    from dingmi.engines import documents, suggest

    items = [suggest.item_from_row(row) for row in _rows(guides)]
    known = [suggest.source_from_row(row) for row in _rows(sources)]
    matcher = suggest.Assessor(items, known, known=model_of(model))
    results: list[dict[str, Any]] = []
    failed: DingmiError | None = None
    for path in paths:
        try:
            extracted = documents.extract(_bytes(path), path.name)
            result = plain(suggest.as_json(matcher.assess(extracted.text, extracted.blocks)))
            result["findings"] += plain(suggest.as_json(documents.notes(extracted.warnings)))
            results.append({"file": str(path), "text_characters": len(extracted.text), **result})
        except DingmiError as error:
            failed = error
            results.append({"file": str(path), **error_document(error)})
    if as_json:
        emit(results[0] if len(results) == 1 and failed is None else results)
    else:
        for result in results:
            told.say(told.refused(result["file"], result["error"]) if "error" in result else told.assessed(result))
    if failed is not None:
        raise typer.Exit(failed.exit_code)


@mark_app.command("stamp")
@policy("file")
def stamp(
    source: Path,
    target: Path,
    mark: Annotated[str, typer.Option("--mark", help="例：机密★10年")],
    issued: Annotated[str | None, typer.Option("--issued", help="制发日 · date of issue")] = None,
    originator: Annotated[str, typer.Option("--originator", help="原定密机关 · originator")] = "",
    as_json: JsonFlag = False,
) -> None:
    """加盖可见标志和机读标志 · stamp the visible and the machine-readable mark."""
    from dingmi.engines import documents
    from dingmi.regime.prc_state import marks

    parsed = marks.parse(mark, issued=day_of(issued, "issued")).as_dict()
    if target.exists():
        raise Invalid("file.exists", (), path=target.name)
    label = {
        "v": 1,
        "level": parsed["level"],
        "mark": parsed["canonical"],
        "issued_on": issued or "",
        "org": originator,
    }
    data, kind = documents.stamp_file(_bytes(source), source.name, parsed["canonical"], label)
    target.write_bytes(data)
    result = {"file": str(target), "media": kind, "mark": parsed["canonical"]}
    emit(result) if as_json else console.print(f"{result['mark']} → {target}")


@mark_app.command("hidden")
@policy("file")
def hidden(path: Path, as_json: JsonFlag = False) -> None:
    """列出文件中看不见的内容：作者、批注、修订、隐藏的文字等 · list what a file carries and does not show."""
    from dingmi.engines import documents

    data = _bytes(path)
    kind = documents.recognise(data, path.name)
    found = documents.traces(data, kind)
    if as_json:
        emit(
            {
                "file": str(path),
                "kind": kind,
                "hidden": [{"kind": t.kind, "count": t.count, "words": t.words} for t in found],
            }
        )
        return
    for trace in found:
        said = messages.render(Finding(f"hidden.{trace.kind}", "note", (), {"count": trace.count}), "zh")
        console.print(said.text, "；".join(trace.words), highlight=False)
    if not found:
        console.print("没有看不见的内容。 Nothing hidden.")


@mark_app.command("public")
@policy("file")
def public(source: Path, target: Path, as_json: JsonFlag = False) -> None:
    """去掉本系统的标志和看不见的内容，读回核对 · take off our marks and what is hidden, and read the result back.

    退出码 3：还有国家秘密标志或者删不掉的内容，不写文件 · exit code 3: a mark is left on it, or something that cannot be taken
    out, and no file is written.
    """
    if target.exists():
        raise Invalid("file.exists", (), path=target.name)
    start_django(data_folder(None))
    from dingmi.queries import clock, facts, marking

    made = marking.public_copy(_bytes(source), source.name, "prc_state", clock.now().date())
    facts.require(made.verdict)
    target.write_bytes(made.content)
    result = {"file": str(target), "media": made.kind, "hidden": []}
    emit(result) if as_json else console.print(f"{target}")


@mark_app.command("verify")
@policy("folder")
def verify(
    path: Annotated[Path | None, typer.Argument()] = None,
    qr: Annotated[str, typer.Option("--qr", help="打印件二维码的文字 · text of the code on a printed copy")] = "",
    trust: Annotated[Path | None, typer.Option("--trust", help="签名公钥，如 checkpoint.pub · public key")] = None,
    data: DataFlag = None,
    as_json: JsonFlag = False,
) -> None:
    """核对文件上的标志或者打印件的二维码，有数据目录的对照台账 · verify the mark on a file or the code on a printed copy."""
    if (path is None) == (not qr):
        raise Invalid("input.invalid", (), fields={"path": "path.or_qr"})
    result = _verdict(path, qr, trust, data)
    if as_json:
        emit(result)
    else:
        told.say(told.verdict(result))
    if result["verdict"] != "valid":
        raise typer.Exit(8)


def _verdict(path: Path | None, qr: str, trust: Path | None, data: Path | None) -> dict[str, Any]:
    """Return the verdict: against the register where there is a data directory, else by file and keys alone."""
    content = _bytes(path) if path is not None else b""
    folder = data_folder(data)
    founded = is_founded(folder)
    start_django(folder)  # the verdict on signatures lives among the queries; without an installation nothing is opened
    from dingmi.queries import sealed_marks, signed_marks

    trusted = signed_marks.trusted_key(_bytes(trust).decode("ascii", "replace")) if trust is not None else {}
    if founded:
        from dingmi.queries import given_out
        from dingmi.queries.registry import jsonable

        trusted = {**given_out.own_keys(), **trusted}
        if path is None:
            return dict(jsonable(given_out.checked_code(qr, trusted)))
        return dict(jsonable(given_out.checked_by_holder(path.name, content, trusted)))
    from dingmi.engines import crypto, documents

    if path is None:
        stated = documents.read_code(qr)
        word = signed_marks.standing(stated, trusted) if stated is not None else "unknown"
        return {"verdict": word, "visible": stated.visible if stated else "", "key_id": stated.key_id if stated else ""}
    if crypto.is_container(content):  # without its register and keys, only the signature in its label can be judged
        sealed = sealed_marks.judged(content, None, trusted)
        return {"verdict": sealed.verdict, "visible": sealed.visible, "label": sealed.label, "kind": sealed_marks.KIND}
    found: dict[str, Any] = plain(documents.verify_file(content, path.name))
    signed = bool((found["label"] or {}).get("signature"))
    found["verdict"] = signed_marks.judged(
        found["verdict"], found["label"], trusted, registered=not signed and not trusted
    )
    return found


@form_app.command("verify")
@policy("file")
def verify_form(path: Path, as_json: JsonFlag = False) -> None:
    """离线核对打印的表单 · check a printed form by itself."""
    from dingmi.engines import documents
    from dingmi.engines.documents import forms

    data = _bytes(path)
    found = forms.verify(data, documents.recognise(data, path.name))
    if as_json:
        emit(found)
    else:
        told.say(told.form(found))
    if found["verdict"] != "valid":
        raise typer.Exit(8)


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.command("assess")(assess)
    app.add_typer(mark_app, name="mark")
    app.add_typer(form_app, name="form")
