"""The fields of each step of a referral or a challenge: shown by one template, read by one function."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as n_

LEVELS = (("秘密", "秘密"), ("机密", "机密"), ("绝密", "绝密"))
RULED_BY = (("provincial", n_("省级保密行政管理部门")), ("national", n_("国家保密行政管理部门")))
OUTCOMES = (("keep", n_("维持原定密")), ("change", n_("变更密级、期限")), ("not_secret", n_("不属于国家秘密")))
DECIDED = (("true", n_("属于国家秘密")), ("false", n_("不属于国家秘密")))


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form."""

    name: str
    label: Any
    kind: str = "line"  # line / text / date / choice
    required: bool = True
    choices: tuple[tuple[str, Any], ...] = ()
    hint: Any = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: its act, what the button says, what it means, its fields."""

    slug: str
    act: str
    title: Any
    says: Any
    clause: str
    fields: tuple[Field, ...]
    danger: bool = False


REASONS = Field("reasons", n_("理由和依据"), "text")
NUMBER = Field("document_no", n_("文号"))
OUTCOME = Field("outcome", n_("决定"), "choice", True, OUTCOMES)
LEVEL = Field("level", n_("变更后的密级（变更时填）"), "choice", False, LEVELS)
TAIL = Field("tail", n_("变更后的期限（不变不填）"), "line", False, (), n_("例如 10年"))
RULER = Field("ruled_by", n_("决定机关"), "choice", True, RULED_BY)
DECIDED_ON = Field("decided_on", n_("决定日期"), "date")

STEPS: tuple[Step, ...] = (
    Step(
        "send", "unclear.send", n_("登记报出"), n_("审核拟定意见、打印报告并报出后，登记日期和文号。逾期照样登记，并留下记录。"),
        "TL-25.1d",
        (
            Field("sent_on", n_("报出日期"), "date"),
            NUMBER,
            Field("received_on", n_("对方收文日期（知道时填）"), "date", False),
        ),
    ),
    Step(
        "answer", "unclear.answer", n_("登记确定结果"), n_("收到书面决定后登记。登记之前保护不解除；登记后立即按决定管理。"), "BMF-25",
        (
            Field("decided", n_("确定结果"), "choice", True, DECIDED),
            RULER, NUMBER, DECIDED_ON,
            Field("level", n_("密级（与拟定相同不填）"), "choice", False, LEVELS),
            Field("tail", n_("期限（与拟定相同不填）"), "line", False, (), n_("例如 10年")),
            Field("issued_on", n_("制发日期（保密期限自此起算）"), "date", False),
        ),
        True,
    ),
    Step(
        "answer_referral", "referral.answer", n_("登记报请的答复"), n_("收到有权机关的书面决定后登记；决定机关成为原定密机关。"), "BMF-17.3",
        (
            Field("decided", n_("确定结果"), "choice", True, DECIDED),
            NUMBER, DECIDED_ON,
            Field("level", n_("密级（与拟定相同不填）"), "choice", False, LEVELS),
            Field("tail", n_("期限（与拟定相同不填）"), "line", False, (), n_("例如 10年")),
        ),
        True,
    ),
)  # fmt: skip
CONTESTED: tuple[Step, ...] = (
    Step(
        "answer", "challenge.answer", n_("原定密机关的决定"), n_("决定维持、变更或者认定不属于国家秘密。变更、撤销另行办理，办完之前不降低保护。"),
        "TL-26.1",
        (OUTCOME, LEVEL, REASONS, Field("document_no", n_("文号"), "line", False),
         Field("answered_on", n_("决定日期"), "date", False)),
    ),
    Step(
        "dispute", "challenge.dispute", n_("审核争议报请书"), n_("报请书按主张的最高密级和最长期限拟定，审核签名后由负责人批准报出。"), "QA-6", (REASONS,),
    ),
    Step(
        "send", "challenge.send", n_("负责人批准报出"), n_("批准审核过的争议报请书，并登记报出的文号。"), "QA-6",
        (NUMBER, Field("sent_on", n_("报出日期"), "date", False), Field("opinion", n_("批准意见"), "text", False)),
    ),
    Step(
        "register_dispute", "challenge.register_dispute", n_("登记对方报请"), n_("对方已向保密行政管理部门报请确定时登记。"), "TL-26.2",
        (NUMBER, Field("disputed_on", n_("报请日期"), "date", False)),
    ),
    Step(
        "register_decision", "challenge.register_decision", n_("登记裁决"), n_("裁决立即生效：密级、标志和知悉控制随之改变，期间的最高密级保护到此为止。"),
        "BMF-25", (OUTCOME, RULER, NUMBER, DECIDED_ON, LEVEL, TAIL), True,
    ),
    Step(
        "appeal", "challenge.appeal", n_("再报国家保密行政管理部门"), n_("对省级决定仍有异议的，可以再报；期间恢复按主张的最高密级保护。"), "TL-26.2",
        (REASONS, NUMBER, Field("appealed_on", n_("报出日期"), "date", False)),
    ),
    Step(
        "settle", "challenge.settle", n_("了结异议"), n_("对方接受原定密机关的决定时了结；没有决定的不能了结。"), "TL-26.3",
        (REASONS, Field("document_no", n_("文号"), "line", False)),
    ),
)  # fmt: skip


def named(steps: tuple[Step, ...], names: tuple[str, ...]) -> list[Step]:
    """Return the steps of ``names`` in their order."""
    return [step for step in steps if step.slug in names]


def read(step: Step, posted: Any) -> dict[str, Any]:
    """Return what was filled in; an empty field is left to the act's default, a choice of yes and no becomes one."""
    given = {field.name: posted.get(field.name, "").strip() for field in step.fields}
    optional = {field.name for field in step.fields if not field.required or field.kind == "date"}
    return {name: value for name, value in given.items() if value or name not in optional}
