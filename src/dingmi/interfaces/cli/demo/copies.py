"""What the demo organ does with its copies: made and kept, lent and late, destroyed by two, one list waiting, a count closed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from uuid import UUID

from dingmi.interfaces.cli.demo import organ
from dingmi.procedures import carrier_count, carrier_destruction, carrier_life
from dingmi.queries import access, archives, carriers
from dingmi.queries.clock import ZONE
from dingmi.queries.reading import reading
from dingmi.regime.prc_state.carriers import INSIDE

SAFE = "机要室一号保密柜"
COPIES = (5, 3)  # paper copies of each matter


def _person(user: str, at: datetime) -> UUID:
    return UUID(access.actor_for_account(user, at).person_id)


class Copies:
    """The copies of two matters, from their making to where they stand at the end."""

    def __init__(self, end: date) -> None:
        self.end = end
        self.numbers: tuple[str, ...] = ()

    def make(self, at: datetime) -> None:
        """Make copies of the newest two matters of 机密 that the drafters know, and keep them."""
        drafter = organ.as_account("drafter", at)
        with reading(drafter, at):
            pool = archives.known(drafter, at, archives.STATE).filter(
                state="active", level="机密", drafter_id=drafter.person_id, is_content=True
            )
            chosen = list(pool.order_by("-created_at", "register_no").values_list("register_no", flat=True)[:2])
        for register_no, copies in zip(chosen, COPIES, strict=False):
            made = carrier_life.produce(
                actor=drafter, now=at, register_no=register_no, copies=copies, place="文印室", in_proper_place=True,
                is_marked=True,
            )  # fmt: skip
            self.numbers += made.numbers
        if self.numbers:
            carrier_life.keep(
                actor=organ.as_account("secrecy", at), now=at, numbers=self.numbers, person=_person("secrecy", at),
                place=SAFE, place_meets_standard=True,
            )  # fmt: skip

    def _lend(self, at: datetime, user: str, number: int, due: date) -> None:
        numbers = self.numbers[number : number + 1]
        if numbers:
            carrier_life.lend(
                actor=organ.as_account("secrecy", at), now=at, numbers=numbers, person=_person(user, at),
                place="二楼保密阅览室", in_proper_place=True, due_on=due, purpose="方案会商",
            )  # fmt: skip
            carrier_life.sign(actor=organ.as_account(user, at), now=at, numbers=numbers, counted=1)

    def lend(self, at: datetime) -> None:
        """Lend one copy until three days before the end: it is late then; another comes back at once."""
        self._lend(at, "drafter", 0, self.end - timedelta(days=3))
        self._lend(at, "drafter2", 1, self.end)
        if self.numbers:
            carrier_life.take_back(
                actor=organ.as_account("secrecy", at), now=at, numbers=self.numbers[1:2], counted=1, place=SAFE
            )

    def destroy(self, at: datetime) -> None:
        """Have one copy destroyed: approved by the head, counted by two."""
        numbers = self.numbers[2:3]
        if not numbers:
            return
        office, head = organ.as_account("secrecy", at), organ.as_account("head", at)
        listed = carrier_destruction.propose_destruction(
            actor=office, now=at, numbers=numbers, method="化浆", facility="清江市国家秘密载体销毁中心（虚构）"
        )
        given = {"now": at, "destruction": listed.id}
        carrier_destruction.approve_destruction(actor=head, document_no=f"清水销〔{at.year}〕1号", **given)
        for user in ("secrecy", "drafter"):
            watcher = organ.as_account(user, at)
            carrier_destruction.count_destruction(actor=watcher, numbers=numbers, counted=1, **given)
        carrier_destruction.finish_destruction(actor=office, **given)

    def count(self, at: datetime) -> None:
        """Count everything that has to be here; nothing is missing."""
        office = organ.as_account("secrecy", at)
        with reading(office, at):
            rows = list(carriers.every(actor=office, now=at))
        here = tuple(r.number for r in rows if r.state in INSIDE)
        count = carrier_count.open_count(actor=office, now=at)
        for begin in range(0, len(here), carrier_life.MOST):
            carrier_count.count(
                actor=office, now=at, count=count.id, numbers=here[begin : begin + carrier_life.MOST]
            )  # fmt: skip
        carrier_count.close_count(actor=office, now=at, count=count.id)

    def propose(self, at: datetime) -> None:
        """Leave a list of destruction that waits for its approval, and a copy that waits to be signed for."""
        if len(self.numbers) > 4:
            office = organ.as_account("secrecy", at)
            carrier_destruction.propose_destruction(
                actor=office, now=at, numbers=self.numbers[3:4], method="粉碎", facility="本单位碎纸机（符合国家保密标准）",
                with_own_equipment=True,
            )  # fmt: skip
            carrier_life.lend(
                actor=office, now=at, numbers=self.numbers[4:5], person=_person("drafter", at), place="二楼保密阅览室",
                in_proper_place=True, due_on=self.end + timedelta(days=10), purpose="修订方案",
            )  # fmt: skip


def steps(end: date) -> Iterator[tuple[datetime, Callable[[datetime], None]]]:
    """Yield what is done when, counted back from the last day of the story."""
    made = Copies(end)
    for back, step in ((58, made.make), (33, made.lend), (26, made.destroy), (16, made.count), (4, made.propose)):
        yield datetime.combine(end - timedelta(days=back), time(14), ZONE), step
