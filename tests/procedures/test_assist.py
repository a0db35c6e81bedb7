"""What the suggestions learn: public texts and refused passages, kept as hashed counts, signed, and taken out again."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from dingmi.base.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from dingmi.engines.suggest import SourceIndex, ranking, units_of
from dingmi.procedures import ranking as learning
from dingmi.procedures import versions
from dingmi.procedures.determination import keep_suggestion
from dingmi.procedures.terms import Answers, SourceIn, Upload
from dingmi.queries import assist, boilerplate, content, draft, suggestions
from dingmi.queries import ranking as orders
from dingmi.queries.terms import BOILERPLATE, ReuseAnswer
from dingmi.records.ledger.guard import act_open
from dingmi.records.ledger.models import Entry
from dingmi.records.matters.assist import LearntPart, LearntText, Outcome, RankingModel
from tests.story import TEXT, Story, docx_of

pytestmark = [pytest.mark.db, pytest.mark.django_db]
PUBLIC = (
    "各单位应当建立健全安全生产责任制，明确主要负责人、分管负责人和岗位人员的职责，定期组织检查，及时消除隐患。\n" * 3
)
PARTLY = TEXT.replace("城区供水管网关键节点切换方案", "关键节点切换工作")  # not all the words of its item


def nothing(_: UUID) -> bool:
    return False


def learn(story: Story, text: str = PUBLIC, user: str = "secrecy", title: str = "") -> Any:
    return story.act(user, "assist.learn", upload=Upload("公开.docx", docx_of(text)), title=title)


def reused(story: Story, user: str = "drafter") -> list[str]:
    found = suggestions.suggest(story.actor(user), story.now, TEXT, ())
    return [one["source"] for one in found.payload["reuse"]]


def refuse_as_boilerplate(story: Story, source: UUID) -> UUID:
    """Draft the same words, say that they are boilerplate, and let an officer approve."""
    answer = ReuseAnswer(source, False, BOILERPLATE)
    return story.approved(answers=replace(story.answers(), reuse=(answer,)))


def test_a_public_text_is_kept_as_counts_alone_and_its_digest_stands_in_the_ledger(story: Story) -> None:
    made = learn(story, title="安全生产责任制通知")
    part = LearntPart.objects.get(pk=made.part)
    assert (part.kind, part.texts, part.number, part.level) == ("public", 1, 1, "内部")
    assert made.grams > 20 and LearntText.objects.get(part=part).name == "安全生产责任制通知"
    assert "安全".encode() not in bytes(part.counts_ct)
    entry = json.loads(Entry.objects.get(act="assist.learn").body)
    assert entry["data"]["digest"] == made.digest == part.digest
    assert boilerplate.known(nothing).model.frequencies(units_of(PUBLIC)).min() == 1
    found = suggestions.suggest(story.actor("drafter"), story.now, TEXT, ())
    assert found.engine.endswith("+1")


def test_only_the_office_teaches_and_only_whole_public_texts_that_are_new(story: Story) -> None:
    with pytest.raises(Forbidden):
        learn(story, user="drafter")
    with pytest.raises(Invalid, match=r"assist\.too_short"):
        learn(story, "太短。")
    with pytest.raises(Refused, match=r"assist\.carries_mark"):
        learn(story, "机密★10年\n" + PUBLIC)
    learn(story)
    with pytest.raises(Refused, match=r"assist\.learnt_before"):
        learn(story, PUBLIC.replace("\n", "\n\n"))
    assert LearntPart.objects.count() == 1


def test_a_part_is_taken_out_once_with_a_reason_and_may_be_learnt_again(story: Story) -> None:
    made = learn(story)
    gone = {"part": made.part, "reason": "并非公开文件"}
    with pytest.raises(NotFound):
        story.act("secrecy", "assist.forget", part=story.home.pk, reason="无此部分")
    story.act("secrecy", "assist.forget", **gone)
    assert boilerplate.known(nothing).version == 0
    assert boilerplate.known(nothing).model.documents == 0
    with pytest.raises(Conflict):
        story.act("secrecy", "assist.forget", **gone)
    assert learn(story).number == 2


def test_a_passage_put_away_as_boilerplate_and_approved_is_silent_for_those_who_may_read_its_source(
    story: Story,
) -> None:
    source = story.approved()
    assert str(source) in reused(story)
    later = refuse_as_boilerplate(story, source)
    assert story.daily()["assist.follow"]["corrections"] > 0
    assert not {str(source), str(later)} & set(reused(story))
    part = LearntPart.objects.get(kind="correction")
    assert (part.source_id, part.level) == (source, story.matter(source).level)
    assert (
        boilerplate.known(lambda pk: pk == later).model.grams == 0
    )  # who may not read the source is not told by its silence
    assert story.daily()["assist.follow"]["corrections"] == 0  # the second run finds nothing new
    story.act("secrecy", "assist.forget", part=part.pk, reason="确为派生")
    assert {str(source), str(later)} & set(reused(story))


def test_a_source_put_away_for_another_reason_teaches_nothing(story: Story) -> None:
    source = story.approved()
    story.approved(answers=replace(story.answers(), reuse=(ReuseAnswer(source, False, "not_used"),)))
    assert story.daily()["assist.follow"]["corrections"] == 0
    assert reused(story)


def test_an_altered_part_is_refused_and_suggestions_go_on_without_the_model(story: Story) -> None:
    learn(story)
    assert boilerplate.known(nothing).model.documents == 1
    with connection.cursor() as cursor:
        cursor.execute("UPDATE matters_learntpart SET digest = %s", ["0" * 64])
    known = boilerplate.known(nothing)
    assert known.altered and known.model.documents == 0
    found = suggestions.suggest(story.actor("drafter"), story.now, TEXT, ())
    assert {"code": "assist.model_altered"} in found.payload["findings"]


def test_what_became_of_a_suggestion_is_noted_once_from_the_signed_decision(story: Story) -> None:
    source = story.approved()
    answer = ReuseAnswer(source, False, "not_used")
    matter = story.approved(answers=replace(story.answers(), reuse=(answer,)))
    other = story.proposed(answers=replace(story.answers(), item=story.item("3").pk, level="秘密", tail="5年"))
    story.act(
        "officer",
        "determination.change_and_approve",
        matter=other,
        **{"level": "机密", "tail": "10年", "scope": story.scope(), "item": story.item().pk, "reason": "应为第 7 项。"},
        expected_version=story.version(other),
    )
    assert story.daily()["assist.follow"]["outcomes"] == 3
    assert story.daily()["assist.follow"]["outcomes"] == 0
    kept = {o.matter_id: o for o in Outcome.objects.all()}
    assert kept[matter].place == 1 and kept[matter].item_id == story.item().pk
    assert kept[matter].refused == [[str(source), "not_used"]]
    assert (kept[source].is_changed, kept[other].is_changed) == (False, True)
    rates = {rate.name: rate for rate in assist.rates(story.now)}
    assert (rates["first"].count, rates["first"].of, rates["first"].per_cent) == (3, 3, None)
    assert (rates["changed"].count, rates["changed"].of) == (1, 3)


@pytest.mark.clause("SEED-15")
def test_what_is_suggested_with_its_evidence_decides_nothing_until_a_person_adopts_it_and_another_approves(
    story: Story,
) -> None:
    matter = story.drafted()
    page = draft.build(story.actor("drafter"), story.now, story.matter(matter))
    first = page.candidates[0]
    assert first.item == story.item().pk and first.evidence and page.evidence and page.suggested_mark
    assert page.item is None and page.answers.item is None and page.answers.confirmed == ()
    answers = story.answers()
    story.fill(matter, replace(answers, item=None))
    with pytest.raises(Refused) as caught:
        story.act("drafter", "determination.propose", matter=matter, expected_version=story.version(matter))
    assert [f.code for f in caught.value.findings if f.severity == "block"] == ["basis.missing"]
    story.fill(matter, answers)
    story.act("drafter", "determination.propose", matter=matter, expected_version=story.version(matter))
    assert story.matter(matter).state == "proposed"
    story.approve(matter)
    decided = story.matter(matter).decisions.latest("number")
    assert decided.officer_id == story.people["officer"] != story.matter(matter).drafter_id


def test_a_blind_draft_withholds_items_and_never_reuse_and_the_same_text_is_answered_the_same(story: Story) -> None:
    source = story.approved()
    with pytest.raises(Invalid):
        story.act("secrecy", "assist.blind", per_cent=21)
    story.act("secrecy", "assist.blind", per_cent=20)
    texts = [f"{TEXT}第{n}稿。" for n in range(60)]
    drawn = [text for text in texts if suggestions.is_blind(text)]
    assert drawn and drawn == [text for text in texts if suggestions.is_blind(text)] and len(drawn) < 60
    matter = story.drafted(upload=Upload("盲测.docx", docx_of(drawn[0])))
    page = draft.build(story.actor("drafter"), story.now, story.matter(matter))
    assert page.is_blind == suggestions.is_blind(page_text(story, matter))
    found = suggestions.suggest(story.actor("drafter"), story.now, drawn[0], ()).payload
    assert found["candidates"] == [] and found["withheld"]
    assert str(source) in [one["source"] for one in found["reuse"]]


def page_text(story: Story, matter: UUID) -> str:
    return content.body(story.matter(matter))[0]


def unexpected(story: Story) -> Answers:
    """Answers by an item that is not suggested for the text."""
    return replace(story.answers(), item=story.item("3").pk, level="秘密", tail="5年")


def test_an_order_is_learnt_signed_shadowed_put_to_use_and_taken_back(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders, "KIND", replace(orders.KIND, least=3))
    monkeypatch.setattr(ranking, "LEAST_CASES", 3)
    monkeypatch.setattr(versions, "AGAIN_AFTER", 1)
    story.approved()
    story.approved()
    story.approved(answers=unexpected(story))
    assert story.daily()["assist.follow"]["rankings"] == 1
    first = RankingModel.objects.get()
    assert (first.number, first.state, first.cases) == (1, "shadow", 3)
    (entry,) = (json.loads(e.body) for e in Entry.objects.filter(act="assist.follow", stream=f"ranking:{first.pk}"))
    assert entry["data"]["digest"] == first.digest
    assert ".r" not in suggestions.suggest(story.actor("drafter"), story.now, TEXT, ()).engine

    with pytest.raises(NotFound):
        story.act("secrecy", "assist.serve", number=9)
    story.act("secrecy", "assist.serve", number=1)
    assert suggestions.suggest(story.actor("drafter"), story.now, TEXT, ()).engine.endswith(".r1")
    story.later(days=1)
    story.approved()
    story.daily()
    latest = Outcome.objects.order_by("-at", "-pk").first()
    assert latest is not None and latest.ranked == {"0": 1, "1": 1}
    shown = {o.number: o for o in assist._orders(story.now)}
    assert (shown[1].state, shown[1].ran, shown[1].first, shown[2].state) == ("serving", 1, 1, "shadow")
    assert shown[1].engine_first == 1

    story.act("secrecy", "assist.serve", number=0)
    with pytest.raises(Refused, match=r"assist\.ranking_retired"):
        story.act("secrecy", "assist.serve", number=1)


def test_the_engines_own_place_is_kept_while_another_order_is_shown(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders, "KIND", replace(orders.KIND, least=2))
    monkeypatch.setattr(ranking, "LEAST_CASES", 2)
    story.approved()
    story.approved(answers=unexpected(story))
    story.daily()
    story.act("secrecy", "assist.serve", number=1)
    backwards = lambda _, offers: sorted(offers, key=lambda o: -o.place)  # noqa: E731
    monkeypatch.setattr(ranking.Ranking, "ordered", backwards)
    story.later(days=1)
    two = TEXT + "四、供水系统综合风险评估结论及薄弱环节分析见附件。\n"
    matter = story.drafted(upload=Upload("方案.docx", docx_of(two)))
    story.fill(matter)
    story.propose(matter)
    story.approve(matter)
    story.daily()
    kept = Outcome.objects.get(matter_id=matter)
    assert len(kept.suggested) == 2
    assert (kept.place, kept.ranked) == (1, {"0": 2, "1": 1})  # the last of the engine's was shown first, and decided
    shown = {o.number: o for o in assist._orders(story.now)}
    assert (shown[1].ran, shown[1].first, shown[1].engine_first) == (1, 1, 0)
    assert [o.place for o in learning._cases()[-1].offers] == [1, 2]


def test_an_order_is_learnt_from_the_suggestion_that_the_proposal_was_made_on(story: Story) -> None:
    matter = story.proposed()
    story.later(days=1)
    with act_open("test"):
        keep_suggestion(story.matter(matter), suggestions.Found("later", {"candidates": []}), story.now)
    story.approve(matter)
    story.daily()
    kept = Outcome.objects.get()
    (case,) = learning._cases()
    assert kept.suggested and [o.item for o in case.offers] == kept.suggested


def test_an_altered_order_is_not_used_and_the_suggestion_says_so(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orders, "KIND", replace(orders.KIND, least=2))
    monkeypatch.setattr(ranking, "LEAST_CASES", 2)
    story.approved()
    story.approved(answers=unexpected(story))
    story.daily()
    story.act("secrecy", "assist.serve", number=1)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE matters_rankingmodel SET digest = %s", ["0" * 64])
    found = suggestions.suggest(story.actor("drafter"), story.now, TEXT, ())
    assert {"code": "assist.ranking_altered"} in found.payload["findings"] and found.payload["candidates"]


def test_words_taken_over_are_found_where_they_stand_first(story: Story) -> None:
    source = story.approved()
    for _ in range(3):
        story.later(days=1)
        story.approve(story.derive((SourceIn(matter=source, consent=True),)))
    found = suggestions.suggest(story.actor("drafter"), story.now, TEXT, ()).payload["reuse"]
    assert [one["source"] for one in found] == [str(source)]
    assert found[0]["similarity"] > 0.9


@pytest.mark.parametrize("breaks_at", ["_close", "enter", "_flush", "_push", "opened"])
def test_an_index_broken_off_half_way_finds_next_time_what_a_fresh_one_finds(
    story: Story, monkeypatch: pytest.MonkeyPatch, breaks_at: str
) -> None:
    first, words = (
        story.approved(),
        "枯水期备用线路经由青石岭隧洞接入，最大流量为每秒四点七立方米，切换不超过九分钟。\n",
    )
    suggestions._sources.clear()
    assert reused(story) == [str(first)]
    second = story.drafted(upload=Upload("备用.docx", docx_of(words * 2)))
    story.fill(second)
    story.propose(second)
    story.approve(second)

    def killed(*given: Any) -> None:
        raise KeyboardInterrupt

    def payload() -> dict[str, Any]:
        return suggestions.suggest(story.actor("drafter"), story.now, TEXT + words, ()).payload

    with monkeypatch.context() as broken:
        broken.setattr(SourceIndex, breaks_at, killed)
        with pytest.raises(KeyboardInterrupt):
            payload()
    after = payload()
    suggestions._sources.clear()
    assert after == payload() and {one["source"] for one in after["reuse"]} == {str(first), str(second)}


def overturn(story: Story, matter: UUID, kind: str, remedy: str) -> None:
    """Find an error in a decision, and decide its remedy."""
    error = {"kind": kind, "found_on": story.now.date(), "detail": "不符合条目。"}
    found = story.act("officer2", "correction.find", matter=matter, **error)
    decided = {"correction": found.id, "remedy": remedy, "reason": "应予纠正。"}
    story.act("officer", "correction.decide", **decided, expected_version=story.version(matter))


def test_what_was_overturned_is_not_learnt_as_confirmed_and_a_change_teaches_the_item_it_names(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders, "KIND", replace(orders.KIND, least=4))
    monkeypatch.setattr(ranking, "LEAST_CASES", 4)
    monkeypatch.setattr(versions, "AGAIN_AFTER", 1)
    matters = [story.approved() for _ in range(3)]
    matters.append(story.approved(answers=unexpected(story)))
    assert story.daily()["assist.follow"]["rankings"] == 1
    known = {o.decision_id: o.matter_id for o in Outcome.objects.all()}
    rows = list(Outcome.objects.order_by("at", "pk"))
    seven, one = str(story.item().pk), str(story.item("1").pk)

    def learnt() -> dict[UUID, str]:
        return dict(zip([known[r.decision_id] for r in rows], [c.decided for c in learning._cases()[:4]], strict=True))

    before = learning._cases()
    assert [learnt()[m] for m in matters] == [seven] * 3 + [str(story.item("3").pk)]
    story.later(days=1)
    overturn(story, matters[0], "wrong", "void")
    overturn(story, matters[1], "over", "change")
    overturn(story, matters[2], "unmarked", "remark")
    assert [learnt()[m] for m in matters[:3]] == ["", "", seven]  # the change is not carried out yet; marks are no item
    change = {"item": UUID(one), "tail": "6年", "ground": "basis_changed", "reason": "应适用第 1 项。"}
    story.act("drafter", "change.propose", matter=matters[1], expected_version=story.version(matters[1]), **change)
    story.act("officer", "change.change", matter=matters[1], expected_version=story.version(matters[1]))
    assert [learnt()[m] for m in matters[:3]] == ["", one, seven]
    assert (
        RankingModel.objects.get().fitted == ranking.learn(before).to_text()
    )  # what was learnt stays as it was signed
    story.approved()
    assert story.daily()["assist.follow"]["rankings"] == 1
    latest = RankingModel.objects.get(number=2)
    cases = learning._cases()
    believed = [replace(c, decided=b.decided) for c, b in zip(cases, [*before, cases[-1]], strict=True)]
    assert latest.fitted == ranking.learn(cases).to_text() != ranking.learn(believed).to_text()


def test_a_release_that_was_due_later_leaves_the_item_of_the_first_decision(story: Story) -> None:
    matter = story.approved()
    story.daily()
    story.later(days=1)
    overturn(story, matter, "unreleased", "release")
    assert learning._cases()[0].decided == str(story.item().pk)


def test_what_the_reader_may_see_decided_under_an_item_speaks_for_it_and_what_he_may_not_changes_nothing(
    story: Story,
) -> None:
    def first(user: str) -> tuple[str, float]:
        suggestions._sources.clear()
        best = suggestions.suggest(story.actor(user), story.now, PARTLY, ()).payload["candidates"][0]
        return best["item"], best["score"]

    before = first("drafter"), first("officer2")
    matter = story.drafted()
    story.fill(matter, story.answers(scope=story.scope("drafter", "officer")))
    story.propose(matter)
    story.approve(matter)
    decided = str(story.matter(matter).item_id)
    after = first("drafter"), first("officer2")
    assert after[0][0] == decided and after[0][1] > before[0][1]
    assert after[1] == before[1], "a matter that he may not see neither lifts nor lowers anything (SR-29)"
