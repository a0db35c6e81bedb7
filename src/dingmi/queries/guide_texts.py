"""正文 of a 保密事项范围: what its newest entry says, and what the law is asked of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from dingmi.base.actor import Actor
from dingmi.base.errors import Finding
from dingmi.queries import guide_impact
from dingmi.queries.guide_impact import READERS
from dingmi.queries.registry import query
from dingmi.records.guides.models import GuideEdition, GuideText
from dingmi.regime import judge
from dingmi.regime.prc_state.guides import GuideTextFacts


@dataclass(frozen=True, slots=True)
class MainText:
    """The main text of one edition as last entered."""

    number: int
    document_no: str
    basis: str
    basic_scope: str
    relations: str
    interpreter: str
    effective_on: date
    issuers: tuple[str, ...]
    signatories: tuple[str, ...]
    domain: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TextPage:
    """The page of a main text: the edition that it belongs to, its newest entry, and what the law advises of it."""

    edition: UUID
    title: str
    name: str
    level: str
    owner: str
    since: date
    text: MainText | None
    findings: tuple[Finding, ...]
    may_enter: bool


def asked(edition: GuideEdition, text: GuideText) -> GuideTextFacts:
    """Return the facts of a main text."""
    return GuideTextFacts(
        title=edition.title,
        basis=bool(text.basis),
        basic_scope=bool(text.basic_scope),
        relations=bool(text.relations),
        interpreter=bool(text.interpreter),
        effective_on=text.effective_on,
        since=edition.since,
        issuers=tuple(text.issuers),
        signatories=tuple(text.signatories),
        is_military=text.domain == "military",
    )


@query("guides.text", roles=READERS, clauses=("GD-7",))
def main_text(*, actor: Actor, now: datetime, edition: UUID) -> TextPage:
    """Return the main text of an edition; an edition without one says so.

    Raises:
        NotFound: There is no such edition, or the reader is not cleared for it.
    """
    found = guide_impact.edition_for(actor, edition, now)
    kept = found.texts.order_by("-number").first()
    findings = judge("prc_state", "guides.enter_text", asked(found, kept), now.date()).findings if kept else ()
    return TextPage(
        edition=found.pk,
        title=found.title,
        name=found.edition,
        level=found.level,
        owner=found.owner,
        since=found.since,
        text=_shown(kept) if kept else None,
        findings=findings,
        may_enter=actor.holds(*guide_impact.KEEPERS),
    )


def _shown(kept: GuideText) -> MainText:
    return MainText(
        number=kept.number,
        document_no=kept.document_no,
        basis=kept.basis,
        basic_scope=kept.basic_scope,
        relations=kept.relations,
        interpreter=kept.interpreter,
        effective_on=kept.effective_on,
        issuers=tuple(kept.issuers),
        signatories=tuple(kept.signatories),
        domain=kept.domain,
        at=kept.at,
    )
