"""A report as its official form, as sheets of a workbook and as JSON: three ways to write the same figures."""

from __future__ import annotations

import json

from dingmi.engines.documents.forms import BY_NAME, Filled
from dingmi.engines.documents.forms.model import Value
from dingmi.engines.documents.tables import Sheet
from dingmi.queries.forms.base import apart, day
from dingmi.queries.statistics.report import Report, TableShown, plain
from dingmi.queries.statistics.signals import numbers
from dingmi.queries.statistics.words import anomaly, meaning, word

FORMATS = ("json", "xlsx", "docx", "pdf")
OFFICER_HEADS = (
    "姓名",
    "部门、职务",
    "类别、层级",
    "最高密级",
    "事项范围",
    "文号",
    "自",
    "至",
    "学时",
    "培训有效至",
    "本年审定",
)
PART = "所列只为该部门的数字，不作为本机关年报报送。"
UNCLOSED = "本年度尚未结账：所列为截至上述日期的数字，不得报送。"


SIGN_HEADS = ("信号", "本年", "上年同期", "所计", "基数", "口径")


def _value(value: float | None, unit: str) -> str:
    return "—" if value is None else f"{value:g}%" if unit == "percent" else f"{value:g} 天"


def _signals(report: Report) -> tuple[tuple[str, ...], ...]:
    """Return the signs of quality in words."""
    return tuple(
        (word(s.name), _value(s.this, s.unit), _value(s.before, s.unit), str(s.hit), str(s.base))
        for s in report.signals
    )


def is_long(table: TableShown) -> bool:
    """Tell whether a table is printed without its empty lines."""
    return table.name in ("doubts", "tails")


def _lines(table: TableShown) -> Value:
    lines = [line for line in table.lines if any(line.figures) or line.code == "total" or not is_long(table)]
    return tuple((line.word, *(str(n) for n in line.figures)) for line in lines)


def levels_words(levels: str) -> str:
    """Say which matters are counted: those whose existence the reader may know."""
    return f"本机关产生、{levels}级以下（含）的事项" if levels else "不含国家秘密事项"


def _note(report: Report) -> str:
    """Say why a report is not one to be filed: it is a part, or its year is not over."""
    return PART if report.department else "" if report.is_closed else UNCLOSED


def filled(report: Report) -> Filled:
    """Return a report as the values of its form."""
    fields: dict[str, Value] = {
        "organ": f"{report.organ} {report.department_word}".rstrip(),
        "year": f"{report.year}年度",
        "as_of": day(report.as_of),
        "levels": levels_words(report.levels),
        "catalogue": report.catalogue or "没有",
        "anomalies": "\n".join(anomaly(a.code, a.number) for a in report.anomalies) or "没有",
        "unclosed": _note(report),
    }
    fields |= {table.name: _lines(table) for table in report.tables}
    if report.signals:
        fields["quality"] = _signals(report)
    if report.name == "filing":
        fields["list"] = tuple(_officer_line(report))
    form = f"{report.name}_report"
    shows = BY_NAME[form].fields
    return apart(form, {name: value for name, value in fields.items() if name in shows})


def _officer_line(report: Report) -> list[tuple[str, ...]]:
    made: list[tuple[str, ...]] = []
    for o in report.officers:
        term = f"{o.since.isoformat()}\n{o.until.isoformat() if o.until else '未定'}"
        until = o.trained_until.isoformat() if o.trained_until else "—"
        made.append(
            (o.name, o.post, o.kind, o.max_level, o.matters, o.instrument, term, f"{o.hours:g}", until, str(o.decided))
        )
    return made


def _row(*values: str | int) -> tuple[str | int, ...]:
    return values


def sheets(report: Report) -> tuple[Sheet, ...]:
    """Return a report as the sheets of a workbook: the facts first, then one sheet a table."""
    facts = [
        ("报表", report.title),
        ("填报单位", report.organ),
        *((("部门", f"{report.department_word}：{PART}"),) if report.department else ()),
        ("年度", str(report.year)),
        ("数据截至", report.as_of.isoformat()),
        ("结账", "已结账" if report.is_closed else UNCLOSED),
        ("统计口径", levels_words(report.levels)),
        ("一览表", report.catalogue or "没有"),
        *(("需说明的情况", anomaly(a.code, a.number)) for a in report.anomalies),
    ]
    made = [Sheet("说明", ("项目", "内容"), tuple(facts))]
    for table in report.tables:
        rows = tuple(_row(line.word, *line.figures) for line in table.lines)
        made.append(Sheet(word(table.name), ("项目", *table.heads), rows))
    if report.signals:
        told = [meaning(s.name, numbers(report.as_of)) for s in report.signals]
        lines = tuple((*line, words) for line, words in zip(_signals(report), told, strict=True))
        made.append(Sheet(word("quality"), SIGN_HEADS, lines))
    if report.name == "filing":
        rows = tuple(
            _row(
                o.name,
                o.post,
                o.kind,
                o.max_level,
                o.matters,
                o.instrument,
                o.since.isoformat(),
                o.until.isoformat() if o.until else "",
                f"{o.hours:g}",
                o.trained_until.isoformat() if o.trained_until else "",
                o.decided,
            )
            for o in report.officers
        )
        made.append(Sheet("定密责任人", OFFICER_HEADS, rows))
    return tuple(made)


def as_json(report: Report) -> bytes:
    """Return a report as one JSON document, the same bytes for the same report."""
    return (json.dumps(plain(report), ensure_ascii=False, indent=2) + "\n").encode("utf-8")
