"""收文登记：a matter of another organ that we hold; its originator's notices, and what we may suggest to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Invalid, Refused
from dingmi.procedures import decide, paper, shelf, telling
from dingmi.procedures.carrier_life import moved
from dingmi.procedures.consultation import other_organ
from dingmi.procedures.determination import REASON_LIMIT
from dingmi.procedures.frame import procedure
from dingmi.procedures.terms import Changed, Noted, Scope
from dingmi.queries import access, admission, content, facts, facts_life, numbers, received, standing
from dingmi.queries.terms import is_named
from dingmi.records.carriers.models import Carrier
from dingmi.records.ledger.append import append
from dingmi.records.ledger.guard import owe
from dingmi.records.matters.life import OriginatorNotice, Reception
from dingmi.records.matters.models import Matter
from dingmi.records.notices.models import Deadline
from dingmi.records.organs.models import Organ
from dingmi.regime.prc_state.facts_custody import ReceiptFacts
from dingmi.regime.prc_state.levels import covers, is_level

RECEIVERS = (Role.SECRECY_OFFICE, Role.DRAFTER, Role.OFFICER)
SERIES = "R"  # after the unit code: matters received, numbered beside our own


@dataclass(frozen=True)
class Received:
    """A matter of another organ is registered."""

    matter: UUID
    version: int
    register_no: str
    mark: str
    last_protected_day: date | None


@procedure(
    "reception.receive",
    requires=RECEIVERS,
    step_up=True,
    clauses=("TL-27.2", "TL-27.9", "QA-8", "BMF-21.2", "BMF-21.3", "TL-19.2b", "TL-29.1"),
)
def receive(
    *,
    actor: Actor,
    now: datetime,
    title: str,
    doc_number: str = "",
    originator: UUID,
    level: str,
    tail: str = "",
    issued_on: date | None = None,
    notice_on: date | None = None,
    received_on: date,
    received_no: str,
    copies: int = 1,
    scope: Scope,
    return_by: date | None = None,
    widening: str = "",
) -> Received:
    """Register a matter of another organ by the mark that stands on it, and who of us may know it. 登记外来事项。

    Args:
        tail: As on the mark; blank where it states no period and no notice told one: the default of its level (ZX-24.4b).
        issued_on: As on the paper; where it states none, the period runs from ``notice_on`` (TL-19.2b).
        notice_on: When the originator told level and period in writing.
        return_by: When its copies go back to the originator, where it asks for them (TL-27.9).
        widening: What it says of letting more people know: ``consent``, not without its consent; ``never``; blank for
            nothing (BMF-21.3).
    """
    name = paper.line(title, "title", shelf.TITLE_LIMIT, required=True)
    number = paper.line(doc_number, "doc_number", 60)
    given = paper.line(received_no, "received_no", 60, required=True)
    organ = other_organ(originator)
    stated = received.stated(level, tail, issued_on, notice_on, received_on)
    read, starts_on = facts.tail(stated.tail), stated.starts_on
    faults = {
        "level": "" if is_level(level) else "level.unknown",
        "tail": "" if read.kind else "tail.malformed",
        "issued_on": "field.missing" if starts_on is None else "" if starts_on <= received_on else "date.in_future",
        "received_on": "" if received_on <= now.date() else "date.in_future",
        "copies": "" if 1 <= copies <= 999 else "list.length",
        "return_by": "" if return_by is None or return_by >= received_on else "interval.empty",
        "widening": "" if widening in admission.WIDENING else "choice.unknown",
        "scope": "" if is_named(scope) else "text.missing",
    }
    if any(faults.values()):
        raise Invalid("input.invalid", (), fields={k: v for k, v in faults.items() if v})
    named = actor.holds(Role.SECRECY_OFFICE)  # whom the organ names for what is 绝密
    came = ReceiptFacts(now, level, by_named_person=named, listed=copies, counted=copies)
    facts.require(facts.judged("carriers.receive", came, now.date()))
    if not covers(actor.clearance, level):
        raise Refused("scope.clearance", ("BMF-43.3",), person=actor.person_id, level=level)
    row = _entered(actor, organ, level, read, issued_on, starts_on, now)
    row.register_no = shelf.next_number(row, level, now.date().year, SERIES)
    row.title_ct = content.sealed(row, "title_ct", level, name)
    row.doc_number_ct = content.sealed(row, "doc_number_ct", level, number)
    row.save()
    shelf.count(row, +1)
    kept = _keep(row, received_on, given, copies, widening, now)
    shelf.open_scope(row, scope, "reception", now)
    shelf.reindex(row, name, number)
    mark = facts.mark(level, read.text)
    append(
        actor,
        "reception.receive",
        subject=("matter", row.pk),
        at=now,
        data={
            "register_no": row.register_no,
            "originator": str(organ.pk),
            "mark": mark,
            "copies": copies,
            "widening": widening,
        },
        rows=[row],
        verdict=stated.verdict,
    )
    told = {"received_no": given}
    moved("reception.receive", kept, actor, now, told=told, holder_id=UUID(actor.person_id), return_by=return_by)
    shelf.tell_scope(row, "matter.admitted", now, mark=mark, register_no=row.register_no)
    return Received(row.pk, row.version, row.register_no, mark, row.last_protected_day)


def _entered(
    actor: Actor,
    organ: Organ,
    level: str,
    read: facts.TailRead,
    issued_on: date | None,
    starts_on: date | None,
    now: datetime,
) -> Matter:
    """Return the matter of another organ as it is to be entered."""
    window = facts.dates(level, read.text, starts_on)
    return Matter(
        organ=organ,
        department_id=next((UUID(d) for d in actor.department_ids), None),
        drafter_id=UUID(actor.person_id),
        state="active",
        origin="received",
        level=level,
        tail=read.text,
        tail_kind=read.kind,
        issued_on=issued_on,
        starts_on=starts_on,
        last_protected_day=window.last_protected_day,
        declassified_from=window.declassified_from,
        created_at=now,
        changed_at=now,
    )


def _keep(row: Matter, received_on: date, received_no: str, copies: int, widening: str, now: datetime) -> list[Carrier]:
    """Keep how the matter came, its copies, and when its protection ends for its holder; return the copies."""
    came = Reception.objects.create(
        matter=row,
        received_on=received_on,
        received_no=received_no,
        widening=widening,
        originator_level=row.level,
        originator_tail=row.tail,
        originator_last_day=row.last_protected_day,
    )
    owe(came)
    mark = facts.mark(row.level, row.tail)
    kept = [Carrier(matter=row, copy_no=n, form="paper", mark=mark, created_at=now) for n in range(1, copies + 1)]
    Carrier.objects.bulk_create(kept)
    if row.last_protected_day is not None:
        Deadline.objects.create(
            matter_id=row.pk, name="expiry", clause="QA-8", starts_on=now.date(), due_on=row.last_protected_day
        )
    return kept


@procedure("reception.register_notice", requires=RECEIVERS, step_up=True, clauses=("BMF-23.2", "ZX-30.1", "QA-8"))
def register_notice(
    *,
    actor: Actor,
    now: datetime,
    matter: UUID,
    kind: str,
    document_no: str,
    arrived_on: date,
    effective_on: date,
    level: str = "",
    tail: str = "",
    expected_version: int,
) -> Changed:
    """Register what the originator tells of a matter that we hold; its copies are annotated. 登记原定密机关通知。

    An extension that arrives after the last protected day protects again from its arrival on; until then the matter
    counted as released for us (QA-8). What the originator says and what held for us stay apart.
    """
    row = shelf.lock(actor, now, matter, expected_version)  # load
    number = paper.line(document_no, "document_no", 80, required=True)
    if arrived_on > now.date():
        raise Invalid("date.in_future", (), fields={"arrived_on": "date.in_future"})
    kept_level, read = level or standing.determined_level(row), facts.tail(tail or row.tail)
    if not is_level(kept_level) or not read.kind:
        raise Invalid("input.invalid", (), fields={"tail": "tail.malformed"})
    verdict = facts_life.judge_originator_notice(row, kind, arrived_on, now)  # gather, judge
    facts.require(verdict)
    late = any(f.code == "reception.late_extension" for f in verdict.findings)
    heard_of = OriginatorNotice.objects.create(  # write
        matter=row,
        kind=kind,
        document_no=number,
        arrived_on=arrived_on,
        effective_on=effective_on,
        level=kept_level,
        tail=read.text,
        in_time=not late,
        entered_at=now,
    )
    owe(heard_of)
    told = telling.recipients(row, now)
    old_mark, mark = facts.mark(standing.determined_level(row), row.tail), facts.mark(kept_level, read.text)
    _heard(row, kind, kept_level, read.text, arrived_on, effective_on, now)
    carriers = decide.to_be_marked(row)
    append(  # prove
        actor,
        "reception.register_notice",
        subject=("matter", row.pk),
        at=now,
        data={"kind": kind, "in_time": not late, "carriers": carriers, "version": row.version},
        verdict=verdict,
        rows=[row],
    )
    telling.tell(row, told, f"originator.{kind}", now, old_mark=old_mark, mark=mark)  # tell
    shelf.tell_derived(row, now, "source.changed" if kind in ("extended", "changed") else "source.released")
    return Changed(row.pk, row.version, row.state)


def _heard(row: Matter, kind: str, level: str, tail: str, arrived_on: date, effective_on: date, now: datetime) -> None:
    """Bring what we hold in line with what the originator said; a matter handed on or decided above was never received."""
    window = facts.dates(level, tail, row.starts_on)
    heard: dict[str, Any] = {"heard_on": arrived_on}
    Deadline.objects.filter(matter_id=row.pk, name="expiry", done_at__isnull=True).update(done_at=now)
    if kind in ("released", "voided"):
        heard["originator_state"] = "declassified" if kind == "released" else "voided"
        ended = {"release_ground": "told", "released_at": facts.start_of(effective_on)} if kind == "released" else {}
        shelf.save(row, now, state=heard["originator_state"], **ended)
    else:
        heard |= {"originator_state": "active", "originator_level": level, "originator_tail": tail}
        heard["originator_last_day"] = window.last_protected_day
        shelf.move_to_level(row, level, now)
        shelf.save(
            row,
            now,
            state="active",
            tail=tail,
            tail_kind=facts.tail(tail).kind,
            last_protected_day=window.last_protected_day,
            declassified_from=window.declassified_from,
            released_at=None,
            release_ground="",
        )
        if window.last_protected_day is not None:
            Deadline.objects.create(
                matter_id=row.pk, name="expiry", clause="QA-8", starts_on=arrived_on, due_on=window.last_protected_day
            )
    Reception.objects.filter(matter=row).update(**heard)
    owe(*Reception.objects.filter(matter=row))


@procedure("reception.suggest", requires=RECEIVERS, clauses=("TL-22.2", "TL14-16"))
def suggest(*, actor: Actor, now: datetime, matter: UUID, what: str, reason: str, document_no: str) -> Noted:
    """Suggest to the originator that its matter be changed or released; nothing changes here. 提出变更、解密建议。

    Args:
        what: ``change`` or ``release``.
    """
    row = access.matter_for(actor, now, matter)
    if what not in ("change", "release"):
        raise Invalid("input.invalid", (), fields={"what": "choice.unknown"})
    paper.block_of_text(reason, "reason", REASON_LIMIT, required=True)
    number = paper.line(document_no, "document_no", 80, required=True)
    organ = standing.answers_for(row)
    if organ.is_home:
        raise Refused("reception.ours", ("TL-22.2",))
    payload: dict[str, Any] = {"what": what, "reason": reason, "document_no": number, "organ": str(organ.pk)}
    kept = decide.record_decision("reception.suggest", row, None, actor, now, level=row.level, payload=payload)
    append(
        actor,
        "reception.suggest",
        subject=("matter", row.pk),
        at=now,
        data={"decision": kept.pk, "digest": kept.digest, "what": what, "organ": str(organ.pk)},
        rows=[row, kept],
    )
    telling.tell(
        row, telling.Recipients(frozenset(), frozenset({organ.pk})), "matter.suggestion", now,
        number=numbers.shown(row.pk, row.register_no), what=what,
    )  # fmt: skip
    return Noted(kept.pk, row.pk, row.version)
