"""Found the demo organ: people, accounts, clearances, two guide editions, delegations, officers."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor
from dingmi.procedures import appointment, clearances, delegation, guides, keep, officers, opening, personnel, roles
from dingmi.procedures.passwords import fresh
from dingmi.queries import access, clock
from dingmi.queries.appointments import officers_case, officers_cases
from dingmi.queries.clearances import clearances_asked
from dingmi.queries.roles import roles_asked
from dingmi.queries.standing import BY_LAW

SEED = 7
FOUNDERS = {"head": "head", "office": "secrecy", "sysadmin": "sysadmin", "secadmin": "secadmin", "auditor": "auditor"}


@cache
def plan() -> dict[str, Any]:
    """Return the description of the organ."""
    return tomllib.loads(files(__package__).joinpath("organ.toml").read_text(encoding="utf-8"))


def as_account(username: str, at: datetime) -> Actor:
    """Return the actor of an account at a simulated instant, with the password given."""
    return replace(access.actor_for_account(username, at), stepped_up=True)


def users() -> tuple[str, ...]:
    """Return the accounts of the people who work in the organ."""
    return tuple(FOUNDERS.get(person["user"], person["user"]) for person in plan()["people"])


def found_demo() -> list[str]:
    """Found the organ at its simulated time; return a line for each account with its password."""
    with clock.simulated(SEED):
        return _found(plan()["founded_at"])


def _found(at: datetime) -> list[str]:
    organ = plan()["organ"]
    people = {p["user"]: p for p in plan()["people"]}
    made = keep.found(
        actor=access.anonymous("demo"),
        now=at,
        name=organ["name"],
        short_name=organ["short_name"],
        unit_code=organ["unit_code"],
        tier=organ["tier"],
        line=organ["line"],
        head=people["head"]["name"],
        secrecy_officer=people["office"]["name"],
    )
    passwords = dict(made.passwords)
    departments = {
        d["name"]: personnel.enter_department(actor=as_account("sysadmin", at), now=at, name=d["name"], order=i).id
        for i, d in enumerate(plan()["departments"])
    }
    for number, person in enumerate(plan()["people"], start=10):
        if person["user"] not in FOUNDERS:
            passwords[person["user"]] = _enter(person, number, departments[person["department"]], at)
    _clear(at)
    _authorise(at)
    _file_principal(at)
    order = {username: n for n, username in enumerate([FOUNDERS.get(p["user"], p["user"]) for p in plan()["people"]])}
    names = {FOUNDERS.get(p["user"], p["user"]): p for p in plan()["people"]}
    return [
        f"{user:<10} {passwords[user]:<24} {names[user]['name']} {names[user]['post']}"
        for user in sorted(passwords, key=lambda u: order.get(u, 99))
    ]


def _enter(person: dict[str, Any], number: int, department: UUID, at: datetime) -> str:
    """Enter one person and the account; return its password."""
    admin = as_account("sysadmin", at)
    row = personnel.enter_person(
        actor=admin,
        now=at,
        name=person["name"],
        staff_no=f"{number:04}",
        department=department,
        post=person["post"],
        post_category=person["category"],
    )
    password = fresh(person["user"])
    account = opening.create_account(actor=admin, now=at, person=row.id, username=person["user"], password=password)
    opening.confirm_account(actor=as_account("secadmin", at), now=at, account=account.account)
    for role in person["roles"]:
        if role not in ("officer", "head"):
            grant(account.account, role, at)
    return password


def grant(account: UUID, role: str, at: datetime) -> None:
    """Let the security administrator ask for a role of an account, and the head agree."""
    made = roles.grant_role(actor=as_account("secadmin", at), now=at, account=account, role=role)
    head = as_account("head", at)
    version = next(row.version for row in roles_asked(actor=head, now=at) if row.id == made.request)
    roles.agree_role(actor=head, now=at, request=made.request, expected_version=version)


def _clear(at: datetime) -> None:
    """Let the security administrator ask for each clearance, and the head agree, or the secrecy office to that of the head."""
    actor = as_account("secadmin", at)
    for number, person in enumerate(plan()["people"], start=1):
        if person.get("clearance"):
            who = access.actor_for_account(FOUNDERS.get(person["user"], person["user"]), at)
            instrument = f"清水密审〔2016〕{number}号"
            made = clearances.grant_clearance(
                actor=actor, now=at, person=UUID(who.person_id), level=person["clearance"], instrument=instrument
            )
            other = as_account("secrecy" if who.name == "head" else "head", at)
            version = next(
                line.version for line in clearances_asked(actor=other, now=at) if line.request == made.request
            )
            clearances.agree_clearance(actor=other, now=at, clearances=made.request, expected_version=version)


def _authorise(at: datetime) -> None:
    """Enter the other organs, and import the first edition of the guide."""
    office = as_account("secrecy", at)
    for other in plan()["others"]:
        personnel.enter_organ(
            actor=office,
            now=at,
            name=other["name"],
            short_name=other["short_name"],
            tier=other["tier"],
            line=other["line"],
        )
    guides.import_edition(actor=office, now=at, rows=guide_rows("2016", "2016-01-05"))


def _file_principal(at: datetime) -> None:
    """Publish and file the principal, whom the founding made an officer by law."""
    office = as_account("secrecy", at)
    for case in officers_cases(actor=office, now=at):
        if case.kind == BY_LAW:
            _publish_and_file(case.id, f"备案回执〔{at.year}〕1号", at)


def _publish_and_file(case: UUID, number: str, at: datetime) -> None:
    """Tell the organ of an officer and file it, each on the case as it stands then."""
    office = as_account("secrecy", at)
    seen = officers_case(actor=office, now=at, case=case).version
    appointment.publish(actor=office, now=at, case=case, expected_version=seen)
    seen = officers_case(actor=office, now=at, case=case).version
    appointment.file(actor=office, now=at, case=case, number=number, expected_version=seen)


def guide_rows(edition: str, since: str) -> tuple[dict[str, Any], ...]:
    """Return the rows of the demo guide as one edition."""
    text = files(__package__).joinpath("guide.jsonl").read_text(encoding="utf-8")
    return tuple(json.loads(line) | {"edition": edition, "since": since} for line in text.splitlines())


def delegate(at: datetime, row: dict[str, Any]) -> None:
    """Register one delegation from the provincial department."""
    from dingmi.queries.standing import organ_named

    grantor, grantee = organ_named("某省水利厅"), organ_named(plan()["organ"]["name"])
    delegation.register(
        actor=as_account("secrecy", at),
        now=at,
        grantor=grantor,
        grantee=grantee,
        instrument=row["instrument"],
        max_level=row["max_level"],
        matters=("*",),
        since=row["since"],
        until=row["until"],
        filed_on=at.date(),
    )


def designate(at: datetime, row: dict[str, Any]) -> None:
    """Enter an officer in office when the product came; later ones are appointed."""
    if at.year > plan()["founded_at"].year:
        appoint(at, row)
        return
    who = access.actor_for_account(row["user"], at)
    officers.designate(
        actor=as_account("head", at),
        now=at,
        person=UUID(who.person_id),
        instrument=row["instrument"],
        max_level=row["max_level"],
        since=at,
    )


def appoint(at: datetime, row: dict[str, Any]) -> None:
    """Appoint one officer by the road of P15: nominated, vetted, qualified, commissioned, published and filed."""
    who = UUID(access.actor_for_account(row["user"], at).person_id)
    office, head = as_account("secrecy", at), as_account("head", at)
    case = appointment.nominate(
        actor=as_account("officer", at), now=at, person=who, max_level=row["max_level"], reasons="熟悉本部门涉密业务。"
    ).case
    appointment.vet(
        actor=office, now=at, case=case, passed=True, criteria=appointment.CRITERIA, opinion="符合任职条件。"
    )
    officers.record_qualification(
        actor=office,
        now=at,
        person=who,
        grade=row["max_level"],
        certificate=f"DMZG-{at.year}-{row['user']}",
        since=at,
        until=at + timedelta(days=3650),
    )
    appointment.confirm_training(actor=office, now=at, case=case)
    appointment.commission(actor=head, now=at, case=case, instrument=row["instrument"])
    _publish_and_file(case, f"备案回执〔{at.year}〕{row['user'][-1]}号", at)


def train(at: datetime, users: list[str], months: int = 14) -> None:
    """Record the yearly training of some people: four hours, certificates valid for ``months``."""
    for user in users:
        who = access.actor_for_account(user, at)
        officers.record_training(
            actor=as_account("secrecy", at),
            now=at,
            person=UUID(who.person_id),
            course=f"{at.year} 年定密业务培训",
            minutes=240,
            completed_at=at - timedelta(hours=4),
            valid_until=at + timedelta(days=30 * months),
            certificate=f"DMPX-{at.year}-{user}",
        )
