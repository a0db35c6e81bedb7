"""What the tests of pages share: the bureau of the stories, and readers signed in to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from dingmi.procedures import passwords
from dingmi.queries import clock
from tests.story import PASSWORD, Story
from tests.worlds import again

Reader = Callable[[str], Client]


@pytest.fixture
def story(db: None, settings: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Story:
    """The bureau, on a clock that the story moves: pages and acts see the same time."""
    settings.DINGMI_KEYS, settings.DINGMI_VAULT = tmp_path / "keys", tmp_path / "vault"  # type: ignore[attr-defined]
    settings.DINGMI_PROFILE = "demo"  # type: ignore[attr-defined]
    passwords.THROTTLE.clear()
    made = again(Story)
    monkeypatch.setattr(clock, "now", lambda: made.now)
    return made


@pytest.fixture
def reader(story: Story) -> Reader:
    """Return a browser without scripts in which an account is signed in."""

    def signed_in(user: str) -> Client:
        client = Client(enforce_csrf_checks=False)
        answer = client.post("/sign-in", {"username": user, "password": PASSWORD})
        assert answer.status_code == 302, answer.content.decode()
        return client

    return signed_in
