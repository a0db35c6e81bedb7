"""The API: acts and queries by bearer token, never wider than the pages, with errors as one document."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from django.test import Client

from tests.story import PASSWORD, Story

pytestmark = [pytest.mark.django_db]


def post(path: str, body: object, **headers: str) -> tuple[int, dict]:
    """Post JSON; return status and document."""
    answer = Client().post(path, json.dumps(body), content_type="application/json", headers=headers)
    return answer.status_code, json.loads(answer.content)


def test_no_token_is_401_and_says_what_to_do():
    status, answer = post("/api/v1/asks/register", {})
    assert (status, answer["error"]["code"]) == (401, "token.required")
    assert answer["error"]["remedy_zh"]


def test_wrong_token_is_refused():
    status, answer = post("/api/v1/acts/access.sign_out", {}, Authorization="Bearer nonsense")
    assert status in (401, 403) and answer["error"]["kind"] == "Forbidden"


def test_other_methods_are_not_allowed():
    assert Client().get("/api/v1/asks/register").status_code == 405


def test_description_names_every_act_and_query():
    document = json.loads(Client().get("/api/v1/openapi.json").content)
    assert document["openapi"] == "3.1.0"
    assert {"/api/v1/acts/determination.approve", "/api/v1/asks/register"} <= set(document["paths"])


@pytest.mark.db
def test_a_token_performs_acts_and_asks_as_its_person_and_signs_with_the_password(story: Story):
    known, waiting = story.approved(), story.proposed()
    bearer = {"Authorization": f"Bearer {story.act('officer', 'access.issue_token', hours=1).token}"}
    status, found = post("/api/v1/asks/register", {}, **bearer)
    assert status == 200 and str(known) in {row["matter"] for row in found["rows"]}
    asked = {"matter": str(waiting), "expected_version": story.version(waiting)}
    status, answer = post("/api/v1/acts/determination.approve", asked, **bearer)
    assert (status, answer["error"]["code"]) == (403, "step_up.required")
    signed = {**bearer, "Dingmi-Password": PASSWORD, "Idempotency-Key": "once"}
    first, again = (post("/api/v1/acts/determination.approve", asked, **signed) for _ in range(2))
    assert first == again and first[0] == 200 and first[1]["register_no"] == story.matter(waiting).register_no
    stale = {**signed, "Idempotency-Key": "another"}
    assert post("/api/v1/acts/determination.approve", asked, **stale)[0] in (404, 409, 422)


@pytest.mark.db
def test_over_the_api_too_what_one_may_not_know_answers_like_what_does_not_exist(story: Story):
    token = story.act("outsider", "access.issue_token", hours=1).token
    answers = [
        post("/api/v1/asks/matter", {"matter": str(one)}, Authorization=f"Bearer {token}")
        for one in (story.approved(), uuid4())
    ]
    assert answers[0] == answers[1] and answers[0][0] == 404
