"""Registers that are printed: 机密级以上国家秘密知悉登记, and the slips, cards and lists of copies."""

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

SLIP_HEADS = ("序号", "载体编号", "国家秘密标志", "形式", "备注")

SLIP = Form(
    name="carrier_slip",
    title="国家秘密载体{kind}清单",
    number_label="清单编号",
    blocks=(
        Row((Cell("交出", "from_whom"), Cell("接收", "to_whom"))),
        Row((Cell("日期", "on"), Cell("合计", "total"))),
        Row((Cell("场所或者\n方式", "how"), Cell("应归还", "due_on"))),
        Row((Cell("", "lines", "table", heads=SLIP_HEADS, widths=(2, 7, 6, 3, 4), blank=8),)),
        Row((Cell("经办人", "by"), Cell("签收人、\n日期", "signed"))),
    ),
    clauses=("TL-27.2", "TL-27.9"),
    last_line="逐份清点、核对编号后签收；一式两份，双方各执一份。",
)

CARD_HEADS = ("序号", "办理", "时间", "持有人", "场所", "文号", "经办人")

CARD = Form(
    name="carrier_card",
    title="国家秘密载体收发登记卡",
    number_label="载体编号",
    blocks=(
        Row((Cell("形式", "form"), Cell("登记日期", "on"))),
        Row((Cell("现状", "state"), Cell("持有人", "holder"))),
        Row((Cell("", "lines", "table", heads=CARD_HEADS, widths=(2, 4, 5, 4, 5, 5, 3), blank=8),)),
    ),
    clauses=("BMF-26.1", "TL-27.2"),
    last_line="本卡所列均为账本记录。",
)

DESTRUCTION = Form(
    name="carrier_destruction",
    title="国家秘密载体销毁清册",
    number_label="清册编号",
    blocks=(
        Row((Cell("销毁方式", "method"), Cell("销毁单位\n或者设备", "facility"))),
        Row((Cell("提出人、\n日期", "proposed"), Cell("合计", "total"))),
        Row((Cell("批准人、\n日期", "approved"), Cell("批准文号", "document_no"))),
        Row((Cell("", "lines", "table", heads=SLIP_HEADS, widths=(2, 7, 6, 3, 4), blank=8),)),
        Row((Cell("监销人\n（二人）", "watched"), Cell("销毁日期", "done_on"))),
    ),
    clauses=("TL-28.1", "TL-28.2", "CS-58"),
    last_line="本清册长期保存。",
)
