"""What the pages of 定密拟稿 and 审核台 share: steps, findings in words, counts of evidence."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _

from dingmi.base.errors import DingmiError, Finding
from dingmi.interfaces.web.door import Told, explain, told

LEVELS = ("绝密", "机密", "秘密")
WHO_CAN = "officer.who_can"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way: done, now, or still to come."""

    number: int
    name: str
    done: bool
    now: bool


def steps(at: int, *names: str) -> tuple[Step, ...]:
    """Return the steps with number ``at`` as the present one."""
    return tuple(Step(n, name, n < at, n == at) for n, name in enumerate(names, 1))


def original_steps(at: int) -> tuple[Step, ...]:
    """Return the three steps of an original determination."""
    return steps(at, _("上传"), _("逐项确认"), _("核对并提交"))


def derivative_steps(at: int) -> tuple[Step, ...]:
    """Return the two steps of a derivative determination."""
    return steps(at, _("上传"), _("确认来源并提交"))


def triggers() -> tuple[dict[str, str], ...]:
    """Return the four cases of a derivative determination in words (TL-18)."""
    return (
        {"value": "identical", "word": _("与已定密事项完全一致"), "clause": "TL-18.1"},
        {"value": "point", "word": _("涉及已定密事项密点"), "clause": "TL-18.2"},
        {"value": "rework", "word": _("概括总结、编辑整合、具体细化"), "clause": "TL-18.3"},
        {"value": "originator_rule", "word": _("原定密机关有明确定密要求"), "clause": "TL-18.4"},
    )


def counts(page: Any) -> Counter[str]:
    """Return how many evidence spans of each kind the text holds."""
    return Counter(e.kind for e in page.evidence)


@dataclass(frozen=True, slots=True)
class Shown:
    """What the paper shows at one place: a line, or a table of cells; with the comment threads that end there."""

    line: Any = None
    rows: tuple[tuple[Any, ...], ...] = ()
    threads: tuple[Any, ...] = ()


def paper(page: Any) -> tuple[Shown, ...]:
    """Lay out the lines of a text: cells of a table together, threads under the line that they are about."""
    by_number = {t.number: t for t in page.threads}
    found: list[Shown] = []
    for is_cell, lines in groupby(page.paragraphs, key=lambda p: p.kind == "cell"):
        held = list(lines)
        said = [tuple(by_number[n] for n in p.threads if n in by_number) for p in held]
        if is_cell:
            rows = tuple(tuple(cells) for _, cells in groupby(held, key=lambda p: p.row))
            found.append(Shown(rows=rows, threads=tuple(t for some in said for t in some)))
        else:
            found += [Shown(line=p, threads=some) for p, some in zip(held, said, strict=True)]
    return tuple(found)


def threads(page: Any) -> dict[str, Any]:
    """Return what pages with comments show: where the text is laid out, threads about words that are gone, counts."""
    return {
        "paper": paper(page),
        "moved": [t for t in page.threads if t.moved],
        "unresolved": sum(1 for t in page.threads if not t.resolved),
        "held": sum(1 for t in page.threads for w in t.said if w.held),
    }


def refers(error: DingmiError | None) -> bool:
    """Tell whether a refusal is for want of authority, so that the road is a referral (GD-11.2)."""
    return error is not None and any(f.code.startswith("authority.") for f in error.findings)


def asked(verdict: Any, language: str) -> dict[str, list[dict[str, Any]]]:
    """Return the clauses found kept, those that wait for the signature, and those about other cases, in the reader's language."""
    return {
        kind: [{"text": a.en if language == "en" else a.zh, "clauses": (a.clause,)} for a in getattr(verdict, kind)]
        for kind in ("passed", "waiting", "apart")
    }


def in_words(findings: tuple[Finding, ...], language: str) -> tuple[Told, ...]:
    """Return findings as a person reads them."""
    return tuple(told(f, language) for f in findings)


def errors(error: DingmiError | None, language: str) -> tuple[Told, ...]:
    """Return the blocking findings of a refusal in words, and who can do it instead; nothing without one."""
    if error is None:
        return ()
    said = explain(error, language)
    return tuple(t for t in said if t.severity == "block" or t.code == WHO_CAN) or said


def until(tail: str, today: date) -> str:
    """Say when a period of whole years that starts about today ends, as month; nothing for another tail."""
    years = tail.removesuffix("年")
    if not (tail.endswith("年") and years.isascii() and years.isdigit()):
        return ""
    return f"{today.year + int(years)}-{today.month:02d}"
