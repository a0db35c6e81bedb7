"""What every entry of the log says (SR-38): when, who, from where, what, about what, on what authority, by which rule, and how it ended."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from dingmi.base.errors import DingmiError
from dingmi.procedures import ACTS, passwords
from dingmi.procedures.frame import INTERNAL
from dingmi.queries import clock
from dingmi.records.ledger.models import Entry
from dingmi.records.ledger.tree import canonical
from dingmi.records.matters.models import Decision
from dingmi.records.organs.models import Account
from tests.story import NOON, PASSWORD, Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]
FIELDS = {"v", "at", "act", "actor", "key", "result", "subject", "stream", "stream_no", "data", "verdict", "rows"}


def bodies() -> list[tuple[Entry, dict[str, Any]]]:
    return [(entry, json.loads(entry.body)) for entry in Entry.objects.order_by("pk")]


def test_every_entry_of_a_life_has_every_field_in_one_encoding(story: Story) -> None:
    matter = story.approved()
    story.review(matter, "keep")
    story.act("officer", "carriers.read", matter=matter)
    with pytest.raises(DingmiError):
        story.act("drafter", "keep.evidence", matter=str(matter))
    story.later(days=1)
    story.daily()
    made = bodies()
    assert len(made) > 60 and {body["result"] for _, body in made} == {"done", "refused"}
    for entry, body in made:
        assert set(body) == FIELDS and body["v"] == 1 and entry.body == canonical(body)
        at = datetime.fromisoformat(body["at"])
        assert body["at"].endswith("+00:00") and at.utcoffset() == timedelta() and at == entry.at.astimezone(UTC)
        assert body["act"] == entry.act and (
            entry.act in ACTS or entry.act in INTERNAL or entry.act in ("attempt", "keep.gap_noted")
        )
        assert set(body["actor"]) == {"account", "person", "roles", "session", "terminal"}
        assert body["actor"]["session"] or entry.act == "keep.found", "the founding comes before any account"
        assert body["actor"]["terminal"] and (body["actor"]["roles"] or entry.act == "keep.found")
        assert body["stream"] == "{kind}:{id}".format(**body["subject"]) == entry.stream
        UUID(body["subject"]["id"]) if body["subject"]["kind"] == "matter" else None


def test_a_refused_attempt_says_which_rule_and_a_decision_on_what_authority(story: Story) -> None:
    story.now = NOON + timedelta(minutes=1)
    matter = story.proposed()
    with pytest.raises(DingmiError):
        story.approve(matter, "lapsed")
    attempt = json.loads(Entry.objects.filter(act="attempt").latest("pk").body)
    assert attempt["result"] == "refused" and attempt["data"]["act"].startswith("determination.")
    assert (
        attempt["data"]["codes"] and attempt["data"]["clauses"] and attempt["subject"]["id"] == attempt["data"]["act"]
    )
    story.approve(matter)
    decision = Decision.objects.get(matter=matter)
    body = json.loads(Entry.objects.get(act="determination.approve").body)
    assert body["data"]["decision"] == str(decision.pk) and body["data"]["digest"] == decision.digest
    assert len(body["verdict"]["rulebook"]) == 64 and "officer" in body["actor"]["roles"]
    vouched = {(row["table"], row["id"]) for row in body["rows"]}
    assert ("matters_decision", str(decision.pk)) in vouched and decision.authority["instrument"], (
        "the row keeps it, the entry its digest"
    )


def test_each_way_in_leaves_its_session_and_the_terminal_that_it_came_from(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: story.now)
    token = story.act("drafter", "access.issue_token", label="script").token
    passwords.THROTTLE.clear()
    client = Client(REMOTE_ADDR="10.20.30.40")
    assert client.post("/sign-in", {"username": "drafter", "password": PASSWORD}).status_code == 302
    assert client.post("/language", {"language": "en"}).status_code == 302
    page = json.loads(Entry.objects.filter(act="access.set_language").latest("pk").body)["actor"]
    assert page["terminal"] == "10.20.30.40" and page["session"]
    assert Account.objects.get(username="drafter").session_key.startswith(page["session"])
    other = Client(REMOTE_ADDR="10.20.30.41", HTTP_AUTHORIZATION=f"Bearer {token}")
    answer = other.post(
        "/api/v1/acts/access.set_language", json.dumps({"language": "zh"}), content_type="application/json"
    )
    assert answer.status_code == 200, answer.content.decode()
    api = json.loads(Entry.objects.filter(act="access.set_language").latest("pk").body)["actor"]
    assert api["terminal"] == "10.20.30.41" and api["session"] not in ("", page["session"])
    failed = Client(REMOTE_ADDR="10.20.30.42")
    failed.post("/sign-in", {"username": "drafter", "password": "wrong"})
    assert (
        json.loads(Entry.objects.filter(act="access.sign_in_failed").latest("pk").body)["actor"]["terminal"]
        == "10.20.30.42"
    )
