"""工作秘密、商业秘密：who approves, what is read, the way to a state secret, and what ends with its day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Invalid, NotFound, Refused
from dingmi.procedures import carriers, determination, paper, shelf
from dingmi.procedures.frame import procedure
from dingmi.procedures.grading import REASON_LIMIT, decided, lock
from dingmi.procedures.personnel import Entered, require_text
from dingmi.procedures.sessions import end_sessions_of
from dingmi.procedures.terms import Delivered, Drafted, TextShown, Upload
from dingmi.queries import content, facts, grades, hidden, policy, standing
from dingmi.records.carriers.models import markable
from dingmi.records.ledger.append import append
from dingmi.records.matters.models import Matter, MatterFile
from dingmi.records.officers.models import Grader
from dingmi.records.organs.models import Person
from dingmi.records.vault import store
from dingmi.regime import judge
from dingmi.regime.kernel.grading import ApproverFacts, LiftFacts

BATCH = 200


@procedure(
    "grading.appoint", requires=(Role.HEAD,), step_up=True, waits_for_date=True, clauses=("GZ-s1", "SM-12", "SEED-25")
)
def appoint(
    *,
    actor: Actor,
    now: datetime,
    person: UUID,
    regime: str,
    max_level: str,
    instrument: str,
    until: datetime | None = None,
) -> Entered:
    """Appoint who may approve work or trade secrets, up to a level, in writing. 指定审批人。"""
    grades.require_regime(regime)
    if max_level not in grades.LEVELS[regime]:
        raise Invalid("input.invalid", (), fields={"max_level": "level.unknown"})
    if until is not None and until <= now:
        raise Invalid("input.invalid", (), fields={"until": "interval.empty"})
    if not Person.objects.filter(pk=person, organ=standing.home(), left_at__isnull=True).exists():
        raise NotFound("object.not_found")
    if grades.appointments(person, now).filter(regime=regime, max_level=max_level).exists():
        raise Refused("grade.appointed_already")
    row = Grader(person_id=person, regime=regime, max_level=max_level, since=now, until=until)
    row.instrument = require_text("instrument", instrument, 80)
    row.appointed_by = UUID(actor.person_id)
    row.save()
    end_sessions_of([person], now)
    data = {"regime": regime, "level": max_level}
    append(actor, "grading.appoint", subject=("person", person), at=now, data=data, rows=[row])
    return Entered(row.pk)


@procedure("grading.end_appointment", requires=(Role.HEAD,), step_up=True, clauses=("GZ-s1",))
def end_appointment(*, actor: Actor, now: datetime, appointment: UUID) -> Entered:
    """End an appointment; what was approved under it stands. 撤回指定。"""
    row = Grader.objects.select_for_update().filter(pk=appointment, ended_at__isnull=True).first()
    if row is None:
        raise NotFound("object.not_found")
    row.ended_at = now
    row.save()
    end_sessions_of([row.person_id], now)
    append(actor, "grading.end_appointment", subject=("person", row.person_id), at=now, rows=[row])
    return Entered(row.pk)


@procedure("grading.read", clauses=("GZ-s1", "SM-12"), replay=False)
def read(*, actor: Actor, now: datetime, matter: UUID) -> TextShown:
    """Open the text of a work or trade secret; the reading is recorded before it is shown. 查阅。"""
    row = grades.matter_for(actor, now, matter)
    append(actor, "grading.read", subject=("matter", row.pk), at=now, data={"level": row.level, "state": row.state})
    text, blocks = content.body(row)
    return TextShown(row.pk, content.title(row), text, blocks, grades.mark_now(row), row.level)


@procedure("grading.download", clauses=("GZ-s2", "SM-13", "NB-10"))
def download(*, actor: Actor, now: datetime, matter: UUID, prepared: dict[str, Any]) -> Delivered:
    """Hand out the marked copy with a watermark that names the reader. 下载。"""
    row = grades.matter_for(actor, now, matter)
    data = {"level": row.level, "file": prepared["file"], "hidden": prepared["hidden"]}
    append(actor, "grading.download", subject=("matter", row.pk), at=now, data=data)
    return Delivered(prepared["name"], prepared["content"], prepared["media"])


@download.prepare
def _watermarked(*, actor: Actor, now: datetime, matter: UUID) -> dict[str, Any]:
    """Put the reader's name and the time on a copy of the marked file."""
    row = grades.matter_for(actor, now, matter)
    found = hidden.current_file(row, "marked")
    if found is None:
        raise NotFound("file.none")
    return carriers.handed(actor, now, found, row.level)


