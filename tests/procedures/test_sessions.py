"""What changes the rights of a person ends that person's session at the next request; what only answers anew does not (SR-09)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from dingmi.base.errors import Forbidden
from dingmi.procedures import ACTS, sessions
from dingmi.procedures import access as doors
from dingmi.queries import access
from dingmi.queries.verify import verify
from dingmi.records.officers.models import Designation, Grader
from tests.story import PASSWORD, Story

pytestmark = pytest.mark.db
Deed = Callable[[Story], Any]


def person(user: str) -> Callable[[Story], Any]:
    return lambda story: story.people[user]


def of(user: str, name: str, /, **given: Any) -> Deed:
    """Return an act by ``user``; what is a function is asked of the story first."""
    return lambda story: story.act(
        user, name, **{key: value(story) if callable(value) else value for key, value in given.items()}
    )


def account(user: str) -> Callable[[Story], Any]:
    return lambda story: story.actor(user).account_id


def designation(story: Story) -> Any:
    return Designation.objects.get(officer__person=story.people["officer"]).pk


SUSPEND = of("head", "officers.suspend", person=person("officer"), ground="inquiry")
GRADER = {"person": person("officer"), "regime": "work_secret", "max_level": "内部", "instrument": "指定书"}
ROW = {"staff_no": "0011", "level": "机密", "instrument": "审查表", "through": ""}
BEFORE: dict[str, Deed] = {
    "officers.resume": SUSPEND,
    "grading.end_appointment": of("head", "grading.appoint", **GRADER),
}
DEEDS: dict[str, Deed] = {
    "access.sign_out": of("officer", "access.sign_out"),
    "access.grant_role": of("secadmin", "access.grant_role", account=account("officer"), role="secrecy_office"),
    "access.agree_role": lambda story: story.grant("officer", "secrecy_office"),
    "access.revoke_role": of("secadmin", "access.revoke_role", account=account("officer"), role="drafter"),
    "access.disable": of("sysadmin", "access.disable", account=account("officer")),
    "access.change_password": of("officer", "access.change_password", password="Qiufeng-2026-qingjiang"),
    "access.set_language": of("officer", "access.set_language", language="en"),
    "personnel.grant_clearance": of(
        "secrecy", "personnel.grant_clearance", person=person("officer"), level="秘密", instrument="审查表"
    ),
    "personnel.agree_clearance": lambda story: story.clear("officer", "绝密"),
    "personnel.import_clearances": of("secadmin", "personnel.import_clearances", rows=(ROW,), dry_run=False),
    "personnel.vet": of("secrecy", "personnel.vet", person=person("officer"), passed=False, opinion="不再符合条件。"),
    "officers.suspend": SUSPEND,
    "officers.resume": of("secrecy", "officers.resume", person=person("officer"), reason="调查已经结束。"),
    "officers.end": of("head", "officers.end", designation=designation, ground="unsuitable", detail="不再适宜。"),
    "officers.adjust": of(
        "head", "officers.adjust", person=person("officer"), instrument="调整 1", reasons="分工变化。", max_level="秘密"
    ),
    "officers.record_event": of("secrecy", "officers.record_event", person=person("officer"), kind="leave"),
    "officers.record_training": lambda story: story.train("officer"),
    "grading.appoint": of("head", "grading.appoint", **GRADER),
    "grading.end_appointment": lambda story: story.act("head", "grading.end_appointment", appointment=grader().pk),
}


def session(key: str, *, now: datetime) -> Any:
    return access.actor_for_session(key, now, now, "t")


def grader() -> Any:
    return Grader.objects.get(ended_at__isnull=True)


def test_every_act_of_the_table_is_one_that_there_is_and_stands_in_it_once() -> None:
    internal = {"access.sign_in", "access.sign_in_failed", "access.recover", "keep.restored", "keep.found"}
    assert (sessions.ENDS.keys() | sessions.KEEPS.keys()) - ACTS.keys() <= internal
    assert not sessions.ENDS.keys() & sessions.KEEPS.keys()
    assert set(sessions.ENDS.values()) == {"role", "account", "clearance", "appointment"}


@pytest.mark.parametrize("act", DEEDS)
def test_an_act_ends_the_session_and_the_tokens_of_the_person_as_the_table_says(story: Story, act: str) -> None:
    if act in BEFORE:
        BEFORE[act](story)
    key = doors.sign_in(username="officer", password=PASSWORD, terminal="t", now=story.now).session_key
    token = story.act("officer", "access.issue_token").token
    DEEDS[act](story)
    assert verify().findings == ()
    by_key, by_token = partial(session, key), partial(access.actor_for_token, token)
    for asked in (by_key, by_token):
        if act in sessions.ENDS:
            with pytest.raises(Forbidden):
                asked(now=story.now)
        else:
            assert act in sessions.KEEPS and asked(now=story.now).name == "officer"


def test_an_event_that_comes_later_ends_the_session_on_its_day(story: Story) -> None:
    start = story.now + timedelta(hours=20)
    story.act("secrecy", "officers.record_event", person=story.people["officer"], kind="leave", since=start)
    story.later(hours=23)
    key = doors.sign_in(username="officer", password=PASSWORD, terminal="t", now=story.now).session_key
    story.daily()
    with pytest.raises(Forbidden):
        session(key, now=story.now)
