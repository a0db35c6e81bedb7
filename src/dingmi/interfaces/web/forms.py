"""Forms as data: the fields of an act, how each is read from a page, and how the form stands after a refusal."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as n_

from dingmi.base import messages
from dingmi.base.errors import DingmiError, Finding, Invalid
from dingmi.interfaces.web.door import FIND, act, done, show
from dingmi.interfaces.web.files import attachment, upload
from dingmi.procedures import ACTS
from dingmi.queries import clock
from dingmi.queries.lists.model import Words

Choice = tuple[str, str]
IDENT = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-")
YES_NO: tuple[Choice, ...] = (("yes", n_("是")), ("no", n_("否")))
LEVELS: tuple[Choice, ...] = (("秘密", "秘密"), ("机密", "机密"), ("绝密", "绝密"))


def choices_of(words: Words) -> tuple[Choice, ...]:
    """Return the codes of a closed list as choices, each with its word."""
    return tuple((code, word.text) for code, word in words.items())


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name in the act, its word on the page, how it is filled in.

    ``kind`` is ``text``, ``select``, ``number``, ``codes`` (several, blank for all), ``roles``,
    ``password``, ``code`` (one-time, of the signer: no parameter of the act), ``hidden``, ``ticks`` (several of the choices), ``truth`` (yes or no), ``numbers``,
    ``from`` (a day on which something begins; blank or today for now), ``day`` or ``through`` (its last day),
    ``moment`` (a day and a time), ``list`` (codes, one a line or as they are pasted),
    ``area`` (text of several lines), ``row`` (one row, with the version of it that is shown), ``rows`` (ticks that stand in a table beside the form) or ``file`` (an upload of at most ``most`` megabytes).
    A name with a dot, as ``details.grade``, is a cell of the register before the dot, sent as it is typed.
    """

    name: str
    word: str
    kind: str = "text"
    needed: bool = True
    most: int = 80
    hint: str = ""
    choices: tuple[Choice, ...] = ()

    @property
    def sent(self) -> str:
        """Return its name in the page; ``password`` is the signer's own."""
        return "new_password" if self.name == "password" else self.name

    def value(self, sent: Mapping[str, str], given: str, choices: Sequence[Choice], is_stale: bool) -> str:
        """Return what the field holds: what was typed, but the version of a row as it is shown now."""
        typed = sent.get(self.sent, given)
        if self.kind == "row" and is_stale:
            same = (value for value, _word in choices if value.split()[0] == typed.split(" ")[0])
            return next(same, "")
        return given if self.kind in ("password", "code") or (self.name == VERSION.name and is_stale) else typed


VERSION = Field("expected_version", n_("版本"), "hidden")
STALE = ("version.stale", "record.stale")


def versioned(row: object, version: str) -> str:
    """Return the choice of a row as a field of the kind ``row`` sends it."""
    return f"{row} {version}"


def labelled(name: str, *what: object) -> str:
    """Return a name for a choice, and in brackets what tells it from others, if there is anything."""
    more = " ".join(str(one) for one in what if one)
    return f"{name}（{more}）" if more else name


@dataclass(frozen=True, slots=True)
class Form:
    """The form of one act."""

    act: str
    button: str
    fields: tuple[Field, ...]
    danger: bool = False

    @property
    def signed(self) -> bool:
        """Tell whether the act asks for the password again."""
        return ACTS[self.act].step_up

    @property
    def uploads(self) -> bool:
        """Return whether a file goes with it."""
        return any(f.kind == "file" for f in self.fields)

    def choosing(self, name: str, choices: Sequence[Choice]) -> Form:
        """Return this form with the choices of one field set, whatever the page offers elsewhere."""
        fields = tuple(replace(f, choices=tuple(choices)) if f.name == name else f for f in self.fields)
        return replace(self, fields=fields)

    def title(self, language: str) -> str:
        """Return the name of the act in words."""
        return messages.render(Finding(self.act, "note"), language).text


@dataclass(frozen=True, slots=True)
class Entry:
    """One field with its value and choices, as the page shows it."""

    name: str
    id: str
    word: str
    kind: str
    needed: bool
    most: int
    hint: str
    choices: tuple[Choice, ...]
    value: str
    fault: str
    now: str = ""  # what stands now, where someone changed it under the form


@dataclass(frozen=True, slots=True)
class Shown:
    """A form as the page shows it."""

    act: str
    title: str
    button: str
    signed: bool
    danger: bool
    uploads: bool
    opened: bool
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Desk:
    """The forms of one page for one reader."""

    forms: tuple[Form, ...]
    choices: Mapping[str, Sequence[Choice]] = field(default_factory=dict)
    given: Mapping[str, str] = field(default_factory=dict)

    def shown(self, request: Any, error: DingmiError | None = None) -> tuple[Shown, ...]:
        """Return the forms whose acts the reader may perform, filled with what was just sent."""
        mine = (f for f in self.forms if not ACTS[f.act].requires or request.actor.holds(*ACTS[f.act].requires))
        return tuple(self._one(form, request, error) for form in mine)

    def _one(self, form: Form, request: Any, error: DingmiError | None) -> Shown:
        sent = request.POST if error is not None and request.POST.get("act") == form.act else {}
        faults = error.params.get("fields", {}) if error is not None and sent else {}
        is_stale = error is not None and bool(sent) and error.code in STALE
        entries = tuple(self._entry(form, one, sent, faults, is_stale) for one in form.fields)
        title = form.title(request.actor.language)
        return Shown(form.act, title, _(form.button), form.signed, form.danger, form.uploads, bool(sent), entries)

    def _entry(
        self, form: Form, one: Field, sent: Mapping[str, str], faults: Mapping[str, str], is_stale: bool
    ) -> Entry:
        given = self.given.get(one.name, "")
        choices = tuple((value, _(word)) for value, word in one.choices or self.choices.get(one.name, ()))
        value = one.value(sent, given, choices, is_stale)
        return Entry(
            name=one.sent,
            id=f"{form.act.replace('.', '-')}-{one.name}",
            word=_(one.word),
            kind=one.kind,
            needed=one.needed,
            most=one.most,
            hint=_(one.hint) if one.hint else "",
            choices=choices,
            value=value,
            fault=_fault(faults.get(one.name, "")),
            now=given if is_stale and one.kind in ("text", "area") and given.split() != value.split() else "",
        )

    def perform(self, request: Any) -> Any:
        """Perform the act whose form was sent.

        Raises:
            DingmiError: It was refused, or no form of this page has that name.
        """
        form = next((f for f in self.forms if f.act == request.POST.get("act")), None)
        if form is None:
            raise Invalid("input.invalid", (), fields={"act": "choice.unknown"})
        return act(request, form.act, read(form, request.POST, request.FILES), signed=form.signed)


