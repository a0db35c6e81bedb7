"""The second copy of access: what PostgreSQL itself shows a reader, whatever a query forgot (SR-20)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextvars import Context
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from dingmi.base.actor import Actor
from dingmi.base.errors import NotFound, Refused
from dingmi.interfaces.cli import serve
from dingmi.procedures import passwords
from dingmi.procedures.access import ask
from dingmi.queries import QUERIES, access, grades, incident, oversight
from dingmi.queries.reading import reading
from dingmi.queries.registry import query
from dingmi.records.carriers.models import Carrier
from dingmi.records.ledger.guard import act_open
from dingmi.records.matters import row_security
from dingmi.records.matters.assist import LearntPart
from dingmi.records.matters.models import GRADE_STATES, Matter, MatterText, Posting, SketchCode
from dingmi.records.officers.models import Grader
from dingmi.records.oversight.incidents import Incident, IncidentStep
from dingmi.records.oversight.inspections import Inspection, InspectionFinding
from tests.architecture.test_row_security_declared import DECLARED
from tests.interfaces import test_two_worlds as two_worlds
from tests.queries.test_visibility import DAY, NOW, ROLES, WHO, World, _scattered, actor, world
from tests.story import Story

__all__ = ["world"]
pytestmark = [
    pytest.mark.postgres,
    pytest.mark.db,
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no row security: the filters stand alone"),
]


@pytest.fixture
def story(settings: Any, tmp_path: Any) -> Story:
    settings.DINGMI_KEYS, settings.DINGMI_VAULT = tmp_path / "keys", tmp_path / "vault"
    settings.DINGMI_PROFILE = "demo"
    passwords.THROTTLE.clear()
    return Story()


def _concerns_matters(field: Any) -> bool:
    """Say whether a field leads to a matter, to one of its copies or to what was done with it, or holds sealed words."""
    to = field.related_model
    leads = to is not None and (to._meta.app_label == "matters" or to is Carrier)
    return leads or field.name == "matter" or field.name.endswith("_ct")


def _ids(rows: Any) -> set[UUID]:
    return set(rows.values_list("pk", flat=True))


def _filled(world: World) -> None:
    """Add matters of every regime and kind, appointments to approve, and a text for each matter."""
    _scattered(world, 100)
    for who, highest in (("stranger", "核心商密"), ("colleague", "普通商密"), ("officer", "内部")):
        regime = grades.WORK if highest == "内部" else grades.TRADE
        common = {"regime": regime, "instrument": "1", "since": NOW - DAY, "appointed_by": world.people["drafter"].pk}
        Grader(person=world.people[who], max_level=highest, **common).save()
    for number, (level, state) in enumerate(product(("内部", "普通商密", "核心商密"), ("pending", "graded", "lifted"))):
        regime = grades.WORK if level == "内部" else grades.TRADE
        people, times = {"drafter": world.people["drafter"]}, {"created_at": NOW, "changed_at": NOW}
        organ = world.home if number % 2 else world.people["outsider"].organ
        Matter(organ=organ, regime=regime, state=state, level=level, title_ct=b"", **people, **times).save()
    for row in Matter.objects.all():
        MatterText(matter=row, text_ct=b"", blocks_ct=b"", characters=0).save()


def test_the_policies_show_what_the_filters_show_and_nothing_else(world: World):
    with act_open("test.world"):
        _filled(world)
    seen = 0
    for who, clearance, role in product(WHO, ("", "机密"), ROLES):
        asking = actor(world, who, clearance, role)
        content = _ids(access.visible(asking, NOW)) | _ids(grades.visible(asking, NOW))
        known = _ids(access.existing(asking, NOW))
        for regime in (grades.WORK, grades.TRADE, "prc_state"):
            known |= _ids(grades.existing(asking, NOW, regime))
        with reading(asking, NOW):
            assert _ids(Matter.objects) == (set() if role in access.ADMINISTRATORS else known), (who, clearance, role)
            texts = set(MatterText.objects.values_list("matter", flat=True))
            assert texts == content, (who, clearance, role)
        seen += len(known)
    assert seen > 3_000


def unfiltered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take every filter of need-to-know out of the program, with the words that it keeps of them."""
    monkeypatch.setattr(access, "_visible", lambda actor, now, held: Matter.objects.all())
    monkeypatch.setattr(access, "content_of", lambda held, now: Matter.objects.all())
    monkeypatch.setattr(access, "_one", access._one.__wrapped__)
    monkeypatch.setattr(grades, "visible", lambda actor, now: Matter.objects.filter(state__in=GRADE_STATES))


