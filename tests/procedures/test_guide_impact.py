"""A new edition touches exactly the matters whose item it changes, opens their tasks once, and old days keep the old edition."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from dingmi.base.errors import Conflict, Forbidden, Invalid, NotFound
from dingmi.procedures import ACTS
from dingmi.procedures.terms import SourceIn
from dingmi.queries import guide_impact
from dingmi.queries import guides as asked
from dingmi.queries.catalogue import catalogue
from dingmi.records.guides.models import GuideEdition, GuideFeedback
from dingmi.records.matters.models import ReviewTask
from dingmi.records.notices.models import Notice
from tests.story import ITEMS, Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]
NEW = date(2026, 6, 1)


def edition(
    story: Story, since: date = NEW, name: str = "2026", /, without: tuple[str, ...] = (), **changed: dict
) -> UUID:
    """Import a new edition of the story's guide: some items gone, some changed (keys ``_7`` for item 7)."""
    rows = tuple(
        {
            "guide": "SW-2021",
            "title": "水务工作国家秘密范围目录（示例）",
            "owner": "国家水行政主管部门（虚构）",
            "edition": name,
            "since": since.isoformat(),
            "no": number,
            "item": text,
            "level": level,
            "period": tail,
            "matter_code": code,
            "scope": "直接承办人员",
            "origin_tier": "设区的市级以上",
            **changed.get(f"_{number}", {}),
        }
        for number, text, level, tail, code in ITEMS
        if number not in without
    )
    return story.act("secrecy", "guides.import_edition", rows=rows).editions[0]


def matters(story: Story) -> dict[str, UUID]:
    """Approve matters on several items and for several periods."""
    return {
        "7 long": story.approved(answers=story.answers("7")),
        "7 short": story.approved(answers=story.answers("7", tail="3年")),
        "3": story.approved(answers=story.answers("3")),
        "1": story.approved(answers=story.answers("1")),
        "5": story.approved(answers=story.answers("5")),
    }


def tasks() -> set[UUID]:
    """Return the matters with an open task because of a guide."""
    return set(ReviewTask.objects.filter(kind="guide", done_at__isnull=True).values_list("matter_id", flat=True))


@pytest.mark.clause("TL-13c")
def test_the_run_opens_tasks_for_exactly_what_is_touched_and_again_for_nothing(story: Story) -> None:
    made = matters(story)
    made["derived"] = story.derive((SourceIn(matter=made["1"], consent=True),))
    story.approve(made["derived"])
    released = story.approved(answers=story.answers("7"))
    story.review(released, "release", ground="harmless")
    number = story.matter(released).register_no
    story.act("officer", "declassification.release", matter=released, reason="公开无害。", confirm=number,
              expected_version=story.version(released))  # fmt: skip
    new = edition(story, NEW, "2026", ("1",), _7={"period": "5年"}, _3={"level": "机密"}, _5={})
    report = guide_impact.impact(actor=story.actor("head"), now=story.now, edition=new)
    wanted = {made["7 long"]: "shorten", made["3"]: "level", made["1"]: "release"}
    scope_only = {made["7 short"]: "scope", made["5"]: "scope"}
    assert {row.matter: row.outcome for row in report.rows} == wanted | scope_only
    assert tasks() == set()
    first = story.act("secrecy", "guides.run_impact", edition=new)
    assert (first.touched, first.opened) == (5, 5) and tasks() == set(wanted | scope_only)
    assert story.act("secrecy", "guides.run_impact", edition=new).opened == 0
    told = dict(
        Notice.objects.filter(code__startswith="guide.", person_id=story.people["drafter"]).values_list(
            "matter_id", "code"
        )
    )
    assert {m: c.removeprefix("guide.") for m, c in told.items()} == wanted | scope_only
    report = guide_impact.impact(actor=story.actor("head"), now=story.now, edition=new)
    assert report.tasked == 5 and report.unaffected == 0 and report.delegations == ("某水授〔2026〕1号",)


def test_a_done_task_is_not_opened_again_by_the_same_edition(story: Story) -> None:
    matter = story.approved(answers=story.answers("7"))
    new = edition(story, NEW, "2026", _7={"period": "5年"})
    story.act("secrecy", "guides.run_impact", edition=new)
    story.review(matter, "keep")
    story.act("officer", "review.decide", matter=matter, opinion="已核。", expected_version=story.version(matter))
    assert tasks() == set()
    assert story.act("secrecy", "guides.run_impact", edition=new).opened == 0 and tasks() == set()


