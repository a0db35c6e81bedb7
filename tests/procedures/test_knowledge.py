"""Who learns 机密 or above is in the register before any word is shown, by whatever page the words come (TL-20, E38)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from dingmi.base.errors import DingmiError, Refused
from dingmi.procedures import access as doors
from dingmi.queries import QUERIES
from dingmi.queries.admission import judge_admission
from dingmi.queries.registry import jsonable
from dingmi.queries.verify import verify
from dingmi.records.guides.models import GuideItem
from dingmi.records.matters.models import Knowledge
from tests.story import Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]

WORDS = "阀室编号为甲一至甲三"  # of the text of every story


def ask(story: Story, user: str, name: str, **params: Any) -> Any:
    return doors.ask(name, actor=story.actor(user), now=story.now, params=params)


def known(matter: UUID, story: Story, user: str) -> int:
    return Knowledge.objects.filter(matter=matter, person=story.people[user], what="opened").count()


def answers(story: Story, matter: UUID) -> Iterator[tuple[str, str, Any]]:
    """Ask everything that can be asked of one matter alone, as everybody who works here."""
    for name, query in sorted(QUERIES.items()):
        wanted = [n for n, f in query.model.model_fields.items() if f.is_required()]
        if wanted == ["matter"]:
            for user in ("drafter", "officer", "secrecy", "head"):
                before = known(matter, story, user)
                try:
                    value = ask(story, user, name, matter=str(matter))
                except DingmiError:
                    continue
                if WORDS in json.dumps(jsonable(value), ensure_ascii=False):
                    yield name, user, known(matter, story, user) - before


@pytest.mark.clause("TL-20")
def test_whatever_shows_words_of_a_secret_matter_puts_its_reader_into_the_register_first(story: Story) -> None:
    served = {
        name: (user, rows) for m in (story.proposed(), story.approved()) for name, user, rows in answers(story, m)
    }
    assert set(served) >= {"draft.page", "review.desk"}
    assert {name for name, (_, rows) in served.items() if rows != 1} == set()
    assert verify().ok


@pytest.mark.clause("TL-20")
def test_two_texts_side_by_side_are_two_matters_learnt(story: Story) -> None:
    decided, draft = story.approved(), story.proposed()
    ask(story, "officer", "draft.compare", matter=str(draft), source=str(decided))
    assert [known(m, story, "officer") for m in (draft, decided)] == [1, 1]


@pytest.mark.clause("TL-20", "ZX-28.4")
def test_below_jimi_only_who_was_admitted_later_is_registered_on_reading(story: Story) -> None:
    matter = story.approved(answers=story.answers("3", scope=story.scope("drafter", "officer")))
    expand = {"matter": matter, "persons": (story.people["officer2"],), "purpose": "参与方案复核。"}
    story.act("officer", "need_to_know.expand", **expand, expected_version=story.version(matter))
    for user in ("officer", "officer2"):
        story.act(user, "carriers.read", matter=matter)
    assert [known(matter, story, user) for user in ("officer", "officer2")] == [0, 1]


def test_ones_own_draft_is_no_secret_yet_and_makes_no_row(story: Story) -> None:
    matter = story.filled()
    ask(story, "drafter", "draft.page", matter=str(matter))
    assert known(matter, story, "drafter") == 0


# who may be admitted, and with what statements (P16)


def admissible(story: Story, matter: UUID) -> set[str]:
    return {p.name for p in ask(story, "officer", "matter", matter=str(matter)).people}


@pytest.mark.clause("BMF-43.3")
def test_a_page_offers_those_who_are_cleared_not_in_the_scope_yet_and_no_administrator(story: Story) -> None:
    secret, higher = story.approved(answers=story.answers("3")), story.approved()
    assert admissible(story, secret) == {"高向东", "唐思远", "何志远", "孙若梅"}
    assert admissible(story, higher) == {"高向东", "唐思远", "何志远"}
    offered = {p.name for p in ask(story, "secrecy", "reception.choices").persons}
    assert offered >= {"林晓雯", "孙若梅"} and not offered & {"沈雅琴"}


@pytest.mark.clause("BMF-43.3")
def test_who_has_no_undertaking_is_admitted_with_a_warning_unless_it_is_stated(story: Story) -> None:
    matter, person = story.approved(), story.people["drafter2"]

    def codes(stated: bool) -> set[str]:
        given = (
            story.matter(matter),
            story.actor("officer"),
            (person,),
            0,
            "参与复核。",
            False,
            stated,
            story.now,
            frozenset(),
        )
        return {f.code for f in judge_admission(*given).findings}

    assert (codes(False), codes(True)) == ({"scope.undertaking"}, set())


@pytest.mark.clause("BMF-20.2")
def test_an_item_that_states_more_than_the_law_is_what_the_guide_provides_otherwise(story: Story) -> None:
    rows = [
        {**r, "guide": "SW-L", "edition": "2022"}
        for r in ({"no": "1", "item": "水源地长期防护方案", "period": "25年"},)
    ]
    common = {
        "title": "水务工作补充目录（示例）",
        "owner": "国家水行政主管部门（虚构）",
        "since": "2022-01-01",
        "level": "机密",
        "matter_code": "SW-NET",
    }
    story.act("secrecy", "guides.import_edition", rows=tuple({**r, **common} for r in rows))
    item = GuideItem.objects.get(edition__code="SW-L")
    answers = replace(story.answers(), item=item.pk, tail="25年")
    assert story.matter(story.proposed(answers=answers)).state == "proposed"
    with pytest.raises(Refused) as caught:
        story.proposed(answers=replace(answers, tail="26年"))
    assert {f.code for f in caught.value.findings if f.severity == "block"} == {"period.over_item"}
