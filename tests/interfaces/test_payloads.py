"""Hostile texts in every text parameter of every act and query, and in every field of every form (SR-68).

Whatever is typed, it is refused in words or kept and shown as words: never a fault of the program, never markup. The ordinary run
tries a few in each field, others in each; the deep run many.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from dataclasses import is_dataclass
from datetime import date, datetime
from html.parser import HTMLParser
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.test import Client
from pydantic import BaseModel

from dingmi.base.errors import DingmiError
from dingmi.procedures import ACTS, perform
from dingmi.queries import QUERIES
from tests.interfaces.conftest import Reader
from tests.interfaces.test_every_route import addresses, clients, world  # noqa: F401
from tests.payloads import Payload, some
from tests.states import USERS
from tests.story import Story

pytestmark = [pytest.mark.db]
FEW, MANY = 1, 24
SAFE = {"keep.share_keys", "keep.close_keys"}  # change keys outside the transaction that a test undoes


def texts_of(annotation: Any) -> bool:
    """Tell whether a parameter takes text, alone, in a list, or as a value of an object."""
    if annotation is str:
        return True
    return any(texts_of(part) for part in typing.get_args(annotation))


def value_for(annotation: Any, story: Story) -> Any:
    """Return a plain JSON value of a type, as good as can be known from the type alone."""
    kind, parts = typing.get_origin(annotation), typing.get_args(annotation)
    if kind in (typing.Union, types.UnionType):
        return value_for(parts[0], story)
    if kind is tuple:
        return [value_for(parts[0], story)]
    if kind is dict or annotation is dict:
        return {"a": "1"}
    plain = {str: "词", int: 1, bool: True, float: 1.0, UUID: str(story.home.pk), bytes: ""}
    if annotation in plain:
        return plain[annotation]
    if annotation in (date, datetime):
        return story.now.date().isoformat() if annotation is date else story.now.isoformat()
    if is_dataclass(annotation) and isinstance(annotation, type):
        hints = typing.get_type_hints(annotation)
        return {name: value_for(hint, story) for name, hint in hints.items()}
    return None


def with_text(annotation: Any, text: str, story: Story) -> Any:
    """Return a value of a type in which the payload stands wherever text may."""
    kind, parts = typing.get_origin(annotation), typing.get_args(annotation)
    if kind in (typing.Union, types.UnionType):
        return with_text(next(p for p in parts if texts_of(p)), text, story)
    if kind is tuple:
        return [with_text(parts[0], text, story)]
    return {text: text} if kind is dict else text


def tries(models: dict[str, type[BaseModel]], count: int) -> Iterator[tuple[str, str, Payload]]:
    """Yield every text parameter with some payloads."""
    number = 0
    for name, model in models.items():
        for field, told in model.model_fields.items():
            if texts_of(told.annotation):
                for payload in some(number, count):
                    yield name, field, payload
                number += 1


def act_all(story: Story, count: int) -> int:
    """Try the acts; return how many took the text."""
    taken = 0
    actors = {user: story.actor(user) for user in (*USERS.values(), "sysadmin", "secadmin", "auditor")}
    for name, field, payload in tries({n: a.model for n, a in ACTS.items() if n not in SAFE}, count):
        act = ACTS[name]
        wanted = {n: value_for(f.annotation, story) for n, f in act.model.model_fields.items() if f.is_required()}
        wanted[field] = with_text(act.model.model_fields[field].annotation, payload.text, story)
        user = next((u for u, a in actors.items() if not act.requires or a.holds(*act.requires)), "drafter")
        with transaction.atomic():
            try:
                perform(name, actor=actors[user], now=story.now, params=wanted, key=None)
                taken += 1
            except DingmiError as refused:
                assert refused.findings, (name, field, payload.kind)
            except Exception as fault:  # what else comes is a fault, and is told with its field
                raise AssertionError(f"{name}.{field} with {payload}: {fault!r}") from fault
            finally:
                transaction.set_rollback(True)
    return taken


def ask_all(story: Story, count: int) -> None:
    actors = [story.actor(user) for user in (*USERS.values(), "sysadmin", "secadmin", "auditor")]
    for name, field, payload in tries({n: q.model for n, q in QUERIES.items()}, count):
        query = QUERIES[name]
        wanted = {n: value_for(f.annotation, story) for n, f in query.model.model_fields.items() if f.is_required()}
        wanted[field] = with_text(query.model.model_fields[field].annotation, payload.text, story)
        actor = next((a for a in actors if not query.roles or a.holds(*query.roles)), actors[0])
        try:
            query.run(actor=actor, now=story.now, params=wanted)
        except DingmiError as refused:
            assert refused.findings, (name, field, payload.kind)
        except Exception as fault:
            raise AssertionError(f"{name}.{field} with {payload}: {fault!r}") from fault


def test_every_text_of_every_act_and_query_is_refused_in_words_or_taken(story: Story) -> None:
    assert act_all(story, FEW) > 3
    ask_all(story, FEW)


@pytest.mark.deep
def test_so_are_many_more(story: Story) -> None:
    act_all(story, MANY)
    ask_all(story, MANY)


class Forms(HTMLParser):
    """The forms of a page: where they go, what they hold, and which of their fields take text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str, dict[str, str], list[str]]] = []
        self.inside = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append((given.get("method", "get").lower(), given.get("action", ""), {}, []))
            self.inside = True
        name = given.get("name", "")
        if not self.inside or not name or name in ("password", "csrfmiddlewaretoken"):
            return
        _, _, held, texts = self.found[-1]
        if tag == "textarea" or (tag == "input" and given.get("type", "text") in ("text", "search")):
            texts.append(name)
        elif tag == "input" and given.get("type") not in ("file", "checkbox", "radio"):
            held[name] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "form"


def fill_in(client: Client, path: str, count: int, number: int) -> int:
    """Send payloads in every text field of every form of a page; return the number of the next form."""
    page = client.get(path)
    if page.status_code != 200 or not page["Content-Type"].startswith("text/html"):
        return number
    for method, action, held, texts in Forms(page.content.decode()).found:
        if not texts:
            continue
        number += 1
        for payload in some(number, count):
            text = payload.text.encode("utf-8", "replace").decode()[:3000]
            sent = {**held, **dict.fromkeys(texts, text)}
            to = action or path
            with transaction.atomic():
                client.raise_request_exception = False
                answer = client.post(to, sent) if method == "post" else client.get(to, sent)
                transaction.set_rollback(True)
            assert answer.status_code < 500, (path, to, payload)
            if payload.kind == "markup" and "Content-Type" in answer and answer["Content-Type"].startswith("text/html"):
                assert text not in answer.content.decode(), (path, to, payload)
    return number


def fill_in_all(story: Story, reader: Reader, places: dict[str, dict[str, str]], count: int) -> int:
    forms = 0
    for client in clients(story, reader).values():
        for path in addresses(places):
            forms = fill_in(client, path, count, forms)
    return forms


@pytest.mark.one_database
def test_every_form_of_every_page_shows_what_was_typed_as_words(
    story: Story,
    reader: Reader,
    world: dict[str, dict[str, str]],  # noqa: F811
) -> None:
    readers = clients(story, reader)
    assert sum(fill_in(readers["secrecy"], path, FEW, n) > n for n, path in enumerate(addresses(world))) > 10


@pytest.mark.deep
def test_so_for_every_reader(story: Story, reader: Reader, world: dict[str, dict[str, str]]) -> None:  # noqa: F811
    assert fill_in_all(story, reader, world, 6) > 100
