"""Lead times and limits that are the product's policy and not law (procedures §2); shown to people as policy."""

from __future__ import annotations

from datetime import date, timedelta

EXPIRY_LEAD_DAYS = (180, 90, 30)  # calendar days before the last protected day on which people are reminded
ANNUAL_REMINDED_FROM_MONTH = 9  # yearly reviews not done are reminded monthly from September
RARELY_A_YEAR = 2  # an officer who decided no more than this in twelve months is told of: a seat may be one too many
FAST_SECONDS = 120  # half of an officer's approvals within this after the proposal: is it read at all?
SEEN_LEAST = 20  # decisions below which neither speed nor agreement says anything
CONCENTRATED = 0.5  # share of an organ's determinations with one officer that is told of
UNEVEN_LEAST = 5  # cases of a sign of quality below which it says nothing of a department
UNEVEN_TIMES = 1.5  # … and how many times its share of all a department has of them before it is named
PROPOSAL_WORKING_DAYS = 5  # 及时
CHALLENGE_WORKING_DAYS = 15  # the originator answers a challenge; no limit in law (TL-26.1)
LIMIT_LEAD_DAYS = 3  # calendar days before a running limit ends on which people are reminded
GRADE_LEAD_DAYS = 30  # before a trade secret ends, its drafter and approver are told, and it stands on their workbench
DELIVERY_ALERT_DAYS = 5  # before an extension notice must have reached everyone, who it has not is named
OFFICER_LEAD_DAYS = (60, 30, 7)  # before a term, a training or a certificate ends
OFFICER_HOURS_A_YEAR = 16  # training hours of 45 minutes; the organ's own rule, no statute says so
DRAFTER_HOURS_A_YEAR = 8  # likewise
HOURS_REMINDED_FROM_MONTH = 10  # those who are short of hours are reminded monthly from October
EXAM_PASS_MARK = 80  # of 100; 90 and more is with distinction
EXAM_DISTINCTION = 90
VETTING_MONTHS = 24  # cleared staff are vetted again after so long; the regulation says only: regularly (TL-50.3)
STAFF_LEAD_DAYS = (60, 30, 7)  # before a vetting is due again or an undertaking ends
TRAVEL_LEAD_DAYS = (7, 3, 0)  # before a journey abroad that is not yet approved or briefed for
FILE_REVIEW_MONTHS = 12  # a paper of the secrecy file is looked at again after so long
FILE_LEAD_DAYS = (30, 7, 0)  # before a paper of the secrecy file is to be looked at again
TAKEOVER_DAYS = 180  # after the founding, officers already in office are entered in one step; then P15 is the road
GRADE_MONTHS = 36  # how long a certificate of qualification counts
TABLE_REMINDED_DAYS = 30  # an organ with authority but without a table of its secrets is told again after so long
WITHHELD_REASSESSED_DAYS = 365  # a text that was not made public is assessed again after so long (XX-18)
INSPECTION_LEAD_DAYS = (14, 3, 0)  # before the day on which an inspection is planned
RECTIFY_DAYS = 30  # calendar days within which a finding is put right, unless another day is set
RECTIFY_LEAD_DAYS = (14, 3, 0)  # before a finding is to be put right; later everyone concerned is told once a week
INSPECTIONS_REMINDED_FROM_MONTH = 4  # kinds of inspection not yet planned for the year are told of monthly from April
ROUND_GRACE_DAYS = 7  # a round held no later than this after its day is not missed
CARRIER_LEAD_DAYS = (7, 1, 0)  # before a copy is to be back, or back at its issuer; later once a week
CARRIERS_COUNTED_FROM_MONTH = 10  # a year without a count of copies is told of monthly from October
RADAR_RULED_DAYS = 30  # calendar days within which a difference between like matters is ruled on
OBJECTION_WORKING_DAYS = 5  # an officer may object to an appraisal
DELEGATION_LEAD_DAYS = (90, 30, 7)  # before a delegation of authority ends
READING_SECONDS = (
    60  # an officer reads this long before the drafter's opinion is laid beside the rules, unless asked for
)
GAP_HOURS = 48  # a ledger silent for longer has its date confirmed by a person (SR-63)
LONG_GAP_DAYS = 30  # … and by two people when it was silent for longer than this


def first_reminder(kind: str, opened_on: date, due_on: date) -> date | None:
    """Return when people are first reminded of a review task."""
    if kind == "annual":
        return max(opened_on, date(due_on.year, ANNUAL_REMINDED_FROM_MONTH, 1))
    if kind == "source":
        return due_on if due_on > opened_on else None  # one that is due at once is told at once
    return opened_on


def next_reminder(kind: str, due_on: date, today: date) -> date | None:
    """Return the next reminder after one of ``today``; None when it was the last."""
    if kind == "annual":
        following = date(today.year + today.month // 12, today.month % 12 + 1, 1)
        return following if following <= due_on else None
    if kind == "source":
        return None
    steps = (due_on - timedelta(days=lead) for lead in sorted(EXPIRY_LEAD_DAYS, reverse=True))
    return next((step for step in steps if step > today), None)
