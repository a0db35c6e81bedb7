"""The port for recognising text in pictures of pages: an extra that works offline with its models in the package.

Without it scans are refused as before. Recognised text is never passed off as read: its pages and pictures are named in
``warnings``.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from typing import Any

from dingmi.engines.documents.limits import RECOGNITION, Limits

PACKAGE = "rapidocr_onnxruntime"
_LEAST = 0.5  # likeness under which a line is noise


def available() -> bool:
    """Whether the extra is installed."""
    return find_spec(PACKAGE) is not None


def limits_of(limits: Limits) -> Limits:
    """Return what recognising may cost instead of reading; everything else of ``limits`` holds."""
    return replace(limits, **{name: RECOGNITION[name] for name in ("memory_bytes", "cpu_seconds", "wall_seconds")})


@cache
def _engine() -> Any:
    import cv2
    from rapidocr_onnxruntime import RapidOCR

    cv2.setNumThreads(1)
    return RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1)


def lines_of(points: Any) -> list[str]:
    """Return the lines that stand on a picture, from top to bottom."""
    found, _ = _engine()(points)
    return _in_rows([(box, str(text)) for box, text, score in found or () if float(score) >= _LEAST])


def _in_rows(found: list[tuple[Any, str]]) -> list[str]:
    """Join what stands side by side; rows from top to bottom, each from left to right."""
    rows: list[tuple[float, float, list[tuple[float, str]]]] = []  # middle, height, pieces
    for box, text in sorted(found, key=lambda one: min(point[1] for point in one[0])):
        top, bottom = min(point[1] for point in box), max(point[1] for point in box)
        left, middle = min(point[0] for point in box), (top + bottom) / 2
        if rows and abs(rows[-1][0] - middle) < 0.5 * min(rows[-1][1], bottom - top):
            rows[-1][2].append((left, text))
        else:
            rows.append((middle, bottom - top, [(left, text)]))
    return [" ".join(text for _, text in sorted(pieces)) for _, _, pieces in rows]
