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

    ``vocabulary`` holds the different units and ``ids`` says which stands where; ``starts`` and ``ends`` are offsets in
    the original text; ``is_word`` tells words from characters; ``sentence`` grows from sentence to sentence.
    """

    vocabulary: tuple[str, ...]
    ids: NDArray[np.int64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    is_word: NDArray[np.bool_]
    sentence: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def tokens(self) -> list[str]:
        """The units in order, as strings."""
        return [self.vocabulary[i] for i in self.ids]


def _codes(text: str) -> NDArray[np.int64]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.int64)


def expanded(text: str) -> tuple[str, NDArray[np.int64], NDArray[np.int64]]:
    """Folded text, the class of each of its characters, and the original offset of each."""
    codes, which = np.unique(_codes(text), return_inverse=True)
    folds = [_char(chr(code)) for code in codes.tolist()]
    lengths = np.array([len(fold) for fold in folds], np.int64)
    pieces = np.array([c for fold in folds for c, _ in fold] or [" "])
    classes = np.array([k for fold in folds for _, k in fold] or [GAP], np.int64)
    first = np.cumsum(lengths) - lengths
    counts = lengths[which]
    offsets = np.repeat(np.arange(len(which)), counts)
    within = np.arange(len(offsets)) - np.repeat(np.cumsum(counts) - counts, counts)
    place = first[which[offsets]] + within
    return "".join(pieces[place].tolist()), classes[place], offsets


def units_of(text: str) -> Units:
    """Split ``text`` into units; invisible characters inside a word do not break it."""
    folded, kinds, offsets = expanded(text)
    before = np.concatenate([[GAP], kinds[:-1]])
    after = np.concatenate([kinds[1:], [GAP]])
    starts = np.flatnonzero((kinds == CJK) | ((kinds == WORD) & (before != WORD)))
    lasts = np.flatnonzero((kinds == CJK) | ((kinds == WORD) & (after != WORD)))
    is_word = kinds[starts] == WORD
    ids = np.zeros(len(starts), np.int64)
    codes, which = np.unique(_codes(folded)[starts[~is_word]], return_inverse=True)
    vocabulary = [chr(code) for code in codes.tolist()]
    ids[~is_word] = which
    known: dict[str, int] = {}
    for place in np.flatnonzero(is_word).tolist():
        word = folded[starts[place] : lasts[place] + 1]
        ids[place] = known.setdefault(word, len(vocabulary) + len(known))
    ends = np.zeros(len(folded), np.int64)
    for place in np.flatnonzero(kinds == END).tolist():
        if folded[place] not in "\n\r" or _breaks(text, int(offsets[place])):
            ends[place] = 1
    stop = folded.find(".")
    while stop >= 0:
        if stop + 1 >= len(folded) or folded[stop + 1].isspace():
            ends[stop] = 1
        stop = folded.find(".", stop + 1)
    return Units(
        (*vocabulary, *known),
        ids,
        offsets[starts],
        offsets[lasts] + 1,
        is_word,
        np.cumsum(ends)[starts],
    )


def _breaks(text: str, offset: int) -> bool:
    """A line end is a sentence end unless the line was merely wrapped (next line goes on in small letters)."""
    after = text[offset + 1 : offset + 2]
    before = text[offset - 1 : offset] if offset else ""
    return not (after.islower() and after.isascii() and (before.isalnum() or before in ",-"))