def _fault(code: str) -> str:
    """Say beside a field what is wrong with it."""
    if not code:
        return ""
    return _("请填写此栏。") if code == "missing" else _("此栏内容不符合要求。")


def read(form: Form, sent: Mapping[str, str], files: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of the act; what was left blank is left out.

    Raises:
        Invalid: A needed field is blank, or a day or number cannot be read; every such field is named.
    """
    found: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for one in form.fields:
        if one.kind == "file" and one.sent in files:
            found[one.name] = upload(files[one.sent], one.most)
            continue
        if one.kind == "code":
            continue
        text = " ".join(_ticked(sent, one.sent)) if one.kind in ("ticks", "rows") else sent.get(one.sent, "").strip()
        if not text:
            if one.needed:
                faults[one.name] = "missing"
            continue
        if "." in one.name:  # a cell of a register, which the act reads by its column
            register, cell = one.name.split(".")
            found.setdefault(register, {})[cell] = text
            continue
        try:
            value = READERS.get(one.kind, str)(text)
        except ValueError:
            faults[one.name] = "value_error"
            continue
        if one.kind == "row":
            found[one.name], found[VERSION.name] = value
        elif value is not None:
            found[one.name] = value
    if faults:
        raise Invalid("input.invalid", (), fields=faults)
    return found


def _ticked(sent: Mapping[str, str], name: str) -> list[str]:
    """Return every box of one name that was ticked."""
    return list(sent.getlist(name)) if hasattr(sent, "getlist") else sent.get(name, "").split()


def _row(text: str) -> tuple[str, str]:
    row, version = text.split(" ")
    return row, version


def _truth(text: str) -> bool:
    if text not in ("yes", "no"):
        raise ValueError(text)
    return text == "yes"


def _numbers(text: str) -> list[int]:
    return [_number(part) for part in _codes(text)]


def _day(text: str) -> datetime:
    return datetime.combine(date.fromisoformat(text), time.min, tzinfo=clock.ZONE)


def _from(text: str) -> datetime | None:
    day = _day(text)
    return None if day.date() == clock.now().date() else day


def through(text: str) -> datetime:
    return _day(text) + timedelta(days=1)


def _date(text: str) -> date:
    return date.fromisoformat(text)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=clock.ZONE)


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise ValueError(text)
    return int(text)


def _codes(text: str) -> list[str]:
    return text.replace("、", " ").replace("，", " ").replace(",", " ").split()


READERS: dict[str, Any] = {
    "day": _day,
    "from": _from,
    "through": through,
    "date": _date,
    "number": _number,
    "codes": _codes,
    "roles": _codes,
    "row": _row,
    "ticks": _codes,
    "rows": _codes,
    "truth": _truth,
    "numbers": _numbers,
    "moment": _moment,
    "list": _codes,
}
DATES = ("day", "from", "through", "date")
CATEGORIES: tuple[Choice, ...] = (("核心", n_("核心")), ("重要", n_("重要")), ("一般", n_("一般")))


NOT_TYPED = ("csrfmiddlewaretoken", "_key", "act", "password", "new_password", VERSION.name)


def typed_into(sent: Mapping[str, str]) -> tuple[str, ...]:
    """Return what was typed into a form that the page no longer has, so that it is not lost; no ids, no passwords."""
    words = (value.strip() for name, value in sent.items() if name not in NOT_TYPED)
    return tuple(word for word in words if word and not IDENT.match(word))


def answered(
    request: Any, desk: Desk, template: str, found: Any, road: str, more: Mapping[str, Any] | None = None
) -> HttpResponse:
    """Show a page with its forms and ``more``; or perform the form that was sent and go back, or show there why not.

    A file that an act hands out is handed on.
    """
    error = None
    if request.method == "POST" and FIND not in request.POST:
        try:
            outcome = desk.perform(request)
        except DingmiError as caught:
            error = caught
        else:
            content = getattr(outcome, "content", None)
            if isinstance(content, bytes):
                return attachment(outcome.filename, getattr(outcome, "media", "zip"), content)
            return done(road, "kept")
    forms = desk.shown(request, error)
    typed = () if error is None or any(form.opened for form in forms) else typed_into(request.POST)
    context = {**(more or {}), "page": found, "forms": forms, "error": error, "typed": typed}
    return show(request, template, context, status=error.http_status if error else 200)
