"""The demo company: a fictitious maker of equipment whose department heads grade its trade secrets, by acts only (SEED-25)."""

from __future__ import annotations

import io
import tomllib
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from docx import Document

from dingmi.base.actor import Actor
from dingmi.interfaces.cli.demo.organ import grant
from dingmi.procedures import daily, grading, grading_life, keep, opening, personnel
from dingmi.procedures.passwords import fresh
from dingmi.procedures.terms import Scope, Upload
from dingmi.queries import access, clock
from dingmi.queries.grades import GradeTerms

ZONE = ZoneInfo("Asia/Shanghai")
SEED, FILL_SEED = 11, 1_000_019
FOUNDED = ("head", "secrecy", "sysadmin", "secadmin", "auditor")


@cache
def plan() -> dict[str, Any]:
    """Return the description of the company."""
    return tomllib.loads(files(__package__).joinpath("company.toml").read_text(encoding="utf-8"))


def as_account(username: str, at: datetime) -> Actor:
    """Return the actor of an account at a simulated instant, with the password given."""
    return replace(access.actor_for_account(username, at), stepped_up=True)


def found_company() -> list[str]:
    """Found the company at its simulated time; return a line for each account with its password."""
    with clock.simulated(SEED):
        return _found(plan()["founded_at"])


def _found(at: datetime) -> list[str]:
    company = plan()["company"]
    made = keep.found(actor=access.anonymous("demo"), now=at, **company)
    passwords = dict(made.passwords)
    departments = {
        name: personnel.enter_department(actor=as_account("sysadmin", at), now=at, name=name, order=order).id
        for order, name in enumerate(plan()["departments"])
    }
    lines = [f"{user:<10} {passwords[user]}" for user in FOUNDED]
    for number, person in enumerate(plan()["people"], start=10):
        admin, user = as_account("sysadmin", at), person["user"]
        row = personnel.enter_person(
            actor=admin,
            now=at,
            name=person["name"],
            staff_no=f"{number:04}",
            department=departments[person["department"]],
            post=person["post"],
        )
        password = fresh(user)
        made_account = opening.create_account(actor=admin, now=at, person=row.id, username=user, password=password)
        opening.confirm_account(actor=as_account("secadmin", at), now=at, account=made_account.account)
        grant(made_account.account, "drafter", at)
        lines.append(f"{user:<10} {password:<24} {person['name']} {person['post']}")
        if person.get("approves"):
            grading_life.appoint(
                actor=as_account("head", at),
                now=at,
                person=row.id,
                regime="trade_secret",
                max_level=person["approves"],
                instrument=f"启明装备保〔{at.year}〕{number}号",
            )
    return lines


def _docx(title: str, text: str) -> bytes:
    made, out = Document(), io.BytesIO()
    made.add_heading(title, level=1)
    for line in text.strip().splitlines():
        made.add_paragraph(line.strip())
    made.core_properties.author = ""
    made.save(out)
    return out.getvalue()


def _scope(users: list[str], at: datetime) -> Scope:
    return Scope(persons=tuple(UUID(access.actor_for_account(u, at).person_id) for u in users))


def _terms(row: dict[str, Any], at: datetime) -> GradeTerms:
    days = row.get("provisional_days")
    return GradeTerms(
        level=row["level"],
        tail=row["tail"],
        scope=_scope(row["scope"], at),
        basis=row["basis"],
        harm=row["harm"],
        reasons=row.get("reasons", ""),
        is_state_item=False,
        provisional_until=at.date() + timedelta(days=days) if days else None,
    )


def _one(row: dict[str, Any], end: date, counts: Counter[str]) -> None:
    """Take one matter from its proposal to the state that the plan names."""
    at = datetime.combine(end - timedelta(days=row["days_ago"]), time(9, 30), ZONE)
    terms, stop = _terms(row, at), row["state"]
    made = grading.propose(
        actor=as_account(row["drafter"], at),
        now=at,
        regime="trade_secret",
        title=row["title"],
        terms=terms,
        upload=Upload(f"{row['title']}.docx", _docx(row["title"], row["text"])),
    )
    counts[stop] += 1
    if stop == "pending":
        return
    at += timedelta(hours=3)
    target = {"now": at, "matter": made.matter, "expected_version": made.version}
    chief = as_account(row["approver"], at)
    if stop == "returned":
        grading.return_(actor=chief, text="知悉范围过宽，请限定到项目组成员。", **target)
        return
    done = grading.approve(actor=chief, opinion="同意。", **target)
    version = done.version
    if stop != "unfiled":
        at += timedelta(hours=2)
        filed = grading.file(actor=as_account("secrecy", at), now=at, matter=made.matter, expected_version=version)
        version = filed.version
    at += timedelta(hours=1)
    target = {"now": at, "matter": made.matter, "expected_version": version}
    if stop == "change":
        lower = replace(terms, level="普通商密", tail="2年", reasons="产品已量产，竞争优势减弱。")
        grading.revise(actor=as_account(row["drafter"], at), terms=lower, **target)
    if stop == "lifted":
        grading.lift(actor=as_account(row["approver"], at), ground="published", reason="专利申请已经公布。", **target)
    if stop == "converted":
        grading_life.convert(actor=as_account(row["drafter"], at), reason="新版事项范围列入有关参数。", **target)


def fill_company(*, end: date) -> dict[str, int]:
    """Make the matters of the plan in order of time, then the daily round; return what was done, by state."""
    counts: Counter[str] = Counter()
    with clock.simulated(FILL_SEED):
        for row in sorted(plan()["matters"], key=lambda r: -int(r["days_ago"])):
            _one(row, end, counts)
        daily.run(now=datetime.combine(end, time(6), ZONE))
    return dict(counts)
