"""T1: every way in × every kind of reader × every matter over HTTP, against the table of rights (SR-17, SR-37).

What the table denies answers byte for byte like a matter that does not exist, and no answer to anyone bears a word, a number or
an id of a matter that the table denies him; what it allows is opened by the ways that open matters. Whatever bears a word of a
matter has left an entry in the log by the time its first byte can be read.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.http import HttpResponseBase
from django.test import Client

from dingmi.procedures import passwords
from dingmi.queries import clock
from dingmi.records.ledger.models import Entry
from dingmi.records.matters.models import Matter
from tests import bars, matrix
from tests.interfaces.test_two_worlds import CSRF, ROW_VERSION, one_chance, undone, unpacked
from tests.matrix import ABSENT, NOBODY, Marked, Small, Target, Way, Whole
from tests.story import PASSWORD
from tests.worlds import again

pytestmark = [pytest.mark.db, pytest.mark.django_db]
BAR = 80_000
PLAIN = 760
SHUT = (400, 401, 403, 404, 413)  # 400, 413: not looked at
GRADES = ("pending", "returned", "graded", "lifted")
OPENS = {  # ways that open every matter of these states that the table lets the reader read, or every one but of these
    ("GET", "/m/<uuid:matter>"): False,
    ("POST", "/api/v1/asks/matter"): False,
    ("GET", "/grades/<uuid:matter>"): True,
    ("POST", "/api/v1/asks/grading.matter"): True,
}


@dataclass
class Bench:
    """Readers signed in to a world, what the table says of each of them and each matter, and what was found."""

    world: Marked
    matters: list[Target] = field(default_factory=list)
    readers: dict[str, matrix.Reader] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    allowed: dict[tuple[str, UUID, str], bool] = field(default_factory=dict)
    absent: dict[tuple[Way, str], bytes] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    made: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        world, now = self.world, self.world.now
        self.matters = [matrix.target(one, now) for one in Matter.objects.order_by("created_at", "pk")]
        self.marks = {
            one: {mark: kind for kind, mark in zip(("title", "text"), matrix.tokens(number), strict=True)}
            for number, one in enumerate(world.bearers)
        }
        for user in matrix.USERS:
            self.readers[user] = matrix.reader(user, now)
            self.clients[user] = Client(raise_request_exception=False)
            if user != NOBODY:
                passwords.THROTTLE.clear()
                given = {"username": user, "password": PASSWORD}
                assert self.clients[user].post("/sign-in", given).status_code == 302, user
                self.tokens[user] = world.act(user, "access.issue_token", hours=8).token
            for one in self.matters:
                for purpose in ("content", "existence"):
                    self.allowed[user, one.id, purpose] = matrix.may(self.readers[user], one, purpose, world.home.pk)
        self.sender = matrix.Sender(world, matrix.pools())

    # one request

    def send(self, way: Way, user: str, road: str, body: dict[str, Any]) -> HttpResponseBase:
        """Send a request as a reader."""
        if way.kind in ("page", "closed"):
            client = self.clients[user]
            return getattr(client, way.method.lower())(road, body if way.method in ("GET", "POST") else "")
        heads = {"Authorization": f"Bearer {self.tokens[user]}"} if user != NOBODY else {}
        if way.kind == "act" and matrix.ACTS[way.name].step_up and user != NOBODY:
            heads["Dingmi-Password"] = PASSWORD
            passwords.THROTTLE.clear()
        return Client(raise_request_exception=False).post(
            road, json.dumps(body), content_type="application/json", headers=heads
        )

    def answered(
        self, way: Way, user: str, road: str, body: dict[str, Any]
    ) -> tuple[int, bytes, bytes, list[tuple[str, str]]]:
        """Return status, body, everything that a reader gets to see, and what the log had by the first byte."""
        with undone(), one_chance():
            last = Entry.objects.order_by("-pk").values_list("pk", flat=True).first()
            answer = self.send(way, user, road, body)
            entries = list(Entry.objects.filter(pk__gt=last).values_list("act", "body"))
            content = unpacked(b"".join(answer.streaming_content) if answer.streaming else answer.content)  # type: ignore[attr-defined]
        heads = sorted((k, v) for k, v in answer.headers.items() if k != "Content-Length")
        seen = ROW_VERSION.sub(b"", CSRF.sub(b"", f"{answer.status_code} {heads}\n".encode() + content))
        return answer.status_code, content, seen, entries

    def ask(self, way: Way, user: str, what: Target, turn: int) -> None:
        """Send one request and hold its answer against the table."""
        chance = random.Random(f"{way.path} {way.method} {turn}")
        road = self.sender.path(way, what.id, chance) if way.kind in ("page", "closed") else way.path
        body = self.sender.body(way, what, chance)
        status, content, seen, entries = self.answered(way, user, road, body)
        self.made[way.kind] += 1
        told = lambda words: self.wrong.append(  # noqa: E731
            f"{way.kind} {way.method} {road} as {user} about {what.state} {what.level}: {status}, {words}"
        )
        if status >= 500 and status != 503:
            told("a fault")
        if way.kind == "closed":
            if status not in (404, 405):  # 404: what stands in the address is no choice of it
                told("a method that is not declared is answered")
            return
        self.gate(way, user, status, told)
        if way.takes:
            self.about(way, user, what, road, body, status, seen, told)
        self.disclosed(user, what, road, body, content, seen, entries, told)

    # what has to hold

    def gate(self, way: Way, user: str, status: int, told: Any) -> None:
        """Whom the declaration does not let in is turned away."""
        shut = status in SHUT or (status == 302 and user == NOBODY)
        if not way.lets_in(self.readers[user]) and not shut and (way.is_bound or user == NOBODY):
            told("let in past its declaration")
        if way.policy == "public" and status in (302, 401, 403):
            told("public, and turned away")

    def about(
        self, way: Way, user: str, what: Target, road: str, body: dict[str, Any], status: int, seen: bytes, told: Any
    ) -> None:
        """A matter that the table denies is told from none by nothing; one that it allows is opened."""
        if not self.allowed[user, what.id, "existence"]:
            self.made["denied"] += 1
            seen = seen.replace(str(what.id).encode(), str(ABSENT).encode())
            if self.absent.get((way, user)) != seen:
                other = json.loads(json.dumps(body).replace(str(what.id), str(ABSENT)))
                none = self.answered(way, user, road.replace(str(what.id), str(ABSENT)), other)
                self.absent[way, user] = none[2]
                if none[2] != seen:
                    told(
                        f"unlike the answer of a matter that does not exist: {none[0]}\n{none[2][:600]!r}\n{seen[:600]!r}"
                    )
        if OPENS.get((way.method, way.path)) is (what.state in GRADES) and way.lets_in(self.readers[user]):
            self.made["opening"] += 1
            if (status == 200) is not self.allowed[user, what.id, "content"]:
                told(f"the table says {self.allowed[user, what.id, 'content']}")

    def disclosed(
        self,
        user: str,
        what: Target,
        road: str,
        body: dict[str, Any],
        content: bytes,
        seen: bytes,
        entries: Any,
        told: Any,
    ) -> None:
        """No word, number or id of a matter reaches whom the table denies it, and what does is in the log."""
        text = seen.decode("utf-8", "replace")
        sent = road + json.dumps(body)
        for one in self.matters:
            marks = self.marks.get(one.id, {})
            shown = {kind for mark, kind in marks.items() if mark in text}
            if shown and not self.allowed[user, one.id, "content"]:
                told(f"shows the {shown} of {one.state} {one.level}")
            if not self.allowed[user, one.id, "existence"]:
                if one.number and one.number not in sent and re.search(rf"{re.escape(one.number)}(?!\d)", text):
                    told(f"shows the number of {one.state} {one.level}")
                if str(one.id) not in sent and str(one.id) in text:
                    told(f"shows the id of {one.state} {one.level}")
            if shown:
                self.made["shown"] += 1
                if not entries:
                    told(f"shows the {shown} and left no entry")
                elif "text" in shown:
                    self.made["texts"] += 1
                    if not any(str(one.id) in entry for _, entry in entries):
                        told(f"shows the text and no entry names its matter: {[act for act, _ in entries]}")


@pytest.fixture(autouse=True)
def on_one_database() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("compared on SQLite")


def bench(kind: type[Marked], settings: Any, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    settings.DINGMI_KEYS, settings.DINGMI_VAULT = folder / "keys", folder / "vault"
    settings.DINGMI_PROFILE = "demo"
    passwords.THROTTLE.clear()
    world = again(kind)
    monkeypatch.setattr(clock, "now", lambda: world.now)
    return Bench(world)


def walked(made: Bench, count: int) -> Bench:
    """Send ``count`` requests."""
    for number, (way, user, what, turn) in enumerate(matrix.drawn(made.matters, random.Random(1))):
        if number == count:
            return made
        made.ask(way, user, what, turn)
    raise AssertionError


def test_some_of_every_way_in_answers_as_the_table_says(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = walked(bench(Small, settings, tmp_path, monkeypatch), PLAIN)
    assert made.wrong == [], "\n".join(made.wrong[:20])


@pytest.mark.deep
def test_every_way_in_answers_every_reader_about_every_matter_as_the_table_says(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bar: bars.Reached
) -> None:
    made = walked(bench(Whole, settings, tmp_path, monkeypatch), bars.part(BAR))
    assert made.wrong == [], f"{len(made.wrong)}\n" + "\n".join(made.wrong[:20])
    bar("T1 requests", sum(made.made[kind] for kind in ("page", "closed", "act", "ask", "query", "job")), BAR)
