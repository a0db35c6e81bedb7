"""The forms of the acts with copies, as data: for one copy on its page, and for several at once on the desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_noop as n_

from dingmi.interfaces.web.forms import LEVELS, YES_NO, Choice, Field, Form, choices_of
from dingmi.queries.lists import words

NUMBERS = Field("numbers", n_("载体编号"), "list", most=20_000, hint=n_("扫码或者录入，一行一个。"))
COUNTED = Field("counted", n_("清点份数"), "number", most=4, hint=n_("逐份清点后填写，须与编号的个数相符。"))
PERSON = Field("person", n_("人员"), "select")
PLACE = Field("place", n_("存放或者使用场所"))
PROPER = Field("in_proper_place", n_("场所符合保密要求"), "truth", choices=YES_NO)
PACKED = Field("is_packed", n_("包装密封符合要求"), "truth", choices=YES_NO)
DUE = Field("due_on", n_("应归还日期"), "date", most=10)
CHANNEL = Field("channel", n_("传递方式"), "select")
COURIERS = Field("couriers", n_("传递人数"), "number", needed=False, most=2, hint=n_("绝密级须两人以上；不填为一人。"))
SLIP = Field("document_no", n_("清单编号"))
HANDS = tuple((code, word) for code, word in choices_of(words.CARRIER_FORM) if code != "electronic")
PLAIN = n_("不写国家秘密内容。")

PRODUCE = Form(
    "carriers.produce",
    n_("登记制作"),
    (
        Field("register_no", n_("事项登记编号"), most=60),
        Field("copies", n_("份数"), "number", most=3, hint=n_("份号接着已有的编。")),
        Field("form", n_("形式"), "select", choices=HANDS),
        Field("place", n_("制作场所")),
        PROPER,
        Field("is_marked", n_("每份都已标志和编号"), "truth", choices=YES_NO),
        Field("contractor", n_("承制单位"), needed=False, hint=n_("本单位制作的不填。")),
        Field("licence", n_("资质证书编号"), needed=False),
    ),
)
FORMS: Mapping[str, Form] = {
    form.act: form
    for form in (
        Form("carriers.sign", n_("签收"), (NUMBERS, COUNTED)),
        Form(
            "carriers.keep",
            n_("入库"),
            (
                NUMBERS,
                PERSON,
                PLACE,
                Field("place_meets_standard", n_("设施设备符合国家保密标准"), "truth", choices=YES_NO),
                Field(
                    "device",
                    n_("存入的信息系统、设备"),
                    "select",
                    needed=False,
                    choices=(("none", n_("非涉密的")), *LEVELS),
                    hint=n_("不存入系统、设备的留空；密级不够的不能存入（保密法第三十一条）。"),
                ),
            ),
        ),
        Form(
            "carriers.lend",
            n_("交付"),
            (
                NUMBERS,
                PERSON,
                PLACE,
                PROPER,
                DUE,
                Field("purpose", n_("事由"), needed=False, most=120, hint=PLAIN),
            ),
        ),
        Form("carriers.take_back", n_("收回"), (NUMBERS, COUNTED, PLACE)),
        Form(
            "carriers.copy",
            n_("签名批准复制"),
            (
                Field("number", n_("载体编号")),
                Field("copies", n_("份数"), "number", most=3),
                Field("form", n_("形式"), "select", choices=HANDS),
                Field("place", n_("制作场所")),
                Field("purpose", n_("事由"), most=120, hint=PLAIN),
                Field("is_stamped", n_("每份都已加盖戳记"), "truth", choices=YES_NO),
                Field(
                    "consent_no",
                    n_("同意复制的文号"),
                    needed=False,
                    hint=n_("绝密级须经原定密机关或者其上级机关同意。"),
                ),
            ),
        ),
        Form(
            "carriers.carry_out",
            n_("签名批准携带"),
            (
                NUMBERS,
                PERSON,
                Field("companion", n_("同行人员"), "select", needed=False, hint=n_("绝密级须两人以上。")),
                Field("place", n_("目的地")),
                Field("measures", n_("保密措施"), most=200),
                PACKED,
                DUE,
                Field("leaves_the_country", n_("携带出境"), "truth", needed=False, choices=YES_NO),
                Field("export_approval", n_("出境批准文号"), needed=False),
            ),
        ),
        Form(
            "carriers.repair",
            n_("送修"),
            (
                NUMBERS,
                Field(
                    "person",
                    n_("维修或者监督人员"),
                    "select",
                    needed=False,
                    hint=n_("外单位维修的，须有本单位人员现场监督。"),
                ),
                PLACE,
                Field("repairer", n_("维修单位"), needed=False, hint=n_("本单位维修的不填。")),
                DUE,
            ),
        ),
        Form(
            "carriers.dispatch",
            n_("发出"),
            (
                NUMBERS,
                Field("organ", n_("接收单位"), "select"),
                CHANNEL,
                COURIERS,
                PACKED,
                SLIP,
                Field("due_on", n_("回执期限"), "date", most=10),
                Field("return_by", n_("清退期限"), "date", needed=False, most=10, hint=n_("要求对方清退的填写。")),
            ),
        ),
        Form(
            "carriers.confirm_receipt",
            n_("登记回执"),
            (NUMBERS, COUNTED, SLIP, Field("received_on", n_("签收日期"), "date", most=10)),
        ),
        Form(
            "carriers.set_return",
            n_("登记期限"),
            (
                NUMBERS,
                Field("return_by", n_("清退期限"), "date", most=10),
                Field("document_no", n_("制发单位通知文号")),
            ),
        ),
        Form("carriers.give_back", n_("清退"), (NUMBERS, CHANNEL, COURIERS, PACKED, SLIP)),
        Form(
            "carriers.archive",
            n_("归档"),
            (NUMBERS, Field("place", n_("接收的档案馆")), Field("document_no", n_("接收凭证编号"))),
        ),
        Form(
            "carriers.propose_destruction",
            n_("列入销毁清册"),
            (
                NUMBERS,
                Field("method", n_("销毁方式"), "select"),
                Field("facility", n_("销毁单位或者设备"), most=120),
                Field(
                    "with_own_equipment",
                    n_("自行销毁"),
                    "truth",
                    needed=False,
                    choices=YES_NO,
                    hint=n_("少量的可用符合国家保密标准的设备自行销毁；否则送交指定单位。"),
                ),
            ),
            danger=True,
        ),
        Form(
            "carriers.report_missing",
            n_("报告下落不明"),
            (
                NUMBERS,
                Field(
                    "words",
                    n_("最后见到的时间和查找情况"),
                    most=200,
                    hint=n_("同时报告泄密嫌疑，二十四小时时限从此时起算。"),
                ),
            ),
            danger=True,
        ),
        Form(
            "carriers.find",
            n_("登记找回"),
            (NUMBERS, PLACE, Field("words", n_("在哪里怎样找到"), most=200, hint=PLAIN)),
        ),
    )
}


def offered(choices: Any) -> dict[str, Sequence[Choice]]:
    """Return what the fields of the forms offer."""
    return {
        "person": choices.people,
        "companion": choices.people,
        "organ": choices.organs,
        "channel": tuple((c, c) for c in choices.channels),
        "method": tuple((m, m) for m in choices.methods),
    }
