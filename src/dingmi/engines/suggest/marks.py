"""Mark-shaped strings in a text, found tolerantly; the grammar proper lives elsewhere.

Looks through spacing, width, look-alike stars and invisible characters, and reports what seems wrong with each mark.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from dingmi.engines.suggest.conditions import Folded
from dingmi.engines.suggest.normalise import fold_char
from dingmi.engines.suggest.types import Block, FoundMark

_MARK = re.compile(
    r"(绝[ \u3000]*密|机[ \u3000]*密|秘[ \u3000]*密|内[ \u3000]*部)[ \u3000]*([★☆*✭✮✯⋆﹡])[ \u3000]*"
    r"(长[ \u3000]*期|\d{4}\s*年\s*\d{1,2}\s*月(?:\s*\d{1,2}\s*日)?|\d+\s*(?:年|个?月|日|天)|[^\s,。;、)\]》]{0,16})"
)
_LINE = re.compile(r"^[ \t]*(绝\s?密|机\s?密|秘\s?密)[ \t]*(?:(\d+\s*(?:年|个?月)|长期))?[ \t]*$", re.MULTILINE)
_TAIL = re.compile(r"长期|\d{4}年\d{1,2}月(\d{1,2}日)?|\d+(年|个?月)|.*(前|后|时|公布|启用|实施|发布|解密).*")
_HEAD_CHARACTERS, _HEAD_LINES = 300, 6


def find_marks(text: str, blocks: Sequence[Block] = ()) -> tuple[FoundMark, ...]:
    """Find marks in ``text``; ``blocks`` of kind header or textbox count as the place where a mark belongs."""
    folded = Folded.of(text)
    found: list[FoundMark] = []
    for match in _MARK.finditer(folded.text):
        level, star = re.sub(r"\s", "", match[1]), match[2]
        end = match.end() if match[3] else match.end(2)
        span = folded.span(match.start(), end)
        raw = text[span.start : span.end]
        place = _place(text, span.start, span.end, blocks)
        tail = re.sub(r"\s", "", match[3])
        problems = _problems(raw, level, star, tail, place)
        found.append(FoundMark(raw, span, level, tail, place, problems))
    for match in _LINE.finditer(folded.text):
        span = folded.span(match.start(1), match.end(2) if match[2] else match.end(1))
        place = _place(text, span.start, span.end, blocks)
        lacking = ("mark_without_star", "mark_misplaced") if place == "body" else ("mark_without_star",)
        level, tail = re.sub(r"\s", "", match[1]), re.sub(r"\s", "", match[2] or "")
        found.append(FoundMark(text[span.start : span.end], span, level, tail, place, lacking))
    return tuple(sorted(found, key=lambda mark: mark.span))


def _place(text: str, start: int, end: int, blocks: Sequence[Block]) -> str:
    for block in blocks:
        if block.start <= start < block.end and block.kind in ("header", "textbox"):
            return "head"
    before = text[start - 1 : start].strip()
    if before in ("(", "（", "[", "【") and before:
        return "portion"
    line = text[text.rfind("\n", 0, start) + 1 : start].strip()
    early = start < _HEAD_CHARACTERS and text.count("\n", 0, start) < _HEAD_LINES
    return "head" if early and not line else "body"


def _problems(raw: str, level: str, star: str, tail: str, place: str) -> tuple[str, ...]:
    problems = []
    if level == "内部":
        problems.append("mark_work_secret_star")
    if star != "★":
        problems.append("mark_wrong_star")
    if tail and not _TAIL.fullmatch(tail):
        problems.append("mark_bad_tail")
    if any(not fold_char(char) for char in raw):
        problems.append("mark_disguised")
    if place == "body":
        problems.append("mark_misplaced")
    return tuple(problems)
