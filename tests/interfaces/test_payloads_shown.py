"""All of the three hundred in every text that a page shows, every paper prints and every parameter takes, packed (SR-68).

Every page is given by the queries what it shows: frozen values. Here each text among them has all payloads behind it, more than any
gate lets in, and the page must stand as it does without them: no element, attribute or scheme more, for the rest is words.
"""

from __future__ import annotations

import copy
import io
import re
import secrets
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape
from pydantic import BaseModel, create_model

from dingmi.base.errors import Invalid
from dingmi.engines.documents import forms
from dingmi.engines.documents.archive import parse_xml
from dingmi.engines.documents.forms import FORMS
from dingmi.engines.documents.limits import DEFAULT
from dingmi.procedures import ACTS
from dingmi.procedures import access as doors
from dingmi.queries import QUERIES
from dingmi.queries.registry import jsonable, validated
from tests.engines.test_documents_forms import sample, squeezed
from tests.interfaces.conftest import Reader
from tests.interfaces.test_every_route import addresses, clients, world  # noqa: F401
from tests.interfaces.test_payloads import texts_of, with_text
from tests.payloads import PAYLOADS
from tests.procedures.test_payload_gates import lines
from tests.story import Story

LEVELS = ("绝密", "机密", "秘密", "内部")
WORDS = re.compile("[\u4e00-\u9fff]")  # what people typed; codes are plain letters
PERIOD = re.compile("(绝密|机密|秘密)?★?[0-9年月日个]+")  # said in a grammar of its own, and read again by the page
PACKED = " ".join(p.text for p in PAYLOADS if p.kind != "huge" and not re.search("[\ud800-\udfff]", p.text))


def packed(value: Any) -> Any:
    """Return an answer of a query with every payload behind each of its texts."""
    if isinstance(value, str):
        typed = (
            not isinstance(value, Enum) and value not in LEVELS and WORDS.search(value) and not PERIOD.fullmatch(value)
        )
        return f"{value} {PACKED}" if typed else value
    if isinstance(value, dict):
        return {key: packed(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        made = [packed(one) for one in value]
        return type(value)(*made) if hasattr(value, "_fields") else type(value)(made)
    if is_dataclass(value) and not isinstance(value, type):
        made = copy.copy(value)
        for field in fields(value):
            object.__setattr__(made, field.name, packed(getattr(value, field.name)))
        return made
    return value


class Outline(HTMLParser):
    """Every element of a page with the names of its attributes, and what each of its addresses begins with."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: Counter[tuple[str, ...]] = Counter()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found[(tag, *sorted(name for name, _ in attrs))] += 1
        for name, value in attrs:
            if name in ("href", "src", "action", "formaction"):
                self.found[(tag, name, re.match(r"\s*[a-z]*:?/*", value or "", re.IGNORECASE)[0])] += 1


def compare(client: Client, paths: list[str], monkeypatch: pytest.MonkeyPatch) -> int:
    """Open every page with all payloads in all it shows, and as it is; return on how many pages they stood."""
    shown, asked = 0, doors.ask
    monkeypatch.setattr(secrets, "token_hex", lambda size: "5" * 2 * size)  # the same exercises both times
    for path in paths:
        with monkeypatch.context() as patch:
            patch.setattr(doors, "ask", lambda name, **given: packed(asked(name, **given)))
            page = client.get(path)
        plain = client.get(path)  # second, for the first look at a matter adds a line to its history
        if page.status_code == 400:  # what the page hands on to another query is refused in words
            assert not any(p.text in page.content.decode() for p in PAYLOADS if p.kind == "markup"), path
            continue
        assert page.status_code == plain.status_code, path
        if plain.status_code != 200 or not plain["Content-Type"].startswith("text/html"):
            continue
        html = page.content.decode()
        more = Outline(html).found - Outline(plain.content.decode()).found  # a drawing leaves out labels without room
        assert not more, (path, more)
        shown += escape(PACKED) in html
    return shown


@pytest.mark.db
@pytest.mark.one_database
def test_every_page_of_the_office_stands_as_it_did_whatever_its_words(
    story: Story,
    reader: Reader,
    world: dict[str, dict[str, str]],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert compare(clients(story, reader)["secrecy"], addresses(world), monkeypatch) > 25


@pytest.mark.db
@pytest.mark.deep
def test_so_does_every_page_of_every_reader(
    story: Story,
    reader: Reader,
    world: dict[str, dict[str, str]],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert sum(compare(c, addresses(world), monkeypatch) for c in clients(story, reader).values()) > 100


UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
MODELS: dict[str, dict[str, type[BaseModel]]] = {
    "acts": {name: act.model for name, act in ACTS.items()},
    "queries": {name: query.model for name, query in QUERIES.items()},
}


@pytest.mark.parametrize("kind", MODELS)
def test_every_text_of_every_parameter_comes_in_as_it_is_or_is_refused_in_words(kind: str) -> None:
    """Before any act or query runs: what no store can keep comes no further, and nothing becomes something else on its way."""
    tried = 0
    for name, model in MODELS[kind].items():
        for field, told in model.model_fields.items():
            if not texts_of(told.annotation):
                continue
            alone = create_model("alone", __config__=model.model_config, **{field: (told.annotation, ...)})
            for payload in PAYLOADS:
                given: Any = {field: with_text(told.annotation, payload.text, None)}
                tried += 1
                try:
                    came = jsonable(validated(alone, given))
                except Invalid as refused:
                    assert UNSTORABLE.search(payload.text) or told.annotation is not str, (name, field, payload)
                    assert all(refused.findings[0].params["fields"].values()), (name, field, payload)
                else:
                    assert came == given and not UNSTORABLE.search(payload.text), (name, field, payload)
    assert tried > 300 * 60


def papers() -> Iterator[tuple[str, str]]:
    """Yield every field of every official paper that takes words."""
    for form in FORMS:
        for field, value in sample(form.name).fields.items():
            if isinstance(value, str) and value:
                yield form.name, field


@pytest.mark.deep
def test_every_field_of_every_official_paper_shows_all_of_them_as_words() -> None:
    kept = [line for line in dict.fromkeys(lines()) if line]
    checked = 0
    for name, field in papers():
        filled = sample(name)
        data = forms.render(replace(filled, fields={**filled.fields, field: "\n".join(kept)}), "docx")
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            shown = squeezed("".join(parse_xml(archive.read("word/document.xml"), DEFAULT).itertext()))
        missing = [line for line in kept if line.isascii() and squeezed(line) not in shown]
        assert missing == [], (name, field, missing)
        checked += 1
    assert checked > 100
