"""Words of what earlier reviews and rulings say of a matter."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as n_

from dingmi.queries.lists.words import DIFFERENCE, RULING

register = template.Library()
FACTS = {  # what the outlook of reviews rests on
    "elapsed": n_("期限过去的多少"),
    "ending": n_("90 天内到期"),
    "years": n_("在密的年数"),
    "kept": n_("曾审核后继续保密"),
    "by_event": n_("按条件解密"),
    "item_ended": n_("条目已不再施行"),
    "sources_released": n_("来源均已解密"),
    "derived_live": n_("下游派生仍在密"),
    "derivative": n_("派生事项"),
    "higher": n_("密级的高低"),
    "differs": n_("内容相近的事项定得不同"),
    "item_past": n_("同一条目的事项以往的审核结果"),
}


@register.filter
def fact(name: str) -> str:
    """Return in words a fact that the outlook of reviews rests on."""
    return _(FACTS[name])


@register.filter
def facts(names: Iterable[str]) -> str:
    """Return several of them in words."""
    return _("、").join(fact(name) for name in names)


@register.filter
def ruling(precedent: Any) -> str:
    """Say what a ruling of the radar decided, and what the two differed in."""
    differs = _("、").join(_(DIFFERENCE[name].text) for name in precedent.differs)
    return _("不同：%(d)s；%(r)s") % {"d": differs, "r": _(RULING[precedent.outcome].text)}
