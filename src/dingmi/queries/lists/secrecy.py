"""The secrecy file as lists: all papers in force, those that ended, and each part as a register with columns of its own."""

from __future__ import annotations

from django.utils.translation import gettext_noop as n_

from dingmi.queries.lists import words
from dingmi.queries.lists.model import Column, Listing, Word
from dingmi.queries.secrecy_file import APPROVED
from dingmi.regime.secrecy_file import Detail, Part, parts

FILE = (
    Column(n_("类别"), "part", words=words.FILE_PART),
    Column(n_("文件名称"), "title"),
    Column(n_("文号"), "number"),
    Column(n_("内容摘要"), "summary"),
    Column(n_("施行日期"), "since", "day"),
)
APPROVAL = Column(n_("批准"), "approval", words=words.APPROVAL)
REVIEW = (
    Column(n_("最近复核"), "reviewed_on", "day"),
    Column(n_("复核期限"), "review_by", "day"),
    Column(n_("状态"), "state", words=words.FILE_STATE),
)


def _column(detail: Detail) -> Column:
    """Return the column of one detail; a choice is said in words."""
    if detail.kind == "choice":
        return Column(detail.word, lambda p: p.details.get(detail.code, ""), words={c: Word(c) for c in detail.choices})
    return Column(detail.word, lambda p: p.details.get(detail.code), detail.kind)


def _register(part: Part) -> Listing:
    """Return one part as a register: what every paper has, with what the clauses of the part name between."""
    return Listing(
        words.FILE_PART[part.code].text,
        "secrecy_file",
        lambda answer: (p for p in answer.rows if p.part == part.code),
        (*FILE[1:3], *map(_column, part.columns), *FILE[3:], *((APPROVAL,) if part.code in APPROVED else ()), *REVIEW),
        empty=n_("这一类还没有文件"),
    )


REGISTERS = {f"secrecy_file.{code}": _register(part) for code, part in parts().items()}
SECRECY = {
    "secrecy_file": Listing(
        n_("保密档案"),
        "secrecy_file",
        "rows",
        (*FILE, APPROVAL, *REVIEW),
        empty=n_("保密档案还没有文件"),
        hint=n_("归入规章制度、组织机构、人员管理、应急预案等文件和登记，到期前提醒复核。"),
    ),
    "secrecy_file.ended": Listing(
        n_("已停用的保密档案"),
        "secrecy_file",
        "ended",
        (*FILE, Column(n_("停用日期"), "ended_on", "day"), Column(n_("说明"), "ended_words")),
    ),
    **REGISTERS,
}
