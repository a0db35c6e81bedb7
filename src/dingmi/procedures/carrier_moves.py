"""P17 载体的传递、复制、携带、维修、清退、归档: copies that leave the safe, each under what the law asks of that road."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Invalid
from dingmi.procedures import paper
from dingmi.procedures.carrier_life import Moved, add_copies, colleague, held, moved, not_past, require_receipt
from dingmi.procedures.consultation import other_organ
from dingmi.procedures.frame import procedure
from dingmi.queries import access, archives, facts, standing
from dingmi.queries import carriers as asked
from dingmi.records.carriers.models import Carrier
from dingmi.records.matters.models import Matter, ScopeEntry
from dingmi.records.organs.models import Organ
from dingmi.regime.kernel.rulebook import Verdict
from dingmi.regime.prc_state.facts import Terms
from dingmi.regime.prc_state.facts_carriers import CarryingFacts, HandingFacts, RepairFacts, ReturnFacts
from dingmi.regime.prc_state.facts_custody import CopyFacts, TransferFacts

BY_HAND = "专人传递"


def _require_way(
    rows: list[Carrier], channel: str, couriers: int, is_packed: bool, now: datetime, *, abroad: bool = False
) -> Verdict:
    """Return the verdict on the road that copies take, by the highest level among them.

    Raises:
        Invalid: A number of couriers that nobody means.
        Refused: The law does not allow the road.
    """
    if not 1 <= couriers <= 99:
        raise Invalid("input.invalid", (), fields={"couriers": "number.range"})
    level = asked.highest(rows)
    given = TransferFacts(now, level, channel, couriers, is_packed, abroad)
    verdict = facts.judged("carriers.transfer", given, now.date())
    facts.require(verdict)
    return verdict


@procedure(
    "carriers.dispatch",
    requires=Role.SECRECY_OFFICE,
    clauses=("TL-27.3", "BMF-26.1", "BMF-28", "TL-29.2", "BMF-26.2c"),
)
def dispatch(
    *,
    actor: Actor,
    now: datetime,
    numbers: tuple[str, ...],
    organ: UUID,
    channel: str,
    couriers: int = 1,
    is_packed: bool,
    document_no: str,
    due_on: date,
    return_by: date | None = None,
) -> Moved:
    """Send copies to another organ that may know them, by a road that the law allows. 发出。

    Args:
        channel: Such as ``机要交通``; ordinary post and couriers are refused.
        document_no: Of the slip that goes with them and comes back signed.
        due_on: By when the signed slip is to be back.
        return_by: When that organ is to give them back, if it is.
    Raises:
        Refused: The organ is outside the scope; not by that road.
    """
    rows = held(actor, now, "carriers.dispatch", numbers)
    to = other_organ(organ)
    for row in rows:
        admits = to.pk == row.matter.organ_id or _admits(row.matter, to, now)
        handing = HandingFacts(now, row.matter.level, admits, is_product=row.form == "product")
        facts.require(facts.judged("carriers.dispatch", handing, now.date()))
    verdict = _require_way(rows, channel, couriers, is_packed, now)
    slip = paper.line(document_no, "document_no", 80, required=True)
    told = {"channel": channel, "couriers": couriers}
    return moved(
        "carriers.dispatch", rows, actor, now, verdict=verdict, document_no=slip, told=told, holder=None, organ=to,
        place="", due_on=not_past(due_on, "due_on", now), return_by=not_past(return_by, "return_by", now),
    )  # fmt: skip


def _admits(matter: Matter, organ: Organ, now: datetime) -> bool:
    return bool(standing.running(ScopeEntry.objects.filter(matter=matter, organ=organ), now).exists())


@procedure("carriers.confirm_receipt", requires=Role.SECRECY_OFFICE, clauses=("TL-27.2", "BMF-26.1"))
def confirm_receipt(
    *, actor: Actor, now: datetime, numbers: tuple[str, ...], counted: int, document_no: str, received_on: date
) -> Moved:
    """Put down the signed slip of another organ: what it counted, and when it signed. 登记回执。

    Args:
        counted: How many copies the slip says.
        document_no: Of the slip.
    Raises:
        Refused: The slip says another number of copies.
    """
    rows = held(actor, now, "carriers.confirm_receipt", numbers)
    if received_on > now.date():
        raise Invalid("input.invalid", (), fields={"received_on": "date.in_future"})
    slip = paper.line(document_no, "document_no", 80, required=True)
    verdict = require_receipt(rows, counted, now)
    told = {"counted": counted, "received_on": received_on.isoformat()}
    for row in rows:
        row.due_on = row.return_by
    return moved("carriers.confirm_receipt", rows, actor, now, verdict=verdict, document_no=slip, told=told)


@procedure("carriers.set_return", requires=Role.SECRECY_OFFICE, clauses=("TL-27.9",))
def set_return(*, actor: Actor, now: datetime, numbers: tuple[str, ...], return_by: date, document_no: str) -> Moved:
    """Put down by when the issuer asks its copies back; the keeper and the office are reminded. 登记清退期限。

    Args:
        document_no: Of the issuer's notice.
    Raises:
        Refused: ``returning.own``: they are ours.
    """
    rows = held(actor, now, "carriers.set_return", numbers)
    _require_return(rows, now)
    notice = paper.line(document_no, "document_no", 80, required=True)
    day = not_past(return_by, "return_by", now)
    told = {"return_by": return_by.isoformat()}
    return moved("carriers.set_return", rows, actor, now, document_no=notice, told=told, return_by=day)


def _require_return(rows: list[Carrier], now: datetime) -> None:
    for row in rows:
        given = ReturnFacts(now, not row.matter.organ.is_home)
        facts.require(facts.judged("carriers.give_back", given, now.date()))


@procedure("carriers.give_back", requires=Role.SECRECY_OFFICE, clauses=("TL-27.9", "TL-27.3", "BMF-26.1"))
def give_back(
    *,
    actor: Actor,
    now: datetime,
    numbers: tuple[str, ...],
    channel: str,
    couriers: int = 1,
    is_packed: bool,
    document_no: str,
) -> Moved:
    """Give copies back to the organ that issued them. 清退。

    Args:
        channel: Such as ``机要交通``.
        document_no: Of the list that goes with them, signed by the issuer.
    Raises:
        Refused: They are ours; not by that road.
    """
    rows = held(actor, now, "carriers.give_back", numbers)
    _require_return(rows, now)
    verdict = _require_way(rows, channel, couriers, is_packed, now)
    slip = paper.line(document_no, "document_no", 80, required=True)
    for row in rows:
        row.organ_id = row.matter.organ_id
    told = {"channel": channel, "couriers": couriers}
    return moved(
        "carriers.give_back", rows, actor, now, verdict=verdict, document_no=slip, told=told, holder=None, place="",
        due_on=None, return_by=None,
    )  # fmt: skip


@procedure(
    "carriers.copy",
    requires=asked.APPROVERS,
    step_up=True,
    clauses=("TL-27.5", "TL-29.4", "BMF-26.2b", "BMF-26.1"),
)
def copy(
    *,
    actor: Actor,
    now: datetime,
    number: str,
    copies: int,
    form: str = "paper",
    place: str,
    purpose: str,
    is_stamped: bool,
    consent_no: str = "",
) -> Moved:
    """Approve and enter copies of a copy: same level, period and scope, stamped, each managed like the original. 复制。

    Args:
        number: Of the copy that is copied.
        place: Where they were made.
        is_stamped: Each bears the stamp of the organ that copied it.
        consent_no: Of the originator's consent, for 绝密.
    Raises:
        NotFound: The actor may not read it.
        Refused: Not stamped; 绝密 without consent.
    """
    (row,) = held(actor, now, "carriers.copy", (number,))
    matter = access.matter_for(actor, now, row.matter_id)
    why = paper.line(purpose, "purpose", 120, required=True)
    where = paper.line(place, "place", 80, required=True)
    consent = paper.line(consent_no, "consent_no", 80)
    terms = Terms(matter.level, matter.tail)
    given = CopyFacts(now, matter.level, terms, terms, True, is_stamped, bool(consent))
    verdict = facts.judged("carriers.copy", given, now.date())
    facts.require(verdict)
    told = {"copied_from": asked.label(row), "copies": copies, "purpose": why}
    return add_copies(
        "carriers.copy", matter, copies, form, where, actor, now, parent=row, verdict=verdict, told=told,
        document_no=consent,
    )  # fmt: skip


@procedure(
    "carriers.carry_out",
    requires=asked.APPROVERS,
    step_up=True,
    clauses=("TL-27.8", "TL-29.2", "TL-29.5", "BMF-28", "BMF-26.1", "BMF-26.2c"),
)
def carry_out(
    *,
    actor: Actor,
    now: datetime,
    numbers: tuple[str, ...],
    person: UUID,
    companion: UUID | None = None,
    place: str,
    measures: str,
    is_packed: bool,
    due_on: date,
    leaves_the_country: bool = False,
    export_approval: str = "",
) -> Moved:
    """Approve that somebody carries copies out, guarded, and until when; 绝密 never abroad, and by two. 批准携带外出。

    Args:
        person: Who carries them, and answers for them.
        companion: Who goes along.
        place: Where they go.
        measures: How they are guarded on the way.
        export_approval: Number of the approval to take them abroad.
    Raises:
        Refused: No measures, abroad without approval, 绝密 alone or abroad.
    """
    rows = held(actor, now, "carriers.carry_out", numbers)
    who = colleague(actor, person)
    beside = None if companion is None else colleague(actor, companion)
    how, approval = paper.line(measures, "measures", 200), paper.line(export_approval, "export_approval", 80)
    for row in rows:
        matter = access.matter_for(actor, now, row.matter_id)
        given = CarryingFacts(now, matter.level, how, leaves_the_country, approval)
        facts.require(facts.judged("carriers.carry_out", given, now.date()))
    couriers = 2 if beside is not None and beside != who else 1
    verdict = _require_way(rows, BY_HAND, couriers, is_packed, now, abroad=leaves_the_country)
    told = {"measures": how, "companion": beside.name if beside else "", "export_approval": approval}
    return moved(
        "carriers.carry_out", rows, actor, now, verdict=verdict, told=told, holder=who,
        place=paper.line(place, "place", 80, required=True), due_on=not_past(due_on, "due_on", now),
    )  # fmt: skip


@procedure("carriers.repair", requires=Role.SECRECY_OFFICE, clauses=("TL-27.7", "BMF-26.1"))
def repair(
    *,
    actor: Actor,
    now: datetime,
    numbers: tuple[str, ...],
    person: UUID | None = None,
    place: str,
    repairer: str = "",
    due_on: date,
) -> Moved:
    """Give media or products to be repaired: by our own people, or by outsiders under the eyes of ours. 送修。

    Args:
        person: Who repairs it, or who stands by while outsiders do.
        repairer: Who repairs it, if not we.
    Raises:
        Refused: Outsiders, and nobody of ours stands by.
    """
    rows = held(actor, now, "carriers.repair", numbers)
    who = None if person is None else colleague(actor, person)
    outside = paper.line(repairer, "repairer", 80)
    verdict = None
    for level in sorted({row.matter.level for row in rows}):
        given = RepairFacts(now, level, bool(outside), who.name if who else "")
        verdict = facts.judged("carriers.repair", given, now.date())
        facts.require(verdict)
    return moved(
        "carriers.repair", rows, actor, now, verdict=verdict, told={"repairer": outside},
        holder=who or colleague(actor, UUID(actor.person_id)),
        place=paper.line(place, "place", 80, required=True), due_on=not_past(due_on, "due_on", now),
    )  # fmt: skip


@procedure("carriers.archive", requires=Role.SECRECY_OFFICE, clauses=("JM-4.2", "BMF-26.1"))
def archive(*, actor: Actor, now: datetime, numbers: tuple[str, ...], place: str, document_no: str) -> Moved:
    """Hand copies over to the archive; what is still secret was reviewed this year. 归档。

    Args:
        place: The archive.
        document_no: Of its receipt.
    Raises:
        Refused: ``archive.not_reviewed``.
    """
    rows = held(actor, now, "carriers.archive", numbers)
    verdict = None
    for matter in {row.matter_id: row.matter for row in rows}.values():
        verdict = archives.judge_review(matter, "closed", now)
        if verdict is not None:
            facts.require(verdict)
    where = paper.line(place, "place", 80, required=True)
    receipt = paper.line(document_no, "document_no", 80, required=True)
    return moved(
        "carriers.archive", rows, actor, now, verdict=verdict, document_no=receipt, holder=None, place=where,
        due_on=None, return_by=None,
    )  # fmt: skip
