"""Who acts: a frozen value that ``queries.access`` builds and every act receives."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """Roles in the product (procedures §1.3); the three administrators never mix with the others."""

    DRAFTER = "drafter"
    OFFICER = "officer"
    SECRECY_OFFICE = "secrecy_office"
    HEAD = "head"
    INSPECTOR = "inspector"
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDIT_ADMIN = "audit_admin"
    CLOCK = "clock"


THREE_ADMINISTRATORS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})


@dataclass(frozen=True, slots=True)
class Actor:
    """A person (or the clock) as of one request.

    Attributes:
        account_id: Random id of the account; empty for the clock.
        person_id: Random id of the person behind it; empty for the clock.
        organ_id: The organ this installation serves.
        department_ids: Departments of the person.
        roles: Every role held now.
        clearance: Highest level word the person may read (e.g. ``机密``), or empty for none.
        session: Random id of the session, or the name of the interface.
        terminal: Where the request came from.
        stepped_up: The password was given again for this request (SR-10).
        language: ``zh`` or ``en``.
    """

    account_id: str
    person_id: str
    organ_id: str
    department_ids: tuple[str, ...]
    roles: frozenset[Role]
    clearance: str
    session: str
    terminal: str
    stepped_up: bool = False
    language: str = "zh"
    name: str = ""

    @property
    def locale(self) -> str:
        """The name of the catalogue that pages and sheets are worded from."""
        return "en" if self.language == "en" else "zh-hans"

    def holds(self, *roles: Role) -> bool:
        """Tell whether the actor holds at least one of ``roles``."""
        return bool(self.roles & frozenset(roles))
