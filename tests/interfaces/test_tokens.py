"""The colours of levels are told apart by everyone, and every word can be read (UI §7): computed from the token file."""

from __future__ import annotations

import re
from itertools import combinations
from math import atan2, cos, degrees, exp, hypot, radians, sin, sqrt

import pytest

from tests.interfaces.messages import WEB

Colour = tuple[float, float, float]
CSS = "".join((WEB / "static/css" / name).read_text(encoding="utf-8") for name in ("dingmi.css", "assist.css"))
TOKENS = dict(re.findall(r"--([\w-]+):(#[0-9A-Fa-f]{6})\b", CSS))
FILLED, OUTLINED = ("jm", "jim", "mm"), "nb"
EVIDENCE = dict(re.findall(r"\.e-(\w+)\{[^}]*--e:(#[0-9A-Fa-f]{6})", CSS))  # passages marked on a paper, by their kind
# How colours look to people without one kind of cone: Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB.
SIGHTS: dict[str, tuple[Colour, Colour, Colour]] = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
XYZ = ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750), (0.0193339, 0.1191920, 0.9503041))
WHITE = (0.95047, 1.0, 1.08883)


def linear(colour: str) -> Colour:
    """Return linear RGB, 0…1."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return r, g, b


def times(matrix: tuple[Colour, Colour, Colour], vector: Colour) -> Colour:
    """Return matrix × vector."""
    x, y, z = (sum(m * v for m, v in zip(row, vector, strict=True)) for row in matrix)
    return x, y, z


def lab(colour: str, sight: str) -> Colour:
    """Return CIE L*a*b* (D65) of a colour as a kind of sight has it."""
    seen = times(SIGHTS[sight], linear(colour))
    held = times(XYZ, (min(1, max(0, seen[0])), min(1, max(0, seen[1])), min(1, max(0, seen[2]))))
    x, y, z = (
        t ** (1 / 3) if t > 216 / 24389 else (24389 / 27 * t + 16) / 116
        for t in (v / w for v, w in zip(held, WHITE, strict=True))
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def difference(one: Colour, two: Colour) -> float:
    """Return CIEDE2000 (Sharma, Wu and Dalal 2005)."""
    (l1, a1, b1), (l2, a2, b2) = one, two
    mean = (hypot(a1, b1) + hypot(a2, b2)) / 2
    stretch = 1 + (1 - sqrt(mean**7 / (mean**7 + 25**7))) / 2
    a1, a2 = a1 * stretch, a2 * stretch
    c1, c2 = hypot(a1, b1), hypot(a2, b2)
    h1, h2 = degrees(atan2(b1, a1)) % 360, degrees(atan2(b2, a2)) % 360
    turn = (h2 - h1 + 180) % 360 - 180 if c1 * c2 else 0.0
    hue = 2 * sqrt(c1 * c2) * sin(radians(turn) / 2)
    middle = (h1 + turn / 2) % 360 if c1 * c2 else h1 + h2
    light, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    t = (
        1
        - 0.17 * cos(radians(middle - 30))
        + 0.24 * cos(radians(2 * middle))
        + 0.32 * cos(radians(3 * middle + 6))
        - 0.20 * cos(radians(4 * middle - 63))
    )
    sl = 1 + 0.015 * (light - 50) ** 2 / sqrt(20 + (light - 50) ** 2)
    sc, sh = 1 + 0.045 * chroma, 1 + 0.015 * chroma * t
    rt = -2 * sqrt(chroma**7 / (chroma**7 + 25**7)) * sin(radians(60 * exp(-(((middle - 275) / 25) ** 2))))
    dl, dc, dh = (l2 - l1) / sl, (c2 - c1) / sc, hue / sh
    return sqrt(dl**2 + dc**2 + dh**2 + rt * dc * dh)


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_the_difference_is_the_published_one(one: Colour, two: Colour, expected: float) -> None:
    assert difference(one, two) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("sight", SIGHTS)
def test_levels_are_told_apart_by_every_kind_of_sight(sight: str) -> None:
    seen = {name: lab(TOKENS[name], sight) for name in (*FILLED, OUTLINED)}
    filled = {f"{a}-{b}": difference(seen[a], seen[b]) for a, b in combinations(FILLED, 2)}
    outlined = {name: difference(seen[name], seen[OUTLINED]) for name in FILLED}
    assert min(filled.values()) >= 15, filled
    assert min(outlined.values()) >= 12, outlined


def contrast(one: str, two: str) -> float:
    """Return the contrast of WCAG 2."""
    light = sorted((0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in (linear(one), linear(two))), reverse=True)
    return (light[0] + 0.05) / (light[1] + 0.05)


@pytest.mark.parametrize("level", [*FILLED, "nb", "navy", "primary", "ok", "warn", "err"])
def test_white_and_these_colours_can_be_read_on_each_other(level: str) -> None:
    assert contrast(TOKENS[level], "#FFFFFF") >= 4.5


@pytest.mark.parametrize("evidence", ["guide", "reuse", "work"])
def test_text_on_evidence_can_be_read(evidence: str) -> None:
    assert contrast(TOKENS["ink"], EVIDENCE[evidence]) >= 11.5
