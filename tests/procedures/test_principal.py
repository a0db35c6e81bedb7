"""The principal is a classification officer by law from taking office to leaving it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dingmi.base.actor import Role
from dingmi.base.errors import Conflict, Forbidden, NotFound, Refused
from dingmi.queries import access, facts, standing
from dingmi.queries.appointments import officers_case, officers_cases
from dingmi.queries.officers import officers as register
from dingmi.queries.verify import verify
from dingmi.records.ledger.guard import act_open
from dingmi.records.ledger.models import Entry
from dingmi.records.notices.models import Notice
from dingmi.records.officers.appointments import Appointment
from dingmi.records.officers.models import Delegation, Designation, Officer
from tests.story import Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]


def held(story: Story, user: str, at: Any = None) -> standing.OfficerStanding:
    found = standing.officer(story.people[user], at or story.now)
    assert found is not None
    return found


def change(story: Story, user: str, by: str = "secrecy") -> Any:
    """Enter ``user`` as principal from now on."""
    return story.act(by, "officers.appoint_principal", person=story.people[user], instrument="市任字〔2026〕8号")


def kinds(story: Story, at: Any = None) -> dict[str, int]:
    return dict(register(actor=story.actor("secrecy"), now=at or story.now).kinds)


def running(story: Story, user: str) -> list[Designation]:
    rows = Designation.objects.filter(officer__person=story.people[user], ended_at__isnull=True)
    return list(standing.running(rows, story.now))


@pytest.mark.clause("TL-14.1", "BMF-16.1", "QA-3", "QA-9")
def test_founding_makes_the_principal_an_officer_with_the_authority_of_the_organ(story: Story) -> None:
    head = held(story, "head")
    assert (head.kind, head.tier, head.max_level, head.matters, head.until) == (
        "statutory",
        "main",
        "机密",
        ("*",),
        None,
    )
    assert kinds(story)["法定"] == 1 and Role.OFFICER in story.actor("head").roles
    case = Appointment.objects.get(person=story.people["head"])
    told = Notice.objects.filter(code="officers.by_law").values_list("person_id", flat=True)
    assert list(told) == [story.people["head"]]
    (line,) = [c for c in officers_cases(actor=story.actor("secrecy"), now=story.now) if c.kind == "by_law"]
    assert line.awaits == ("publish", "file")
    story.act("secrecy", "officers.publish", case=case.pk, expected_version=story.seen(Appointment, case.pk))
    story.act(
        "secrecy",
        "officers.file",
        case=case.pk,
        expected_version=story.seen(Appointment, case.pk),
        number="备〔2026〕1号",
    )
    (row,) = running(story, "head")
    assert row.filed_on == row.published_on == story.now.date() and verify().ok
    steps = officers_case(actor=story.actor("secrecy"), now=story.now, case=case.pk).steps
    assert [s.name for s in steps] == ["active", "published", "filed"] and all(s.at for s in steps)
    matter = story.proposed()
    story.approve(matter, "head")
    assert story.matter(matter).officer_id == story.people["head"]


@pytest.mark.clause("QA-3", "GD-11.3")
def test_the_authority_of_the_principal_follows_that_of_the_organ(story: Story) -> None:
    grant = Delegation.objects.get()
    late = grant.until + timedelta(days=1)
    assert held(story, "head", late).max_level == "" and held(story, "head", late).in_office
    (able,) = facts.able_among((held(story, "head", late),), "绝密", None, late, derivative=True)
    assert able.person == story.people["head"]  # what is derived asks no authority
    assert facts.able_among((held(story, "head", late),), "秘密", None, late) == ()


@pytest.mark.clause("TL-14.2", "BMF-43.3")
def test_the_new_principal_is_an_officer_at_once_and_decides_once_trained_and_cleared(story: Story) -> None:
    waiting = story.proposed()
    story.clear("lapsed", "秘密")
    story.later(days=40)  # whose training has ended meanwhile
    done = change(story, "lapsed")
    assert done.handed_on == 0, "it waits for the officers designated for it, who still can"
    assert held(story, "lapsed").kind == "statutory"
    story.clear("lapsed", "机密")
    with pytest.raises(Refused) as caught:
        story.approve(waiting, "lapsed")
    assert {f.code for f in caught.value.findings if f.severity == "block"} == {"officer.training_lapsed"}
    story.train("lapsed")
    assert story.approve(waiting, "lapsed").register_no


@pytest.mark.clause("TL-14.1", "BMF-16.2")
def test_the_principal_is_told_of_a_proposal_only_where_no_designated_officer_can_decide_it(story: Story) -> None:
    def told(matter: Any) -> set[Any]:
        rows = Notice.objects.filter(code="proposal.waiting", matter_id=matter)
        return set(rows.values_list("person_id", flat=True))

    assert told(story.proposed()) == {story.people[u] for u in ("officer", "officer2", "lapsed")}
    for user in ("officer", "officer2", "lapsed"):
        story.act("secrecy", "officers.suspend", person=story.people[user], ground="inquiry")
    assert told(story.proposed()) == {story.people["head"]}


@pytest.mark.clause("TL-14.1", "BMF-16.1", "ZX-17")
def test_a_change_of_principal_ends_the_authority_of_the_one_before_and_nobody_is_an_officer_twice(
    story: Story,
) -> None:
    before = story.now
    story.later(days=1)
    change(story, "officer")
    for user, roles in (("head", {Role.HEAD, Role.OFFICER}), ("officer", set())):
        assert not roles & story.actor(user).roles, user
    assert {Role.HEAD, Role.OFFICER} <= story.actor("officer").roles
    assert running(story, "head") == [] and len(running(story, "officer")) == 1
    assert held(story, "officer").kind == "statutory" and not held(story, "head").in_office
    assert held(story, "head", before).kind == "statutory" and held(story, "officer", before).kind == "designated"
    ended = Designation.objects.get(officer__person=story.people["officer"], ended_at__isnull=False)
    assert (ended.ended_ground, ended.ended_at) == ("by_law", story.now)
    assert kinds(story)["法定"] == 1
    removed = Notice.objects.filter(code="officers.removed").values_list("person_id", flat=True)
    assert list(removed) == [story.people["head"]]
    entry = Entry.objects.filter(act="officers.appoint_principal").latest("id")
    assert '"市任字〔2026〕8号"' in entry.body and str(story.people["head"]) in entry.body
    assert verify().ok
    story.act("officer", "officers.designate", person=story.people["head"], instrument="委托书", max_level="秘密")
    again = held(story, "head")
    assert (again.kind, again.max_level) == ("designated", "秘密")  # as the instrument says, no more by law
    with pytest.raises(NotFound):  # 机密 does not wait for him
        story.approve(story.proposed(), "head")


@pytest.mark.clause("TL-14.1", "QA-3")
def test_an_assistant_who_becomes_principal_may_approve(story: Story) -> None:
    with act_open("test.stored"):
        Officer.objects.filter(person=story.people["officer2"]).update(tier="assistant")
    waiting = story.proposed()
    with pytest.raises(Refused, match=r"officer\.assistant"):
        story.approve(waiting, "officer2")
    change(story, "officer2")
    assert story.approve(waiting, "officer2").mark


@pytest.mark.clause("TL-14.1", "QA-9")
def test_nobody_designates_removes_or_narrows_the_principal(story: Story) -> None:
    who, (term,) = story.people["head"], running(story, "head")
    given = {"person": who, "instrument": "文"}
    with pytest.raises(Refused, match=r"designation\.self"):
        story.act("head", "officers.designate", **given, max_level="秘密")
    for act, params in (
        ("officers.end", {"designation": term.pk, "ground": "unsuitable"}),
        ("officers.adjust", {**given, "reasons": "缩小。", "max_level": "秘密"}),
        ("officers.record_event", {"person": who, "kind": "transfer"}),
    ):
        with pytest.raises(Refused) as caught:
            story.act("head", act, **params)
        assert "replacement.by_law" in {f.code for f in caught.value.findings}, act
    story.act("secrecy", "officers.suspend", person=who, ground="inquiry")
    assert held(story, "head").suspended and held(story, "head").kind == "statutory"


@pytest.mark.clause("TL-14.1", "CS-85x")
def test_who_cannot_be_entered_as_principal(story: Story) -> None:
    with pytest.raises(Conflict, match=r"principal\.in_office"):
        change(story, "head")
    for user, code, error in (
        ("secrecy", r"principal\.own", Forbidden),
        ("sysadmin", r"administrators\.separate", Forbidden),
    ):
        story.people[user] = access.actor_for_account(user, story.now).person_id
        with pytest.raises(error, match=code):
            change(story, user)
    story.people["nobody"] = story.province.pk
    with pytest.raises(NotFound):
        change(story, "nobody")
    with pytest.raises(Forbidden):
        change(story, "outsider", "drafter")
    assert kinds(story)["法定"] == 1


@pytest.mark.clause("TL-14.1", "QA-9")
def test_a_principal_entered_before_the_product_did_so_is_recognised_once_by_the_daily_round(story: Story) -> None:
    with act_open("test.stored"):
        Appointment.objects.filter(kind="by_law").delete()
        Officer.objects.filter(person=story.people["head"]).update(kind="statutory")
    before = story.now
    assert held(story, "head").kind == "statutory"  # as it was kept before
    assert story.later(days=1).daily()["officers.recognise_principal"] == {"recognised": 1}
    (row,) = running(story, "head")
    assert row.since == story.now and held(story, "head").kind == "statutory"
    assert (
        Entry.objects.filter(act="officers.recognise_principal", stream=f"person:{story.people['head']}").count() == 1
    )
    assert held(story, "head", before).kind == "statutory"  # the past is told as it was
    assert story.later(days=1).daily()["officers.recognise_principal"] == {"recognised": 0}


@pytest.mark.clause("TL-14.1")
def test_a_principal_who_was_no_officer_at_all_becomes_one(story: Story) -> None:
    with act_open("test.stored"):
        Appointment.objects.filter(kind="by_law").delete()
        Designation.objects.filter(officer__person=story.people["head"]).delete()
        Officer.objects.filter(person=story.people["head"]).delete()
    story.later(days=1).daily()
    assert kinds(story)["法定"] == 1 and len(running(story, "head")) == 1
