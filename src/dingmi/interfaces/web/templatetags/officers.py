"""Words of the register of officers: tiers, what happened to them, what asks for attention."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as n_

register = template.Library()

MOVES = {
    "travel_duty": n_("因公出国（境）"),
    "travel_private": n_("因私出国（境）"),
    "leave": n_("长期请假"),
    "inquiry": n_("接受核查"),
    "transfer": n_("调动"),
    "promotion": n_("升迁"),
    "leaving": n_("离岗离职"),
}
SIGNALS = {"rarely": n_("少用"), "fast": n_("审定很快"), "agrees": n_("全部同意")}
NOTES = {
    "no_designation": n_("没有有效任命，不能审批。"),
    "suspended": n_("暂停履职，待审事项已转请其他责任人。"),
    "training_lapsed": n_("培训失效，参加培训前不能审批。"),
    "training_ends": n_("培训 {day} 到期，请在此前安排培训。"),
    "clearance_below": n_("涉密等级低于任命的最高密级，请核对。"),
    "grade_lapsed": n_("定密资格失效，重新考核合格前不能审批。"),
    "grade_below": n_("资格等级低于任命的最高密级，高于资格等级的不能审批。"),
    "grade_ends": n_("定密资格 {day} 到期，请在此前考核。"),
    "term_ends": n_("任命 {number} 天后到期（{day}），请续任或者另行指定。"),
    "hours_short": n_("本年 {number} 学时，按本单位制度应在 {day} 前满 {other} 学时。"),
    "rarely": n_("近 12 个月审定 {number} 件，可核对是否需要这一席位。"),
    "fast": n_("近 12 个月审定 {number} 件，半数在提交后 2 分钟内办结，建议抽查。"),
    "agrees": n_("近 12 个月审定 {number} 件，全部照拟定意见同意，建议抽查。"),
}


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


@register.filter
def move_word(kind: str) -> str:
    """Name an event of mobility."""
    return str(MOVES.get(kind, kind))


@register.filter
def signal_word(code: str) -> str:
    """Name what asks for a look."""
    return str(SIGNALS.get(code, code))


@register.simple_tag
def officer_note(note: Any) -> str:
    """Say one thing that asks for attention, with its numbers."""
    words = str(NOTES.get(note.code, n_("请核对。")))
    return words.format(
        number=_whole(note.number), other=note.other, day=note.day.isoformat() if note.day else _("未定")
    )


@register.simple_tag
def duty_cells(duty: Any, columns: Any) -> SafeString:
    """Print a cell for each role: whether it performs the act, and whether it signs it."""
    word = _("签") if duty.signed else _("办")
    held = (word if duty.everyone or role in duty.by else "" for role, _name in columns)
    return format_html_join("", "<td>{}</td>", ((said,) for said in held))
