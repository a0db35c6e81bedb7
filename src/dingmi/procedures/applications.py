"""申请与审批: to know a matter that one may only see the number of, or to take rows of the register out of the system."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from dingmi.engines.documents import tables
from dingmi.procedures import carriers, paper, shelf
from dingmi.procedures.frame import procedure
from dingmi.procedures.need_to_know import admit
from dingmi.procedures.terms import Delivered, Scope
from dingmi.queries import access, applications, standing
from dingmi.queries.register import EXPORTED_MOST, READERS, extract, narrowed
from dingmi.records.ledger.append import append
from dingmi.records.matters.applications import Application
from dingmi.records.matters.models import Matter
from dingmi.records.notices.models import Notice
from dingmi.records.organs.models import Person

PURPOSE_LIMIT = 120  # characters
FORMATS = ("xlsx", "csv")
ADMITTING = ("proposed", "referred", "active")  # what is over, or is no secret, is not asked to be known


@dataclass(frozen=True)
class Applied:
    """An application as it stands now."""

    application: UUID
    kind: str
    state: str


@procedure("need_to_know.request", clauses=("BMF-21.3", "ZX-28.1"))
def request(*, actor: Actor, now: datetime, matter: UUID, purpose: str) -> Applied:
    """Ask to know a matter of which one may see number and mark only. 申请知悉。

    Raises:
        NotFound: It does not exist, or the actor may not even know that it does: the same answer.
        Refused: ``application.known_already``, ``application.open_already``, or ``matter.not_in_force``.
    """
    row: Any = access.existing(actor, now).filter(pk=matter).first()  # load
    if row is None:
        raise NotFound("object.not_found")
    reason = paper.line(purpose, "purpose", PURPOSE_LIMIT, required=True)
    if row.is_content:
        raise Refused("application.known_already", ("BMF-21.3",))
    if row.state not in ADMITTING:
        raise Refused("matter.not_in_force", ("BMF-24.2a",), state=row.state)
    person = UUID(actor.person_id)
    if Application.objects.filter(matter=row, by=person, kind="know", state="open").exists():
        raise Refused("application.open_already", ("BMF-21.3",))
    kept = Application.objects.create(kind="know", matter=row, by_id=person, purpose=reason, asked_at=now)  # write
    _prove(actor, "need_to_know.request", kept, now)  # prove
    deciders = [row.officer_id] if row.officer_id else []
    heads = standing.principals().values_list("pk", flat=True)
    shelf.tell([*deciders, *heads], "application.know_waiting", row, now)  # tell
    return Applied(kept.pk, kept.kind, kept.state)


@procedure(
    "need_to_know.answer",
    requires=(Role.OFFICER, Role.HEAD),
    step_up=True,
    waits_for_date=True,
    clauses=("BMF-21.3", "ZX-28.1", "TL-20"),
)
def answer(*, actor: Actor, now: datetime, application: UUID, grant: bool, reason: str = "") -> Applied:
    """Admit the applicant to the matter, or refuse with a reason. 批复知悉申请。

    Raises:
        NotFound: There is none, or the actor may not know its matter: the same answer.
        Refused: The law does not let this person be admitted.
    """
    kept = _locked(application, "know")  # load
    matter = kept.matter
    assert matter is not None
    access.matter_for(actor, now, matter.pk)
    said = _require_answerable(kept, actor, grant, reason)
    row: Matter = Matter.objects.select_for_update().get(pk=matter.pk)
    verdict = None
    if grant:
        scope = Scope(persons=(kept.by_id,))
        verdict = admit(row, actor, now, scope, (kept.by_id,), kept.purpose).verdict  # judge, write
    _close(kept, actor, now, "granted" if grant else "refused", said)
    _prove(actor, "need_to_know.answer", kept, now, verdict, [kept, row])  # prove
    shelf.tell([kept.by_id], "application.granted" if grant else "application.refused", row, now)  # tell
    return Applied(kept.pk, kept.kind, kept.state)


@procedure("register.request_export", requires=READERS, clauses=("TL-20",))
def request_export(
    *,
    actor: Actor,
    now: datetime,
    purpose: str,
    view: str = "all",
    level: str = "",
    state: str = "",
    text: str = "",
    format: str = "xlsx",
) -> Applied:
    """Ask to take the rows that a filter finds out of the register. 申请导出台账。

    Args:
        text: Conditions such as ``密级=机密 到期<2027``; words to search for are refused, for they would be kept.
        format: ``xlsx`` or ``csv``.
    Raises:
        Refused: ``export.nothing`` or ``export.too_many``.
    """
    reason = paper.line(purpose, "purpose", PURPOSE_LIMIT, required=True)
    terms = {"view": view, "level": level, "state": state, "text": text.strip(), "format": format}
    if format not in FORMATS:
        raise Invalid("input.invalid", (), fields={"format": "choice.unknown"})
    found = narrowed(actor, now, view, level, state, text)
    if found.words:
        raise Invalid("export.words", (), fields={"text": "export.words"})
    _require_some(found.rows.order_by().values("pk")[: EXPORTED_MOST + 1].count())
    kept = Application.objects.create(
        kind="export", by_id=UUID(actor.person_id), purpose=reason, terms=terms, asked_at=now
    )
    _prove(actor, "register.request_export", kept, now)
    _tell(now, applications.approvers(actor, now), "application.export_waiting")
    return Applied(kept.pk, kept.kind, kept.state)


@procedure("register.answer_export", requires=applications.EXPORT_APPROVERS, step_up=True, clauses=("TL-20",))
def answer_export(*, actor: Actor, now: datetime, application: UUID, grant: bool, reason: str = "") -> Applied:
    """Let the applicant take the rows out once, or refuse with a reason. 审批台账导出。"""
    kept = _locked(application, "export")
    said = _require_answerable(kept, actor, grant, reason)
    _close(kept, actor, now, "granted" if grant else "refused", said)
    _prove(actor, "register.answer_export", kept, now)
    _tell(now, (kept.by_id,), "application.granted" if grant else "application.refused")
    return Applied(kept.pk, kept.kind, kept.state)


@procedure("register.export", requires=READERS, step_up=True, waits_for_date=True, clauses=("TL-20", "BMF-26.2b"))
def export(*, actor: Actor, now: datetime, application: UUID) -> Delivered:
    """Take out the rows of a granted application, once, as one may see them now; every page names the reader. 导出台账。

    Raises:
        NotFound: It is not one's own, or does not exist: the same answer.
        Refused: ``export.not_granted`` or ``export.expired``.
    """
    kept = _locked(application, "export")  # load
    if str(kept.by_id) != actor.person_id:
        raise NotFound("object.not_found")
    if kept.state != "granted" or kept.answered_at is None:
        raise Refused("export.not_granted", (), state=kept.state)
    if now > kept.answered_at + applications.EXPORT_DAYS:
        raise Refused("export.expired", (), days=applications.EXPORT_DAYS.days)
    terms = dict(kept.terms)
    media = terms.pop("format")
    taken = extract(actor, now, **terms)
    _require_some(len(taken.rows))
    learned = [row for row in taken.matters if carriers.learned(row, actor, "exported", now)]  # write
    kept.state, kept.used_at = "used", now
    kept.save()
    reader = Person.objects.get(pk=actor.person_id)
    mark = f"{reader.name} {reader.staff_no} {now:%Y-%m-%d %H:%M} {str(kept.pk)[:8]}"
    made = tables.write(media, taken.level, taken.heading, taken.rows, mark)
    data = {"rows": len(taken.rows), "level": taken.level, "knowledge": len(learned), "digest": taken.digest}
    _prove(actor, "register.export", kept, now, more=data)  # prove
    return Delivered(f"register-{now:%Y%m%d}.{media}", made, media)


@procedure("application.withdraw")
def withdraw(*, actor: Actor, now: datetime, application: UUID) -> Applied:
    """Take back one's own application while nobody has answered it. 撤回申请。

    Raises:
        NotFound: It is not one's own, or does not exist: the same answer.
    """
    kept = _locked(application)
    if str(kept.by_id) != actor.person_id:
        raise NotFound("object.not_found")
    if kept.state != "open":
        raise Conflict("application.answered", (), state=kept.state)
    kept.state = "withdrawn"
    kept.save()
    _prove(actor, "application.withdraw", kept, now)
    return Applied(kept.pk, kept.kind, kept.state)


def _locked(application: UUID, kind: str = "") -> Application:
    found: Application | None = Application.objects.select_for_update().filter(pk=application).first()
    if found is None or (kind and found.kind != kind):
        raise NotFound("object.not_found")
    return found


def _require_answerable(kept: Application, actor: Actor, grant: bool, reason: str) -> str:
    """Return the reason as it is kept.

    Raises:
        Forbidden: ``application.own``: nobody grants to themselves.
        Conflict: Somebody answered meanwhile.
        Invalid: A refusal without a reason.
    """
    if str(kept.by_id) == actor.person_id:
        raise Forbidden("application.own", ("BMF-21.3",))
    if kept.state != "open":
        raise Conflict("application.answered", (), state=kept.state)
    return paper.line(reason, "reason", PURPOSE_LIMIT, required=not grant)


def _require_some(count: int) -> None:
    if not count:
        raise Refused("export.nothing", ())
    if count > EXPORTED_MOST:
        raise Refused("export.too_many", (), most=EXPORTED_MOST)


def _close(kept: Application, actor: Actor, now: datetime, state: str, said: str) -> None:
    kept.state, kept.answered_by_id, kept.answered_at, kept.answer = state, UUID(actor.person_id), now, said
    kept.save()


def _prove(
    actor: Actor,
    act: str,
    kept: Application,
    now: datetime,
    verdict: Any = None,
    rows: Any = None,
    more: dict[str, Any] | None = None,
) -> None:
    """Append the entry of an application: to the log of its matter where it has one."""
    subject = ("matter", kept.matter_id) if kept.matter_id else ("application", kept.pk)
    data = {"application": kept.pk, "state": kept.state, "by": kept.by_id, **(more or {})}
    append(actor, act, subject=subject, at=now, data=data, verdict=verdict, rows=rows or [kept])


def _tell(now: datetime, persons: Any, code: str) -> None:
    Notice.objects.bulk_create(
        [
            Notice(person_id=p, code=code, params={}, must_acknowledge=False, created_at=now)
            for p in dict.fromkeys(persons)
        ]
    )
