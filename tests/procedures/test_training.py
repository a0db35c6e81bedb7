"""Courses, sessions and rolls: what was attended counts at once at every gate, and what was wrong counts no more."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest

from dingmi.base.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from dingmi.procedures.training import Rolled
from dingmi.queries import QUERIES, performance, standing, training
from dingmi.queries.verify import verify
from dingmi.records.notices.models import Notice
from dingmi.records.officers.models import Training
from dingmi.records.officers.training import Course
from tests.story import Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]


def course(story: Story, **params: object) -> UUID:
    given = {"code": "DMJC", "title": "定密基础", "audience": "officers", "minutes": 180, "valid_months": 12, **params}
    return UUID(str(story.act("secrecy", "training.open_course", **given).id))


def session(story: Story, of: UUID | None = None, **params: object) -> UUID:
    given = {"starts_at": story.now + timedelta(days=1), "place": "三楼会议室", "seats": 20, **params}
    return UUID(str(story.act("secrecy", "training.plan_session", course=of or course(story), **given).id))


def roll(story: Story, where: UUID) -> str:
    """Return the version of a session as its page shows it."""
    return training.training_session(actor=story.actor("secrecy"), now=story.now, session=where).version


def held(story: Story, *users: str) -> Rolled:
    """Plan a session for tomorrow, enrol ``users``, hold it and take the roll of all of them."""
    where = session(story)
    for user in users:
        story.act(user, "training.enrol", session=where)
    story.later(days=1, hours=4)
    came = tuple(story.people[u] for u in users)
    return story.act("secrecy", "training.take_roll", session=where, expected_version=roll(story, where), attended=came)


@pytest.mark.clause("TL-14.2", "SEED-7", "SEED-27")
def test_an_officer_whose_training_lapsed_decides_again_from_the_moment_the_roll_is_taken(story: Story) -> None:
    answers = story.answers(scope=story.scope("drafter", "lapsed", "officer"))
    story.on(story.now.replace(month=2, day=3).date())
    matter = story.proposed(answers=answers)
    with pytest.raises(Refused, match=r"officer\.training_lapsed"):
        story.approve(matter, "lapsed")
    done = held(story, "lapsed", "drafter")
    assert done.certificates == ("DMJC-2026-001", "DMJC-2026-002")
    assert story.approve(matter, "lapsed").mark
    row = Training.objects.get(certificate="DMJC-2026-001")
    assert (row.minutes, row.person_id) == (180, story.people["lapsed"]), "numbers follow the staff numbers"


@pytest.mark.clause("TL-14.2")
def test_a_training_found_wrong_counts_no_more_and_what_was_decided_meanwhile_stays(story: Story) -> None:
    story.on(story.now.replace(month=2, day=3).date())
    answers = story.answers(scope=story.scope("drafter", "lapsed", "officer"))
    first, second = story.proposed(answers=answers), story.proposed(answers=answers)
    held(story, "lapsed")
    story.approve(first, "lapsed")
    row = Training.objects.get(certificate="DMJC-2026-001")
    assert standing.trained_until(story.people["lapsed"], story.now) == row.valid_until
    before = story.now
    story.later(hours=1)
    story.act("secrecy", "training.void", training=row.pk, reason="签到系代签。")
    with pytest.raises(Refused, match=r"officer\.training_lapsed"):
        story.approve(second, "lapsed")
    assert standing.trained_until(story.people["lapsed"], before) == row.valid_until, "as it stood then"
    assert performance.hours(story.people["lapsed"], 2026, story.now) == 0
    assert story.matter(first).state == "active"
    with pytest.raises(NotFound):
        story.act("secrecy", "training.void", training=row.pk, reason="再一次")


def test_nobody_enrols_others_records_his_own_or_comes_to_a_session_that_is_over(story: Story) -> None:
    where = session(story, seats=1)
    with pytest.raises(Forbidden, match=r"role\.required"):
        story.act("drafter", "training.enrol", session=where, staff_nos=("0011",))
    with pytest.raises(Conflict, match=r"training\.not_begun"):
        story.act("secrecy", "training.take_roll", session=where, expected_version=roll(story, where))
    assert story.act("drafter", "training.enrol", session=where).seats_left == 0
    assert story.act("drafter", "training.enrol", session=where).persons == (), "twice is once"
    with pytest.raises(Conflict, match=r"training\.full"):
        story.act("drafter2", "training.enrol", session=where)
    seen = roll(story, where)
    story.act("drafter", "training.withdraw", session=where)
    story.act("drafter2", "training.enrol", session=where)
    with pytest.raises(Invalid, match=r"training\.nobody"):
        story.act("secrecy", "training.enrol", session=where, staff_nos=("没有",))
    story.later(days=2)
    with pytest.raises(Conflict, match=r"training\.begun"):
        story.act("drafter", "training.enrol", session=where)
    with pytest.raises(Conflict, match=r"record\.stale"):
        story.act("secrecy", "training.take_roll", session=where, expected_version=seen)
    own = story.people["secrecy"]
    with pytest.raises(Forbidden, match=r"training\.own"):
        story.act("secrecy", "training.take_roll", session=where, expected_version=roll(story, where), attended=(own,))
    done = story.act(
        "secrecy", "training.take_roll", session=where, expected_version=roll(story, where), walk_ins=("0014",)
    )
    assert (len(done.certificates), done.absent) == (1, 1)
    with pytest.raises(Conflict, match=r"training\.session_over"):
        story.act("secrecy", "training.take_roll", session=where, expected_version=roll(story, where))
    page = training.training_session(actor=story.actor("secrecy"), now=story.now, session=where)
    assert sorted(r.state for r in page.roll) == ["absent", "attended"]
    assert verify().ok


def test_a_cancelled_session_tells_everyone_enrolled(story: Story) -> None:
    where = session(story)
    story.act("secrecy", "training.enrol", session=where, staff_nos=("0014", "0015"))
    assert Notice.objects.filter(code="training.enrolled").count() == 2
    story.act("secrecy", "training.cancel_session", session=where, reason="讲授人出差。")
    assert Notice.objects.filter(code="training.cancelled").count() == 2
    with pytest.raises(Conflict, match=r"training\.session_over"):
        story.act("drafter", "training.enrol", session=where)


@pytest.mark.clause("CS-37", "SEED-7")
def test_hours_are_asked_by_role_policy_is_told_from_clause_and_the_short_are_reminded_once_a_month(
    story: Story,
) -> None:
    rows = {r.name: r for r in training.hours_of(2026, story.now)}
    assert (rows["周启明"].asked, rows["周启明"].basis) == (16, "policy")
    assert (rows["林晓雯"].asked, rows["林晓雯"].basis) == (8, "policy")
    assert rows["林晓雯"].short and rows["林晓雯"].hours == 0, "480 minutes were done last year"
    assert {r.hours for r in training.hours_of(2025, story.now)} >= {10.7}
    assert story.daily()["training.follow"] == {"reminded": 0}
    story.on(story.now.replace(month=10, day=8).date())
    first = story.daily()["training.follow"]["reminded"]
    assert first >= 6 and story.daily()["training.follow"]["reminded"] == 0
    story.on(story.now.replace(month=11, day=2).date())
    assert story.daily()["training.follow"]["reminded"] == first
    page = training.training_hours(actor=story.actor("secrecy"), now=story.now, only="short", department="管网处")
    assert page.rows and all(r.short and r.department == "管网处" for r in page.rows)


@pytest.mark.clause("TL-14.2")
def test_a_drafter_is_warned_at_sixty_thirty_and_seven_days_too(story: Story) -> None:
    drafter = story.people["drafter2"]
    counts = []
    for row in Training.objects.filter(person=drafter):
        story.act("secrecy", "training.void", training=row.pk, reason="登记有误。")
    story.train("drafter2", story.now + timedelta(days=60))
    for days in (0, 1, 30, 23):
        story.later(days=days)
        story.daily()
        counts.append(Notice.objects.filter(code="officers.training_ends", person=drafter).count())
    assert counts == [1, 1, 2, 3]


@pytest.mark.clause("TL-9.2")
def test_the_five_topics_of_education_are_told_of_until_each_was_taught_this_year(story: Story) -> None:
    def missing() -> set[str]:
        page = QUERIES["training"].run(actor=story.actor("secrecy"), now=story.now, params={})
        return {topic for topic, taught in page.topics if not taught}

    assert missing() == {"tradition", "situation", "law", "technical", "cases"}
    course = story.act(
        "secrecy", "training.open_course", code="JY", title="保密教育", audience="cleared", minutes=90, valid_months=12,
        topics=("law", "cases"),
    ).id  # fmt: skip
    session = story.act(
        "secrecy", "training.plan_session", course=course, starts_at=story.now + timedelta(days=1), place="一楼", seats=20
    ).id  # fmt: skip
    assert "law" in missing(), "planned is not taught"
    story.later(days=2)
    story.act(
        "secrecy",
        "training.take_roll",
        session=session,
        expected_version=roll(story, session),
        attended=(),
        walk_ins=(),
    )
    assert missing() == {"tradition", "situation", "technical"}
    story.act(
        "secrecy",
        "training.name_topics",
        course=course,
        expected_version=story.seen(Course, course),
        topics=("cases", "law", "technical"),
    )
    assert missing() == {"tradition", "situation"}
    with pytest.raises(Invalid):
        story.act(
            "secrecy",
            "training.name_topics",
            course=course,
            expected_version=story.seen(Course, course),
            topics=("gossip",),
        )
    story.on(date(2026, 10, 12))
    story.daily()
    story.later(days=1)
    story.daily()
    (one,) = Notice.objects.filter(code="training.topics_missing", person=story.people["secrecy"])
    assert one.params["count"] == 2


@pytest.mark.clause("SEED-27")
def test_a_course_that_is_closed_gets_no_new_session_and_what_was_attended_counts_on(story: Story) -> None:
    held(story, "drafter")
    made = Course.objects.get(code="DMJC")
    with pytest.raises(Forbidden):
        story.act("drafter", "training.close_course", course=made.pk)
    story.act("secrecy", "training.close_course", course=made.pk)
    with pytest.raises(NotFound):
        session(story, made.pk)
    with pytest.raises(NotFound):
        story.act("secrecy", "training.close_course", course=made.pk)
    assert Training.objects.get(person=story.people["drafter"], certificate="DMJC-2026-001").minutes == 180
