"""One JSON document for an error, the same from the command line and over HTTP (INTERFACE)."""

from __future__ import annotations

from typing import Any

from dingmi.base import messages
from dingmi.base.errors import DingmiError, Finding


def plain(value: Any) -> Any:
    """Return ``value`` as JSON values: dates as ISO 8601, anything unknown as text."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(v) for v in value]
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def finding_document(finding: Finding) -> dict[str, Any]:
    """Return one finding with its texts and remedies in both languages."""
    zh, en = messages.render(finding, "zh"), messages.render(finding, "en")
    return {
        "code": finding.code,
        "severity": finding.severity,
        "clauses": list(finding.clauses),
        "params": plain(dict(finding.params)),
        "message_zh": zh.text,
        "message_en": en.text,
        "remedy_zh": zh.remedy,
        "remedy_en": en.remedy,
    }


def error_document(error: DingmiError) -> dict[str, Any]:
    """Return the ``{"error": …}`` document of INTERFACE, with every finding of a refusal."""
    findings = [finding_document(f) for f in error.findings]
    head = finding_document(Finding(error.code, "block", error.clauses, error.params))
    head.pop("severity")
    return {"error": {"kind": error.kind, **head, "findings": findings}}
