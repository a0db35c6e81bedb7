"""Every act that there is, as the tests perform it, with everything that can go wrong beneath it (T5, T11, T16).

``python -m pytest -p tests.every_act -m "db and not deep and not e2e and not postgres" tests`` runs the ordinary tests on
SQLite. When one of them first performs an act, the process forks: the child has the very database of the test, which is kept
in memory, and copies of its keys and files. There it performs the act as nobody, with every role that the act does not name,
without the password, after the account lost its roles and with the person barred; then broken off at every write point; then
with each of seven faults beneath it. After each the rows must stand as they stood, and at the end the act must come to the same
as without any. The test goes on in the parent as if nothing had been. The run fails unless every act was met.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests import bars
from tests.faults import WRITES, written

ENDS = ("SAVEPOINT", "RELEASE", "ROLLBACK")  # a database that is gone has no transaction to end
# A refusal leaves its attempt in the log, and whoever comes first after a silence finds it noted before anything is asked for.
LEDGER = ("ledger_", "sqlite_", "oversight_dategap")
TRIES = 12  # refused so often, an act waits for another test to perform it lawfully
SLOW = 0.5  # seconds that a slow disk takes
Call = Callable[..., Any]

met: dict[str, dict[str, int]] = {}
tried: Counter[str] = Counter()
faulty: list[str] = []


class Killed(BaseException):
    """The process ends here: nothing of the program may catch it."""


# --- what goes wrong ------------------------------------------------------------------------------------------------


@dataclass
class Beneath:
    """The database and the disk beneath an act; ``meet`` is called at each write point with its number and kind."""

    places: tuple[str, ...] = ()
    meet: Callable[[int, str], None] = lambda number, kind: None
    met: int = 0
    statements: int = 0
    lost_from: int = 0  # the statement from which the database is gone
    is_on: bool = False

    def statement(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        word = sql.lstrip()[:10].upper()
        if self.is_on and not word.startswith(ENDS):
            self.statements += 1
            if self.lost_from and self.statements >= self.lost_from:
                from django.db import OperationalError

                raise OperationalError("the database is gone")
            if word.startswith(WRITES):
                self._point("row")
        return execute(sql, params, many, context)

    def audited(self, event: str, arguments: tuple[Any, ...]) -> None:
        path = written(event, arguments) if self.is_on else None
        if path is not None and path.startswith(self.places):
            self._point("file")

    def _point(self, kind: str) -> None:
        self.met += 1
        self.meet(self.met, kind)

    @contextmanager
    def watching(self, meet: Callable[[int, str], None] | None = None, lost_from: int = 0) -> Iterator[None]:
        """Meet the write points of what runs inside."""
        from django.db import connection

        self.meet, self.lost_from = meet or (lambda number, kind: None), lost_from
        self.met, self.statements, self.is_on = 0, 0, True
        try:
            with connection.execute_wrapper(self.statement):
                yield
        finally:
            self.is_on = False


def killed_at(number: int) -> Callable[[int, str], None]:
    def meet(now: int, kind: str) -> None:
        if now >= number:
            raise Killed

    return meet


def failing(first: int, words: str, code: int) -> Callable[[int, str], None]:
    """Return a disk that takes nothing from write point ``first`` on."""

    def meet(now: int, kind: str) -> None:
        from django.db import OperationalError

        if now >= first:
            raise OperationalError(words) if kind == "row" else OSError(code, words)

    return meet


def exhausted(first: int) -> Callable[[int, str], None]:
    def meet(now: int, kind: str) -> None:
        if now >= first:
            raise MemoryError

    return meet


def slow(last: int) -> Callable[[int, str], None]:
    def meet(now: int, kind: str) -> None:
        if now == last:
            time.sleep(SLOW)

    return meet


@contextmanager
def without_keys() -> Iterator[None]:
    from django.conf import settings

    from dingmi.records.keys import asking
    from dingmi.records.keys.places import apart

    kept = [folder for folder in (Path(settings.DINGMI_KEYS), apart(Path(settings.DINGMI_KEYS))) if folder.is_dir()]
    for folder in kept:
        folder.rename(folder.with_name(folder.name + "-away"))
    asking.forget()
    try:
        yield
    finally:
        for folder in kept:
            shutil.rmtree(folder, ignore_errors=True)
            folder.with_name(folder.name + "-away").rename(folder)
        asking.forget()


@contextmanager
def without_worker() -> Iterator[None]:
    """Every process that would read a file ends at once."""
    from dingmi.engines.documents import child

    python = sys.executable
    child._close()
    sys.executable = "/bin/false"
    try:
        yield
    finally:
        child._close()
        sys.executable = python


# --- what stands ----------------------------------------------------------------------------------------------------


def rows() -> dict[str, Any]:
    """Return every row but those of the log; also beneath a page, which by itself may read none."""
    from dingmi.queries.reading import everything
    from tests.worlds import _rows

    with everything("every_act"):
        return {table: held for table, held in _rows().items() if not table.startswith(LEDGER)}


def sizes() -> dict[str, int]:
    return {table: len(held) for table, held in rows().items()}


def unlike(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    return sorted(table for table in one if one[table] != other[table])


def entries() -> int:
    from dingmi.records.ledger.models import Entry

    return int(Entry.objects.count())


def _keys() -> dict[Path, bytes]:
    from django.conf import settings

    from dingmi.records.keys.places import apart

    keys = Path(settings.DINGMI_KEYS)
    return {path: path.read_bytes() for place in (keys, apart(keys)) for path in place.rglob("*") if path.is_file()}


@contextmanager
def keys_kept() -> Iterator[None]:
    """Bring the folder of keys, where requests wait for a second person too, back to what it was."""
    from dingmi.records.keys import asking

    before = _keys()
    try:
        yield
    finally:
        now = _keys()
        for path in now.keys() - before.keys():
            path.unlink()
        for path, content in before.items():
            if now.get(path) != content:
                path.write_bytes(content)
        if now != before:
            asking.forget()


@contextmanager
def undone() -> Iterator[None]:
    from django.db import transaction

    with keys_kept(), transaction.atomic():
        try:
            yield
        finally:
            transaction.set_rollback(True)


@dataclass
class Look:
    """One act and everything that is tried with it, in the child."""

    act: Any
    perform: Call
    actor: Any
    now: Any
    params: dict[str, Any]
    beneath: Beneath
    wrong: list[str] = field(default_factory=list)
    made: Counter[str] = field(default_factory=Counter)

    def once(self, **changed: Any) -> Any:
        return self.perform(**{"actor": self.actor, "now": self.now, "key": None, **self.params, **changed})

    def whole(self) -> dict[str, int]:
        """Perform the act as it is; return what stands afterwards."""
        with undone(), self.beneath.watching():
            self.once()
            self.points, self.read = self.beneath.met, self.beneath.statements
            self.beneath.is_on = False
            return sizes()

    def all(self) -> None:
        """Try everything; the act is performed once more at the end."""
        after = self.whole()
        self.before = rows()
        self.authority()
        for number in range(1, self.points + 1):
            self.attempt("T11", f"killed at {number}", killed_at(number))
        self.faults()
        again = self.whole()
        if again != after:
            self.wrong.append(f"afterwards it comes to something else: {unlike(again, after)}")
        self.swept()

    def attempt(self, row: str, name: str, meet: Any = None, lost_from: int = 0, clean: bool = False) -> None:
        """Perform the act with a fault: nothing may stand, or all of it with its entry."""
        from dingmi.base.errors import DingmiError

        self.made[row] += 1
        with undone():
            had, done = entries(), False
            try:
                with self.beneath.watching(meet, lost_from):
                    self.once()
                done = True
            except (Killed, MemoryError, OSError, DingmiError) as fault:
                told: Any = fault
            except Exception as fault:
                told = fault
                if type(fault).__name__ not in ("OperationalError", "InternalError", "TransactionManagementError"):
                    self.wrong.append(f"{name}: ended with {type(fault).__name__}")
            if done and entries() <= had and name != "slow disk":
                self.wrong.append(f"{name}: succeeded and left no entry")
            if not done and (changed := unlike(rows(), self.before)):
                self.wrong.append(f"{name}: half there: {changed}")
            if not done and clean and not isinstance(told, DingmiError):
                self.wrong.append(f"{name}: ended with {type(told).__name__}, which is no refusal")
            if not done and name == "slow disk":
                self.wrong.append(f"{name}: refused with {told!r}")

    def faults(self) -> None:
        """Try the seven faults."""
        middle = max(1, (self.points + 1) // 2)
        self.attempt("T16", "disk full", failing(middle, "database or disk is full", errno.ENOSPC))
        self.attempt("T16", "disk read-only", failing(1, "attempt to write a readonly database", errno.EROFS))
        self.attempt("T16", "database gone", lost_from=max(1, self.read // 2))
        self.attempt("T16", "out of memory", exhausted(middle))
        self.attempt("T16", "slow disk", slow(self.points))
        with without_worker():
            self.attempt("T16", "worker dead", clean=True)
        with without_keys():
            self.attempt("T16", "keys absent", clean=True)

    # who may (T5)

    def authority(self) -> None:
        """Perform the act as those whose it is not."""
        from dingmi.base.actor import Role
        from dingmi.queries import access

        if not self.act.requires and not self.act.step_up:
            return
        self.refused("nobody", access.anonymous("t"))
        others = [role for role in Role if role not in self.act.requires] if self.act.requires else [Role.AUDIT_ADMIN]
        for role in others:
            self.refused(f"only {role}", replace(self.actor, roles=frozenset({role})))
        if self.act.step_up:
            self.refused("no password", replace(self.actor, stepped_up=False))
        self.lost_roles()
        self.barred()

    def refused(self, name: str, actor: Any, **changed: Any) -> None:
        from dingmi.base.errors import DingmiError
        from dingmi.procedures.frame import AUDITOR_MAY

        if name == "only audit_admin" and self.act.name in AUDITOR_MAY and not self.act.requires:
            return
        self.made["T5"] += 1
        with undone():
            before = rows()
            try:
                self.once(actor=actor, **changed)
            except DingmiError:
                if changed := unlike(rows(), before):
                    self.wrong.append(f"{name}: refused, yet changed {changed}")
            else:
                self.wrong.append(f"{name}: was performed")

    def lost_roles(self) -> None:
        """The account lost every role before."""
        from dingmi.base.actor import Role
        from dingmi.records.organs.models import Account

        if not self.act.requires or self.actor.holds(Role.CLOCK):
            return
        account = Account.objects.filter(pk=self.actor.account_id).first()
        if account is not None:
            self.refused("every role lost", replace(self.actor, roles=frozenset()))

    def barred(self) -> None:
        """A conflict bars the person from the matter before (SR-13)."""
        from dingmi.base.errors import DingmiError
        from dingmi.procedures import ACTS
        from dingmi.queries import access
        from dingmi.queries.reading import everything
        from dingmi.records.matters.models import Matter

        named = self.params.get("matter")
        with everything("every_act"):
            matter = Matter.objects.filter(pk=named).first() if isinstance(named, UUID) else None
        if matter is None or not self.actor.person_id or self.act.name.startswith("need_to_know."):
            return
        with undone():
            given = {"person": self.actor.person_id, "ground": "interest", "reason": "本人与本件有利害关系。"}
            try:
                head = replace(access.actor_for_account("head", self.now), stepped_up=True)
                ACTS["need_to_know.bar"](
                    actor=head, now=self.now, matter=matter.pk, expected_version=matter.version, **given
                )
            except DingmiError:
                return
            changed = {"expected_version": matter.version + 1} if "expected_version" in self.params else {}
            self.refused("conflicted", self.actor, **changed)

    def swept(self) -> None:
        """One sweep leaves no file that no row names."""
        from dingmi.records.vault import store
        from tests.crashes import stray_files

        store.sweep_orphans(sys.float_info.max)
        if left := stray_files():
            self.wrong.append(f"files without a row: {left[:3]}")


# --- processes ------------------------------------------------------------------------------------------------------


def in_copy(work: Callable[[Beneath], dict[str, Any]]) -> dict[str, Any]:
    """Run ``work`` in a forked process on copies of the keys and files; return what it told."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            told = _copied(work)
            os.write(writing, json.dumps(told).encode()[:60_000])
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    told = json.loads(answer) if answer else {"wrong": ["the child died"]}
    return dict(told)


