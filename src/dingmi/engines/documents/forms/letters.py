"""Letters: 无权定密事项报请函."""

from __future__ import annotations

from dingmi.engines.documents.forms.model import Form, Words

REFERRAL = Form(
    name="referral",
    title="{sender}关于报请确定国家秘密事项的函",
    blocks=(
        Words("{addressee}：", "to"),
        Words(
            "我单位在工作中产生《{title}》{doc_number}。经比对《{guide}》{item}，拟定密级为{level}，保密期限为{tail}，"
            "知悉范围为{scope}，超出我单位定密权限。现已自{provisional_on}起先行采取保密措施，按照拟定密级管理。"
        ),
        Words("定密理由：{reasons}", needs="reasons"),
        Words("已采取的保密措施：{measures}", needs="measures"),
        Words("审核意见：{opinion}", needs="opinion"),
        Words("依据《中华人民共和国保守国家秘密法》第十七条第三款，特此报请确定。"),
        Words("{sender}", "right"),
        Words("{on}", "right"),
    ),
    clauses=("BMF-17.3", "GD-11.2"),
    number_label="文号",
    letter=True,
)
