"""Rules, decisions and verdicts: the same facts, rulebook and date always give the same verdict."""

from __future__ import annotations

import hashlib
import inspect
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from dingmi.base.errors import Finding, Refused
from dingmi.regime.kernel.parameters import Parameters
from dingmi.regime.kernel.register import clauses, grounds, in_force, instruments, successors

Found = Iterable[tuple[str, Mapping[str, Any]]]
RuleBody = Callable[[Any, "Law"], Found]


class Undecided(Exception):
    """Two exceptions hold at once; the law has to be asked, never a silent order."""


@dataclass(frozen=True, slots=True)
class Law:
    """The law as of one date."""

    on: date
    parameters: Parameters

    def value(self, name: str) -> Any:
        """Return the value of a dated parameter on this date."""
        return self.parameters.value(name, self.on)


@dataclass(frozen=True, slots=True)
class Rule:
    """One function of the law, in force while one of its clauses is."""

    name: str
    acts: frozenset[str]
    clauses: tuple[str, ...]
    severity: str
    body: RuleBody
    concerns: Callable[[Any], bool]

    def clause_on(self, on: date) -> str | None:
        """Return the clause that grounds the rule on ``on``, or None."""
        return next((c for c in self.clauses if in_force(c, on)), None)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the law says of an act: findings, decided values, the rules that ran, the digest of the rulebook.

    ``apart`` names those of the rules that ran which are about other cases: about sources where there are none.
    """

    findings: tuple[Finding, ...]
    values: Mapping[str, Any]
    trace: tuple[str, ...]
    rulebook: str
    on: date
    apart: frozenset[str] = frozenset()

    @property
    def allowed(self) -> bool:
        """Whether nothing blocks."""
        return not self.blocking

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """The findings that refuse the act."""
        return tuple(f for f in self.findings if f.severity == "block")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings that do not block."""
        return tuple(f for f in self.findings if f.severity != "block")

    def require(self) -> None:
        """Raise when the law refuses the act.

        Raises:
            Refused: With every blocking finding at once.
        """
        if self.blocking:
            raise Refused.of(self.blocking)

    def payload(self) -> dict[str, Any]:
        """Return the verdict as plain values."""
        return {
            "allowed": self.allowed,
            "findings": [
                {"code": f.code, "severity": f.severity, "clauses": list(f.clauses), "params": dict(f.params)}
                for f in self.findings
            ],
            "values": dict(self.values),
            "trace": list(self.trace),
            "rulebook": self.rulebook,
            "on": self.on,
        }


@dataclass
class Decision:
    """A value with a base case and labelled exceptions."""

    name: str
    clauses: tuple[str, ...]
    acts: frozenset[str]
    base: Callable[[Any, Law], Any]
    exceptions: list[tuple[str, Callable[[Any], bool], Callable[[Any, Law], Any]]] = field(default_factory=list)

    def unless(self, clause: str, *, when: Callable[[Any], bool]) -> Callable[[Callable[[Any, Law], Any]], Any]:
        """Add an exception: under ``clause``, where ``when`` holds, the value is the decorated function's."""
        _known(clause)

        def add(function: Callable[[Any, Law], Any]) -> Callable[[Any, Law], Any]:
            self.exceptions.append((clause, when, function))
            return function

        return add

    def of(self, facts: Any, law: Law) -> tuple[Any, str]:
        """Return the value and the clause that gave it.

        Raises:
            Undecided: Two exceptions hold.
        """
        live = [(c, f) for c, when, f in self.exceptions if in_force(c, law.on) and when(facts)]
        if len(live) > 1:
            raise Undecided(f"{self.name}: {', '.join(c for c, _ in live)}")
        if live:
            return live[0][1](facts, law), live[0][0]
        return self.base(facts, law), next((c for c in self.clauses if in_force(c, law.on)), self.clauses[0])


