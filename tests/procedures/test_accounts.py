"""Accounts: one person one name, locked and restored, left and set back (SR-01, SR-04, SR-07, SR-09, SR-31, SR-64)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from dingmi.base.actor import THREE_ADMINISTRATORS, Role
from dingmi.base.errors import DingmiError, Forbidden, NotFound, Refused
from dingmi.engines.documents import Come, watched
from dingmi.procedures import ACTS, passwords
from dingmi.procedures import access as doors
from dingmi.procedures.terms import Upload
from dingmi.queries import access
from dingmi.queries.verify import verify
from dingmi.records.ledger.guard import act_open
from dingmi.records.ledger.models import Entry
from dingmi.records.matters.models import Matter
from dingmi.records.organs.models import Account, Person
from tests.procedures.test_clock_set_back import set_back
from tests.procedures.test_people_import import people
from tests.story import PASSWORD, TEXT, ZONE, Story, docx_of

pytestmark = [pytest.mark.db, pytest.mark.django_db]


def tried(story: Story, user: str, password: str = "wrong-password-1") -> str:
    """Return ``in``, or the code of the refusal."""
    try:
        doors.sign_in(username=user, password=password, terminal="t", now=story.now)
    except DingmiError as error:
        return error.code
    return "in"


def account(user: str) -> Account:
    return Account.objects.get(username=user)


def refused(code: str, act: Callable[[], Any]) -> None:
    with pytest.raises(DingmiError) as caught:
        act()
    assert code in {caught.value.code, *caught.value.params.get("fields", {}).values()}


def test_a_person_has_one_account_and_a_name_is_one_account_s_for_good(story: Story) -> None:
    story.act("sysadmin", "access.disable", account=account("outsider").pk)
    made = story.act("secrecy", "personnel.enter_person", name="苏明", staff_no="9001")
    opened = {"password": "Qiuyue-2026-chunhua-x", "roles": ("drafter",)}
    for person, username in ((story.people["outsider"], "another"), (made.id, "outsider"), (made.id, "OUTSIDER ")):
        with pytest.raises(DingmiError) as caught:
            story.act("sysadmin", "access.create_account", person=person, username=username, **opened)
        assert caught.value.code in ("account.exists", "input.invalid")
    with pytest.raises(IntegrityError), transaction.atomic(), act_open("test"):
        Account(username="another", person=account("outsider").person, created_at=story.now).save()


def test_first_passwords_are_drawn_and_no_two_are_the_same() -> None:
    drawn = {passwords.fresh("head") for _ in range(50)}
    assert len(drawn) == 50 and min(map(len, drawn)) >= 15


def test_a_locked_account_is_restored_by_unlocking_alone_and_the_log_says_that_it_was_locked(story: Story) -> None:
    for _ in range(passwords.LIMITS["failures_to_lock"]):
        assert tried(story, "outsider") == "sign_in.failed"
    failures = [json.loads(e.body)["data"] for e in Entry.objects.filter(act="access.sign_in_failed").order_by("pk")]
    assert [f["locked"] for f in failures] == [False] * 4 + [True] and failures[-1]["failures"] == 5
    locked = account("outsider").pk
    story.act("sysadmin", "access.disable", account=locked)
    story.act("sysadmin", "access.enable", account=locked)
    story.grant("outsider", "inspector")
    story.act("secadmin", "access.revoke_role", account=locked, role="inspector")
    for administrator in ("sysadmin", "auditor", "head", "secrecy"):
        with pytest.raises(Forbidden):
            story.act(administrator, "access.unlock", account=locked)
    story.later(days=1)
    passwords.THROTTLE.clear()
    assert tried(story, "outsider", PASSWORD) == "sign_in.failed"
    story.act("secadmin", "access.unlock", account=locked)
    assert tried(story, "outsider", PASSWORD) == "in"


def test_a_failure_takes_one_hash_and_the_same_statements_whoever_is_named(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(passwords.LIMITS["failures_to_lock"]):
        tried(story, "drafter2")
    story.act("sysadmin", "access.disable", account=account("outsider").pk)
    hashed, check = [], passwords.check_password
    monkeypatch.setattr(passwords, "check_password", lambda *given: hashed.append(1) or check(*given))
    costs = []
    for user, password in (
        ("officer", "wrong-password-1"),
        ("nobody1", "wrong-password-1"),
        ("drafter2", "wrong-password-1"),
        ("drafter2", PASSWORD),
        ("outsider", PASSWORD),
    ):
        passwords.THROTTLE.clear()
        hashed.clear()
        with CaptureQueriesContext(connection) as asked:
            assert tried(story, user, password) == "sign_in.failed"
        verbs = [" ".join(re.sub(r"\(\s*-?\d+", "(?", row["sql"]).split()[:3]) for row in asked.captured_queries]
        costs.append((len(hashed), [verb for verb in verbs if "SAVEPOINT" not in verb]))
    assert all(cost == costs[0] for cost in costs[1:]) and costs[0][0] == 1, costs


def test_signing_out_ends_session_tokens_and_what_is_under_way_before_the_next_request(story: Story) -> None:
    """SR-09: a file being read for the person becomes no draft; another person's tokens go on, and new ones can be had."""
    others = story.act("drafter", "access.issue_token").token
    for code in ("session.required", "token.invalid"):
        key = doors.sign_in(username="officer", password=PASSWORD, terminal="t", now=story.now).session_key
        token = story.act("officer", "access.issue_token").token
        by_key = access.actor_for_session(key, story.now, story.now, "t")
        by_token = access.actor_for_token(token, story.now)
        under_way = by_key if code == "session.required" else by_token
        upload = Upload(filename="稿.docx", content=docx_of(TEXT))
        began: list[bool] = []
        drafts = Matter.objects.count()

        def leave(come: Come, began: list[bool] = began) -> None:
            if not began:
                began.append(bool(come))
                story.act("officer", "access.sign_out")

        with watched(leave), pytest.raises(Forbidden, match=code.replace(".", r"\.")):
            ACTS["determination.draft"](actor=under_way, now=story.now, upload=upload)
        assert began and Matter.objects.count() == drafts
        with pytest.raises(Forbidden, match=r"session\.required"):
            access.actor_for_session(key, story.now, story.now, "t")
        with pytest.raises(Forbidden, match=r"token\.invalid"):
            access.actor_for_token(token, story.now)
    assert access.actor_for_token(others, story.now).name == "drafter"
    assert access.actor_for_token(story.act("officer", "access.issue_token").token, story.now).name == "officer"
    assert verify().findings == ()


