"""How long before its day something is told of is the unit's own to say, in ``[leads]`` of ``dingmi.toml``."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from dingmi.base import messages
from dingmi.interfaces.cli import health
from dingmi.queries import clock, limits, policy
from dingmi.records.matters.models import ReviewTask
from dingmi.records.notices.models import Deadline
from dingmi.records.organs.staff import Vetting
from tests.story import Story


def told(settings: Any, leads: Any) -> None:
    settings.CONFIG = {**settings.CONFIG, "leads": leads}


def test_own_days_hold_and_what_is_not_said_stays(settings: Any) -> None:
    told(settings, {"expiry": [30, 365], "delivery": [10]})
    assert (policy.lead("expiry"), policy.lead("delivery"), policy.lead("limit")) == ((365, 30), (10,), (3,))
    assert policy.lead_faults() == ()


@pytest.mark.parametrize(
    "leads",
    [
        {"expiry": []},
        {"expiry": 30},
        {"expiry": [30, 30]},
        {"expiry": [-1]},
        {"expiry": [True]},
        {"expiry": [1.5]},
        {"expiry": ["30"]},
        {"expiry": [99999]},
        {"delivery": [5, 3]},
        {"holiday": [5]},
        "180",
    ],
)
def test_what_is_written_wrongly_is_told_by_the_check_and_the_default_holds(settings: Any, leads: Any) -> None:
    told(settings, leads)
    (fault,) = health._leads()
    assert (fault.code, fault.severity) == ("check.leads", "block")
    assert all("expiry" in messages.render(fault, language).text for language in ("zh", "en"))
    assert {name: policy.lead(name) for name in policy.LEADS} == policy.LEADS


@pytest.mark.db
@pytest.mark.django_db
@pytest.mark.clause("JM-4.1", "SEED-19")
def test_the_review_before_the_end_opens_and_reminds_at_the_units_own_days(
    story: Story, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(settings, {"expiry": [365, 10]})
    monkeypatch.setattr(policy, "EXPIRY_LEAD_DAYS", policy.lead("expiry"))
    matter = story.approved(answers=story.answers(tail="2年"))
    task = ReviewTask.objects.get(matter=matter, kind="expiry")
    assert (task.opened_on, task.due_on) == (date(2027, 1, 5), date(2028, 1, 5))
    story.on(date(2027, 1, 5)).daily()
    assert ReviewTask.objects.get(pk=task.pk).remind_on == date(2027, 12, 26)


def test_the_unit_sets_its_own_limits_of_policy_and_none_of_the_law(settings: Any, story: Story) -> None:
    settings.CONFIG = {**settings.CONFIG, "limits": {"challenge_answer": 5, "rectification": 10}}
    assert limits.limit_faults() == () and limits.count(limits.PROPOSAL, story.now.date()) == 5
    assert limits.limit(limits.CHALLENGE, date(2026, 3, 2)) == limits.Limit(date(2026, 3, 9), "TL-26.1")
    assert limits.days_after(limits.RECTIFICATION, date(2026, 3, 2)) == date(2026, 3, 12)
    matter = story.approved()
    own = {"position": "not_secret", "reasons": "依据不足。", "challenger": story.province.pk}
    story.act("officer", "challenge.raise", matter=matter, expected_version=story.version(matter), **own)
    settings.CONFIG = {**settings.CONFIG, "limits": {"challenge_answer": 30}}
    running = Deadline.objects.get(matter_id=matter, name=limits.CHALLENGE)
    assert running.due_on == date(2026, 1, 12), "a limit that runs keeps its day"


@pytest.mark.parametrize(
    "own",
    [
        {"challenge_answer": 0},
        {"challenge_answer": True},
        {"challenge_answer": [5]},
        {"challenge_answer": "5"},
        {"challenge_answer": 400},
        {"unclear_matter_report": 30},
        {"holiday": 5},
        "5",
    ],
)
def test_wrong_limits_are_named_by_the_check_and_the_rule_holds(settings: Any, own: Any) -> None:
    settings.CONFIG = {**settings.CONFIG, "limits": own}
    (fault,) = limits.limit_faults()
    assert fault in health._leads() and messages.render(fault, "zh").text != messages.render(fault, "en").text
    assert limits.limit(limits.CHALLENGE, date(2026, 3, 2)).due_on == date(2026, 3, 23)
    assert limits.limit("unclear_matter_report", date(2026, 3, 2)).due_on == date(2026, 3, 16)


@pytest.mark.clause("TL-50.3", "CS-85")
def test_numbers_of_policy_are_dated_data_and_the_unit_sets_its_own(settings: Any, story: Story) -> None:
    ours = {name: policy.number(name, story.now.date()) for name in policy.bounds()}
    assert (ours["vetting_months"], ours["gap_hours"], ours["annual_reminded_from_month"]) == (24, 48, 9)
    assert policy.number("withheld_reassessed_days", date(1990, 1, 1)) == 365, "before the first row, the first"
    vetted = {"person": story.people["drafter"], "passed": True, "opinion": "合格。", "on": story.now.date()}
    story.act("secrecy", "personnel.vet", **vetted)
    settings.CONFIG = {**settings.CONFIG, "numbers": {"vetting_months": 6, "gap_hours": 24 * 30}}
    assert policy.number_faults() == ()
    story.later(days=1)
    story.act("secrecy", "personnel.vet", **{**vetted, "on": story.now.date()})
    assert list(Vetting.objects.order_by("on", "pk").values_list("due_again", flat=True)) == [
        date(2028, 1, 5),
        date(2026, 7, 6),
    ], "what was counted by an earlier number keeps its day"
    tomorrow = story.now + timedelta(days=25)
    assert clock.silence(tomorrow) is None
    settings.CONFIG = {**settings.CONFIG, "numbers": {}}
    assert clock.silence(tomorrow) is not None


@pytest.mark.parametrize(
    "own", [{"gap_hours": 0}, {"vetting_months": "24"}, {"no_such": 3}, {"pass_mark": 101}, {"gap_hours": True}, 7]
)
def test_wrong_numbers_of_policy_are_named_by_the_check_and_ours_hold(settings: Any, own: Any) -> None:
    settings.CONFIG = {**settings.CONFIG, "numbers": own}
    (fault,) = policy.number_faults()
    assert fault.code == "check.numbers" and all(messages.render(fault, la).remedy for la in ("zh", "en"))
    assert policy.number("gap_hours", date(2026, 3, 2)) == 48 and policy.number("pass_mark", date(2026, 3, 2)) == 80
