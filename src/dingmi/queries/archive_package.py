"""What goes with archived files: the record of each, its changes and disclosure, and the list of the transfer (DAT-30.2)."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from dingmi.base import messages
from dingmi.base.errors import Finding
from dingmi.queries import archives, content, numbers, standing
from dingmi.records.carriers.archives import OPENINGS, ArchiveBatch, ArchiveFile
from dingmi.records.matters.life import DisclosureReview
from dingmi.records.matters.models import GRADES, STATES, Decision, Matter

LIST = "transfer-list.csv"
RECORD = "record.json"
WORDS = dict([*STATES, *GRADES])
OPENING_WORDS = dict(OPENINGS)
OUTCOMES = {"publish": "可以公开", "part": "部分公开", "withhold": "不予公开", "refer": "报请确定"}
COLUMNS = (
    ("order", "序号"),
    ("number", "登记编号"),
    ("title", "题名"),
    ("doc_number", "文号"),
    ("unit", "形成部门"),
    ("formed_on", "形成日期"),
    ("mark", "密级标志"),
    ("state", "现状态"),
    ("last_protected_day", "保密期限届满日"),
    ("opening", "到期开放意见"),
    ("opinion", "理由"),
    ("disclosure", "信息公开情况"),
    ("changes", "密级变更情况"),
    ("files", "文件数"),
)


def _day(value: date | None) -> str:
    return value.isoformat() if value else ""


def _changes(matter: Matter) -> list[dict[str, Any]]:
    """Return every decision about level, period and release, oldest first, with the digest of what was signed."""
    return [
        {
            "number": d.number,
            "act": d.act,
            "act_zh": messages.render(Finding(d.act, "note"), "zh").text,
            "on": d.at.date().isoformat(),
            "level": d.level,
            "period": d.tail,
            "last_protected_day": _day(d.last_protected_day),
            "sm3": d.digest,
        }
        for d in Decision.objects.filter(matter=matter).order_by("number")
    ]


def _disclosures(matter: Matter) -> list[dict[str, Any]]:
    """Return what was decided about making a matter public, and whether it was published."""
    return [
        {
            "asked_on": d.asked_at.date().isoformat(),
            "outcome": d.outcome,
            "outcome_zh": OUTCOMES.get(d.outcome, "审查中"),
            "published_at": d.published_at.isoformat() if d.published_at else "",
            "place": d.place,
        }
        for d in DisclosureReview.objects.filter(matter=matter).order_by("asked_at", "pk")
    ]


def record(kept: ArchiveFile) -> dict[str, Any]:
    """Return what an archive is told about one file, as JSON values."""
    matter = kept.matter
    return {
        "order": kept.order,
        "number": numbers.shown(matter.pk, matter.register_no),
        "matter": str(matter.pk),
        "regime": matter.regime,
        "title": content.title(matter),
        "doc_number": content.doc_number(matter),
        "originator": matter.organ.name,
        "responsible_organ": standing.answers_for(matter).name,
        "unit": matter.department.name if matter.department else "",
        "formed_on": _day(matter.issued_on or matter.starts_on),
        "level": matter.level,
        "mark": archives.mark_of(matter),
        "state": matter.state,
        "state_zh": WORDS.get(matter.state, matter.state),
        "last_protected_day": _day(matter.last_protected_day),
        "released_at": matter.released_at.isoformat() if matter.released_at else "",
        "opening": kept.opening,
        "opening_zh": OPENING_WORDS.get(kept.opening, ""),
        "opinion": content.opened(kept, "opinion_ct", kept.level),
        "reviewed_by": kept.reviewed_by.name if kept.reviewed_by else "",
        "reviewed_on": kept.reviewed_at.date().isoformat() if kept.reviewed_at else "",
        "changes": _changes(matter),
        "disclosure": _disclosures(matter),
    }


def spelled(value: dict[str, Any]) -> bytes:
    """Return a record as a file."""
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _line(made: dict[str, Any], files: int) -> dict[str, Any]:
    """Return one record as a line that people read."""
    told = [f"{d['asked_on']} {d['outcome_zh']} {d['place']}".strip() for d in made["disclosure"]]
    steps = [f"{c['on']} {c['act_zh']} {c['level']} {c['period']}".strip() for c in made["changes"]]
    return made | {
        "state": made["state_zh"],
        "opening": made["opening_zh"],
        "disclosure": "；".join(told) or "未公开",
        "changes": "；".join(steps),
        "files": files,
    }


def transfer_list(made: Sequence[tuple[dict[str, Any], int]]) -> bytes:
    """Return the list of the transfer as CSV that spreadsheets open; no cell of it is read as a formula."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow([word for _, word in COLUMNS])
    for value, files in made:
        line = _line(value, files)
        cells = (str(line[name]) for name, _ in COLUMNS)
        table.writerow([f"'{cell}" if cell[:1] in ("=", "+", "-", "@") else cell for cell in cells])
    return out.getvalue().encode("utf-8-sig")


def info(batch: ArchiveBatch, medium: str, files: int, packed_by: str) -> list[tuple[str, str]]:
    """Return what the outside of a package says: where it is from, what it holds, how it is handled."""
    said = messages.render(Finding(archives.handling(batch), "note"), "zh")
    unit = batch.department.name if batch.department else ""
    return [
        ("Source-Organization", standing.home().name),
        ("External-Identifier", batch.number),
        ("External-Description", f"{batch.year} {unit} {batch.level}".replace("  ", " ")),
        ("Internal-Sender-Identifier", str(batch.pk)),
        ("Contact-Name", packed_by),
        ("Bag-Count", "1 of 1"),
        ("Dingmi-Regime", batch.regime),
        ("Dingmi-Level", batch.level),
        ("Dingmi-Files", str(files)),
        ("Dingmi-Medium", medium),
        ("Dingmi-Handling", f"{said.text}{said.remedy}"),
    ]
