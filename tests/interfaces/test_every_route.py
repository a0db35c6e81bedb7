"""Every page that can be opened, in both languages: no fault, a true banner, small, and in English without Chinese words.

Chinese that stands in the records (names, titles, marks, instruments) is data and stays as it is; everything else is ours to
translate.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.test import Client

from dingmi.interfaces.cli.routes import listed
from dingmi.procedures import passwords
from tests.interfaces.conftest import Reader
from tests.interfaces.test_act_forms import founder
from tests.interfaces.test_pages import RANK, TITLE, Page
from tests.story import PASSWORD, TEXT, Story

pytestmark = [pytest.mark.db]

MOST = 150_000  # bytes of a page (UI §12.4)
CHINESE = re.compile(r"[\u3400-\u9fff]+")
# Chinese in both languages: law and official papers as they are written, and the terms of art of a mark (UI §10).
WRITTEN = ("/help/clauses/", "/print/")
TERMS = (
    "核心商密",
    "普通商密",
    "绝密",
    "机密",
    "秘密",
    "内部",
    "公开",
    "解密",
    "密",
    "中",
    "拟定",
    "长期",
    "年",
    "个月",
    "月",
    "日",
)
# The example file of an import, and what official papers and explanations of the law are called, stay as they are.
SAMPLES = (
    "启用前",
    "条件成熟时",
    "必要时",
    "面积",
    "平方公里",
    "比例尺分母",
    "定位精度",
    "米",
    "保密常识问答",
    "释义",
    "四",
    "定密答问",
    "条号未见",
)
PAPERS = ("国家秘密确定审批表", "国家秘密知悉登记表")
ONLY_LATER = ("/compare", "/diff")  # a draft with an earlier text, a guide with an earlier edition
ADMINISTRATORS = ("sysadmin", "secadmin", "auditor")


class Words(HTMLParser):
    """Collects what a reader sees or hears: text, labels, placeholders, titles."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.foreign = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        spoken = ("placeholder", "aria-label", "title", "alt")
        self.found += [v for n, v in attrs if n in spoken and v]
        if self.foreign or (given.get("lang", "").startswith("zh") and tag != "html"):
            self.foreign += tag not in ("input", "br", "img", "meta", "link", "path", "rect", "use")

    def handle_endtag(self, tag: str) -> None:
        self.foreign = max(0, self.foreign - 1)

    def handle_data(self, data: str) -> None:
        if not self.foreign:
            self.found.append(data)


