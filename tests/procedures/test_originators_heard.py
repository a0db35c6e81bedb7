"""派生定密征求意见: what the originator of a source was asked comes before the decision on what was derived from it."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from dingmi.base.errors import Refused
from dingmi.procedures.terms import SourceIn
from tests.story import Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]
FROM_ABOVE = SourceIn(
    number="某水〔2025〕7号", originator="某省水利厅", level="机密", tail="10年", issued_on=date(2025, 3, 1)
)


@pytest.fixture
def derived(story: Story) -> UUID:
    """A proposal derived from a text of the provincial department."""
    return story.derive((FROM_ABOVE,), scope=story.scope())


def asked(story: Story, matter: UUID, kind: str) -> Any:
    story.later(minutes=1)
    number = f"征〔2026〕{kind}"
    return story.act(
        "drafter", "consultation.ask", matter=matter, organ=story.province.pk, kind=kind, document_no=number
    )


def answered(story: Story, question: Any, answer: str) -> None:
    given = {"answer": answer, "answer_no": "复〔2026〕1号", "answered_on": story.now.date()}
    story.act("drafter", "consultation.answer", consultation=question.id, **given)


def refused(act: Any) -> set[str]:
    with pytest.raises(Refused) as caught:
        act()
    return {f.code for f in caught.value.findings if f.severity == "block"}


def no_secret(story: Story, matter: UUID) -> Any:
    given = {"reason": "所用部分已经公开。", "instead": "internal", "expected_version": story.version(matter)}
    return story.act("officer", "determination.not_secret", matter=matter, **given)


@pytest.mark.clause("TL-18", "JD-15")
def test_a_derivation_waits_for_the_answer_of_its_originator(story: Story, derived: UUID) -> None:
    question = asked(story, derived, "use")
    assert refused(lambda: story.approve(derived)) == {"derivation.originator_not_answered"}
    assert (story.matter(derived).state, story.matter(derived).level) == ("proposed", "机密")
    answered(story, question, "objects")
    assert refused(lambda: story.approve(derived)) == {"derivation.use_refused"}
    answered(story, asked(story, derived, "use"), "agrees")
    story.approve(derived)
    assert story.matter(derived).state == "active"


@pytest.mark.clause("TL-18", "JD-15")
def test_a_derived_text_is_no_secret_only_when_its_originator_agrees(story: Story, derived: UUID) -> None:
    assert refused(lambda: no_secret(story, derived)) == {"derivation.originator_not_asked"}
    question = asked(story, derived, "source")
    assert refused(lambda: no_secret(story, derived)) == {"derivation.originator_not_answered"}
    answered(story, question, "objects")
    assert refused(lambda: no_secret(story, derived)) == {"derivation.part_is_secret"}
    answered(story, asked(story, derived, "source"), "agrees")
    no_secret(story, derived)
    assert story.matter(derived).state == "not_classified"


@pytest.mark.clause("TL-18")
def test_what_derives_from_our_own_matter_asks_nobody(story: Story) -> None:
    derived = story.derive((SourceIn(matter=story.approved()),))
    no_secret(story, derived)
    assert story.matter(derived).state == "not_classified"
