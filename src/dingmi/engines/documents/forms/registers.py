"""Registers that are printed: 机密级以上国家秘密知悉登记."""

from __future__ import annotations

from dingmi.engines.documents.forms.model import Cell, Form, Row

KNOWLEDGE_HEADS = ("序号", "姓名", "单位、部门", "知悉方式", "事由", "时间", "批准人", "份号")

KNOWLEDGE = Form(
    name="knowledge",
    title="国家秘密知悉登记表",
    number_label="登记编号",
    blocks=(
        Row((Cell("事项名称", "title"),)),
        Row((Cell("产生单位", "unit"), Cell("文号", "doc_number"))),
        Row((Cell("密级", "levels", "ticks"), Cell("保密期限", "period"))),
        Row((Cell("知悉范围", "scope"),)),
        Row((Cell("", "people", "table", heads=KNOWLEDGE_HEADS, widths=(2, 3, 5, 3, 5, 5, 3, 3), blank=8),)),
    ),
    clauses=("TL-20",),
    last_line="本表所列均为账本记录。",
)
