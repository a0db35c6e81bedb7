"""The special qualification prepares opinions on unclear matters and appraisals; it decides nothing."""

from __future__ import annotations

import pytest

from dingmi.base.errors import Forbidden, NotFound, Refused
from dingmi.queries import opinions
from dingmi.queries.forms import disputes as forms
from dingmi.records.matters.models import Referral
from dingmi.records.notices.models import Notice
from tests.procedures.test_exams import sat, set_up
from tests.procedures.test_unclear_and_disputes import send, unclear
from tests.story import Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]
WORDS = "各范围目录均无对应条目；泄露后会影响供水安全，拟按机密级报请确定。"


def qualified(story: Story, user: str) -> None:
    """Give somebody the special qualification."""
    paper = sat(story, user, set_up(story, grade="特殊"))
    story.act(user, "exams.submit", paper=paper)
    story.act("secrecy", "exams.certify", paper=paper)


@pytest.mark.clause("SEED-2")
def test_a_holder_of_the_special_qualification_writes_for_the_report_and_nothing_is_decided_by_it(story: Story) -> None:
    qualified(story, "drafter2")
    matter = unclear(story, scope=story.scope("drafter", "drafter2", "officer"))
    case = Referral.objects.get(matter=matter).pk
    assert Notice.objects.filter(code="opinion.wanted", person_id=story.people["drafter2"], matter_id=matter).exists()
    before = story.matter(matter)
    with pytest.raises(Refused, match=r"opinion\.unqualified") as refused:
        story.act("officer", "opinion.prepare", case=case, opinion=WORDS)
    assert {clause for f in refused.value.findings for clause in f.clauses} == {"SEED-2"}
    assert story.act("drafter2", "opinion.prepare", case=case, opinion=WORDS).number == 1
    assert story.act("drafter2", "opinion.prepare", case=case, opinion=f"二稿：{WORDS}").number == 2
    after = story.matter(matter)
    assert (after.state, after.level, after.version) == (before.state, before.level, before.version)
    assert Notice.objects.filter(code="opinion.prepared", person_id=story.people["drafter"]).count() == 2
    page = opinions.opinion_case(actor=story.actor("drafter"), now=story.now, case=case)
    assert [(o.number, o.by) for o in page.opinions] == [(2, "何志远"), (1, "何志远")]
    assert not page.may_prepare and page.opinions[0].text.startswith("二稿")
    report = forms.fill_unclear(story.actor("officer"), story.now, case).filled
    assert "二稿" in str(report) and "何志远" in str(report)
    send(story, matter)
    with pytest.raises(Refused, match=r"opinion\.over"):
        story.act("drafter2", "opinion.prepare", case=case, opinion=WORDS)


@pytest.mark.clause("SEED-2")
def test_the_special_qualification_opens_no_matter_that_its_holder_may_not_know(story: Story) -> None:
    qualified(story, "drafter2")
    matter = unclear(story, scope=story.scope("drafter", "officer"))
    case = Referral.objects.get(matter=matter).pk
    assert not Notice.objects.filter(code="opinion.wanted").exists()
    with pytest.raises(NotFound):
        story.act("drafter2", "opinion.prepare", case=case, opinion=WORDS)
    with pytest.raises(NotFound):
        opinions.opinion_case(actor=story.actor("drafter2"), now=story.now, case=case)
    with pytest.raises(Forbidden):
        story.act("sysadmin", "opinion.prepare", case=case, opinion=WORDS)


@pytest.mark.clause("SEED-2")
def test_an_opinion_for_an_appraisal_is_prepared_until_the_reply_is_signed(story: Story) -> None:
    qualified(story, "drafter2")
    matter = story.approved(answers=story.answers(scope=story.scope("drafter", "drafter2", "officer")))
    story.later(days=1)
    asked = story.act(
        "officer",
        "appraisal.receive",
        matter=matter,
        applicant="某市公安局",
        applicant_kind="investigation",
        applicant_rank="local",
        document_no="某公函〔2026〕1号",
        received_on=story.now.date(),
    ).appraisal
    story.act("drafter2", "opinion.prepare", case=asked, opinion=WORDS)
    page = opinions.opinion_case(actor=story.actor("officer"), now=story.now, case=asked)
    assert page.kind == "appraisal" and [o.text for o in page.opinions] == [WORDS]
    story.act(
        "officer",
        "appraisal.answer",
        appraisal_id=asked,
        should_be="机密",
        opinion="同意拟写意见。",
        expected_version=story.version(matter),
    )
    with pytest.raises(Refused, match=r"opinion\.over"):
        story.act("drafter2", "opinion.prepare", case=asked, opinion=WORDS)
