"""The one decision is asked when a single object is opened: a filter that became too wide opens nothing (SR-11)."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dingmi.base.errors import NotFound
from dingmi.procedures import passwords
from dingmi.queries import QUERIES, access, clock, grades
from dingmi.queries.decided import require_decided
from dingmi.records.matters.models import GRADE_STATES, Matter
from tests.queries.test_visibility import CLEARANCES, NOW, ROLES, WHO, World, actor, may_read, world
from tests.story import PASSWORD, Story
from tests.worlds import again

__all__ = ["world"]
pytestmark = [pytest.mark.db, pytest.mark.django_db]


@pytest.fixture
def story(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Story:
    settings.DINGMI_KEYS, settings.DINGMI_VAULT = tmp_path / "keys", tmp_path / "vault"
    settings.DINGMI_PROFILE = "demo"
    passwords.THROTTLE.clear()
    made = again(Story)
    monkeypatch.setattr(clock, "now", lambda: made.now)
    return made


@pytest.fixture
def too_wide(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the filters of both kinds of secret through everything."""
    monkeypatch.setattr(access, "_visible", lambda *_: Matter.objects.exclude(state__in=GRADE_STATES))
    monkeypatch.setattr(grades, "visible", lambda *_: Matter.objects.filter(state__in=GRADE_STATES))
    access._one.cache_clear()
    yield
    access._one.cache_clear()


def test_over_the_grid_the_decision_opens_what_the_rules_allow_and_nothing_else(world: World) -> None:
    chance = random.Random(17)
    cases = list(product(WHO, CLEARANCES, ROLES, world.matters.items()))
    opened = 0
    for who, clearance, role, (pk, case) in chance.sample(cases, 600):
        asking = actor(world, who, clearance, role)
        try:
            levels = access._levels(asking, NOW)
            require_decided(asking, NOW, Matter.objects.get(pk=pk), officer_level=levels[-1] if levels else "")
        except NotFound:
            assert not may_read(who, clearance, role, *case), (who, clearance, role, case)
        else:
            assert may_read(who, clearance, role, *case), (who, clearance, role, case)
            opened += 1
    assert 0 < opened < 600


@pytest.mark.usefixtures("too_wide")
def test_a_filter_that_lets_everything_through_opens_nothing_by_page_api_or_download(
    story: Story, caplog: pytest.LogCaptureFixture
) -> None:
    matter = story.approved()
    client = Client()
    assert client.post("/sign-in", {"username": "outsider", "password": PASSWORD}).status_code == 302
    outsider = story.actor("outsider")
    assert access.visible(outsider, story.now).filter(pk=matter).exists(), "the filter is too wide"
    with caplog.at_level(logging.ERROR, logger="dingmi.access"):
        for name in ("matter", "draft.page"):
            with pytest.raises(NotFound, match=r"object\.not_found"):
                QUERIES[name].run(actor=outsider, now=story.now, params={"matter": str(matter)})
        for road in (f"/m/{matter}", f"/m/{matter}/files", f"/print/register_card/{matter}"):
            assert client.get(road).status_code == 404, road
        for road in (f"/m/{matter}/text", f"/download/{matter}"):
            assert client.post(road).status_code == 404, road
        for act in ("carriers.read", "carriers.download"):
            with pytest.raises(NotFound, match=r"object\.not_found"):
                story.act("outsider", act, matter=matter)
    told = "the decision denies" in caplog.text
    assert told or connection.vendor == "postgresql", (
        "there the database itself lets no such row through, so nobody asks"
    )
    assert QUERIES["matter"].run(actor=story.actor("drafter"), now=story.now, params={"matter": str(matter)})


def test_asking_costs_no_query_where_the_facts_are_loaded(story: Story) -> None:
    matter = story.approved()
    for user in ("drafter", "officer2"):  # on the row; in the scope, which is read for the ledger anyhow
        with CaptureQueriesContext(
            connection,
        ) as made:
            access.matter_for(story.actor(user), story.now, matter)
        asked = [
            q["sql"] for q in made if 'FROM "matters_scopeentry" WHERE "matters_scopeentry"."matter_id"' in q["sql"]
        ]
        challenged = [q["sql"] for q in made if 'SELECT 1 AS "a" FROM "matters_challenge"' in q["sql"]]
        assert (len(asked), challenged) == (1, []), user
