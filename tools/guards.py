"""Text checks on what is committed: no registry hosts, no machine paths, no inline style or script, no AGPL dependency."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOSTS = re.compile(
    "|".join(("py" + "pi.org", "pythonhosted" + ".org", "registry." + "npmjs", "npm" + "mirror", "deb." + "debian"))
)
MACHINE = re.compile(r"(?<![\w.])/(?:work|root|home)/\w")
INLINE = re.compile(r"\sstyle=|<style[\s>]|\son[a-z]+=|<script(?![^>]*\ssrc=)[^>]*>", re.IGNORECASE)
LOOSE = re.compile(r'order_by\("-?(?:\w+_)?(?:at|since|on|until)"\)')  # rows of one instant would have no order
WORD = re.compile(r"[A-Za-z][\w-]*")
STEM = re.compile(r"([A-Za-z][\w-]*-)\{[{%]")  # of a class whose end a template fills in


def committed() -> list[Path]:
    """Return the tracked files that still exist."""
    names = subprocess.check_output(["git", "ls-files", "-z"], cwd=ROOT, text=True).split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def unused_styles() -> list[str]:
    """Return the classes, ids and custom properties of the style sheets that no template, script or module names."""
    web = ROOT / "src" / "dingmi" / "interfaces" / "web"
    files = [f for kind in ("*.html", "*.py", "*.js") for f in web.rglob(kind) if "vendor" not in f.parts]
    text = "\n".join(f.read_text(encoding="utf-8") for f in files)
    words, stems = set(WORD.findall(text)), tuple(set(STEM.findall(text)))
    sheets = {f.name: f.read_text(encoding="utf-8") for f in (web / "static" / "css").glob("*.css")}
    used = set(re.findall(r"var\((--[\w-]+)", "".join(sheets.values())))
    found = []
    for name, sheet in sorted(sheets.items()):
        chosen = set(re.findall(r"[.#]([A-Za-z][\w-]*)", re.sub(r"\{[^{}]*\}|/\*.*?\*/", "{}", sheet, flags=re.DOTALL)))
        held = {p for p in re.findall(r"(--[\w-]+):", sheet) if not p.startswith("--tblr-")}
        dead = [c for c in chosen - words if not c.startswith(stems)] + list(held - used)
        found += [f"{name}: nothing uses {one}" for one in sorted(dead)]
    return found


def faults() -> list[str]:
    """Return one line per fault."""
    found = []
    for path in committed():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        name = path.relative_to(ROOT).as_posix()
        if HOSTS.search(text):
            found.append(f"{name}: names a package registry")
        if MACHINE.search(text):
            found.append(f"{name}: carries a path of a machine")
        if path.suffix == ".py" and (hit := LOOSE.search(text)):
            found.append(f"{name}: {hit.group(0)} leaves rows of one instant without an order, add the key")
        if path.suffix == ".html" and (hit := INLINE.search(text)):
            found.append(f"{name}: inline style or script: {hit.group(0).strip()}")
    found += unused_styles()
    for package in metadata.distributions():
        data = package.metadata
        named = [data.get("License-Expression") or "", (data.get("License") or "").split("\n")[0]]
        words = " ".join([*named, *(data.get_all("Classifier") or [])])
        if "AGPL" in words or "Affero" in words:
            found.append(f"dependency under the AGPL: {package.metadata['Name']}")
    return found


if __name__ == "__main__":
    lines = faults()
    print("\n".join(lines), end="\n" if lines else "")
    sys.exit(1 if lines else 0)
