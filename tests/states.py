"""Every state of a matter and every act on one: what is allowed, and with which finding the rest is refused (SR-56).

The table is ``tests/procedures/states.toml``, written from what the acts do and read by people: a line that changes is a change of
what this house holds lawful.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import DingmiError
from dingmi.procedures import ACTS
from dingmi.procedures.frame import Act
from dingmi.procedures.terms import Scope, SourceIn, Upload
from dingmi.queries.grades import GradeTerms
from dingmi.records.matters.models import ClassifiedPoint, Comment
from tests.story import TEXT, Story, docx_of

HOW = "DINGMI_STATES=write pytest -m deep tests/procedures/test_states.py, and read what changed"
ALLOWED = "allowed"
USERS = {
    Role.DRAFTER: "drafter",
    Role.OFFICER: "officer",
    Role.HEAD: "head",
    Role.SECRECY_OFFICE: "secrecy",
}
ANYONE = ("drafter", "head", "secrecy")  # where an act asks for no role
OBJECTS = ("matter", "matters", "challenge", "consultation", "approval", "correction", "appraisal_id")
UNKNOWN = "object.not_found"
OTHERS = ("application.known_already", "grade.not_appointed", "grade.not_appointed + grade.same_person")
WORDS = "照此办理。"
Given = dict[str, Any]


@dataclass
class Case:
    """A matter in one state, and what hangs on it by the name of the parameter that takes it."""

    story: Story
    matter: UUID
    parts: dict[str, UUID] = field(default_factory=dict)

    @property
    def today(self) -> Any:
        """The day of the story."""
        return self.story.now.date()

    def act(self, user: str, name: str, **params: Any) -> Any:
        """Perform an act on the matter."""
        return self.story.act(
            user, name, matter=self.matter, expected_version=self.story.version(self.matter), **params
        )


# The states. Each is reached by acts alone.


def draft(story: Story) -> Case:
    return Case(story, story.filled(answers=story.answers(tail="8年", scope=known(story))))


def known(story: Story) -> Scope:
    return story.scope("drafter", "officer", "officer2", "head")


def pointed(story: Story) -> Case:
    made = draft(story)
    given: Given = {"start": 0, "end": 4, "level": "机密", "tail": "8年", "item": story.item().pk}
    made.act("drafter", "points.mark", **given)
    made.parts["point"] = ClassifiedPoint.objects.get(matter=made.matter).pk
    return made


def beyond(story: Story) -> Case:
    return Case(story, story.filled(answers=story.answers("11", scope=known(story))))


def unfitting(story: Story) -> Case:
    return Case(story, story.filled(answers=replace(story.answers(scope=known(story)), item=None)))


def commented(story: Story) -> Case:
    made = proposed(story)
    story.act("drafter", "review.comment", matter=made.matter, text=WORDS, start=0, end=4)
    made.parts["comment"] = Comment.objects.get(matter=made.matter).pk
    return made


def proposed(story: Story) -> Case:
    made = draft(story)
    story.propose(made.matter)
    return made


def returned(story: Story) -> Case:
    made = proposed(story)
    made.act("officer", "determination.return", reason_code="scope", text=WORDS)
    return made


def active(story: Story) -> Case:
    made = proposed(story)
    story.approve(made.matter)
    return made


def waiting(outcome: str, **params: Any) -> Callable[[Story], Case]:
    def made(story: Story) -> Case:
        case = active(story)
        story.review(case.matter, outcome, **params)
        return case

    return made


def change_waiting(story: Story) -> Case:
    made = active(story)
    made.act("drafter", "change.propose", tail="6年", ground="damage_changed", reason=WORDS)
    return made


def challenged(story: Story) -> Case:
    made = active(story)
    given = {"position": "level", "level": "秘密", "reasons": WORDS, "challenger": story.province.pk}
    made.parts["challenge"] = made.act("officer", "challenge.raise", **given).challenge
    return made


def disputed(story: Story) -> Case:
    made = challenged(story)
    given: Given = {"challenge": made.parts["challenge"], "document_no": "报 3"}
    story.act("officer", "challenge.register_dispute", expected_version=story.version(made.matter), **given)
    return made


def challenged_by_us(story: Story) -> Case:
    made = received(story)
    given = {"position": "level", "level": "机密", "reasons": WORDS, "document_no": "函 5"}
    made.parts["challenge"] = made.act("officer", "challenge.raise", **given).challenge
    return made


def to_publish(story: Story) -> Case:
    made = not_classified(story)
    story.act("drafter", "disclosure.submit", matter=made.matter, opinion=WORDS)
    return made


def to_publish_reviewed(story: Story) -> Case:
    made = to_publish(story)
    story.act(
        "officer", "disclosure.review", matter=made.matter, outcome="publish", opinion=WORDS, aggregate_checked=True
    )
    return made


def to_publish_approved(story: Story) -> Case:
    made = to_publish_reviewed(story)
    story.act("head", "disclosure.approve", matter=made.matter, agreed=True)
    return made


def asked_about(story: Story) -> Case:
    made = active(story)
    matter, today = made.matter, made.today
    ask: Given = {"organ": story.province.pk, "kind": "release", "document_no": "函 1"}
    made.parts["consultation"] = story.act("drafter", "consultation.ask", matter=matter, **ask).id
    ask = {"kind": "extend", "authority": "国家主管部门", "tail": "12年", "reason": WORDS}
    made.parts["approval"] = story.act("drafter", "consultation.request_approval", matter=matter, **ask).id
    ask = {"kind": "over", "found_on": today, "detail": WORDS}
    made.parts["correction"] = story.act("officer2", "correction.find", matter=matter, **ask).id
    ask = {"applicant": "某局", "applicant_kind": "investigation", "applicant_rank": "local", "document_no": "函 2"}
    done = story.act("officer", "appraisal.receive", matter=matter, received_on=today, **ask)
    made.parts["appraisal_id"] = done.appraisal
    return made


def asked_about_and_over(story: Story) -> Case:
    made = asked_about(story)
    external: Given = {"organ": story.province.pk, "outcome": "void", "document_no": "决 1", "decided_on": made.today}
    made.act("officer", "change.register_external", **external)
    return made


def received(story: Story) -> Case:
    today = story.now.date()
    done = story.act(
        "drafter", "reception.receive", title="关于供水安全的通知", originator=story.province.pk, level="秘密", tail="5年",
        issued_on=today, received_on=today, received_no="收 3", scope=known(story),
    )  # fmt: skip
    return Case(story, UUID(str(done.matter)))


def until_event(story: Story) -> Case:
    return Case(story, story.approved(answers=story.answers("5", scope=known(story))))


def handed_on(story: Story) -> Case:
    made = active(story)
    story.act("head", "succession.assign", **handing(made))
    return made


def handing(case: Case) -> Given:
    taker = case.story.province.pk
    given = {"situation": "merged", "instrument": "编 1", "function_taker": taker, "effective_on": case.today}
    return {"matters": (case.matter,), "successor": taker, **given}


def declassified(story: Story) -> Case:
    made = waiting("release", ground="harmless")(story)
    made.act("officer", "declassification.release", reason=WORDS, confirm=number_of(made))
    return made


def number_of(case: Case) -> str:
    return case.story.matter(case.matter).register_no or "QJSW-M-2026-0"


def not_classified(story: Story) -> Case:
    made = proposed(story)
    made.act("officer", "determination.not_secret", reason=WORDS, instead="internal")
    return made


def voided(story: Story) -> Case:
    made = active(story)
    given = {"kind": "wrong", "found_on": made.today, "detail": WORDS}
    found = story.act("officer2", "correction.find", matter=made.matter, **given).id
    decided = {"correction": found, "remedy": "void", "reason": WORDS}
    story.act("officer", "correction.decide", expected_version=story.version(made.matter), **decided)
    return made


def discarded(story: Story) -> Case:
    made = draft(story)
    made.act("drafter", "determination.discard")
    return made


def referred(story: Story) -> Case:
    made = beyond(story)
    made.act("drafter", "referral.refer", opinion=WORDS)
    return made


def unclear(story: Story) -> Case:
    made = unfitting(story)
    made.act("drafter", "unclear.refer", category="economy", does_damage=True)
    return made


def unclear_sent(story: Story) -> Case:
    made = unclear(story)
    made.act("officer", "unclear.send", sent_on=made.today, document_no="报 1")
    return made


def grade_terms(story: Story, regime: str = "work_secret") -> GradeTerms:
    made = GradeTerms(scope=known(story), basis="清单第 3 项", harm="duties", is_state_item=False)
    if regime == "work_secret":
        return made
    return GradeTerms(
        scope=known(story), basis="目录第 2 项", harm="advantage", is_state_item=False, level="核心商密", tail="5年"
    )


def pending(story: Story, regime: str = "work_secret") -> Case:
    given: Given = {"regime": regime, "terms": grade_terms(story, regime), "title": "名单"}
    given["upload"] = Upload("名单.docx", docx_of(TEXT))
    return Case(story, UUID(str(story.act("drafter", "grading.propose", **given).matter)))


def grade_returned(story: Story) -> Case:
    made = pending(story)
    made.act("head", "grading.return", text=WORDS)
    return made


def graded(story: Story) -> Case:
    made = pending(story)
    made.act("head", "grading.approve")
    return made


def trade_graded(story: Story) -> Case:
    made = pending(story, "trade_secret")
    made.act("head", "grading.approve")
    return made


def lifted(story: Story) -> Case:
    made = graded(story)
    made.act("head", "grading.lift", ground="harmless", reason=WORDS)
    return made


STATES: dict[str, Callable[[Story], Case]] = {
    "draft": draft,
    "draft, with a point": pointed,
    "draft, beyond our authority": beyond,
    "draft, nothing fits": unfitting,
    "discarded": discarded,
    "proposed": proposed,
    "proposed, returned": returned,
    "proposed, commented on": commented,
    "referred": referred,
    "referred, unclear": unclear,
    "referred, unclear and sent": unclear_sent,
    "active": active,
    "active, keep waiting": waiting("keep"),
    "active, extension waiting": waiting("extend", tail="10年"),
    "active, change waiting": change_waiting,
    "active, release waiting": waiting("release", ground="harmless"),
    "active, challenged": challenged,
    "active, disputed above": disputed,
    "active, received and challenged by us": challenged_by_us,
    "active, asked about": asked_about,
    "active, until an event": until_event,
    "active, received": received,
    "active, handed on": handed_on,
    "declassified": declassified,
    "not_classified": not_classified,
    "not_classified, to be published": to_publish,
    "not_classified, reviewed for publication": to_publish_reviewed,
    "not_classified, approved for publication": to_publish_approved,
    "voided": voided,
    "voided, asked about": asked_about_and_over,
    "pending": pending,
    "returned": grade_returned,
    "graded": graded,
    "graded, trade secret": trade_graded,
    "lifted": lifted,
}

# What the acts are given: complete, and lawful in a state where the act is possible at all.


def _none(case: Case) -> Given:
    return {}


def _reason(case: Case) -> Given:
    return {"reason": WORDS}


def _thread(case: Case) -> Given:
    made = case.parts.get("comment")
    return {"comment": made or uuid4(), "expected_version": case.story.seen(Comment, made) if made else ""}


def _ground(case: Case) -> str:
    return "worthless" if case.story.matter(case.matter).regime == "trade_secret" else "harmless"


GIVEN: dict[str, Callable[[Case], Given]] = {
    "carriers.read": _none,
    "carriers.download": lambda c: {"role": "original"},
    "determination.fill": lambda c: {"answers": c.story.answers(scope=known(c.story))},
    "determination.discard": _none,
    "determination.propose": _none,
    "determination.revise": lambda c: {"upload": Upload("改.docx", docx_of(TEXT))},
    "determination.compare": _none,
    "determination.attach": lambda c: {"upload": Upload("图.dwg", b"AC1032")},
    "determination.detach": lambda c: {"file": uuid4()},
    "determination.approve": lambda c: {"issued_on": c.today},
    "determination.change_and_approve": lambda c: {
        "level": "机密", "tail": "6年", "scope": known(c.story), "item": c.story.item().pk, "reason": WORDS,
    },
    "determination.return": lambda c: {"reason_code": "scope", "text": WORDS},
    "determination.not_secret": lambda c: {"reason": WORDS, "instead": "internal"},
    "derivation.propose": lambda c: {
        "sources": (SourceIn(matter=c.parts["source"], consent=True),), "trigger": "rework", "scope": known(c.story),
        "reasons": WORDS,
    },
    "points.mark": lambda c: {"start": 0, "end": 4, "level": "机密", "tail": "10年", "item": c.story.item().pk},
    "points.change": lambda c: {"point": c.parts.get("point") or uuid4(), "level": "机密", "tail": "10年"},
    "points.remove": lambda c: {"point": c.parts.get("point") or uuid4()},
    "points.take": _none,
    "review.comment": lambda c: {"text": WORDS, "start": 0, "end": 4},
    "review.resolve": lambda c: _thread(c),
    "review.withdraw_comment": lambda c: {"comment": c.parts.get("comment") or uuid4()},
    "review.propose": lambda c: {"outcome": "keep", "reason": WORDS},
    "review.decide": _none,
    "review.refuse": _reason,
    "review.withdraw": _reason,
    "change.propose": lambda c: {"tail": "6年", "ground": "damage_changed", "reason": WORDS},
    "change.change": _none,
    "change.extend": _reason,
    "change.register_external": lambda c: {
        "organ": c.story.province.pk, "outcome": "change", "tail": "5年", "document_no": "决 1", "decided_on": c.today,
    },
    "need_to_know.expand": lambda c: {"persons": (c.story.people["drafter2"],), "purpose": WORDS},
    "need_to_know.shrink": lambda c: {"persons": (c.story.people["officer2"],), "reason": WORDS},
    "need_to_know.request": lambda c: {"purpose": WORDS},
    "need_to_know.bar": lambda c: {"person": c.story.people["drafter2"], "ground": "interest", "reason": WORDS},
    "need_to_know.recuse": lambda c: {"ground": "kin", "reason": WORDS},
    "appraisal.receive": lambda c: {
        "applicant": "某局", "applicant_kind": "investigation", "applicant_rank": "local", "document_no": "函 2",
        "received_on": c.today,
    },
    "appraisal.note": lambda c: {"step": "accepted", "on": c.today},
    "appraisal.answer": lambda c: {"should_be": "机密", "opinion": WORDS},
    "appraisal.export": _none,
    "challenge.raise": lambda c: {
        "position": "level", "level": "秘密", "reasons": WORDS, "challenger": c.story.province.pk,
    },
    "challenge.answer": lambda c: {"outcome": "keep", "reasons": WORDS},
    "challenge.dispute": lambda c: {"reasons": WORDS},
    "challenge.send": lambda c: {"document_no": "报 2"},
    "challenge.register_dispute": lambda c: {"document_no": "报 3"},
    "challenge.register_decision": lambda c: {
        "ruled_by": "provincial", "outcome": "keep", "document_no": "决 2", "decided_on": c.today,
    },
    "challenge.appeal": lambda c: {"reasons": WORDS, "document_no": "报 4"},
    "challenge.settle": lambda c: {"reasons": WORDS},
    "consultation.join": lambda c: {"co_organs": (c.story.province.pk,)},
    "consultation.ask": lambda c: {"organ": c.story.province.pk, "kind": "release", "document_no": "函 3"},
    "consultation.answer": lambda c: {"answer": "agrees", "answer_no": "复 1", "answered_on": c.today},
    "consultation.request_approval": lambda c: {
        "kind": "extend", "authority": "国家主管部门", "tail": "12年", "reason": WORDS,
    },
    "consultation.register_approval": lambda c: {"granted": True, "document_no": "批 1", "decided_on": c.today},
    "correction.find": lambda c: {"kind": "over", "found_on": c.today, "detail": WORDS},
    "correction.decide": lambda c: {"remedy": "change", "reason": WORDS},
    "correction.close": _reason,
    "carriers.note_remarked": lambda c: {"copy_no": 1},
    "carriers.public_copy": _none,
    "declassification.release": lambda c: {"reason": WORDS, "confirm": number_of(c)},
    "declassification.confirm_event": lambda c: {"happened_at": c.story.now, "evidence": WORDS},
    "disclosure.submit": lambda c: {"opinion": WORDS},
    "disclosure.review": lambda c: {"outcome": "publish", "opinion": WORDS, "aggregate_checked": True},
    "disclosure.approve": lambda c: {"agreed": True},
    "disclosure.publish": lambda c: {"published_at": c.story.now, "place": "网站"},
    "grading.revise": lambda c: {"terms": grade_terms(c.story)},
    "grading.approve": _none,
    "grading.return": lambda c: {"text": WORDS},
    "grading.file": _none,
    "grading.lift": lambda c: {"ground": _ground(c), "reason": WORDS},
    "grading.read": _none,
    "grading.download": _none,
    "grading.convert": _reason,
    "reception.register_notice": lambda c: {
        "kind": "released", "document_no": "函 4", "arrived_on": c.today, "effective_on": c.today,
    },
    "reception.suggest": lambda c: {"what": "release", "reason": WORDS, "document_no": "建 1"},
    "referral.refer": lambda c: {"opinion": WORDS},
    "referral.answer": lambda c: {"decided": True, "document_no": "复 2", "decided_on": c.today},
    "succession.assign": handing,
    "unclear.refer": lambda c: {"category": "economy", "does_damage": True},
    "unclear.send": lambda c: {"sent_on": c.today, "document_no": "报 5"},
    "unclear.answer": lambda c: {
        "decided": True, "ruled_by": "provincial", "document_no": "复 3", "decided_on": c.today,
    },
}  # fmt: skip


def acts() -> dict[str, Act[Any]]:
    """Return the acts that take a matter or what hangs on one."""
    return {name: act for name, act in ACTS.items() if object_of(act)}


def object_of(act: Act[Any]) -> str:
    """Return the name of the parameter by which an act takes a matter or what hangs on it, or empty."""
    taken = act.model.model_fields
    found = next((name for name in OBJECTS if name in taken), "")
    ids = taken[found].annotation if found else None
    return found if ids in (UUID, tuple[UUID, ...]) else ""


def outcome(case: Case, name: str) -> str | None:
    """Return what the act comes to on a case, tried as everyone who may perform it; None where it has nothing to act on."""
    act, taken = ACTS[name], object_of(ACTS[name])
    if taken not in ("matter", "matters") and taken not in case.parts:
        return None
    users = [user for role, user in USERS.items() if role in act.requires] if act.requires else ANYONE
    found = ""
    for user in users:  # on to the next where this one may not know of it, or knows it already
        told = _tried(case, user, name, taken)
        found = found if told == UNKNOWN and found else told
        if told not in (UNKNOWN, *OTHERS):
            break
    return found


@lru_cache(maxsize=1)
def cast(story: Story) -> dict[str, Actor]:
    """Return who tries the acts; none of them changes what they may."""
    return {user: story.actor(user) for user in USERS.values()}


def _tried(case: Case, user: str, name: str, taken: str) -> str:
    """Try the act and undo it; return the codes that stood against it."""
    with transaction.atomic():
        try:
            given = GIVEN[name](case)
            if taken not in given:
                given[taken] = case.parts.get(taken, case.matter)
            if "expected_version" in ACTS[name].model.model_fields:
                given.setdefault("expected_version", case.story.version(case.matter))
            ACTS[name](actor=cast(case.story)[user], now=case.story.now, **given)
        except DingmiError as error:
            return " + ".join(sorted({f.code for f in error.findings if f.severity == "block"}))
        finally:
            transaction.set_rollback(True)
    return ALLOWED


def table(story: Story, of: Collection[str] = ()) -> dict[str, dict[str, list[str]]]:
    """Return for every act the states by what it comes to in them; all states, or some."""
    story.clear("drafter", "绝密")
    story.clear("officer", "绝密")
    cleared = {"person": story.people["secrecy"], "level": "绝密", "instrument": "涉密人员审查表"}
    story.cleared("secadmin", **cleared)
    found: dict[str, dict[str, list[str]]] = {name: {} for name in sorted(acts())}
    cases = {}
    for state, make in STATES.items():
        if not of or state in of:
            cases[state] = make(story)
    source = cases["active"].matter
    for state, case in cases.items():
        case.parts["source"] = source
        for name in found:
            if (told := outcome(case, name)) is not None:
                found[name].setdefault(told, []).append(state)
    return found


def as_toml(found: Mapping[str, Mapping[str, list[str]]]) -> str:
    """Return the table as it is kept: one act a table, first where it is allowed."""
    lines = [
        "# What comes of every act in every state of a matter (SR-56). Written by tests/states.py from the acts, read by people:",
        "# a state under `allowed` is a legal transition, any other line names the finding that refuses it.",
    ]
    for name, outcomes in found.items():
        lines.append(f'\n["{name}"]')
        for told in sorted(outcomes, key=lambda t: (t != ALLOWED, t)):
            states = ", ".join(f'"{state}"' for state in outcomes[told])
            lines.append(f'"{told}" = [{states}]' if told != ALLOWED else f"{told} = [{states}]")
    return "\n".join(lines) + "\n"