def _copied(work: Callable[[Beneath], dict[str, Any]]) -> dict[str, Any]:
    from django.conf import settings

    from dingmi.records.keys import asking
    from dingmi.records.keys.places import apart

    folder = Path(tempfile.mkdtemp(prefix="every-act-"))
    try:
        if (beside := apart(Path(settings.DINGMI_KEYS))).is_dir():
            shutil.copytree(beside, apart(folder / "DINGMI_KEYS"))
        for name in ("DINGMI_KEYS", "DINGMI_VAULT"):
            target = folder / name
            if Path(getattr(settings, name)).is_dir():
                shutil.copytree(getattr(settings, name), target)
            setattr(settings, name, target)
        asking.forget()
        beneath = Beneath((str(folder),))
        sys.addaudithook(beneath.audited)
        return work(beneath)
    except BaseException:
        return {"wrong": [traceback.format_exc()[-1500:]]}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def looked(act: Any, perform: Call, given: dict[str, Any]) -> dict[str, Any]:
    """Try everything with an act in a copy; ``{}`` where it was refused as it stands."""

    def work(beneath: Beneath) -> dict[str, Any]:
        from dingmi.base.errors import DingmiError

        taken = dict(given)
        look = Look(act, perform, taken.pop("actor"), taken.pop("now"), taken, beneath)
        look.params.pop("key", None)
        try:
            look.whole()
        except DingmiError:
            return {}
        look.all()
        return {"wrong": look.wrong, "made": look.made}

    return in_copy(work)