def _forgetful() -> None:
    """Plant queries that forget every filter."""

    @query("test.forgets", recorded=False)
    def forgets(*, actor: Actor, now: Any) -> list[str]:
        return sorted(str(pk) for pk in Matter.objects.values_list("pk", flat=True))

    @query("test.forgets_texts", recorded=False)
    def forgets_texts(*, actor: Actor, now: Any) -> list[str]:
        return sorted(str(pk) for pk in MatterText.objects.values_list("matter", flat=True))


@pytest.fixture
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("test.forgets", "test.forgets_texts"):
        monkeypatch.setitem(QUERIES, name, None)  # taken out again afterwards
        del QUERIES[name]
    _forgetful()


@pytest.mark.usefixtures("forgetful")
def test_a_query_that_forgets_its_filter_returns_nothing_that_it_should_not(story: Story):
    hidden = story.approve(story.proposed()).matter
    own = story.drafted("outsider")

    def asked(user: str, name: str) -> list[str]:
        return list(ask(name, actor=story.actor(user), now=story.now, params={}))

    for name in ("test.forgets", "test.forgets_texts"):
        assert asked("outsider", name) == [str(own)]
        assert asked("sysadmin", name) == asked("auditor", name) == []
        assert str(hidden) in asked("drafter", name) and str(own) not in asked("drafter", name)


def test_an_act_that_forgets_its_filter_hands_out_nothing_either(story: Story, monkeypatch: pytest.MonkeyPatch):
    hidden = story.approve(story.proposed()).matter
    unfiltered(monkeypatch)
    assert story.act("drafter", "carriers.read", matter=hidden).text
    for act in ("carriers.read", "carriers.download"):
        with pytest.raises(NotFound):
            story.act("outsider", act, matter=hidden)


def test_leaks_and_findings_are_shown_to_whom_the_filters_show_them(story: Story):
    story.grant("drafter2", "inspector")
    two_worlds.overseen(story)
    leaks, found = list(Incident.objects.all()), list(InspectionFinding.objects.select_related("inspection"))
    assert leaks and found and IncidentStep.objects.exists()
    shown = {}
    for user in ("drafter", "drafter2", "officer", "officer2", "outsider", "head", "secrecy", "sysadmin", "auditor"):
        asking = story.actor(user)
        known = _ids(incident.known(asking, story.now))
        parts = {row.pk for row in found if oversight.has_part(asking, row)}
        with reading(asking, story.now):
            assert (_ids(Incident.objects), _ids(InspectionFinding.objects)) == (known, parts), user
            assert set(IncidentStep.objects.values_list("incident", flat=True)) == known, user
        shown[user] = (bool(known), bool(parts))
    assert shown["drafter"] == (True, False) and shown["officer2"] == (False, True)
    assert shown["outsider"] == shown["sysadmin"] == shown["auditor"] == (False, False)
    assert shown["officer"] == shown["drafter2"] == shown["head"] == shown["secrecy"] == (True, True)

    def unnamed() -> None:
        assert not Incident.objects.exists() and not InspectionFinding.objects.exists()

    Context().run(unnamed)


