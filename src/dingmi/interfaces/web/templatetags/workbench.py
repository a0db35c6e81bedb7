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
    "draft": ("draft", "draft", n_("继续")),
    "grade": ("grade", "grade", n_("审批")),
    "regrade": ("grade", "grade_revise", n_("修改")),
}
OF_A_MATTER = ("matter", "matter_review", n_("办理"))


@dataclass(frozen=True, slots=True)
class Road:
    """The addresses of one task, and what its button says."""

    title: str
    button: str
    verb: str


@register.simple_tag
def road_of(task: Any) -> Road:
    """Return where a task leads."""
    title, button, verb = ROADS.get(task.kind, OF_A_MATTER)
    return Road(reverse(title, args=[task.matter]), reverse(button, args=[task.matter]), _(verb))
