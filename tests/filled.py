"""A bureau in which something of everything stands: each page has what it shows, each address an id to open.

Built by acts only, from the states of ``tests.states`` and the steps that the tests of each subject take.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.story import PASSWORD, Story

FOUNDERS = ("head", "secrecy", "sysadmin", "secadmin", "auditor")
STATES = (
    "draft, with a point",
    "draft, nothing fits",
    "proposed, commented on",
    "referred",
    "referred, unclear and sent",
    "active, release waiting",
    "active, challenged",
    "active, received and challenged by us",
    "active, asked about",
    "active, handed on",
    "declassified",
    "not_classified, to be published",
    "pending",
    "graded",
    "graded, trade secret",
)


class Filled(Story):
    """The bureau of the stories, and what has been done there since."""

    def train(self, user: str, until: datetime | None = None) -> None:
        """Record training that still counts today."""
        super().train(user, until if until and until > self.now else None)

    def fill_up(self) -> None:
        """Do something of everything."""
        from tests import states

        for user in FOUNDERS:
            self.act(user, "access.change_password", password=PASSWORD)
        self.grant("outsider", "inspector")
        cleared = {"person": self.people["secrecy"], "level": "机密", "instrument": "审查表"}
        self.cleared("secadmin", **cleared)
        self.matters = {state: states.STATES[state](self) for state in STATES}
        self.drafts()
        self.copies()
        self.officers()
        self.oversight()
        self.schooling()
        self.to_the_archive()
        self.guides()
        self.certificates()

    def drafts(self) -> None:
        """Put a second file in place of one sent back; derive from a source."""
        from dingmi.procedures.terms import SourceIn
        from tests import states

        made = states.returned(self)
        made.act("drafter", "determination.revise", **states.GIVEN["determination.revise"](made))
        made.act("drafter", "determination.compare")
        self.derive((SourceIn(matter=self.matters["active, release waiting"].matter, consent=True),))

    def copies(self) -> None:
        """Make copies, lend one, propose to destroy one, begin a count."""
        from tests.procedures.test_carrier_life import doomed, lent, made

        numbers = made(self)
        lent(self, numbers[:1])
        doomed(self, numbers[1:2])
        self.act("secrecy", "carriers.open_count")

    def schooling(self) -> None:
        """Plan a session, set up two examinations, hand one paper in and leave another begun."""
        from tests.procedures.test_exams import sat, set_up
        from tests.procedures.test_training import session

        session(self)
        later = self.now + timedelta(days=9)
        self.act("drafter", "exams.submit", paper=sat(self, "drafter", set_up(self, count=4)))
        sat(self, "drafter", set_up(self, count=4, title="秘密级定密资格考核", grade="秘密", closes_at=later))

    def officers(self) -> None:
        """Nominate an officer and announce a selection."""
        from tests.procedures.test_appointments import nominate, vet

        vet(self, nominate(self))
        post: dict[str, Any] = {"title": "管网处定密责任人", "max_level": "机密", "conditions": "熟悉管网业务。"}
        self.act("secrecy", "selection.post", closes_at=self.now + timedelta(days=5), **post)

    def oversight(self) -> None:
        """Plan an inspection with a finding, report a leak, and let the radar find two matters that differ."""
        from tests.procedures.test_incidents import discovered
        from tests.procedures.test_oversight import found, planned
        from tests.procedures.test_radar import pair

        found(self, planned(self, planned_on=self.now.date()))
        discovered(self)
        pair(self)
        self.daily()

    def to_the_archive(self) -> None:
        """Open a batch of what was reviewed this year."""
        from tests.procedures.test_archives import kept

        kept(self)
        self.act("secrecy", "archives.open", level="机密", year=self.now.year, department=self.department)

    def guides(self) -> None:
        """Say what is wrong with an item, draw the organ's own table, import the next edition."""
        from tests.procedures.test_guide_impact import edition

        self.act("drafter", "guides.report_defect", item=self.item("3").pk, kind="unclear", text="边界不清。")
        table = self.act("secrecy", "guides.draft_catalogue")
        self.act("head", "guides.approve_catalogue", catalogue=table.id)
        edition(self, self.now.date() + timedelta(days=60), "2027", _7={"period": "8年"})

    def certificates(self) -> None:
        """Bind a client certificate, with all that such a one says of itself, to an account that nobody signs in with here."""
        from tests.procedures.test_certificates import bound

        bound(self, "lapsed")
