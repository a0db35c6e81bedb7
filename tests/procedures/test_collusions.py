"""T5: two or three people who agree to get past a rule, script by script: refused, or convicted by what it leaves (A3, A4, A6, A9).

The scripts stand in ``collusions.toml``. Each is walked through the real acts, and through the database where one of them is its
owner. A step that is refused leaves an attempt with the name of who tried; what is done stands in the log with everyone who took
part; what was written past the acts is found by ``verify`` and neither shown nor decided on.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.apps import apps
from django.db import connection

from dingmi.base.errors import DingmiError
from dingmi.procedures import ACTS
from dingmi.procedures.access import ask
from dingmi.procedures.terms import Scope
from dingmi.queries.verify import verify
from dingmi.records.guides.models import GuideItem
from dingmi.records.ledger.models import Entry
from dingmi.records.notices.models import Notice
from dingmi.records.organs.models import Account, Certificate, ClearanceAsked, RoleAsked
from tests import bars
from tests.procedures.test_unaltered import without_triggers
from tests.story import PASSWORD, Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]
SCRIPTS = tomllib.loads(Path(__file__).with_name("collusions.toml").read_text("utf-8"))["script"]
LEAST = 30
DONE = "done"
VERSIONED = {"clearances": ClearanceAsked, "request": RoleAsked, "binding": Certificate}
UNTRIED = ("input.invalid", "account.unusable")  # malformed, or nobody who could act: no attempt is kept of it


@dataclass
class Scene:
    """One script on its way."""

    story: Story
    matter: UUID | None
    kept: dict[str, Any] = field(default_factory=dict)
    refused: int = 0

    def value(self, given: Any) -> Any:
        """Return what a word of a script stands for: ``@user`` a person, ``#user`` an account, ``=name.part`` what an act gave."""
        if isinstance(given, list):
            return tuple(self.value(one) for one in given)
        if isinstance(given, dict):
            return {name: self.value(one) for name, one in given.items()}
        if not isinstance(given, str) or not given:
            return given
        kind, rest = given[0], given[1:]
        if kind == "@":
            return UUID(self.story.actor(rest).person_id) if rest not in self.story.people else self.story.people[rest]
        if kind == "#":
            return Account.objects.get(username=rest).pk
        if kind == "=":
            found, *parts = rest.split(".")
            made = self.kept[found]
            for part in parts:
                made = made[int(part)] if part.isdigit() else getattr(made, part)
            return made
        if kind == "%":  # days from today
            return self.story.now.date() + timedelta(days=int(rest))
        if kind == "~":  # days from now
            return self.story.now + timedelta(days=int(rest))
        known = {"the matter": self.matter, "the department": self.story.department, "the organ": self.story.home.pk}
        known |= {"the province": self.story.province.pk, "the delegation": getattr(self.story.delegation, "id", None)}
        return known.get(given, given)

    def walk(self, step: dict[str, Any]) -> str:
        """Go one step; return what it came to."""
        step = dict(step)
        wanted = step.pop("says", DONE)
        if "later" in step:
            self.story.now += timedelta(**step["later"])
            return DONE
        if "root" in step:
            return root(self, step)
        user = step.pop("as")
        before = Entry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        try:
            if "asks" in step:
                params = {"matter": str(self.matter)} if step["asks"] == "matter" else {}
                ask(step["asks"], actor=self.story.actor(user), now=self.story.now, params=params)
                return DONE
            name, kept = step.pop("act"), step.pop("keep", "")
            self.kept[kept] = self.story.act(user, name, **self.params(name, step))
            return DONE
        except DingmiError as error:
            self.refused += 1
            if "asks" not in step and error.code not in UNTRIED and error.kind not in ("Invalid", "Unavailable"):
                self.attempted(user, name, before)
            return error.code if wanted not in {f.code for f in error.findings} else wanted

    def attempted(self, user: str, name: str, before: int) -> None:
        """Whoever was refused stands in the log with what he tried."""
        tries = [
            json.loads(body)
            for body in Entry.objects.filter(act="attempt", pk__gt=before).values_list("body", flat=True)
        ]
        person = str(Account.objects.get(username=user).person_id)
        assert any(person in json.dumps(one) and name in json.dumps(one) for one in tries), (user, name, tries)

    def params(self, name: str, given: dict[str, Any]) -> dict[str, Any]:
        """Return the parameters of an act: the matter and the version that its page showed are filled in."""
        wanted, made = ACTS[name].model.model_fields, {n: self.value(v) for n, v in given.items()}
        if "scope" in made:
            made["scope"] = Scope(persons=made["scope"])
        if "matter" in wanted:
            made.setdefault("matter", self.matter)
        if "expected_version" in wanted and "expected_version" not in made:
            model = next((VERSIONED[n] for n in made if n in VERSIONED), None)
            if model is None:
                made["expected_version"] = self.story.version(made.get("matter") or self.matter)
            else:
                made["expected_version"] = self.story.seen(model, next(made[n] for n in made if n in VERSIONED))
        if "item" in made:
            made["item"] = GuideItem.objects.get(number=made["item"]).pk
        return made


