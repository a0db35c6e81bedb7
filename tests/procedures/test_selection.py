"""Open selection: announced to all, applied for, examined, decided after it has closed; the chosen are nominated."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dingmi.base.errors import Conflict, Forbidden, NotFound, Refused
from dingmi.queries import selection
from dingmi.records.notices.models import Notice
from dingmi.records.officers.appointments import Appointment
from tests.procedures.test_exams import sat, set_up
from tests.story import Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]


@pytest.mark.clause("SEED-26", "QA-9")
def test_a_post_is_announced_applied_for_examined_and_decided_and_the_chosen_are_nominated(story: Story) -> None:
    exam = set_up(story, closes_at=story.now + timedelta(days=10))
    posted = story.act(
        "secrecy", "selection.post", title="管网处定密责任人", max_level="机密", conditions="熟悉管网业务。", exam=exam,
        closes_at=story.now + timedelta(days=5),
    ).id  # fmt: skip
    with pytest.raises(Forbidden):
        story.act("drafter", "selection.post", title="x", max_level="机密", conditions="x", closes_at=story.now)
    for user in ("drafter", "drafter2", "outsider"):
        story.act(user, "selection.apply", selection=posted, statement="从事管网业务八年。")
    story.act("outsider", "selection.withdraw", selection=posted)
    for user, right in (("drafter", True), ("drafter2", False)):
        story.act(user, "exams.submit", paper=sat(story, user, exam, right=right))
    chosen, failed = story.people["drafter"], story.people["drafter2"]
    decide = {"selection": posted, "reasons": "考核成绩最好。"}
    with pytest.raises(Refused, match=r"selection\.not_closed"):
        story.act("head", "selection.decide", chosen=(chosen,), **decide)
    story.later(days=6)
    with pytest.raises(Conflict, match=r"selection\.closed"):
        story.act("outsider", "selection.apply", selection=posted, statement="迟到。")
    with pytest.raises(Refused, match=r"selection\.exam_not_passed"):
        story.act("head", "selection.decide", chosen=(chosen, failed), **decide)
    assert not Appointment.objects.filter(state="nominated").exists(), "nothing is decided by halves"
    with pytest.raises(NotFound):
        story.act("head", "selection.decide", chosen=(story.people["outsider"],), **decide)
    done = story.act("head", "selection.decide", chosen=(chosen,), **decide)
    case = Appointment.objects.get(pk=done.cases[0])
    assert (case.state, case.person_id, case.max_level, done.declined) == ("nominated", chosen, "机密", 1)
    assert Notice.objects.filter(code="selection.declined", person=failed).count() == 1
    with pytest.raises(Conflict, match=r"selection\.decided_already"):
        story.act("head", "selection.decide", chosen=(), **decide)
    seen = selection.selections(actor=story.actor("drafter2"), now=story.now).rows[0]
    assert (seen.mine, seen.state, seen.candidates, seen.reasons) == ("declined", "decided", (), "")
    assert len(selection.selections(actor=story.actor("head"), now=story.now).rows[0].candidates) == 2
