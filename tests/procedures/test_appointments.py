"""The life of an appointment (P15) and of a delegation (P14) through the acts."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import pytest

from dingmi.base.errors import Conflict, Forbidden, NotFound, Refused
from dingmi.engines import documents
from dingmi.procedures.appointment import CRITERIA, Appointed
from dingmi.queries import coverage, delegations, standing
from dingmi.queries.verify import verify
from dingmi.records.ledger.models import Entry
from dingmi.records.matters.models import Decision
from dingmi.records.notices.models import Notice
from dingmi.records.officers.appointments import Appointment, Mobility
from dingmi.records.officers.models import Delegation, Designation
from tests.story import Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]


def nominate(story: Story, user: str = "drafter2", by: str = "drafter", **params: Any) -> UUID:
    """Nominate someone; return the case."""
    given = {"max_level": "机密", "reasons": "熟悉管网业务。", **params}
    return UUID(str(story.act(by, "officers.nominate", person=story.people[user], **given).case))


def vet(story: Story, case: UUID, **params: Any) -> Appointed:
    given = {"passed": True, "criteria": CRITERIA, "opinion": "符合条件。", **params}
    return story.act("secrecy", "officers.vet", case=case, **given)


def qualify(story: Story, user: str = "drafter2", grade: str = "机密", until: datetime | None = None) -> None:
    story.act(
        "secrecy", "officers.record_qualification", person=story.people[user], grade=grade, certificate="资格 1",
        since=story.now, until=until or story.now + timedelta(days=900),
    )  # fmt: skip


def trained(story: Story, user: str = "drafter2") -> UUID:
    """Bring a case to the point where only the commission is missing."""
    case = nominate(story, user)
    vet(story, case)
    qualify(story, user)
    story.act("secrecy", "officers.confirm_training", case=case)
    return case


def commission(story: Story, case: UUID, **params: Any) -> Appointed:
    given = {"instrument": "清水密委〔2026〕7号", "until": story.now + timedelta(days=900), **params}
    return story.act("head", "officers.commission", case=case, **given)


def in_office(story: Story, user: str = "drafter2", **params: Any) -> UUID:
    case = trained(story, user)
    commission(story, case, **params)
    story.act("secrecy", "officers.publish", case=case, expected_version=story.seen(Appointment, case))
    return UUID(
        str(
            story.act(
                "secrecy", "officers.file", case=case, expected_version=story.seen(Appointment, case), number="回执 9"
            ).designation
        )
    )


@pytest.mark.clause("ZX-15", "SEED-3", "QA-9", "TL-14.1")
def test_an_officer_decides_from_the_instant_the_list_is_published_and_filed_and_not_before(story: Story) -> None:
    matter = story.proposed(answers=story.answers(scope=story.scope("drafter", "drafter2", "officer")))
    case = trained(story)
    commission(story, case)
    with pytest.raises((Forbidden, Refused)):
        story.approve(matter, "drafter2")
    assert (
        story.act("secrecy", "officers.publish", case=case, expected_version=story.seen(Appointment, case)).state
        == "commissioned"
    )
    assert standing.officer(story.people["drafter2"], story.now) is None
    done = story.act(
        "secrecy",
        "officers.file",
        case=case,
        expected_version=story.seen(Appointment, case),
        number="备案回执〔2026〕3号",
    )
    assert done.state == "active" and done.designation
    assert story.approve(matter, "drafter2").mark
    used = Decision.objects.get(matter=matter).authority
    assert used["instrument"] == "清水密委〔2026〕7号" and used["suspended"] is False


@pytest.mark.clause("QA-9", "SEED-5")
def test_nobody_nominates_or_vets_himself_and_one_case_is_open_at_a_time(story: Story) -> None:
    with pytest.raises(Refused, match=r"nomination\.self"):
        nominate(story, "drafter", by="drafter")
    nominate(story)
    with pytest.raises(Refused, match=r"nomination\.open_already"):
        nominate(story)
    own = nominate(story, "secrecy", by="head", max_level="秘密")
    with pytest.raises(Refused) as refused:
        vet(story, own)
    assert {"vetting.own", "vetting.unfit"} <= {f.code for f in refused.value.findings}


@pytest.mark.clause("SEED-3", "TL-14.2", "SEED-1")
def test_a_commission_skipping_a_step_or_above_the_grade_is_refused_with_everything_that_is_missing(
    story: Story,
) -> None:
    case = nominate(story)
    with pytest.raises(Refused) as refused:
        commission(story, case, since=story.now + timedelta(days=1))
    codes = {f.code for f in refused.value.findings}
    assert {"commission.not_vetted", "commission.untrained", "commission.qualification"} <= codes
    vet(story, case)
    qualify(story, grade="秘密")
    with pytest.raises(Refused, match=r"commission\.qualification"):
        story.act("secrecy", "officers.confirm_training", case=case)
    assert Designation.objects.filter(officer__person=story.people["drafter2"]).count() == 0


@pytest.mark.clause("TL-14.2")
def test_a_training_that_lapses_between_proposal_and_signature_stops_the_commission(story: Story) -> None:
    story.now = story.now.replace(month=1, day=20)
    case = nominate(story, "lapsed")
    for row in Designation.objects.filter(officer__person=story.people["lapsed"]):
        story.act("head", "officers.end", designation=row.pk, ground="unsuitable")
    vet(story, case)
    qualify(story, "lapsed")
    story.act("secrecy", "officers.confirm_training", case=case)
    story.on(story.now.replace(month=2, day=3).date())
    with pytest.raises(Refused, match=r"commission\.untrained"):
        commission(story, case)


@pytest.mark.clause("BMF-17.1", "ZX-14.1")
def test_an_instrument_above_the_organs_authority_or_backdated_is_refused(story: Story) -> None:
    story.later(minutes=1).clear("drafter2", "绝密")
    case = nominate(story, max_level="绝密")
    vet(story, case)
    qualify(story, grade="绝密")
    story.act("secrecy", "officers.confirm_training", case=case)
    with pytest.raises(Refused) as above:
        commission(story, case)
    assert "commission.over_authority" in {f.code for f in above.value.findings}
    with pytest.raises(Refused) as refused:
        commission(story, case, max_level="机密", since=story.now - timedelta(days=1))
    assert [f.code for f in refused.value.findings] == ["designation.backdated"]
    assert commission(story, case, max_level="机密").state == "commissioned"


@pytest.mark.clause("ZX-14.1")
def test_a_second_term_neither_overlaps_the_running_one_nor_leaves_a_gap(story: Story) -> None:
    in_office(story)
    ends = Designation.objects.get(officer__person=story.people["drafter2"]).until
    case = trained(story)
    with pytest.raises(Refused, match=r"commission\.overlap"):
        commission(story, case, until=ends + timedelta(days=10))
    story.train("drafter2")
    with pytest.raises(Refused, match=r"commission\.gap"):
        commission(story, case, since=ends + timedelta(days=2), until=ends + timedelta(days=90))
    assert commission(story, case, since=ends, until=ends + timedelta(days=90)).state == "commissioned"


@pytest.mark.clause("SEED-6", "BMF-16.2")
def test_an_assistant_never_approves(story: Story) -> None:
    case = nominate(story, tier="assistant")
    vet(story, case)
    qualify(story)
    story.act("secrecy", "officers.confirm_training", case=case)
    commission(story, case)
    story.act("secrecy", "officers.publish", case=case, expected_version=story.seen(Appointment, case))
    story.act("secrecy", "officers.file", case=case, expected_version=story.seen(Appointment, case), number="回执")
    matter = story.proposed(answers=story.answers(scope=story.scope("drafter", "drafter2", "officer")))
    with pytest.raises(Refused, match=r"officer\.assistant"):
        story.approve(matter, "drafter2")


@pytest.mark.clause("SEED-8")
def test_a_suspension_stops_the_officer_at_its_minute_and_hands_on_what_waits(story: Story) -> None:
    matter = story.proposed()
    done = story.act("secrecy", "officers.suspend", person=story.people["officer"], ground="inquiry")
    assert done.handed_on == 1
    told = Notice.objects.filter(code="officers.work_handed_on", matter_id=matter)
    assert story.people["officer2"] in told.values_list("person", flat=True)
    with pytest.raises(Refused, match=r"officer\.suspended") as refused:
        story.approve(matter)
    named = [f for f in refused.value.findings if f.code == "officer.who_can"]
    assert named and "冯立群" in named[0].params["officers"]
    with pytest.raises(Conflict, match=r"suspension\.none"):
        story.act("head", "officers.resume", person=story.people["officer2"], reason="x")
    story.act("secrecy", "officers.resume", person=story.people["officer"], reason="核查结束。")
    assert story.approve(matter).mark


@pytest.mark.clause("SEED-8")
def test_a_journey_announced_suspends_from_its_instant_to_its_end_and_the_daily_round_hands_on_the_work(
    story: Story,
) -> None:
    out, back = story.now + timedelta(days=1), story.now + timedelta(days=2)
    story.act("secrecy", "officers.record_event", person=story.people["officer"], kind="travel_private",
              since=out, until=back)  # fmt: skip
    who = story.people["officer"]
    before, inside = standing.officer(who, out - timedelta(seconds=1)), standing.officer(who, out)
    assert before and inside and (before.suspended, inside.suspended) == (False, True)
    after = standing.officer(who, back)
    assert after and not after.suspended
    matter = story.proposed()
    story.later(days=1, minutes=5)
    assert story.daily()["officers.follow"]["events"] == 1
    assert Notice.objects.filter(code="officers.work_handed_on", matter_id=matter).exists()
    assert story.daily()["officers.follow"]["events"] == 0
    assert verify().ok, "the entry of the round vouches for the event as it is now"


@pytest.mark.clause("SEED-8", "QA-1")
def test_what_waits_for_an_officer_whose_grade_ends_by_itself_is_handed_on_and_without_anyone_the_office_hears_once(
    story: Story,
) -> None:
    def sent(code: str, to: str) -> int:
        return Notice.objects.filter(code=code, matter_id=matter, person=story.people[to]).count()

    for user, until in (("officer2", story.now + timedelta(hours=1)), ("lapsed", None)):
        story.act("secrecy", "officers.suspend", person=story.people[user], ground="inquiry", until=until)
    qualify(story, "officer", until=story.now + timedelta(days=2))
    matter = story.proposed()
    assert sent("proposal.waiting", "officer") == 1 and sent("proposal.waiting", "officer2") == 0
    story.later(days=1)
    assert story.daily()["officers.follow"]["handed_on"] == 0, "it waits for one who can decide it"
    story.later(days=1)
    assert story.daily()["officers.follow"]["handed_on"] == 1
    assert (sent("officers.work_handed_on", "officer2"), sent("officers.work_without_anyone", "secrecy")) == (1, 0)
    assert story.daily()["officers.follow"]["handed_on"] == 0
    story.act(
        "secrecy", "delegation.revoke", delegation=Delegation.objects.get().pk, number="收回 1", reason="不再需要"
    )
    assert sent("officers.work_without_anyone", "secrecy") == 1, "the organ itself has no authority any more"
    assert story.daily()["officers.follow"]["handed_on"] == 0


@pytest.mark.clause("SEED-8", "TL-15.2")
def test_a_proposed_change_of_what_is_in_force_is_handed_on_too(story: Story) -> None:
    matter = story.approved(answers=story.answers(scope=story.scope("drafter", "officer", "officer2")))
    story.later(days=1)
    for user in ("officer2", "lapsed"):
        story.act("secrecy", "officers.suspend", person=story.people[user], ground="inquiry")
    qualify(story, "officer", until=story.now + timedelta(days=1))
    story.act(
        "drafter", "review.propose", matter=matter, outcome="keep", reason="仍需保护。",
        expected_version=story.version(matter),
    )  # fmt: skip
    assert story.daily()["officers.follow"]["handed_on"] == 0
    story.act("secrecy", "officers.resume", person=story.people["officer2"], reason="核查结束。")
    assert story.daily()["officers.follow"]["handed_on"] == 0, "it waits for one who still can"
    story.later(days=1)
    assert story.daily()["officers.follow"]["handed_on"] == 1
    told = Notice.objects.filter(code="officers.work_handed_on", matter_id=matter, created_at=story.now)
    assert list(told.values_list("person", flat=True)) == [story.people["officer2"]]
    assert story.daily()["officers.follow"]["handed_on"] == 0


@pytest.mark.clause("SEED-8")
def test_an_officer_back_early_resumes_and_the_entry_proves_the_event_that_ended_with_it(story: Story) -> None:
    who = story.people["officer"]
    story.act("secrecy", "officers.record_event", person=who, kind="leave", until=story.now + timedelta(days=9))
    story.later(days=1)
    story.act("head", "officers.resume", person=who, reason="提前销假。")
    event = Mobility.objects.get(person=who)
    assert event.until == event.suspension.until == story.now
    assert verify().ok


@pytest.mark.clause("SEED-8", "ZX-17")
def test_a_transfer_ends_the_office_at_its_instant_and_past_acts_stay(story: Story) -> None:
    decided = story.approved()
    waiting = story.proposed()
    at = story.now + timedelta(hours=3)
    story.act("head", "officers.record_event", person=story.people["officer"], kind="transfer", since=at)
    story.later(hours=2)
    assert "officer" in story.actor("officer").roles
    story.later(hours=2)
    with pytest.raises((Forbidden, Refused)):
        story.approve(waiting)
    assert Decision.objects.get(matter=decided).officer_id == story.people["officer"]


@pytest.mark.clause("ZX-17")
def test_removal_takes_one_of_four_grounds_and_names_the_unit_left_without_an_officer(story: Story) -> None:
    story.approved()
    rows = {r.officer.person_id: r for r in Designation.objects.all()}
    with pytest.raises(Refused, match=r"replacement\.no_ground"):
        story.act("head", "officers.end", designation=rows[story.people["officer"]].pk, ground="不喜欢")
    for user in ("officer2", "lapsed"):
        done = story.act("head", "officers.end", designation=rows[story.people[user]].pk, ground="left_post")
        assert done.units_without == ()
    last = story.act("head", "officers.end", designation=rows[story.people["officer"]].pk, ground="left_post")
    assert last.units_without == ("管网处",)
    story.daily()
    assert Notice.objects.filter(code="officers.units_without", params__units="管网处").count() == 1
    story.later(days=1)
    story.daily()
    assert Notice.objects.filter(code="officers.units_without").count() == 1, "told again only when the list changes"
    found = coverage.officers_coverage(actor=story.actor("secrecy"), now=story.now)
    assert [(u.name, u.own) for u in found] == [("管网处", ())]


@pytest.mark.clause("QA-9", "ZX-14.1")
def test_an_adjustment_narrows_at_once_and_never_widens(story: Story) -> None:
    person = story.people["officer"]
    matter = story.proposed()
    common = {"person": person, "instrument": "清水密调〔2026〕1号", "reasons": "分工调整"}
    with pytest.raises(Refused) as refused:
        story.act("head", "officers.adjust", **common, max_level="绝密")
    assert "adjustment.widens" in {f.code for f in refused.value.findings}
    story.later(minutes=1)
    story.act("head", "officers.adjust", **common, max_level="秘密")
    with pytest.raises(Refused, match=r"officer\.over_level"):
        story.approve(matter)
    assert [d.max_level for d in Designation.objects.filter(officer__person=person).order_by("since", "pk")] == [
        "机密",
        "秘密",
    ]


@pytest.mark.clause("SEED-7", "TL-14.2")
def test_what_ends_is_told_at_sixty_thirty_and_seven_days_once_each(story: Story) -> None:
    in_office(story, until=story.now + timedelta(days=61))
    counts = []
    for days in (0, 1, 1, 30, 23):
        story.later(days=days)
        story.daily()
        story.daily()
        counts.append(Notice.objects.filter(code="officers.designation_ends", person=story.people["drafter2"]).count())
    assert counts == [0, 1, 1, 2, 3]


@pytest.mark.clause("ZX-9.1", "ZX-44.4", "ZX-9.3", "ZX-10.2", "ZX-13.1", "ZX-13.2", "ZX-12.1")
def test_a_delegation_is_applied_for_with_figures_granted_filed_supervised_and_revoked(story: Story) -> None:
    given = {
        "addressee": story.province.pk, "level": "绝密", "matters": ("SW-VIP",), "since": story.now.date(),
        "until": story.now.date() + timedelta(days=365), "basis": "承担专用供水保障", "reasons": "经常产生。",
    }  # fmt: skip
    with pytest.raises(Refused, match=r"application\.not_frequent"):
        story.act("head", "delegation.apply", **given)
    with pytest.raises(Refused, match=r"application\.incomplete"):
        story.act("head", "delegation.apply", **given | {"basis": ""}, declared=(6, 6, 6))
    asked = story.act("head", "delegation.apply", **given, declared=(6, 6, 6))
    assert asked.originals == (6, 6, 6)
    with pytest.raises(Refused, match=r"delegation\.over_authority"):
        story.act("secrecy", "delegation.answer", request=asked.id, granted=True, number="某水授〔2026〕5号")
    held = story.act(
        "secrecy", "delegation.answer", request=asked.id, granted=True, number="某水授〔2026〕5号", max_level="机密"
    )
    with pytest.raises(Conflict, match=r"delegation\.answered_already"):
        story.act("secrecy", "delegation.answer", request=asked.id, granted=False, number="x")
    for side in ("grantor", "grantee"):
        story.act("secrecy", "delegation.file", delegation=held.id, side=side, number=f"{side} 1")
    with pytest.raises(Conflict, match=r"delegation\.filed_already"):
        story.act("secrecy", "delegation.file", delegation=held.id, side="grantee", number="2")
    for act in ("delegation.answer", "delegation.file"):
        vouched = Entry.objects.filter(act=act).order_by("pk").last().body
        assert f'"id":"{held.id}"' in vouched, act
    assert verify().ok
    seen = story.act("head", "delegation.supervise", delegation=held.id, words="年度检查。")
    assert "supervision.not_frequent" in seen.advice
    assert "supervision.regrant" in seen.advice, "the guide has the matter at another level than the instrument"
    page = delegations.delegations(actor=story.actor("secrecy"), now=story.now)
    assert {d.id: d.owed for d in page.delegations}[held.id] == ()
    story.act("secrecy", "delegation.revoke", delegation=held.id, number="撤 1", reason="不再经常产生")
    assert not any("SW-VIP" in g.matters for g in standing.delegations(story.home, story.now))
    assert Entry.objects.filter(act="delegation.revoke").count() == 1


@pytest.mark.clause("ZX-12.2")
def test_a_delegation_given_anew_takes_over_at_the_same_instant(story: Story) -> None:
    old = Delegation.objects.get(pk=story.delegation.id)
    until = story.now + timedelta(days=900)
    made = story.act(
        "secrecy", "delegation.regrant", delegation=old.pk, instrument="某水授〔2026〕8号", max_level="秘密",
        matters=("SW-NET",), until=until,
    )  # fmt: skip
    assert [g.instrument for g in standing.delegations(story.home, story.now)] == ["某水授〔2026〕8号"]
    assert Delegation.objects.get(pk=made.id).since == story.now
    matter = story.proposed()
    with pytest.raises(Refused, match=r"authority\.insufficient"):
        story.approve(matter)
    with pytest.raises(Conflict, match=r"delegation\.over"):
        story.act("secrecy", "delegation.revoke", delegation=old.pk, number="1", reason="晚了")


@pytest.mark.clause("SEED-3", "ZX-14.1", "ZX-15")
def test_the_commission_is_printed_from_the_records_for_those_whom_it_concerns(story: Story) -> None:
    case = trained(story)
    with pytest.raises(NotFound):
        story.act("secrecy", "forms.show", form="commission", case=case)
    commission(story, case)
    shown = story.act("drafter2", "forms.show", form="commission", case=case)
    words = " ".join(block.text for block in shown.sheet.blocks)
    assert "何志远" in words and "机密级以下" in words and "清江市水务局" in words
    assert shown.sheet.number.endswith("清水密委〔2026〕7号")
    with pytest.raises(NotFound):
        story.act("outsider", "forms.show", form="commission", case=case)
    made = story.act("head", "forms.render", form="commission", case=case, kind="docx")
    assert made.content[:2] == b"PK"


@pytest.mark.clause("LC-1", "ZX-9.3")
def test_the_papers_of_an_application_come_in_one_package_from_the_records(story: Story) -> None:
    given = {
        "addressee": story.province.pk, "level": "绝密", "matters": ("SW-VIP",), "since": date(2026, 3, 1),
        "until": date(2031, 2, 28), "basis": "目录第 11 项", "reasons": "经常产生", "declared": (5, 7, 9),
    }  # fmt: skip
    story.act(
        "secrecy",
        "secrecy_file.enter",
        part="rules",
        details={"topic": "定密管理"},
        title="定密管理办法",
        number="水密〔2026〕1号",
    )
    made = story.act("head", "delegation.apply", **given)
    bundle = story.act("secrecy", "delegation.bundle", request=made.id)
    with ZipFile(BytesIO(bundle.content)) as package:
        names = package.namelist()
        assert [name[0] for name in names] == list("1234567")
        read = {name: documents.extract(package.read(name), name).text for name in names}
    letter, form, asked, _table, officers, figures, rules = read.values()
    assert "关于申请定密授权的函" in letter and "某省水利厅" in letter and "经常产生" in form
    assert "重点单位专用供水保障方案" in asked and "绝密★20年" in asked
    assert "周启明" in officers and "定密管理办法" in rules
    assert all(str(n) in figures for n in (5, 7, 9)) and "申请前第 3 年" in figures
    with pytest.raises(NotFound):
        story.act("head", "delegation.bundle", request=story.people["head"])
    with pytest.raises(Forbidden):
        story.act("officer", "delegation.bundle", request=made.id)


@pytest.mark.clause("QA-9")
def test_a_case_that_is_withdrawn_is_over_says_why_and_another_may_be_begun(story: Story) -> None:
    case = nominate(story)
    with pytest.raises(Forbidden):
        story.act("drafter", "officers.withdraw", case=case, reason="另行安排。")
    story.act("secrecy", "officers.withdraw", case=case, reason="另行安排。")
    row = Appointment.objects.get(pk=case)
    assert (row.state, row.closed_reason, row.closed_at) == ("withdrawn", "另行安排。", story.now)
    with pytest.raises(Conflict):
        vet(story, case)
    assert nominate(story) != case and verify().ok