def test_an_edition_that_comes_into_force_is_followed_up_by_the_day_itself(story: Story) -> None:
    matter = story.approved(answers=story.answers("7"))
    edition(story, NEW, "2026", ("7",))
    story.on(date(2026, 5, 31)).daily()
    assert tasks() == set()
    assert story.on(NEW).daily()["guides.follow_editions"]["opened"] == 1
    assert tasks() == {matter}
    assert story.on(NEW, 12).daily()["guides.follow_editions"]["opened"] == 0


def test_a_matter_under_an_older_edition_is_followed_through_the_ones_between(story: Story) -> None:
    matter = story.approved(answers=story.answers("7"))
    edition(story, date(2026, 3, 1), "2026-1")
    story.on(date(2026, 3, 2)).daily()
    second = edition(story, NEW, "2026-2", ("7",))
    report = guide_impact.impact(actor=story.actor("head"), now=story.now, edition=second)
    assert {row.matter: row.outcome for row in report.rows} == {matter: "release"}


def test_an_old_day_is_answered_by_the_old_edition(story: Story) -> None:
    edition(story, NEW, "2026", _7={"period": "5年"})
    actor = story.actor("drafter")
    for day, tail in ((date(2026, 5, 31), "10年"), (NEW, "5年")):
        items = asked.on_day(actor=actor, now=story.now, code="SW-2021", on=day)
        assert next(i.tail for i in items if i.number == "7") == tail
    with pytest.raises(NotFound):
        asked.on_day(actor=actor, now=story.now, code="SW-2021", on=date(2020, 12, 31))
    page = asked.guides(actor=actor, now=story.now, on=NEW)
    assert page.chosen.edition == "2026"


def test_the_diff_strikes_and_inserts_what_differs(story: Story) -> None:
    new = edition(
        story, NEW, "2026", ("11",), _3={"item": "供水系统综合风险评估结论中可推断薄弱环节的部分", "period": "3年"}
    )
    found = guide_impact.diff(actor=story.actor("drafter"), now=story.now, edition=new)
    assert found.counts["removed"] == 1 and (found.old_name, found.new_name) == ("2021", "2026")
    item = next(i for i in found.items if i.number == "3")
    parts = {e.name: e for e in item.elements}
    assert "".join(p.text for p in parts["text"].old) == "供水系统综合风险评估结论及薄弱环节分析"
    assert [p.text for p in parts["text"].new if p.kind == "new"] == ["中可推断", "的部"]
    assert ([p.kind for p in parts["tail"].old], [p.text for p in parts["tail"].new]) == (["gone"], ["3年"])
    assert not parts["level"].changed


def test_items_are_found_by_content_and_their_use_is_counted(story: Story) -> None:
    matter = story.approved(answers=story.answers("7"))
    returned = story.proposed(answers=story.answers("7"))
    story.act("officer", "determination.return", matter=returned, reason_code="basis", text="请补充。",
              expected_version=story.version(returned))  # fmt: skip
    page = asked.guides(actor=story.actor("head"), now=story.now, text="管网节点")
    assert page.items[0].number == "7" and page.items[0].used == 1 and page.detail.item.number == "7"
    assert (page.detail.quarters[-1].adopted, page.detail.quarters[-1].rejected) == (1, 1)
    assert sum(q.adopted for q in page.detail.quarters) == 1
    assert asked.guides(actor=story.actor("outsider"), now=story.now, text="管网节点").items[0].used == 0
    assert asked.guides(actor=story.actor("drafter"), now=story.now, text="气象").items == ()
    assert matter


