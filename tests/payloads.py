"""Three hundred hostile texts, by kind (``payloads.toml``): each alone, inside Chinese words, and before others (SR-68)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

FRAMES = ("{}", "供水{}方案", "{}，其余从略")


@dataclass(frozen=True, slots=True)
class Payload:
    """One text, and what is hostile in it."""

    kind: str
    text: str


def _read() -> tuple[Payload, ...]:
    kinds = tomllib.loads(Path(__file__).with_name("payloads.toml").read_text(encoding="utf-8"))
    made = []
    for kind, told in kinds.items():
        texts = [text.encode("ascii", "backslashreplace").decode("unicode_escape") for text in told.get("escapes", ())]
        texts = [text * told.get("times", 1) for text in (*texts, *told["texts"])]
        made += [Payload(kind, frame.replace("{}", text)) for text in texts for frame in FRAMES]
    return tuple(made)


PAYLOADS = _read()
BY_KIND = {p.kind: tuple(q for q in PAYLOADS if q.kind == p.kind) for p in PAYLOADS}


def some(number: int, count: int) -> tuple[Payload, ...]:
    """Return ``count`` payloads of different kinds, others for each ``number``; over a few hundred numbers all of them."""
    kinds = sorted(BY_KIND)
    picked = [
        (kinds[(number + k) % len(kinds)], number // len(kinds) + (number + k) // len(kinds)) for k in range(count)
    ]
    return tuple(BY_KIND[kind][at % len(BY_KIND[kind])] for kind, at in picked)
