"""密级鉴定，产生单位一方：the three questions of JD-14 answered from decisions and ledger, for one matter."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from dingmi.base import messages
from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Finding
from dingmi.queries import access, content, standing
from dingmi.queries.registry import query
from dingmi.queries.rows import MatterRow, mark_of, row_of
from dingmi.records.ledger.models import Entry
from dingmi.records.matters.disputes import Appraisal
from dingmi.records.matters.models import Decision, Matter
from dingmi.records.oversight.models import Breach
from dingmi.regime.prc_state import marks

ROLES = (Role.OFFICER, Role.HEAD, Role.SECRECY_OFFICE)
SECRET = ("秘密", "机密", "绝密")
SHOWN = 100


@dataclass(frozen=True, slots=True)
class Made:
    """One decision about a matter: what, when, by whom, on what basis, and where the ledger proves it."""

    on: datetime
    act: str
    title: str
    mark: str
    by: str
    basis: str
    place: int | None
    digest: str


@dataclass(frozen=True, slots=True)
class Three:
    """What the records answer to the three questions."""

    is_ours: bool
    originator: str
    registered: bool
    by_procedure: bool
    decisions: tuple[Made, ...]
    breaches: tuple[str, ...]
    state: str
    level: str
    mark: str
    last_protected_day: date | None
    released_on: date | None
    release_ground: str


@dataclass(frozen=True, slots=True)
class Request:
    """One request of a case organ."""

    id: UUID
    matter: UUID | None
    number: str
    applicant: str
    applicant_kind: str
    applicant_rank: str
    route: str
    document_no: str
    received_on: date
    reply_by: date | None
    days_left: int | None
    file_matches: str
    answered_on: date | None
    should_be: str


@dataclass(frozen=True, slots=True)
class Screen:
    """The one screen of an appraisal: the matter, three answers, and the requests about it."""

    row: MatterRow
    version: int
    three: Three
    requests: tuple[Request, ...]
    waiting: UUID | None
    may_answer: bool


def _places(row: Matter) -> dict[str, int]:
    """Return which entry about a matter holds each of its decisions, from 1, by its digest."""
    places = {}
    for entry in Entry.objects.filter(stream=f"matter:{row.pk}").only("stream_no", "body"):
        digest = (json.loads(entry.body).get("data") or {}).get("digest")
        if digest:
            places[str(digest)] = entry.stream_no
    return places


def _basis(kept: Decision) -> str:
    item = kept.proposal.item if kept.proposal else None
    if item is not None:
        return f"《{item.edition.title}》{item.number}"
    said = json.loads(content.opened(kept, "payload_ct", kept.level))
    return str(said.get("document_no") or "")


def three(row: Matter, language: str = "zh") -> Three:
    """Answer the three questions from the records of a matter; nothing is typed by hand."""
    places = _places(row)
    decided = (
        Decision.objects.filter(matter=row).select_related("officer", "proposal__item__edition").order_by("number")
    )
    made = tuple(
        Made(
            on=d.at,
            act=d.act,
            title=messages.render(Finding(d.act, "note"), language).text,
            mark=str(marks.mark_text(d.level, d.tail)) if d.tail and d.level in SECRET else "",
            by=d.officer.name if d.officer else "",
            basis=_basis(d),
            place=places.get(d.digest),
            digest=d.digest,
        )
        for d in decided
    )
    owner = standing.answers_for(row)
    return Three(
        is_ours=owner.is_home,
        originator=owner.name,
        registered=bool(row.register_no),
        by_procedure=bool(made) and all(d.place is not None for d in made),
        decisions=made,
        breaches=tuple(Breach.objects.filter(matter=row).order_by("on", "pk").values_list("kind", flat=True)),
        state=row.state,
        level=standing.determined_level(row) if row.state == "active" else "",
        mark=mark_of(row),
        last_protected_day=row.last_protected_day,
        released_on=row.released_at.date() if row.released_at else None,
        release_ground=row.release_ground,
    )


def _request(asked: Appraisal, number: str, today: date) -> Request:
    waiting = asked.answered_at is None
    return Request(
        id=asked.pk,
        matter=asked.matter_id,
        number=number,
        applicant=asked.applicant,
        applicant_kind=asked.applicant_kind,
        applicant_rank=asked.applicant_rank,
        route=asked.route,
        document_no=asked.document_no,
        received_on=asked.received_on,
        reply_by=asked.reply_by,
        days_left=(asked.reply_by - today).days if asked.reply_by and waiting else None,
        file_matches=asked.file_matches,
        answered_on=asked.answered_at.date() if asked.answered_at else None,
        should_be=asked.should_be,
    )


@query("appraisal.list", roles=ROLES)
def listed(*, actor: Actor, now: datetime) -> tuple[Request, ...]:
    """Return the requests for appraisal about matters that the reader may know of, waiting ones first."""
    known = {m.pk: m for m in access.existing(actor, now).filter(appraisals__isnull=False).distinct()[:SHOWN]}
    opened = set(access.visible(actor, now).filter(pk__in=list(known)).values_list("pk", flat=True))
    rows = Appraisal.objects.filter(matter__in=list(known)) | Appraisal.objects.filter(matter__isnull=True)
    found = [
        _request(a, known[a.matter_id].register_no or "" if a.matter_id else "", now.date())
        for a in rows.order_by("-received_on", "-pk")[:SHOWN]
    ]
    told = [r if r.matter in opened else replace(r, matter=None) for r in found]  # no road to what would not open
    return tuple(sorted(told, key=lambda r: (r.answered_on is not None, r.reply_by or date.max)))


@query("appraisal.screen", roles=ROLES)
def screen(*, actor: Actor, now: datetime, matter: UUID) -> Screen:
    """Return the three answers about one matter and the requests that ask for them.

    Raises:
        NotFound: The reader may not know of the matter.
    """
    row: Any = access.matter_for(actor, now, matter)
    asked = list(Appraisal.objects.filter(matter=row).order_by("-received_on", "-created_at"))
    waiting = next((a.pk for a in asked if a.answered_at is None), None)
    return Screen(
        row=row_of(row, now.date()),
        version=row.version,
        three=three(row, actor.language),
        requests=tuple(_request(a, row.register_no or "", now.date()) for a in asked),
        waiting=waiting,
        may_answer=waiting is not None and actor.holds(Role.OFFICER, Role.HEAD),
    )
