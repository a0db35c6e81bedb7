"""Registers that are printed: 机密级以上国家秘密知悉登记, 国家秘密载体移交清单."""

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

HANDOVER_HEADS = ("序号", "登记编号", "国家秘密标志", "份数", "备注")

HANDOVER = Form(
    name="handover",
    title="国家秘密载体移交清单",
    number_label="签收编号",
    blocks=(
        Row((Cell("移交单位", "from_organ"), Cell("接收单位", "to_organ"))),
        Row((Cell("移交日期", "on"), Cell("合计", "total"))),
        Row((Cell("", "lines", "table", heads=HANDOVER_HEADS, widths=(2, 6, 7, 2, 5), blank=8),)),
        Row((Cell("移交人", "handed_by"), Cell("接收人", "received_by"))),
        Row((Cell("监交人", "witness"), Cell("备注", "remarks"))),
    ),
    clauses=("CS-60", "TL-23"),
    last_line="本清单一式两份，移交、接收单位各执一份；逐份清点，签字后生效。",
)
