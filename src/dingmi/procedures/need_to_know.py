"""P16 扩大知悉范围：who else may know, for what, until when; recorded at every level."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Invalid
from dingmi.procedures import paper, shelf
from dingmi.procedures.change import propose_change
from dingmi.procedures.determination import REASON_LIMIT
from dingmi.procedures.frame import procedure
from dingmi.procedures.terms import Changed, Proposed, Scope
from dingmi.queries import admission, facts, standing
from dingmi.queries.facts_life import Change
from dingmi.queries.terms import Answers
from dingmi.records.ledger.append import append
from dingmi.records.matters.models import Matter
from dingmi.records.organs.models import Department, Organ, Person
from dingmi.regime.kernel.rulebook import Verdict

PURPOSE_LIMIT = 120  # characters


@dataclass(frozen=True, slots=True)
class Admitted:
    """A scope was widened: what the law said, and how many entries were added."""

    verdict: Verdict
    added: int


def admit(
    row: Matter,
    actor: Actor,
    now: datetime,
    scope: Scope,
    everyone: tuple[UUID, ...],
    purpose: str,
    until: datetime | None = None,
    consent: bool = False,
    undertaken: bool = False,
) -> Admitted:
    """Judge and write the admission of ``everyone`` to a locked matter, and tell them; the act that calls proves it.

    Raises:
        Refused: The law does not allow it.
    """
    barred = standing.barred(row)
    everyone = tuple(p for p in everyone if p not in barred or p in scope.persons)  # a department admits its others
    outside = Organ.objects.filter(pk__in=scope.organs, is_home=False).count()
    verdict = admission.judge_admission(row, actor, everyone, outside, purpose, consent, undertaken, now, barred)
    facts.require(verdict)
    added = shelf.open_scope(row, scope, standing.EXPANSION, now, until)
    for person in everyone:
        shelf.know(row, person, "admitted", now, purpose)
    shelf.save(row, now)
    mark = facts.mark(standing.determined_level(row), row.tail)
    shelf.tell(everyone, "matter.admitted", row, now, acknowledge=True, mark=mark)
    return Admitted(verdict, added)


@procedure(
    "need_to_know.expand",
    requires=(Role.OFFICER, Role.HEAD),
    step_up=True,
    waits_for_date=True,
    clauses=("BMF-21.3", "ZX-28.1", "ZX-28.2", "ZX-28.4"),
)
def expand(
    *,
    actor: Actor,
    now: datetime,
    matter: UUID,
    persons: tuple[UUID, ...] = (),
    departments: tuple[UUID, ...] = (),
    organs: tuple[UUID, ...] = (),
    purpose: str,
    until: datetime | None = None,
    originator_consents: bool = False,
    undertaken: bool = False,
    expected_version: int,
) -> Changed:
    """Admit more persons, departments or organs to a matter. 扩大知悉范围。

    Args:
        until: From when they no longer know it; by default as long as it is secret.
        originator_consents: The originator, where it is another organ, or outsiders are admitted, has agreed.
        undertaken: Everyone admitted has signed an undertaking, kept here or elsewhere.
    """
    row = shelf.lock(actor, now, matter, expected_version, "active", "referred")  # load
    reason = paper.line(purpose, "purpose", PURPOSE_LIMIT, required=True)
    _require_known(persons, departments, organs)
    if until is not None and until <= now:
        raise Invalid("date.in_past", (), fields={"until": "date.in_past"})
    scope = Scope(persons, departments, organs)
    done = admit(  # gather, judge, write, tell
        row, actor, now, scope, _people(persons, departments), reason, until, originator_consents, undertaken
    )
    append(  # prove
        actor,
        "need_to_know.expand",
        subject=("matter", row.pk),
        at=now,
        data={
            "persons": sorted(str(p) for p in persons),
            "departments": sorted(str(d) for d in departments),
            "organs": sorted(str(o) for o in organs),
            "until": until,
            "consented": originator_consents,
            "undertaken": undertaken,
            "added": done.added,
            "version": row.version,
        },
        verdict=done.verdict,
        rows=[row],
    )
    return Changed(row.pk, row.version, row.state)


def _require_known(persons: tuple[UUID, ...], departments: tuple[UUID, ...], organs: tuple[UUID, ...]) -> None:
    """Refuse ids that nobody and nothing has, and an empty list.

    Raises:
        Invalid: With the fields at fault.
    """
    given = {"persons": (Person, persons), "departments": (Department, departments), "organs": (Organ, organs)}
    faults = {
        name: "id.unknown"
        for name, (kind, ids) in given.items()
        if kind.objects.filter(pk__in=ids).count() != len(set(ids))
    }
    if not (persons or departments or organs):
        faults = {"persons": "text.missing"}
    if faults:
        raise Invalid("input.invalid", (), fields=faults)


def _people(persons: tuple[UUID, ...], departments: tuple[UUID, ...]) -> tuple[UUID, ...]:
    """Return everyone who would be admitted by name or by department."""
    inside = Person.objects.filter(department_id__in=departments, left_at__isnull=True).values_list("pk", flat=True)
    return tuple(sorted({*persons, *inside}, key=str))


@procedure("need_to_know.shrink", requires=(Role.DRAFTER,), step_up=True, clauses=("BMF-21.1", "BMF-23.1"))
def shrink(
    *,
    actor: Actor,
    now: datetime,
    matter: UUID,
    persons: tuple[UUID, ...] = (),
    departments: tuple[UUID, ...] = (),
    organs: tuple[UUID, ...] = (),
    reason: str,
    expected_version: int,
) -> Proposed:
    """Propose that some no longer know a matter; a narrower scope is a change, decided by an officer. 缩小知悉范围。"""
    row = shelf.lock(actor, now, matter, expected_version, "active")
    paper.block_of_text(reason, "reason", REASON_LIMIT, required=True)
    held = standing.scope_of(row, now)
    left = Scope(
        tuple(p for p in held.persons if p not in persons),
        tuple(d for d in held.departments if d not in departments),
        tuple(o for o in held.organs if o not in organs),
    )
    if left == held:
        raise Invalid("input.invalid", (), fields={"persons": "id.unknown"})
    answers = Answers(item=row.item_id, level=standing.determined_level(row), tail=row.tail, scope=left, reasons=reason)
    return propose_change(row, answers, Change("need_changed"), actor, now)