@procedure("grading.convert", requires=(Role.DRAFTER,), step_up=True, clauses=("SM-11", "GZ-3"))
def convert(
    *, actor: Actor, now: datetime, matter: UUID, reason: str, expected_version: int, prepared: dict[str, Any]
) -> Drafted:
    """Start the statutory way to a state secret: a draft of one's own is made of it; its protection stays. 转国家秘密。

    The grade is lifted on the ground ``converted`` once an officer has determined the draft.
    """
    row = lock(actor, now, matter, expected_version, "graded")
    paper.block_of_text(reason, "reason", REASON_LIMIT, required=True)
    verdict = grades.judge_conversion(row, reason, now)
    facts.require(verdict)
    earlier = grades.draft_made_of(row)
    if earlier is not None and earlier.state in ("draft", "proposed", "referred", "active"):
        raise Refused("grade.converted_already")
    made: Drafted = determination.draft.function(
        actor=actor, now=now, upload=prepared["upload"], title=prepared["title"], prepared=prepared["draft"]
    )
    kept = decided(
        "grading.convert",
        row,
        actor,
        now,
        verdict=verdict,
        payload={"reason": reason},
        authority={"draft": str(made.matter)},
        tail=row.tail,
    )
    shelf.save(row, now)
    data = {"decision": kept.pk, "digest": kept.digest, "draft": made.matter, "version": row.version}
    append(actor, "grading.convert", subject=("matter", row.pk), at=now, data=data, rows=[kept, row], verdict=verdict)
    return made


@convert.prepare
def _draft(*, actor: Actor, now: datetime, matter: UUID, reason: str, expected_version: int) -> dict[str, Any]:
    """Read the original again, as a draft is read."""
    row = grades.matter_for(actor, now, matter)
    title = content.title(row)
    file = MatterFile.objects.filter(matter=row, role="original").select_related("stored").first()
    if file is None:
        upload = Upload(f"{title[:60]}.txt", content.body(row)[0].encode("utf-8"))
    else:
        upload = Upload(content.file_name(file, row.level), store.get(file.stored))
    prepare = determination.draft.preparer
    drafted = prepare(actor=actor, now=now, upload=upload, title=title) if prepare else {}
    return {"upload": upload, "title": title, "draft": drafted}


@dataclass(frozen=True)
class Ended:
    """How many grades ended with their day, how many are told of to end soon, and whether more are due."""

    ended: int
    reminded: int
    more: bool


@procedure("grading.lapse", requires=(Role.CLOCK,), clauses=("SM-14", "SEED-24"))
def lapse(*, actor: Actor, now: datetime, today: date) -> Ended:
    """End what has run out, provisional grades too; tell drafter and approver, then and a month before. 期满解除。"""
    rows = Matter.objects.select_for_update().filter(state="graded", regime=grades.TRADE)
    due = list(rows.filter(last_protected_day__lt=today).order_by("last_protected_day", "pk")[: BATCH + 1])
    for row in due[:BATCH]:
        asked = LiftFacts(now, "expired", ApproverFacts(is_principal=True))
        verdict = judge(row.regime, "grading.lift", asked, today)
        kept = decided("grading.lapse", row, actor, now, verdict=verdict, payload={"ground": "expired"}, tail=row.tail)
        shelf.save(row, now, state="lifted", released_at=now, release_ground="expired")
        markable(matter=row).update(remark_due=True)
        data = {"decision": kept.pk, "digest": kept.digest, "version": row.version}
        append(actor, "grading.lapse", subject=("matter", row.pk), at=now, data=data, rows=[kept, row], verdict=verdict)
        shelf.tell_scope(row, "graded.lapsed", now, register_no=row.register_no)
        shelf.tell(
            [p for p in (row.drafter_id, row.officer_id) if p], "graded.lapsed", row, now, register_no=row.register_no
        )
    shelf.end_limits([row.pk for row in due[:BATCH]], now)
    near = today + timedelta(days=policy.GRADE_LEAD_DAYS)
    reminded = 0
    for row in rows.filter(last_protected_day__range=(today, near)):
        people = [p for p in (row.drafter_id, row.officer_id) if p]
        reminded += shelf.tell_once(people, "graded.ends_soon", row, now, on=str(row.last_protected_day))
    data = {"today": today, "ended": len(due[:BATCH]), "reminded": reminded}
    append(actor, "grading.lapse", subject=("sweep", "grading.lapse"), at=now, data=data)
    return Ended(len(due[:BATCH]), reminded, len(due) > BATCH)
