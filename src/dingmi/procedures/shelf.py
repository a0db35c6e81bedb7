"""What the acts of a matter's life share in writing: lock, level, number, scope, index, counters, notices."""

from __future__ import annotations

import collections
import json
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F

from dingmi.base.actor import Actor
from dingmi.base.errors import Conflict, Refused
from dingmi.engines.suggest import copies
from dingmi.queries import access, content, contested, facts, limits, lineage, numbers, policy, search, standing
from dingmi.queries.terms import Answers, Scope
from dingmi.records.ledger.guard import owe
from dingmi.records.ledger.tree import canonical, sm3
from dingmi.records.matters.assist import KeptImprint
from dingmi.records.matters.models import (
    Comment,
    Counter,
    Knowledge,
    Matter,
    MatterFile,
    MatterText,
    Posting,
    Referral,
    ReviewTask,
    ScopeEntry,
    Series,
    SketchCode,
    SourceLink,
)
from dingmi.records.notices.models import Deadline, Notice
from dingmi.records.organs.models import Person
from dingmi.records.vault import store
from dingmi.regime import states
from dingmi.regime.prc_state.life import review_due, reviewed_from

INTERNAL = "内部"
TITLE_LIMIT = 200  # characters
ENDED = ("voided", "declassified")


def lock(actor: Actor, now: datetime, matter: UUID, expected_version: int, *needed: str) -> Matter:
    """Return the row of a matter, locked for this act.

    Args:
        needed: The states in which the act is possible; any when none is given.
    Raises:
        NotFound: There is no such matter, or the actor may not know of it.
        Conflict: ``version.stale``: someone changed it meanwhile.
        Refused: What its state stands in the way of, with the clause (``regime/states.toml``).
    """
    access.matter_for(actor, now, matter)
    row: Matter = Matter.objects.select_for_update().get(pk=matter)
    if row.version != expected_version:
        raise Conflict("version.stale", (), expected=expected_version, found=row.version)
    if needed and row.state not in needed:
        raise in_the_way(row, now)
    return row


def in_the_way(row: Matter, now: datetime) -> Refused:
    """Return the refusal of an act that the state of a matter does not allow: what holds of it, why, what to do, who can."""
    return Refused.of((states.in_the_way(row.regime, row.state, now.date()),))


def count(matter: Matter, step: int) -> None:
    """Add ``step`` to the maintained count of the matter's department, level, state and origin."""
    place = {
        "department_id": matter.department_id,
        "level": matter.level,
        "state": matter.state,
        "origin": matter.origin,
    }
    if not Counter.objects.filter(**place).update(value=F("value") + step):
        Counter.objects.create(**place, value=step)


def move_counts(matters: Iterable[Matter], state: str) -> None:
    """Move the maintained counts of ``matters``, not yet written, to ``state``: one update a place."""
    places = collections.Counter((m.department_id, m.level, m.origin, m.state) for m in matters)
    for (department, level, origin, old), number in places.items():
        place = {"department_id": department, "level": level, "origin": origin}
        for now_state, step in ((old, -number), (state, number)):
            if not Counter.objects.filter(**place, state=now_state).update(value=F("value") + step):
                Counter.objects.create(**place, state=now_state, value=step)


def save(matter: Matter, now: datetime, **changes: Any) -> None:
    """Write ``changes`` to the row of a matter, moving it between counters and raising its version."""
    count(matter, -1)
    for name, value in changes.items():
        setattr(matter, name, value)
    matter.version += 1
    matter.changed_at = now
    matter.save()
    count(matter, +1)


def reindex(matter: Matter, title: str, doc_number: str) -> None:
    """Rebuild the blind bigrams of a matter under the index key of its level."""
    Posting.objects.filter(matter=matter).delete()
    found = search.tokens(matter.level, (title, doc_number, matter.register_no or ""))
    Posting.objects.bulk_create(
        [Posting(level=matter.level, token=token, matter=matter) for token in sorted(found)], batch_size=500
    )


