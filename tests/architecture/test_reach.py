"""What people may do they can do from the pages: every act but those of the clock is named by a form, but for a list that shrinks."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from dingmi.base.actor import Role
from dingmi.procedures import ACTS
from tests.architecture.source import PACKAGE

WEB = PACKAGE / "interfaces/web"
MISSING = set(tomllib.loads((Path(__file__).parent / "acts_without_page.toml").read_text("utf-8"))["acts"])
NAMED = re.compile(r"""["'](?P<act>[a-z_]+\.[a-z_]+)["']""")
BUILT = re.compile(r"""f["'](?P<family>[a-z_]+)\.\{""")  # f"review.{step}": the whole family is offered


def test_every_act_is_offered_by_a_page() -> None:
    sources = [p.read_text("utf-8") for p in sorted(WEB.rglob("*")) if p.suffix in (".py", ".html")]
    named = {found["act"] for text in sources for found in NAMED.finditer(text)}
    families = {found["family"] for text in sources for found in BUILT.finditer(text)}
    people = {name for name, act in ACTS.items() if Role.CLOCK not in act.requires}
    without = {name for name in people - named if name.partition(".")[0] not in families}
    assert without - MISSING == set(), "acts without a page"
    assert MISSING - without == set(), "now offered: take them off the list"
