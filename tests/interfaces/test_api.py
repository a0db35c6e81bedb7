"""The API: acts and queries by bearer token, never wider than the pages, with errors as one document."""

from __future__ import annotations

import json

import pytest
from django.test import Client

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
