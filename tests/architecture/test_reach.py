"""What people may do they can do from the pages: every act but those of the clock is named by a form, but for a list that shrinks."""

from __future__ import annotations

import pkgutil
import re
import tomllib
from importlib import import_module
from pathlib import Path

from django.urls import get_resolver

from dingmi import procedures, queries
from dingmi.base.actor import Role
from dingmi.interfaces.cli.routes import _walk
from dingmi.interfaces.web.shell import BESIDE, MENU
from dingmi.procedures import ACTS
from dingmi.queries import QUERIES
from tests.architecture.source import PACKAGE

WEB = PACKAGE / "interfaces/web"
MISSING = set(tomllib.loads((Path(__file__).parent / "acts_without_page.toml").read_text("utf-8"))["acts"])
OUTSIDE = {"asset", "account_stay", "trade_secret_new"}  # asked by markup, by a script, by a name held in a table
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


def test_every_page_is_reached_from_the_menu_or_from_a_link_of_another_page() -> None:
    sources = "".join(p.read_text("utf-8") for p in sorted(WEB.rglob("*")) if p.suffix in (".py", ".html", ".js"))
    linked = set(re.findall(r"""(?:{% url |reverse\()["']([a-z_]+)["']""", sources))
    linked |= set(re.findall(r'{% listing "[\w.]+" \S+ "([a-z_]+)"', sources))
    linked |= {row[1] for row in MENU} | {row[0] for row in BESIDE} | OUTSIDE
    pages = {
        p.name for _, p in _walk(get_resolver().url_patterns, "/") if "GET" in getattr(p.callback, "dingmi_methods", ())
    }
    assert pages - linked == set()


def test_acts_and_queries_are_there_whoever_asks_not_only_once_a_page_has_loaded_their_module() -> None:
    for package in (procedures, queries):
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            import_module(module.name)
    families = {module.__name__ for module in (*procedures.FAMILIES, *queries.FAMILIES)}
    modules = {one.function.__module__ for one in (*ACTS.values(), *QUERIES.values())}
    assert sorted(m for m in modules if m not in families and m.rpartition(".")[0] not in families) == []
