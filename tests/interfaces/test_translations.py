"""Both languages are whole, and the style sheet keeps its promises."""

from __future__ import annotations

import re

import pytest

from dingmi.interfaces.cli.routes import listed
from dingmi.interfaces.web.manual import TOPICS, about, article
from tests.interfaces.messages import CATALOGUE, WEB, asked, translated

FIELD = re.compile(r"%\(\w+\)s")


def test_every_string_has_english_with_the_same_parameters() -> None:
    english = translated()
    missing = sorted(asked() - {k for k, v in english.items() if v})
    assert missing == []
    assert [k for k, v in english.items() if set(FIELD.findall(k)) != set(FIELD.findall(v))] == []


def test_every_string_is_said_once() -> None:
    entries = re.findall(r'^(?:msgctxt "(.*)"\n)?msgid "(.+)"$', CATALOGUE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted({e for e in entries if entries.count(e) > 1}) == []


def test_a_number_before_a_noun_has_an_english_singular() -> None:
    """``n`` is what a string counts; where it is no number (1000+), English puts it behind the noun."""
    entries = re.findall(r'^msgid ".+"\nmsgstr "(.+)"$', CATALOGUE.read_text(encoding="utf-8"), re.MULTILINE)
    counted = re.compile(r"%\(n\)s (?!of |on |was |is |has )(?:[a-z]+ )?[a-z]+[^su]s\b")
    assert [e for e in entries if counted.search(e)] == []


def test_help_is_there_in_both_languages() -> None:
    names = {language: {f.name for f in (WEB / "help" / language).glob("*.md")} for language in ("zh", "en")}
    assert names["zh"] == names["en"] and names["zh"]


def test_every_page_has_a_page_of_the_help_and_every_page_of_the_help_is_in_its_list() -> None:
    routes = [r["path"] for r in listed() if "GET" in r["methods"] and not r["path"].startswith(("/api/", "/static/"))]
    assert [route for route in routes if not about(route)] == []
    assert {about(route) for route in routes} | {"keys"} == set(TOPICS)
    for language in ("zh", "en"):
        assert {f.stem for f in (WEB / "help" / language).glob("*.md")} == set(TOPICS)
        assert all("<h1>" in article(topic, language) for topic in TOPICS)


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


@pytest.mark.parametrize(
    ("token", "against", "least"),
    [
        ("ink", "surface", 15.0),
        ("muted", "bg", 5.0),
        ("primary", "surface", 8.0),
        ("jm", "surface", 10.0),
        ("jim", "surface", 5.0),
        ("mm", "surface", 6.0),
        ("nb", "surface", 6.0),
        ("ok", "ok-soft", 5.0),
        ("warn", "warn-soft", 6.0),
        ("err", "err-soft", 6.0),
    ],
)
def test_tokens_can_be_read(token: str, against: str, least: float) -> None:
    css = (WEB / "static" / "css" / "dingmi.css").read_text(encoding="utf-8")
    values = dict(re.findall(r"--([\w-]+):(#[0-9A-Fa-f]{6})\b", css)) | {"surface": "#ffffff"}
    light, dark = sorted((_luminance(values[token]), _luminance(values[against])), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= least
