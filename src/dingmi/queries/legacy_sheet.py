"""补录的表格: the first sheet of a workbook, one heading row in Chinese or English, read into rows to be checked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Invalid
from dingmi.engines import documents
from dingmi.queries.registry import query
from dingmi.queries.terms import Upload
from dingmi.regime.prc_state import levels

HEADINGS: dict[str, str] = {
    "title": "事项名称",
    "mark": "密级标志",
    "issued_on": "制发日期",
    "notified_on": "通知日期",
    "doc_number": "文号",
    "drafter": "承办人",
    "officer": "定密责任人",
    "guide": "事项范围",
    "item": "条目",
    "basis": "其他依据",
    "persons": "知悉人员",
    "departments": "知悉部门",
    "form": "载体形式",
}
FORMS = {"电子": "electronic", "纸质": "paper"}
NEEDED = ("title", "mark", "drafter")


@dataclass(frozen=True, slots=True)
class LegacyRows:
    """The rows of a sheet by column name, and the highest level that stands in them."""

    rows: tuple[dict[str, str], ...]
    level: str


@query("legacy_read_sheet", roles=(Role.SECRECY_OFFICE,), recorded=False)
def legacy_read_sheet(*, actor: Actor, now: datetime, upload: Upload) -> LegacyRows:
    """Read a spreadsheet of earlier matters into rows; nothing is registered and nothing kept.

    Raises:
        Invalid: It is no spreadsheet, or a needed heading is missing: it is named.
    """
    words = {word: key for key, word in HEADINGS.items()} | {key: key for key in HEADINGS}
    first, *rows = documents.sheet(upload.content) or [[]]
    keys = [words.get(heading.strip().lower(), "") for heading in first]
    missing = [HEADINGS[key] for key in NEEDED if key not in keys]
    if missing:
        raise Invalid("sheet.headings", (), headings="、".join(missing), fields={"file": "sheet.headings"})
    made = tuple(
        {
            key: FORMS.get(text, text) if key == "form" else text
            for key, text in zip(keys, row, strict=False)
            if key and text
        }
        for row in rows
        if any(row)
    )
    return LegacyRows(made, levels.highest(tuple(row.get("mark", "")[:2] for row in made)))
