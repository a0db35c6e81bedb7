"""P19 through the acts: vetted, bound, put in a post, vetted again, and let go with nothing in hand and no access."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from dingmi.base.errors import Forbidden, NotFound, Refused
from dingmi.queries import access, staff, standing
from dingmi.records.ledger.models import Entry
from dingmi.records.notices.models import Notice
from dingmi.records.organs.models import Account, Person
from tests.story import Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]


def codes(refused: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {f.code for f in refused.value.findings}


def vet(story: Story, user: str, passed: bool = True) -> None:
    story.act("secrecy", "personnel.vet", person=story.people[user], passed=passed, opinion="会同人事部门审查。")


def bind(story: Story, user: str, kind: str = "post", **params: Any) -> None:
    story.act("secrecy", "personnel.sign_undertaking", person=story.people[user], kind=kind, number="承 1", **params)


def leave(story: Story, user: str, **params: Any) -> Any:
    given = {
        "talked_on": story.now.date(),
        "cooling_through": story.now.date().replace(year=story.now.year + 3),
        "managed_by": "本单位",
        "carriers_returned": 3,
        "devices_returned": 1,
        "systems_closed": True,
        **params,
    }
    return story.act("head", "personnel.leave", person=story.people[user], **given)


@pytest.mark.clause("BMF-43.1", "BMF-43.2", "BMF-43.3", "TL-50.1", "SEED-35")
def test_nobody_takes_a_secret_post_without_vetting_training_and_undertaking(story: Story) -> None:
    made = story.act("secrecy", "personnel.enter_person", name="苏明", staff_no="9001", department=story.department)
    story.people["new"] = made.id
    with pytest.raises(Refused) as refused:
        story.act("secrecy", "personnel.take_post", person=made.id, category="一般")
    assert {"staff.not_vetted", "staff.untrained", "staff.no_undertaking"} <= codes(refused)
    vet(story, "new")
    story.train("new")
    bind(story, "new", through=story.now.date() + timedelta(days=40))
    story.clear("new", "机密")
    with pytest.raises(Refused) as above:
        story.act("secrecy", "personnel.take_post", person=made.id, category="一般")
    assert codes(above) == {"staff.category_level"}
    story.act("secrecy", "personnel.take_post", person=made.id, category="重要", post="科长")
    row = Person.objects.get(pk=made.id)
    assert (row.post_category, row.post) == ("重要", "科长")
    with pytest.raises(Forbidden, match=r"staff\.own"):
        vet(story, "secrecy")


@pytest.mark.clause("TL-50.3")
def test_who_does_not_pass_the_vetting_again_loses_clearance_at_once_and_work_is_handed_on(story: Story) -> None:
    answers = story.answers(scope=story.scope("drafter", "officer", "officer2"))
    matter = story.proposed(answers=answers)
    story.later(minutes=1)
    vet(story, "officer", passed=False)
    assert standing.clearance(story.people["officer"], story.now) == ""
    with pytest.raises((Refused, NotFound, Forbidden)):
        story.approve(matter)
    assert Notice.objects.filter(code="officers.work_handed_on", person=story.people["officer2"]).exists()


@pytest.mark.clause("TL-53", "BMF-46", "CS-41", "CS-42", "CS-44")
def test_leaving_takes_talk_undertaking_return_and_a_cooling_off_and_ends_all_access(story: Story) -> None:
    decided, waiting = story.approved(), story.proposed()
    story.later(minutes=1)
    short = story.now.date() + timedelta(days=400)
    with pytest.raises(Refused) as refused:
        leave(story, "officer", talked_on=None, carriers_outstanding=2, cooling_through=short)
    assert codes(refused) == {"leaving.talk", "leaving.outstanding", "leaving.cooling_off_short"}
    bind(story, "officer", "leaving")
    done = leave(story, "officer", cooling_through=date(2028, 1, 5))
    assert done.cooling_through == date(2028, 1, 5) and done.handed_on == 1
    who = story.people["officer"]
    assert standing.clearance(who, story.now) == ""
    held = standing.officer(who, story.now)
    assert held is not None and held.max_level == ""
    assert not Account.objects.get(person=who).is_active
    with pytest.raises((Refused, Forbidden, NotFound)):
        story.approve(waiting)
    assert story.matter(decided).state == "active", "past acts stay"
    page = staff.personnel_staff(actor=story.actor("secrecy"), now=story.now)
    assert [(x.name, x.is_over) for x in page.leavings] == [("周启明", False)]
    assert Entry.objects.filter(act="personnel.leave").count() == 1


@pytest.mark.clause("CS-41")
def test_the_cooling_off_of_each_category_is_told_before_and_ends_by_itself(story: Story) -> None:
    file = staff.personnel_file(actor=story.actor("secrecy"), now=story.now, person=story.people["outsider"])
    assert (file.earliest, file.latest) == (date(2027, 1, 5), date(2028, 1, 5)), "一般：一至二年"
    bind(story, "outsider", "leaving")
    leave(story, "outsider", cooling_through=date(2027, 1, 5))
    story.on(date(2027, 1, 5))
    assert story.daily()["personnel.follow"]["ended"] == 0, "its last day belongs to it"
    story.on(date(2027, 1, 6))
    assert story.daily()["personnel.follow"]["ended"] == 1
    assert story.daily()["personnel.follow"]["ended"] == 0
    assert Notice.objects.filter(code="personnel.cooling_over").count() == 1


@pytest.mark.clause("TL-50.3", "SEED-35")
def test_vettings_due_again_and_undertakings_that_end_are_told_at_sixty_thirty_and_seven_days(story: Story) -> None:
    vet(story, "drafter")
    bind(story, "drafter", through=story.now.date() + timedelta(days=61))
    counts = []
    for days in (0, 1, 1, 30, 23):
        story.later(days=days)
        story.daily()
        story.daily()
        counts.append(Notice.objects.filter(code="personnel.undertaking_ends").count())
    assert counts == [0, 1, 1, 2, 3]
    line = next(r for r in staff.cleared_staff(story.now) if r.name == "林晓雯")
    assert line.problems == ("binding_ends",)
    story.on(date(2028, 1, 6))
    assert "vetting_over" in next(r for r in staff.cleared_staff(story.now) if r.name == "林晓雯").problems


def test_leaving_only_the_post_keeps_the_person_in_the_organ_without_clearance_or_roles(story: Story) -> None:
    bind(story, "drafter2", "leaving")
    leave(story, "drafter2", leaves_organ=False)
    who = story.people["drafter2"]
    assert Person.objects.get(pk=who).left_at is None and Account.objects.get(person=who).is_active
    actor = access.actor_for_account("drafter2", story.now)
    assert (actor.clearance, actor.roles) == ("", frozenset())
