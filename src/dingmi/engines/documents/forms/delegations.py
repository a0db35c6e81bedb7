"""定密授权申请: the letter and the form of an application for a delegation of authority (ZX-9, LC-1)."""

from __future__ import annotations

from dingmi.engines.documents.forms.model import Cell, Form, Row, Words

LETTER = Form(
    name="delegation_letter",
    title="{sender}关于申请定密授权的函",
    blocks=(
        Words("{addressee}：", "to"),
        Words(
            "我单位近三年产生定密事项{originals}件，本单位没有相应定密权限。现申请{level}级定密授权，事项为{matters}，期限自{since}至{until}。"
        ),
        Words("依据：{basis}"),
        Words("理由：{reasons}"),
        Words(
            "附件：申请表、拟授权事项一览表、国家秘密事项一览表、定密责任人一览表、近三年原始定密情况、定密制度目录。"
        ),
        Words("{sender}", "right"),
        Words("{on}", "right"),
    ),
    clauses=("ZX-9.3", "LC-1"),
    number_label="文号",
    letter=True,
)

APPLICATION = Form(
    name="delegation_application",
    title="定密授权申请表",
    number_label="文号",
    blocks=(
        Row((Cell("申请单位", "sender"), Cell("受理机关", "addressee"))),
        Row((Cell("申请的最高\n密级", "level"), Cell("申请期限", "term"))),
        Row((Cell("事项代码", "matters"),)),
        Row((Cell("近三年各年\n件数", "originals"),)),
        Row((Cell("依据", "basis", high=6),)),
        Row((Cell("理由", "reasons", high=8),)),
        Row((Cell("申请单位负\n责人意见", "opinion", high=8),)),
        Row((Cell("负责人", "head"), Cell("申请日期", "on"))),
        Row((Cell("受理机关\n意见", "answer", high=8),)),
    ),
    clauses=("ZX-9.1", "ZX-9.3", "LC-1"),
)
