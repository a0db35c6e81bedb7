"""Forms of a determination: 国家秘密确定审批表."""

from __future__ import annotations

from dingmi.engines.documents.forms.model import Cell, Form, Row

CHANGE_HEADS = ("日期", "事项", "密级", "期限", "依据", "责任人")

APPROVAL = Form(
    name="approval",
    title="国家秘密确定审批表",
    number_label="审批编号",
    blocks=(
        Row((Cell("事项名称", "title"),)),
        Row((Cell("产生单位", "unit"), Cell("文号", "doc_number"))),
        Row((Cell("定密类型", "kinds", "ticks"), Cell("载体与份数", "carriers"))),
        Row((Cell("定密依据", "basis", high=4),)),
        Row((Cell("密级", "levels", "ticks"), Cell("保密期限", "period"))),
        Row((Cell("密点", "points"),)),
        Row((Cell("知悉范围", "scope"),)),
        Row((Cell("不得定密\n情形核对", "bars"),)),
        Row((Cell("定密理由", "reasons", high=5),)),
        Row((Cell("承办人\n意见", "drafter", "opinion", high=7, role="承办人"),)),
        Row((Cell("定密责任人\n审核意见", "officer", "opinion", high=7, role="定密责任人"),)),
        Row((Cell("定密权限", "authority", high=3.4),)),
        Row((Cell("变更与解密\n记录", "changes", "table", heads=CHANGE_HEADS, widths=(4, 3, 2, 4, 6, 3), blank=3),)),
    ),
    clauses=("BMF-16.2", "BMF-19", "ZX-21"),
    last_line="本表须与定密文稿一并归档。",
)
