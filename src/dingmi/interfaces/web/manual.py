"""The help: Markdown files of the package, rendered without raw HTML."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

from dingmi.base import messages
from dingmi.base.errors import NotFound

ROOT = Path(__file__).parent / "help"
TOPICS = (
    "start",
    "drafting",
    "reviewing",
    "register",
    "later",
    "expiry",
    "notices",
    "disputes",
    "guides",
    "officers",
    "statistics",
    "training",
    "people",
    "oversight",
    "incidents",
    "grades",
    "archives",
    "carriers",
    "assist",
    "administrators",
    "account",
    "keys",
)
# where an address begins, and the page of the help that is about it; the longest that fits counts
ABOUT = {
    "/overview": "start",
    "/help": "start",
    "/draft": "drafting",
    "/review": "reviewing",
    "/matters": "register",
    "/applications": "register",
    "/bars": "register",
    "/m/<uuid:matter>/bars": "register",
    "/m/<uuid:matter>/recuse": "register",
    "/print": "register",
    "/marks": "register",
    "/m": "later",
    "/m/<uuid:matter>/lineage": "register",
    "/m/<uuid:matter>/papers": "register",
    "/m/<uuid:matter>/files": "register",
    "/m/<uuid:matter>/challenge": "disputes",
    "/m/<uuid:matter>/appraisal": "disputes",
    "/expiry": "expiry",
    "/inbox": "notices",
    "/deliveries": "notices",
    "/received": "notices",
    "/unclear": "disputes",
    "/disputes": "disputes",
    "/opinions": "disputes",
    "/appraisals": "disputes",
    "/guides": "guides",
    "/officers": "officers",
    "/delegations": "officers",
    "/selections": "officers",
    "/organs": "officers",
    "/my-appraisal": "officers",
    "/statistics": "statistics",
    "/duties": "officers",
    "/training": "training",
    "/my-training": "training",
    "/practice": "training",
    "/papers": "training",
    "/people": "people",
    "/succession": "people",
    "/secrecy-file": "people",
    "/personal-reports": "people",
    "/inspect": "oversight",
    "/incidents": "incidents",
    "/grades": "grades",
    "/trade-secrets": "grades",
    "/work-secrets": "grades",
    "/archives": "archives",
    "/carriers": "carriers",
    "/assist": "assist",
    "/consistency": "assist",
    "/admin": "administrators",
    "/date": "administrators",
    "/keys": "administrators",
    "/one-time-codes": "administrators",
    "/roles": "administrators",
    "/clearances": "administrators",
    "/sealed": "drafting",
    "/account": "account",
    "/search": "account",
    "/sign-in": "account",
}


@dataclass(frozen=True, slots=True)
class Law:
    """One clause: how it is cited."""

    id: str
    cited: str
    on: date


@cache
def article(topic: str, language: str) -> SafeString:
    """Return one page of the help as HTML; the files are ours and raw HTML in them is shown, not run.

    Raises:
        NotFound: There is no such page.
    """
    if topic not in TOPICS:
        raise NotFound()
    text = (ROOT / ("en" if language == "en" else "zh") / f"{topic}.md").read_text(encoding="utf-8")
    return mark_safe(MarkdownIt("commonmark", {"html": False}).enable("table").render(text))


@cache
def topics(language: str) -> tuple[tuple[str, str], ...]:
    """Return the pages of the help with their titles."""
    folder = ROOT / ("en" if language == "en" else "zh")
    return tuple((t, (folder / f"{t}.md").read_text(encoding="utf-8").splitlines()[0].lstrip("# ")) for t in TOPICS)


def about(route: str) -> str:
    """Return the page of the help about a route of the pages; nothing where none is."""
    if route in ("", "/", "/workbench"):
        return "start"
    fits = [start for start in ABOUT if route == start or route.startswith(f"{start}/")]
    return ABOUT[max(fits, key=len)] if fits else ""


def law(clause: str, language: str, on: date) -> Law:
    """Return one clause spelled out.

    Raises:
        NotFound: No such clause is carried.
    """
    spelled = messages.cited((clause,), language)
    if spelled == clause:
        raise NotFound()
    return Law(clause, spelled, on)
