"""履职情况说明 signed by the officer it is about: a sheet from the records, proved by its digest in the ledger (S10)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Invalid
from dingmi.engines.documents import forms
from dingmi.procedures import paper
from dingmi.procedures.frame import procedure
from dingmi.procedures.terms import Delivered
from dingmi.queries.forms.officers import FORM, fill
from dingmi.records.ledger.append import append
from dingmi.records.ledger.checkpoint import signature_for


@procedure("officers.sign_statement", requires=Role.OFFICER, step_up=True, clauses=("TL-15.1", "SEED-7"))
def sign_statement(
    *, actor: Actor, now: datetime, words: str, kind: str = "pdf", prepared: dict[str, Any]
) -> Delivered:
    """Sign a statement of one's own authority, training, work and open duties as the records have them. 签署履职情况说明。

    Args:
        words: What the officer says of it.
        kind: ``pdf`` or ``docx``.
    Raises:
        NotFound: The actor is no officer of this organ.
    """
    digest: str = prepared["digest"]
    data = {"form": FORM, "kind": kind, "digest": digest}
    data |= {"signature": signature_for(actor.person_id, digest).hex()}
    append(actor, "officers.sign_statement", subject=("person", UUID(actor.person_id)), at=now, data=data)
    return Delivered(f"{prepared['name']}.{kind}", prepared["content"], kind)


@sign_statement.prepare
def _painted(*, actor: Actor, now: datetime, words: str, kind: str = "pdf") -> dict[str, Any]:
    """Fill and paint the statement; its digest is that of the sheet."""
    if kind not in forms.KINDS:
        raise Invalid("input.invalid", (), fields={"kind": "enum"})
    paper.block_of_text(words, "words", 400, required=True)
    sheet = fill(actor, now, UUID(actor.person_id), words.strip())
    digest = sheet.filled.sheet_sm3
    printing = forms.Printing(by=str(sheet.filled.fields["name"]), at=f"{now:%Y-%m-%d %H:%M}")
    label = {"form": sheet.filled.form, "case": str(sheet.case), "matter": "", "level": ""}
    content = forms.render(replace(sheet.filled, digest=digest), kind, printing, label)
    return {"digest": digest, "content": content, "name": sheet.name}
