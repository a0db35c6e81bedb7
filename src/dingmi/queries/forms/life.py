"""变更、延期、解密审批单, 通知 with its slip, and 标志变更说明: from the decisions of a matter's later life."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor
from dingmi.base.errors import NotFound
from dingmi.engines.documents.forms.model import Value
from dingmi.queries import access, content, parting
from dingmi.queries.forms import base
from dingmi.queries.forms.base import Case, Sheet, Source
from dingmi.queries.forms.determination import FORMS_OF_CARRIER, basis_words, first_of
from dingmi.queries.marking import PARTED, mark_now, notice_number
from dingmi.records.carriers.models import Carrier
from dingmi.records.matters.life import CentralApproval, Consultation
from dingmi.records.matters.models import Decision, Matter
from dingmi.records.notices.models import Notice
from dingmi.records.organs.models import Organ, Person

KINDS = (
    "变更密级",
    "变更保密期限",
    "变更知悉范围",
    "部分解密",
    "延长保密期限",
    "提前解密",
    "条件成就解密",
    "正式公布解密",
    "撤销定密",
)
REMARKED = ("已在原标志附近改注", "不持有载体", "无法改注（附说明）")
GROUNDS = {
    "no_longer_secret": "保密法律法规或者保密事项范围调整后，不再属于国家秘密",
    "harmless": "公开后不会损害国家安全和利益，不需要继续保密",
    "basis_changed": "定密时所依据的法律法规或者保密事项范围发生变化",
    "damage_changed": "泄露后对国家安全和利益的损害程度发生明显变化",
}
RELEASE_NOTE = "解密不等于公开；公开前须依法进行保密审查。"


@dataclass(frozen=True, slots=True)
class Turn:
    """What an act did to a matter, in the words of a form."""

    act: str  # 变更 / 延期 / 解密 / 撤销定密
    kind: str
    releases: bool


PUBLISHED = "正式公布解密"
RELEASES = {"declassification.confirm_event": "条件成就解密", "disclosure.publish": PUBLISHED}
CHANGES = ("change.register_external", "challenge.register_decision")  # by another organ: change, release or voiding


def turn_of(matter: Matter, decision: Decision) -> Turn | None:
    """Return what a decision did to the matter, or nothing where it changed no element."""
    act = decision.act
    if act == "correction.decide" or (act in CHANGES and _voided_by(matter, decision)):
        return Turn("撤销定密", "撤销定密", True)
    if "released_at" in base.payload(decision):
        return Turn("解密", RELEASES.get(act, "提前解密"), True)
    if act == "change.extend":
        return Turn("延期", "延长保密期限", False)
    return Turn("变更", "", False) if act in ("change.change", *CHANGES) else None


def _voided_by(matter: Matter, decision: Decision) -> bool:
    if matter.state != "voided":
        return False
    last = Decision.objects.filter(matter=matter).order_by("-number").values_list("pk", flat=True).first()
    return bool(last == decision.pk)


def before(matter: Matter, decision: Decision) -> Decision | None:
    """Return the decision whose elements were in force before ``decision``."""
    earlier = Decision.objects.filter(matter=matter, number__lt=decision.number, level__in=base.LEVELS)
    return earlier.exclude(tail="").exclude(act__endswith=".return").order_by("-number").first()


def mark_after(matter: Matter, decision: Decision, turn: Turn) -> str:
    """Return what stands on a carrier after a decision: the new mark, 解密 or 撤销定密."""
    if turn.releases:
        return "撤销定密" if turn.act == "撤销定密" else "解密"
    return base.mark_text(decision.level, decision.tail)


def _kinds(decision: Decision, old: Decision | None, turn: Turn) -> tuple[str, ...]:
    if turn.kind or old is None:
        return (turn.kind,)
    said = base.payload(decision)
    changed = (
        ("变更密级", decision.level != old.level),
        ("变更保密期限", decision.tail != old.tail),
        ("变更知悉范围", bool(decision.scope) and decision.scope != old.scope),
        ("部分解密", bool(released_parts(said))),
    )
    return tuple(name for name, differs in changed if differs)


def released_parts(said: dict[str, Any]) -> str:
    """Return which parts what was signed releases, in words; nothing where it releases none."""
    return parting.spoken(tuple(said.get("released_parts") or ()), tuple(said.get("released_paragraphs") or ()))


def _elements(decision: Decision, old: Decision | None, turn: Turn) -> tuple[tuple[str, str, str], ...]:
    scope_was = base.scope_words(old.scope) if old else ""
    if turn.releases:
        gone = mark = "撤销定密" if turn.act == "撤销定密" else "解密"
        return (
            ("密级", old.level if old else "", mark),
            ("保密期限", old.tail if old else "", gone),
            ("知悉范围", scope_was, "已正式公布" if turn.kind == PUBLISHED else "公开前仍限于内部"),
        )
    ends = f"（至 {base.day(decision.last_protected_day)}）" if decision.last_protected_day else ""
    was = f"（至 {base.day(old.last_protected_day)}）" if old and old.last_protected_day else ""
    parts = released_parts(base.payload(decision))
    return (
        ("密级", old.level if old else "", decision.level),
        ("保密期限", f"{old.tail}{was}" if old else "", f"{decision.tail}{ends}"),
        ("知悉范围", scope_was, base.scope_words(decision.scope) or scope_was),
        *((("解密部分", "", parts),) if parts else ()),
    )


def effective_on(decision: Decision) -> date:
    """Return the day from which a decision has effect."""
    said = base.payload(decision).get("released_at") or base.payload(decision).get("effective_on")
    at = datetime.fromisoformat(str(said)) if said else decision.at
    return at.astimezone(base.ZONE).date() if at.tzinfo else at.date()


def notices(decision: Decision) -> list[Notice]:
    """Return the notices that went to the scope with a decision."""
    sent = Notice.objects.filter(matter_id=decision.matter_id, created_at=decision.at, must_acknowledge=True)
    return list(sent.exclude(code__startswith="source.").select_related("person", "organ").order_by("id"))


def recipient(notice: Notice) -> str:
    """Return whom a notice is to."""
    row: Person | Organ | None = notice.organ or notice.person
    return row.name if row else ""


def _told(decision: Decision) -> str:
    sent = notices(decision)
    organs = [recipient(n) for n in sent if n.organ_id]
    people = [recipient(n) for n in sent if n.person_id]
    words = [f"{'、'.join(organs)}"] if organs else []
    words += [f"本单位知悉范围内人员 {len(people)} 人（{'、'.join(people)}）"] if people else []
    return "；".join(words) + "。" if words else ""


def _consulted(matter: Matter, decision: Decision) -> str:
    lines = [str(note) for note in base.payload(decision).get("consulted") or ()]
    answers = {"agrees": "同意", "objects": "不同意"}
    for asked in Consultation.objects.filter(matter=matter, asked_at__lte=decision.at, kind__in=("joint", "release")):
        answer = answers.get(asked.answer, "尚未答复")
        lines.append(f"{asked.organ.name}：{answer}（{asked.answer_no or asked.document_no}）")
    return "；".join(lines)


def _approved(decision: Decision) -> str:
    found = CentralApproval.objects.filter(used_by=decision).first()
    return f"{found.authority}批准（{found.document_no}，{base.day(found.decided_on)}）。" if found else ""


def _found(actor: Actor, now: datetime, case: UUID) -> tuple[Matter, Decision, Turn]:
    decision = Decision.objects.select_related("officer", "proposal__drafter").filter(pk=case).first()
    if decision is None:
        raise NotFound("object.not_found")
    matter = access.matter_for(actor, now, decision.matter_id)
    turn = turn_of(matter, decision)
    if turn is None:
        raise NotFound("object.not_found")
    return matter, decision, turn


def _heading(matter: Matter) -> dict[str, Value]:
    return {
        "title": content.title(matter),
        "unit": matter.organ.name + (matter.department.name if matter.department else ""),
        "doc_number": content.doc_number(matter),
    }


# --- 审批单 --------------------------------------------------------------------------------------------------------


def fill_change(actor: Actor, now: datetime, case: UUID) -> Sheet:
    """Fill the 审批单 of one decision on a matter in force; ``case`` is the decision."""
    matter, decision, turn = _found(actor, now, case)
    old, said, proposal = before(matter, decision), base.payload(decision), decision.proposal
    proposed = base.payload(proposal)
    ground = str(said.get("ground") or proposed.get("ground") or "")
    fields: dict[str, Value] = {
        **_heading(matter),
        "act": turn.act,
        "kinds": base.ticks(KINDS, *_kinds(decision, old, turn)),
        "basis": basis_words(matter, *first_of(matter)),
        "elements": _elements(decision, old, turn),
        "reasons": str(proposed.get("reasons") or said.get("evidence") or said.get("reason") or ""),
        "ground": GROUNDS.get(ground, ground),
        "effective_on": base.day(effective_on(decision)),
        "consultation": _consulted(matter, decision),
        "told": _told(decision),
        "drafter": f"建议{turn.act}，请审核。" if proposal else "",
        "drafter_by": proposal.drafter.name if proposal else "",
        "drafter_on": base.day(proposal.at) if proposal else "",
        "officer": str(said.get("reason") or said.get("evidence") or "同意。"),
        "officer_by": decision.officer.name if decision.officer else "",
        "officer_on": base.day(decision.at),
        "authority": base.authority_words(decision.authority),
        "approval": _approved(decision),
    }
    made = base.filled("change", matter, fields, signed=decision)
    return Sheet(made, case, matter.pk, matter.level, f"{turn.act}审批表-{base.label_of(matter)}")


def _turns(matter: Matter) -> list[tuple[Decision, Turn]]:
    found = Decision.objects.filter(matter=matter).order_by("number")
    return [(d, turn) for d in found if (turn := turn_of(matter, d)) is not None]


def cases_change(matter: Matter) -> Iterable[Case]:
    """One for every decision that changed, extended, released or voided."""
    return [Case("change", d.pk, f"国家秘密{turn.act}审批表", "", d.at) for d, turn in _turns(matter)]


CHANGE = Source("change", fill_change, cases_change)


# --- 通知 ----------------------------------------------------------------------------------------------------------


def _result(decision: Decision, turn: Turn, mark: str) -> tuple[str, str]:
    """Return what the notice says was decided, and what it asks the recipient to do."""
    parts = released_parts(base.payload(decision))
    if turn.act == "撤销定密":
        return "撤销定密，不再作为国家秘密管理", "请在所持载体上划去原标志，并在附近标注“撤销定密”；原标志不得擦除。"
    if turn.releases:
        return "解密", f"请在所持载体原标志附近作出解密标志，原标志不得擦除。{RELEASE_NOTE}"
    ends = f"，保密至 {base.day(decision.last_protected_day)}" if decision.last_protected_day else ""
    verb = "延长保密期限" if turn.act == "延期" else "变更"
    if parts:
        return (
            f"部分解密（解密部分：{parts}），其余部分继续保护，现标志为“{mark}”{ends}",
            f"请在所持载体标志附近注明“部分解密”、日期和本通知编号；标志有变更的，划去原标志，标注“{mark}”；原标志不得擦除。"
            f"{RELEASE_NOTE}",
        )
    return (
        f"{verb}，现标志为“{mark}”{ends}",
        f"请在所持载体上划去原标志，并在附近标注“{mark}”、变更日期和本通知编号；原标志不得擦除。",
    )


def _notice_fields(matter: Matter, decision: Decision, turn: Turn, to: str) -> dict[str, Value]:
    old = before(matter, decision)
    result, request = _result(decision, turn, mark_after(matter, decision, turn))
    number = content.doc_number(matter)
    scope = base.scope_words(decision.scope) if old and decision.scope and decision.scope != old.scope else ""
    return {
        "act": turn.act,
        "addressee": to,
        "title": content.title(matter),
        "doc_number": f"（{number}）" if number else f"（{base.label_of(matter)}）",
        "issued_on": base.day(matter.issued_on or matter.starts_on),
        "old_mark": base.mark_text(old.level, old.tail) if old else "",
        "effective_on": base.day(effective_on(decision)),
        "result": result,
        "scope": "" if turn.releases else scope,
        "request": request,
        "sender": matter.organ.name,
        "on": base.day(decision.at),
        "decision_no": number_of(matter, decision),
        "remarked": base.ticks(REMARKED),
    }


def number_of(matter: Matter, decision: Decision) -> str:
    """Return the number of the notice of a decision."""
    return notice_number(matter, decision.number)


def _receipt(notice: Notice | None) -> dict[str, Value]:
    if notice is None or notice.acknowledged_at is None:
        return {}
    on = base.day(notice.acknowledged_at)
    by = notice.person.name if notice.person else notice.evidence
    remarked = base.ticks(REMARKED, REMARKED[0] if notice.remarked_at else "")
    return {"received_on": on, "receipt": "已收到。", "receipt_by": by, "receipt_on": on, "remarked": remarked}


def fill_notice(actor: Actor, now: datetime, case: UUID) -> Sheet:
    """Fill the 通知 to one recipient (``case`` is the notice) or to all of them (``case`` is the decision)."""
    notice = Notice.objects.select_related("person", "organ").filter(pk=case).first()
    if notice is not None:
        decisions = Decision.objects.filter(matter_id=notice.matter_id, at=notice.created_at)
        decision_id = decisions.values_list("pk", flat=True).first()
        if decision_id is None:
            raise NotFound("object.not_found")
    else:
        decision_id = case
    matter, decision, turn = _found(actor, now, decision_id)
    to = recipient(notice) if notice else "、".join(dict.fromkeys(recipient(n) for n in notices(decision)))
    fields = {**_notice_fields(matter, decision, turn, to), **_receipt(notice)}
    made = base.filled("notice", matter, fields, signed=decision, number=number_of(matter, decision))
    return Sheet(made, case, matter.pk, matter.level, f"{turn.act}通知-{number_of(matter, decision)}")


def cases_notice(matter: Matter) -> Iterable[Case]:
    """One for every recipient of every notice to the scope, and one to all of them."""
    made = []
    for decision, turn in _turns(matter):
        title, sent = f"国家秘密{turn.act}通知", notices(decision)
        if sent:
            made.append(Case("notice", decision.pk, title, f"全部 {len(sent)} 个收件人", decision.at))
        made += [Case("notice", n.pk, title, recipient(n), n.created_at) for n in sent if n.organ_id]
    return made


NOTICE = Source("notice", fill_notice, cases_notice)


# --- 标志变更说明 ----------------------------------------------------------------------------------------------------


METHOD = "划去原标志（仍可辨认），在其附近标注现标志；原标志不得擦除，未改注的原件保留。"
METHOD_OF_PARTS = (
    "在标志附近注明“部分解密”、日期和通知编号；标志有变更的，划去原标志（仍可辨认），在其附近标注现标志；"
    "原标志不得擦除，未改注的原件保留。"
)


def _cause(decision: Decision | None, old: Decision | None, turn: Turn | None, lapsed: bool) -> str:
    if lapsed or turn is None or decision is None:
        return "期满自行解密"
    return turn.kind or "、".join(_kinds(decision, old, turn)) or turn.act


def fill_remark(actor: Actor, now: datetime, case: UUID) -> Sheet:
    """Fill the 标志变更说明 of a matter; ``case`` is the matter."""
    matter = access.matter_for(actor, now, case)
    turns = _turns(matter)
    carriers = list(Carrier.objects.filter(matter=matter).order_by("copy_no"))
    lapsed = matter.state == "declassified" and matter.release_ground == "expiry"
    if not turns and not lapsed:
        raise NotFound("object.not_found")
    decision, turn = turns[-1] if turns else (None, None)
    shown = mark_now(matter)
    old = before(matter, decision) if decision and not lapsed else None
    was = base.mark_text(old.level, old.tail) if old else base.mark_text(matter.level, matter.tail)
    parts = released_parts(base.payload(decision)) if decision and not lapsed else ""
    now_mark = f"{shown.mark}（{shown.note}）" if PARTED in shown.note else shown.short
    fields: dict[str, Value] = {
        **_heading(matter),
        "old_mark": was,
        "new_mark": now_mark,
        "act": _cause(decision, old, turn, lapsed),
        "effective_on": base.day(matter.declassified_from if lapsed or decision is None else effective_on(decision)),
        "basis": (
            f"决定编号 {number_of(matter, decision)}。" if decision and not lapsed else "保密期限届满，自行解密。"
        )
        + (f"解密部分：{parts}；其余部分继续保护。" if parts else ""),
        "carriers": tuple(
            (
                f"{c.copy_no:06d}",
                FORMS_OF_CARRIER[c.form],
                c.old_mark or was,
                now_mark if not c.remark_due else "",
                "待改注" if c.remark_due else "已改注",
            )
            for c in carriers
        ),
        "method": METHOD_OF_PARTS if parts else METHOD,
    }
    made = base.filled("remark", matter, fields, signed=decision)
    return Sheet(made, case, matter.pk, matter.level, f"标志变更说明-{base.label_of(matter)}")


def cases_remark(matter: Matter) -> Iterable[Case]:
    """A matter has it once its mark has changed."""
    turns = _turns(matter)
    if matter.state == "declassified" and matter.release_ground == "expiry" and matter.released_at:
        return [Case("remark", matter.pk, "国家秘密标志变更说明", "", matter.released_at)]
    return [Case("remark", matter.pk, "国家秘密标志变更说明", "", turns[-1][0].at)] if turns else []


REMARK = Source("remark", fill_remark, cases_remark)
