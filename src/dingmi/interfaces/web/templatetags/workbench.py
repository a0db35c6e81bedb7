"""What a task of the workbench is called, where it is read and where it is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as n_

register = template.Library()
# kind: its word, the page that its title opens, the page of its button, the word on the button
KINDS: dict[str, tuple[str, str, str, str]] = {
    "review": (n_("审核"), "review_desk", "review_desk", n_("审核")),
    "draft": (n_("拟稿"), "draft", "draft", n_("继续")),
    "grade": (n_("审批"), "grade", "grade", n_("审批")),
    "regrade": (n_("退回修改"), "grade", "grade_revise", n_("修改")),
    "annual": (n_("年审"), "matter", "matter_review", n_("办理")),
    "source": (n_("来源变更"), "matter", "matter_review", n_("办理")),
    "guide": (n_("范围更新"), "matter", "matter_review", n_("办理")),
    "dispute": (n_("异议落实"), "matter", "matter_review", n_("办理")),
    "expiry": (n_("到期"), "matter", "matter_review", n_("办理")),
}


@dataclass(frozen=True, slots=True)
class Road:
    """The words and addresses of one task."""

    word: str
    title: str
    button: str
    verb: str


@register.simple_tag
def road_of(task: Any) -> Road:
    """Return what a task is called and where it leads."""
    word, title, button, verb = KINDS.get(task.kind, KINDS["expiry"])
    return Road(_(word), reverse(title, args=[task.matter]), reverse(button, args=[task.matter]), _(verb))
