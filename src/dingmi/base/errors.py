"""The seven kinds of error that reach people; nothing else does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing the law or a check says about an act.

    ``code`` names the message; ``severity`` is ``block``, ``warn`` or ``note``; ``clauses`` are the clause ids in
    force on the date judged; ``params`` hold only ids, codes, numbers, dates and mark strings, never classified text.
    """

    code: str
    severity: str = "block"
    clauses: tuple[str, ...] = ()
    params: Mapping[str, Any] = field(default_factory=dict)


class DingmiError(Exception):
    """An error that a person may see: a code, its clauses and plain parameters; rendered once per interface."""

    kind: ClassVar[str] = "error"
    http_status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1

    def __init__(self, code: str, clauses: tuple[str, ...] = (), /, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.clauses = tuple(clauses)
        self.params = params

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything that is wrong, at once."""
        return (Finding(self.code, "block", self.clauses, self.params),)


class Invalid(DingmiError):
    """Malformed input: a field and what is wrong with it."""

    kind, http_status, exit_code = "Invalid", 400, 2

    def __init__(self, code: str = "input.invalid", clauses: tuple[str, ...] = (), /, **params: Any) -> None:
        super().__init__(code, clauses, **params)


class Refused(DingmiError):
    """The law refuses the act; carries all findings at once."""

    kind, http_status, exit_code = "Refused", 422, 3

    def __init__(
        self,
        code: str,
        clauses: tuple[str, ...] = (),
        /,
        *,
        findings: tuple[Finding, ...] = (),
        **params: Any,
    ) -> None:
        super().__init__(code, clauses, **params)
        self._findings = findings

    @classmethod
    def of(cls, findings: tuple[Finding, ...]) -> Refused:
        """Build the refusal from the blocking findings of a verdict."""
        first = next(f for f in findings if f.severity == "block")
        return cls(first.code, first.clauses, findings=findings, **dict(first.params))

    @property
    def findings(self) -> tuple[Finding, ...]:
        return self._findings or super().findings


class Forbidden(DingmiError):
    """Role or separation of the three administrators."""

    kind, http_status, exit_code = "Forbidden", 403, 4


class NotFound(DingmiError):
    """Missing or not need-to-know: one code, one text."""

    kind, http_status, exit_code = "NotFound", 404, 5

    def __init__(self, code: str = "object.not_found", clauses: tuple[str, ...] = (), /, **params: Any) -> None:
        super().__init__(code, clauses, **params)


class Conflict(DingmiError):
    """Someone decided meanwhile."""

    kind, http_status, exit_code = "Conflict", 409, 6


class Unavailable(DingmiError):
    """A store, key or calendar is not there; nothing was written."""

    kind, http_status, exit_code = "Unavailable", 503, 7


class Tampered(DingmiError):
    """Ledger, mark or cipher does not verify: stop and alarm."""

    kind, http_status, exit_code = "Tampered", 500, 8


KINDS: tuple[type[DingmiError], ...] = (Invalid, Refused, Forbidden, NotFound, Conflict, Unavailable, Tampered)
