"""Work secrets: sentences that a text itself calls internal, or that list who is on duty and how to reach them (GZ-s2)."""

from __future__ import annotations

import re

from dingmi.engines.suggest.types import Span

CALLED_SO = ("内部事项", "内部资料", "内部使用", "（内部）", "注意保管")
LISTS = ("值守电话", "值班电话", "联络名单", "人员名单", "通讯录", "联系方式")
MOST = 100
_SENTENCE = re.compile(r"[^。；！？\n]+[。；！？]?")
_WORDS = re.compile("|".join(map(re.escape, (*CALLED_SO, *LISTS))))


def work_secrets(text: str) -> tuple[Span, ...]:
    """Return the sentences of ``text`` that look like work secrets, at most ``MOST``; never a level."""
    found = []
    for sentence in _SENTENCE.finditer(text):
        if _WORDS.search(sentence.group()):
            start = sentence.start() + len(sentence.group()) - len(sentence.group().lstrip())
            found.append(Span(start, sentence.end()))
    return tuple(found[:MOST])
