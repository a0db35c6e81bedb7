"""What a password must be, how it is checked, and how fast anyone may try."""

from __future__ import annotations

import secrets
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from functools import cache

from django.contrib.auth.hashers import check_password, make_password

from dingmi.base.errors import Forbidden, Invalid
from dingmi.queries import password_rules

LIMITS = password_rules.LIMITS


def require_strong(password: str, username: str) -> None:
    """Refuse a password that the profile does not allow.

    Raises:
        Invalid: ``password.too_short``, ``too_long``, ``too_plain`` or ``contains_name``.
    """
    rules = password_rules.profile()
    kinds: list[Callable[[str], bool]] = [str.islower, str.isupper, str.isdigit, lambda c: not c.isalnum()]
    if len(password) < rules["min_length"]:
        raise Invalid("password.too_short", (), min_length=rules["min_length"])
    if len(password) > LIMITS["max_length"]:
        raise Invalid("password.too_long", (), max_length=LIMITS["max_length"])
    if sum(any(kind(c) for c in password) for kind in kinds) < rules["classes"] or len(set(password)) < 4:
        raise Invalid("password.too_plain", (), classes=rules["classes"])
    if username and username.casefold() in password.casefold():
        raise Invalid("password.contains_name")


def fresh(username: str) -> str:
    """Return a random first password for ``username`` that the profile allows; a draw that it refuses is drawn again."""
    while True:
        drawn = secrets.token_urlsafe(15)
        try:
            require_strong(drawn, username)
        except Invalid:
            continue
        return drawn


def hashed(password: str) -> str:
    """Return the Argon2id hash."""
    return make_password(password)


@cache
def _decoy() -> str:
    return make_password("no account has this password")


def matches(password: str, stored: str | None) -> bool:
    """Check a password; the same work is done when there is no account (SR-07)."""
    found = check_password(password[: LIMITS["max_length"] + 1], stored or _decoy())
    return bool(found) and stored is not None


def _doors(name: str, terminal: str) -> dict[str, int]:
    return {f"a:{name}": LIMITS["per_account"], f"t:{terminal}": LIMITS["per_terminal"]}


class Throttle:
    """Tries within a sliding window, by name and by terminal, and those under way, counted before any hashing (SR-05)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tries: dict[str, deque[datetime]] = {}
        self._under_way: Counter[str] = Counter()

    @contextmanager
    def trying(self, name: str, terminal: str, now: datetime) -> Iterator[None]:
        """Count one try, and hold its place among those under way from its terminal until it is answered.

        Raises:
            Forbidden: ``sign_in.throttled``, ``sign_in.busy``.
        """
        with self._lock:
            if refusal := self._refusal(name, terminal, now):
                raise refusal
            self._enter(now, _doors(name, terminal))
            self._under_way[terminal] += 1
        try:
            yield
        finally:
            with self._lock:
                self._under_way[terminal] -= 1
                self._under_way += Counter()  # who has none under way is forgotten

    def turned_away(self, name: str, terminal: str, now: datetime) -> Forbidden | None:
        """Return the refusal that ``trying`` would raise, or None; nothing is counted, so a flood is answered for next to nothing."""
        with self._lock:
            return self._refusal(name, terminal, now)

    def _refusal(self, name: str, terminal: str, now: datetime) -> Forbidden | None:
        if any(len(self._within(key, now, most)) >= most for key, most in _doors(name, terminal).items()):
            return Forbidden("sign_in.throttled", (), seconds=LIMITS["window_seconds"])
        if self._under_way[terminal] >= LIMITS["under_way_per_terminal"]:
            return Forbidden("sign_in.busy", (), seconds=1)
        return None

    def count_unread(self, terminal: str, now: datetime) -> None:
        """Count a try whose form was not read because it came without its token, so that such a flood is turned away too."""
        with suppress(Forbidden):
            self._count(now, {f"t:{terminal}": LIMITS["per_terminal"]})

    def admit_signature(self, name: str, now: datetime) -> None:
        """Count one signature of somebody signed in; a queue of cards is signed faster than anyone may try to sign in.

        Raises:
            Forbidden: ``sign_in.throttled``.
        """
        self._count(now, {f"s:{name}": LIMITS["signatures_per_account"]})

    def _within(self, key: str, now: datetime, most: int) -> deque[datetime]:
        """Return the tries under ``key`` that still count."""
        oldest = now - timedelta(seconds=LIMITS["window_seconds"])
        tries = self._tries.get(key) or deque(maxlen=most)
        while tries and not oldest < tries[0] <= now:
            tries.popleft()
        return tries

    def _count(self, now: datetime, limits: Mapping[str, int]) -> None:
        with self._lock:
            if any(len(self._within(key, now, most)) >= most for key, most in limits.items()):
                raise Forbidden("sign_in.throttled", (), seconds=LIMITS["window_seconds"])
            self._enter(now, limits)

    def _enter(self, now: datetime, limits: Mapping[str, int]) -> None:
        for key, most in limits.items():
            tries = self._tries[key] = self._within(key, now, most)
            tries.append(now)
        if len(self._tries) > 10_000:
            self._tries = {k: tries for k in self._tries if (tries := self._within(k, now, 0))}

    def clear(self) -> None:
        """Forget every try."""
        with self._lock:
            self._tries.clear()


THROTTLE = Throttle()
