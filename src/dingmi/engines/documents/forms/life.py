"""Forms of a matter's later life: 变更、延期、解密审批单, the 通知 with its receipt slip, and the 标志变更说明."""

from __future__ import annotations

from dingmi.engines.documents.forms.model import Cell, Cut, Form, Row, Words

CHANGE = Form(
    name="change",
    title="国家秘密{act}审批表",
    number_label="登记编号",
    blocks=(
        Row((Cell("事项名称", "title"),)),
        Row((Cell("产生单位", "unit"), Cell("文号", "doc_number"))),
        Row((Cell("办理类型", "kinds", "ticks"),)),
        Row((Cell("定密依据", "basis", high=3.4),)),
        Row((Cell("要素对照", "elements", "table", heads=("要素", "原定", "现定"), widths=(2, 5, 5)),)),
        Row((Cell("理由", "reasons", high=5),)),
        Row((Cell("法定情形", "ground"), Cell("生效日期", "effective_on"))),
        Row((Cell("征求意见", "consultation", high=3.4),)),
        Row((Cell("通知范围", "told", high=3.4),)),
        Row((Cell("承办人\n意见", "drafter", "opinion", high=7, role="承办人"),)),
        Row((Cell("定密责任人\n审核意见", "officer", "opinion", high=7, role="定密责任人"),)),
        Row((Cell("定密权限", "authority", high=3.4),)),
        Row((Cell("上级或业务\n主管批准", "approval", high=3.4),)),
    ),
    clauses=("ZX-29.1", "ZX-34.1", "BMF-16.2"),
    last_line="本表须与原审批表一并归档。",
)

NOTICE = Form(
    name="notice",
    title="国家秘密{act}通知",
    number_label="通知编号",
    letter=True,
    blocks=(
        Words("{addressee}：", "to"),
        Words(
            "我单位产生的国家秘密事项《{title}》{doc_number}，制发日期为{issued_on}，原标志为“{old_mark}”。"
            "经审核，自{effective_on}起{result}。"
        ),
        Words("理由：{reasons}", needs="reasons"),
        Words("知悉范围变更为：{scope}。", needs="scope"),
        Words("{request}"),
        Words("请于收到之日在下方回执签收，并退回我单位。"),
        Words("{sender}", "right"),
        Words("{on}", "right"),
        Cut("回　执"),
        Row((Cell("通知编号", "decision_no"), Cell("收件单位\n（人）", "addressee"))),
        Row((Cell("标志改注\n情况", "remarked", "ticks"), Cell("收到日期", "received_on"))),
        Row((Cell("签收", "receipt", "opinion", high=5, role="签收人"),)),
    ),
    clauses=("ZX-30.1", "ZX-35", "GD-r3?"),
    last_line="回执退回发文单位存档。",
)

REMARK = Form(
    name="remark",
    title="国家秘密标志变更说明",
    number_label="登记编号",
    blocks=(
        Row((Cell("事项名称", "title"),)),
        Row((Cell("产生单位", "unit"), Cell("文号", "doc_number"))),
        Row((Cell("原标志", "old_mark"), Cell("现标志", "new_mark"))),
        Row((Cell("变更事由", "act"), Cell("生效日期", "effective_on"))),
        Row((Cell("依据", "basis", high=3.4),)),
        Row(
            (
                Cell(
                    "载体改注\n情况",
                    "carriers",
                    "table",
                    heads=("份号", "形式", "原标志", "现标志", "状态"),
                    widths=(3, 2, 5, 8, 3),
                    blank=3,
                ),
            )
        ),
        Row((Cell("改注方法", "method", high=5),)),
        Row((Cell("办理人", "done", "opinion", high=6, role="办理人"),)),
    ),
    clauses=("TL-21.1b", "ZX-29.2", "ZX-34.2"),
    last_line="本说明随原件归档；原标志不得擦除。",
)
