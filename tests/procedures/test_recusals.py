"""回避: who is barred for a conflict knows nothing of the matter on any road, whatever else admits him (SR-13, ADR 0050)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from dingmi.base.errors import Conflict, DingmiError, Forbidden, Invalid, NotFound, Refused, Tampered
from dingmi.procedures import ACTS
from dingmi.procedures import access as doors
from dingmi.procedures.terms import SourceIn
from dingmi.queries import QUERIES, access, facts, grades, standing
from dingmi.queries.registry import jsonable
from dingmi.queries.verify import verify
from dingmi.records.carriers.models import Carrier
from dingmi.records.ledger.guard import act_open
from dingmi.records.ledger.models import Entry
from dingmi.records.matters.models import Matter
from dingmi.records.matters.recusals import Recusal
from dingmi.records.notices.models import Notice
from tests import states
from tests.story import Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]

WHY = "其配偶在受影响的单位任职。"


@pytest.fixture
def cleared(story: Story) -> Story:
    """Give the secrecy officer a clearance, so that two people may lift what one of them has barred."""
    given = {"person": story.people["secrecy"], "level": "机密", "instrument": "涉密人员审查表"}
    story.cleared("secadmin", **given)
    return story


def bar(story: Story, matter: UUID, who: str, by: str = "head", **more: Any) -> UUID:
    given = {
        "person": story.people[who],
        "ground": "interest",
        "reason": WHY,
        "expected_version": story.version(matter),
    }
    made = story.act(by, "need_to_know.bar", matter=matter, **given | more)
    assert made.version == story.version(matter)
    return UUID(str(made.bars[0]))


def lift(story: Story, matter: UUID, recusal: UUID, by: str = "head") -> Any:
    given = {"recusal": recusal, "reason": "事由已经消失。", "expected_version": story.version(matter)}
    return story.act(by, "need_to_know.lift_bar", **given)


def ask(story: Story, user: str, name: str, **params: Any) -> Any:
    return doors.ask(name, actor=story.actor(user), now=story.now, params=params)


def refused(act: Callable[[], Any], kind: type[DingmiError], code: str) -> None:
    with pytest.raises(kind) as caught:
        act()
    error = caught.value
    assert code in {error.code, *(f.code for f in error.findings), *error.params.get("fields", {}).values()}


@pytest.mark.parametrize("who", ["drafter", "officer", "officer2"])
def test_who_drafted_decided_or_was_admitted_knows_nothing_of_it_until_it_is_lifted(cleared: Story, who: str) -> None:
    story, matter = cleared, cleared.approved()
    assert ask(story, who, "matter", matter=str(matter))
    recusal = bar(story, matter, who)
    me = story.actor(who)
    assert not access.visible(me, story.now).filter(pk=matter).exists()
    assert not access.listed(me, story.now).filter(pk=matter).exists()
    for name in ("matter", "derivation.graph", "draft.page"):
        with pytest.raises(NotFound, match=r"object\.not_found"):
            ask(story, who, name, matter=str(matter))
    for act in ("carriers.read", "carriers.download", "need_to_know.request"):
        more = {"purpose": WHY} if act.endswith("request") else {}
        with pytest.raises(NotFound, match=r"object\.not_found"):
            story.act(who, act, matter=matter, **more)
    assert str(matter) not in json.dumps(ask(story, who, "inbox"), default=str)
    assert not Notice.objects.filter(matter_id=matter, code__startswith="recusal.", person=story.people[who]).exists()
    lift(story, matter, recusal, "secrecy")
    assert ask(story, who, "matter", matter=str(matter)) and verify().ok


@pytest.mark.parametrize(("who", "by"), [("secrecy", "head"), ("head", "secrecy")])
def test_an_overseer_who_is_barred_does_not_know_that_there_is_such_a_matter_nor_lifts_his_bar(
    cleared: Story, who: str, by: str
) -> None:
    story, matter = cleared, cleared.approved()
    assert access.existing(story.actor(who), story.now).filter(pk=matter).exists()
    recusal = bar(story, matter, who, by)
    assert not access.existing(story.actor(who), story.now).filter(pk=matter).exists()
    assert ask(story, who, "need_to_know.bar_list") == ()
    with pytest.raises(NotFound):
        ask(story, who, "need_to_know.bars", matter=str(matter))
    with pytest.raises(NotFound):
        lift(story, matter, recusal, who)
    (told,) = ask(story, by, "need_to_know.bar_list")
    assert (told.reason, told.may_lift, told.lifted_at) == (WHY, True, None)
    lift(story, matter, recusal, by)
    (told,) = ask(story, by, "need_to_know.bars", matter=str(matter)).bars
    assert not told.may_lift and told.lifted_because and told.lifted_by
    assert access.existing(story.actor(who), story.now).filter(pk=matter).exists()


def test_a_bar_that_nobody_could_lift_is_refused(story: Story) -> None:
    matter = story.approved()  # the head alone is cleared for it and lifts bars
    with pytest.raises(NotFound):
        bar(story, matter, "head", "secrecy")
    given = {"person": story.people["secrecy"], "level": "机密", "instrument": "涉密人员审查表"}
    story.cleared("secadmin", **given)
    bar(story, matter, "secrecy", "head")
    own = {"ground": "kin", "reason": WHY}
    admitted = story.approved(answers=story.answers(scope=story.scope("drafter", "officer", "head")))
    bar(story, admitted, "secrecy", "head")
    version = story.version(admitted)
    refused(
        lambda: story.act("head", "need_to_know.recuse", matter=admitted, expected_version=version, **own),
        Refused,
        "recusal.nobody_left",
    )


def test_between_proposal_and_signature_a_bar_hands_the_matter_on_and_refuses_the_signature(cleared: Story) -> None:
    story = cleared
    matter = story.proposed()
    version = story.version(matter)
    bar(story, matter, "officer")
    for expected in (version, story.version(matter)):
        with pytest.raises(NotFound, match=r"object\.not_found"):
            story.act("officer", "determination.approve", matter=matter, expected_version=expected)
    with pytest.raises(Conflict, match=r"version\.stale"):
        story.act("officer2", "determination.approve", matter=matter, expected_version=version)
    assert not any(row.matter == matter for row in ask(story, "officer", "review.queue"))
    row = story.matter(matter)
    able = {o.person for o in facts.competent_officers(row, row.level, row.item_id, story.now)}
    assert story.people["officer"] not in able and story.people["officer2"] in able
    told = Notice.objects.filter(matter_id=matter, code="officers.work_handed_on").values_list("person", flat=True)
    assert set(told) == able - {story.people["head"]}
    story.approve(matter, "officer2")
    assert story.matter(matter).state == "active" and verify().ok


def test_where_no_officer_is_left_the_secrecy_office_hears(cleared: Story) -> None:
    story, matter = cleared, cleared.proposed()
    for who, by in (("officer", "head"), ("officer2", "head"), ("lapsed", "head"), ("head", "secrecy")):
        bar(story, matter, who, by)
    told = Notice.objects.filter(matter_id=matter, code="officers.work_without_anyone")
    assert story.people["secrecy"] in set(told.values_list("person", flat=True))


def test_nobody_is_admitted_while_he_is_barred_and_the_reason_is_for_those_who_may_know(cleared: Story) -> None:
    story, matter = (
        cleared,
        cleared.approved(answers=cleared.answers(scope=cleared.scope("drafter", "officer", "head"))),
    )
    bar(story, matter, "drafter2")
    bar(story, matter, "outsider")  # not cleared for it either: the department is admitted without both

    def expand(by: str, **whom: Any) -> Any:
        return story.act(
            by, "need_to_know.expand", matter=matter, purpose="工作需要", expected_version=story.version(matter), **whom
        )

    refused(lambda: expand("officer", persons=(story.people["drafter2"],)), Refused, "admission.not_possible")
    refused(lambda: expand("head", persons=(story.people["drafter2"],)), Refused, "admission.barred")
    expand("officer", departments=(story.department,))
    assert not access.visible(story.actor("drafter2"), story.now).filter(pk=matter).exists()
    assert access.visible(story.actor("lapsed"), story.now).filter(pk=matter).exists()
    told = Notice.objects.filter(matter_id=matter, code="matter.admitted").values_list("person", flat=True)
    assert story.people["drafter2"] not in told and story.people["lapsed"] in told


def test_a_barred_person_is_lent_no_copy_and_the_office_collects_those_he_holds(cleared: Story) -> None:
    story, matter = cleared, cleared.approved()
    made = {"register_no": story.matter(matter).register_no, "copies": 2, "is_marked": True}
    numbers = story.act("drafter", "carriers.produce", place="文印室", in_proper_place=True, **made).numbers
    lent = {"person": story.people["officer2"], "place": "阅览室", "in_proper_place": True, "due_on": story.now.date()}
    story.act("secrecy", "carriers.lend", numbers=(numbers[0],), purpose="工作需要", **lent)
    bar(story, matter, "officer2")
    (told,) = Notice.objects.filter(matter_id=matter, code="recusal.copies_held")
    assert (told.person_id, told.params) == (story.people["secrecy"], {"count": 1})
    with pytest.raises(Refused, match=r"handing\.not_in_scope"):
        story.act("secrecy", "carriers.lend", numbers=(numbers[1],), purpose="工作需要", **lent)
    kept = {"place": "一号保密柜", "place_meets_standard": True, "numbers": (numbers[1],)}
    with pytest.raises(Refused, match=r"recusal\.may_not_hold") as found:
        story.act("secrecy", "carriers.keep", person=story.people["officer2"], **kept)
    assert found.value.findings[0].clauses == ("BMF-21.1",)
    story.act("secrecy", "carriers.keep", person=story.people["officer"], **kept)
    assert Carrier.objects.filter(matter=matter, holder=story.people["officer2"]).count() == 1
    assert ask(story, "officer2", "carriers").rows == ()


def test_who_is_barred_from_a_source_is_barred_from_what_is_proposed_from_it(cleared: Story) -> None:
    story = cleared
    source = story.approved()
    first = bar(story, source, "officer2", ground="kin")
    derived = story.derive((SourceIn(matter=source),))
    kept = Recusal.objects.get(matter=derived)
    assert (kept.person_id, kept.follows_id, kept.ground) == (story.people["officer2"], first, "kin")
    (told,) = ask(story, "head", "need_to_know.bars", matter=str(derived)).bars
    assert told.reason == WHY and told.follows == story.matter(source).register_no
    assert not access.visible(story.actor("officer2"), story.now).filter(pk=derived).exists()
    lift(story, source, first)
    assert not access.visible(story.actor("officer2"), story.now).filter(pk=derived).exists(), "each row stands alone"
    assert verify().ok


def test_what_was_derived_already_is_barred_where_it_is_chosen(cleared: Story) -> None:
    story = cleared
    source = story.approved()
    derived, other = story.derive((SourceIn(matter=source),)), story.approved()
    page = ask(story, "head", "need_to_know.bars", matter=str(source))
    assert [pk for pk, _number in page.related] == [str(derived)]
    refused(lambda: bar(story, source, "officer2", also=(other,)), Invalid, "id.unknown")
    bar(story, source, "officer2", also=(derived,))
    assert set(Recusal.objects.values_list("matter", flat=True)) == {source, derived}
    assert set(Entry.objects.filter(act="need_to_know.bar").values_list("stream", flat=True)) == {
        f"matter:{source}",
        f"matter:{derived}",
    }


def test_one_who_knows_a_matter_declares_a_conflict_and_the_office_alone_lifts_it(cleared: Story) -> None:
    story, matter = cleared, cleared.approved()
    given = {"matter": matter, "ground": "kin", "reason": WHY, "expected_version": story.version(matter)}
    with pytest.raises(NotFound):
        story.act("outsider", "need_to_know.recuse", **given)
    (recusal,) = story.act("officer2", "need_to_know.recuse", **given).bars
    with pytest.raises(NotFound):
        story.act("officer2", "need_to_know.recuse", **given)
    refused(lambda: lift(story, matter, recusal, "head"), Forbidden, "recusal.declared")
    assert ask(story, "head", "need_to_know.bar_list")[0].is_declared
    assert set(Notice.objects.filter(code="recusal.made").values_list("person", flat=True)) == {
        story.people["head"],
        story.people["secrecy"],
    }
    lift(story, matter, recusal, "secrecy")
    assert ask(story, "officer2", "matter", matter=str(matter))


@pytest.mark.parametrize("regime", ["work_secret", "trade_secret"])
def test_work_and_trade_secrets_are_barred_alike(story: Story, regime: str) -> None:
    matter = states.pending(story, regime).matter
    bar(story, matter, "officer")
    me = story.actor("officer")
    assert not grades.visible(me, story.now).exists() and not grades.existing(me, story.now, regime).exists()
    with pytest.raises(NotFound):
        ask(story, "officer", "grading.matter", matter=str(matter))
    story.act("head", "grading.approve", matter=matter, expected_version=story.version(matter))
    assert verify().ok


def test_what_nobody_means_is_refused_and_said(cleared: Story) -> None:
    story, matter = cleared, cleared.approved()
    refused(lambda: bar(story, matter, "officer", person=uuid4()), Invalid, "id.unknown")
    refused(lambda: bar(story, matter, "officer", ground="envy"), Invalid, "choice.unknown")
    refused(lambda: bar(story, matter, "officer", reason=" "), Invalid, "text.missing")
    refused(lambda: bar(story, matter, "head", "head"), Refused, "recusal.own")
    sysadmin = UUID(story.actor("sysadmin").person_id)
    refused(lambda: bar(story, matter, "officer", person=sysadmin), Refused, "recusal.administrator")
    recusal = bar(story, matter, "officer")
    refused(lambda: bar(story, matter, "officer"), Refused, "recusal.barred_already")
    with pytest.raises(Conflict, match=r"version\.stale"):
        bar(story, matter, "officer2", expected_version=story.version(matter) - 1)
    for user in ("officer2", "drafter", "sysadmin", "auditor"):
        with pytest.raises(Forbidden):
            bar(story, matter, "drafter2", user)
    with pytest.raises(NotFound):
        lift(story, matter, uuid4())
    lift(story, matter, recusal)
    refused(lambda: lift(story, matter, recusal), Conflict, "recusal.lifted_already")
    with pytest.raises(NotFound):
        bar(story, story.drafted(), "officer")
    assert Recusal.objects.count() == 1 and verify().ok


def test_who_decided_a_matter_keeps_no_overseer_out_of_it(cleared: Story) -> None:
    story, matter = (
        cleared,
        cleared.proposed(answers=cleared.answers(scope=cleared.scope("drafter", "officer", "head"))),
    )
    story.approve(matter, "head")
    refused(lambda: bar(story, matter, "secrecy", "head"), Refused, "recusal.own_matter")
    bar(story, matter, "officer", "head")
    bar(story, matter, "drafter2", "secrecy")


def test_a_bar_taken_away_in_the_database_is_found_and_the_matter_not_served(cleared: Story) -> None:
    story, matter = cleared, cleared.approved()
    bar(story, matter, "officer")
    with act_open("test.tampers"):
        Recusal.objects.all().delete()
    for user in ("officer", "officer2"):
        with pytest.raises(Tampered, match=r"row\.altered"):
            ask(story, user, "matter", matter=str(matter))
    assert not verify().ok


def test_own_drafts_stay_open_and_hidden_from_everybody_else(cleared: Story) -> None:
    story = cleared
    draft = story.drafted("officer")
    assert ask(story, "officer", "draft.page", matter=str(draft))
    assert standing.barred(Matter.objects.get(pk=draft)) == frozenset()
    version = story.version(draft)
    refused(
        lambda: story.act(
            "officer", "need_to_know.recuse", matter=draft, ground="kin", reason=WHY, expected_version=version
        ),
        Refused,
        "matter.not_proposed",
    )


def busy(story: Story) -> UUID:
    """Return a matter of which there is something in every list: copies, a challenge, an appraisal, an error, what derives from it."""
    scope = story.scope("drafter", "officer", "officer2", "head")
    matter = story.approved(answers=story.answers(scope=scope, tail="8年"))
    number = story.matter(matter).register_no
    story.act(
        "drafter",
        "carriers.produce",
        register_no=number,
        copies=1,
        is_marked=True,
        place="文印室",
        in_proper_place=True,
    )
    case = states.Case(story, matter)
    for user, name in (
        ("officer", "challenge.raise"),
        ("officer", "appraisal.receive"),
        ("drafter", "change.propose"),
        ("officer", "consultation.ask"),
        ("officer2", "correction.find"),
    ):
        given = {"matter": matter, **states.GIVEN[name](case)}
        if "expected_version" in ACTS[name].model.model_fields:
            given["expected_version"] = story.version(matter)
        story.act(user, name, **given)
    return matter


@pytest.mark.parametrize("who", ["secrecy", "head", "officer", "drafter"])
def test_no_list_names_the_matter_to_whom_a_conflict_bars_from_it(cleared: Story, who: str) -> None:
    story, matter = cleared, busy(cleared)
    row = story.matter(matter)
    words = (str(matter), str(row.register_no), "城区供水管网关键节点切换方案")

    def told() -> set[str]:
        found = set()
        for name, query in sorted(QUERIES.items()):
            if not any(f.is_required() for f in query.model.model_fields.values()):
                try:
                    said = json.dumps(jsonable(ask(story, who, name)), ensure_ascii=False)
                except DingmiError:
                    continue
                found |= {name} if any(word in said for word in words) else set()
        return found

    before = told()
    assert before >= {"carriers", "workbench" if who in ("officer", "drafter") else "dispute.list"}
    bar(story, matter, who, "secrecy" if who == "head" else "head")
    assert told() == set()
