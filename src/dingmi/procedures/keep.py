"""The installation itself. 建库与保管。"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Invalid, Refused
from dingmi.procedures import passwords
from dingmi.procedures.access import write_account
from dingmi.procedures.frame import procedure
from dingmi.records.ledger.append import append
from dingmi.records.organs.models import TIERS, Organ, Person
from dingmi.records.vault import keys

FOUNDERS: tuple[tuple[str, str, str], ...] = (
    ("sysadmin", "系统管理员", Role.SYSTEM_ADMIN),
    ("secadmin", "安全保密管理员", Role.SECURITY_ADMIN),
    ("auditor", "安全审计员", Role.AUDIT_ADMIN),
)


@dataclass(frozen=True, slots=True)
class Founded:
    """The first accounts as ``username, password`` pairs, shown once."""

    organ: str
    passwords: tuple[tuple[str, str], ...]


@procedure("keep.found", anyone=True, internal=True, replay=False)
def _found(
    *,
    actor: Actor,
    now: datetime,
    name: str,
    short_name: str,
    unit_code: str,
    tier: str,
    line: str,
    head: str,
    secrecy_officer: str,
) -> Founded:
    if Organ.objects.filter(is_home=True).exists():
        raise Refused("installation.founded")
    if tier not in dict(TIERS) or not name.strip() or not unit_code.strip():
        raise Invalid("input.invalid", (), fields={"organ": "organ.incomplete"})
    organ = Organ(name=name, short_name=short_name or name, unit_code=unit_code, tier=tier, line=line, is_home=True)
    organ.save()
    wanted = [
        ("head", head, "", (Role.DRAFTER,), True),
        ("secrecy", secrecy_officer, "", (Role.DRAFTER, Role.SECRECY_OFFICE), False),
        *((username, title, str(role), (), False) for username, title, role in FOUNDERS),
    ]
    made: list[tuple[str, str]] = []
    rows: list[Organ | Person] = [organ]
    for number, (username, person_name, admin_role, roles, principal) in enumerate(wanted, start=1):
        person = Person(organ=organ, name=person_name, staff_no=f"{number:04}", is_principal=principal, joined_at=now)
        person.save()
        password = passwords.fresh(username)
        grants = tuple(str(r) for r in roles)
        write_account(person=person, username=username, password=password, admin_role=admin_role, roles=grants, now=now)
        made.append((username, password))
        rows.append(person)
    append(actor, "keep.found", subject=("organ", organ.pk), at=now, data={"accounts": len(made)}, rows=rows)
    return Founded(str(organ.pk), tuple(made))


def found(
    *,
    actor: Actor,
    now: datetime,
    name: str,
    unit_code: str,
    tier: str,
    head: str,
    secrecy_officer: str,
    short_name: str = "",
    line: str = "",
) -> Founded:
    """Found the installation: keys, home organ, head, secrecy officer and the three administrators.

    Raises:
        Refused: ``installation.founded`` when there is a home organ already.
    """
    keys.ensure()
    return _found(
        actor=actor,
        now=now,
        name=name,
        short_name=short_name,
        unit_code=unit_code,
        tier=tier,
        line=line,
        head=head,
        secrecy_officer=secrecy_officer,
    )
