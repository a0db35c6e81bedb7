"""A refusal for want of a role says whose task it is, in the reader's language."""

from __future__ import annotations

import pytest

from dingmi.base import messages
from dingmi.base.actor import Role
from dingmi.base.errors import Forbidden


@pytest.mark.parametrize(
    ("language", "names"), [("zh", "定密责任人、主要负责人"), ("en", "classification officer, principal")]
)
def test_a_missing_role_is_named(language: str, names: str) -> None:
    refused = Forbidden("role.required", (), roles=[Role.OFFICER, Role.HEAD], act="review.decide")
    assert names in messages.render(refused, language).text


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_every_role_has_a_name(language: str) -> None:
    names = {messages.catalogue(language)[f"roles.{role}"]["text"] for role in Role}
    assert len(names) == len(Role)


@pytest.mark.parametrize(
    "code",
    [
        "row.twice",
        "person.unknown",
        "officer.in_office",
        "department.unknown",
    ],
)
def test_a_rule_that_no_clause_asks_for_says_so(code: str) -> None:
    assert "不是法定要求" in messages.catalogue("zh")[code]["text"]
    assert "not law" in messages.catalogue("en")[code]["text"]
