"""What is printed of a matter: the 审批表 with its signatures, authority and record of change."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from dingmi.base.actor import Actor
from dingmi.base.errors import NotFound
from dingmi.queries import content
from dingmi.queries.access import matter_for
from dingmi.queries.draft import label_of, mark_text, opened
from dingmi.queries.people import people_of
from dingmi.queries.registry import query
from dingmi.queries.review_desk import named_scope
from dingmi.records.ledger.models import Entry, Sequence
from dingmi.records.matters.models import Decision, Matter, Proposal, SourceLink
from dingmi.records.organs.models import Person


@dataclass(frozen=True, slots=True)
class Changed:
    """One line of the record of change and release at the foot of the form."""

    on: datetime
    act: str
    level: str
    tail: str
    officer: str


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One source of a derived matter as the form cites it."""

    number: str
    level: str
    last_day: date | None


@dataclass(frozen=True, slots=True)
class ApprovalForm:
    """国家秘密确定审批表 of one matter; ``mark`` carries 「（拟定）」 through ``provisional``."""

    matter: UUID
    label: str
    title: str
    organ: str
    department: str
    doc_number: str
    origin: str
    level: str
    tail: str
    mark: str
    provisional: bool
    guide: str
    item_number: str
    item_text: str
    sources: tuple[SourceLine, ...]
    scope_words: str
    scope_count: int
    reasons: str
    drafter: str
    proposed_at: datetime | None
    officer: str
    opinion: str
    decided_at: datetime | None
    starts_on: date | None
    last_day: date | None
    instrument: str
    max_level: str
    changes: tuple[Changed, ...]
    copies: int
    digest: str
    ledger_no: int | None
    printed_by: str
    printed_at: datetime


FIRST_DECISIONS = ("determination.approve", "determination.change_and_approve", "referral.answer")


def _sources(matter: Matter) -> tuple[SourceLine, ...]:
    lines = []
    for link in SourceLink.objects.filter(matter=matter).select_related("source"):
        if link.source is not None:
            name = opened(link.source, "doc_number_ct") or label_of(link.source)
        else:
            external = json.loads(content.opened(link, "external_ct", matter.level)) if link.external_ct else {}
            name = str(external.get("number", ""))
        lines.append(SourceLine(name, link.level, link.last_protected_day))
    return tuple(lines)


def _place(matter: Matter, act: str) -> int | None:
    """Return the place in the ledger of the entry of ``act`` about ``matter``."""
    entry = Entry.objects.filter(stream=f"matter:{matter.pk}", act=act).order_by("-stream_no").first()
    row = Sequence.objects.filter(entry_id=entry.pk).first() if entry else None
    return row.seq if row else None


def _changes(decisions: list[Decision], first: Decision | None) -> tuple[Changed, ...]:
    later = [d for d in decisions if first is not None and d.number > first.number and d.act != "determination.return"]
    return tuple(Changed(d.at, d.act, d.level, d.tail, d.officer.name if d.officer else "") for d in later[-3:])


@query("documents.approval_form", roles=None, recorded=True)
def approval_form(*, actor: Actor, now: datetime, matter: UUID) -> ApprovalForm:
    """Return the 审批表 of a matter that was proposed.

    Raises:
        NotFound: There is none that the actor may read, or nothing was proposed yet.
    """
    row = matter_for(actor, now, matter)
    proposal = (
        Proposal.objects.filter(matter=row).select_related("drafter", "item__edition").order_by("-number").first()
    )
    if proposal is None:
        raise NotFound()
    decisions = list(Decision.objects.filter(matter=row).select_related("officer").order_by("number"))
    first = next((d for d in decisions if d.act in FIRST_DECISIONS), None)
    signed = first or proposal
    payload = json.loads(opened(proposal, "payload_ct")) if proposal.payload_ct else {}
    decided = json.loads(opened(first, "payload_ct")) if first and first.payload_ct else {}
    item = (row.item or proposal.item) if first else proposal.item
    words, count = named_scope(proposal, people_of(actor, now))
    authority = first.authority if first else {}
    return ApprovalForm(
        matter=row.pk,
        label=label_of(row),
        title=opened(row, "title_ct"),
        organ=row.organ.name,
        department=row.department.name if row.department else "",
        doc_number=opened(row, "doc_number_ct"),
        origin=row.origin,
        level=signed.level,
        tail=signed.tail,
        mark=mark_text(signed.level, signed.tail),
        provisional=first is None,
        guide=item.edition.title if item else "",
        item_number=item.number if item else "",
        item_text=item.text if item else "",
        sources=_sources(row),
        scope_words=words,
        scope_count=count,
        reasons=str(payload.get("reasons") or ""),
        drafter=proposal.drafter.name,
        proposed_at=proposal.at,
        officer=first.officer.name if first and first.officer else "",
        opinion=str(decided.get("opinion") or decided.get("reason") or ""),
        decided_at=first.at if first else None,
        starts_on=first.starts_on if first else None,
        last_day=first.last_protected_day if first else None,
        instrument=str(authority.get("instrument") or ""),
        max_level=str(authority.get("max_level") or ""),
        changes=_changes(decisions, first),
        copies=row.carriers.count(),
        digest=signed.digest,
        ledger_no=_place(row, signed.act),
        printed_by=Person.objects.get(pk=actor.person_id).name,
        printed_at=now,
    )
