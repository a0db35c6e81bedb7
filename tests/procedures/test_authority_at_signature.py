"""Authority is asked when the decision is recorded, in its transaction, whatever the signer held when he came in (SR-19)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dingmi.base.errors import DingmiError
from dingmi.procedures import ACTS, determination
from dingmi.records.ledger.guard import is_act_open
from dingmi.records.matters.models import Decision
from dingmi.records.officers.models import Designation
from tests.story import Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]


def adjusted(**terms: Any) -> Callable[[Story], Any]:
    given = {"instrument": "调整 1", "reasons": "分工变化。", **terms}
    return lambda story: story.act("head", "officers.adjust", person=story.people["officer"], **given)


def ended(story: Story) -> None:
    row = Designation.objects.get(officer__person=story.people["officer"])
    story.act("head", "officers.end", designation=row.pk, ground="unsuitable", detail="不再适宜。")


CHANGES: dict[str, Callable[[Story], Any]] = {
    "level": adjusted(max_level="秘密"),
    "matters": adjusted(matters=("SW-RSK",)),
    "end": ended,
    "suspension": lambda story: story.act("head", "officers.suspend", person=story.people["officer"], ground="inquiry"),
    "delegation": lambda story: story.act(
        "secrecy", "delegation.revoke", delegation=story.delegation.id, number="撤 1", reason="授权收回。"
    ),
}


@pytest.mark.clause("BMF-16.2", "BMF-17.1")
@pytest.mark.parametrize("change", CHANGES)
def test_authority_that_went_after_the_signer_came_in_signs_nothing(story: Story, change: str) -> None:
    matter = story.proposed()
    signer = story.actor("officer")  # with roles and clearance of before
    CHANGES[change](story)
    given = {"matter": matter, "expected_version": story.version(matter), "issued_on": story.now.date()}
    with pytest.raises(DingmiError):
        ACTS["determination.approve"](actor=signer, now=story.now, **given)
    assert not Decision.objects.exists() and story.matter(matter).state in ("proposed", "referred")


def test_it_is_asked_inside_the_transaction_of_the_decision(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    inside, judge = [], determination.facts.judge_approval

    def watched(*given: Any) -> Any:
        inside.append(is_act_open())
        return judge(*given)

    monkeypatch.setattr(determination.facts, "judge_approval", watched)
    story.approve(story.proposed())
    assert inside[-1] is True
