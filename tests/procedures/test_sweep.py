"""The daily sweep: batches, kills, late and double runs, reminders, and a clock that has to be confirmed."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from dingmi.base.errors import DingmiError, Refused
from dingmi.procedures import daily, following, radar, sweep
from dingmi.procedures.terms import Scope
from dingmi.queries import clock
from dingmi.queries.system import LAST_OF_DAY
from dingmi.queries.verify import verify
from dingmi.records.carriers.models import Carrier
from dingmi.records.ledger.guard import act_open
from dingmi.records.ledger.models import Entry
from dingmi.records.matters.assist import Followed
from dingmi.records.matters.models import Counter, Decision, Matter, ReviewTask
from dingmi.records.notices.models import Deadline, Notice
from dingmi.records.oversight.models import Breach, DateGap
from tests.story import ZONE, Story

pytestmark = [pytest.mark.db]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "BATCH", 2)


def _one_year(story: Story, count: int) -> list:
    return [story.approved(answers=story.answers(tail="1年")) for _ in range(count)]


@pytest.mark.clause("BMF-24.2a")
def test_batches_release_all_that_is_due_and_leave_one_leaf_a_matter(story: Story, small: None) -> None:
    matters = _one_year(story, 5)
    story.on(date(2027, 1, 6))
    assert story.daily()["declassification.lapse"] == {"lapsed": 5, "without_review": 5}
    assert {m.state for m in Matter.objects.filter(pk__in=matters)} == {"declassified"}
    leaves = Entry.objects.filter(act="declassification.lapse", stream__startswith="matter:")
    assert sorted(e.stream for e in leaves) == sorted(f"matter:{m}" for m in matters)
    assert all('"rulebook":"' in e.body and '"lapsed"' not in e.body for e in leaves)
    assert Counter.objects.get(state="declassified").value == 5 and verify().ok
    assert story.daily()["keep.reconcile_counts"] == {"differences": 0}


def test_a_run_that_is_killed_goes_on_where_it_stopped(story: Story, small: None, monkeypatch) -> None:
    _one_year(story, 5)
    story.on(date(2027, 1, 6))
    calls, whole = [], daily.perform

    def killed(name, **params):
        calls.append(name)
        if calls.count("declassification.lapse") == 3:
            raise KeyboardInterrupt
        return whole(name, **params)

    monkeypatch.setattr(daily, "perform", killed)
    with pytest.raises(KeyboardInterrupt):
        story.daily()
    assert Matter.objects.filter(state="declassified").count() == 4
    monkeypatch.setattr(daily, "perform", whole)
    assert story.daily()["declassification.lapse"]["lapsed"] == 1
    assert Notice.objects.filter(code="matter.lapsed").count() == 10 and verify().ok


def test_a_refused_act_does_not_keep_the_others_from_what_is_due(story: Story, monkeypatch) -> None:
    _one_year(story, 1)
    story.on(date(2027, 1, 6))
    whole = daily.perform

    def refusing(name, **params):
        if name == "declassification.lapse":
            raise Refused("test.refused")
        return whole(name, **params)

    monkeypatch.setattr(daily, "perform", refusing)
    with pytest.raises(DingmiError, match=r"test\.refused"):
        story.daily()
    assert Breach.objects.filter(kind="review.annual_missed").count() == 1


@pytest.mark.clause("BMF-24.1")
def test_yearly_reviews_are_opened_once_a_year_for_every_matter_in_force(story: Story, small: None) -> None:
    _ = [story.approved() for _ in range(5)]
    story.on(date(2027, 1, 1))
    assert story.daily()["review.open_annual"] == {"opened": 5}
    assert story.daily()["review.open_annual"] == {"opened": 0}
    story.on(date(2027, 2, 1))
    later = story.approved()
    assert story.daily()["review.open_annual"] == {"opened": 0}
    assert ReviewTask.objects.filter(kind="annual", year=2027).count() == 6
    assert ReviewTask.objects.get(matter=later, kind="annual").due_on == date(2027, 12, 31)


@pytest.mark.clause("JM-4.1")
def test_reminders_come_at_each_lead_once_and_a_late_run_sends_the_latest_only(story: Story) -> None:
    matter = story.approved(answers=story.answers(tail="1年"))
    annual = ReviewTask.objects.filter(matter=matter, kind="annual")
    with act_open("test.quiet"):
        annual.update(remind_on=None)
    told = []
    for day in (date(2026, 7, 8), date(2026, 7, 9), date(2026, 10, 6), date(2026, 10, 7), date(2026, 12, 20)):
        story.on(day)
        told.append(story.daily()["notices.remind"]["reminded"])
    assert told == [0, 2, 0, 2, 2]  # 180, 90 and, twenty days late, 30 days before 2027-01-05
    assert story.daily()["notices.remind"]["reminded"] == 0


def test_a_deadline_whose_year_was_not_loaded_is_computed_when_it_is(story: Story) -> None:
    matter = story.approved()
    with act_open("test.deadline"):
        for name, start in (
            ("unclear_matter_report", date(2025, 9, 24)),
            ("unclear_matter_decision", date(2060, 1, 1)),
        ):
            Deadline(matter_id=matter, name=name, starts_on=start).save()
    assert story.daily()["notices.compute_deadlines"] == {"computed": 1}
    due = dict(Deadline.objects.filter(name__startswith="unclear").values_list("name", "due_on"))
    assert due == {"unclear_matter_report": date(2025, 10, 14), "unclear_matter_decision": None}
    assert story.daily()["notices.compute_deadlines"] == {"computed": 0}


def test_a_count_that_was_changed_is_found_and_set_right(story: Story) -> None:
    story.approved()
    Counter.objects.filter(state="active").update(value=7)
    assert story.daily()["keep.reconcile_counts"] == {"differences": 1}
    assert story.daily()["keep.reconcile_counts"] == {"differences": 0}
    assert Counter.objects.get(state="active").value == 1


def _leap(story: Story, when: datetime) -> None:
    story.now = when  # without confirming, as ``Story.on`` does


def test_after_two_silent_days_the_law_goes_on_and_marks_and_notices_wait_for_a_person(story: Story) -> None:
    matter = _one_year(story, 1)[0]
    story.on(date(2027, 1, 3))
    story.daily()
    told = Notice.objects.count()
    _leap(story, datetime(2027, 1, 6, 9, 1, tzinfo=ZONE))
    counts = story.daily()
    assert counts["declassification.lapse"]["lapsed"] == 1 and counts["declassification.follow_lapse"]["followed"] == 0
    assert story.matter(matter).state == "declassified" and Notice.objects.count() == told
    carrier = Carrier.objects.get(matter=matter)
    assert not carrier.remark_due and "解密" not in carrier.mark
    with pytest.raises(Refused, match=r"clock\.date_differs"):
        story.act("secadmin", "keep.confirm_date", on=date(2027, 1, 5))
    assert story.act("secadmin", "keep.confirm_date", on=date(2027, 1, 6)).confirmed == 1
    assert story.daily()["declassification.follow_lapse"] == {"followed": 1}
    assert story.daily()["declassification.follow_lapse"] == {"followed": 0}
    assert "解密" in Carrier.objects.get(matter=matter).mark
    assert Notice.objects.filter(code="matter.lapsed").count() == 2


def test_what_widens_access_waits_for_the_date_and_deciding_goes_on(story: Story) -> None:
    matter, waiting = story.approved(), story.proposed()
    _leap(story, story.now + timedelta(hours=48, minutes=1))
    params = {"matter": matter, "scope": Scope(persons=(story.people["lapsed"],)), "purpose": "工作需要"}
    with pytest.raises(Refused, match=r"clock\.unconfirmed"):
        story.act("head", "need_to_know.expand", expected_version=story.version(matter), **params)
    assert story.approve(waiting).register_no
    story.act("secrecy", "keep.confirm_date", on=story.now.date())
    with pytest.raises(Refused, match=r"clock\.nothing_to_confirm"):
        story.act("secrecy", "keep.confirm_date", on=story.now.date())


def test_a_silence_of_over_thirty_days_needs_two_people(story: Story) -> None:
    _leap(story, story.now + timedelta(days=31))
    day = story.now.date()
    assert story.act("secadmin", "keep.confirm_date", on=day).needed == 2
    with pytest.raises(Refused, match=r"clock\.confirmed_by_you"):
        story.act("secadmin", "keep.confirm_date", on=day)
    assert clock.unconfirmed() is not None
    story.act("secrecy", "keep.confirm_date", on=day)
    assert clock.unconfirmed() is None and DateGap.objects.get().needed == 2


def test_forty_eight_hours_are_no_gap(story: Story) -> None:
    _leap(story, story.now + timedelta(hours=48))
    story.daily()
    assert not DateGap.objects.exists()


def test_the_acts_of_a_day_were_gone_through_when_the_last_of_them_was_done(story: Story) -> None:
    assert daily.DUE[-1] == LAST_OF_DAY
    story.daily()
    assert Entry.objects.filter(act=LAST_OF_DAY, at=story.now).count() == 1, "also with nothing to remove"


def _unfollowed(act: str) -> set:
    seen = set(Followed.objects.filter(act=act).values_list("matter", "number"))
    newest = {matter: number for matter, number in Decision.objects.order_by("number").values_list("matter", "number")}
    return set(newest.items()) - seen


def test_the_log_tells_what_was_decided_since_the_last_day_and_nothing_is_left(story: Story, small: None, monkeypatch):
    monkeypatch.setattr(following, "STRETCH", 7)
    for months in (0, 0, 1):  # the first time, another day of the month, the first day of another month
        _one_year(story, 3)
        assert len(_unfollowed(radar.SCAN)) == 3
        story.later(days=31 * months or 1)
        story.daily()
        assert not _unfollowed(radar.SCAN)
        assert story.daily()["radar.scan"]["compared"] == 0
    asked: list[int] = []
    monkeypatch.setattr(following, "_matters", lambda since, until: asked.append(until - since) or set())
    _one_year(story, 1)
    story.later(days=1)
    story.daily()
    assert len(asked) > 3 and max(asked) == 7  # stretch by stretch, and only what is new
    assert len(_unfollowed(radar.SCAN)) == 1  # had the log told of nothing,
    monkeypatch.undo()
    story.later(days=31)
    story.daily()
    assert not _unfollowed(radar.SCAN)  # the next month would find it
