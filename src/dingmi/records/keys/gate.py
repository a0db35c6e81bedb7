"""Two people for one exact request: the second agrees to what the first asked, within its time, and it counts once.

What waits and what was granted stands in a file of the key folder, so that a restart loses neither. The digest of the whole
request binds both: another level, another file, another day is another request.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from dingmi.base.errors import Refused, Tampered, Unavailable
from dingmi.engines.crypto.canonical import canonical
from dingmi.engines.crypto.digests import sm3
from dingmi.records.keys.places import write_whole

SECONDS = {"new_key": 600, "split": 900, "waive": 600, "open": 900}  # how long the first person is waited for, by act
MOST = 200  # requests that wait or were granted, at once


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that one person has asked for; granted once a second person has agreed."""

    digest: str
    request: dict[str, Any]
    person: str
    until: float
    by: str = ""

    @property
    def is_granted(self) -> bool:
        """Whether the second person has agreed."""
        return bool(self.by)


def digest_of(request: Mapping[str, Any]) -> str:
    """Return the name of an exact request."""
    return sm3(canonical(dict(request)).encode()).hex()


class Gate:
    """The requests that wait for a second person."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def waiting(self, at: float) -> list[Asked]:
        """Return what was asked or granted and is not over at ``at`` (POSIX seconds)."""
        try:
            held = [Asked(**row) for row in json.loads(self._path.read_bytes())]
        except FileNotFoundError:
            return []
        except (ValueError, TypeError):
            raise Tampered("key.damaged", (), key=self._path.name) from None
        return [one for one in held if at < one.until <= at + SECONDS[one.request["act"]]]

    def agree(self, request: Mapping[str, Any], person: str, at: float) -> Asked:
        """Ask for ``request``, or agree to it as the second person.

        Raises:
            Refused: ``key.asked_by_you``: the second person has to be another; ``key.no_person``; ``key.too_many_wait``.
        """
        if not person:
            raise Refused("key.no_person")
        held, digest = self.waiting(at), digest_of(request)
        found = next((one for one in held if one.digest == digest and not one.is_granted), None)
        until = at + SECONDS[request["act"]]
        if found is None:
            made = Asked(digest, dict(request), person, until)
            if len(held) >= MOST:
                raise Refused("key.too_many_wait", (), most=MOST)
        elif found.person == person:
            raise Refused("key.asked_by_you", (), minutes=SECONDS[request["act"]] // 60)
        else:
            made = Asked(digest, dict(request), found.person, until, person)
        self._keep([*(one for one in held if one.digest != digest or one.is_granted), made])
        return made

    def withdraw(self, request: Mapping[str, Any], person: str, at: float) -> bool:
        """Take back what ``person`` asked for; say whether it still waited."""
        held, digest = self.waiting(at), digest_of(request)
        kept = [one for one in held if one.digest != digest or one.is_granted or one.person != person]
        if len(kept) != len(held):
            self._keep(kept)
        return len(kept) != len(held)

    def spend(self, request: Mapping[str, Any], at: float) -> Asked | None:
        """Use up what two people granted; None when they did not."""
        held, digest = self.waiting(at), digest_of(request)
        found = next((one for one in held if one.digest == digest and one.is_granted), None)
        if found is not None:
            self._keep([one for one in held if one is not found])
        return found

    def _keep(self, rows: list[Asked]) -> None:
        try:
            write_whole(self._path, json.dumps([asdict(one) for one in rows]).encode())
        except FileNotFoundError as error:
            raise Unavailable("key.missing", (), key=self._path.parent.name) from error
