"""Where a task of the workbench is read and where it is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as n_

register = template.Library()
# kind: the page that its title opens, the page of its button, the word on the button
ROADS: dict[str, tuple[str, str, str]] = {
    "review": ("review_desk", "review_desk", n_("审核")),
    "change": ("matter", "matter_review", n_("审核")),
    "draft": ("draft", "draft", n_("继续")),
    "grade": ("grade", "grade", n_("审批")),
    "regrade": ("grade", "grade_revise", n_("修改")),
    "grade_ends": ("grade", "grade", n_("办理")),
    "incident": ("incident", "incident", n_("报告")),
}
# what is done on a list: the page, its view, and the word on the button
LISTED = {"finding": ("findings", "", n_("整改")), "grade_file": ("trade_secrets", "?view=unfiled", n_("办理备案"))}
OF_A_MATTER = ("matter", "matter_review", n_("办理"))
# what the system asks a task for; a yearly review says its year
CAUSES = {
    "expiry": n_("期满前审核"),
    "source": n_("来源变更后复核"),
    "guide": n_("事项范围修订后复核"),
    "dispute": n_("按裁定办理"),
    "finding": n_("检查发现的问题"),
    "grade_ends": n_("期满自行解除"),
    "grade_file": n_("批准后尚未备案"),
    "incident": n_("泄密须在时限内报告"),
    "draft": n_("本人草稿"),
}


@dataclass(frozen=True, slots=True)
class Road:
    """The addresses of one task, and what its button says."""

    title: str
    button: str
    verb: str


@register.simple_tag
def road_of(task: Any) -> Road:
    """Return where a task leads."""
    if task.kind in LISTED:
        name, view, verb = LISTED[task.kind]
        return Road(f"{reverse(name)}{view}", f"{reverse(name)}{view}", _(verb))
    title, button, verb = ROADS.get(task.kind, OF_A_MATTER)
    return Road(reverse(title, args=[task.about]), reverse(button, args=[task.about]), _(verb))


@register.simple_tag
def cause_of(task: Any) -> str:
    """Say from whom a task comes, or what the system asks it for: which review it is."""
    return task.sender or review_of(task)


@register.simple_tag
def review_of(task: Any) -> str:
    """Say which review a task is: of which year, or because of what."""
    if task.kind == "annual":
        return _("%(year)s 年度审核") % {"year": task.year}
    return _(CAUSES[task.kind]) if task.kind in CAUSES else ""