def resketch(matter: Matter, text: str) -> None:
    """Rebuild the codes by which an edited copy of a marked text is known, under the index key of the matter's level."""
    SketchCode.objects.filter(matter=matter).delete()
    codes = store.sketch_codes(matter.level, copies.sketch(text))
    SketchCode.objects.bulk_create([SketchCode(level=matter.level, code=code, matter=matter) for code in sorted(codes)])


def index_new(matters: Iterable[tuple[Matter, tuple[str, ...]]]) -> None:
    """Index many new matters by their texts; index rows are ids and codes, so they go in without an object each."""
    field = Posting._meta.get_field("matter")
    rows = [
        (matter.level, token, field.get_db_prep_value(matter.pk, connection))
        for matter, texts in matters
        for token in sorted(search.tokens(matter.level, texts))
    ]
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO matters_posting (level, token, matter_id) VALUES (%s, %s, %s)", rows)


def move_to_level(matter: Matter, level: str, now: datetime) -> None:
    """Bring every encrypted field, file and index entry of a matter under the keys of ``level`` (not saved here).

    While a challenge is open, never below the highest level asserted in one (TL-26.3); what was determined is kept beside.
    Immutable records keep the key that their own ``level`` names.
    """
    wanted, level = level, contested.held(matter, level)
    matter.determined_level = wanted if wanted != level else ""
    if level == matter.level:
        return
    old = matter.level
    title, number = content.title(matter), content.doc_number(matter)
    fill = content.opened(matter, "fill_ct", old)
    matter.title_ct = content.sealed(matter, "title_ct", level, title)
    matter.doc_number_ct = content.sealed(matter, "doc_number_ct", level, number)
    matter.fill_ct = content.sealed(matter, "fill_ct", level, fill)
    for body in MatterText.objects.filter(matter=matter):
        body.text_ct = content.sealed(body, "text_ct", level, content.opened(body, "text_ct", old))
        body.blocks_ct = content.sealed(body, "blocks_ct", level, content.opened(body, "blocks_ct", old))
        body.save()
    moved = _move_files(matter, level, now)
    for link in SourceLink.objects.filter(matter=matter).exclude(external_ct=b""):
        link.external_ct = content.sealed(link, "external_ct", level, content.opened(link, "external_ct", old))
        link.save()
    for comment in Comment.objects.filter(matter=matter):
        comment.words_ct = content.sealed(comment, "words_ct", level, content.opened(comment, "words_ct", old))
        comment.save()
        if comment.published_at is not None:  # one that is held may be taken back
            owe(comment)
    for sent in Referral.objects.filter(matter=matter):
        if sent.opinion_ct:
            sent.opinion_ct = content.sealed(sent, "opinion_ct", level, content.opened(sent, "opinion_ct", old))
        sent.letter_id = moved.get(sent.letter_id, sent.letter_id)
        sent.save()
        owe(sent)
    count(matter, -1)
    matter.level = level
    matter.save()
    count(matter, +1)
    KeptImprint.objects.filter(matter=matter).delete()
    reindex(matter, title, number)
    if SketchCode.objects.filter(matter=matter).exists():
        resketch(matter, content.body(matter)[0])


def _move_files(matter: Matter, level: str, now: datetime) -> dict[UUID | None, UUID]:
    """Seal the files of a matter and their names anew at ``level``; return the object of each by the one it had.

    The objects they had are named by nothing any more: ``old_copies`` destroys them.
    """
    moved: dict[UUID | None, UUID] = {}
    for file in MatterFile.objects.filter(matter=matter).select_related("stored"):
        was = file.stored
        file.name_ct = content.sealed(file, "name_ct", level, content.opened(file, "name_ct", matter.level))
        file.stored = store.put(level, store.get(was), kind=was.kind, media=was.media, at=now)
        file.save()
        moved[was.pk] = file.stored.pk
    return moved


