"""不明确事项报告、异议书、争议报请书、密级鉴定卷宗封面: from referrals, challenges with their steps, and appraisals."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor
from dingmi.base.errors import NotFound
from dingmi.queries import access, content, facts, opinions, standing
from dingmi.queries.forms import base
from dingmi.queries.forms.base import Case, Sheet, Source
from dingmi.queries.marking import Shown
from dingmi.queries.terms import scope_plain
from dingmi.records.guides.models import GuideEdition
from dingmi.records.matters.disputes import Appraisal, Challenge, ChallengeStep
from dingmi.records.matters.models import Decision, Matter, Proposal, Referral
from dingmi.records.organs.models import Person
from dingmi.regime.prc_state.disputes import longest

ADMINISTRATION = {"national": "国家保密行政管理部门", "provincial": "省级保密行政管理部门"}
POSITIONS = {"level": "密级或者保密期限不当", "not_secret": "不属于国家秘密"}
OUTCOMES = {"keep": "维持原定密", "change": "变更", "not_secret": "不属于国家秘密"}
MEASURES = "自{on}起按{level}级管理：正文加密存放，知悉范围限定到人，打开和复制逐次登记。"


def _said(step: ChallengeStep | None) -> dict[str, Any]:
    return dict(json.loads(content.opened(step, "payload_ct", step.level))) if step else {}


def _number(matter: Matter) -> str:
    number = content.doc_number(matter)
    return f"（{number}）" if number else "（无文号）"


def fill_unclear(actor: Actor, now: datetime, case: UUID) -> Sheet:
    """Fill the report of one unclear matter; ``case`` is the referral."""
    sent = Referral.objects.filter(pk=case, kind="unclear").first()
    matter = access.matter_for(actor, now, sent.matter_id) if sent else None
    proposal = Proposal.objects.filter(matter=matter, act="unclear.refer").order_by("-number").first()
    if sent is None or matter is None or proposal is None:
        raise NotFound("object.not_found")
    terms, said = facts.terms_of(proposal), base.payload(proposal)
    guides = GuideEdition.objects.filter(since__lte=sent.provisional_on).order_by("title")
    prepared = [f"{o.text}（{o.by}，特殊资格，{base.day(o.at)}拟写）" for o in opinions.written(sent.pk)[:1]]
    fields = {
        "addressee": ADMINISTRATION[sent.route],
        "sender": standing.home().name,
        "title": content.title(matter),
        "doc_number": _number(matter),
        "provisional_on": base.day(sent.provisional_on),
        "level": terms.level,
        "tail": facts.tail(terms.tail).text,
        "scope": base.scope_words(scope_plain(terms.scope)),
        "reasons": terms.reasons,
        "guides": "；".join(dict.fromkeys(f"《{g.title}》" for g in guides[:12])),
        "measures": MEASURES.format(on=base.day(sent.provisional_on), level=terms.level),
        "summary": "\n".join(w for w in (str(said.get("opinion") or ""), *prepared) if w),
        "due_on": base.day(sent.due_on) if sent.due_on else "（该年度工作日历尚未发布，发布后补算）",
        "on": base.day(sent.sent_on or sent.provisional_on),
    }
    mark = Shown(base.mark_text(terms.level, proposal.tail), note="拟定")
    made = base.filled("unclear", matter, fields, signed=proposal, number=sent.sent_number, mark=mark)
    return Sheet(made, case, matter.pk, matter.level, f"不明确事项报告-{base.label_of(matter)}")


def unclear_cases(matter: Matter) -> Iterable[Case]:
    """One report for each referral of an unclear matter."""
    sent = Referral.objects.filter(matter=matter, kind="unclear")
    return [Case("unclear", r.pk, "不明确事项报告", ADMINISTRATION[r.route], r.referred_at) for r in sent]


def _found(actor: Actor, now: datetime, case: UUID) -> tuple[Challenge, Matter, dict[str, ChallengeStep]]:
    """Return a challenge, its matter, and the last step of each act."""
    kept = Challenge.objects.filter(pk=case).select_related("challenger", "reviewed_by").first()
    if kept is None:
        raise NotFound("object.not_found")
    matter = access.matter_for(actor, now, kept.matter_id)
    steps = ChallengeStep.objects.filter(challenge=kept).select_related("by").order_by("number")
    return kept, matter, {step.act.partition(".")[2]: step for step in steps}


def _mark(matter: Matter) -> str:
    return base.mark_text(standing.determined_level(matter), matter.tail)


def _asserted(kept: Challenge) -> str:
    words = [kept.asserted_level, kept.asserted_tail]
    return "，".join(w for w in words if w) or POSITIONS["not_secret"]


def _protected(matter: Matter) -> Shown:
    """Return the mark of a paper of a dispute: as determined, with the level that holds meanwhile."""
    note = f"争议期间按{matter.level}级保护" if matter.determined_level else ""
    return Shown(_mark(matter), note=note)


def fill_challenge(actor: Actor, now: datetime, case: UUID) -> Sheet:
    """Fill the 异议书 of one challenge."""
    kept, matter, steps = _found(actor, now, case)
    raised, reply = steps.get("raise"), steps.get("answer")
    said, answered = _said(raised), _said(reply)
    fields: dict[str, Any] = {
        "title": content.title(matter),
        "originator": standing.answers_for(matter).name,
        "doc_number": content.doc_number(matter),
        "mark": _mark(matter),
        "on": base.day(raised.on if raised else kept.raised_at),
        "kinds": base.ticks(POSITIONS.values(), POSITIONS.get(kept.position, "")),
        "asserted": _asserted(kept),
        "reasons": str(said.get("reasons") or ""),
        "measures": f"自{base.day(kept.raised_at)}起，按主张的最高密级（{matter.level}）采取保密措施，决定作出前不降低。",
        "challenger": kept.challenger.name,
        "challenger_on": base.day(raised.on if raised else None),
    }
    if reply is not None:
        outcome = OUTCOMES.get(str(answered.get("outcome")), "")
        fields |= {
            "reply": "：".join(w for w in (outcome, str(answered.get("reasons") or "")) if w),
            "reply_by": reply.by.name if reply.by and kept.is_received else "",
            "reply_on": base.day(reply.on),
        }
    made = base.filled("challenge", matter, fields, mark=_protected(matter))
    return Sheet(made, case, matter.pk, matter.level, f"定密异议书-{base.label_of(matter)}")


def challenge_cases(matter: Matter) -> Iterable[Case]:
    """One 异议书 for each challenge."""
    kept = Challenge.objects.filter(matter=matter).select_related("challenger")
    return [Case("challenge", c.pk, "定密异议书", c.challenger.short_name, c.raised_at) for c in kept]


def fill_dispute(actor: Actor, now: datetime, case: UUID) -> Sheet:
    """Fill the 争议报请书 of one challenge that an officer has reviewed: highest level, longest period (QA-6)."""
    kept, matter, steps = _found(actor, now, case)
    reviewed, sent = steps.get("dispute"), steps.get("send")
    if reviewed is None:
        raise NotFound("object.not_found")
    said, raised, reply, ruled = (_said(steps.get(n)) for n in ("dispute", "raise", "answer", "register_decision"))
    level = str(said.get("packet_level") or matter.level)
    tail = str(said.get("packet_tail") or longest((matter.tail, kept.asserted_tail)))
    head: Person | None = sent.by if sent else None
    history = tuple(
        (base.day(step.on), base.act_words(step.act), step.document_no)
        for step in sorted(steps.values(), key=lambda s: int(s.number))
    )
    fields: dict[str, Any] = {
        "addressee": ADMINISTRATION.get(kept.route, ""),
        "title": content.title(matter),
        "originator": standing.answers_for(matter).name,
        "doc_number": content.doc_number(matter),
        "mark": _mark(matter),
        "protected_as": f"{matter.level}级保护",
        "originator_view": str(reply.get("reasons") or "未答复"),
        "challenger_view": str(raised.get("reasons") or ""),
        "issue": f"主张{_asserted(kept)}；按最高密级和最长期限拟定为{level}，{tail}。",
        "history": history,
        "officer": str(said.get("reasons") or ""),
        "officer_by": reviewed.by.name if reviewed.by else "",
        "officer_on": base.day(reviewed.on),
        "head_by": head.name if head else "",
        "head_on": base.day(sent.on if sent else None),
        "head": str(_said(sent).get("opinion") or ("同意报请。" if sent else "")),
        "ruling": OUTCOMES.get(str(ruled.get("outcome")), ""),
    }
    number = sent.document_no if sent else ""
    made = base.filled("dispute", matter, fields, number=number, mark=_protected(matter))
    return Sheet(made, case, matter.pk, matter.level, f"定密争议报请书-{base.label_of(matter)}")


def dispute_cases(matter: Matter) -> Iterable[Case]:
    """One 争议报请书 for each challenge of ours that an officer reviewed."""
    kept = Challenge.objects.filter(matter=matter, reviewed_by__isnull=False).select_related("challenger")
    return [Case("dispute", c.pk, "争议报请书", ADMINISTRATION.get(c.route, ""), c.changed_at) for c in kept]


def fill_appraisal(actor: Actor, now: datetime, case: UUID) -> Sheet:
    """Fill the cover of the dossier of one appraisal that was answered."""
    asked = Appraisal.objects.filter(pk=case, answered_at__isnull=False).select_related("answered_by").first()
    if asked is None or asked.matter_id is None:
        raise NotFound("object.not_found")
    matter = access.matter_for(actor, now, asked.matter_id)
    said = json.loads(content.opened(asked, "payload_ct", asked.level))
    decided = Decision.objects.filter(matter=matter).select_related("officer").order_by("number")
    fields: dict[str, Any] = {
        "applicant": asked.applicant,
        "request_no": asked.document_no,
        "title": content.title(matter),
        "doc_number": content.doc_number(matter),
        "register_no": matter.register_no or "",
        "genuine": str(said["genuine"]),
        "procedure": str(said["procedure"]),
        "should_be": str(said["should_be_words"]),
        "history": tuple(_line(matter, d) for d in decided),
        "contents": str(said["contents"]),
        "officer": str(said["opinion"]),
        "officer_by": asked.answered_by.name if asked.answered_by else "",
        "officer_on": base.day(asked.answered_at),
    }
    made = base.filled("appraisal", matter, fields, number=asked.document_no)
    return Sheet(made, case, matter.pk, matter.level, f"密级鉴定卷宗-{base.label_of(matter)}")


def _line(matter: Matter, kept: Decision) -> tuple[str, ...]:
    place = base.place(matter, kept)
    return (
        base.day(kept.at),
        base.act_words(kept.act),
        base.mark_text(kept.level, kept.tail),
        kept.officer.name if kept.officer else "系统",
        str(place) if place is not None else "",
    )


def appraisal_cases(matter: Matter) -> Iterable[Case]:
    """One cover for each appraisal that was answered."""
    asked = Appraisal.objects.filter(matter=matter, answered_at__isnull=False)
    return [Case("appraisal", a.pk, "密级鉴定卷宗封面", a.applicant, a.answered_at) for a in asked if a.answered_at]


UNCLEAR = Source("unclear", fill_unclear, unclear_cases)
CHALLENGE = Source("challenge", fill_challenge, challenge_cases)
DISPUTE = Source("dispute", fill_dispute, dispute_cases)
APPRAISAL = Source("appraisal", fill_appraisal, appraisal_cases)
