"""Pages of statistics: figures that are links to their records, the report of a year, its files."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from html import unescape

import pytest

from dingmi.queries.registry import QUERIES
from dingmi.queries.statistics.signals import SIGNS
from tests.interfaces.conftest import Reader
from tests.interfaces.test_act_forms import founder
from tests.interfaces.test_pages import TITLE
from tests.story import PASSWORD, Story

pytestmark = [pytest.mark.db]
KINDS = ("classification", "work")
FIGURE = re.compile(r'<a class="[^"]*num[^"]*" href="(/statistics/records\?[^"]+)">(\d+)<')


@pytest.mark.clause("SEED-36")
def test_each_figure_on_the_page_is_a_link_to_as_many_records(story: Story, reader: Reader) -> None:
    story.approved()
    story.approved("drafter2", story.answers("3"))
    client = founder(story, "head")
    text = client.get("/statistics").content.decode()
    assert TITLE not in text and 'data-chart="columns"' in text
    shown = {(unescape(road), int(n)) for road, n in FIGURE.findall(text) if int(n)}
    assert len(shown) >= 8
    for road, count in sorted(shown):
        opened = client.get(road).content.decode()
        assert opened.count("<tr data-row") == count, road
    assert reader("officer").get("/statistics").status_code == 403
    assert client.get("/statistics?year=2031").status_code in (400, 422)


@pytest.mark.clause("SEED-29")
def test_each_sign_of_quality_has_its_page_with_meaning_ground_and_figures_that_open_their_records(
    story: Story, reader: Reader
) -> None:
    story.approved()
    client = founder(story, "head")
    roads = sorted(set(re.findall(r'href="(/statistics/signals/[^"]+)"', client.get("/statistics").content.decode())))
    assert len(roads) == len(SIGNS)
    for road in roads:
        text = client.get(unescape(road)).content.decode()
        assert "依据" in text and "口径" in text
        for link, count in FIGURE.findall(text) if "/returned?" in road else ():
            opened = client.get(unescape(link)).content.decode()
            assert opened.count("<tr data-row") == int(count), link
    assert client.get("/statistics/signals/luck").status_code == 404
    assert reader("officer").get("/statistics/signals/wide").status_code == 403


@pytest.mark.clause("ZX-39.1")
def test_a_year_that_is_not_closed_is_marked_and_its_files_can_be_taken(story: Story, reader: Reader) -> None:
    story.approved()
    client = founder(story, "head")
    road = "/statistics/reports/classification/2026"
    text = client.get(road).content.decode()
    assert "未结账，不得报送" in text and "statistics.sign" not in text
    for kind, start in (("pdf", b"%PDF"), ("docx", b"PK"), ("xlsx", b"PK"), ("json", b"{")):
        answer = client.post(f"{road}/file", {"format": kind})
        assert answer.status_code == 200 and answer.content.startswith(start)
        assert "attachment" in answer["Content-Disposition"]
    assert client.post(f"{road}/file", {"format": "exe"}).status_code in (400, 422)
    assert client.get("/statistics/reports/other/2026").status_code == 404
    story.later(days=365)
    client = reader("head")
    assert "statistics.sign" in client.get(road).content.decode()
    sent = {"act": "statistics.sign", "name": "classification", "year": "2026", "password": PASSWORD}
    refused = client.post(road, sent)
    assert refused.status_code in (400, 422) and "需要说明" in refused.content.decode()
    assert client.post(road, {**sent, "explained": "经核对属实。"}).status_code == 302


@pytest.mark.clause("ZX-39.1", "ZX-15")
def test_a_report_speaks_english_to_who_reads_english_and_what_is_signed_stays_chinese(
    story: Story, reader: Reader
) -> None:
    story.approved()
    client = founder(story, "head")
    client.post("/language", {"language": "en"})
    for name, words in (
        ("classification", ("Original", "By expiry", "Yearly review", "Corrected: over-classified")),
        ("work", ("Officers", "Statutory", "Delegations", "Revoked")),
        ("filing", ("Officers&#x27; filing list",)),
    ):
        main = re.search(r"<main.*?</main>", client.get(f"/statistics/reports/{name}/2026").content.decode(), re.S)
        assert main and all(word in main[0] for word in words), name
        assert not re.search(r"原始定密|期满自行解密|法定|指定|合计|撤销授权", main[0]), name
    said = json.loads(client.post("/statistics/reports/filing/2026/file", {"format": "json"}).content)
    assert {o["kind"] for o in said["officers"]} >= {"法定、主要"}, "a file is the official paper, whoever asks"
    reads = replace(story.actor("head"), language="en")
    asked = QUERIES["statistics.report"].function(actor=reads, now=story.now, name="filing", year=2026)
    assert {o.kind for o in asked.officers} >= {"Statutory, main"} and {o.matters for o in asked.officers} >= {"All"}


@pytest.mark.clause("SEED-36")
def test_a_department_and_the_year_before_are_chosen_by_links_and_every_figure_keeps_the_choice(
    story: Story, reader: Reader
) -> None:
    story.approved()
    story.on(date(2027, 10, 8))
    story.approved("drafter2", story.answers("3"))
    client = founder(story, "head")
    first = client.get("/statistics?by=month").content.decode()
    links = [unescape(road) for road in re.findall(r'href="(\?[^"]+)"', first)]
    chosen = next(road for road in links if str(story.department) in road)
    assert "by=month" in chosen, "one choice keeps the others"
    compared = next(road for road in links if "compare=1" in road)
    text = client.get(f"/statistics{compared}&department={story.department}&year=2027").content.decode()
    assert "管网处" in text and "上年同期" in text and "1月" in text and 'class="was xs muted"' in text
    shown = {(unescape(road), int(n)) for road, n in FIGURE.findall(text) if int(n)}
    assert all(f"department={story.department}" in road for road, _ in shown)
    assert sum("_before" in road for road, _ in shown) >= 4
    for road, count in sorted(shown):
        opened = client.get(road).content.decode()
        assert opened.count("<tr data-row") == count, road
        assert "管网处" in opened
    road = f"/statistics/reports/classification/2026?department={story.department}"
    part = client.get(road).content.decode()
    assert "不作为年报报送" in part and "statistics.sign" not in part, "a part is never signed"
    file = client.post(
        "/statistics/reports/classification/2026/file", {"format": "json", "department": story.department}
    )
    assert json.loads(file.content)["department_word"] == "管网处"
    for wrong in ("no", "00000000-0000-0000-0000-000000000000"):
        for place in ("/statistics", "/statistics/signals/wide", *(f"/statistics/reports/{k}/2026" for k in KINDS)):
            assert client.get(f"{place}?department={wrong}").status_code == 404, place
        assert client.get(f"/statistics/records?table=stock&year=2027&department={wrong}").status_code == 404
