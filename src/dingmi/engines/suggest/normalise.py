"""Texts as the engine compares them: folded characters with a map back to the original offsets.

Width, compatibility forms, case, traditional characters (when the optional ``opencc`` package is there), look-alike
letters, invisible characters and line joins are all folded, so that none of them hides a copied passage.
"""

from __future__ import annotations

import functools
import importlib
import unicodedata
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Letters drawn like Latin ones: Cyrillic and Greek (evasion by homoglyphs).
_LOOKALIKE = str.maketrans("аеорсухіјѕԁһкмтвпгαορνικτυ", "aeopcyxijsdhkmtbnraopvikty")

WORD, CJK, END, GAP = 1, 2, 3, 0
_SENTENCE_ENDS = frozenset("。！？；!?;\n\r\u2028\u2029")


@functools.cache
def _simplifier() -> dict[str, str] | None:
    """Character table traditional → simplified from ``opencc`` when installed; one character to one."""
    try:
        convert = importlib.import_module("opencc").OpenCC("t2s").convert
    except Exception:  # the package is optional and its data may be missing
        return None
    table = {}
    for start, end in ((0x4E00, 0xA000), (0x3400, 0x4DC0)):
        chars = [chr(c) for c in range(start, end)]
        for char in chars:
            simple = convert(char)
            if simple != char and len(simple) == 1:
                table[char] = simple
    return table


def _is_cjk(char: str) -> bool:
    code = ord(char)
    return 0x3400 <= code < 0xA000 or 0x20000 <= code < 0x32000 or 0xF900 <= code < 0xFB00 or 0x3040 <= code < 0x3100


@functools.lru_cache(maxsize=1 << 16)
def fold_char(char: str) -> str:
    """Fold one character; an empty string when it is invisible and carries no text."""
    category = unicodedata.category(char)
    if category in ("Cf", "Mn", "Me", "Cc") and char not in "\n\r\t":
        return ""
    folded = unicodedata.normalize("NFKC", char).lower().translate(_LOOKALIKE)
    table = _simplifier()
    if table:
        folded = "".join(table.get(c, c) for c in folded)
    return "".join(c for c in folded if unicodedata.category(c) not in ("Cf", "Mn", "Me"))


def kind_of(char: str) -> int:
    """Class of a folded character: ``CJK``, ``WORD``, ``END`` (of a sentence) or ``GAP``."""
    if _is_cjk(char):
        return CJK
    if char.isalnum():
        return WORD
    return END if char in _SENTENCE_ENDS else GAP


@functools.lru_cache(maxsize=1 << 16)
def _char(char: str) -> tuple[tuple[str, int], ...]:
    return tuple((c, kind_of(c)) for c in fold_char(char))


@dataclass(frozen=True, slots=True)
class Units:
    """The comparable units of a text: one Chinese character, or one word or number.

    ``starts`` and ``ends`` are offsets in the original text; ``is_word`` tells words from characters; ``sentence`` is
    the running number of the sentence each unit belongs to.
    """

    tokens: tuple[str, ...]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    is_word: NDArray[np.bool_]
    sentence: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.tokens)


def units_of(text: str) -> Units:
    """Split ``text`` into units; joins words broken by a hyphen or invisible character at a line end."""
    tokens: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    words: list[bool] = []
    sentences: list[int] = []
    number, word, word_start, word_end, at_end = 0, "", 0, 0, False
    fold = {char: _char(char) for char in set(text)}
    for offset, original in enumerate(text):
        for char, kind in fold[original]:
            if kind == WORD:
                if not word:
                    word_start = offset
                word += char
                word_end = offset + 1
                continue
            if word:
                tokens.append(word)
                starts.append(word_start)
                ends.append(word_end)
                words.append(True)
                sentences.append(number)
                word, at_end = "", False
            if kind == CJK:
                tokens.append(char)
                starts.append(offset)
                ends.append(offset + 1)
                words.append(False)
                sentences.append(number)
                at_end = False
            elif (kind == END and (char not in "\n\r" or _breaks(text, offset))) or _full_stop(text, offset, char):
                if not at_end:
                    number += 1
                at_end = True
    if word:
        tokens.append(word)
        starts.append(word_start)
        ends.append(word_end)
        words.append(True)
        sentences.append(number)
    return Units(
        tuple(tokens),
        np.array(starts, np.int64),
        np.array(ends, np.int64),
        np.array(words, np.bool_),
        np.array(sentences, np.int64),
    )


def _full_stop(text: str, offset: int, char: str) -> bool:
    """A Latin full stop ends a sentence only before a space or the end."""
    return char == "." and (offset + 1 >= len(text) or text[offset + 1].isspace())


def _breaks(text: str, offset: int) -> bool:
    """A line end is a sentence end unless the line was merely wrapped (next line goes on in small letters)."""
    after = text[offset + 1 : offset + 2]
    before = text[offset - 1 : offset]
    return not (after.islower() and (before.isalnum() or before in ",-"))