def next_number(matter: Matter, level: str, year: int, series: str = "") -> str:
    """Give the next register number of the matter's unit, level and year; the row of the series is locked.

    Args:
        series: Stands after the unit code where a matter is not numbered among our own.
    """
    unit = standing.home().unit_code + series
    place: dict[str, Any] = {"unit": unit, "letter": numbers.letter(level), "year": year}
    row, _ = Series.objects.select_for_update().get_or_create(**place)
    row.last += 1
    row.save()
    return numbers.spelled(unit, level, year, row.last)


def open_scope(matter: Matter, scope: Scope, basis: str, now: datetime, until: datetime | None = None) -> int:
    """Add whoever ``scope`` names and is not yet admitted; return how many entries were added."""
    held = set(
        ScopeEntry.objects.filter(matter=matter, until__isnull=True).values_list("person", "department", "organ")
    )
    wanted = (
        [(p, None, None) for p in scope.persons]
        + [(None, d, None) for d in scope.departments]
        + [(None, None, o) for o in scope.organs]
    )
    added = [place for place in dict.fromkeys(wanted) if place not in held]
    ScopeEntry.objects.bulk_create(
        [
            ScopeEntry(matter=matter, person_id=p, department_id=d, organ_id=o, basis=basis, since=now, until=until)
            for p, d, o in added
        ]
    )
    return len(added)


def close_scope(matter: Matter, keep: Scope, now: datetime) -> None:
    """End every admission that ``keep`` does not name."""
    for entry in ScopeEntry.objects.filter(matter=matter, until__isnull=True):
        kept = (
            entry.person_id in keep.persons or entry.department_id in keep.departments or entry.organ_id in keep.organs
        )
        if not kept:
            entry.until = now
            entry.save()


def people_in(matter: Matter, now: datetime) -> list[UUID]:
    """Return the persons of our organ that the scope of ``matter`` admits at ``now`` and no conflict bars."""
    entries = ScopeEntry.objects.filter(matter=matter, since__lte=now).exclude(until__lte=now)
    persons = {e.person_id for e in entries if e.person_id}
    departments = [e.department_id for e in entries if e.department_id]
    organs = [e.organ_id for e in entries if e.organ_id]
    staff = Person.objects.filter(left_at__isnull=True)
    persons |= set(staff.filter(department_id__in=departments).values_list("pk", flat=True))
    persons |= set(staff.filter(organ_id__in=organs).values_list("pk", flat=True))
    return sorted(persons - standing.barred(matter), key=str)


def tell(
    persons: Iterable[UUID], code: str, matter: Matter, now: datetime, *, acknowledge: bool = False, **params: Any
) -> int:
    """Queue one notice for each person whom no conflict bars: a code and ids, never text (SR-30); return how many."""
    barred = standing.barred(matter)
    made = [
        Notice(
            person_id=person,
            code=code,
            matter_id=matter.pk,
            params=params,
            must_acknowledge=acknowledge,
            created_at=now,
        )
        for person in dict.fromkeys(persons)
        if person not in barred
    ]
    Notice.objects.bulk_create(made)
    return len(made)


def tell_once(persons: Iterable[UUID], code: str, matter: Matter, now: datetime, **params: Any) -> int:
    """Queue a notice for each person who was not yet told the same of this matter; return how many."""
    told = set(Notice.objects.filter(matter_id=matter.pk, code=code, params=params).values_list("person", flat=True))
    return tell([p for p in persons if p not in told], code, matter, now, **params)


def tell_scope(matter: Matter, code: str, now: datetime, *, acknowledge: bool = True, **params: Any) -> int:
    """Queue a notice for everyone in scope, ours by person and others by organ; return how many."""
    told = tell(people_in(matter, now), code, matter, now, acknowledge=acknowledge, **params)
    organs = (
        ScopeEntry.objects.filter(matter=matter, organ__isnull=False, organ__is_home=False)
        .exclude(until__lte=now)
        .values_list("organ", flat=True)
    )
    made = [
        Notice(
            organ_id=organ,
            code=code,
            matter_id=matter.pk,
            params=params,
            must_acknowledge=acknowledge,
            created_at=now,
        )
        for organ in dict.fromkeys(organs)
    ]
    Notice.objects.bulk_create(made)
    return told + len(made)


