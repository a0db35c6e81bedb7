"""P13 密级鉴定，产生单位一方：a request is registered, three questions are answered from the records, a dossier goes out."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Invalid, NotFound, Refused, Unavailable
from dingmi.engines import documents
from dingmi.engines.documents import forms
from dingmi.procedures import appraisal_course as limits
from dingmi.procedures import evidence, paper, shelf
from dingmi.procedures.determination import REASON_LIMIT
from dingmi.procedures.frame import procedure
from dingmi.procedures.terms import Delivered
from dingmi.queries import access, appraisal, appraisal_course, content, contested, facts, opinions, proof
from dingmi.queries import forms as sources
from dingmi.queries.terms import Upload
from dingmi.records.ledger.append import append
from dingmi.records.ledger.tree import sm3
from dingmi.records.matters.disputes import Appraisal
from dingmi.records.matters.models import Matter, MatterFile
from dingmi.records.vault import store
from dingmi.regime.prc_state.appraisal import MATERIALS

NOT_SECRET = contested.NOT_SECRET


@dataclass(frozen=True)
class Asked:
    """A request for appraisal is registered: who decides, and what the file that came along is."""

    appraisal: UUID
    route: str
    file_matches: str


@dataclass(frozen=True)
class Answered:
    """The three questions are answered and signed."""

    appraisal: UUID
    digest: str


@procedure(
    "appraisal.receive",
    requires=(Role.OFFICER, Role.HEAD, Role.SECRECY_OFFICE),
    clauses=("JD-5.1", "JD-8", "TL-63.1", "JD-14", "JD-s1"),
)
def receive(
    *,
    actor: Actor,
    now: datetime,
    matter: UUID,
    applicant: str,
    applicant_kind: str,
    applicant_rank: str,
    document_no: str,
    received_on: date,
    reply_by: date | None = None,
    lacking: tuple[str, ...] = (),
    upload: Upload | None = None,
    prepared: dict[str, str],
) -> Asked:
    """Register the letter of a case organ that asks about a matter; a file sent along is compared, and not kept. 登记鉴定函询。

    Args:
        applicant_kind: ``discipline``, ``investigation``, ``prosecution`` or ``trial``.
        applicant_rank: ``central`` or ``local``.
        lacking: What did not come along (``letter``, ``material``, ``explanation``, or the ``translation`` of a foreign
            text); the reply is due from when it is complete.
        upload: A document of a kind that is accepted as a draft; what else a letter brings stays with the letter.
    """
    row = access.matter_for(actor, now, matter)  # load
    name = paper.line(applicant, "applicant", 120, required=True)
    number = paper.line(document_no, "document_no", 80)
    if received_on > now.date():
        raise Invalid("date.in_future", (), fields={"received_on": "date.in_future"})
    if len(set(lacking)) != len(lacking) or not set(lacking) <= set(MATERIALS):
        raise Invalid("input.invalid", (), fields={"lacking": "choice.unknown"})
    verdict = contested.judge_applicant(applicant_kind, applicant_rank, number, lacking, now)  # gather, judge
    facts.require(verdict)
    matches = _compared(row, prepared["digest"])
    kept = Appraisal.objects.create(  # write
        matter=row,
        applicant=name,
        applicant_kind=applicant_kind,
        applicant_rank=applicant_rank,
        route=str(verdict.values["appraisal_route"]),
        document_no=number,
        received_on=received_on,
        lacking=list(lacking),
        reply_by=reply_by,
        file_digest=prepared["digest"],
        file_matches=matches,
        received_by_id=UUID(actor.person_id),
        created_at=now,
    )
    if not lacking:
        limits.owe_reply(kept, row.pk, received_on)
    append(  # prove
        actor,
        "appraisal.receive",
        subject=("matter", row.pk),
        at=now,
        data={
            "appraisal": kept.pk,
            "route": kept.route,
            "file": kept.file_digest,
            "matches": matches,
            "lacking": list(lacking),
        },
        verdict=verdict,
        rows=[kept],
    )
    people = [p for p in (row.drafter_id, row.officer_id) if p]
    shelf.tell(people, "appraisal.asked", row, now, reply_by=reply_by.isoformat() if reply_by else "—")  # tell
    shelf.tell([p for p in opinions.preparers(row, now) if str(p) != actor.person_id], "opinion.wanted", row, now)
    return Asked(kept.pk, kept.route, matches)


@receive.prepare
def _recognised(*, upload: Upload | None = None, **_: Any) -> dict[str, str]:
    """Return the digest of a file, before the transaction; a child looks whether it is a document at all.

    Raises:
        Invalid: ``file.*``.
    """
    if upload is None:
        return {"digest": ""}
    documents.recognise(upload.content, upload.filename)
    return {"digest": sm3(upload.content).hex()}


def _compared(row: Matter, digest: str) -> str:
    """Say which file of a matter the given one is, byte for byte; ``unknown`` when it is none of them."""
    if not digest:
        return "none"
    files = MatterFile.objects.filter(matter=row, role__in=("original", "marked")).select_related("stored")
    return next((str(f.role) for f in files if sm3(store.get(f.stored)).hex() == digest), "unknown")


def _open(appraisal_id: UUID) -> Appraisal:
    found = Appraisal.objects.select_for_update().filter(pk=appraisal_id).first()
    if not isinstance(found, Appraisal) or found.matter_id is None:
        raise NotFound("object.not_found")
    return found


@procedure("appraisal.answer", requires=(Role.OFFICER, Role.HEAD), step_up=True, clauses=("JD-14",), replay=False)
def answer(
    *, actor: Actor, now: datetime, appraisal_id: UUID, should_be: str, opinion: str, expected_version: int
) -> Answered:
    """Answer the three questions: the first two from the records as they stand, the third as the officer finds. 答复三问。

    Args:
        should_be: What the matter should be now: a level, or ``not_secret``.
        opinion: Why, by which item or ground.
    """
    asked = _open(appraisal_id)  # load
    row = shelf.lock(actor, now, asked.matter_id or asked.pk, expected_version)
    if asked.answered_at is not None:
        raise Refused("appraisal.answered", ("JD-14",))
    if should_be not in appraisal_course.ANSWERS:
        raise Invalid("input.invalid", (), fields={"should_be": "appraisal.no_answer"})
    paper.block_of_text(opinion, "opinion", REASON_LIMIT, required=True)
    said = _words(asked, appraisal.three(row), should_be, opinion)  # gather
    text, digest = shelf.sealed_payload({"act": "appraisal.answer", "appraisal": str(asked.pk), **said})
    asked.answered_by_id, asked.answered_at, asked.should_be = UUID(actor.person_id), now, should_be  # write
    asked.level, asked.digest = row.level, digest
    asked.payload_ct = content.sealed(asked, "payload_ct", row.level, text)
    asked.save()
    limits.limits(asked, appraisal_course.REPLY).update(done_at=now)
    append(  # prove
        actor,
        "appraisal.answer",
        subject=("matter", row.pk),
        at=now,
        data={"appraisal": asked.pk, "digest": digest, "should_be": should_be},
        rows=[asked],
    )
    shelf.tell([asked.received_by_id], "appraisal.answered_notice", row, now)  # tell
    return Answered(asked.pk, digest)


FILES = {
    "original": "送鉴文件与本单位留存的原件逐字节一致。",
    "marked": "送鉴文件与本单位加注标志的文件逐字节一致。",
    "unknown": "送鉴文件与本单位留存的任何文件都不一致，须进一步核对真伪。",
    "none": "来函未附文件，未作比对。",
}


def _words(asked: Appraisal, found: appraisal.Three, should_be: str, opinion: str) -> dict[str, Any]:
    """Return the three answers in words, from records; with every decision and its place in the ledger."""
    ours = "系本单位产生" if found.is_ours else f"不是本单位产生，产生单位为{found.originator}"
    lines = [
        f"{made.on:%Y-%m-%d} {made.title}{f'（{made.mark}）' if made.mark else ''}"
        f"{f'，依据{made.basis}' if made.basis else ''}"
        f"{f'，存证 № {made.place}' if made.place is not None else ''}"
        for made in found.decisions
    ]
    procedure_words = "；".join(lines) + "。" if lines else "没有作出过定密、变更或者解密的决定。"
    level = "不属于国家秘密" if should_be == NOT_SECRET else f"属于国家秘密，{should_be}级"
    return {
        "genuine": f"{ours}。{FILES[asked.file_matches or 'none']}",
        "procedure": procedure_words,
        "should_be": should_be,
        "should_be_words": f"{level}。{opinion}",
        "opinion": opinion,
        "state": found.state,
        "by_procedure": found.by_procedure,
        "breaches": list(found.breaches),
        "contents": "封面；三问答复；全部决定与账本存证（可用独立程序核验）。",
        "decisions": [
            {"on": made.on.isoformat(), "act": made.act, "mark": made.mark, "place": made.place, "digest": made.digest}
            for made in found.decisions
        ],
    }


@procedure("appraisal.export", requires=(Role.OFFICER, Role.HEAD), step_up=True, clauses=("JD-14", "BMF-53", "JD-6"))
def export(*, actor: Actor, now: datetime, appraisal_id: UUID, prepared: dict[str, Any]) -> Delivered:
    """Hand out the dossier: cover ready to sign, the answers as signed, and the record with its proofs. 导出卷宗。"""
    row: Matter = prepared["row"]
    made: bytes = prepared["content"]
    append(
        actor,
        "appraisal.export",
        subject=("matter", row.pk),
        at=now,
        data={"appraisal": appraisal_id, "sm3": sm3(made).hex(), "size": len(made), "level": row.level},
    )
    return Delivered(f"密级鉴定卷宗-{row.register_no or str(row.pk)[:8]}.zip", made, "zip")


@export.prepare
def _dossier(*, actor: Actor, now: datetime, appraisal_id: UUID) -> dict[str, Any]:
    """Pack the dossier; what it proves is the log as it stands now.

    Raises:
        NotFound: There is no such request, or the reader may not know of its matter.
        Refused: ``appraisal.unanswered``.
    """
    asked = Appraisal.objects.filter(pk=appraisal_id).first()
    if asked is None or asked.matter_id is None:
        raise NotFound("object.not_found")
    row = access.matter_for(actor, now, asked.matter_id)
    if asked.answered_at is None:
        raise Refused("appraisal.unanswered", ("JD-14",))
    head = evidence.sign_log(now)
    if head is None:
        raise Unavailable("ledger.empty")
    sheet = sources.filled(actor, now, "appraisal", asked.pk)
    printing = forms.Printing(by=actor.name, at=f"{now:%Y-%m-%d %H:%M}", copy=sources.prints(sheet) + 1)
    parts = {
        "封面.pdf": forms.render(sheet.filled, "pdf", printing),
        "封面.docx": forms.render(sheet.filled, "docx", printing),
        "三问答复.json": content.opened(asked, "payload_ct", asked.level).encode(),
        "存证.zip": proof.package(row, head),
    }
    lines = [f"{name}\tSM3 {sm3(data).hex()}" for name, data in parts.items()]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
        archive.writestr("目录.txt", "\n".join([*lines, f"答复摘要\tSM3 {asked.digest}"]))
    return {"row": row, "content": out.getvalue()}
