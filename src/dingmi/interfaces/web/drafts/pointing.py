"""密点 and sources on the pages of a draft: what a press marks, changes, takes from the evidence or names."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from dingmi.base.errors import Invalid
from dingmi.interfaces.web import door
from dingmi.queries.terms import Answers, ReuseAnswer, SourceIn

VERBS = ("mark", "line", "point-change", "point-remove", "take")


def uuid(text: str) -> UUID:
    """Return the id that a button names.

    Raises:
        Invalid: It is none.
    """
    try:
        return UUID(text)
    except ValueError:
        raise Invalid("input.invalid", (), fields={"do": "uuid_parsing"}) from None


def press(request: Any, page: Any, do: str) -> None:
    """Perform the press ``do`` on the points of a draft."""
    verb, _, rest = do.partition(":")
    base = {"matter": page.matter, "expected_version": door.integer(request, "version")}
    if verb == "take":
        door.act(request, "points.take", base)
    elif verb == "point-remove":
        door.act(request, "points.remove", {**base, "point": uuid(rest)})
    elif verb == "point-change":
        old = next((p for p in page.points if str(p.id) == rest), None)
        level = request.POST.get(f"level:{rest}", "") or (old.level if old else "")
        tail = request.POST.get(f"tail:{rest}", "").strip() or (old.tail if old else "")
        door.act(request, "points.change", {**base, "point": uuid(rest), "level": level, "tail": tail})
    elif verb == "line":
        line = next((p for p in page.paragraphs if str(p.number) == rest), None)
        start, end = (line.start, line.end) if line else (0, 0)
        door.act(request, "points.mark", {**base, "start": start, "end": end, **_basis(request, page)})
    else:
        door.act(request, "points.mark", {**base, **span(request), **_basis(request, page)})


def span(request: Any) -> dict[str, int]:
    """Return the stretch that a form names as ``start-end``, both ends in characters of the text.

    Raises:
        Invalid: ``comment.no_stretch``: nothing is chosen.
    """
    left, _, right = request.POST.get("span", "").partition("-")
    if not (left.isascii() and left.isdigit() and right.isascii() and right.isdigit() and len(left + right) < 18):
        raise Invalid("comment.no_stretch", (), fields={"span": "comment.no_stretch"})
    return {"start": int(left), "end": int(right)}


def _basis(request: Any, page: Any) -> dict[str, Any]:
    """Return level, tail and basis of a point: as chosen, else those of the adopted item or of the only source."""
    kind, _, ref = request.POST.get("basis", "").partition(":")
    source = next((s for s in page.sources if s.source and (str(s.source) == ref or not ref)), None)
    item = next((c for c in (page.item, *page.candidates) if c is not None and (str(c.item) == ref or not ref)), None)
    by_source = kind == "source" or (not kind and page.item is None and source is not None)
    basis = source if by_source else item if kind == "item" or page.item is not None else None
    level = request.POST.get("level", "") or (basis.level if basis else "")
    tail = request.POST.get("tail", "").strip() or (basis.tail if basis else "")
    ids = {"source" if by_source else "item": str(basis.source if by_source else basis.item)} if basis else {}
    return {"level": level, "tail": tail, **ids}


def named(request: Any, page: Any, do: str) -> Answers | None:
    """Return the answers with a source added or taken away; nothing when ``do`` is about none."""
    answers: Answers = page.answers
    verb, _, rest = do.partition(":")
    if verb == "outside":
        return replace(answers, outside=(*answers.outside, _outside(request)), confirmed=_open(answers))
    if verb == "outside-drop" and rest.isdigit():
        kept = tuple(s for place, s in enumerate(answers.outside) if place != int(rest))
        return replace(answers, outside=kept, confirmed=_open(answers))
    if verb == "own":
        added = door.ask(request, "draft.find_source", {"number": request.POST.get("own_number", "").strip()})
        reuse = (*(r for r in answers.reuse if r.source != added.source), ReuseAnswer(added.source, True))
        return replace(answers, reuse=reuse, confirmed=_open(answers))
    if verb == "trigger" and rest in ("identical", "point", "rework", "originator_rule", ""):
        return replace(answers, trigger=rest)
    return None


def _open(answers: Answers) -> tuple[str, ...]:
    return tuple(c for c in answers.confirmed if c != "reuse")


def _outside(request: Any) -> SourceIn:
    """Return the received paper that the form describes.

    Raises:
        Invalid: Something is missing; every field at once.
    """
    given = {name: request.POST.get(f"out_{name}", "").strip() for name in ("number", "originator", "level", "tail")}
    faults = {f"out_{name}": "text.missing" for name, value in given.items() if not value}
    issued = request.POST.get("out_issued_on", "").strip()
    try:
        day = date.fromisoformat(issued)
    except ValueError:
        faults["out_issued_on"] = "text.missing" if not issued else "date.malformed"
    if faults:
        raise Invalid("source.incomplete", (), fields=faults)
    return SourceIn(None, given["number"], given["originator"], given["level"], given["tail"], day, False)