def test_nobody_gets_a_second_of_the_three_offices_by_any_door(story: Story) -> None:
    auditor, rows = account("auditor"), people(3)
    for office in THREE_ADMINISTRATORS:
        given = {"username": "second", "password": "Qiuyue-2026-chunhua-x", "admin_role": office}
        for person in (auditor.person_id, story.people["outsider"]):
            refused(
                "role.granted_by_security_admin",
                lambda p=person, g=given: story.act("sysadmin", "access.create_account", person=p, **g),
            )
        for user in ("auditor", "outsider"):
            with pytest.raises(DingmiError):
                story.act("secadmin", "access.grant_role", account=account(user).pk, role=office)
        if office != auditor.admin_role:
            refused("administrators.separate", lambda o=office: doors.require_role_free(auditor.person, o))
        refused(
            "administrators.separate",
            lambda o=office: doors.require_role_free(Person.objects.get(pk=story.people["drafter"]), o),
        )
        with act_open("test"), pytest.raises(Refused, match=r"account\.exists"):
            doors.write_account(person=auditor.person, roles=(), now=story.now, **given)
    before = set(Account.objects.values_list("pk", "admin_role"))
    story.act("secrecy", "personnel.import_rows", kind="people", rows=rows, dry_run=False)
    assert set(Account.objects.values_list("pk", "admin_role")) == before, "a sheet of people opens no account"
    assert sorted(role for _, role in before if role) == sorted(THREE_ADMINISTRATORS)


def test_what_ended_stays_ended_with_the_clock_set_back(story: Story) -> None:
    """A token, a session past its hours, a role lent until an hour, and a place in a scope until a day."""
    matter = story.approved(answers=story.answers("3"))
    until = datetime(2026, 1, 6, tzinfo=ZONE)
    given = {"persons": (story.people["outsider"],), "purpose": "参加评估", "until": until}
    story.act("officer", "need_to_know.expand", matter=matter, expected_version=story.version(matter), **given)
    story.grant("outsider", "inspector", until)
    story.on(date(2026, 1, 5), 16)
    key = doors.sign_in(username="outsider", password=PASSWORD, terminal="t", now=story.now).session_key
    token = story.act("outsider", "access.issue_token", hours=8).token
    story.later(hours=7, minutes=59)
    held = access.actor_for_token(token, story.now)
    assert held.holds(Role.INSPECTOR) and access.actor_for_session(key, story.now, story.now, "t")
    assert doors.ask("matter", actor=held, now=story.now, params={"matter": str(matter)})
    story.later(minutes=1)
    set_back(story, timedelta(minutes=5))
    assert story.now < until
    with pytest.raises(Forbidden, match=r"token\.invalid"):
        access.actor_for_token(token, story.now)
    with pytest.raises(Forbidden, match=r"session\.expired"):
        access.actor_for_session(key, story.now, story.now, "t")
    now = story.actor("outsider")
    assert not now.holds(Role.INSPECTOR)
    with pytest.raises(NotFound, match=r"object\.not_found"):
        doors.ask("matter", actor=now, now=story.now, params={"matter": str(matter)})