@pytest.mark.clause("GD-8.2")
def test_a_classified_guide_does_not_exist_for_who_is_not_cleared(story: Story) -> None:
    secret = edition(story, NEW, "2026", **{f"_{n}": {"guide_level": "机密"} for n, *_ in ITEMS})
    for user, seen in (("drafter", True), ("outsider", False)):
        page = asked.guides(actor=story.actor(user), now=story.now)
        assert (secret in {e.id for e in page.editions}) is seen
    with pytest.raises(NotFound):
        guide_impact.diff(actor=story.actor("outsider"), now=story.now, edition=secret)
    item = GuideEdition.objects.get(pk=secret).items.first()
    with pytest.raises(NotFound):
        story.act("outsider", "guides.report_defect", item=item.pk, kind="unclear", text="表述不清。")


@pytest.mark.clause("TL-13a")
def test_the_organ_with_authority_is_told_that_its_table_is_missing_then_stale(story: Story) -> None:
    def page():
        return catalogue(actor=story.actor("secrecy"), now=story.now)

    assert [f.code for f in page().state.findings] == ["catalogue.required"]
    table = story.act("secrecy", "guides.draft_catalogue")
    assert page().state.findings and page().chosen.state == "draft"
    story.act("head", "guides.approve_catalogue", catalogue=table.id)
    assert page().state.findings == () and len(page().rows) == len(ITEMS)
    assert all((r.level, r.mark) == (i[2], f"{i[2]}★{i[3]}") for r, i in zip(page().rows, ITEMS, strict=True))
    edition(story, NEW, "2026")
    assert [f.params["state"] for f in page().state.findings] == ["stale"]
    assert Notice.objects.filter(code="catalogue.stale", person_id=story.people["secrecy"]).count() == 1


@pytest.mark.clause("SEED-13", "TL-12.2")
def test_a_defect_goes_to_the_owner_and_the_answer_comes_back(story: Story) -> None:
    made = story.act(
        "drafter", "guides.report_defect", item=story.item("7").pk, kind="unclear", text="“关键节点”没有标准。"
    )

    def answer(on: date, text: str, seen: str = "") -> None:
        given = {"expected_version": seen or story.seen(GuideFeedback, made.id)}
        story.act("secrecy", "guides.answer_feedback", feedback=made.id, answered_on=on, answer=text, **given)

    with pytest.raises(Conflict, match=r"feedback\.not_sent"):
        answer(story.now.date(), "已修订。")
    before = story.seen(GuideFeedback, made.id)
    story.act("secrecy", "guides.send_feedback", feedback=made.id, sent_on=story.now.date(), number="清水保〔2026〕3号")
    with pytest.raises(Conflict, match=r"feedback\.sent_already"):
        story.act("secrecy", "guides.send_feedback", feedback=made.id, sent_on=story.now.date(), number="4号")
    with pytest.raises(Invalid):
        answer(date(2020, 1, 1), "已修订。")
    with pytest.raises(Conflict, match=r"record\.stale") as stale:
        answer(story.now.date(), "已修订。", before)
    assert stale.value.params["act"] == "guides.send_feedback"
    answer(story.now.date(), "下次修订研究。")
    kept = GuideFeedback.objects.get()
    assert (kept.sent_number, kept.answer) == ("清水保〔2026〕3号", "下次修订研究。")
    assert asked.feedback(actor=story.actor("drafter"), now=story.now)[0].answer == "下次修订研究。"
    with pytest.raises(Forbidden):
        story.act("drafter", "guides.send_feedback", feedback=made.id, sent_on=story.now.date(), number="5号")


def test_only_the_keepers_run_the_impact(story: Story) -> None:
    new = edition(story, NEW, "2026")
    with pytest.raises(Forbidden):
        story.act("drafter", "guides.run_impact", edition=new)
    assert "guides.run_impact" in ACTS


@pytest.mark.clause("TL-13a")
def test_an_organ_with_authority_is_told_monthly_while_it_has_no_table_in_force(story: Story) -> None:
    def told() -> int:
        return Notice.objects.filter(code="catalogue.to_be_made").count()

    assert story.daily()["guides.follow_editions"]["told"] == told() == 1
    assert story.later(days=1).daily()["guides.follow_editions"]["told"] == 0
    story.later(days=20).daily()
    assert story.later(days=10).daily()["guides.follow_editions"]["told"] == 1
    drawn = story.act("secrecy", "guides.draft_catalogue")
    story.act("head", "guides.approve_catalogue", catalogue=drawn.id)
    assert story.later(days=40).daily()["guides.follow_editions"]["told"] == 0
    assert told() == 2
