"""建议引擎的学习: public texts and refused passages become counts of hashed runs, part by part; the ledger holds each digest."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, Max, OuterRef, Q, Subquery

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Conflict, Invalid, NotFound, Refused
from dingmi.engines.suggest import Boilerplate, find_marks
from dingmi.procedures import following, paper, ranking, shelf, sweep
from dingmi.procedures.frame import procedure
from dingmi.queries import boilerplate, content
from dingmi.queries.ranking import suggested_of, suggestion_behind
from dingmi.queries.suggested import passages
from dingmi.queries.terms import BOILERPLATE, Upload
from dingmi.records.ledger.append import append
from dingmi.records.ledger.coded import keyed_digest
from dingmi.records.matters.assist import BlindShare, LearntPart, LearntText, Outcome
from dingmi.records.matters.life import DisclosureReview
from dingmi.records.matters.models import Decision, Matter

FOLLOW = "assist.follow"
LEAST = 100  # characters: a shorter text teaches nothing about the language of papers
DECIDED = ("determination.approve", "determination.change_and_approve", "determination.not_secret")
BLIND_MOST = 20  # of a hundred drafts


@dataclass(frozen=True, slots=True)
class Learnt:
    """One part of the model: its number, how many texts and runs it holds, and the digest in the ledger."""

    part: UUID
    number: int
    texts: int
    grams: int
    digest: str


@dataclass(frozen=True, slots=True)
class Followed:
    """How many published texts, refused passages and decisions were taken in, orders learnt, and whether more are due."""

    published: int
    corrections: int
    outcomes: int
    rankings: int
    more: bool


@procedure("assist.learn", requires=(Role.SECRECY_OFFICE,), step_up=True)
def learn(*, actor: Actor, now: datetime, upload: Upload, title: str = "", prepared: dict[str, Any]) -> Learnt:
    """Add a public text to what the suggestions take for common language; of the text only hashed counts are kept. 学习公开文本。

    Args:
        title: What the text is called; by default the name of its file.
    Raises:
        Refused: It carries a mark, or it was learnt before.
    """
    sweep.alone()
    text, name = prepared["text"], prepared["title"]
    code = _code(text)
    if LearntText.objects.filter(code=code, part__ended_at__isnull=True, part__kind="public").exists():
        raise Refused("assist.learnt_before", ())
    part = _write(prepared["model"], "public", shelf.INTERNAL, 1, now, by=UUID(actor.person_id))
    LearntText.objects.create(part=part, name=name, code=code)
    return _told(actor, "assist.learn", part, now)


@learn.prepare
def _read_public(*, actor: Actor, now: datetime, upload: Upload, title: str = "") -> dict[str, Any]:
    """Read the file, and refuse what is no public text."""
    name = paper.line(title, "title", shelf.TITLE_LIMIT)
    read = paper.read(upload)
    if len("".join(read.text.split())) < LEAST:
        raise Invalid("assist.too_short", (), fields={"upload": "assist.too_short"}, least=LEAST)
    marks = [mark for mark in find_marks(read.text, ()) if mark.place == "head" and mark.level]
    if marks:
        raise Refused("assist.carries_mark", ("BMF-35",), mark=marks[0].text)
    model = Boilerplate()
    model.learn(read.text)
    return {"text": read.text, "title": name or read.filename, "model": model}


@procedure("assist.forget", requires=(Role.SECRECY_OFFICE,), step_up=True)
def forget(*, actor: Actor, now: datetime, part: UUID, reason: str) -> Learnt:
    """Take one part out of the model: suggestions no longer rest on it. 撤出模型。

    Raises:
        NotFound: There is no such part.
        Conflict: It was taken out before.
    """
    words = paper.line(reason, "reason", 200, required=True)
    row = LearntPart.objects.select_for_update().filter(pk=part).first()
    if not isinstance(row, LearntPart):
        raise NotFound("assist.no_part", ())
    if row.ended_at is not None:
        raise Conflict("assist.ended", (), number=row.number)
    row.ended_at, row.ended_because = now, words
    row.save()
    return _told(actor, "assist.forget", row, now)


@dataclass(frozen=True, slots=True)
class Blinded:
    """For how many of a hundred new drafts the items are withheld from now on."""

    per_cent: int


@procedure("assist.blind", requires=(Role.SECRECY_OFFICE,))
def blind(*, actor: Actor, now: datetime, per_cent: int) -> Blinded:
    """Set for how many of a hundred new drafts the items are withheld, to see whether suggestions sway people. 设置盲测比例。"""
    if not 0 <= per_cent <= BLIND_MOST:
        raise Invalid("input.invalid", (), fields={"per_cent": "number.range"})
    row = BlindShare(per_cent=per_cent, by_id=UUID(actor.person_id), at=now)
    row.save()
    append(actor, "assist.blind", subject=("blind_share", row.pk), at=now, data={"per_cent": per_cent}, rows=[row])
    return Blinded(per_cent)


@procedure(FOLLOW, requires=(Role.CLOCK,))
def follow(*, actor: Actor, now: datetime, today: date) -> Followed:
    """Learn what was published, and the passages that a drafter put away as boilerplate and an officer approved. 跟进学习。"""
    sweep.alone()
    published = _published(actor, now)
    batch, more = following.new_decisions(FOLLOW, now, *DECIDED)
    corrections = outcomes = 0
    for decision in batch:
        corrections += sum(_silence(actor, now, source, spans, decision.matter) for source, spans in _refused(decision))
        outcomes += _came_of(decision)
    following.followed(FOLLOW, batch)
    trained = ranking.retrain(actor, FOLLOW, now) if outcomes else 0
    data = {
        "today": today,
        "published": published,
        "corrections": corrections,
        "outcomes": outcomes,
        "ranking": trained,
    }
    append(actor, FOLLOW, subject=("sweep", FOLLOW), at=now, data=data)
    return Followed(published, corrections, outcomes, int(trained > 0), more or published >= sweep.BATCH)


def _published(actor: Actor, now: datetime) -> int:
    """Learn published matters, but for those of which a part alone was made public."""
    latest = DisclosureReview.objects.filter(matter=OuterRef("pk"), approved_at__isnull=False)
    outcome = Subquery(latest.order_by("-approved_at", "-pk").values("outcome")[:1])
    held = LearntText.objects.filter(matter=OuterRef("pk"), part__kind="public")
    rows = Matter.objects.filter(~Exists(held), published_at__isnull=False, published_at__lte=now)
    rows = rows.annotate(outcome=outcome).filter(Q(outcome="publish") | Q(outcome__isnull=True))
    model, learnt = Boilerplate(), []
    for row in rows.order_by("published_at", "pk")[: sweep.BATCH]:
        text, _ = content.body(row)
        model.learn(text)
        learnt.append((row, _code(text)))
    if learnt:
        part = _write(model, "public", shelf.INTERNAL, len(learnt), now)
        LearntText.objects.bulk_create([LearntText(part=part, matter=row, code=code) for row, code in learnt])
        _told(actor, FOLLOW, part, now)
    return len(learnt)


def _answers(decision: Decision) -> list[dict[str, Any]]:
    """Return what the approved proposal said of each source."""
    proposal = decision.proposal
    if proposal is None:
        return []
    return list(json.loads(content.opened(proposal, "payload_ct", proposal.level)).get("reuse", ()))


def _refused(decision: Decision) -> Iterator[tuple[UUID, tuple[tuple[int, int], ...]]]:
    """Yield each source that the approved proposal put away as boilerplate, with the stretches of it that were found."""
    answers = _answers(decision)
    sources = {r["source"] for r in answers if not r["confirmed"] and r.get("reason") == BOILERPLATE}
    for passage in passages(suggestion_behind(decision)[1]) if sources else ():
        if passage.source in sources:
            yield UUID(passage.source), passage.source_spans


def _came_of(decision: Decision) -> bool:
    """Keep what became of the suggestion behind a decision on an original proposal; tell whether there was one."""
    engine, payload = suggestion_behind(decision)
    if not engine or decision.proposal is None or decision.proposal.act != "determination.propose":
        return False
    suggested = [c["item"] for c in suggested_of(payload)]
    item = None if decision.act == "determination.not_secret" else decision.matter.item_id
    Outcome.objects.create(
        decision=decision,
        matter_id=decision.matter_id,
        engine=engine,
        suggested=suggested,
        item_id=item,
        place=suggested.index(str(item)) + 1 if str(item) in suggested else 0,
        is_blind="withheld" in payload,
        is_changed=decision.act != "determination.approve",
        refused=[[r["source"], r.get("reason", "")] for r in _answers(decision) if not r["confirmed"]],
        ranked=ranking.places(payload, str(item)),
        at=decision.at,
    )
    return True


def _silence(actor: Actor, now: datetime, source: UUID, spans: tuple[tuple[int, int], ...], matter: Matter) -> int:
    """Make a part of the passages of one source, under the key of its level."""
    row = Matter.objects.get(pk=source)
    text, _ = content.body(row)
    words = [text[start:end] for start, end in spans if text[start:end].strip()]
    if not words:
        return 0
    model = Boilerplate()
    for passage in words:
        model.silence(passage)
    part = _write(model, "correction", row.level, len(words), now, source=source)
    LearntText.objects.create(part=part, matter=matter, code=_code("".join(words)))
    _told(actor, FOLLOW, part, now)
    return len(words)


def _code(text: str) -> str:
    """Return what tells whether two texts have the same words: a keyed digest without blanks."""
    return keyed_digest("".join(text.split()))


def _write(
    model: Boilerplate,
    kind: str,
    level: str,
    texts: int,
    now: datetime,
    *,
    by: UUID | None = None,
    source: UUID | None = None,
) -> LearntPart:
    number = (LearntPart.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    part = LearntPart(number=number, kind=kind, level=level, texts=texts, grams=model.grams, by_id=by, at=now)
    part.source_id = source
    text, part.digest = boilerplate.packed(model)
    part.counts_ct = content.sealed(part, "counts_ct", level, text)
    part.save()
    return part


def _told(actor: Actor, act: str, part: LearntPart, now: datetime) -> Learnt:
    """Sign a part into the ledger."""
    data = {"number": part.number, "kind": part.kind, "texts": part.texts, "digest": part.digest}
    append(actor, act, subject=("learnt_part", part.pk), at=now, data=data, rows=[part])
    return Learnt(part.pk, part.number, part.texts, part.grams, part.digest)
