"""检查报告: one inspection with what it found and how it was put right (TL-58, SEED-12)."""

from __future__ import annotations

from dingmi.engines.documents.forms.model import Cell, Form, Row

FINDING_HEADS = ("序号", "检查内容", "问题", "责任人", "期限", "整改", "验收")

INSPECTION = Form(
    name="inspection",
    title="保密检查报告",
    number_label="检查编号",
    blocks=(
        Row((Cell("检查名称", "name"),)),
        Row((Cell("类别", "kind"), Cell("被检查部门", "unit"))),
        Row((Cell("检查日期", "on"), Cell("检查文号", "document_no"))),
        Row((Cell("负责人", "lead"), Cell("参加人员", "participants"))),
        Row((Cell("检查内容", "topics"),)),
        Row((Cell("定密情况", "figures"),)),
        Row((Cell("抽样", "sample"),)),
        Row((Cell("检查结论", "conclusion", high=8),)),
        Row((Cell("", "findings", "table", heads=FINDING_HEADS, widths=(2, 5, 7, 3, 4, 4, 4), blank=4),)),
        Row((Cell("检查人", "signed"), Cell("被检查部门\n负责人", "heard"))),
    ),
    clauses=("TL-58", "SEED-12"),
    last_line="针对具体事项的问题只列登记编号和差错类型，内容见事项的纠正记录。",
)
