"""Where each role lands and what its menu says, the head's page of figures, and the lock of an idle page."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from dingmi.base.actor import Actor, Role
from dingmi.interfaces.cli.demo import teller
from dingmi.interfaces.web.shell import entries, landing
from tests.interfaces.conftest import Reader
from tests.interfaces.test_act_forms import founder
from tests.interfaces.test_pages import TITLE, page
from tests.procedures.test_incidents import discovered
from tests.procedures.test_oversight import found, held, planned
from tests.story import NOON, Story

pytestmark = [pytest.mark.db]


NAMES = ("active", "due", "late", "waiting", "outside", "over", "untrained", "open")
TILE = re.compile(r'<a class="fig-n num[^"]*" href="([^"]+)">(\d+)<')


def figures(client: Client) -> dict[str, int]:
    """Return the eight figures by name."""
    found = TILE.findall(client.get("/overview").content.decode())
    return dict(zip(NAMES, (int(n) for _, n in found), strict=True))


@pytest.mark.clause("TL-6.3", "SEED-36")
def test_the_head_sees_eight_figures_and_no_title(story: Story, reader: Reader) -> None:
    story.approved()
    client = founder(story, "head")
    text = client.get("/overview").content.decode()
    assert TITLE not in text
    assert page(client.get("/overview")).banner == ""
    first = figures(client)
    assert first == {**dict.fromkeys(NAMES, 0), "active": 1}
    story.proposed("drafter2")
    assert figures(client)["waiting"] == 1
    story.on(NOON.date(), 13)
    assert figures(reader("head"))["untrained"] == 1, "the training of one officer has lapsed"
    assert reader("officer").get("/overview").status_code == 403


@pytest.mark.clause("SEED-36")
def test_each_figure_opens_the_records_that_it_counts(story: Story) -> None:
    matter = story.matter(story.approved())
    story.proposed("drafter2")
    client = founder(story, "head")
    text = client.get("/overview").content.decode()
    for road, count in TILE.findall(text):
        assert client.get(unescape(road)).content.decode().count("<tr data-row") == int(count), road
    stock = next(unescape(road) for road, _ in TILE.findall(text) if "table=stock" in road)
    assert str(matter.register_no) in client.get(stock).content.decode()


def test_a_page_knows_when_it_locks_and_one_request_extends_it(story: Story, reader: Reader) -> None:
    client = reader("officer")
    text = client.get("/").content.decode()
    assert 'data-idle="10"' in text and 'id="idle"' in text
    story.later(minutes=9)
    assert client.get("/account/stay").status_code == 204
    story.later(minutes=9)
    assert client.get("/matters").status_code == 200, "the request nine minutes ago extended the session"
    story.later(minutes=11)
    assert client.get("/account/stay").status_code == 302
    assert 'id="idle"' not in Client().get("/sign-in").content.decode()


def test_pages_say_how_far_the_demonstration_is_until_it_is_done(
    story: Story, reader: Reader, settings: Any, tmp_path: Path
) -> None:
    settings.DATA, mark = tmp_path, tmp_path / "demo.unfinished"
    client = reader("officer")
    assert 'id="filling"' not in client.get("/").content.decode()
    mark.touch()
    assert "演示数据正在生成。" in client.get("/").content.decode()
    teller(tmp_path)(date(2019, 3, 4), 37)
    told = client.get("/").content.decode()
    assert "37%" in told and "现在讲到 2019-03-04" in told
    mark.unlink()
    assert 'id="filling"' not in client.get("/").content.decode()
    teller(tmp_path)(date(2019, 3, 5), 38)
    assert not mark.exists(), "a fill that nobody waits for leaves no mark"


def test_the_menu_shows_one_place_where_the_reader_is(story: Story, reader: Reader) -> None:
    client = reader("drafter")
    for address in ("/draft/new", "/draft"):
        here = re.findall(r'<a href="([^"]+)" class="on" aria-current="page">', client.get(address).content.decode())
        assert here == [address]


# role: what its menu holds in this order, the page it lands on first
MENUS = {
    Role.DRAFTER: ("/workbench", "/draft/new", "/draft", "/guides", "/my-training", "/people/travel"),
    Role.OFFICER: (
        "/workbench", "/review", "/draft/new", "/matters", "/expiry", "/guides", "/my-appraisal", "/my-training", "/people/travel",
    ),
    Role.SECRECY_OFFICE: (
        "/workbench", "/matters", "/expiry", "/carriers", "/unclear", "/guides", "/officers", "/people", "/people/travel", "/training", "/inspect", "/statistics",
    ),
    Role.HEAD: ("/overview", "/applications", "/officers", "/organs", "/people/travel", "/statistics"),
    Role.INSPECTOR: ("/inspect", "/workbench", "/people/travel"),
    Role.SYSTEM_ADMIN: ("/admin/system", "/admin/accounts"),
    Role.SECURITY_ADMIN: ("/admin/security", "/keys"),
    Role.AUDIT_ADMIN: ("/admin/audit",),
}  # fmt: skip


def test_every_role_has_a_menu() -> None:
    assert set(MENUS) == set(Role) - {Role.CLOCK}


@pytest.mark.parametrize("role", MENUS, ids=str)
def test_the_menu_of_a_role_has_its_order_and_the_role_lands_on_its_first_page(role: Role) -> None:
    actor = Actor("a", "", "", (), frozenset({role}), "", "", "")
    roads = [link.url for link, _count in entries(actor.roles, ("prc_state",), "zh")]
    assert landing(actor) == roads[0] == MENUS[role][0]
    assert [road for road in roads if road in MENUS[role]] == list(MENUS[role])
    assert len(roads) == len(set(roads))


def test_the_head_lands_on_the_overview_and_still_has_a_workbench(story: Story) -> None:
    client = founder(story, "head")
    assert client.get("/")["Location"] == "/overview"
    here = re.findall(r'<a href="([^"]+)" class="on" aria-current="page">', client.get("/workbench").content.decode())
    assert here == ["/workbench"]


@pytest.mark.clause("SEED-12")
def test_a_late_finding_and_a_leak_are_counted_in_the_menu_and_stand_among_the_tasks(
    story: Story, reader: Reader
) -> None:
    founder(story, "secrecy")
    founder(story, "head")

    def badge(user: str, road: str) -> str:
        part = re.search(rf'<a href="{road}".*?</a>', bench(user), re.DOTALL)
        assert part is not None
        return "".join(re.findall(r'class="c r">(\d+)<', part.group(0)))

    def bench(user: str) -> str:
        return reader(user).get("/workbench").content.decode()

    assert badge("officer", "/inspect") == badge("secrecy", "/inspect") == badge("head", "/incidents") == ""
    story.on(date(2026, 3, 2))
    inspection = planned(story)
    held(story, inspection)
    one = found(story, inspection)
    assert badge("officer", "/inspect") == "1" and badge("secrecy", "/inspect") == "", "who answers for it acts first"
    assert f"改-{str(one.id)[:8]}" in bench("officer")
    story.on(date(2026, 9, 1))
    discovered(story)
    assert badge("officer", "/inspect") == badge("secrecy", "/inspect") == "1"
    assert re.search(r"逾期 \d+ 个工作日", bench("officer"))
    assert "泄〔2026〕1号" in bench("head") and "1 件泄密事件还没有报告" in bench("head")
    seen = reader("head").get("/overview").content.decode()
    assert "1 个问题没有销号" in seen and "整改逾期 1 个" in seen and "1 件泄密事件没有办结" in seen
    assert badge("head", "/incidents") == "1" and badge("outsider", "/incidents") == ""


@pytest.mark.clause("BMF-24.1")
def test_a_late_review_says_which_review_it_is_and_by_how_much(story: Story, reader: Reader) -> None:
    story.approved()
    story.on(date(2026, 11, 2)).daily()
    due = reader("officer").get("/").content.decode()
    assert "2026 年度审核" in due
    story.on(date(2027, 1, 8)).daily()
    late = " ".join(reader("officer").get("/").content.decode().split())
    assert "2026 年度审核" in late and "12-31 逾期 8 天" in late, "the holidays of 2027 are not known"
