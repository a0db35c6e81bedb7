"""A case of the generated corpus brought about on a real database and performed by acts (``tests/regime/oracle``).

What a case says of organ, officer, item and matter is written as the records that the acts themselves would read; what
it says of the terms goes into the acts. The instant is that of the story. Nothing here knows what the law answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import models, transaction

from dingmi.procedures.terms import Scope, SourceIn
from dingmi.queries import facts as read
from dingmi.queries import standing
from dingmi.queries.terms import Answers
from dingmi.records.guides.models import GuideEdition, GuideItem
from dingmi.records.ledger.append import append
from dingmi.records.ledger.guard import act_open
from dingmi.records.matters.life import CentralApproval, Consultation, CoOrgan
from dingmi.records.matters.models import Matter, ScopeEntry
from dingmi.records.officers.models import Delegation, Designation, Officer, Qualification, Suspension, Training
from dingmi.records.organs.models import Clearance, Organ
from dingmi.regime.prc_state.levels import covers
from tests.story import ZONE, Story

PEOPLE = {
    "p3": "officer2",
    "p4": "drafter2",
    "p9": "lapsed",
    "stranger": "outsider",
}  # who else is named, is the secrecy office
BASES = {"绝密": "11", "机密": "7", "秘密": "3"}  # items of a matter in force of each level
WHY = "泄露后会使供水设施安全受到严重损害。"
LONG_AGO = timedelta(days=900)
SOURCES = 3  # at most, of one derived matter


class Enactment:
    """A house with a matter in force at every level; each case is taken back after it was performed."""

    def __init__(self, story: Story) -> None:
        self.story, self.now = story, story.later(hours=1).now
        for user in ("drafter", "officer"):
            story.clear(user, "绝密")
        self.now = story.later(hours=1).now
        self.at = self.now.replace(tzinfo=None)
        with self._staging():
            self._write(story.home, tier="provincial")
            self._designated("officer", "绝密")
            others = [Organ(name=f"某协办机关{n}", short_name=f"协办{n}", tier="other") for n in range(5)]
            for organ in others:
                organ.save()
        self.others = others
        self.bases = {
            level: [story.approved(answers=story.answers(item, tail="5年")) for _ in range(SOURCES)]
            for level, item in BASES.items()
        }
        with self._staging():
            for row in Delegation.objects.filter(grantee=story.home):
                self._write(row, until=self.now - timedelta(days=1))

    @contextmanager
    def case(self) -> Iterator[None]:
        """Take back what is done inside."""
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
        self.story.home.refresh_from_db()

    def perform(self, kind: str, case: Any) -> None:
        """Bring a case about and perform it, whole: the proposal and the decision.

        Raises:
            DingmiError: One of the acts refused.
        """
        {
            "proposal": self._proposed,
            "approval": self._approved,
            "derivation": self._derived,
            "derived approval": self._derived_and_approved,
            "extension": self._extended,
            "change": self._changed,
            "release": self._released,
        }[kind](case)

    # the acts

    def _proposed(self, case: Any) -> UUID:
        self._trained("drafter", case.drafter.trained_until)
        return self._propose("drafter", case, case.has_reasons)

    def _approved(self, case: Any) -> None:
        drafter, officer = self._hands(case)
        self._organ(case.organ)
        matter = self._propose(drafter, case, co_organs=case.co_organs, issuer=case.issuer)
        with self._staging():
            for organ in self.others[: case.co_organs_consulted]:
                self._heard(matter, organ, "joint")
        self._officer(officer, case.officer)
        self.story.approve(matter, officer)

    def _derived(self, case: Any) -> UUID:
        self._trained("drafter", case.drafter.trained_until)
        return self._derive("drafter", case, case.trigger)

    def _derived_and_approved(self, case: Any) -> None:
        drafter, officer = self._hands(case)
        self._organ(case.organ)
        sound = tuple(
            replace(s, is_released=False, last_protected_day=max(s.last_protected_day, self.at.date()))
            for s in case.sources
        )
        matter = self._derive(drafter, replace(case, sources=sound), "rework")
        self._sources(case.sources)
        self._officer(officer, case.officer)
        given = {"level": case.terms.level, "tail": case.terms.tail, "scope": self._scope(case.terms), "item": None}
        self._on(officer, "determination.change_and_approve", matter, reason=WHY, **given)

    def _derive(self, drafter: str, case: Any, trigger: str) -> UUID:
        named = self._sources(case.sources)
        matter = self.story.drafted(drafter)
        given = {"sources": named, "trigger": trigger, "scope": self._scope(case.terms), "reasons": WHY}
        self._on(drafter, "derivation.propose", matter, **given)
        return matter

    def _sources(self, sources: Any) -> tuple[SourceIn, ...]:
        """Write matters in force as the sources of a case."""
        left, made = {level: iter(held) for level, held in self.bases.items()}, []
        for source in sources:
            row = Matter.objects.get(pk=next(left[source.level]))
            with self._staging():
                if source.is_released:
                    row.state = "declassified"
                if not source.drafter_may_know:
                    row.drafter_id = self.story.people["head"]
                day = source.last_protected_day
                row.last_protected_day, row.declassified_from = day, day + timedelta(days=1)
                row.save()
                self._admit(row, self._scope(source if source.drafter_may_know else replace(source, departments=())))
                self._vouch(row)
            made.append(SourceIn(matter=row.pk, consent=source.has_consent))
        return tuple(made)

    def _extended(self, case: Any) -> None:
        drafter, officer = self._hands(case)
        self._organ(case.organ)
        item = self._item(case.item)
        matter = self._in_force(case, case.current, case.starts_on, case.last_protected_day, item, officer)
        if case.has_central_approval:
            with self._staging():
                self._leave(matter, "extend", case.terms.level, read.tail(case.terms.tail).text)
        given = {"level": case.terms.level, "tail": case.terms.tail, "scope": self._scope(case.terms)}
        self._officer(officer, case.officer)
        self.story.review(matter, "extend", drafter, reason=WHY if case.has_reasons else "", **given)
        self._on(officer, "change.extend", matter, reason="仍需保护。")

    def _changed(self, case: Any) -> None:
        drafter, officer = self._hands(case)
        self._organ(case.organ)
        matter = self._in_force(case, case.current, case.starts_on, None, None, officer)
        given = {
            "level": case.terms.level,
            "tail": case.terms.tail,
            "scope": self._scope(case.terms),
            "item": self._item(case.item).pk,
            "ground": case.ground,
            "reason": WHY,
        }
        self._officer(officer, self._reading(case.officer, case.terms.level, case.current.level))
        self._on(drafter, "change.propose", matter, **given)
        self._on(officer, "change.change", matter, opinion=WHY)

    def _released(self, case: Any) -> None:
        drafter, officer = self._hands(case)
        tails = {"period": "5年", "date": "2039年1月1日", "event": "启用前", "indefinite": "长期"}
        matter = self._in_force(case, None, self.now.date(), None, None, officer, tail=tails[case.tail_kind])
        with self._staging():
            for n in range(case.co_organs):
                CoOrgan(matter_id=matter, organ=self.others[n], since=self.now).save()
                if n < case.co_organs_consulted:
                    self._heard(matter, self.others[n], "release")
            if case.has_central_approval:
                self._leave(matter, "release", "秘密", "")
        if case.is_challenged:
            said = {"position": "level", "level": "机密", "reasons": WHY, "challenger": self.story.province.pk}
            self._on("officer", "challenge.raise", matter, **said)
        self._officer(officer, case.officer)
        self.story.review(matter, "release", drafter, reason=WHY if case.has_reasons else "", ground=case.ground)
        number = self.story.matter(matter).register_no
        self._on(officer, "declassification.release", matter, reason="公开无害。", confirm=number)

    def _on(self, user: str, act: str, matter: UUID, **given: Any) -> Any:
        return self.story.act(user, act, matter=matter, expected_version=self.story.version(matter), **given)

    def _propose(
        self, drafter: str, case: Any, has_reasons: bool = True, *, co_organs: int = 0, issuer: str = ""
    ) -> UUID:
        matter = self.story.drafted(drafter)
        answers = Answers(
            item=self._item(case.item).pk if case.item else None,
            level=case.terms.level,
            tail=case.terms.tail,
            scope=self._scope(case.terms),
            reasons=WHY if has_reasons else "",
            bars=dict(case.bars),
            longer_reason="本件涉及在用设施。",
            confirmed=("item", "reuse", "terms", "scope"),
        )
        self.story.fill(matter, answers, drafter)
        if co_organs or issuer:
            named = {"co_organs": tuple(o.pk for o in self.others[:co_organs])}
            self._on(drafter, "consultation.join", matter, **named, issuer=self.story.province.pk if issuer else None)
        self.story.propose(matter, drafter)
        return matter

    @staticmethod
    def _reading(officer: Any, decided: str, held: str) -> Any:
        """Return an officer cleared for what a matter is now where he is for what it becomes: nobody decides what he may not read."""
        if not covers(officer.clearance, decided) or covers(officer.clearance, held):
            return officer
        return replace(officer, clearance=held)

    def _hands(self, case: Any) -> tuple[str, str]:
        """Return who drafts and who decides: the principal where the case has an officer by law."""
        alone = case.officer.person == case.drafter
        officer = (
            "head" if case.officer.kind == "statutory" and case.officer.tier != "assistant" and not alone else "officer"
        )
        return (officer if alone else "drafter"), officer

    # the records

    @contextmanager
    def _staging(self) -> Iterator[None]:
        with transaction.atomic(), act_open("test.stage"):
            yield

    def _write(self, row: models.Model, **changes: Any) -> None:
        for name, value in changes.items():
            setattr(row, name, value)
        row.save()

    def _aware(self, at: datetime | None) -> datetime | None:
        return at.replace(tzinfo=ZONE) if at else None

    def _scope(self, terms: Any) -> Scope:
        organs = tuple(self.story.province.pk for _ in terms.organs)
        departments = tuple(self.story.department for _ in terms.departments)
        return Scope(tuple(self.story.people[PEOPLE.get(p, "secrecy")] for p in terms.persons), departments, organs)

    def _item(self, item: Any) -> GuideItem:
        """Write an item as the only one of an edition of its own."""
        since = max(item.since, date(2020, 1, 1)) if item.since else date(2020, 1, 1)
        span: dict[str, Any] = {"since": since, "until": item.until, "imported_at": self.now}
        with self._staging():
            names = {"code": "SW-CASE", "title": "示例", "owner": "虚构机关", "edition": "1", "digest": "0" * 64}
            edition = GuideEdition(**names, **span)
            edition.save()
            words = {"level": item.level, "tail": item.tail, "matter_code": item.matter_code, "text": "供水管网节点"}
            made = GuideItem(edition=edition, number="1", order=1, **words)
            made.save()
        return made

    def _organ(self, organ: Any) -> None:
        with self._staging():
            self._write(self.story.home, tier=organ.tier)
            for held in organ.delegations:
                Delegation(
                    grantor=self.story.province, grantee=self.story.home, instrument=held.instrument,
                    max_level=held.max_level, matters=list(held.matters), since=self._aware(held.since),
                    until=self._aware(held.until), revoked_at=self._aware(held.revoked_at),
                ).save()  # fmt: skip

    def _trained(self, user: str, until: datetime | None) -> None:
        person = self.story.people[user]
        with self._staging():
            for row in Training.objects.filter(person=person):
                self._write(row, voided_at=self.now - timedelta(days=1))
            if until is not None:
                made = {"course": "定密培训", "minutes": 480, "completed_at": self.now - LONG_AGO}
                Training(person_id=person, valid_until=self._aware(until), **made).save()

    def _designated(self, user: str, level: str, **more: Any) -> None:
        given = {"instrument": "委托书", "max_level": level, "matters": ["*"], "since": self.now - LONG_AGO, **more}
        held = Officer.objects.get(person=self.story.people[user])
        for row in Designation.objects.filter(officer=held):
            self._write(row, ended_at=self.now - timedelta(days=1))
        Designation(officer=held, designated_by=self.story.people["head"], **given).save()

    def _officer(self, user: str, case: Any) -> None:
        """Write an officer as the case has him."""
        person = self.story.people[user]
        self._trained(user, case.trained_until)
        if case.clearance and case.clearance != standing.clearance(person, self.now):
            self.story.clear(user, case.clearance)
        held = Officer.objects.get(person=person)
        with self._staging():
            if not case.clearance:
                for row in Clearance.objects.filter(person=person):
                    self._write(row, until=self.now)
            span = {"since": self._aware(case.since), "until": self._aware(case.until)}
            if user == "head":
                self._write(Designation.objects.get(officer=held), **span)
            elif not case.kind:
                for row in Designation.objects.filter(officer=held):
                    self._write(row, ended_at=self.now - timedelta(days=1))
            else:
                level = case.max_level if case.kind == "designated" else "绝密"
                self._designated(user, level, matters=list(case.matters), may_derive=case.may_derive, **span)
                self._write(held, tier=case.tier)
            if case.qualification is not None:
                lasts = self.now + LONG_AGO if case.qualification else self.now - timedelta(days=1)
                grade = {"grade": case.qualification or "秘密", "certificate": "证1", "since": self.now - LONG_AGO}
                Qualification(person_id=person, until=lasts, **grade).save()
            if case.is_suspended:
                Suspension(officer=held, ground="inquiry", since=self.now - timedelta(days=1)).save()

    def _in_force(
        self,
        case: Any,
        terms: Any,
        starts_on: date,
        last: date | None,
        item: GuideItem | None,
        officer: str,
        tail: str = "",
    ) -> UUID:
        """Write a matter in force as the case has it; the log vouches for it."""
        matter = self.bases[terms.level if terms else "秘密"][0]
        row = Matter.objects.get(pk=matter)
        text = tail or terms.tail
        known = read.tail(text)
        window = read.dates(row.level, known.text, starts_on)
        end = last or window.last_protected_day
        with self._staging():
            row.tail, row.tail_kind, row.starts_on, row.state = known.text, known.kind, starts_on, case.state
            row.last_protected_day, row.declassified_from = end, end + timedelta(days=1) if end else None
            row.officer_id = self.story.people[officer]  # who decided it knows it
            if item is not None:
                row.item = item
            if not case.is_ours:
                row.organ = self.story.province
            row.save()
            if terms is not None:
                self._admit(row, self._scope(terms))
            self._vouch(row)
        return matter

    def _admit(self, row: Matter, scope: Scope) -> None:
        for entry in ScopeEntry.objects.filter(matter=row, until__isnull=True):
            self._write(entry, until=self.now)
        for person in scope.persons:
            ScopeEntry(matter=row, person_id=person, basis="case", since=self.now).save()
        for department in scope.departments:
            ScopeEntry(matter=row, department_id=department, basis="case", since=self.now).save()

    def _vouch(self, row: Matter) -> None:
        append(self.story.actor("officer"), "test.stage", subject=("matter", row.pk), at=self.now, rows=[row])

    def _heard(self, matter: UUID, organ: Organ, kind: str) -> None:
        asked = {"asked_at": self.now - timedelta(days=9), "asked_by_id": self.story.people["drafter"], "level": "秘密"}
        answered = {"answer": "agrees", "answered_on": self.now.date(), "answered_at": self.now}
        Consultation(matter_id=matter, organ=organ, kind=kind, document_no="函", **asked, **answered).save()

    def _leave(self, matter: UUID, kind: str, level: str, tail: str) -> None:
        asked = {"requested_at": self.now - timedelta(days=9), "requested_by_id": self.story.people["drafter"]}
        given = {"granted": True, "answered_at": self.now, "document_no": "复", "decided_on": self.now.date()}
        CentralApproval(
            matter_id=matter, kind=kind, authority="规定机关", level=level, tail=tail, **asked, **given
        ).save()