def know(matter: Matter, person: UUID, what: str, now: datetime, purpose: str = "") -> None:
    """Record that a person learned a matter (TL-20)."""
    Knowledge.objects.create(matter=matter, person_id=person, what=what, purpose=purpose, at=now)


def sealed_payload(payload: dict[str, Any]) -> tuple[str, str]:
    """Return the canonical text of a payload and its SM3 digest: what a person signs."""
    text = canonical(payload)
    return text, sm3(text.encode("utf-8")).hex()


def plain_json(value: Any) -> str:
    """Return ``value`` as compact JSON text."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def open_task(matter: Matter, kind: str, year: int, opened: date, due: date) -> ReviewTask:
    """Open one review task; a task of the same matter, kind and year is only moved while it is undone."""
    task: ReviewTask
    task, made = ReviewTask.objects.get_or_create(
        matter=matter,
        kind=kind,
        year=year,
        defaults={"opened_on": opened, "due_on": due, "remind_on": policy.first_reminder(kind, opened, due)},
    )
    if not made and task.done_at is None and task.due_on != due:
        task.due_on, task.remind_on = due, policy.first_reminder(kind, opened, due)
        task.save()
    return task


def schedule_expiry(matter: Matter, now: datetime) -> None:
    """Open the review before expiry of a matter with a last protected day, and set its deadline."""
    ReviewTask.objects.filter(matter=matter, kind="expiry", done_at__isnull=True).delete()
    Deadline.objects.filter(matter_id=matter.pk, name="expiry", done_at__isnull=True).delete()
    last = matter.last_protected_day
    if last is None:
        return
    today = now.date()
    opened = max(today, last - timedelta(days=policy.EXPIRY_LEAD_DAYS[0]))
    task = open_task(matter, "expiry", last.year, opened, last)
    if task.done_at is not None:
        ReviewTask.objects.filter(pk=task.pk).update(
            done_at=None, outcome="", opened_on=opened, due_on=last, remind_on=opened
        )
    Deadline.objects.create(matter_id=matter.pk, name="expiry", clause="BMF-24.2a", starts_on=today, due_on=last)


def limit_proposal(matter: Matter, now: datetime, act: str = "") -> None:
    """Let the limit of policy run by which what ``act`` proposes is decided; without one, end it: decided, returned, referred.

    What is proposed about a matter in force is to be decided before its protection ends, if that comes first.
    """
    end_limit(matter, now, *limits.WAITING)
    if name := limits.PROPOSED.get((matter.regime, act)):
        today = now.date()
        found = limits.limit(name, today)
        last = matter.last_protected_day if matter.state in ("active", "graded") else None
        due = max(today, min(found.due_on, last)) if found.due_on and last else found.due_on
        start_limit(matter, name, today, limits.Limit(due, found.clause))


def start_limit(matter: Matter, name: str, today: date, limit: limits.Limit) -> None:
    """Let a limit of policy run from ``today`` on."""
    Deadline.objects.create(
        matter_id=matter.pk, name=name, clause=limit.clause, is_policy=True, starts_on=today, due_on=limit.due_on
    )


def end_limit(matter: Matter, now: datetime, *names: str) -> None:
    """End the limits of these names that run."""
    Deadline.objects.filter(matter_id=matter.pk, name__in=names, done_at__isnull=True).update(done_at=now)


def limit_referral(matter: Matter, answers: Answers, actor: Actor, now: datetime) -> None:
    """Let the limit run by which what is above our authority is referred, from the day it came up; end it where nothing is.

    Args:
        answers: What was filled in or proposed, for us to determine: derivation needs no authority (GD-11.3).
    """
    if facts.beyond_authority(matter, answers, actor, now) is None:
        end_limit(matter, now, limits.REFERRAL)
    elif not Deadline.objects.filter(matter_id=matter.pk, name=limits.REFERRAL, done_at__isnull=True).exists():
        start_limit(matter, limits.REFERRAL, now.date(), limits.limit(limits.REFERRAL, now.date()))


OUTLIVING = ("appraisal", "appraisal_reply", "return_by")  # limits that run on when protection ends


def end_limits(matters: Iterable[UUID], now: datetime) -> None:
    """End the limits that protection alone kept running."""
    running = Deadline.objects.filter(matter_id__in=list(matters), done_at__isnull=True)
    running.exclude(name__in=OUTLIVING).update(done_at=now)


def open_reviews(matter: Matter, now: datetime) -> None:
    """Open the yearly review of this year, unless policy counts the decision itself as the review, and the one before expiry."""
    today = now.date()
    if standing.answers_for(matter).is_home and today < reviewed_from(today.year):
        open_task(matter, "annual", today.year, today, review_due(today.year))
    schedule_expiry(matter, now)


def close_reviews(matter: Matter, now: datetime, outcome: str, kinds: tuple[str, ...]) -> int:
    """Close the open reviews of ``kinds``, this year's only for yearly ones; return how many.

    What a source prompted is closed together with what a new edition of a guide or a challenge prompted.
    """
    kinds = (*kinds, "guide", "dispute") if "source" in kinds else kinds
    tasks = ReviewTask.objects.filter(matter=matter, kind__in=kinds, done_at__isnull=True, year__lte=now.year)
    if "expiry" in kinds:
        tasks = tasks | ReviewTask.objects.filter(matter=matter, kind="expiry", done_at__isnull=True)
    return int(tasks.update(done_at=now, outcome=outcome))


def tell_derived(matter: Matter, now: datetime, code: str) -> int:
    """Open a change task on every descendant of ``matter``, at any depth, and tell its drafter and officer (PS-13?).

    The descendants are the closure of the derivation graph; one already told and done this year is opened again.
    """
    found = list(lineage.descendants(matter.pk))
    rows = [
        row
        for first in range(0, len(found), lineage.FRONTIER)
        for row in Matter.objects.filter(
            pk__in=found[first : first + lineage.FRONTIER], state__in=("active", "proposed", "referred")
        )
    ]
    prompt(rows, "source", now.date())
    for row in rows:
        people = [p for p in (row.drafter_id, row.officer_id) if p]
        tell(people, code, row, now, acknowledge=True, source=str(matter.pk))
    return len(rows)


def prompt(rows: list[Matter], kind: str, today: date) -> None:
    """Open a task of this year on each matter because something else changed; one that was done is opened again.

    Args:
        kind: ``source`` (a source changed), ``guide`` (a new edition touches it) or ``dispute`` (a challenge was upheld).
    """
    place: dict[str, Any] = {"kind": kind, "year": today.year}
    for first in range(0, len(rows), lineage.FRONTIER):
        part = rows[first : first + lineage.FRONTIER]
        held = ReviewTask.objects.filter(matter__in=part, **place)
        known = set(held.values_list("matter_id", flat=True))
        held.filter(done_at__isnull=False).update(done_at=None, outcome="", opened_on=today)
        held.update(due_on=today)
        ReviewTask.objects.bulk_create(
            [ReviewTask(matter=row, opened_on=today, due_on=today, **place) for row in part if row.pk not in known]
        )


def open_source_tasks(row: Matter, now: datetime) -> int:
    """Open a change task for the day after each source ends before the derived matter does (E17)."""
    made = 0
    last: date | None = row.last_protected_day
    ends: dict[int, date] = {}
    for link in SourceLink.objects.filter(matter=row, last_protected_day__isnull=False):
        if last is None or link.last_protected_day < last:
            released = link.last_protected_day + timedelta(days=1)
            ends[released.year] = min(released, ends.get(released.year, released))
    for year, released in sorted(ends.items()):
        open_task(row, "source", year, now.date(), released)
        made += 1
    return made
