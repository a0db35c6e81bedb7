"""Functions and files stay small (CONTRIBUTING); the exceptions in ``sizes.toml`` only shrink."""

from __future__ import annotations

import tomllib
from pathlib import Path
from statistics import median, quantiles

from tests.architecture.source import ROOT, functions, modules, name

LIMITS = tomllib.loads((Path(__file__).parent / "sizes.toml").read_text(encoding="utf-8"))


def lines(path: Path) -> int:
    """Return the number of lines of a file."""
    return len(path.read_text(encoding="utf-8").splitlines())


def over(sizes: dict[str, int], limit: int, exceptions: dict[str, int]) -> list[str]:
    """Return what is longer than the limit or its exception, and each exception that is no longer needed."""
    found = [f"{key}: {size} lines" for key, size in sizes.items() if size > exceptions.get(key, limit)]
    return found + [f"{key}: remove its exception" for key in exceptions if sizes.get(key, 0) <= limit]


def test_no_file_is_longer_than_the_limit():
    sizes = {name(path): lines(path) for path in modules()}
    assert over(sizes, LIMITS["file"]["most"], LIMITS["file"]["exceptions"]) == []


def test_no_function_is_longer_than_the_limit():
    sizes = dict(entry for path in modules() for entry in functions(path))
    assert over(sizes, LIMITS["function"]["most"], LIMITS["function"]["exceptions"]) == []


def test_most_functions_and_files_are_short():
    long_functions = sorted(size for path in modules() for _, size in functions(path))
    assert median(long_functions) <= LIMITS["function"]["median"]
    assert quantiles(long_functions, n=10)[-1] <= LIMITS["function"]["ninth_decile"]
    assert median(lines(path) for path in modules()) <= LIMITS["file"]["median"]


def test_templates_can_be_read():
    pages = sorted((ROOT / "src/dingmi/interfaces/web").rglob("templates/**/*.html"))
    assert len(pages) > 40
    long = (
        f"{page.name}:{number}: {len(line)} characters"
        for page in pages
        for number, line in enumerate(page.read_text("utf-8").splitlines(), 1)
        if len(line) > LIMITS["template"]["most"]
    )
    assert list(long) == []
