"""Reports of a year as forms: the statutory statistics, the report on the year's work, the officers' filing list (P23)."""

from __future__ import annotations

from dingmi.engines.documents.forms.model import Cell, Form, Row, Words

LEVELS = ("秘密", "机密", "绝密", "合计")
SUM = ("件数",)


def _table(name: str, label: str, *heads: str) -> Row:
    return Row((Cell(label, name, "table", heads=("项目", *heads), widths=(4, *(2 for _ in heads))),))


_HEAD = (
    Row((Cell("填报单位", "organ"), Cell("年度", "year"))),
    Row((Cell("数据截至", "as_of"), Cell("统计口径", "levels"))),
)
_DETERMINED = _table("determined", "确定", *LEVELS)
_CHANGED = _table("changed", "变更", *LEVELS)
_ENDED = _table("ended", "解除", *LEVELS)
_REVIEWS = _table("reviews", "审核", "已审核", "未审核", "合计")
_DOUBTS = _table("doubts", "不明确、\n争议和纠正", *SUM)
_FOOT = (
    Row((Cell("需说明的\n情况", "anomalies"),)),
    Row((Cell("填报人", "maker"), Cell("负责人", "head"))),
    Words("{unclosed}", "note", needs="unclosed"),
)

CLASSIFICATION = Form(
    name="classification_report",
    title="{year}国家秘密事项统计表",
    number_label="备案号",
    blocks=(
        *_HEAD,
        _DETERMINED,
        _table("tails", "保密期限", *LEVELS),
        _CHANGED,
        _ENDED,
        _table("stock", "年末在密", *LEVELS),
        _REVIEWS,
        _DOUBTS,
        Row((Cell("国家秘密\n事项一览表", "catalogue"),)),
        *_FOOT,
    ),
    clauses=("ZX-39.1", "SEED-36"),
    last_line="本表由台账生成，改数须改台账。",
)
WORK = Form(
    name="work_report",
    title="{year}定密工作情况报告",
    number_label="备案号",
    blocks=(
        *_HEAD,
        _table("officers", "定密责任人", "培训有效", "培训失效", "合计"),
        _table("delegations", "定密授权", *SUM),
        _DETERMINED,
        _CHANGED,
        _ENDED,
        _REVIEWS,
        _DOUBTS,
        _table("quality", "质量信号", "本年", "上年同期", "所计", "基数"),
        Row((Cell("国家秘密\n事项一览表", "catalogue"),)),
        *_FOOT,
    ),
    clauses=("TL-56", "ZX-39.2"),
    last_line="本报告由台账生成，改数须改台账。",
)
FILING_HEADS = (
    "姓名",
    "部门、职务",
    "类别、层级",
    "最高\n密级",
    "事项范围",
    "文号",
    "任期",
    "学时",
    "培训至",
    "本年\n审定",
)
FILING = Form(
    name="filing_report",
    title="{year}定密责任人备案表",
    number_label="备案号",
    blocks=(
        *_HEAD,
        Row((Cell("", "list", "table", heads=FILING_HEADS, widths=(4, 5, 3, 3, 4, 5, 5, 3, 5, 3)),)),
        *_FOOT,
    ),
    clauses=("ZX-15", "SEED-7"),
    last_line="本表由名册生成。",
)