inside = threading.local()


def is_ready(act: Any) -> bool:
    from django.db import connection

    from dingmi.procedures import ACTS

    return (
        ACTS.get(act.name) is act
        and act.name not in met
        and tried[act.name] < TRIES
        and connection.vendor == "sqlite"
        and connection.in_atomic_block
        and threading.active_count() == 1
        and not getattr(inside, "an_act", False)
    )


def pytest_collection_finish(session: pytest.Session) -> None:
    """Stand beside every act from now on."""
    from dingmi.procedures.frame import Act

    perform = Act.__call__

    def beside(act: Any, **given: Any) -> Any:
        if is_ready(act):
            inside.an_act = True
            tried[act.name] += 1
            told = looked(act, lambda **more: perform(act, **more), given)
            if told:
                met[act.name] = told.get("made", {})
                faulty.extend(f"{act.name}: {one}" for one in told["wrong"])
        was, inside.an_act = getattr(inside, "an_act", False), True
        try:
            return perform(act, **given)
        finally:
            inside.an_act = was and False

    Act.__call__ = beside  # type: ignore[method-assign]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say what was tried and what was found."""
    from dingmi.procedures import ACTS

    total: Counter[str] = Counter()
    for made in met.values():
        total.update(made)
    write = terminalreporter.write_line
    write("bar " + bars.line("acts met by T5, T11 and T16", len(met), len(ACTS)))
    for row in sorted(total):
        write(f"bar {row}: {total[row]:,} over {sum(1 for made in met.values() if made.get(row)):,} acts")
    for one in faulty:
        write(f"fault {one}")
    if missing := sorted(set(ACTS) - set(met)):
        write(f"not met: {', '.join(missing)}")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail where a fault was found, or an act was not met."""
    from dingmi.procedures import ACTS

    if faulty or len(met) < bars.part(len(ACTS)):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
