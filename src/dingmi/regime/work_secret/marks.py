"""工作秘密标志: 「内部」 or 「内部事项 注意保管」; no level, no period, no ★ (GZ-s2)."""

from __future__ import annotations

import unicodedata
from datetime import date

from dingmi.base.errors import Invalid
from dingmi.regime.kernel.grading import GradeMark
from dingmi.regime.work_secret.book import PARAMETERS
from dingmi.regime.work_secret.levels import Level

STARS = "★☆＊*"


def mark_text(level: str = "内部", tail: str = "", owner: str = "", *, words: int = 0, on: date = date.max) -> str:
    """Return the mark of a work secret.

    Args:
        words: Which of the words the law gives.
    """
    del tail, owner  # a work secret has neither
    Level(level)
    return str(PARAMETERS.value("mark_words", on)[words])


def parse(text: str, on: date = date.max) -> GradeMark:
    """Read a mark of a work secret.

    Raises:
        Invalid: ``grade.star`` for the ★ of state secrets (BMF-22.3), ``grade.mark_unreadable`` for anything else.
    """
    tight = "".join(unicodedata.normalize("NFKC", text).split())
    if any(star in text for star in STARS):
        raise Invalid("grade.star", ("BMF-22.3",))
    for word in PARAMETERS.value("mark_words", on):
        if tight == "".join(word.split()):
            return GradeMark(Level.INTERNAL.word, "", word)
    raise Invalid("grade.mark_unreadable", ("GZ-s2",))
