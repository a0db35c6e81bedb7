"""Each policy profile for passwords at n−1, n and n+1: characters, kinds of them, days until a new one is due (SR-02)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dingmi.base.errors import Invalid
from dingmi.interfaces.cli import health
from dingmi.procedures import passwords
from dingmi.queries import access, password_rules
from tests.story import BEGIN, Story

WANTED = {"fenbao-mimi": (8, 30, 3), "fenbao-jimi": (10, 7, 3), "asvs": (15, 0, 0)}  # as SR-02 says them
KINDS = ("qwertyuiop", "ASDFGHJKLZ", "2345678901", "-_!?%&=+*#", "春江花月夜秋山云水间")
MIXED = "qA3-wS4_eD5!rF6?tG7%"


def refusal(password: str) -> str:
    """Return the code for which a password is refused; empty where it is taken."""
    try:
        passwords.require_strong(password, "somebody")
    except Invalid as refused:
        return refused.findings[0].code
    return ""


def of_kinds(length: int, *kinds: str) -> str:
    """Return ``length`` characters that take turns from some kinds of them."""
    return "".join(kinds[i % len(kinds)][i // len(kinds) % 10] for i in range(length))


def test_the_profiles_are_the_three_of_the_requirement() -> None:
    told = {name: (p["min_length"], p["rotate_days"], p["classes"]) for name, p in password_rules.PROFILES.items()}
    assert told == WANTED


@pytest.mark.parametrize("name", WANTED)
def test_a_password_one_character_short_is_refused_and_one_of_the_length_or_more_is_taken(
    settings: Any, name: str
) -> None:
    settings.CONFIG, least = {"policy": name}, WANTED[name][0]
    assert [refusal(MIXED[:length]) for length in (least - 1, least, least + 1)] == ["password.too_short", "", ""]
    most = password_rules.LIMITS["max_length"]
    assert [refusal((MIXED * 20)[:length]) for length in (most - 1, most, most + 1)] == ["", "", "password.too_long"]


@pytest.mark.parametrize("name", WANTED)
def test_of_kinds_of_characters_two_are_too_few_and_three_or_four_are_taken(settings: Any, name: str) -> None:
    settings.CONFIG, (least, _, classes) = {"policy": name}, WANTED[name]
    for first in range(3):
        others = [KINDS[(first + n) % 4] for n in range(4)]
        found = [refusal(of_kinds(least + 1, *others[:kinds])) for kinds in (1, 2, 3, 4)]
        few = ["password.too_plain"] * 2 if classes else ["", ""]
        assert found == [*few, "", ""], (name, others[0])
    assert refusal(of_kinds(least + 1, KINDS[4])) == ("password.too_plain" if classes else "")


@pytest.mark.parametrize("name", WANTED)
def test_a_password_is_due_one_second_past_its_days_and_never_without_rotation(settings: Any, name: str) -> None:
    settings.CONFIG, days = {"policy": name}, WANTED[name][1]
    second, age = timedelta(seconds=1), timedelta(days=days)
    found = [password_rules.is_due(BEGIN, BEGIN + after) for after in (age - second, age, age + second)]
    assert found == [False, False, days > 0]
    assert password_rules.is_due(BEGIN, BEGIN + timedelta(days=40_000)) is (days > 0)
    assert password_rules.is_due(None, BEGIN), "that another person chose is due at once"


def test_the_usual_profile_is_asvs_and_a_name_of_none_is_told_and_blocks(settings: Any) -> None:
    settings.CONFIG = {}
    assert password_rules.profile() == password_rules.PROFILES["asvs"] and password_rules.profile_faults() == ()
    for name in WANTED:
        settings.CONFIG = {"policy": name}
        assert password_rules.profile_faults() == ()
    for wrong in ("fenbao", "", 3, ["asvs"]):
        settings.CONFIG = {"policy": wrong}
        (found,) = password_rules.profile_faults()
        assert (found.code, found.severity) == ("check.password_policy", "block") and found in health._leads()
        assert password_rules.profile() == password_rules.PROFILES["asvs"]


@pytest.mark.db
@pytest.mark.one_database
@pytest.mark.django_db
@pytest.mark.parametrize("name", WANTED)
def test_by_the_act_and_at_the_door_the_profile_that_is_chosen_holds(story: Story, settings: Any, name: str) -> None:
    settings.CONFIG, (least, days, _) = {"policy": name}, WANTED[name]
    for password in (MIXED[: least - 1], of_kinds(least, KINDS[0], KINDS[1]) if days else "q" * least):
        with pytest.raises(Invalid, match=r"password\.too_(short|plain)"):
            story.act("drafter", "access.change_password", password=password)
    story.act("drafter", "access.change_password", password=MIXED[:least])
    story.later(days=days or 400)
    assert access.actor_for_account("drafter", story.now).roles
    story.later(seconds=1)
    assert bool(access.actor_for_account("drafter", story.now).roles) is (days == 0)
