"""A configuration opens nothing that the ledger does not know: the strictest without one, no laxer than was kept (SR-32)."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

from dingmi.base.errors import Forbidden, Refused
from dingmi.interfaces.cli import acts
from dingmi.interfaces.cli.install import read_configuration, write_profile
from dingmi.procedures import keep
from dingmi.queries import clock, founding
from dingmi.records.ledger.models import Entry
from dingmi.site import settings as source
from tests.story import Story


def profile_of(folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    monkeypatch.setenv("DINGMI_DATA", str(folder))
    read = runpy.run_path(str(source.__file__))
    return read["DINGMI_PROFILE"], read["DINGMI_SECOND_FACTOR"]


def test_without_a_configuration_or_without_its_key_the_profile_is_the_strictest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert profile_of(tmp_path, monkeypatch) == ("state-secret", "required")
    (tmp_path / "dingmi.toml").write_text('hosts = ["a"]\n[tls]\nkey = "k"\n', encoding="utf-8")
    assert profile_of(tmp_path, monkeypatch) == ("state-secret", "required")
    write_profile(tmp_path, demo=False, house="organ")
    assert profile_of(tmp_path, monkeypatch) == ("enterprise", "offered")
    assert read_configuration(tmp_path)["tls"] == {"key": "k"}
    write_profile(tmp_path, demo=True, house="organ")
    assert profile_of(tmp_path, monkeypatch)[0] == "enterprise", "what is written stays"


@pytest.mark.db
@pytest.mark.django_db
def test_a_profile_laxer_than_was_kept_trusts_nobody_and_simulates_nothing(
    story: Story, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: story.now)
    monkeypatch.delenv("DINGMI_TOKEN", raising=False)
    assert founding.recorded_profile() == "demo" and acts.acting("head").stepped_up
    settings.DINGMI_PROFILE = "enterprise"
    keep.record_profile(now=story.now)
    keep.record_profile(now=story.now)
    assert founding.recorded_profile() == "enterprise"
    assert Entry.objects.filter(act="keep.record_profile").count() == 1
    with pytest.raises(Forbidden, match=r"token\.required"):
        acts.acting("head")
    settings.DINGMI_PROFILE = "demo"
    for opened in (
        lambda: acts.acting("head"),
        lambda: clock.simulated().__enter__(),
        lambda: keep.record_profile(now=story.now),
    ):
        with pytest.raises(Refused, match=r"profile\.laxer"):
            opened()
    settings.DINGMI_PROFILE = "state-secret"
    founding.require_profile()


@pytest.mark.db
@pytest.mark.django_db
def test_an_installation_founded_before_profiles_were_kept_keeps_it_from_now_on(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(founding, "KEPT_BY", ("keep.record_profile",))
    assert founding.recorded_profile() == ""
    keep.record_profile(now=story.now)
    assert founding.recorded_profile() == "demo"