class RuleBook:
    """Every rule and decision of one regime."""

    def __init__(self, parameters: Parameters) -> None:
        self.parameters = parameters
        self.rules: list[Rule] = []
        self.decisions: list[Decision] = []

    def rule(
        self,
        acts: str | tuple[str, ...],
        *ids: str,
        severity: str = "block",
        concerns: Callable[[Any], bool] = lambda facts: True,
    ) -> Callable[[RuleBody], RuleBody]:
        """Declare a rule for one or several acts, with every clause that ever grounded it, newest law first.

        A rule grounded only by a clause whose wording is unconfirmed warns and never blocks.

        Args:
            concerns: Whether the rule is about the case that the facts tell; it runs all the same.
        """
        for clause in ids:
            _known(clause)

        def add(body: RuleBody) -> RuleBody:
            names = frozenset([acts] if isinstance(acts, str) else acts)
            self.rules.append(Rule(body.__name__, names, ids, severity, body, concerns))
            return body

        return add

    def decision(
        self, name: str, acts: str | tuple[str, ...], ids: str | tuple[str, ...], base: Callable[[Any, Law], Any]
    ) -> Decision:
        """Declare a decided value for one or several acts, with the clause or clauses that ever grounded it, newest law first."""
        grounded = (ids,) if isinstance(ids, str) else ids
        for clause in grounded:
            _known(clause)
        made = Decision(name, grounded, frozenset([acts] if isinstance(acts, str) else acts), base)
        self.decisions.append(made)
        return made

    def digest(self) -> str:
        """Return the SM3 digest of everything a verdict hangs on (SHA-256 where SM3 is not built in).

        That is rules and decisions with their clauses, the source of every module of the law that is loaded, helpers
        included, the parameters, and the dates between which each instrument is in force.
        """
        parts = [f"{r.name} {sorted(r.acts)} {r.clauses} {r.severity}" for r in self.rules]
        parts += [f"{d.name} {d.clauses} {[c for c, _, _ in d.exceptions]}" for d in self.decisions]
        parts += [f"{i.code} {i.since} {i.until} {i.carried_until_replaced}" for i in instruments().values()]
        parts += [f"{old} {new}" for old, new in successors().items()]
        parts.append(self.parameters.text)
        bodies = [r.body for r in self.rules] + [d.base for d in self.decisions]
        packages = {body.__module__.rpartition(".")[0] for body in bodies} | {__package__}
        loaded = sorted(name for name in sys.modules if name.rpartition(".")[0] in packages)
        parts += [inspect.getsource(sys.modules[name]) for name in loaded]
        name = "sm3" if "sm3" in hashlib.algorithms_available else "sha256"
        return hashlib.new(name, "\n".join(parts).encode()).hexdigest()

    def judge(self, act: str, facts: Any, on: date, digest: str | None = None) -> Verdict:
        """Judge an act by the law of ``on``; every rule runs, every finding is told."""
        law = Law(on, self.parameters)
        findings: list[Finding] = []
        trace: list[str] = []
        apart: set[str] = set()
        for rule in self.rules:
            if act not in rule.acts or (clause := rule.clause_on(on)) is None:
                continue
            cited = grounds(clause, on)
            trace.append(f"{rule.name} {cited[0]}")
            severity = "warn" if cited[0].endswith("?") else rule.severity
            found = [Finding(code, severity, cited, dict(params)) for code, params in rule.body(facts, law)]
            findings += found
            if not found and not rule.concerns(facts):
                apart.add(rule.name)
        values: dict[str, Any] = {}
        for decision in self.decisions:
            if act in decision.acts:
                values[decision.name], clause = decision.of(facts, law)
                trace.append(f"{decision.name} {clause}")
        return Verdict(tuple(findings), values, tuple(trace), digest or self.digest(), on, frozenset(apart))

    def carriers(self) -> dict[str, list[str]]:
        """Return for each clause the rules and decisions that carry it, itself or beside the clause that it takes over."""
        found: dict[str, list[str]] = {}
        for rule in self.rules:
            for clause in rule.clauses:
                found.setdefault(clause, []).append(rule.name)
        for decision in self.decisions:
            for clause in (*decision.clauses, *(c for c, _, _ in decision.exceptions)):
                found.setdefault(clause, []).append(decision.name)
        for old, new in successors().items():
            if old in found:
                found.setdefault(new, []).extend(found[old])
        return found


def _known(clause: str) -> None:
    if clause not in clauses():
        raise ValueError(f"no such clause in the register: {clause}")
