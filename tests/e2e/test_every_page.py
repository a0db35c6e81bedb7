"""Every page of the route table, in a browser, as somebody who has it: axe, one heading, a title, nothing cut, no fault told."""

from __future__ import annotations

from collections.abc import Iterator
from zlib import crc32

import pytest

from tests.chance import IS_FREE
from tests.e2e import sweep
from tests.e2e.conftest import Served, served
from tests.e2e.steps import speak

pytestmark = [pytest.mark.e2e, pytest.mark.deep]
# Who goes first looks at what several have: the office sees more of a page than others.
PEOPLE = ("sysadmin", "secadmin", "auditor", "secrecy", "officer", "drafter", "head", "outsider")
SHARE = 5  # an ordinary run looks at one page in so many in English too; the deep run at all, as everybody, and narrow


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The bureau in which something of everything stands."""
    yield from served(tmp_path_factory.mktemp("bureau"), "tests.e2e.bureau")


def in_english(route: str) -> bool:
    """Return whether this run looks at a page in English too."""
    return IS_FREE or crc32(route.encode()) % SHARE == 0


def faults_of(reader: sweep.Reader, wanted: set[str]) -> dict[str, list[str]]:
    """Go through the pages of one person, in Chinese and a part of them in English; return the faults by page."""
    faults, english = {}, []
    speak(reader.page, "zh")
    for route, address, found in sweep.walk(reader, wanted, again=IS_FREE):
        faults[address] = found + (reader.narrowed() if IS_FREE else [])
        if in_english(route):
            english.append(address)
    if english:
        speak(reader.page, "en")
    for address in english:
        assert reader.open(address), address
        faults[f"{address} in English"], _links = reader.look()
    return faults


def test_every_page_is_reached_by_links_and_has_no_fault(visit) -> None:
    wanted, faults = sweep.routes() - set(sweep.NO_PAGES), {}
    for user in PEOPLE:
        one = visit(width=1280)
        reader = sweep.Reader(one.page, one.house.url)
        if "/sign-in" in wanted:
            assert reader.open("/sign-in")
            faults["/sign-in"], _links = reader.look()
            wanted.discard("/sign-in")
        one.sign_in(user)
        faults |= {f"{user} {where}": found for where, found in faults_of(reader, wanted).items()}
        one.page.close()
    assert {where: found for where, found in faults.items() if found} == {}
    assert sorted(wanted) == [], "nobody gets there by a link, and sweep.NO_PAGES does not say why it is no page"
    assert sorted(set(sweep.NO_PAGES) - sweep.routes()) == [], "no route any more"
