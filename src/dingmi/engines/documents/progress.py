"""How far a job in the child process has come: the child writes it into its folder, whoever waits for it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Come:
    """Of ``total`` pages ``done`` are read; both are 0 once the child has answered.

    A format that has no pages before it is laid out tells another ``unit``: ``paragraph``.
    """

    done: int
    total: int
    unit: str = "page"


Tell = Callable[[Come], None]
READ = Come(0, 0)
_waiting: ContextVar[Tell | None] = ContextVar("waiting", default=None)
_written: list[Path] = []  # in the child: the file that it writes, where somebody waits


@contextmanager
def watched(tell: Tell) -> Iterator[None]:
    """Have ``tell`` called while children work; what it raises stops the child and goes on to the caller."""
    token = _waiting.set(tell)
    try:
        yield
    finally:
        _waiting.reset(token)


def watcher() -> Tell | None:
    """Return who is told, if anybody is."""
    return _waiting.get()


def write_to(file: Path) -> None:
    """Write into ``file`` from now on; the child calls this before its job."""
    _written[:] = [file]


def came(done: int, total: int, unit: str = "page") -> None:
    """Write how far the job is, at most fifty times; nothing outside a child that is waited for."""
    if _written and (done == total or done % max(1, total // 50) == 0):
        _written[0].write_text(f"{done} {total} {unit}", encoding="ascii")


def read(file: Path) -> Come | None:
    """Return what the child wrote last; nothing before its first word, or of one half written."""
    try:
        done, total, unit = file.read_text(encoding="ascii").split()
        return Come(int(done), int(total), unit)
    except (OSError, ValueError):
        return None
