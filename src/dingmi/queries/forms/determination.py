"""国家秘密确定审批表: from the proposal, the first decision and what followed it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from dingmi.base.actor import Actor
from dingmi.base.errors import NotFound
from dingmi.engines.documents.forms.model import Value
from dingmi.queries import access, content, points, sourcing
from dingmi.queries.forms import base
from dingmi.queries.forms.base import Case, Sheet, Source
from dingmi.records.carriers.models import Carrier
from dingmi.records.matters.models import Decision, Matter, Proposal

FORM = "approval"
TITLE = "国家秘密确定审批表"
FIRST_DECISIONS = ("determination.approve", "determination.change_and_approve", "referral.answer")
PROPOSALS = ("determination.propose", "derivation.propose", "referral.refer")
NOT_CHANGES = ("determination.return", "review.keep")
BARS = {
    "public_needed": "需要社会公众广泛知晓或者参与",
    "other_secret": "属于工作秘密、商业秘密、个人隐私",
    "already_public": "已经依法公开或者无法控制知悉范围",
    "statute_public": "法律、法规或者国家有关规定要求公开",
}
FORMS_OF_CARRIER = {"electronic": "电子", "paper": "纸质", "optical": "光盘", "magnetic": "电磁介质", "product": "密品"}


def sources_words(matter: Matter) -> str:
    """Name the sources of a derived matter, one a line: number, level, last day."""
    return "\n".join(
        f"派生依据：{s.name}（{s.level}{f'，至 {base.day(s.last_day)}' if s.last_day else ''}）。"
        for s in sourcing.linked(matter)
    )


def basis_words(matter: Matter, proposal: Proposal, first: Decision | None) -> str:
    """Name the guide item and the sources that a determination rests on."""
    item = (matter.item or proposal.item) if first else proposal.item
    words = [f"《{item.edition.title}》目录第 {item.number} 项：{item.text}。"] if item else []
    derived = sources_words(matter)
    return "\n".join([*words, *([derived] if derived else [])])


def points_words(matter: Matter) -> str:
    """Name the classified points of a text: number, first words, level, each ended by a semicolon."""
    found = points.of(matter, content.body(matter)[0])
    return "；".join(f"{p.number}. “{p.words}”（{p.level}）" for p in found) + ("。" if found else "")


def carriers_words(matter: Matter) -> str:
    """Say how many copies there are of each form: 纸质 12 份，电子 1 份."""
    counts: dict[str, int] = {}
    for form in Carrier.objects.filter(matter=matter).values_list("form", flat=True):
        counts[form] = counts.get(form, 0) + 1
    return "，".join(f"{FORMS_OF_CARRIER.get(form, form)} {n} 份" for form, n in counts.items())


def bars_words(bars: Mapping[str, object]) -> str:
    """Say that the four bars were answered, and those answered with yes."""
    if not bars:
        return ""
    met = [words for name, words in BARS.items() if bars.get(name)]
    return f"存在：{'；'.join(met)}。" if met else "四项不得确定为国家秘密的情形，均经核对不存在。"


def _officer_words(decided: Mapping[str, object]) -> str:
    """Return what the officer wrote, with why the period is longer than that of similar matters where he made it so."""
    said, longer = str(decided.get("opinion") or decided.get("reason") or "同意。"), decided.get("longer_reason")
    return f"{said}期限长于同类事项，理由：{longer}" if longer else said


def changes(matter: Matter, first: Decision | None) -> tuple[tuple[str, ...], ...]:
    """Return the record of change and release: every decision after the first, and a lapse."""
    if first is None:
        return ()
    later = Decision.objects.filter(matter=matter, number__gt=first.number).exclude(act__in=NOT_CHANGES)
    lines = [
        (
            d.at.astimezone(base.ZONE).date().isoformat(),
            base.act_words(d.act),
            d.level,
            d.tail,
            str(base.payload(d).get("document_no") or ""),
            d.officer.name if d.officer else "",
        )
        for d in later.select_related("officer").order_by("number")
    ]
    if matter.state == "declassified" and matter.release_ground == "expiry" and matter.declassified_from:
        lines.append((matter.declassified_from.isoformat(), "期满自行解密", matter.level, matter.tail, "", ""))
    return tuple(lines)


def first_of(matter: Matter) -> tuple[Proposal, Decision | None]:
    """Return the proposal and the first decision that the form shows.

    Raises:
        NotFound: Nothing was proposed yet.
    """
    first = (
        Decision.objects.filter(matter=matter, act__in=FIRST_DECISIONS)
        .select_related("officer", "proposal__drafter", "proposal__item__edition")
        .order_by("number")
        .first()
    )
    proposal = first.proposal if first else None
    if proposal is None:
        proposals = Proposal.objects.filter(matter=matter, act__in=PROPOSALS).select_related("drafter", "item__edition")
        proposal = proposals.order_by("-number").first()
    if proposal is None:
        raise NotFound("object.not_found")
    return proposal, first


def _fields(matter: Matter, proposal: Proposal, first: Decision | None) -> dict[str, Value]:
    signed: Proposal | Decision = first or proposal
    proposed, decided = base.payload(proposal), base.payload(first)
    scope = base.scope_words(first.scope if first and first.scope else proposal.scope)
    derived = matter.origin == "derivative"
    said = f"解密时间 {proposal.tail}" if proposal.tail_kind == "date" else f"保密期限 {proposal.tail}"
    from_day = f"，自 {base.day(first.starts_on)} 起算" if first and first.starts_on else "，自制发之日起算"
    counts = signed.tail_kind == "period"
    return {
        "title": content.title(matter),
        "unit": matter.organ.name + (matter.department.name if matter.department else ""),
        "doc_number": content.doc_number(matter),
        "kinds": base.ticks(("原始定密", "派生定密"), "派生定密" if derived else "原始定密"),
        "carriers": carriers_words(matter),
        "basis": basis_words(matter, proposal, first),
        "levels": base.ticks(base.LEVELS, signed.level),
        "period": signed.tail + (from_day if counts else ""),
        "points": points_words(matter),
        "scope": f"{scope}。" if scope else "",
        "bars": bars_words(proposal.bars),
        "reasons": str(proposed.get("reasons") or ""),
        "drafter": f"拟定为{proposal.level}级，{said}，请审核。",
        "drafter_by": proposal.drafter.name,
        "drafter_on": base.day(proposal.at),
        "officer": _officer_words(decided) if first else "",
        "officer_by": first.officer.name if first and first.officer else "",
        "officer_on": base.day(first.at) if first else "",
        "authority": base.authority_words(first.authority) if first else "",
        "changes": changes(matter, first),
    }


def fill(actor: Actor, now: datetime, case: UUID) -> Sheet:
    """Fill the form of a matter; ``case`` is the matter."""
    matter = access.matter_for(actor, now, case)
    proposal, first = first_of(matter)
    fields = _fields(matter, proposal, first)
    copy = Carrier.objects.filter(matter=matter).order_by("copy_no").values_list("copy_no", flat=True).first()
    made = base.filled(FORM, matter, fields, signed=first or proposal, serial=f"{copy:06d}" if copy else "")
    return Sheet(made, case, matter.pk, matter.level, f"{TITLE}-{base.label_of(matter)}")


def cases(matter: Matter) -> Iterable[Case]:
    """A matter has the form from its first proposal on."""
    proposal = Proposal.objects.filter(matter=matter, act__in=PROPOSALS).order_by("number").first()
    return [Case(FORM, matter.pk, TITLE, "", proposal.at)] if proposal else []


APPROVAL = Source(FORM, fill, cases)
