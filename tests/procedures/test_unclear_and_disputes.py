"""不明确事项、异议、争议: protection first and highest, limits to the day, nothing ends without a decision."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from dingmi.base.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from dingmi.queries import access, content
from dingmi.queries.registry import QUERIES
from dingmi.queries.verify import verify
from dingmi.records.ledger.models import Entry
from dingmi.records.matters.disputes import Challenge
from dingmi.records.matters.models import Decision, MatterFile, Referral, ReviewTask
from dingmi.records.notices.models import Deadline, Notice
from dingmi.records.organs.models import Organ
from dingmi.records.oversight.models import Breach
from tests.story import Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]


def unclear(story: Story, user: str = "drafter", **changes: object) -> UUID:
    """Draft a text that no item fits, set it provisionally, and return the matter."""
    params = {"category": "economy", "does_damage": True}
    terms = {"item": None, "level": "机密", "tail": "10年", **{k: v for k, v in changes.items() if k not in params}}
    matter = story.filled(user, replace(story.answers(), **terms))
    given = {k: changes.get(k, v) for k, v in params.items()}
    story.act(user, "unclear.refer", matter=matter, expected_version=story.version(matter), **given)
    return matter


def send(story: Story, matter: UUID, user: str = "officer", **params: object) -> object:
    """Register that the report of an unclear matter went out today."""
    given = {"sent_on": story.now.date(), "document_no": "清水密报〔2026〕3号", **params}
    return story.act(user, "unclear.send", matter=matter, expected_version=story.version(matter), **given)


def rule(story: Story, matter: UUID, user: str = "officer", **params: object) -> object:
    """Register the decision about an unclear matter."""
    given = {
        "decided": True,
        "ruled_by": "provincial",
        "document_no": "某密复〔2026〕9号",
        "decided_on": story.now.date(),
        **params,
    }
    return story.act(user, "unclear.answer", matter=matter, expected_version=story.version(matter), **given)


def raised(story: Story, matter: UUID, level: str = "绝密", user: str = "officer", **params: object) -> Challenge:
    """Register that the province challenges a matter of ours."""
    given = {
        "position": "level",
        "level": level,
        "reasons": "影响范围更大。",
        "challenger": story.province.pk,
        **params,
    }
    made = story.act(user, "challenge.raise", matter=matter, expected_version=story.version(matter), **given)
    return Challenge.objects.get(pk=made.challenge)


def step(story: Story, challenge: Challenge, name: str, user: str = "head", **params: object) -> Challenge:
    """Perform one act on a challenge and return it as it is then."""
    version = story.version(challenge.matter_id)
    story.act(user, f"challenge.{name}", challenge=challenge.pk, expected_version=version, **params)
    return Challenge.objects.get(pk=challenge.pk)


RULED = {"document_no": "某密决〔2026〕1号"}


@pytest.mark.clause("TL-25.1", "TL-25.1r", "TL-25.1d")
def test_an_unclear_matter_is_protected_at_once_and_its_report_is_due_in_ten_working_days(story: Story) -> None:
    story.on(date(2026, 3, 4))
    matter = unclear(story)
    row, sent = story.matter(matter), Referral.objects.get(matter=matter)
    assert (row.state, row.level, row.tail, row.register_no) == ("referred", "机密", "10年", None)
    assert (sent.route, sent.due_on) == ("provincial", date(2026, 3, 18))
    limit = Deadline.objects.get(matter_id=matter, name="unclear_matter_report")
    assert (limit.due_on, limit.clause, limit.is_policy) == (date(2026, 3, 18), "TL-25.1d", False)
    assert Notice.objects.filter(code="unclear.waiting", matter_id=matter).count() == 2
    with pytest.raises(NotFound):
        access.matter_for(story.actor("outsider"), story.now, matter)


def test_the_limit_of_a_year_without_calendar_is_kept_without_a_day_and_never_stops_the_act(story: Story) -> None:
    story.on(date(2026, 12, 28))
    matter = unclear(story)
    assert story.matter(matter).state == "referred"
    assert Deadline.objects.get(matter_id=matter, name="unclear_matter_report").due_on is None


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"category": ""}, "unclear.test_not_met"),
        ({"does_damage": False}, "unclear.test_not_met"),
        ({"tail": "25年"}, "period.over_cap"),
        ({"reasons": " "}, "reasons.missing"),
        ({"level": ""}, "element.level_missing"),
        ({"tail": "必要时"}, "tail.vague_event"),
    ],
)
def test_a_report_that_lacks_something_is_refused_and_leaves_the_draft(
    story: Story, changes: dict[str, object], code: str
) -> None:
    with pytest.raises(Refused) as refused:
        unclear(story, **changes)
    assert code in {f.code for f in refused.value.findings}
    assert not Referral.objects.exists()


def test_a_draft_with_an_item_is_not_unclear(story: Story) -> None:
    matter = story.filled()
    params = {"category": "economy", "does_damage": True, "expected_version": story.version(matter)}
    with pytest.raises(Refused) as refused:
        story.act("drafter", "unclear.refer", matter=matter, **params)
    assert "unclear.item_fits" in {f.code for f in refused.value.findings}


def test_an_officer_may_find_that_no_item_fits_what_was_proposed(story: Story) -> None:
    matter = story.proposed()
    params = {"category": "economy", "does_damage": True}
    with pytest.raises(Refused, match="is_the_drafter"):
        story.act("drafter", "unclear.refer", matter=matter, expected_version=story.version(matter), **params)
    story.act("officer", "unclear.refer", matter=matter, expected_version=story.version(matter), **params)
    assert story.matter(matter).state == "referred" and story.matter(matter).item_id is None
    with pytest.raises(Refused) as refused:
        send(story, matter)
    assert {f.code for f in refused.value.findings} == {"unclear.sender_is_the_drafter"}


@pytest.mark.clause("TL-15.4")
def test_the_report_is_sent_by_another_than_its_drafter_and_once(story: Story) -> None:
    story.on(date(2026, 3, 4))
    matter = unclear(story)
    with pytest.raises(Refused):
        rule(story, matter)
    story.on(date(2026, 3, 18))
    sent = send(story, matter, received_on=date(2026, 3, 18))
    assert (sent.late, sent.answer_by) == (False, date(2026, 4, 1))  # type: ignore[attr-defined]
    with pytest.raises(Refused) as refused:
        send(story, matter)
    assert "unclear.already_sent" in {f.code for f in refused.value.findings}


@pytest.mark.clause("TL-25.1d")
def test_a_late_report_goes_through_and_is_kept_as_one_breach(story: Story) -> None:
    story.on(date(2026, 3, 4))
    matter = unclear(story)
    story.on(date(2026, 3, 19))
    assert send(story, matter).late  # type: ignore[attr-defined]
    assert Breach.objects.get(matter=matter).kind == "unclear.sent_late"


@pytest.mark.clause("BMF-25", "TL-25.2")
def test_a_decided_unclear_matter_is_in_force_on_the_administrations_decision(story: Story) -> None:
    story.on(date(2026, 3, 4))
    matter = unclear(story)
    send(story, matter)
    story.on(date(2026, 3, 10))
    with pytest.raises(Refused) as refused:
        rule(story, matter, ruled_by="superior")
    assert "ruling.not_an_administration" in {f.code for f in refused.value.findings}
    rule(story, matter, level="秘密", tail="5年")
    row = story.matter(matter)
    assert (row.state, row.level, row.tail) == ("active", "秘密", "5年")
    assert row.register_no.startswith("QJSW-T-2026-") and row.last_protected_day == date(2031, 3, 10)
    assert row.organ.is_home and row.officer_id == story.people["officer"]
    assert row.carriers.get().mark == "秘密★5年"
    sent = Referral.objects.get(matter=matter)
    assert (sent.answer, sent.ruled_by, sent.answer_number) == ("decided", "provincial", "某密复〔2026〕9号")
    assert not Deadline.objects.filter(matter_id=matter, name__startswith="unclear", done_at=None).exists()
    assert Notice.objects.filter(code="unclear.precedent", person=story.people["secrecy"]).exists()
    assert verify().ok


def test_protection_of_an_unclear_matter_ends_only_on_the_decision_that_it_is_no_secret(story: Story) -> None:
    matter = unclear(story)
    send(story, matter)
    story.later(days=200)
    assert story.matter(matter).level == "机密"
    rule(story, matter, decided=False)
    row = story.matter(matter)
    assert (row.state, row.level, row.tail) == ("not_classified", "内部", "")


def test_one_person_cannot_set_and_register(story: Story) -> None:
    matter = unclear(story, "officer2")
    send(story, matter)
    with pytest.raises(Refused, match="is_the_drafter"):
        rule(story, matter, "officer2")


@pytest.mark.clause("TL-26.3")
def test_e23_a_challenged_matter_is_held_at_the_highest_level_asserted_everywhere_at_once(story: Story) -> None:
    matter = story.approved()
    raised(story, matter, "绝密", position="level")
    row = story.matter(matter)
    assert (row.level, row.determined_level, row.tail) == ("绝密", "机密", "10年")
    assert content.title(row) == "城区供水管网关键节点切换方案"
    assert {f.stored.level for f in MatterFile.objects.filter(matter=matter)} == {"绝密"}
    for user in ("drafter", "officer", "outsider"):
        with pytest.raises(NotFound):
            access.matter_for(story.actor(user), story.now, matter)
    seen = access.matter_for(story.actor("head"), story.now, matter)
    assert seen.level == "绝密"
    page = QUERIES["matter"].run(actor=story.actor("head"), now=story.now, params={"matter": str(matter)})
    assert (page.row.level, page.row.mark) == ("绝密", "机密★10年")
    assert verify().ok


@pytest.mark.clause("TL-26.3")
def test_a_lower_position_lowers_nothing_and_the_higher_of_two_holds_until_it_ends(story: Story) -> None:
    matter = story.approved()
    low = raised(story, matter, "秘密")
    assert (story.matter(matter).level, story.matter(matter).determined_level) == ("机密", "")
    high = raised(story, matter, "绝密")
    assert story.matter(matter).level == "绝密"
    step(story, high, "answer", outcome="keep", reasons="依据目录确定。")
    assert story.matter(matter).level == "绝密"
    step(story, high, "settle", reasons="对方接受。")
    assert (story.matter(matter).level, story.matter(matter).determined_level) == ("机密", "")
    assert Challenge.objects.get(pk=low.pk).ended_at is None


@pytest.mark.clause("TL-26.1", "TL-26.3")
def test_nothing_ends_without_a_decision(story: Story) -> None:
    matter = story.approved()
    made = raised(story, matter)
    for state, code in (("challenged", "challenge.undecided"), ("disputed", "dispute.undecided")):
        with pytest.raises(Refused) as refused:
            step(story, made, "settle", reasons="双方口头同意。")
        assert made.state == state and refused.value.code == code
        if state == "challenged":
            made = step(story, made, "register_dispute", document_no="某水函〔2026〕7号")
    assert story.matter(matter).level == "绝密"


@pytest.mark.clause("TL-26.1")
def test_a_decided_change_holds_the_level_until_the_change_is_made(story: Story) -> None:
    matter = story.approved()
    made = step(story, raised(story, matter), "answer", outcome="change", level="秘密", reasons="影响有限。")
    with pytest.raises(Refused) as refused:
        step(story, made, "settle", reasons="对方接受。")
    assert refused.value.code == "challenge.change_outstanding"
    assert story.matter(matter).level == "绝密"
    assert ReviewTask.objects.filter(matter=matter, kind="dispute", done_at__isnull=True).count() == 1


@pytest.mark.clause("TL-26.2", "BMF-25")
def test_the_route_follows_the_level_determined_and_a_provincial_decision_binds_until_appealed(story: Story) -> None:
    matter = story.approved()
    made = step(story, raised(story, matter), "answer", outcome="keep", reasons="依据目录确定。")
    made = step(story, made, "register_dispute", document_no="某水函〔2026〕7号")
    assert made.route == "provincial"
    today = story.now.date()
    made = step(
        story, made, "register_decision", ruled_by="provincial", outcome="change", level="秘密", tail="5年",
        decided_on=today, **RULED,
    )  # fmt: skip
    row = story.matter(matter)
    assert (made.state, row.state, row.level, row.tail) == ("decided", "active", "秘密", "5年")
    assert row.starts_on == Decision.objects.filter(matter=matter).earliest("number").starts_on
    assert row.carriers.get().mark == "秘密★5年"
    made = step(story, made, "appeal", user="officer", reasons="仍有异议。", document_no="某水函〔2026〕9号")
    assert (made.route, story.matter(matter).level, story.matter(matter).determined_level) == (
        "national",
        "绝密",
        "秘密",
    )
    wrong = {"ruled_by": "provincial", "outcome": "keep", "decided_on": today, **RULED}
    with pytest.raises(Refused) as refused:
        step(story, made, "register_decision", **wrong)
    assert refused.value.code == "ruling.wrong_administration"
    made = step(story, made, "register_decision", **{**wrong, "ruled_by": "national"})
    assert (made.state, story.matter(matter).level) == ("final", "秘密")
    with pytest.raises(Refused) as refused:
        step(story, made, "appeal", user="officer", reasons="仍有异议。", document_no="某水函〔2026〕10号")
    assert refused.value.code == "dispute.not_appealable"
    assert verify().ok


def test_a_matter_found_to_be_no_secret_is_voided_and_not_declassified(story: Story) -> None:
    matter = story.approved()
    made = step(story, raised(story, matter, "", position="not_secret"), "register_dispute", user="officer", **RULED)
    given = {"ruled_by": "provincial", "outcome": "not_secret", "decided_on": story.now.date(), **RULED}
    made = step(story, made, "register_decision", user="officer", **given)
    row = story.matter(matter)
    assert (row.state, row.released_at, made.state) == ("voided", None, "decided")
    assert row.carriers.get().remark_due


def test_a_challenged_matter_is_not_released(story: Story) -> None:
    matter = story.approved()
    raised(story, matter, "秘密")
    with pytest.raises(Refused) as refused:
        story.review(matter, "release", ground="harmless")
    assert "release.challenged" in {f.code for f in refused.value.findings}


def test_an_extension_while_challenged_extends_what_was_determined_and_drops_nothing(story: Story) -> None:
    matter = story.approved(answers=story.answers(tail="5年"))
    raised(story, matter, "绝密")
    story.clear("drafter", "绝密")
    story.clear("officer", "绝密")
    story.extend(matter, "10年")
    row = story.matter(matter)
    assert (row.level, row.determined_level, row.tail) == ("绝密", "机密", "10年")
    assert row.carriers.get().mark == "机密★10年"


@pytest.mark.clause("QA-6")
def test_our_dispute_goes_up_at_the_highest_level_and_longest_period_signed_by_officer_and_head(story: Story) -> None:
    matter = received(story)
    made = raised(story, matter, "机密", challenger=None, tail="20年")
    assert not made.is_received and story.matter(matter).level == "机密"
    with pytest.raises(Refused) as refused:
        step(story, made, "send", document_no="清水密函〔2026〕5号")
    assert refused.value.code == "dispute.not_reviewed"
    made = step(story, made, "dispute", user="officer", reasons="对方维持原决定。")
    said = _said(made, 2)
    assert '"packet_level":"机密"' in said and '"packet_tail":"20年"' in said
    with pytest.raises(Forbidden):
        step(story, made, "send", user="officer", document_no="清水密函〔2026〕5号")
    made = step(story, made, "send", document_no="清水密函〔2026〕5号")
    assert (made.state, made.route) == ("disputed", "provincial")
    made = step(
        story, made, "register_decision", ruled_by="provincial", outcome="keep", decided_on=story.now.date(), **RULED
    )
    assert (made.state, story.matter(matter).level) == ("decided", "秘密")


def referred(story: Story) -> UUID:
    """Refer a matter that the delegation of our organ does not cover."""
    for user in ("drafter", "officer"):
        story.clear(user, "绝密")
    matter = story.filled(answers=story.answers("11"))
    story.act("drafter", "referral.refer", matter=matter, opinion="", expected_version=story.version(matter))
    return matter


def _said(challenge: Challenge, number: int) -> str:
    taken = challenge.steps.get(number=number)  # type: ignore[attr-defined]
    return content.opened(taken, "payload_ct", taken.level)


def received(story: Story) -> UUID:
    """Hold a 秘密 matter that another organ determined: what our referral became."""
    level = {"level": "秘密", "tail": "5年"}
    matter = referred(story)
    story.act(
        "officer", "referral.answer", matter=matter, decided=True, document_no="某水复〔2026〕2号",
        decided_on=story.now.date(), expected_version=story.version(matter), **level,
    )  # fmt: skip
    assert not story.matter(matter).organ.is_home
    return matter


@pytest.mark.clause("BMF-17.3", "QA-5")
def test_an_answered_referral_is_the_deciding_organs_matter_or_the_issuers(story: Story) -> None:
    assert story.matter(received(story)).organ_id == story.province.pk
    issuer = story.act("secrecy", "personnel.enter_organ", name="某市人民政府", tier="other", line="综合")
    matter = referred(story)
    story.act(
        "officer", "referral.answer", matter=matter, decided=True, document_no="某水复〔2026〕3号",
        decided_on=story.now.date(), issued_for=issuer.id, expected_version=story.version(matter),
    )  # fmt: skip
    assert story.matter(matter).organ_id == UUID(str(issuer.id))


def test_the_organ_that_decides_may_be_another_than_the_one_asked(story: Story) -> None:
    other = story.act("secrecy", "personnel.enter_organ", name="某省保密行政管理部门", tier="prefecture", line="保密")
    matter = referred(story)
    story.act(
        "officer", "referral.answer", matter=matter, decided=True, document_no="某密复〔2026〕3号",
        decided_on=story.now.date(), decided_by=other.id, expected_version=story.version(matter),
    )  # fmt: skip
    assert story.matter(matter).organ == Organ.objects.get(pk=other.id)
    assert not story.matter(matter).reviews.filter(kind="annual").exists()


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"level": "机密"}, "challenge.same_as_determined"),
        ({"level": ""}, "challenge.no_level"),
        ({"position": "sometimes"}, "challenge.no_position"),
        ({"position": "not_secret"}, "challenge.two_positions"),
        ({"level": "核心商密"}, "level.not_one_of_three"),
        ({"tail": "★"}, "tail.malformed"),
        ({"challenger": None}, "challenge.own_matter"),
    ],
)
def test_a_position_that_says_nothing_is_refused_and_holds_nothing(
    story: Story, params: dict[str, object], code: str
) -> None:
    matter = story.approved()
    with pytest.raises(Refused) as refused:
        raised(story, matter, **{"level": "绝密", **params})
    assert code in {f.code for f in refused.value.findings}
    assert story.matter(matter).level == "机密" and not Challenge.objects.exists()
    assert Entry.objects.filter(act="attempt").exists()


def test_a_stale_version_a_missing_reason_and_an_unknown_challenge_are_refused(story: Story) -> None:
    matter = story.approved()
    with pytest.raises(Invalid):
        raised(story, matter, reasons="")
    made = raised(story, matter, "秘密")
    params = {"outcome": "keep", "reasons": "依据目录确定。"}
    with pytest.raises(Conflict):
        story.act("officer", "challenge.answer", challenge=made.pk, expected_version=1, **params)
    with pytest.raises(NotFound):
        story.act("officer", "challenge.answer", challenge=matter, expected_version=1, **params)
    with pytest.raises(NotFound):
        story.act("secrecy", "challenge.settle", challenge=made.pk, reasons="-", expected_version=1)


def noted(story: Story, appraisal: UUID, step: str, **params: object) -> Any:
    given = {"on": story.now.date(), **params}
    return story.act("officer", "appraisal.note", appraisal_id=appraisal, step=step, **given)


@pytest.mark.clause("JD-s1", "JD-s3", "JD-16", "JD-s4", "TL-63.2")
def test_an_appraisal_runs_from_completion_and_acceptance_and_its_limits_remind(story: Story):
    matter = story.approved()
    story.on(date(2026, 3, 1))
    asked = story.act(
        "officer",
        "appraisal.receive",
        matter=matter,
        applicant="某市公安局",
        applicant_kind="investigation",
        applicant_rank="local",
        document_no="某公函〔2026〕8号",
        received_on=date(2026, 3, 1),
        reply_by=date(2026, 3, 6),
        lacking=("translation",),
    ).appraisal
    assert not Deadline.objects.filter(name="appraisal_reply").exists()
    with pytest.raises(Refused) as refused:
        noted(story, asked, "accepted")
    assert [f.code for f in refused.value.findings] == ["appraisal.incomplete"]
    story.on(date(2026, 3, 2))
    noted(story, asked, "completed")
    assert noted(story, asked, "accepted").due_on == date(2026, 4, 1)
    told = story.on(date(2026, 3, 3)).daily()["unclear.remind"]
    assert told["reminded"] and Notice.objects.filter(code="appraisal.reply_due").count() == told["reminded"]
    noted(story, asked, "consulted", organ="national")
    story.on(date(2026, 3, 10))
    noted(story, asked, "experts")
    story.on(date(2026, 3, 20))
    assert noted(story, asked, "experts_back").due_on == date(2026, 4, 13)
    story.on(date(2026, 4, 13)).daily()
    assert Notice.objects.filter(code="appraisal.no_conclusion", params__due_on="2026-04-13").exists()
    assert noted(story, asked, "extended", head_agrees=True).due_on > date(2026, 5, 6)
    story.later(days=1)
    with pytest.raises(Invalid):
        noted(story, asked, "concluded", outcome="机密")  # without its number
    noted(story, asked, "concluded", outcome="机密", document_no="粤密鉴〔2026〕3号")
    assert not Deadline.objects.filter(name="appraisal", done_at__isnull=True).exists()
    made = noted(story, asked, "reviewed", outcome="秘密", document_no="国密复〔2026〕1号", organ="national")
    assert made.advice == ("appraisal.not_copied",)
    page = QUERIES["appraisal.course"].run(
        actor=story.actor("officer"), now=story.now, params={"appraisal_id": str(asked)}
    )
    assert (page.outcome, page.due, len(page.steps)) == ("秘密", None, 8)


@pytest.mark.clause("TL-63.2", "JD-s3")
def test_while_the_file_is_out_with_experts_the_limit_of_an_appraisal_stands_still(story: Story):
    matter = story.approved()
    story.on(date(2026, 3, 2))
    asked = story.act(
        "officer",
        "appraisal.receive",
        matter=matter,
        applicant="某市公安局",
        applicant_kind="investigation",
        applicant_rank="local",
        document_no="某公函〔2026〕9号",
        received_on=date(2026, 3, 2),
    ).appraisal
    assert noted(story, asked, "accepted").due_on == date(2026, 4, 1)
    story.on(date(2026, 3, 22))
    noted(story, asked, "experts")
    with pytest.raises(Refused) as refused:
        noted(story, asked, "experts")
    assert [f.code for f in refused.value.findings] == ["appraisal.experts_out"]
    story.on(date(2026, 4, 13)).daily()
    assert not Notice.objects.filter(code="appraisal.no_conclusion").exists()
    due = (
        QUERIES["appraisal.course"]
        .run(actor=story.actor("officer"), now=story.now, params={"appraisal_id": str(asked)})
        .due
    )
    assert (due.on, due.days_left, due.is_stopped) == (date(2026, 4, 23), 10, True)
    noted(story, asked, "extended", head_agrees=True)
    assert noted(story, asked, "experts_back").due_on == date(2026, 5, 25)  # 23 May is a Saturday
    limit = Deadline.objects.get(name="appraisal", done_at__isnull=True)
    assert (limit.starts_on, limit.due_on) == (date(2026, 3, 2), date(2026, 5, 25))
    assert (
        not QUERIES["appraisal.course"]
        .run(actor=story.actor("officer"), now=story.now, params={"appraisal_id": str(asked)})
        .due.is_stopped
    )
