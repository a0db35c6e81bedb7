"""What the tests of acts share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dingmi.procedures import passwords
from tests import counts
from tests.proofs import watched
from tests.story import Story
from tests.worlds import again

WATCHED = frozenset(  # tests whose acts are watched; the list only grows
    [
        "appointments",
        "archives",
        "carrier_proof",
        "exams",
        "frame_and_access",
        "grading",
        "guides",
        "incidents",
        "later_life",
        "legacy",
        "officer_register",
        "old_copies",
        "oversight",
        "people_import",
        "performance",
        "points_and_comments",
        "remarking",
        "sealing",
        "secrecy_file",
        "second_factor",
        "selection",
        "sessions",
        "staff",
        "training",
        "unclear_and_disputes",
    ]
)


@pytest.fixture
def story(request: pytest.FixtureRequest, db: None, settings: object, tmp_path: Path) -> Iterator[Story]:
    """A bureau with delegated authority, officers, drafters and a guide; keys and vault of its own."""
    settings.DINGMI_KEYS, settings.DINGMI_VAULT = tmp_path / "keys", tmp_path / "vault"  # type: ignore[attr-defined]
    settings.DINGMI_PROFILE = "demo"  # type: ignore[attr-defined]
    passwords.THROTTLE.clear()
    yield again(Story)
    if is_watched(request):
        assert counts.kept() == counts.counted(), "an act moved a matter without its count (SR-96)"


def is_watched(request: pytest.FixtureRequest) -> bool:
    """Tell whether the acts of this test are watched."""
    return request.path.stem.removeprefix("test_") in WATCHED


@pytest.fixture(autouse=True)
def proved(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every row that an act of the test wrote is vouched for by an entry of it, or stands with its reason in ``unproved.toml``."""
    if not is_watched(request):
        yield
        return
    with watched() as watch:
        yield
    assert watch.bare == {}, "have the entry name these rows (rows=, or guard.owe), or say why none has to"
