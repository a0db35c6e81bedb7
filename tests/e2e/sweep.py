"""Every page of the route table in a browser: found by its address or by a link on another page, and looked over."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import urlparse

from axe_playwright_python.base import AXE_SCRIPT
from django.urls import Resolver404, resolve

from dingmi.interfaces.cli.routes import listed
from tests.e2e.steps import settled

# What a page is looked over for. Folded parts are opened first, for what they hold is part of it, but not what floats above the rest.
LOOK = """async () => {
  const wide = document.documentElement.scrollWidth - innerWidth;
  const over = part => getComputedStyle(part).overflowX === "visible" && part.scrollWidth > part.clientWidth + 1;
  const cut = [...document.querySelectorAll("main .cd")].filter(over).map(card =>
    `${card.scrollWidth - card.clientWidth} px wider than its card: ${card.innerText.trim().slice(0, 40)}`);
  for (const word of document.querySelectorAll(".rail .short"))
    if (word.scrollWidth > word.clientWidth) cut.push(`cut in the rail: ${word.innerText}`);
  const floats = part => [...part.children].some(inside => getComputedStyle(inside).position === "absolute");
  for (const part of document.querySelectorAll("main details:not([open])")) { part.open = true; part.open = !floats(part); }
  const found = await axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"], resultTypes: ["violations"], preload: false, iframes: false,
  });
  return {
    violations: found.violations.map(v => `${v.id}: ${v.nodes.slice(0, 3).map(n => `${n.target} ${n.failureSummary}`).join(", ")}`),
    headings: [...document.querySelectorAll("h1")].map(h => h.innerText.trim()),
    title: document.title,
    wide: [...(wide > 0 ? [`${wide} px wider than the window`] : []), ...cut],
    links: [...document.querySelectorAll("a[href^='/']")].map(a => a.getAttribute("href")),
  };
}"""
# what is read by GET and is no page, each with what it is
NO_PAGES = {
    "/account/stay": "answers a page that stands open; no content",
    "/admin/audit/anchor": "a file",
    "/draft/<uuid:matter>/talk": "a part of the draft's page",
    "/draft/reading": "a part of the upload's page",
    "/guides/template.xlsx": "a file",
    "/matters/legacy.xlsx": "a file",
    "/people/import/<str:kind>.xlsx": "a file",
}
NARROW = 390
BY_ADDRESS = ("/search",)  # pages that a form of every page leads to, and no link
# pages that a form of another leads to: the draft's, from its own
BY_FORM = {"/draft/<uuid:matter>": ("/check", "/refer", "/unclear")}
MOST = 60  # addresses of routes met already that one person asks for more links
LINK = re.compile(r'<a\b[^>]*\bhref="(/[^"#]*)')


def routes() -> set[str]:
    """Return every route that is read by GET, but for what serves programs and files of the pages themselves."""
    return {r["path"] for r in listed() if "GET" in r["methods"] and not r["path"].startswith(("/api/", "/static/"))}


def route_of(address: str) -> str:
    """Return the route an address belongs to; empty when none."""
    try:
        return "/" + resolve(urlparse(address).path).route
    except Resolver404:
        return ""


def beyond(address: str, route: str) -> list[str]:
    """Return the addresses that the forms of a page lead to."""
    return [address.partition("?")[0] + tail for tail in BY_FORM.get(route, ())]


@dataclass
class Reader:
    """One person who goes through the pages, with what the browser complained of since the last page."""

    page: Any
    url: str
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", lambda m: self.complaints.append(m.text) if m.type == "error" else None)
        self.page.on("response", lambda r: self.complaints.append(f"{r.status} {r.url}") if r.status >= 400 else None)

    def open(self, address: str) -> bool:
        """Open an address; return whether it is shown to this person."""
        self.complaints.clear()
        answer = self.page.goto(self.url + address)
        settled(self.page)
        return bool(answer.status == 200)

    def links(self, address: str) -> list[str]:
        """Return the addresses that a page links to, without drawing it; none when it is no page for this person."""
        answer = self.page.context.request.get(self.url + address, max_redirects=0)
        return [unescape(link) for link in LINK.findall(answer.text())] if answer.status == 200 else []

    def look(self) -> tuple[list[str], list[str]]:
        """Return what is wrong with the page that stands open, and the addresses it links to."""
        self.page.evaluate(AXE_SCRIPT)
        seen = self.page.evaluate(LOOK)
        faults = [*seen["violations"], *seen["wide"], *self.complaints]
        if len(seen["headings"]) != 1 or not seen["headings"][0]:
            faults.append(f"headings: {seen['headings']}")
        if not seen["title"].partition(" - ")[0].strip():
            faults.append(f"title: {seen['title']!r}")
        return faults, seen["links"]

    def narrowed(self) -> list[str]:
        """Return how much wider than a telephone the page is that stands open."""
        usual = self.page.viewport_size
        self.page.set_viewport_size({"width": NARROW, "height": 844})
        wide = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        self.page.set_viewport_size(usual)
        return [f"{wide} px wider than {NARROW}"] if wide > 0 else []


def walk(reader: Reader, wanted: set[str], again: bool = False) -> Iterator[tuple[str, str, list[str]]]:
    """Yield route, address and faults of every wanted page this person gets to, each route once, and take it off ``wanted``.

    The walk begins at the page that stands open and goes by links alone. What was looked at as somebody else before is only asked
    for, because of the links it shows to this person; with ``again`` it is looked at all the same.
    """
    met: set[str] = set()
    asked: set[str] = set()
    roads = deque((address, "") for address in (reader.page.url.removeprefix(reader.url), *BY_ADDRESS))
    while roads and (wanted or again):
        address, origin = roads.popleft()
        route = route_of(address)
        if not route or route in NO_PAGES:
            continue
        if route in met:  # one draft leads where another does not
            below = any(one.startswith(route + "/") for one in wanted)
            if not below or address in asked or len(asked) > MOST:
                continue
            asked.add(address)
            roads.extend((link, address) for link in [*reader.links(address), *beyond(address, route)])
            continue
        if route not in wanted and not again:
            links = reader.links(address)
        elif reader.open(address):
            faults, links = reader.look()
            wanted.discard(route)
            yield route, address, faults
        else:
            yield route, address, [f"linked to from {origin}, and not shown", *reader.complaints]
            links = []
        met.add(route)
        roads.extend((link, address) for link in [*links, *beyond(address, route)])
