"""What a screening found, gathered for people: counts, duplicates, failures by reason, and a line for each file to act on."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any

from rich.console import Console

from dingmi.base.errors import Unavailable
from dingmi.base.presentation import error_document
from dingmi.engines import suggest
from dingmi.interfaces.cli.screen.work import Task
from dingmi.interfaces.cli.screen.work import rows_of as known_rows

Row = Mapping[str, Any]
LISTED = 200  # groups of duplicates that a summary lists
CONCERNS = {
    "mark_missing": "应标未标 · mark missing",
    "mark_wrong": "标志不规范 · mark wrong",
    "mark_low": "标志低于来源 · mark below its source",
    "reuse": "与已定密文稿相同或相近 · reuse",
    "likely_item": "可能属于保密事项 · likely item",
    "unread": "有图像没有读取 · pictures not read",
}
WORDS = CONCERNS | {"duplicate": "重复文稿 · duplicate", "failure": "未能筛查 · not screened"}
HEAD = (
    "文件 · file",
    "需处理 · concerns",
    "标志 · marks",
    "可能的条目 · items",
    "来源 · sources",
    "未能筛查的原因 · failure",
)


def rows_of(out: Path, basis: str) -> Iterator[dict[str, Any]]:
    """The rows on one basis, one at a time; of a file examined again, only the last."""
    last: dict[str, int] = {}
    with out.open(encoding="utf-8") as stream:
        for place, line in enumerate(stream):
            row = json.loads(line)
            if row["basis"] == basis:
                last[row["file"]] = place
    with out.open(encoding="utf-8") as stream:
        for place, line in enumerate(stream):
            row = json.loads(line)
            if last.get(row["file"]) == place:
                yield row


def named(rows: Iterable[dict[str, Any]], guides: str) -> Iterator[dict[str, Any]]:
    """The rows, with guide, number and wording of each item that a file may fall under; results hold its id alone."""
    items = (suggest.item_from_row(row) for row in known_rows(guides))
    names = {item.id: " ".join(filter(None, (item.guide, item.number, item.text))) for item in items}
    for row in rows:
        for one in row.get("candidates", ()):
            one["item"] = names.get(one["item_id"], one["item_id"])
        yield row


def lost(task: Task) -> dict[str, Any]:
    """The row of a file that killed its worker."""
    return {
        "file": task.name,
        "size": task.size,
        "modified": task.modified,
        **error_document(Unavailable("screen.lost")),
    }


def summary(out: Path, basis: str) -> dict[str, Any]:
    """Counts of concerns and failures, groups of duplicates, and where the time went; holds digests, never texts."""
    counted: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    same: dict[str, list[str]] = {}
    files, characters, seconds, reading = 0, 0, 0.0, 0.0
    for row in rows_of(out, basis):
        files += 1
        seconds += row.get("seconds", 0.0)
        reading += row.get("reading_seconds", 0.0)
        characters += row.get("text_characters", 0)
        counted.update(row.get("concerns", ()))
        if "error" in row:
            reasons[row["error"]["code"]] += 1
        if row.get("text_sm3"):
            same.setdefault(row["text_sm3"], []).append(row["file"])
    groups = sorted(sorted(set(group)) for group in same.values() if len(set(group)) > 1)
    return {
        "files": files,
        "failed": sum(reasons.values()),
        "failures": dict(sorted(reasons.items())),
        "concerns": {code: counted[code] for code in CONCERNS},
        "duplicate_groups": len(groups),
        "duplicates": groups[:LISTED],
        "text_characters": characters,
        "work_seconds": round(seconds, 1),
        "share_reading": round(reading / seconds, 3) if seconds else 0.0,
    }


def tell(result: Row, console: Console) -> None:
    """Print the summary for a person."""
    console.print(f"{result['files']} 份 · files，{result['failed']} 份未能筛查 · failed", highlight=False)
    for code, count in result["concerns"].items():
        console.print(f"  {WORDS[code]}: {count}", highlight=False)
    console.print(f"  {WORDS['duplicate']}: {result['duplicate_groups']} 组 · groups", highlight=False)
    for code, count in result["failures"].items():
        console.print(f"  {code}: {count}", highlight=False)


def _line(row: Row) -> tuple[str, ...]:
    """One file as a line of the report."""
    error = row.get("error")
    items = [f"{one['item']}（{one['level']}）" for one in row.get("candidates", ())]
    sources = Counter(one["source_id"] for one in row.get("reused", ()))
    return (
        str(row["file"]),
        "；".join(WORDS[code] for code in row.get("concerns", ())),
        "；".join(one["text"] for one in row.get("marks", ())),
        "；".join(items),
        "；".join(f"{name}（{count} 处）" for name, count in sources.items()),
        f"{error['message_zh']} {error['message_en']}" if error else "",
    )


def _lines(rows: Iterable[Row]) -> Iterator[tuple[str, ...]]:
    """Files that need a person."""
    return (_line(row) for row in rows if row.get("concerns") or "error" in row)


def _html(path: Path, result: Row, rows: Iterable[Row]) -> None:
    counts = [(WORDS["failure"], result["failed"]), *((WORDS[c], n) for c, n in result["concerns"].items())]
    counts.append((WORDS["duplicate"], result["duplicate_groups"]))
    with path.open("w", encoding="utf-8") as page:
        page.write(
            '<!doctype html>\n<html lang="zh">\n<meta charset="utf-8">\n<title>筛查报告</title>\n<h1>筛查报告 · Screening</h1>\n'
        )
        page.write(f"<p>共 {result['files']} 份文稿 · files.</p>\n<table border='1'>\n")
        for word, count in counts:
            page.write(f'<tr><th scope="row">{escape(word)}</th><td>{count}</td></tr>\n')
        page.write("</table>\n<h2>逐份 · By file</h2>\n<table border='1'>\n<tr>")
        page.write("".join(f'<th scope="col">{escape(word)}</th>' for word in HEAD) + "</tr>\n")
        for line in _lines(rows):
            page.write("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in line) + "</tr>\n")
        page.write("</table>\n<h2>重复文稿 · Duplicates</h2>\n<ul>\n")
        for group in result["duplicates"]:
            page.write(f"<li>{escape(' ＝ '.join(group))}</li>\n")
        page.write("</ul>\n</html>\n")


def _xlsx(path: Path, result: Row, rows: Iterable[Row]) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for name, lines in (("逐份", _lines(rows)), ("重复", iter(tuple(group) for group in result["duplicates"]))):
        sheet = book.create_sheet(name)
        sheet.append(HEAD if name == "逐份" else ("同文的文件 · files of one text",))
        for line in lines:
            sheet.append([_inert(cell) for cell in line])
    book.save(path)


def _inert(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula, without characters that a workbook refuses."""
    clean = "".join(char for char in cell if char >= " ")
    return f"'{clean}" if clean[:1] in ("=", "+", "-", "@") else clean


def _json(path: Path, result: Row, rows: Iterable[Row]) -> None:
    listed = [
        dict(zip(("file", "concerns", "marks", "items", "sources", "failure"), line, strict=True))
        for line in _lines(rows)
    ]
    path.write_text(json.dumps({**result, "listed": listed}, ensure_ascii=False, indent=1), encoding="utf-8")


WRITERS: dict[str, Callable[[Path, Row, Iterable[Row]], None]] = {".html": _html, ".xlsx": _xlsx, ".json": _json}
