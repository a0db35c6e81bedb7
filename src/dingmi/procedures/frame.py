"""The frame of every act: roles, step-up, clock, one transaction, idempotency, ledger entry, recorded refusals."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Generic, TypeVar

import pydantic
from django.db import DatabaseError, connection, transaction

from dingmi.base import messages
from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Conflict, DingmiError, Finding, Forbidden, Invalid, NotFound, Unavailable
from dingmi.procedures import full, gap
from dingmi.procedures.stores import unwritable
from dingmi.queries import access, clock
from dingmi.queries.reading import everything
from dingmi.queries.registry import jsonable, parameter_model, schema_of, validated
from dingmi.records.ledger.append import append, sequence_committed
from dingmi.records.ledger.coded import keyed_digest
from dingmi.records.ledger.guard import act_open, entries_made, is_owing
from dingmi.records.ledger.models import Receipt
from dingmi.records.ledger.tree import canonical
from dingmi.regime import grounds

R = TypeVar("R")


AUDITOR_MAY = frozenset(  # looking is recorded; the rest is about the auditor's own account, inbox and evidence (SR-33)
    {
        "access.sign_out",
        "access.confirm_password",
        "access.change_password",
        "access.enrol_second",
        "access.confirm_second",
        "access.issue_token",
        "access.set_language",
        "access.prefer",
        "access.looked",
        "notices.acknowledge",
        "notices.acknowledge_all",
        "lists.export",
        "keep.evidence",
    }
)


class NoLedgerEntry(RuntimeError):
    """An act changed records and appended nothing, or nothing after its last change: a bug in the program; the change is rolled back."""


@dataclass
class Act(Generic[R]):
    """One legal act: callable with keywords, and described for the command line and the API."""

    name: str
    requires: frozenset[Role]
    step_up: bool
    clauses: frozenset[str]
    open_to_anyone: bool
    replay: bool
    function: Callable[..., R]
    waits_for_date: bool = False
    preparer: Callable[..., Mapping[str, Any]] | None = None

    @property
    def family(self) -> str:
        """The module of acts it belongs to."""
        return self.name.partition(".")[0]

    @property
    def doc(self) -> str:
        """What the act does."""
        return inspect.getdoc(self.function) or ""

    @property
    def title_zh(self) -> str:
        """Chinese name of the act."""
        return messages.render(Finding(self.name), "zh").text

    @property
    def title_en(self) -> str:
        """English name of the act."""
        return messages.render(Finding(self.name), "en").text

    @cached_property
    def model(self) -> type[pydantic.BaseModel]:
        """The model of the parameters."""
        return parameter_model(self.function)

    @cached_property
    def outcome(self) -> pydantic.TypeAdapter[R]:
        """How a stored outcome is read back."""
        return pydantic.TypeAdapter(typing.get_type_hints(self.function)["return"])

    def parameters_schema(self) -> dict[str, Any]:
        """Return the JSON Schema of the parameters."""
        return schema_of(self.model)

    def prepare(self, function: Callable[..., Mapping[str, Any]]) -> Callable[..., Mapping[str, Any]]:
        """Register the half that runs before the transaction; the act gets its return as ``prepared``."""
        self.preparer = function
        return function

    def __call__(self, *, actor: Actor, now: datetime, key: str | None = None, **params: Any) -> R:
        """Perform the act.

        Raises:
            DingmiError: The act was refused; nothing changed, and the attempt stands in the ledger. Of what is malformed
                or could not be done for want of a store (``Invalid``, ``Unavailable``) no attempt is kept (ADR 0001).
        """
        now, params = clock.civil(clock.admitted(now)), clock.civil(params)
        with everything(f"act {self.name}"):
            gap.note(actor, now)
            try:
                done = self._performed(actor, now, key, params)
            except DingmiError as error:
                grounds.ground(error, now.date(), self.name)
                if isinstance(error, Invalid | Unavailable):
                    raise
                _record_attempt(self.name, actor, now, error, key)
                raise
            except (OSError, DatabaseError) as error:
                raise unwritable(error) or error from error
            sequence_committed()
            return done

    def _performed(self, actor: Actor, now: datetime, key: str | None, params: dict[str, Any]) -> R:
        self._require_may(actor)
        digest = "" if key is None else keyed_digest(canonical([self.name, _digestible(params)]))
        if key is not None:
            _require_usable(key)
            stored = _receipt(actor, key)
            if stored is not None:
                return self._replayed(stored, digest)
        full.require_room(self.name, actor, now)
        more = {} if self.preparer is None else {"prepared": self.preparer(actor=actor, now=now, **params)}
        with transaction.atomic(), act_open(self.name, key):
            if key is not None:
                _hold(actor, key)
                stored = _receipt(actor, key)
                if stored is not None:
                    return self._replayed(stored, digest)
            if self.preparer is not None:
                access.require_live(actor)
            outcome = self.function(actor=actor, now=now, **params, **more)
            if not entries_made() or is_owing():
                raise NoLedgerEntry(self.name)
            if key is not None:
                kept = {"kept": self.replay, "value": jsonable(outcome) if self.replay else None}
                Receipt(
                    account=actor.account_id, key=key, act=self.name, params_digest=digest, outcome=kept, at=now
                ).save()
        return outcome

    def _require_may(self, actor: Actor) -> None:
        if self.waits_for_date:
            clock.require_confirmed()
        if not self.open_to_anyone and not actor.account_id and not actor.holds(Role.CLOCK):
            raise Forbidden("session.required")
        if self.requires and not actor.holds(*self.requires):
            raise Forbidden("role.required", (), roles=sorted(self.requires), act=self.name)
        if actor.holds(Role.AUDIT_ADMIN) and self.name not in AUDITOR_MAY:
            raise Forbidden("auditor.only_looks", (), act=self.name)
        if self.step_up and not actor.stepped_up:
            raise Forbidden("step_up.required", (), act=self.name)

    def _replayed(self, stored: Receipt, digest: str) -> R:
        if stored.act != self.name or stored.params_digest != digest:
            raise Conflict("key.reused", (), act=self.name)
        if not stored.outcome["kept"]:
            raise Conflict("key.spent", (), act=self.name)
        return self.outcome.validate_python(stored.outcome["value"])


def _digestible(value: Any) -> Any:
    """Return parameters as canonical values: floats as text, keys as pairs."""
    plain = jsonable(value)
    if isinstance(plain, float):
        return repr(plain)
    if isinstance(plain, dict):
        return [[str(k), _digestible(v)] for k, v in sorted(plain.items())]
    return [_digestible(v) for v in plain] if isinstance(plain, list) else plain


def _require_usable(key: str) -> None:
    if not 1 <= len(key) <= 120 or not key.isprintable():
        raise Invalid("input.invalid", (), fields={"key": "key.malformed"})


def _receipt(actor: Actor, key: str) -> Receipt | None:
    found: Receipt | None = Receipt.objects.filter(account=actor.account_id, key=key).first()
    return found


def _hold(actor: Actor, key: str) -> None:
    """Let one request at a time go on under a key; SQLite has one writer anyway."""
    if connection.vendor == "postgresql":
        number = int(keyed_digest(f"{actor.account_id}\n{key}")[:15], 16)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])


def _record_attempt(name: str, actor: Actor, now: datetime, error: DingmiError, key: str | None) -> None:
    """Record in a transaction of its own that the act was refused: codes and clauses, no parameters."""
    findings = [f for f in error.findings if f.severity == "block"]
    with transaction.atomic(), act_open("attempt", key):
        append(
            actor,
            "attempt",
            subject=("act", name),
            at=now,
            data={
                "act": name,
                "kind": error.kind,
                "codes": sorted({f.code for f in findings}),
                "clauses": sorted({c for f in findings for c in f.clauses}),
            },
            result="refused",
        )
    sequence_committed()


ACTS: dict[str, Act[Any]] = {}
INTERNAL: dict[str, Act[Any]] = {}  # not offered by name: a page, a command or another act performs each


def procedure(
    name: str,
    *,
    requires: Role | Iterable[Role] = (),
    step_up: bool = False,
    clauses: Iterable[str] = (),
    anyone: bool = False,
    internal: bool = False,
    replay: bool | None = None,
    waits_for_date: bool = False,
) -> Callable[[Callable[..., R]], Act[R]]:
    """Make a function an act under ``name``.

    Args:
        requires: One of these roles is needed; none means anyone signed in.
        anyone: No account is needed (signing in, founding).
        internal: Not offered by name on the command line or the API.
        replay: Keep the outcome under an idempotency key. By default kept unless it holds bytes; an act that returns a
            secret or text of a matter says False, and a repeated key is then told ``key.spent``.
        waits_for_date: It widens what someone may read or decide, so after a long silence of the ledger it waits until
            people have confirmed the date (SR-63).
    """
    roles = frozenset([requires] if isinstance(requires, Role) else requires)

    def register(function: Callable[..., R]) -> Act[R]:
        kept = _is_keepable(function) if replay is None else replay
        act = Act(name, roles, step_up, frozenset(clauses), anyone, kept, function, waits_for_date)
        if name in ACTS or (name in INTERNAL and not internal):
            raise RuntimeError(f"two acts are named {name}")
        (INTERNAL if internal else ACTS)[name] = act
        return act

    return register


def _is_keepable(function: Callable[..., Any]) -> bool:
    returned = typing.get_type_hints(function).get("return")
    if not is_dataclass(returned) or not isinstance(returned, type):
        return True
    hints = typing.get_type_hints(returned)
    return not any(hints[f.name] is bytes for f in fields(returned))


def perform(name: str, *, actor: Actor, now: datetime, params: Mapping[str, Any], key: str | None = None) -> Any:
    """Perform the act ``name`` with JSON parameters.

    Raises:
        NotFound: There is no such act.
        Invalid: A parameter is malformed.
    """
    act = ACTS.get(name)
    if act is None:
        raise NotFound("act.unknown", (), act=name[:60])
    return act(actor=actor, now=now, key=key, **validated(act.model, params))
