"""Page assets: each icon that a page names is in the sprite's list; nothing is fetched from another host."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable
from pathlib import Path

from tests.architecture.source import PACKAGE, ROOT, name

WEB = PACKAGE / "interfaces/web"
ICON = re.compile(r"""\{%\s*icon\s+["']([a-z0-9-]+)["']|\bicon\(\s*["']([a-z0-9-]+)["']""")
FETCH = re.compile(r"""(?:src|href|action)\s*=\s*["'](?:https?:)?//|url\(\s*["']?(?:https?:)?//|@import""")


def pages(*suffixes: str):
    """Return our own files of the pages with these suffixes."""
    return [path for path in sorted(WEB.rglob("*")) if path.suffix in suffixes and "vendor" not in path.parts]


def test_every_icon_named_on_a_page_is_in_the_sprite():
    listed = set((ROOT / "tools/icons.txt").read_text(encoding="utf-8").split())
    used = {
        a or b: name(path) for path in pages(".html", ".py") for a, b in ICON.findall(path.read_text(encoding="utf-8"))
    }
    assert {icon: place for icon, place in used.items() if icon not in listed} == {}


def test_no_page_style_or_script_refers_to_another_host():
    found = [name(path) for path in pages(".html", ".css", ".js") if FETCH.search(path.read_text(encoding="utf-8"))]
    assert found == []


def compressed(files: Iterable[Path]) -> int:
    return sum(len(gzip.compress(path.read_bytes())) for path in files)


def test_all_page_assets_compressed_are_at_most_150_kB_and_charts_come_only_where_they_are_drawn():
    charts = WEB / "static/vendor/echarts.min.js"
    files = {*pages(".css", ".js"), *(path for path in (WEB / "static/vendor").iterdir() if path.is_file())}
    assert {path.name for path in files} >= {"tabler.min.css", "htmx.min.js", "icons.svg", charts.name}
    assert compressed(files - {charts}) <= 150_000
    assert compressed([charts]) <= 180_000
    drawn = {path.name for path in pages(".html") if charts.name in path.read_text(encoding="utf-8")}
    assert drawn == {"officers.html", "statistics.html"}


def test_our_own_style_sheets_stay_small_each_and_together():
    """As served: one sheet comes with every page, the others with their subject (ADR 0044). It may only shrink."""
    sizes = {path.name: path.stat().st_size for path in pages(".css")}
    assert {name: size for name, size in sizes.items() if size > 20_000} == {}
    assert sum(sizes.values()) <= 38_400
