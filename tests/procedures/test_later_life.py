"""What happens to a matter after its determination: change, extension, publication, successors, received matters, errors."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from dingmi.base.errors import DingmiError, Forbidden, Invalid, NotFound, Refused
from dingmi.procedures.terms import Scope
from dingmi.queries import QUERIES, access, content, forms, standing
from dingmi.queries.verify import verify
from dingmi.records.carriers.models import Carrier
from dingmi.records.ledger.models import Entry
from dingmi.records.matters.life import DisclosureReview, OriginatorNotice, Reception
from dingmi.records.matters.models import Decision, Proposal, ReviewTask
from dingmi.records.notices.models import Deadline, Notice
from dingmi.records.oversight.models import Breach, Correction
from tests.story import ZONE, Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]


def refused(code: str, act: Callable[[], Any], kind: type[DingmiError] = Refused) -> DingmiError:
    with pytest.raises(kind) as caught:
        act()
    assert code in {f.code for f in caught.value.findings}
    return caught.value


def organ(story: Story, name: str, **more: Any) -> UUID:
    return UUID(str(story.act("secrecy", "personnel.enter_organ", name=name, tier="other", **more).id))


def on_matter(story: Story, user: str, act: str, matter: UUID, /, **params: Any) -> Any:
    return story.act(user, act, matter=matter, expected_version=story.version(matter), **params)


def proposed_change(story: Story, matter: UUID, **params: Any) -> Any:
    given = {"ground": "damage_changed", "reason": "泄露后的损害程度明显变化。", **params}
    return on_matter(story, "drafter", "change.propose", matter, **given)


def changed(story: Story, matter: UUID, **params: Any) -> Any:
    proposed_change(story, matter, **params)
    return on_matter(story, "officer", "change.change", matter)


# P5


@pytest.mark.clause("BMF-23.2", "ZX-30.1")
def test_a_change_re_marks_narrows_the_scope_and_tells_everyone_who_knew(story: Story) -> None:
    matter = story.approved()
    story.on(date(2027, 3, 1))
    narrower = story.scope("drafter", "officer")
    done = changed(story, matter, tail="8年", scope=narrower, ground="basis_changed")
    row = story.matter(matter)
    assert (done.mark, row.last_protected_day) == ("机密★8年", date(2034, 1, 5))
    assert (row.carriers.get().old_mark, row.carriers.get().mark) == ("机密★10年", "机密★8年")
    told = Notice.objects.filter(matter_id=matter, code="matter.changed")
    assert {n.person_id for n in told} == {story.people[u] for u in ("drafter", "officer", "officer2")}
    with pytest.raises(NotFound):
        access.matter_for(story.actor("officer2"), story.now, matter)
    assert Decision.objects.filter(matter=matter).count() == 2
    assert verify().ok


@pytest.mark.clause("BMF-23.1")
def test_a_downgrade_waits_for_its_day_and_no_other_change_comes_between(story: Story) -> None:
    matter = story.approved()
    story.on(date(2026, 6, 1))
    changed(story, matter, level="秘密", tail="8年", effective_on=date(2026, 7, 1))
    assert story.matter(matter).level == "机密"
    refused("change.effect_pending", lambda: proposed_change(story, matter, tail="9年"))
    story.on(date(2026, 6, 30)).daily()
    assert story.matter(matter).level == "机密"
    assert story.on(date(2026, 7, 1)).daily()["change.take_effect"]["changed"] == 1
    row = story.matter(matter)
    assert (row.level, row.tail, row.last_protected_day) == ("秘密", "8年", date(2034, 1, 5))
    assert row.carriers.get().mark == "秘密★8年"  # re-marked by the same sweep, the old mark struck
    assert content.title(row).startswith("城区")
    assert story.daily()["change.take_effect"]["changed"] == 0
    assert verify().ok


@pytest.mark.clause("TL-17.1")
def test_a_raise_protects_from_its_proposal_on_and_falls_back_when_turned_down(story: Story) -> None:
    matter = story.approved(answers=story.answers("3"))
    more = {"level": "机密", "tail": "10年", "item": story.item("1").pk, "ground": "basis_changed"}
    proposed_change(story, matter, **more)
    row = story.matter(matter)
    assert (row.level, standing.determined_level(row), row.carriers.get().mark) == ("机密", "秘密", "秘密★5年")
    on_matter(story, "officer", "review.refuse", matter, reason="依据没有变化。")
    row = story.matter(matter)
    assert (row.level, row.determined_level, content.title(row)[:2]) == ("秘密", "", "城区")
    assert Notice.objects.filter(code="review.refused", person=story.people["drafter"]).count() == 1
    changed(story, matter, **more)
    row = story.matter(matter)
    assert (row.level, row.determined_level, row.carriers.get().mark) == ("机密", "", "机密★10年")
    assert verify().ok


def test_a_proposal_is_withdrawn_by_its_drafter_only(story: Story) -> None:
    matter = story.approved()
    proposed_change(story, matter, tail="8年")
    refused(
        "drafter.not_yours", lambda: on_matter(story, "officer2", "review.withdraw", matter, reason="撤回。"), Forbidden
    )
    on_matter(story, "drafter", "review.withdraw", matter, reason="重新核实。")
    proposed_change(story, matter, tail="9年")
    assert Proposal.objects.filter(matter=matter).count() == 3


@pytest.mark.clause("BMF-16.2")
def test_a_change_is_decided_by_another_on_a_ground_and_never_for_nothing(story: Story) -> None:
    matter = story.approved()
    refused("change.no_ground", lambda: proposed_change(story, matter, tail="8年", ground=""))
    refused("change.nothing", lambda: proposed_change(story, matter))
    higher = {"level": "绝密", "tail": "20年", "item": story.item("11").pk, "ground": "basis_changed"}
    refused("change.above_your_clearance", lambda: proposed_change(story, matter, **higher))
    story.clear("drafter", "绝密")
    refused("authority.none", lambda: proposed_change(story, matter, **higher))
    story.act("officer", "change.propose", matter=matter, tail="8年", ground="damage_changed", reason="变化。", expected_version=story.version(matter))  # fmt: skip
    refused("officer.is_the_drafter", lambda: on_matter(story, "officer", "change.change", matter))
    on_matter(story, "officer2", "change.change", matter)


@pytest.mark.clause("BMF-21.1")
def test_narrowing_the_scope_is_proposed_and_decided(story: Story) -> None:
    matter = story.approved()
    on_matter(story, "drafter", "need_to_know.shrink", matter, persons=(story.people["officer2"],), reason="已不参加此项工作。")  # fmt: skip
    assert standing.in_scope(story.matter(matter), story.people["officer2"], story.now)
    on_matter(story, "officer", "change.change", matter)
    assert not standing.in_scope(story.matter(matter), story.people["officer2"], story.now)
    assert story.matter(matter).tail == "10年"


@pytest.mark.clause("BMF-24.2b")
def test_named_parts_are_released_while_the_rest_is_determined_again(story: Story) -> None:
    matter = story.approved()
    given = {"released_parts": ("第三部分",), "tail": "8年"}
    refused("release.no_ground", lambda: proposed_change(story, matter, **given))
    changed(story, matter, **given, ground="harmless")
    assert story.matter(matter).tail == "8年"
    assert '"released_parts":["第三部分"]' in content.opened(Decision.objects.latest("number"), "payload_ct", "机密")


@pytest.mark.clause("ZX-26.2", "TL-24")
def test_a_line_authority_changes_directly_and_no_other_organ_can(story: Story) -> None:
    matter = story.approved()
    given = {"outcome": "change", "document_no": "水密〔2026〕8号", "decided_on": date(2026, 1, 5), "tail": "6年"}
    stranger = organ(story, "某市气象局", line="气象")
    refused("external.not_superior", lambda: on_matter(story, "officer", "change.register_external", matter, organ=stranger, **given))  # fmt: skip
    on_matter(story, "officer", "change.register_external", matter, organ=story.province.pk, **given)
    assert story.matter(matter).carriers.get().mark == "机密★6年"
    assert Decision.objects.filter(matter=matter).latest("number").officer_id is None
    on_matter(story, "officer", "change.register_external", matter, organ=story.province.pk, **{**given, "outcome": "void"})  # fmt: skip
    assert story.matter(matter).state == "voided"
    assert verify().ok


# P6


@pytest.mark.clause("ZX-27.2", "BMF-24.2c")
def test_e25_beyond_the_item_an_extension_needs_leave_for_just_these_terms(story: Story) -> None:
    matter = story.approved(answers=story.answers("3"))
    refused("extension.needs_central_approval", lambda: story.review(matter, "extend", tail="12年"))
    asked = story.act("drafter", "consultation.request_approval", matter=matter, kind="extend", authority="国家水行政主管部门（虚构）", tail="12年", reason="风险仍在。")  # fmt: skip
    refused("approval.open", lambda: story.act("drafter", "consultation.request_approval", matter=matter, kind="extend", authority="同上", tail="12年", reason="风险仍在。"))  # fmt: skip
    before = story.now.date() - timedelta(days=1)
    story.later(days=20)
    for day, code in ((before, "approval.before_request"), (story.now.date() + timedelta(days=1), "date.in_future")):
        refused(code, lambda day=day: story.act("officer", "consultation.register_approval", approval=asked.id, granted=True, document_no="批〔2026〕3号", decided_on=day), Invalid)  # fmt: skip
    story.act("officer", "consultation.register_approval", approval=asked.id, granted=True, document_no="批〔2026〕3号", decided_on=story.now.date())  # fmt: skip
    refused("extension.needs_central_approval", lambda: story.review(matter, "extend", tail="13年"))
    scope = story.scope("drafter", "officer")
    story.review(matter, "extend", tail="12年", scope=scope)
    on_matter(story, "officer", "change.extend", matter, reason="仍需保护。")
    row = story.matter(matter)
    assert row.last_protected_day == date(2038, 1, 5)
    assert not standing.in_scope(row, story.people["officer2"], story.now)
    assert row.approvals.get().used_by_id == Decision.objects.filter(matter=row).latest("number").pk
    refused("extension.needs_central_approval", lambda: story.review(matter, "extend", tail="13年"))
    assert verify().ok


@pytest.mark.clause("ZX-30.2", "QA-8")
def test_e24_an_extension_that_has_not_reached_a_recipient_is_a_red_alert_with_its_name(story: Story) -> None:
    a, b = organ(story, "甲单位"), organ(story, "乙单位")
    matter = story.approved(
        answers=story.answers("3", tail="3年", scope=Scope(persons=story.scope().persons, organs=(a, b)))
    )
    story.on(date(2028, 12, 20))
    story.extend(matter, "5年")
    notices = {n.organ_id or n.person_id: n for n in Notice.objects.filter(matter_id=matter, code="matter.extended")}
    for user in ("drafter", "officer", "officer2"):
        story.act(user, "notices.acknowledge", notice=notices[story.people[user]].pk, remarked=True)
    story.later(days=1)
    given = {"means": "exchange", "evidence": "回执 12 号，李签收"}
    story.act("secrecy", "personnel.enter_organ", name="丙单位", tier="other")
    story.act("officer", "notices.record_delivery", notice=notices[a].pk, delivered_at=story.now, **given)
    refused("notice.delivered", lambda: story.act("officer", "notices.record_delivery", notice=notices[a].pk, delivered_at=story.now, **given))  # fmt: skip
    refused("date.in_future", lambda: story.act("officer", "notices.record_delivery", notice=notices[b].pk, delivered_at=story.now + timedelta(days=1), **given), Invalid)  # fmt: skip
    assert story.on(date(2028, 12, 31)).daily()["notices.alert_undelivered"] == {"due": 1, "red": 0}
    assert story.on(date(2029, 1, 5)).daily()["notices.alert_undelivered"] == {"due": 0, "red": 1}
    alert = Notice.objects.filter(code="extension.undelivered", person=story.people["drafter"]).get()
    assert (alert.params["recipient"], alert.params["deliver_by"]) == ("乙单位", "2029-01-05")
    shown = QUERIES["notices.deliveries"].function(actor=story.actor("officer"), now=story.now)
    assert [(r.recipient, r.is_red) for r in shown.open if r.deliver_by] == [("乙单位", True)]
    assert story.on(date(2029, 1, 6)).daily()["notices.alert_undelivered"] == {"due": 0, "red": 0}
    assert Breach.objects.filter(matter=matter, kind="extension.notice_late").count() == 1
    assert story.matter(matter).state == "active"


@pytest.mark.clause("ZX-30.2", "QA-8")
@pytest.mark.parametrize("by", ["change", "superior"])
def test_whatever_act_protects_longer_its_notice_must_arrive_by_the_old_last_day(story: Story, by: str) -> None:
    other = organ(story, "乙单位")
    scope = Scope(persons=story.scope().persons, organs=(other,))
    matter = story.approved(answers=story.answers("3", tail="3年", scope=scope))
    story.on(date(2028, 12, 20))
    if by == "change":
        changed(story, matter, tail="5年")
    else:
        given = {"outcome": "change", "document_no": "水密〔2028〕8号", "decided_on": story.now.date(), "tail": "5年"}
        on_matter(story, "officer", "change.register_external", matter, organ=story.province.pk, **given)
    for user in ("drafter", "officer", "officer2"):
        notice = Notice.objects.get(matter_id=matter, code="matter.changed", person=story.people[user])
        story.act(user, "notices.acknowledge", notice=notice.pk)
    assert story.on(date(2029, 1, 5)).daily()["notices.alert_undelivered"] == {"due": 0, "red": 1}
    alert = Notice.objects.filter(code="extension.undelivered", person=story.people["drafter"]).get()
    assert (alert.params["recipient"], alert.params["deliver_by"]) == ("乙单位", "2029-01-05")
    shown = QUERIES["notices.deliveries"].function(actor=story.actor("officer"), now=story.now)
    assert [(r.recipient, r.is_red) for r in shown.open if r.deliver_by] == [("乙单位", True)]
    changed(story, matter, tail="4年")  # shorter: nobody may take it for released, so nothing is late
    story.on(date(2029, 1, 6)).daily()
    assert [b.on for b in Breach.objects.filter(matter=matter, kind="extension.notice_late")] == [date(2029, 1, 5)]


@pytest.mark.clause("ZX-30.2", "QA-8")
@pytest.mark.parametrize("effect", [date(2028, 12, 21), date(2029, 1, 5)])
def test_a_lengthening_that_waits_is_to_be_told_by_the_old_last_day_from_the_day_it_is_decided(
    story: Story, effect: date
) -> None:
    other = organ(story, "乙单位")
    scope = Scope(persons=story.scope().persons, organs=(other,))
    matter = story.approved(answers=story.answers("3", tail="3年", scope=scope))
    story.on(date(2028, 12, 20))
    changed(story, matter, tail="5年", effective_on=effect)
    limits = Deadline.objects.filter(matter_id=matter, name="extension_notice")
    assert [(d.starts_on, d.due_on) for d in limits] == [(date(2028, 12, 20), date(2029, 1, 5))]
    shown = QUERIES["notices.deliveries"].function(actor=story.actor("officer"), now=story.now)
    assert {r.deliver_by for r in shown.open if r.recipient == "乙单位"} == {date(2029, 1, 5)}
    for user in ("drafter", "officer", "officer2"):
        notice = Notice.objects.get(matter_id=matter, code="matter.changed", person=story.people[user])
        story.act(user, "notices.acknowledge", notice=notice.pk)
    assert story.on(date(2028, 12, 30)).daily()["notices.alert_undelivered"] == {"due": 0, "red": 0}
    assert story.on(date(2028, 12, 31)).daily()["notices.alert_undelivered"] == {"due": 1, "red": 0}
    assert story.on(date(2029, 1, 5)).daily()["notices.alert_undelivered"] == {"due": 0, "red": 1}
    assert story.matter(matter).last_protected_day == date(2031, 1, 5) and limits.count() == 1
    assert not Breach.objects.filter(matter=matter, kind="extension.notice_late").exists()
    story.on(date(2029, 1, 6)).daily()
    assert [b.on for b in Breach.objects.filter(matter=matter, kind="extension.notice_late")] == [date(2029, 1, 5)]


@pytest.mark.clause("ZX-30.2", "TL-24")
def test_a_lengthening_that_waits_and_is_overtaken_by_a_superior_is_told_to_nobody_any_more(story: Story) -> None:
    matter = story.approved(answers=story.answers("3", tail="3年"))
    story.on(date(2028, 12, 20))
    changed(story, matter, tail="5年", effective_on=date(2029, 1, 5))
    story.later(days=1)
    given = {
        "outcome": "change",
        "document_no": "水密〔2028〕8号",
        "decided_on": story.now.date(),
        "tail": "3年",
        "level": "秘密",
    }
    given["scope"] = story.scope("drafter", "officer")
    on_matter(story, "officer", "change.register_external", matter, organ=story.province.pk, **given)
    assert not Deadline.objects.filter(matter_id=matter, name="extension_notice", done_at=None).exists()
    story.on(date(2029, 1, 5)).daily()
    assert story.matter(matter).tail == "3年", "what was overtaken does not come into force"
    assert story.on(date(2029, 1, 6)).daily()["declassification.lapse"]["lapsed"] == 1
    assert not Breach.objects.filter(matter=matter, kind="extension.notice_late").exists()


@pytest.mark.clause("BMF-24.2a")
def test_a_change_takes_effect_while_the_matter_is_protected_or_is_refused(story: Story) -> None:
    matter = story.approved(answers=story.answers("3", tail="3年"))
    late = {"tail": "5年", "effective_on": date(2029, 1, 6)}
    refused("change.effect_after_end", lambda: proposed_change(story, matter, **late))
    changed(story, matter, **{**late, "effective_on": date(2029, 1, 5)})
    story.on(date(2029, 1, 5)).daily()
    assert story.on(date(2029, 1, 6)).daily()["declassification.lapse"]["lapsed"] == 0
    assert story.matter(matter).last_protected_day == date(2031, 1, 5)


@pytest.mark.clause("BMF-24.2a")
def test_e26_what_has_lapsed_is_not_extended_changed_or_released_again(story: Story) -> None:
    matter = story.approved(answers=story.answers("3", tail="3年"))
    story.review(matter, "extend", tail="5年")
    story.on(date(2029, 1, 6)).daily()
    assert story.matter(matter).state == "declassified"
    error = refused(
        "matter.already_released", lambda: on_matter(story, "officer", "change.extend", matter, reason="迟了。")
    )
    assert error.findings[0].clauses == ("BMF-24.2a",)
    refused("matter.already_released", lambda: proposed_change(story, matter, tail="9年"))
    refused("matter.already_released", lambda: story.review(matter, "extend", tail="9年"))


# P8, P10


@pytest.mark.clause("ZX-25.1", "JM-8?", "BJ-14.1")
def test_a_joint_matter_is_determined_and_released_after_every_co_organ_answered(story: Story) -> None:
    partner = organ(story, "某市应急局")
    matter = story.filled()
    on_matter(story, "drafter", "consultation.join", matter, co_organs=(partner,))
    story.propose(matter)
    refused("joint.not_consulted", lambda: story.approve(matter))

    def consult(kind: str) -> None:
        asked = story.act("drafter", "consultation.ask", matter=matter, organ=partner, kind=kind, document_no="函〔2026〕1号")  # fmt: skip
        answer = {"consultation": asked.id, "answer": "agrees", "answer_no": "复〔2026〕1号"}
        refused("date.in_future", lambda: story.act("drafter", "consultation.answer", **answer, answered_on=date(2030, 1, 1)), Invalid)  # fmt: skip
        story.act("drafter", "consultation.answer", **answer, answered_on=story.now.date())
        refused("consultation.answered", lambda: story.act("drafter", "consultation.answer", **answer, answered_on=story.now.date()))  # fmt: skip

    consult("joint")
    story.approve(matter)
    number = story.matter(matter).register_no
    refused("release.not_consulted", lambda: story.review(matter, "release", ground="harmless"))
    consult("release")
    story.review(matter, "release", ground="harmless")
    on_matter(story, "officer", "declassification.release", matter, reason="无害。", confirm=number)
    assert story.matter(matter).state == "declassified"


@pytest.mark.clause("QA-5", "ZX-25.2")
def test_what_a_superior_issues_is_its_to_decide_and_a_bodys_by_who_runs_it(story: Story) -> None:
    body = organ(story, "供水安全专班", is_temporary=True, run_by=story.home.pk)
    own, above = story.filled(), story.filled()
    on_matter(story, "drafter", "consultation.join", own, issuer=body)
    on_matter(story, "drafter", "consultation.join", above, issuer=story.province.pk)
    for matter in (own, above):
        story.propose(matter)
    story.approve(own)
    refused("issuer.decides", lambda: story.approve(above))
    done = on_matter(story, "officer", "referral.refer", above, opinion="请印发机关决定。")
    assert story.matter(above).state == "referred" and done.addressee


def disclosed(story: Story, matter: UUID, reviewer: str = "officer", **params: Any) -> None:
    story.act("drafter", "disclosure.submit", matter=matter, opinion="拟在门户网站公开。")
    given = {"outcome": "publish", "opinion": "可以公开。", "aggregate_checked": True, **params}
    story.act(reviewer, "disclosure.review", matter=matter, **given)
    story.act("head", "disclosure.approve", matter=matter, agreed=True)


def with_head(story: Story, number: str = "7") -> UUID:
    return story.approved(answers=story.answers(number, scope=story.scope("drafter", "officer", "officer2", "head")))


@pytest.mark.clause("BMF-20.4", "ZX-31.2", "ZX-35")
def test_e28_formal_publication_releases_at_that_instant_without_notices(story: Story) -> None:
    matter = with_head(story)
    story.later(days=100)
    at = story.now - timedelta(hours=1)
    publish = {"published_at": at, "place": "政府网站"}
    refused("publication.not_reviewed", lambda: on_matter(story, "officer", "disclosure.publish", matter, **publish))
    disclosed(story, matter)
    on_matter(story, "officer", "disclosure.publish", matter, **publish)
    row = story.matter(matter)
    assert (row.state, row.release_ground, row.released_at, row.published_at) == ("declassified", "published", at, at)
    assert not Notice.objects.filter(matter_id=matter, code="matter.released").exists()
    assert row.carriers.get().remark_due
    story.daily()
    assert row.carriers.get().mark == "解密（2026年4月15日，正式公布）"
    decided = Decision.objects.filter(matter=matter).latest("number").pk
    form = forms.filled(story.actor("officer"), story.now, "change", decided).filled
    assert form.fields["elements"][2][2] == "已正式公布"
    assert verify().ok


@pytest.mark.clause("SEED-20")
def test_a_release_keeps_which_interests_were_weighed_and_warns_where_nobody_did(story: Story) -> None:
    one, two = story.approved(), story.approved()
    assert "release.interests_unweighed" in story.review(one, "release", ground="harmless").warnings
    said = "公众用水知情权大于仍需保密的利益。"
    assert story.review(two, "release", ground="harmless", interests=said).warnings == ()
    page = QUERIES["matter"].run(actor=story.actor("officer"), now=story.now, params={"matter": two})
    assert page.waiting.interests == said
    number = story.matter(one).register_no
    on_matter(story, "officer", "declassification.release", one, reason="无害。", confirm=number)
    kept = Decision.objects.filter(matter=one).latest("number").verdict["findings"]
    assert "release.interests_unweighed" in {f["code"] for f in kept}


@pytest.mark.clause("ZX-36.1", "CS-124", "CS-122", "TL-42")
def test_e29_release_does_not_publish_and_three_hands_review(story: Story) -> None:
    matter = with_head(story)
    number = story.matter(matter).register_no
    story.review(matter, "release", ground="harmless")
    on_matter(story, "officer", "declassification.release", matter, reason="无害。", confirm=number)
    publish = {"published_at": story.now, "place": "政府网站"}
    refused("publication.not_reviewed", lambda: on_matter(story, "officer", "disclosure.publish", matter, **publish))
    disclosed(story, matter)
    on_matter(story, "officer", "disclosure.publish", matter, **publish)
    assert story.matter(matter).published_at == story.now
    assert story.matter(matter).release_ground == "early"


@pytest.mark.clause("XX-14", "BMF-36.3")
def test_what_is_withheld_names_the_decision_behind_its_mark_and_is_not_published(story: Story) -> None:
    matter = with_head(story)
    story.act("drafter", "disclosure.submit", matter=matter, opinion="有人申请公开。")
    review = {"matter": matter, "opinion": "仍需保密。", "aggregate_checked": True}
    with pytest.raises(Invalid):
        story.act("officer", "disclosure.review", **review, outcome="withhold")
    story.act("officer", "disclosure.review", **review, outcome="withhold", ground="state_secret")
    assert DisclosureReview.objects.get(matter=matter).record_id == Decision.objects.get(matter=matter).pk
    story.act("head", "disclosure.approve", matter=matter, agreed=True)
    refused("publication.withheld", lambda: on_matter(story, "officer", "disclosure.publish", matter, published_at=story.now, place="网站"))  # fmt: skip


@pytest.mark.clause("XX-18")
def test_what_was_withheld_is_assessed_again_each_year_until_it_is_asked_for_anew(story: Story) -> None:
    matter = with_head(story)
    disclosed(story, matter, outcome="withhold", ground="state_secret")
    assert story.later(days=364).daily()["disclosure.reassess"]["told"] == 0
    assert story.later(days=1).daily()["disclosure.reassess"]["told"] == 1
    assert story.later(days=1).daily()["disclosure.reassess"]["told"] == 0
    assert Notice.objects.filter(matter_id=matter, code="disclosure.due_again").count() == 2
    story.act("drafter", "disclosure.submit", matter=matter, opinion="重新评估。")
    assert story.later(days=366).daily()["disclosure.reassess"]["told"] == 0


# P11


@pytest.mark.clause("TL-23", "JM-7.2")
def test_e37_matters_go_to_different_organs_and_are_no_longer_ours_to_change(story: Story) -> None:
    x, y = organ(story, "X 局"), organ(story, "Y 档案馆")
    one, two = story.approved(), story.approved()
    given = {"situation": "split", "instrument": "编〔2026〕5号", "effective_on": date(2026, 3, 1)}
    assign = lambda m, o, **more: story.act("head", "succession.assign", matters=(m,), successor=o, **{**given, **more})  # noqa: E731
    refused("succession.not_a_candidate", lambda: assign(one, x))
    refused("succession.taker_comes_first", lambda: assign(one, y, function_taker=x, superior=y))
    assign(one, x, function_taker=x)
    assign(two, y, function_taker=y)
    refused("succession.pending", lambda: assign(one, x, function_taker=x))
    assert story.on(date(2026, 3, 1)).daily()["succession.take_effect"]["succeeded"] == 2
    assert [standing.answers_for(story.matter(m)).name for m in (one, two)] == ["X 局", "Y 档案馆"]
    assert story.matter(one).organ_id == story.home.pk
    assert not ReviewTask.objects.filter(matter=one, kind="annual", done_at__isnull=True).exists()
    refused("matter.not_ours", lambda: story.review(one, "keep"))
    refused("matter.not_ours", lambda: proposed_change(story, one, tail="8年"))
    assert story.on(date(2027, 1, 4)).daily()["review.open_annual"]["opened"] == 0
    assert verify().ok


# received matters


def received(story: Story, tail: str = "5年") -> UUID:
    sender = organ(story, "某部")
    done = story.act(
        "drafter", "reception.receive", title="关于供水安全的通知", doc_number="部发〔2021〕7号", originator=sender, level="秘密",
        tail=tail, issued_on=date(2021, 4, 1), received_on=date(2021, 4, 9), received_no="收 3", copies=2,
        scope=story.scope(),
    )  # fmt: skip
    assert (done.register_no, done.mark, done.last_protected_day) == (
        "QJSWR-T-2026-1",
        f"秘密★{tail}",
        date(2026, 4, 1),
    )
    return UUID(str(done.matter))


@pytest.mark.clause("QA-8")
def test_a_received_matter_is_released_for_us_unless_an_extension_arrived_in_time(story: Story) -> None:
    matter = received(story)
    assert Carrier.objects.filter(matter=matter, form="paper").count() == 2
    story.on(date(2026, 4, 2)).daily()
    row = story.matter(matter)
    assert (row.state, Reception.objects.get(matter=matter).originator_state) == ("declassified", "active")
    assert not Breach.objects.filter(matter=matter).exists()
    notice = {"kind": "extended", "document_no": "部发〔2026〕1号", "arrived_on": date(2026, 4, 2), "effective_on": date(2026, 3, 20)}  # fmt: skip
    on_matter(story, "drafter", "reception.register_notice", matter, **notice, tail="10年")
    assert OriginatorNotice.objects.get(matter=matter).in_time is False
    row = story.matter(matter)
    assert (row.state, row.last_protected_day) == ("active", date(2031, 4, 1))
    assert Carrier.objects.filter(matter=matter, remark_due=True).count() == 2
    on_matter(story, "drafter", "carriers.note_remarked", matter, copy_no=1)
    assert Carrier.objects.get(matter=matter, copy_no=1).mark == "秘密★10年"
    assert verify().ok
    again = {**notice, "kind": "released", "document_no": "部发〔2026〕2号"}
    on_matter(story, "drafter", "reception.register_notice", matter, **again)
    assert Carrier.objects.get(matter=matter, copy_no=1).remark_due, "flagged once more after it was noted"
    assert verify().ok


@pytest.mark.clause("TL-22.2", "JM-7.1")
def test_another_organs_matter_is_never_ours_to_review_change_or_release(story: Story) -> None:
    matter = received(story)
    assert not ReviewTask.objects.filter(matter=matter).exists()
    refused("matter.not_ours", lambda: story.review(matter, "release", ground="harmless"))
    refused("matter.not_ours", lambda: story.review(matter, "keep"))
    refused("matter.not_ours", lambda: proposed_change(story, matter, tail="4年"))
    story.act("drafter", "reception.suggest", matter=matter, what="release", reason="内容已经过时。", document_no="建〔2026〕1号")  # fmt: skip
    assert story.matter(matter).state == "active"
    assert Notice.objects.filter(matter_id=matter, code="matter.suggestion", organ__isnull=False).count() == 1
    ours = story.approved()
    refused("reception.ours", lambda: on_matter(story, "drafter", "reception.register_notice", ours, kind="released", document_no="1", arrived_on=story.now.date(), effective_on=story.now.date()))  # fmt: skip


@pytest.mark.clause("ZX-27.2")
def test_a_change_beyond_the_item_takes_the_approval_of_just_these_terms_once(story: Story) -> None:
    matter = story.approved()
    refused("period.over_item", lambda: proposed_change(story, matter, tail="12年"))
    asked = story.act("drafter", "consultation.request_approval", matter=matter, kind="extend", authority="国家水行政主管部门（虚构）", tail="12年", reason="风险仍在。")  # fmt: skip
    story.act("drafter", "consultation.register_approval", approval=asked.id, granted=True, document_no="批〔2026〕1号", decided_on=story.now.date())  # fmt: skip
    refused("period.over_item", lambda: proposed_change(story, matter, tail="13年"))
    changed(story, matter, tail="12年")
    assert story.matter(matter).tail == "12年"
    changed(story, matter, tail="8年")
    refused("period.over_item", lambda: proposed_change(story, matter, tail="12年"))


# P22


@pytest.mark.clause("TL-24")
def test_a_correction_is_closed_only_when_its_remedy_has_been_carried_out(story: Story) -> None:
    matter = story.approved()
    found = story.act("officer2", "correction.find", matter=matter, kind="over", found_on=story.now.date(), detail="期限过长。")  # fmt: skip
    decided = {"correction": found.id, "remedy": "change", "reason": "期限应当缩短。"}
    story.act("officer", "correction.decide", **decided, expected_version=story.version(matter))
    refused("correction.not_done", lambda: story.act("officer2", "correction.close", correction=found.id))
    refused("correction.not_done", lambda: story.act("officer2", "correction.close", correction=found.id, reason="算了。"))  # fmt: skip
    proposed_change(story, matter, tail="4年")
    refused("correction.not_done", lambda: story.act("officer2", "correction.close", correction=found.id))
    on_matter(story, "officer", "change.change", matter)
    story.act("officer2", "correction.close", correction=found.id)
    assert Correction.objects.get(pk=found.id).closed_at == story.now


@pytest.mark.clause("TL-24")
def test_a_remedy_that_can_be_carried_out_no_longer_is_closed_with_a_reason_only(story: Story) -> None:
    matter = story.approved()
    found = story.act("officer2", "correction.find", matter=matter, kind="over", found_on=story.now.date(), detail="期限过长。")  # fmt: skip
    decided = {"correction": found.id, "remedy": "change", "reason": "期限应当缩短。"}
    story.act("officer", "correction.decide", **decided, expected_version=story.version(matter))
    story.on(date(2036, 6, 1)).daily()
    assert story.matter(matter).state == "declassified"
    refused("correction.overtaken", lambda: story.act("officer2", "correction.close", correction=found.id))
    story.act("officer2", "correction.close", correction=found.id, reason="保密期限已满，事项已经解密。")
    assert Correction.objects.get(pk=found.id).closed_at == story.now


@pytest.mark.clause("TL-24", "ZX-42", "BMF-22.3")
def test_what_was_wrongly_classified_is_voided_told_and_never_proposed_again(story: Story) -> None:
    matter = story.approved()
    found = story.act("officer2", "correction.find", matter=matter, kind="wrong", source="superior", notifier="某省水利厅", notice_no="督〔2026〕2号", found_on=story.now.date(), detail="不符合条目。")  # fmt: skip
    given = {"correction": found.id, "reason": "公开资料，不属于国家秘密。"}
    refused(
        "correction.undecided", lambda: story.act("officer", "correction.close", correction=found.id, reply_no="复 1")
    )
    refused("officer.is_the_drafter", lambda: story.act("officer2", "correction.decide", **given, remedy="void", expected_version=story.version(matter)))  # fmt: skip
    refused("correction.remedy", lambda: story.act("officer", "correction.decide", **given, remedy="remark", expected_version=story.version(matter)))  # fmt: skip
    story.act("officer", "correction.decide", **given, remedy="void", expected_version=story.version(matter))
    row = story.matter(matter)
    assert (row.state, row.carriers.get().remark_due, row.register_no) == ("voided", True, "QJSW-M-2026-1")
    told = json.loads(Entry.objects.filter(act="correction.decide", stream=f"matter:{matter}").latest("pk").body)
    assert told["data"]["remedy"] == "void", "a number that is void has its reason in the log (SR-57)"
    assert story.matter(story.approved()).register_no == "QJSW-M-2026-2", "and is given to nothing else"
    assert Notice.objects.filter(matter_id=matter, code="matter.voided_notice").count() == 3
    refused("correction.reply_missing", lambda: story.act("officer", "correction.close", correction=found.id))
    story.act("officer", "correction.close", correction=found.id, reply_no="复〔2026〕1号")
    kept = Correction.objects.get(pk=found.id)
    assert (kept.drafter_id, kept.officer_id) == (story.people["drafter"], story.people["officer"])
    error = refused("matter.voided", lambda: story.propose(matter))
    assert error.findings[0].clauses == ("BMF-22.3",)
    refused("matter.voided", lambda: story.review(matter, "keep"))
    assert verify().ok


@pytest.mark.clause("BMF-21.2")
def test_an_entry_for_our_own_organ_admits_its_cleared_staff_and_another_makes_a_recipient(story: Story) -> None:
    other = organ(story, "某县水务局")
    wide = story.approved(answers=story.answers("3", scope=Scope(organs=(story.home.pk,))))
    away = story.approved(answers=story.answers("3", scope=Scope(persons=story.scope().persons, organs=(other,))))
    assert access.matter_for(story.actor("outsider"), story.now, wide).pk == wide
    assert standing.in_scope(story.matter(wide), story.people["outsider"], story.now)
    with pytest.raises(NotFound):
        access.matter_for(story.actor("outsider"), story.now, away)
    assert not standing.in_scope(story.matter(away), story.people["outsider"], story.now)
    assert Notice.objects.filter(matter_id=away, organ=other).count() == 1


def test_decisions_and_proposals_are_never_edited(story: Story) -> None:
    matter = story.approved()
    decision = Decision.objects.get(matter=matter)
    decision.tail = "1年"
    with pytest.raises(RuntimeError):
        decision.save()
    assert datetime(2026, 1, 5, 9, tzinfo=ZONE) == Decision.objects.get(matter=matter).at
