"""Every string that the pages ask to have translated, read from templates and Python."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import django
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

from dingmi.regime.secrecy_file import parts

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "dingmi"
WEB = PACKAGE / "interfaces" / "web"
LISTS = PACKAGE / "queries" / "lists"
CATALOGUE = PACKAGE / "locale" / "en" / "LC_MESSAGES" / "django.po"
KEYWORDS = {"gettext": None, "_": None, "n_": None, "gettext_noop": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}


def asked() -> set[str]:
    """Return every msgid of the web room, of the lists that it draws, and of the columns of the secrecy file."""
    assert django.VERSION
    found: set[str] = set()
    for file in sorted([*WEB.rglob("*.html"), *WEB.rglob("*.py"), *LISTS.rglob("*.py")]):
        text = file.read_text(encoding="utf-8")
        source = _calls(text, file) if file.suffix == ".html" else text
        for _line, message, _comments, _context in extract("python", BytesIO(source.encode()), KEYWORDS):
            found.add(message[0] if isinstance(message, tuple) else message)
    found |= {c.word for part in parts().values() for c in part.columns}
    found |= {choice for part in parts().values() for c in part.columns for choice in c.choices}
    return {m for m in found if any("\u3400" <= c <= "\u9fff" for c in m)}


def _calls(template: str, file: Path) -> str:
    """Return the strings of a template as calls in Python, without the template's indentation."""
    return "\n".join(line.strip() for line in templatize(template, origin=str(file)).splitlines())


def translated() -> dict[str, str]:
    """Return the English of every msgid in the catalogue."""
    with CATALOGUE.open("rb") as stream:
        rows = read_po(stream)
    return {
        (row.id[0] if isinstance(row.id, tuple) else row.id): (
            row.string[0] if isinstance(row.string, tuple) else row.string
        )
        for row in rows
        if row.id
    }