def root(scene: Scene, step: dict[str, Any]) -> str:
    """Write as the owner of the database: edit the rows of a table, copy one with changes, or remove them."""
    model = next(m for m in apps.get_models() if m._meta.db_table == step["root"])
    if "entries" in step:  # the end of the log
        last = list(Entry.objects.order_by("-pk").values_list("pk", flat=True)[: step["entries"]])
        for table, column in (("ledger_seq", "entry_id"), ("ledger_entry", "id")):
            without_triggers(table)
            for pk in last:
                run(f"DELETE FROM {table} WHERE {column}=%s", [pk])
        return DONE
    without_triggers(step["root"])
    columns = {f.name: f for f in model._meta.concrete_fields}
    bare = lambda name, value: columns[name].get_db_prep_value(  # noqa: E731
        columns[name].to_python(scene.value(value)) if value is not None else None, connection
    )
    where = " AND ".join(f'"{columns[n].column}"=%s' for n in step["of"])
    asked = [bare(name, value) for name, value in step["of"].items()]
    if step.get("remove"):
        changed = run(f"DELETE FROM {step['root']} WHERE {where}", asked)
    elif "copy" in step:
        new = {"id": uuid4(), **step["copy"]}
        names = [f.column for f in columns.values()]
        by_column = {columns[n].column: bare(n, v) for n, v in new.items()}
        picked = ", ".join("%s" if c in by_column else f'"{c}"' for c in names)
        listed = ", ".join(f'"{c}"' for c in names)
        sql = f"INSERT INTO {step['root']} ({listed}) SELECT {picked} FROM {step['root']} WHERE {where} LIMIT 1"
        changed = run(sql, [by_column[c] for c in names if c in by_column] + asked)
    else:
        sets = ", ".join(f'"{columns[n].column}"=%s' for n in step["set"])
        changed = run(
            f"UPDATE {step['root']} SET {sets} WHERE {where}", [bare(n, v) for n, v in step["set"].items()] + asked
        )
    assert changed >= 1, step
    return DONE


def run(sql: str, values: list[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return int(cursor.rowcount)


def given(story: Story, what: str) -> UUID | None:
    """Return the matter with which a script begins."""
    made = {
        "": lambda: None,
        "filled": story.filled,
        "proposed": story.proposed,
        "approved": story.approved,
        "proposed by an officer": lambda: officers_own(story),
        "known to the organ": lambda: story.approved(answers=story.answers(scope=Scope(organs=(story.home.pk,)))),
    }
    return made[what]()  # type: ignore[no-any-return]


def officers_own(story: Story) -> UUID:
    """Let an officer draft and propose."""
    matter = story.drafted("officer")
    story.fill(matter, story.answers(scope=story.scope("officer", "officer2")), "officer")
    story.propose(matter, "officer")
    return matter


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda one: one["name"])
def test_who_collude_are_refused_or_convicted(story: Story, script: dict[str, Any]) -> None:
    for user in ("sysadmin", "secadmin", "auditor"):
        story.act(user, "access.change_password", password=PASSWORD)
    scene = Scene(story, given(story, script.get("given", "")))
    for number, step in enumerate(script["steps"], 1):
        came_to = scene.walk(step)
        assert came_to == step.get("says", DONE), f"step {number}: {came_to}"
    found = {fault.kind for fault in verify().findings}
    assert found == set(script.get("found", ())), found
    for user, name in script.get("log", ()):
        person = str(Account.objects.get(username=user).person_id)
        assert any(person in body for body in Entry.objects.filter(act=name).values_list("body", flat=True)), (
            user,
            name,
        )
    for user, code in script.get("told", ()):
        person = Account.objects.get(username=user).person_id
        assert Notice.objects.filter(person=person, code=code).exists(), (user, code)
    assert scene.refused or found or script.get("log"), "nothing stops or convicts them"


def test_the_scripts_are_as_many_as_asked_for_each_by_two_people_or_more(bar: bars.Reached) -> None:
    assert len({one["name"] for one in SCRIPTS}) == len(SCRIPTS)
    for one in SCRIPTS:
        assert len(set(one["who"])) >= 2 and one["aim"] and one["steps"], one["name"]
        acting = {step.get("as", "root") for step in one["steps"] if "later" not in step}
        assert acting <= {*one["who"]}, one["name"]
    bar("T5 collusion scripts", len(SCRIPTS), LEAST)