def test_nobody_named_sees_and_writes_nothing(story: Story):
    matter = story.matter(story.approve(story.proposed()).matter)
    with act_open("test"):
        for index in (Posting, SketchCode):  # lower than any clearance, and of another regime
            index.objects.bulk_create(index(level=level, matter=matter) for level in ("内部", "普通商密"))
        LearntPart(number=1, kind="public", level="内部", texts=1, grams=1, at=story.now).save()
    guarded = (Matter, MatterText, Posting, SketchCode, LearntPart)
    assert all(model.objects.exists() for model in guarded)

    def unnamed() -> None:
        assert [model for model in guarded if model.objects.exists()] == []
        with act_open("test"):
            assert Matter.objects.update(version=9) == 0

    with reading(story.actor("drafter"), story.now):
        assert all(model.objects.exists() for model in guarded)
    with reading(story.actor("sysadmin"), story.now):
        unnamed()
    Context().run(unnamed)
    assert Matter.objects.exists()


def test_a_reader_writes_nothing(story: Story):
    matter = story.matter(story.drafted())
    with reading(story.actor("drafter"), story.now), act_open("test"):
        assert Matter.objects.get() == matter
        assert Matter.objects.update(version=9) == 0 and MatterText.objects.all()._raw_delete("default") == 0
        with pytest.raises(DatabaseError), transaction.atomic():
            MatterText(matter=matter, text_ct=b"", blocks_ct=b"", characters=0).save(force_insert=True)


def test_rows_are_guarded_from_the_owner_of_the_tables_too_and_every_table_without_a_policy_is_declared():
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
        guarded = {name for (name,) in cursor.fetchall()}
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False,)
    concerned = [model for model in apps.get_models() if any(map(_concerns_matters, model._meta.fields))]
    of_copies = [field.related_model for field in Carrier._meta.related_objects]
    of_oversight = [field.related_model for kept in (Incident, Inspection) for field in kept._meta.related_objects]
    touching = {model._meta.db_table for model in (*concerned, *of_copies, *of_oversight, Inspection)}
    assert touching - guarded == set(DECLARED["tables"]) and guarded <= touching
    assert guarded == set(row_security.GUARDED)


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE {0} DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE {0} NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY acts ON {0}; DROP POLICY readers ON {0}; ALTER TABLE {0} DISABLE ROW LEVEL SECURITY",
        "CREATE POLICY more ON {0} USING (true)",
    ],
)
def test_what_its_owner_switched_off_is_told_and_not_served(statement: str):
    serve._require_row_security()
    with connection.cursor() as cursor:
        cursor.execute(statement.format("matters_suggestion"))
    assert row_security.open_tables() == ("matters_suggestion",)
    with pytest.raises(Refused, match=r"check\.row_security"):
        serve._require_row_security()


def test_a_role_that_passes_by_the_policies_is_not_served(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(row_security, "passes_by", lambda: "postgres")
    with pytest.raises(Refused, match=r"check\.database_role"):
        serve._require_row_security()


def test_two_worlds_answer_alike_with_every_filter_removed(story: Story, monkeypatch: pytest.MonkeyPatch):
    """T2 with the second copy alone: each query, asked by those who may not know what only the second world holds."""
    two_worlds.known(story)
    unfiltered(monkeypatch)

    def opened(pool: list[UUID], chance: random.Random) -> Iterator[two_worlds.Asked]:
        yield from (two_worlds.Asked("outsider", "ask", "matter", {"matter": str(one)}) for one in pool[:4])

    def asks(pool: list[UUID], chance: random.Random) -> Iterator[two_worlds.Asked]:
        yield from opened(pool, chance)
        yield from (one for one in generated(pool, chance) if one.kind == "ask")

    generated = two_worlds.generated
    monkeypatch.setattr(two_worlds, "generated", asks)
    monkeypatch.setattr(two_worlds, "always", lambda _: iter(()))  # without filters nobody tells what a reader knows
    assert two_worlds.differences(story, range(1), most=100) == []
