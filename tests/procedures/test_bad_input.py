"""What bad input gets: a clear refusal with clause or limit, nothing lost and nothing half written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from dingmi.base import messages
from dingmi.base.errors import Conflict, DingmiError, Forbidden, Invalid, NotFound, Refused, Unavailable
from dingmi.procedures import ACTS, decide
from dingmi.procedures.terms import Scope, Upload
from dingmi.queries import access, content
from dingmi.records.ledger.models import Entry
from dingmi.records.matters.models import Decision, Matter, Posting, Proposal, Referral, ScopeEntry
from dingmi.records.vault.models import StoredObject
from tests.story import NOON, TEXT, Story, docx_of

pytestmark = [pytest.mark.db, pytest.mark.django_db]
KEPT = (Matter, Proposal, Decision, ScopeEntry, Posting, StoredObject)


def state() -> list[object]:
    """Return what a refused act may not change."""
    return [list(kind.objects.order_by("pk").values_list()) for kind in KEPT]


@contextmanager
def nothing_changes(kind: type[DingmiError], *codes: str) -> Iterator[pytest.ExceptionInfo[DingmiError]]:
    """Expect a refusal with these codes, each with message and remedy; no record changes, a refusal leaves its attempt."""
    before, attempts = state(), Entry.objects.filter(act="attempt").count()
    with pytest.raises(kind) as caught:
        yield caught
    assert state() == before
    kept = 0 if kind in (Invalid, Unavailable) else 1  # ADR 0001
    assert Entry.objects.filter(act="attempt").count() == attempts + kept
    found = {f.code for f in caught.value.findings}
    assert set(codes) <= found, found
    for finding in caught.value.findings:
        for language in ("zh", "en"):
            shown = messages.render(finding, language)
            assert shown.text and shown.text != finding.code
            assert shown.remedy, (finding.code, language)


@pytest.mark.clause("BMF-17.1")
def test_level_above_authority_is_refused_with_who_may_and_can_be_referred(story: Story) -> None:
    story.clear("drafter", "绝密")
    story.clear("officer", "绝密")
    matter = story.filled(answers=story.answers("11"))
    story.propose(matter)
    with nothing_changes(Refused, "authority.none", "officer.over_level") as caught:
        story.approve(matter)
    assert "BMF-17.1" in {c for f in caught.value.findings for c in f.clauses}
    done = story.act(
        "officer", "referral.refer", matter=matter, opinion="请予确定。", expected_version=story.version(matter)
    )
    row = story.matter(matter)
    assert (row.state, row.level) == ("referred", "绝密")
    assert Referral.objects.get(pk=done.referral).authority_kind == "none"
    assert row.files.get(role="letter").stored.level == "绝密"


@pytest.mark.clause("FW-9.1")
@pytest.mark.clause("ZX-22.2")
@pytest.mark.clause("BMF-19")
def test_every_fault_of_a_proposal_is_told_at_once(story: Story) -> None:
    faulty = story.answers(tail="30年", scope=Scope(), reasons=" ")
    matter = story.filled(answers=faulty)
    with nothing_changes(Refused, "period.over_item", "period.over_cap", "element.scope_missing", "reasons.missing"):
        story.propose(matter)
    story.fill(matter, story.answers(tail="长期"))
    with nothing_changes(Refused, "tail.indefinite"):
        story.propose(matter)
    story.fill(matter, story.answers(level="秘密"))
    with nothing_changes(Refused, "level.not_the_items"):
        story.propose(matter)
    story.fill(matter, story.answers(bars={}))
    with nothing_changes(Refused, "bar.unanswered"):
        story.propose(matter)
    assert Entry.objects.filter(act="attempt").count() == 4


@pytest.mark.clause("BMF-16.2")
def test_whoever_drafted_may_not_approve_and_is_told_who_can(story: Story) -> None:
    matter = story.proposed("officer")
    with nothing_changes(Refused, "officer.is_the_drafter", "officer.who_can") as caught:
        story.approve(matter, "officer")
    able = next(f for f in caught.value.findings if f.code == "officer.who_can").params["officers"]
    assert "周启明" not in able and "冯立群" in able


@pytest.mark.clause("TL-14.2")
def test_training_that_lapsed_at_noon_refuses_after_noon_and_not_before(story: Story) -> None:
    story.on(date(2026, 2, 2), 8)
    noon = story.now.replace(hour=12)
    assert noon == NOON
    first, second = story.proposed(), story.proposed()
    story.now = noon - timedelta(seconds=1)
    story.approve(first, "lapsed")
    story.now = noon
    with nothing_changes(Refused, "officer.training_lapsed"):
        story.approve(second, "lapsed")


def test_two_approvals_at_once_give_one_determination(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    matter = story.proposed()
    version = story.version(matter)
    stamp, raced = decide.stamp, []

    def overtaken(*given: Any, **named: Any) -> Any:
        if not raced:  # while the first officer's copy is being stamped, the second officer decides
            raced.append(True)
            story.act("officer2", "determination.approve", matter=matter, expected_version=version)
        return stamp(*given, **named)

    monkeypatch.setattr(decide, "stamp", overtaken)
    with pytest.raises(Conflict) as caught:
        story.act("officer", "determination.approve", matter=matter, expected_version=version)
    assert caught.value.code == "version.stale"
    assert Decision.objects.get(matter=matter).officer_id == story.people["officer2"]
    assert story.matter(matter).register_no == "QJSW-M-2026-1"


def test_the_same_request_fifty_times_is_one_act(story: Story) -> None:
    matter = story.filled()
    version = story.version(matter)
    outcomes = {
        story.act("drafter", "determination.propose", key="once", matter=matter, expected_version=version)
        for _ in range(50)
    }
    assert len(outcomes) == 1
    assert Proposal.objects.count() == 1
    with pytest.raises(Conflict) as caught:
        story.act("drafter", "determination.propose", key="once", matter=matter, expected_version=version + 1)
    assert caught.value.code == "key.reused"


def test_a_stale_version_is_a_conflict(story: Story) -> None:
    matter = story.filled()
    with nothing_changes(Conflict, "version.stale"):
        story.act("drafter", "determination.propose", matter=matter, expected_version=1)


def test_a_matter_that_one_may_not_know_answers_like_one_that_does_not_exist(story: Story) -> None:
    matter = story.approved()
    answers = []
    for wanted in (matter, uuid4()):
        for name, more in (
            ("carriers.read", {}),
            ("carriers.download", {}),
            ("review.propose", {"outcome": "keep", "reason": "x", "expected_version": 9}),
        ):
            with pytest.raises(NotFound) as caught:
                story.act("outsider", name, matter=wanted, **more)
            answers.append((caught.value.code, caught.value.clauses, caught.value.params))
    assert answers == [("object.not_found", (), {})] * 6


def test_titles_too_long_or_with_hidden_marks_are_refused(story: Story) -> None:
    with nothing_changes(Invalid, "text.too_long") as caught:
        story.drafted(title="长" * 500)
    assert caught.value.params["limit"] == 200
    with nothing_changes(Invalid, "text.hidden_characters"):
        story.drafted(title="供水\u202e方案")


def test_a_draft_without_a_title_takes_that_of_its_paper(story: Story) -> None:
    assert content.title(story.matter(story.drafted(title="  "))) == TEXT.splitlines()[0]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("空.docx", b""),
        ("截断.docx", docx_of("一二三四")[:900]),
        ("冒名.docx", b"%PDF-1.7\n%%EOF"),
        ("乱码.pdf", b"\x00\x01\x02" * 100),
        ("程序.exe", b"MZ" + b"\x00" * 200),
    ],
)
def test_files_that_cannot_be_read_leave_nothing_behind(story: Story, name: str, content: bytes) -> None:
    with nothing_changes(Invalid):
        story.drafted(upload=Upload(name, content))


def test_a_clock_set_back_writes_nothing(story: Story) -> None:
    matter = story.filled()
    story.later(minutes=-6)
    with nothing_changes(Unavailable, "clock.behind_ledger"):
        story.propose(matter)


def test_signing_needs_the_password_again_and_drafts_are_their_drafters_own(story: Story) -> None:
    matter = story.filled()
    plain = access.actor_for_account("drafter", story.now)
    with nothing_changes(Forbidden, "step_up.required"):
        ACTS["determination.propose"](actor=plain, now=story.now, matter=matter, expected_version=story.version(matter))
    with nothing_changes(NotFound, "object.not_found"):
        story.propose(matter, "drafter2")


def test_an_act_that_fails_after_writing_leaves_nothing(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    matter = story.proposed()

    def broken(*_: object, **__: object) -> None:
        raise Unavailable("key.missing", (), key="机密")

    monkeypatch.setattr(decide, "file_marked", broken)
    with nothing_changes(Unavailable):
        story.approve(matter)
    monkeypatch.undo()
    assert story.approve(matter).register_no == "QJSW-M-2026-1"


def test_ids_of_nobody_cannot_be_admitted(story: Story) -> None:
    matter = story.approved()
    expand: Callable[[UUID], object] = lambda who: story.act(  # noqa: E731
        "officer",
        "need_to_know.expand",
        matter=matter,
        persons=(who,),
        purpose="参加评估",
        expected_version=story.version(matter),
    )
    with nothing_changes(Invalid):
        expand(uuid4())


@pytest.mark.parametrize("name", ["../../etc/cron.d/方案.docx", "/etc/方案.docx", "..\\方案.docx", "CON.docx"])
def test_the_name_of_a_file_is_data_and_no_place(story: Story, name: str) -> None:
    try:
        story.drafted(upload=Upload(name, docx_of(TEXT)))
    except Invalid as refused:
        assert set(refused.params["fields"].values()) <= {"text.hidden_characters"}
    for path in StoredObject.objects.values_list("path", flat=True):
        assert re.fullmatch(r"[a-z]+/[0-9a-f]{2}/[0-9a-f]{32}\.dmb1", path), path
