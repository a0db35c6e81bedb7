"""Copies from their making to their end: numbered, handed over and signed for, counted, given back, destroyed or missed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from dingmi.base.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from dingmi.procedures.terms import Scope
from dingmi.queries import QUERIES
from dingmi.records.carriers.models import Carrier, CarrierEvent, Destruction
from dingmi.records.matters.models import Knowledge
from dingmi.records.notices.models import Notice
from dingmi.records.organs.models import Organ
from dingmi.records.oversight.incidents import Incident
from tests.story import Story

pytestmark = pytest.mark.db
PLACE = {"place": "机要室", "in_proper_place": True}


@pytest.fixture
def story(story: Story) -> Story:
    """The bureau, with an office cleared to know what it keeps."""
    story.cleared("secadmin", person=story.people["secrecy"], level="机密", instrument="审查表")
    return story


def ask(story: Story, user: str, name: str, **params: Any) -> Any:
    return QUERIES[name].run(actor=story.actor(user), now=story.now, params=params)


def made(story: Story, copies: int = 3, matter: UUID | None = None, **more: Any) -> tuple[str, ...]:
    """Make and keep copies of a matter; return their numbers."""
    number = story.matter(matter or story.approved()).register_no
    given = {"copies": copies, "is_marked": True, **PLACE, **more}
    numbers = tuple(story.act("drafter", "carriers.produce", register_no=number, **given).numbers)
    story.act(
        "secrecy", "carriers.keep", numbers=numbers, person=story.people["secrecy"], place="一号保密柜",
        place_meets_standard=True,
    )  # fmt: skip
    return numbers


def lent(story: Story, numbers: tuple[str, ...], user: str = "drafter", days: int = 5) -> None:
    due = story.now.date() + timedelta(days=days)
    story.act("secrecy", "carriers.lend", numbers=numbers, person=story.people[user], due_on=due, **PLACE)
    story.act(user, "carriers.sign", numbers=numbers, counted=len(numbers))


def states(numbers: tuple[str, ...]) -> list[str]:
    copies = [int(n.rpartition("-")[2]) for n in numbers]
    return list(
        Carrier.objects.filter(copy_no__in=copies).exclude(form="electronic").order_by("copy_no", "pk").values_list(
            "state", flat=True
        )
    )  # fmt: skip


def received(story: Story) -> tuple[UUID, tuple[str, ...]]:
    """Register a matter of the province with two copies; return it and their numbers."""
    outcome = story.act(
        "secrecy", "reception.receive", originator=story.province.pk, title="全省供水调度安排", doc_number="某水发〔2026〕3号",
        level="机密", tail="10年", issued_on=story.now.date(), received_on=story.now.date(), received_no="收1", copies=2,
        scope=Scope(persons=(story.people["drafter"], story.people["secrecy"])),
    )  # fmt: skip
    return outcome.matter, tuple(f"{outcome.register_no}-{n:06d}" for n in (1, 2))


@pytest.mark.clause("TL-27.1", "BMF-26.1", "TL-27.2", "TL-20")
def test_copies_are_numbered_lent_signed_for_and_taken_back_each_step_told(story: Story) -> None:
    numbers = made(story)
    assert [n.rpartition("-")[2] for n in numbers] == ["000002", "000003", "000004"]
    assert {c.mark for c in Carrier.objects.all()} == {"机密★10年"}
    lent(story, numbers[:2])
    assert states(numbers) == ["lent", "lent", "kept"]
    assert Notice.objects.filter(code="carrier.to_sign", person=story.people["drafter"]).count() == 1
    assert Knowledge.objects.filter(person=story.people["drafter"], what="received").count() == 1
    with pytest.raises(Refused) as short:
        story.act("secrecy", "carriers.take_back", numbers=numbers[:2], counted=1, place="一号保密柜")
    assert short.value.code == "receipt.count"
    story.act("secrecy", "carriers.take_back", numbers=numbers[:2], counted=2, place="一号保密柜")
    detail = ask(story, "secrecy", "carriers.one", carrier=str(Carrier.objects.get(copy_no=2).pk))
    acts = ["produce", "keep", "lend", "sign", "take_back"]
    assert [e.act for e in detail.events] == [f"carriers.{act}" for act in acts]
    assert detail.row.state == "kept" and detail.row.holder == "沈雅琴" and "carriers.lend" in detail.allowed


@pytest.mark.clause("BMF-21.3", "TL-27.2")
def test_a_copy_goes_to_nobody_outside_the_scope_and_is_signed_for_by_nobody_else(story: Story) -> None:
    numbers = made(story)
    due = story.now.date() + timedelta(days=3)
    lend = {"numbers": numbers, "due_on": due, **PLACE}
    for user, code in (("drafter2", "handing.not_in_scope"), ("outsider", "handing.not_cleared")):
        with pytest.raises(Refused) as refused:
            story.act("secrecy", "carriers.lend", person=story.people[user], **lend)
        assert code in {f.code for f in refused.value.findings}
    with pytest.raises(Forbidden):
        story.act("drafter", "carriers.lend", person=story.people["drafter"], **lend)
    story.act("secrecy", "carriers.lend", person=story.people["drafter"], **lend)
    with pytest.raises(Refused) as strange:
        story.act("officer", "carriers.sign", numbers=numbers, counted=3)
    assert strange.value.code == "receipt.strange"
    with pytest.raises(Invalid):
        story.act("outsider", "carriers.sign", numbers=numbers, counted=3)
    with pytest.raises(Refused) as again:
        story.act("secrecy", "carriers.lend", person=story.people["drafter"], **lend)
    assert again.value.code == "carrier.state"


def test_bad_input_is_refused_by_its_field(story: Story) -> None:
    numbers = made(story)
    keep = {"person": story.people["secrecy"], "place": "柜", "place_meets_standard": True}
    for wrong in ((), ("QJSW-M-2026-9-000001",), ("x",), (numbers[0], "1-²"), (" ",)):
        with pytest.raises(Invalid):
            story.act("secrecy", "carriers.keep", numbers=wrong, **keep)
    number = story.matter(Carrier.objects.first().matter_id).register_no
    for change in ({"copies": 0}, {"copies": 501}, {"form": "stone"}, {"form": "electronic"}):
        given = {"register_no": number, "copies": 1, "is_marked": True, **PLACE, **change}
        with pytest.raises(Invalid):
            story.act("drafter", "carriers.produce", **given)
    with pytest.raises(NotFound):
        story.act("outsider", "carriers.produce", register_no=number, copies=1, is_marked=True, **PLACE)
    with pytest.raises(Invalid):
        ask(story, "secrecy", "carriers", state="gone")
    with pytest.raises(Invalid):
        ask(story, "secrecy", "carriers", after="x_y")


@pytest.mark.clause("TL-27.3", "TL-27.2", "BMF-26.1")
def test_a_copy_goes_to_another_organ_of_the_scope_and_its_slip_comes_back(story: Story) -> None:
    scope = Scope(persons=(story.people["drafter"], story.people["officer"]), organs=(story.province.pk,))
    numbers = made(story, matter=story.approved(answers=story.answers(scope=scope)))
    bureau = story.act("secrecy", "personnel.enter_organ", name="某市公安局", tier="prefecture", line="公安")
    due = story.now.date() + timedelta(days=10)
    send = {"numbers": numbers[:2], "channel": "机要交通", "is_packed": True, "document_no": "发1", "due_on": due}
    for change, code in (({"organ": bureau.id}, "handing.not_in_scope"), ({"channel": "快递"}, "transfer.channel")):
        with pytest.raises(Refused) as refused:
            story.act("secrecy", "carriers.dispatch", **{"organ": story.province.pk, **send, **change})
        assert refused.value.code == code
    story.act("secrecy", "carriers.dispatch", organ=story.province.pk, **send)
    slip = {"numbers": numbers[:2], "document_no": "发1", "received_on": story.now.date()}
    with pytest.raises(Refused):
        story.act("secrecy", "carriers.confirm_receipt", counted=1, **slip)
    story.act("secrecy", "carriers.confirm_receipt", counted=2, **slip)
    assert states(numbers) == ["away", "away", "kept"]
    assert Organ.objects.get(pk=Carrier.objects.get(copy_no=2).organ_id) == story.province


@pytest.mark.clause("TL-27.5")
def test_a_copy_of_a_copy_is_stamped_numbered_on_and_approved_by_an_officer(story: Story) -> None:
    numbers = made(story)
    given = {"number": numbers[0], "copies": 2, "place": "机要室", "purpose": "会商使用"}
    with pytest.raises(Refused) as unstamped:
        story.act("officer", "carriers.copy", is_stamped=False, **given)
    assert unstamped.value.code == "copy.not_stamped"
    with pytest.raises(Forbidden):
        story.act("secrecy", "carriers.copy", is_stamped=True, **given)
    outcome = story.act("officer", "carriers.copy", is_stamped=True, **given)
    assert [n[-6:] for n in outcome.numbers] == ["000005", "000006"]
    detail = ask(story, "secrecy", "carriers.one", carrier=str(Carrier.objects.get(copy_no=2).pk))
    assert [child.number for child in detail.children] == list(outcome.numbers)
    child = ask(story, "secrecy", "carriers.one", carrier=str(detail.children[0].id))
    assert child.parent == (detail.row.id, numbers[0]) and child.row.mark == detail.row.mark


@pytest.mark.clause("TL-27.7", "TL-27.8")
def test_copies_are_carried_out_and_repaired_under_guard_and_come_back(story: Story) -> None:
    numbers = made(story, form="magnetic")
    due = story.now.date() + timedelta(days=2)
    out = {"numbers": numbers[:1], "person": story.people["drafter"], "place": "省厅", "is_packed": True, "due_on": due}
    for change, code in (
        ({"measures": ""}, "carrying.no_measures"),
        ({"leaves_the_country": True}, "carrying.no_export_approval"),
    ):
        with pytest.raises(Refused) as refused:
            story.act("officer", "carriers.carry_out", **{"measures": "保密箱", **out, **change})
        assert refused.value.code == code
    story.act("officer", "carriers.carry_out", measures="保密箱", **out)
    fix = {"numbers": numbers[1:2], "place": "机房", "due_on": due}
    with pytest.raises(Refused) as unwatched:
        story.act("secrecy", "carriers.repair", repairer="某维修公司", **fix)
    assert unwatched.value.code == "repair.unwatched"
    story.act("secrecy", "carriers.repair", repairer="某维修公司", person=story.people["drafter"], **fix)
    assert states(numbers) == ["out", "repair", "kept"]
    story.act("secrecy", "carriers.take_back", numbers=numbers[:2], counted=2, place="一号保密柜")
    assert states(numbers) == ["kept", "kept", "kept"]


@pytest.mark.clause("TL-27.9")
def test_what_another_organ_issued_goes_back_by_the_day_that_it_asks(story: Story) -> None:
    own = made(story)
    _, numbers = received(story)
    day = story.now.date() + timedelta(days=7)
    with pytest.raises(Refused) as ours:
        story.act("secrecy", "carriers.set_return", numbers=own, return_by=day, document_no="某水清1号")
    assert ours.value.code == "returning.own"
    story.act("secrecy", "carriers.set_return", numbers=numbers, return_by=day, document_no="某水清1号")
    assert story.daily()["carriers.follow"] == {"reminded": 1, "late": 0}
    story.later(days=9)
    assert story.daily()["carriers.follow"] == {"reminded": 1, "late": 1}
    assert ask(story, "secrecy", "carriers", state="late").late == 2
    way = {"channel": "机要通信", "is_packed": True, "document_no": "清退1"}
    story.act("secrecy", "carriers.give_back", numbers=numbers, **way)
    assert story.later(days=8).daily()["carriers.follow"] == {"reminded": 0, "late": 0}
    rows = ask(story, "secrecy", "carriers", state="given_back").rows
    assert [(row.number, row.organ) for row in rows] == [(n, story.province.name) for n in numbers]


@pytest.mark.clause("TL-27.2")
def test_whoever_holds_a_copy_too_long_is_reminded_and_the_office_weekly(story: Story) -> None:
    numbers = made(story)
    lent(story, numbers[:2], days=7)
    assert story.daily()["carriers.follow"]["reminded"] == 1
    assert story.daily()["carriers.follow"]["reminded"] == 0
    story.later(days=8)
    assert story.daily()["carriers.follow"] == {"reminded": 2, "late": 2}
    assert story.later(days=3).daily()["carriers.follow"]["late"] == 0
    assert story.later(days=4).daily()["carriers.follow"]["late"] == 2
    late = Notice.objects.filter(code="carrier.back_late", person=story.people["drafter"]).first()
    assert late is not None and late.params["count"] == 2


@pytest.mark.clause("JM-4.2")
def test_a_paper_copy_is_archived_when_its_matter_was_reviewed_this_year(story: Story) -> None:
    matter = story.approved()
    numbers = made(story, matter=matter)
    story.on(date(2027, 3, 1))
    give = {"numbers": numbers, "place": "市档案馆", "document_no": "档收1"}
    with pytest.raises(Refused) as unreviewed:
        story.act("secrecy", "carriers.archive", **give)
    assert unreviewed.value.code == "archive.not_reviewed"
    story.review(matter, "keep")
    story.act("officer", "review.decide", matter=matter, expected_version=story.version(matter))
    assert story.act("secrecy", "carriers.archive", **give).state == "archived"


@pytest.mark.clause("TL-26.3")
def test_a_copy_made_while_a_challenge_is_open_bears_the_mark_that_was_determined(story: Story) -> None:
    matter = story.approved(answers=story.answers("3"))
    given = {"position": "level", "level": "机密", "reasons": "有异议。", "challenger": story.province.pk}
    story.act("officer", "challenge.raise", matter=matter, expected_version=story.version(matter), **given)
    assert story.matter(matter).level == "机密"
    made(story, copies=1, matter=matter)
    assert {copy.mark for copy in Carrier.objects.all()} == {"秘密★5年"}


@pytest.mark.clause("TL-21.1b")
def test_copies_in_hands_are_to_bear_the_new_mark_when_a_period_is_extended(story: Story) -> None:
    matter = story.approved(answers=story.answers(tail="5年"))
    made(story, copies=2, matter=matter)
    story.extend(matter, "6年")
    assert list(Carrier.objects.order_by("copy_no").values_list("mark", "remark_due")) == [
        ("机密★6年", False), ("机密★5年", True), ("机密★5年", True),
    ]  # fmt: skip
    note = {"matter": matter, "copy_no": 2, "expected_version": story.version(matter)}
    story.act("drafter", "carriers.note_remarked", **note)
    assert list(Carrier.objects.filter(remark_due=True).values_list("copy_no", flat=True)) == [3]


def doomed(story: Story, numbers: tuple[str, ...], **more: Any) -> UUID:
    given = {"method": "化浆", "facility": "市国家秘密载体销毁中心", **more}
    return UUID(str(story.act("secrecy", "carriers.propose_destruction", numbers=numbers, **given).id))


@pytest.mark.clause("TL-28.1", "TL-28.2", "CS-58")
def test_copies_are_destroyed_after_another_approves_and_two_have_counted(story: Story) -> None:
    numbers = made(story)
    with pytest.raises(Refused) as wrong:
        doomed(story, numbers, method="消磁")
    assert wrong.value.code == "destruction.method"
    listed = doomed(story, numbers[:2])
    with pytest.raises(Conflict):
        story.act("secrecy", "carriers.finish_destruction", destruction=listed)
    story.act("officer", "carriers.approve_destruction", destruction=listed, document_no="销批1号")
    for user in ("secrecy", "drafter"):
        with pytest.raises(Refused) as few:
            story.act("secrecy", "carriers.finish_destruction", destruction=listed)
        assert few.value.code == "destruction.witnesses"
        with pytest.raises(Refused) as differs:
            story.act(user, "carriers.count_destruction", destruction=listed, numbers=numbers[:1], counted=1)
        assert differs.value.code == "destruction.count"
        story.act(user, "carriers.count_destruction", destruction=listed, numbers=numbers[:2], counted=2)
    with pytest.raises(Conflict):
        story.act("drafter", "carriers.count_destruction", destruction=listed, numbers=numbers[:2], counted=2)
    assert story.act("secrecy", "carriers.finish_destruction", destruction=listed).state == "done"
    assert states(numbers) == ["destroyed", "destroyed", "kept"]
    page = ask(story, "secrecy", "carriers.destruction", destruction=str(listed))
    assert page.row.counted_by == ("沈雅琴", "林晓雯") and len(page.copies) == 2
    story.on(date(2036, 2, 1)).daily()
    assert list(Carrier.objects.filter(form="paper", remark_due=True).values_list("copy_no", flat=True)) == [4]


def test_a_list_of_destruction_and_a_count_tell_nobody_of_copies_that_he_may_not_know(story: Story) -> None:
    hidden = story.approved(answers=story.answers(scope=story.scope("drafter", "officer")))
    numbers = (*made(story, 1), *made(story, 2, hidden))
    listed = doomed(story, numbers)
    assert Destruction.objects.get().number == 1
    office, other = (
        ask(story, user, "carriers.destruction", destruction=str(listed)) for user in ("secrecy", "officer2")
    )
    assert office.row.number == other.row.number == f"销〔2026〕{str(listed)[:8]}", "no place in a series (SR-26)"
    assert (office.row.copies, other.row.copies, len(other.copies)) == (3, 1, 1)


@pytest.mark.clause("TL-28.2")
def test_nobody_approves_a_destruction_that_they_proposed_and_a_refused_one_keeps_its_copies(story: Story) -> None:
    numbers = made(story)
    story.grant("officer", "secrecy_office")
    given = {"numbers": numbers, "method": "粉碎", "facility": "本单位碎纸机", "with_own_equipment": True}
    listed = UUID(str(story.act("officer", "carriers.propose_destruction", **given).id))
    with pytest.raises(Refused) as own:
        story.act("officer", "carriers.approve_destruction", destruction=listed, document_no="批1")
    assert own.value.code == "destruction.own_approval"
    story.act("officer2", "carriers.refuse_destruction", destruction=listed, reason="仍在使用")
    assert states(numbers) == ["kept"] * 3
    assert CarrierEvent.objects.filter(act="carriers.refuse_destruction").count() == 3


@pytest.mark.clause("BMF-26.1", "BW-x1?", "TL-61.1")
def test_a_count_finds_what_is_missing_and_one_step_opens_the_suspicion_of_a_leak(story: Story) -> None:
    numbers = made(story)
    lent(story, numbers[:1])
    count = story.act("secrecy", "carriers.open_count")
    assert count.expected == 3
    with pytest.raises(Conflict):
        story.act("secrecy", "carriers.open_count")
    assert story.act("secrecy", "carriers.count", count=count.id, numbers=numbers[:2]).seen == 2
    assert story.act("secrecy", "carriers.count", count=count.id, numbers=numbers[1:2]).seen == 2
    with pytest.raises(Conflict):
        story.act("secrecy", "carriers.report_unseen", count=count.id)
    story.act("secrecy", "carriers.close_count", count=count.id)
    page = ask(story, "secrecy", "carriers.count_one", count=str(count.id))
    assert [c.number for c in page.unseen] == [numbers[2]] and page.may_report
    missed = story.act("secrecy", "carriers.report_unseen", count=count.id)
    found = Incident.objects.get(pk=missed.incident)
    assert (found.certain, found.level, len(found.matters)) == (False, "机密", 1)
    assert states(numbers) == ["lent", "kept", "missing"]
    with pytest.raises(Conflict):
        story.act("secrecy", "carriers.report_unseen", count=count.id)
    story.act("secrecy", "carriers.find", numbers=numbers[2:], place="一号保密柜", words="在会议室找到")
    assert states(numbers) == ["lent", "kept", "kept"]


def test_a_holder_reports_a_copy_missing_and_others_are_told_nothing_of_it(story: Story) -> None:
    numbers = made(story)
    lent(story, numbers[:1])
    missed = story.act("drafter", "carriers.report_missing", numbers=numbers[:1], words="上周会后未见")
    assert missed.incident_number == f"泄-{str(missed.incident)[:8]}"
    assert ask(story, "outsider", "carriers").rows == ()
    assert {t.state: t.count for t in ask(story, "drafter", "carriers").tally}["missing"] == 1


@pytest.mark.clause("TL-53")
def test_nobody_leaves_a_secret_post_with_copies_in_hand_whatever_is_told(story: Story) -> None:
    lent(story, made(story)[:1])
    given = {"cooling_through": date(2030, 1, 1), "managed_by": "本单位", "carriers_returned": 0, "devices_returned": 0, "systems_closed": True}  # fmt: skip
    with pytest.raises(Refused) as refused:
        story.act("secrecy", "personnel.leave", person=story.people["drafter"], talked_on=story.now.date(), **given)
    assert "leaving.outstanding" in {f.code for f in refused.value.findings}


def test_the_count_of_the_year_is_told_of_from_october_and_the_register_balances(story: Story) -> None:
    made(story)
    story.on(date(2026, 10, 8))
    assert story.daily()["carriers.follow"]["reminded"] == 1
    page = ask(story, "secrecy", "carriers")
    assert page.total == sum(t.count for t in page.tally) == Carrier.objects.count() == 4


def test_pages_of_the_register_follow_one_another_without_a_gap(story: Story) -> None:
    numbers = made(story, copies=45)
    seen, after = [], ""
    for _ in range(3):
        page = ask(story, "secrecy", "carriers", form="paper", after=after)
        seen += [row.number for row in page.rows]
        after = page.next_after
    assert tuple(seen) == numbers and after == ""
    assert len(ask(story, "secrecy", "carriers", text=numbers[7]).rows) == 1


@pytest.mark.clause("TL-27.2", "TL-27.9")
def test_received_copies_begin_with_an_event_and_go_back_by_the_day_that_the_originator_asks(story: Story) -> None:
    back = story.now.date() + timedelta(days=30)
    given = {
        "title": "来文", "originator": story.province.pk, "level": "机密", "tail": "5年", "issued_on": story.now.date(),
        "received_on": story.now.date(), "received_no": "收 8", "copies": 2, "scope": story.scope(),
    }  # fmt: skip
    with pytest.raises(Invalid):
        story.act("officer", "reception.receive", return_by=date(2020, 1, 1), **given)
    made_of = story.act("officer", "reception.receive", return_by=back, **given)
    for copy in Carrier.objects.filter(matter=made_of.matter):
        detail = ask(story, "officer", "carriers.one", carrier=str(copy.pk))
        (first,) = detail.events
        assert (first.act, first.holder, detail.row.return_by) == ("reception.receive", "周启明", back)
        assert {"carriers.give_back", "carriers.set_return"} <= set(detail.allowed)
