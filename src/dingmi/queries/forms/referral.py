"""无权定密事项报请函: from the referral, its proposal and the organ."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from dingmi.base.actor import Actor
from dingmi.base.errors import NotFound
from dingmi.engines.documents.forms import Filled
from dingmi.queries import access, content, facts, standing
from dingmi.queries.forms import base
from dingmi.queries.forms.base import Case, Sheet, Shown, Source
from dingmi.queries.terms import Answers, scope_plain
from dingmi.records.guides.models import GuideItem
from dingmi.records.matters.models import Matter, Proposal, Referral

FORM = "referral"
TITLE = "报请函"
ANYONE = "有定密权限的上级机关、单位"


def letter(
    matter: Matter, answers: Answers, addressee: str, opinion: str, at: datetime, signed: Proposal | None = None
) -> Filled:
    """Return the letter that refers a matter on these terms; its mark is the proposed one."""
    item = GuideItem.objects.select_related("edition").filter(pk=answers.item).first()
    number = content.doc_number(matter)
    tail = facts.tail(answers.tail).text
    fields = {
        "addressee": addressee or ANYONE,
        "sender": standing.home().name,
        "title": content.title(matter),
        "doc_number": f"（{number}）" if number else "（无文号）",
        "level": answers.level,
        "tail": tail,
        "scope": base.scope_words(scope_plain(answers.scope)) or "按工作需要限定的最小范围",
        "provisional_on": base.day(at),
        "guide": item.edition.title if item else "",
        "item": f"第 {item.number} 项（{item.text}）" if item else "",
        "reasons": answers.reasons,
        "opinion": opinion,
        "on": base.day(at),
    }
    mark = Shown(base.mark_text(answers.level, tail), note="拟定")
    return base.filled(FORM, matter, fields, signed=signed, mark=mark)


def fill(actor: Actor, now: datetime, case: UUID) -> Sheet:
    """Fill the letter of one referral; ``case`` is the referral."""
    sent = Referral.objects.filter(pk=case, kind="authority").first()
    if sent is None:
        raise NotFound("object.not_found")
    matter = access.matter_for(actor, now, sent.matter_id)
    proposal = Proposal.objects.filter(matter=matter, at__lte=sent.referred_at).order_by("-number").first()
    if proposal is None:
        raise NotFound("object.not_found")
    opinion = content.opened(sent, "opinion_ct", matter.level)
    made = letter(matter, facts.terms_of(proposal), sent.addressee_name, opinion, sent.referred_at, proposal)
    return Sheet(made, case, matter.pk, matter.level, f"{TITLE}-{base.label_of(matter)}")


def cases(matter: Matter) -> Iterable[Case]:
    """One letter for each referral for lack of authority."""
    sent = Referral.objects.filter(matter=matter, kind="authority")
    return [Case(FORM, r.pk, TITLE, r.addressee_name, r.referred_at) for r in sent]


REFERRAL = Source(FORM, fill, cases)
