"""人员、培训、任命、涉密等级、考核规则的表格: the first sheet, one heading row in Chinese or English, read into the rows of the import act."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Invalid
from dingmi.engines import documents
from dingmi.queries.registry import query
from dingmi.queries.terms import Upload

KEEPERS = (Role.SECRECY_OFFICE, Role.HEAD, Role.SECURITY_ADMIN)  # whoever may enter one kind of sheet at least
HEADINGS: Mapping[str, Mapping[str, str]] = {
    "people": {
        "name": "姓名",
        "staff_no": "工号",
        "department": "部门",
        "post": "职务",
        "post_category": "涉密岗位类别",
        "is_foreign": "境外人员",
    },
    "training": {
        "staff_no": "工号",
        "course": "课程",
        "minutes": "分钟",
        "completed_on": "完成日期",
        "valid_through": "有效至",
        "certificate": "证书编号",
    },
    "officers": {
        "staff_no": "工号",
        "instrument": "任命文号",
        "max_level": "最高密级",
        "matters": "事项代码",
        "since": "自",
        "through": "至（含当日）",
    },
    "clearances": {
        "staff_no": "工号",
        "level": "最高可知悉密级",
        "instrument": "依据文号",
        "through": "有效至（含当日）",
    },
    "rules": {
        "code": "规则代码",
        "indicator": "考核指标",
        "points": "每次分值",
        "most": "全年最多",
        "clause": "依据条款",
        "zh": "规则",
        "en": "英文",
        "instrument": "制定文号",
    },
}


@dataclass(frozen=True, slots=True)
class SheetRows:
    """The rows of a sheet by column name."""

    kind: str
    rows: tuple[dict[str, str], ...]


def read(kind: str, content: bytes) -> tuple[dict[str, str], ...]:
    """Return the rows of the first sheet; columns that nobody knows are left out.

    Raises:
        Invalid: Unknown kind, no spreadsheet, or a heading of the kind is missing: it is named.
    """
    if kind not in HEADINGS:
        raise Invalid("input.invalid", (), fields={"kind": "choice.unknown"})
    known = HEADINGS[kind]
    words = {word: key for key, word in known.items()} | {key: key for key in known}
    first, *rows = documents.sheet(content) or [[]]
    keys = [words.get(heading.strip().lower(), "") for heading in first]
    missing = [known[key] for key in known if key not in keys]
    if missing:
        raise Invalid("sheet.headings", (), headings="、".join(missing), fields={"file": "sheet.headings"})
    made = [{key: text.strip() for key, text in zip(keys, row, strict=False) if key} for row in rows if any(row)]
    return tuple(dict.fromkeys(known, "") | row for row in made)


@query("personnel.read_sheet", roles=KEEPERS, recorded=False, clauses=("SEED-7",))
def personnel_read_sheet(*, actor: Actor, now: datetime, kind: str, upload: Upload) -> SheetRows:
    """Read a spreadsheet of one kind into rows; nothing is entered and nothing kept."""
    return SheetRows(kind, read(kind, upload.content))
