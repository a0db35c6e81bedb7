"""Every act with copies proves what it wrote: log and rows agree after each of them, and an edit by hand is found."""

from __future__ import annotations

from collections.abc import Generator
from datetime import date, timedelta
from typing import Any

import pytest

from dingmi.procedures import ACTS
from dingmi.procedures.terms import Scope
from dingmi.queries.verify import verify
from dingmi.records.carriers.models import Carrier
from dingmi.records.ledger.models import Entry
from tests.procedures.test_carrier_life import PLACE, made, received
from tests.procedures.test_unaltered import written
from tests.story import Story

pytestmark = pytest.mark.db
OF_CONTENT = {f"carriers.{act}" for act in ("read", "download", "remark", "public_copy", "destroy")}  # of the vault
SAFE = "一号保密柜"
Steps = Generator[tuple[str, str, dict[str, Any]], Any, None]  # user, act, what is given; what the act returned


@pytest.fixture
def story(story: Story) -> Story:
    """The bureau, with an office cleared to know what it keeps."""
    story.cleared("secadmin", person=story.people["secrecy"], level="机密", instrument="审查表")
    return story


def inside(story: Story, numbers: tuple[str, ...]) -> Steps:
    """One copy is lent, signed for, taken back, copied, carried out, repaired, missed and found."""
    drafter, due = story.people["drafter"], story.now.date() + timedelta(days=5)
    one, counted, back = {"numbers": numbers}, {"numbers": numbers, "counted": 1}, "take_back"
    yield "secrecy", "lend", {**one, "person": drafter, "due_on": due, **PLACE}
    yield "drafter", "sign", counted
    yield "secrecy", back, {**counted, "place": SAFE}
    copied = {"copies": 1, "place": "机要室", "purpose": "会商", "is_stamped": True}
    yield "officer", "copy", {"number": numbers[0], **copied}
    out = {"person": drafter, "place": "省厅", "measures": "保密箱", "is_packed": True, "due_on": due}
    yield "officer", "carry_out", {**one, **out}
    yield "secrecy", back, {**counted, "place": SAFE}
    yield "secrecy", "repair", {**one, "place": "机房", "due_on": due}
    yield "secrecy", back, {**counted, "place": SAFE}
    yield "drafter", "report_missing", {**one, "words": "会后未见"}
    yield "secrecy", "find", {**one, "place": SAFE, "words": "在会议室找到"}


def away(story: Story, numbers: tuple[str, ...], theirs: tuple[str, ...]) -> Steps:
    """A copy is sent and its slip comes back; those of another organ go back to it."""
    today = story.now.date()
    way = {"channel": "机要交通", "is_packed": True, "document_no": "发1"}
    yield "secrecy", "dispatch", {"numbers": numbers, "organ": story.province.pk, "due_on": today, **way}
    slip = {"numbers": numbers, "counted": 1, "document_no": "发1", "received_on": today}
    yield "secrecy", "confirm_receipt", slip
    yield "secrecy", "set_return", {"numbers": theirs, "return_by": today, "document_no": "清1"}
    yield "secrecy", "give_back", {"numbers": theirs, **way}


def ended(numbers: tuple[str, ...], seen: tuple[str, ...]) -> Steps:
    """A list of destruction is refused and another carried out; a count reports what it did not see."""
    of = {"numbers": numbers}
    doom = {**of, "method": "化浆", "facility": "销毁中心"}
    first = yield "secrecy", "propose_destruction", doom
    yield "officer", "refuse_destruction", {"destruction": first.id, "reason": "仍在使用"}
    second = yield "secrecy", "propose_destruction", doom
    listed = {"destruction": second.id}
    yield "officer", "approve_destruction", {**listed, "document_no": "销批1"}
    for user in ("secrecy", "drafter"):
        yield user, "count_destruction", {**listed, **of, "counted": 1}
    yield "secrecy", "finish_destruction", listed
    opened = yield "secrecy", "open_count", {}
    count = {"count": opened.id}
    yield "secrecy", "count", {**count, "numbers": seen}
    yield "secrecy", "close_count", count
    yield "secrecy", "report_unseen", count


def walk(story: Story, steps: Steps) -> None:
    """Perform each step; log and rows agree after it."""
    done = None
    while True:
        try:
            user, act, given = steps.send(done)
        except StopIteration:
            return
        done = story.act(user, f"carriers.{act}", **given)
        assert verify().findings == (), act


def test_the_log_and_the_rows_agree_after_every_act_with_copies(story: Story) -> None:
    scope = Scope(persons=(story.people["drafter"], story.people["officer"]), organs=(story.province.pk,))
    matter = story.approved(answers=story.answers(tail="1年", scope=scope))
    numbers = made(story, copies=5, matter=matter)
    _, theirs = received(story)
    assert verify().findings == ()
    walk(story, inside(story, numbers[:1]))
    walk(story, away(story, numbers[1:2], theirs))
    walk(story, ended(numbers[2:3], numbers[:1]))
    story.on(date(2027, 2, 1)).daily()
    note = {"matter": matter, "copy_no": 2, "expected_version": story.version(matter)}
    walk(story, (step for step in (("drafter", "note_remarked", note),)))
    kept = {"numbers": numbers[:1], "place": "市档案馆", "document_no": "档收1"}
    walk(story, (step for step in (("secrecy", "archive", kept),)))
    walked = set(Entry.objects.filter(act__startswith="carriers.").values_list("act", flat=True))
    assert walked >= {act for act in ACTS if act.startswith("carriers.")} - OF_CONTENT


def test_a_copy_that_changed_hands_behind_the_acts_is_found(story: Story) -> None:
    copy = Carrier.objects.get(copy_no=int(made(story)[0].rpartition("-")[2]))
    for column, value in (("state", "destroyed"), ("place", "他处"), ("holder_id", story.people["drafter"])):
        held = getattr(copy, column)
        for put, found in ((value, {"row.edited"}), (held, set())):
            assert written(f"UPDATE carriers_carrier SET {column}=%s WHERE id=%s", put, copy.pk) == 1
            assert {fault.kind for fault in verify().findings} == found, column
