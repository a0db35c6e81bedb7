"""Words of 不明确与争议: states, routes, categories, positions, outcomes, who asks."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as n_

from dingmi.queries.lists import words

register = template.Library()

WORDS: dict[str, dict[str, str]] = {
    "kind": {"unclear": n_("不明确事项"), "authority": n_("无权定密报请")},
    "referral": {code: word.text for code, word in words.REFERRAL.items()},
    "challenge": {code: word.text for code, word in words.CHALLENGE.items()},
    "route": {"national": n_("国家保密行政管理部门"), "provincial": n_("省级保密行政管理部门")},
    "position": {"level": n_("主张另一密级或期限"), "not_secret": n_("主张不属于国家秘密")},
    "outcome": {
        "keep": n_("维持原定密"),
        "change": n_("变更"),
        "not_secret": n_("不属于国家秘密"),
        "level": n_("主张另一密级或期限"),
    },
    "category": {
        "decisions": n_("国家事务重大决策"),
        "defence": n_("国防建设和武装力量活动"),
        "foreign": n_("外交和外事活动、对外承担保密义务"),
        "economy": n_("国民经济和社会发展"),
        "science": n_("科学技术"),
        "security": n_("维护国家安全活动和追查刑事犯罪"),
        "other": n_("保密行政管理部门确定的其他事项"),
        "party": n_("政党的秘密事项"),
    },
    "applicant": {
        "discipline": n_("纪检监察机关"),
        "investigation": n_("侦查机关"),
        "prosecution": n_("公诉机关"),
        "trial": n_("审判机关"),
    },
    "course": {
        "returned": n_("材料不全，退回补正"),
        "completed": n_("材料补正齐全"),
        "accepted": n_("受理"),
        "consulted": n_("征询意见"),
        "heard": n_("意见收回"),
        "experts": n_("送专家"),
        "experts_back": n_("专家意见收回"),
        "extended": n_("延长期限"),
        "concluded": n_("出具鉴定书"),
        "reviewed": n_("出具复核决定书"),
    },
    "party": {
        "national": n_("国家保密行政管理部门"),
        "provincial": n_("省级保密行政管理部门"),
        "originator": n_("原定密机关"),
    },
    "material": {
        "letter": n_("鉴定公文"),
        "material": n_("送鉴材料"),
        "explanation": n_("情况说明"),
        "translation": n_("外文材料的中文译本"),
    },
    "file": {
        "original": n_("与原件逐字节一致"),
        "marked": n_("与加注标志的文件一致"),
        "unknown": n_("与留存文件都不一致"),
        "none": n_("没有附文件"),
    },
}


@register.filter
def said(value: str, topic: str) -> Any:
    """Return the word of a code; the code itself where it has none."""
    word = WORDS.get(topic, {}).get(str(value))
    return value if word is None else _(word)