def strings(value: Any) -> Iterator[str]:
    """Yield every text inside a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from strings(part)


def data() -> set[str]:
    """Return the Chinese runs that stand in the records, and in the drafts that the story wrote."""
    found: set[str] = {*TERMS, *SAMPLES, *PAPERS}
    for model in apps.get_models():
        if not model.__module__.startswith("dingmi.records"):
            continue
        plain = [f.name for f in model._meta.concrete_fields if isinstance(f, models.CharField | models.TextField)]
        plain += [f.name for f in model._meta.concrete_fields if isinstance(f, models.JSONField)]
        for row in model._default_manager.values_list(*plain) if plain else ():
            for value in row:
                for text in strings(value):
                    found |= set(CHINESE.findall(text))
    for text in (TITLE, TEXT, *story_words()):
        found |= set(CHINESE.findall(text))
    return found


def story_words() -> tuple[str, ...]:
    """Return what the story writes into records that are encrypted."""
    return (
        "泄露后会使供水设施安全受到严重损害。",
        "本件涉及在用设施，敏感期长于以往同类事项。",
        "经审核提出此意见。",
        "引用来源内容的工作通知",
        "引用来源中的节点坐标。",
        "切换方案",
    )


def untranslated(html: str, known: set[str]) -> list[str]:
    """Return the Chinese runs of a page that no record holds, whole or as a part."""
    left = []
    for text in Words(html).found:
        for run in CHINESE.findall(text):
            if run in known or any(run in k for k in known):
                continue
            rest = run
            for part in sorted((k for k in known if k in run), key=len, reverse=True):
                rest = rest.replace(part, "")
            if rest:
                left.append(run)
    return left


@pytest.fixture
def world(story: Story) -> dict[str, dict[str, str]]:
    """A draft, a proposal, a matter in force with a waiting review and a derived one; ids per parameter of a route."""
    draft = story.filled()
    proposed = story.proposed()
    active = story.approved()
    story.review(active, "keep")
    officer = story.people["officer"]
    edition = story.item().edition_id
    return {
        "/draft": {"matter": str(draft)},
        "/review": {"matter": str(proposed)},
        "/grades/": {},
        "/print": {"form": "approval", "case": str(active)},
        "": {
            "matter": str(active),
            "edition": str(edition),
            "person": str(officer),
            "topic": "keys",
            "clause": "BMF-24.2a",
            "year": "2026",
            "path": "css/dingmi.css",
        },
    }


def addresses(world: dict[str, dict[str, str]]) -> list[str]:
    """Return one address for every page whose parameters the world has a value for."""
    made = []
    for row in listed():
        if "GET" not in row["methods"] or row["path"].startswith(("/api/", "/static/")):
            continue
        given = next(values for start, values in world.items() if row["path"].startswith(start))
        wanted = re.findall(r"<\w+:(\w+)>", row["path"])
        if set(wanted) - set(given):  # one dispute, referral, appraisal, work secret …: opened by their own tests
            continue
        made.append(re.sub(r"<\w+:(\w+)>", lambda m, g=given: g[m.group(1)], row["path"]))
    assert len(made) >= 60, made
    return made


def clients(story: Story, reader: Reader) -> dict[str, Client]:
    """Return a signed-in browser for every kind of reader."""
    made = {user: reader(user) for user in ("officer", "drafter")}
    made |= {user: founder(story, user) for user in ("head", "secrecy")}
    for user in ADMINISTRATORS:
        story.act(user, "access.change_password", password=PASSWORD)
        passwords.THROTTLE.clear()
        made[user] = Client()
        made[user].post("/sign-in", {"username": user, "password": PASSWORD})
    return made


@pytest.mark.parametrize("language", ["zh", pytest.param("en", marks=pytest.mark.one_database)])
def test_every_page_opens_for_somebody_small_true_and_in_its_language(
    story: Story, reader: Reader, world: dict[str, dict[str, str]], language: str
) -> None:
    readers = clients(story, reader)
    for client in readers.values():
        client.post("/language", {"language": language})
    known = data() if language == "en" else set()
    faults: list[str] = []
    strange: dict[str, str] = {}
    for path in addresses(world):
        opened = 0
        for user, client in readers.items():
            answer = client.get(path)
            if answer.status_code >= 500:
                faults.append(f"{path} as {user}: {answer.status_code}")
            if answer.status_code != 200 or not answer["Content-Type"].startswith("text/html"):
                opened += answer.status_code < 400
                continue
            opened += 1
            seen = Page(answer.content.decode())
            above = [level for level in seen.levels if RANK[level] > RANK[seen.banner or "绝密"]]
            bare = seen.banner is None and not path.startswith("/print/")  # a paper carries its mark itself
            if seen.faults or above or bare:
                faults.append(f"{path} as {user}: {seen.faults} {seen.levels} under {seen.banner}")
            faults += [f"{path} as {user}: preselected {c}" for c in seen.chosen if "'type': 'radio'" in c]
            if len(answer.content) > MOST:
                faults.append(f"{path} as {user}: {len(answer.content)} bytes")
            if language == "en" and not path.startswith(WRITTEN):
                strange |= dict.fromkeys(untranslated(answer.content.decode(), known), path)
        if not opened and not path.endswith(ONLY_LATER):
            faults.append(f"{path}: nobody could open it")
    assert faults == [], "\n".join(faults)
    assert strange == {}, "Chinese words of ours on English pages, each with one page that has it"
