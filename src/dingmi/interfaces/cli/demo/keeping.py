"""What the secrecy office of the demo organ keeps: its table of secrets, the next edition of the guide, a batch for the archive, a bar."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from dingmi.base.errors import Forbidden
from dingmi.interfaces.cli.demo import organ
from dingmi.procedures import archives, guide_changes, guides, notices, radar, recusal
from dingmi.procedures.terms import Upload
from dingmi.queries import archives as waiting
from dingmi.queries import inbox, recusals
from dingmi.queries import radar as cases
from dingmi.queries import register as rows
from dingmi.queries.reading import reading

ZONE = ZoneInfo("Asia/Shanghai")
ARCHIVED_UNTIL = 2018  # papers of these years were also kept by the secrecy office, which archives them
NEXT_EDITION_IN = 20  # days after the end of the story
OFFICERS = ("officer", "officer2", "officer3", "officer4")
LEFT_OPEN = 35  # days before the end of the story in which no case is ruled on
LEFT_UNREAD = 10  # days before the end of the story in which nobody reads what was told
DROPPED = "16"
CHANGED: dict[str, dict[str, Any]] = {
    "9": {"period": "3年"},
    "12": {"item": "供水工业控制系统网络拓扑、账号策略和尚未修复的漏洞情况"},
    "18": {"level": "秘密"},
}
ADDED = {
    "no": "19",
    "item": "供水智能调度模型中反映薄弱环节的训练数据和参数",
    "level": "秘密",
    "period": "5年",
    "matter_code": "SW-MDL",
    "scope": "调度中心和信息中心直接承办人员",
    "examples": ["模型参数", "训练数据"],
}


def _at(day: date, hour: int = 10) -> datetime:
    return datetime.combine(day, time(hour), ZONE)


def next_rows(since: date) -> tuple[dict[str, Any], ...]:
    """Return the rows of the edition to come: a period, a level and a wording changed, one item dropped, one added."""
    rows = organ.guide_rows(f"{since.year}修订", since.isoformat())
    kept = tuple(row | CHANGED.get(row["no"], {}) for row in rows if row["no"] != DROPPED)
    return (*kept, rows[0] | ADDED | {"conditions": [], "exceptions": []})


def steps(end: date) -> Iterator[tuple[datetime, Callable[[datetime], None]]]:
    """Yield what is done when: the table drafted, approved and filed; the next edition announced; a batch archived."""
    table: dict[str, UUID] = {}

    def draft(at: datetime) -> None:
        table["id"] = guides.draft_catalogue(actor=organ.as_account("secrecy", at), now=at).id

    def approve(at: datetime) -> None:
        guides.approve_catalogue(actor=organ.as_account("head", at), now=at, catalogue=table["id"])

    def file(at: datetime) -> None:
        guides.file_catalogue(
            actor=organ.as_account("secrecy", at),
            now=at,
            catalogue=table["id"],
            filed_on=at.date(),
            filed_with="清江市保密局（虚构）",
            receipt=f"清密备〔{at.year}〕6号",
        )

    def announce(at: datetime) -> None:
        office = organ.as_account("secrecy", at)
        made = guides.import_edition(actor=office, now=at, rows=next_rows(end + timedelta(days=NEXT_EDITION_IN)))
        guide_changes.run_impact(actor=office, now=at, edition=made.editions[0])

    for days, step in ((300, draft), (297, approve), (290, file), (25, announce), (12, _archive), (9, _bar)):
        yield _at(end - timedelta(days=days), 16), step


def rule_on_cases(at: datetime) -> None:
    """Rule on the cases of like matters that differ, each by its officer."""
    for user in OFFICERS:
        officer = organ.as_account(user, at)
        for row in cases.page(actor=officer, now=at).rows:
            if row.state == "open" and row.is_mine and row.one.is_content and row.other.is_content:
                reason = "两件所涉设施的敏感期和直接承办人员不同，差别有依据，予以维持。"
                version = cases.case(actor=officer, now=at, case=row.case).version
                radar.rule(
                    actor=officer, now=at, case=row.case, outcome="stands", reason=reason, expected_version=version
                )


def read_notices(at: datetime) -> None:
    """Let everyone take note of what was told, and sign one by one for what the law wants signed for."""
    for user in organ.users():
        try:
            reader = organ.as_account(user, at)
        except Forbidden:  # left the organ
            continue
        if not inbox.inbox(actor=reader, now=at, only="unread").unread:
            continue
        notices.acknowledge_all(actor=reader, now=at, until=at)
        while unsigned := inbox.inbox(actor=reader, now=at, only="unread").notices:
            for notice in unsigned:
                notices.acknowledge(actor=reader, now=at, notice=notice.id)


def _archive(at: datetime) -> None:
    """Hand over the earliest declassified papers, and leave the batch after them in review."""
    office = organ.as_account("secrecy", at)
    pool = waiting.known(office, at, waiting.STATE).filter(state="declassified")
    with reading(office, at):
        early = [g for g in waiting.groups(iter([pool]), at.date()) if g.year <= ARCHIVED_UNTIL]
    for number, group in enumerate(early[:2]):
        place = {"level": group.level, "year": group.year, "department": group.department}
        opened = archives.open_(actor=office, now=at, **place)
        if number == 0:
            _hand_over(opened.batch, at)


def _bar(at: datetime) -> None:
    """Keep one person, who did not decide it, out of the matter in force that changed last (SR-13)."""
    head = organ.as_account("head", at)
    with reading(head, at):
        found = rows.register(actor=head, now=at, state="active").rows
        page = recusals.bars(actor=head, now=at, matter=found[0].matter) if found else None
    if page is None:
        return
    person = next(key for key, name in page.people if name.split()[0] != found[0].officer)
    recusal.bar(
        actor=head,
        now=at,
        matter=page.matter,
        person=UUID(person),
        ground="kin",
        reason="其近亲属在承建单位任职，不宜知悉。",
        expected_version=page.version,
    )


def _hand_over(batch: UUID, at: datetime) -> None:
    office, officer = organ.as_account("secrecy", at), organ.as_account("officer", at)
    page = waiting.batch(actor=office, now=at, batch=batch)
    if not page.may_read_all:
        return
    files = tuple(f.file for f in page.files)
    archives.review(
        actor=officer,
        now=at,
        batch=batch,
        files=files,
        opening="closed",
        reason="满移交期限后再研究开放。",
        expected_version=page.version,
    )
    package = archives.pack(actor=office, now=at, batch=batch, medium="清密载-0217")
    archives.transfer(
        actor=office,
        now=at,
        batch=batch,
        package=Upload(package.filename, package.content),
        archive="清江市档案馆（虚构）",
        receipt_no=f"清档接〔{at.year}〕31号",
        channel="专人传递",
        transferred_on=at.date(),
    )
