"""The matrix of every way in, every kind of reader and every matter (T1): what is asked, and what the table of rights says of it.

The world is made by acts only. Each matter bears two words that stand nowhere else, one in its title and one in its text, so
that an answer tells by itself whose matters it shows. What the reader may see is looked up in ``tests.regime.oracle.seeing``,
from the rows as they stand and not from any filter of the program.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.apps import apps

from dingmi.interfaces.cli.routes import declared
from dingmi.procedures import ACTS
from dingmi.procedures.frame import AUDITOR_MAY, INTERNAL
from dingmi.procedures.terms import Scope, Upload
from dingmi.queries import QUERIES
from dingmi.records.guides.models import GuideItem
from dingmi.records.matters.disputes import Challenge
from dingmi.records.matters.models import Matter, ScopeEntry
from dingmi.records.matters.recusals import Recusal
from dingmi.records.officers.models import Designation, Grader
from dingmi.records.organs.models import Account, Clearance, Person, RoleGrant
from tests import states
from tests.filled import FOUNDERS, Filled
from tests.regime.oracle.seeing import RANKS, TABLE, between, first, fitting
from tests.story import PASSWORD, TEXT, Story, docx_of

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
LEFT_OUT = ("/static/", "/sign-", "/account/password", "/language", "/api/")  # the last two stand as acts and queries
NOBODY = "nobody"
ABSENT = UUID("7f3a0c52-5b7e-4c7e-9d0e-2d6d0c1b9a44")
ADMINISTRATORS = frozenset({"system_admin", "security_admin", "audit_admin"})
OFFICES = ("head", "secrecy_office", "inspector", *sorted(ADMINISTRATORS))
Given = dict[str, Any]


# --- the world ------------------------------------------------------------------------------------------------------


def tokens(number: int) -> tuple[str, str]:
    """Return the words of a matter's title and of its text."""
    return f"QT{number:04}X", f"QB{number:04}X"


class Marked(Story):
    """A bureau in which every draft bears its own two words; ``bearers`` says whose they are."""

    def act(self, user: str, name: str, /, *, key: str | None = None, **params: Any) -> Any:
        """Perform an act; a file that becomes a matter's is marked on its way."""
        if not isinstance(params.get("upload"), Upload) or "title" not in params:
            return super().act(user, name, key=key, **params)
        self.bearers: list[UUID]
        self.bearers = getattr(self, "bearers", [])
        title, text = tokens(len(self.bearers))
        params["title"] = f"{params['title']}{title}"
        params["upload"] = replace(params["upload"], content=docx_of(f"{TEXT}四、编号 {text}。\n"))
        done = super().act(user, name, key=key, **params)
        self.bearers.append(UUID(str(done.matter)))
        return done

    @staticmethod
    def item(number: str = "7") -> GuideItem:
        """Return a guide item by its number, of the edition in force."""
        return GuideItem.objects.filter(number=number).earliest("edition__since")

    def cast(self) -> None:
        """Let in people of other clearances, offices and departments."""
        made = self.act("secrecy", "personnel.enter_department", name="规划处")
        elsewhere = UUID(str(made.id))
        for number, (user, name, department, clearance) in enumerate(CAST, start=31):
            post = {"name": name, "staff_no": f"{number:04}", "post": "工程师", "post_category": "核心"}
            place = elsewhere if department == "other" else self.department
            self.people[user] = UUID(str(self.act("secrecy", "personnel.enter_person", department=place, **post).id))
            self.account(user)
            if clearance:
                self.clear(user, clearance)
                self.train(user)
        self.designate("junior", "秘密")
        self.grant("inspector", "inspector")
        if not Clearance.objects.filter(person=self.people["secrecy"]).exists():
            cleared = {"person": self.people["secrecy"], "level": "机密", "instrument": "涉密人员审查表"}
            self.cleared("secadmin", **cleared)

    def scopes(self) -> None:
        """Make matters known to one person, a department, the organ, to people not cleared for them, and to nobody barred."""
        drafting = ("drafter", "officer")
        named = lambda *users: self.scope(*drafting, *users)  # noqa: E731
        wide = {"persons": named().persons}
        for item, scope in (
            ("3", named("outsider", "uncleared", "junior")),
            ("7", named("uncleared", "outsider", "chief")),
            ("7", Scope(**wide, departments=(self.department,))),
            ("3", Scope(**wide, organs=(self.home.pk,))),
        ):
            self.approved(answers=self.answers(item, scope=scope))
        barred = self.filled(answers=self.answers("3", scope=Scope(**wide, organs=(self.home.pk,))))
        self.propose(barred)
        for user in ("drafter2", "inspector", "secrecy"):
            given: Given = {"person": self.people[user], "ground": "interest", "reason": "有利害关系。"}
            self.act("head", "need_to_know.bar", matter=barred, expected_version=self.version(barred), **given)
        self.approve(barred)
        self.filled("chief", self.answers("11", scope=self.scope("chief", "officer")))
        own = self.filled("drafter2", self.answers("3", scope=self.scope("drafter2", "junior")))
        self.act("drafter2", "determination.propose", matter=own, expected_version=self.version(own))


CAST = (  # user, name, department, clearance
    ("uncleared", "许一鸣", "own", ""),
    ("inspector", "郑秋实", "other", "机密"),
    ("chief", "罗振邦", "other", "绝密"),
    ("junior", "黎小满", "other", "秘密"),
)


class Small(Marked):
    """Enough of a bureau for a run of seconds."""

    def __init__(self) -> None:
        super().__init__()
        for user in FOUNDERS:
            self.act(user, "access.change_password", password=PASSWORD)
        self.cast()
        self.scopes()


class Whole(Marked, Filled):
    """The bureau in which something of everything stands."""

    def __init__(self) -> None:
        super().__init__()
        self.fill_up()
        self.cast()
        self.scopes()


USERS = (
    *FOUNDERS, "officer", "officer2", "drafter", "drafter2", "outsider", "uncleared", "inspector", "chief", "junior", NOBODY,
)  # fmt: skip


# --- what the table says ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reader:
    """What the table asks of a reader, from the rows."""

    person: UUID | None
    roles: frozenset[str]
    clearance: str
    appointed: str
    organ: UUID | None
    department: UUID | None
    grades: frozenset[str]

    @property
    def role(self) -> str:
        """The word of the table for these roles: an office before what everyone drafts or decides."""
        return next((one for one in OFFICES if one in self.roles), "officer" if self.appointed else "drafter")


def _live(row: Any, now: datetime) -> bool:
    return row.since <= now and (row.until is None or row.until > now) and getattr(row, "ended_at", None) is None


def _highest(words: list[str]) -> str:
    return max(words, key=lambda w: RANKS.get(w, 0), default="")


def reader(user: str, now: datetime) -> Reader:
    """Return what stands of a user in the rows."""
    if user == NOBODY:
        return Reader(None, frozenset(), "", "", None, None, frozenset())
    account = Account.objects.get(username=user)
    person = Person.objects.get(pk=account.person_id)
    roles = {row.role for row in RoleGrant.objects.filter(account=account) if _live(row, now)}
    roles |= {"head"} if person.is_principal else set()
    held = [row for row in Designation.objects.filter(officer__person=person) if _live(row, now)]
    clearances = [row.level for row in Clearance.objects.filter(person=person) if _live(row, now)]
    grades = [row.max_level for row in Grader.objects.filter(person=person) if _live(row, now)]
    limit = _highest([row.max_level for row in held])
    roles |= {"officer"} if limit else set()
    if account.admin_role:
        roles, limit = {account.admin_role}, ""
    clearance, place = _highest(clearances), (person.organ_id, person.department_id)
    return Reader(person.pk, frozenset(roles), clearance, limit, *place, frozenset(grades))


@dataclass(frozen=True)
class Target:
    """What the table asks of a matter, from the rows."""

    id: UUID
    number: str | None
    level: str
    state: str
    organ: UUID
    drafter: UUID
    officer: UUID | None
    scope: tuple[tuple[UUID | None, UUID | None, UUID | None], ...]
    barred: frozenset[UUID]
    challenged: bool


def target(matter: Matter, now: datetime) -> Target:
    """Return what stands of a matter in the rows."""
    live = [row for row in ScopeEntry.objects.filter(matter=matter) if _live(row, now)]
    bars = Recusal.objects.filter(matter=matter, ended_at__isnull=True)
    return Target(
        matter.pk, matter.register_no, matter.level, matter.state, matter.organ_id, matter.drafter_id, matter.officer_id,
        tuple((row.person_id, row.department_id, row.organ_id) for row in live),
        frozenset(bars.values_list("person_id", flat=True)),
        Challenge.objects.filter(matter=matter, ended_at__isnull=True).exists(),
    )  # fmt: skip


def need(who: Reader, what: Target) -> str:
    """Return by what a reader needs to know of a matter, in the word of the table."""
    persons, departments, organs = ({row[i] for row in what.scope if row[i]} for i in range(3))
    for word, holds in (
        ("drafter", who.person == what.drafter),
        ("officer", who.person == what.officer),
        ("named", who.person in persons),
        ("department", who.department in departments),
        ("organ", who.organ in organs),
    ):
        if holds and who.person is not None:
            return word
    return "none"


def may(who: Reader, what: Target, purpose: str, home: UUID) -> bool:
    """Return what the table answers; every record here is held by the organ of the installation."""
    house = "own" if what.organ == who.organ else "held" if who.organ == home else "foreign"
    approves = who.role == "head" or what.level in who.grades
    words = {
        "role": who.role,
        "person": "known" if who.person else "unknown",
        "purpose": purpose,
        "state": what.state,
        "need": need(who, what),
        "house": house,
        "conflict": "yes" if who.person in what.barred else "no",
        "challenged": "yes" if what.challenged else "no",
        "may_approve": "yes" if approves else "no",
    }
    limits = {"clearance": who.clearance, "appointed": who.appointed}
    return TABLE[first(fitting(**words) & between(limits, what.level))][0] == "yes"


# --- the ways in ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Way:
    """One way in: a page and a method, an act, a query, or a job by its name.

    Attributes:
        roles: Those that may come, by what the way declares; empty for everyone signed in.
        is_bound: Its role is asked of every request, not only of the act that a form of the page performs.
        takes: It takes a matter.
    """

    kind: str
    path: str
    method: str
    policy: str
    roles: frozenset[str]
    is_bound: bool
    takes: bool

    @property
    def name(self) -> str:
        """The name of the act or query."""
        return self.path.rpartition("/")[2]

    def lets_in(self, who: Reader) -> bool:
        """Tell whether the declaration lets a reader in."""
        if self.policy == "public":
            return True
        if who.person is None or (self.roles and not self.roles & who.roles):
            return False
        return not (self.kind in ("act", "job") and "audit_admin" in who.roles and self.name not in AUDITOR_MAY)


def required(policy: str) -> frozenset[str]:
    """Return the roles that a policy asks for; empty for everyone."""
    kind, _, names = policy.partition(":")
    if kind in ("role", "roles"):
        return frozenset(names.replace("|", ",").split(","))
    found: list[frozenset[str]] = []
    for one in policy.split("|"):
        kind, _, name = one.partition(":")
        held: Any = {"act": {**ACTS, **INTERNAL}, "query": QUERIES}.get(kind, {}).get(name)
        found.append(frozenset(getattr(held, "requires", None) or getattr(held, "roles", None) or ()))
    return frozenset().union(*found) if all(found) else frozenset()


@cache
def ways() -> tuple[Way, ...]:
    """Return every way in that ``dingmi routes`` lists, commands apart, with the methods that a page does not answer."""
    made = []
    for row in declared():
        path, policy = row["path"], row["policy"]
        if row["kind"] == "route" and not path.startswith(LEFT_OUT):
            asks = policy.startswith(("role", "query"))
            for method in METHODS:
                kind = "page" if method in row["methods"] else "closed"
                made.append(Way(kind, path, method, policy, required(policy), asks, "<uuid:matter>" in path))
        elif row["kind"] in ("act", "query"):
            schema = {**ACTS, **QUERIES}[path.rpartition("/")[2]].parameters_schema()
            takes = "matter" in schema.get("properties", {})
            made.append(Way(row["kind"], path, "POST", policy, required(policy), True, takes))
        elif row["kind"] == "job":
            roles = frozenset(ACTS[path].requires) if path in ACTS else frozenset({"clock"})
            made.append(Way("job", f"/api/v1/acts/{path}", "POST", "clock", roles, True, False))
    return tuple(made)


# --- what is sent -----------------------------------------------------------------------------------------------------

KINDS = {  # what a parameter of this name is, where no table is called like it
    "case": ("matter", "radarcase", "officercase"), "person": ("person",), "source": ("matter",), "item": ("guideitem",),
    "batch": ("archivebatch",), "count": ("stocktake",), "edition": ("guideedition",), "paper": ("exampaper", "paper"),
    "session": ("trainingsession", "session"), "feedback": ("guidefeedback",), "persons": ("person",),
    "departments": ("department",), "organs": ("organ",), "matters": ("matter",),
}  # fmt: skip
WORDS = ("切换方案", "机密", "read", "答复。", "")


def pools() -> dict[str, list[UUID]]:
    """Return the ids of every table by its name."""
    found: dict[str, list[UUID]] = {}
    for model in apps.get_models():
        ids = [pk for pk in model._default_manager.order_by("pk").values_list("pk", flat=True) if isinstance(pk, UUID)]
        if ids:
            found.setdefault(model._meta.model_name or "", []).extend(ids)
    return found


@dataclass
class Sender:
    """Words the requests: ids from what stands, by the name of the parameter; the same for every reader."""

    story: Story
    ids: dict[str, list[UUID]]

    def pick(self, name: str, chance: random.Random) -> UUID:
        """Return an id for a parameter."""
        kinds = KINDS.get(name, (name.removesuffix("_id"),))
        held = [pk for kind in kinds for pk in self.ids.get(kind, ())]
        return chance.choice(held or [UUID(int=7)])

    def path(self, way: Way, matter: UUID, chance: random.Random) -> str:
        """Return the address of a page."""
        forms = ("approval", "register_card", "know_list", "mark")

        def word(found: re.Match[str]) -> str:
            kind, name = found[1], found[2]
            if name == "matter":
                return str(matter)
            fixed = {
                "year": "2026",
                "form": chance.choice(forms),
                "clause": "BMF-20.2",
                "topic": "keys",
                "kind": "people",
            }
            return fixed.get(name) or (str(self.pick(name, chance)) if kind == "uuid" else chance.choice(WORDS[2:4]))

        return re.sub(r"<(\w+):(\w+)>", word, way.path)

    def body(self, way: Way, matter: Target, chance: random.Random) -> Given:
        """Return the parameters of an act or query, lawful ones where the table of states has them; of a page, its form."""
        if way.kind in ("page", "closed"):
            version = self.story.version(matter.id)
            form = {
                "password": PASSWORD,
                "expected_version": version,
                "reason": "照此办理。",
                "find": "1",
                "text": "切换",
            }
            return {**form, "q": "切换", "number": matter.number or ""}
        name = way.name
        if way.takes and name in states.GIVEN:
            case = states.Case(self.story, matter.id, {"source": self.ids["matter"][0]})
            made = {"matter": matter.id, **states.GIVEN[name](case)}
            if "expected_version" in ACTS[name].model.model_fields:
                made.setdefault("expected_version", self.story.version(matter.id))
            return dict(plain(made))
        if name not in ACTS and name not in QUERIES:
            return {}  # a job that is no act by name
        schema = {**ACTS, **QUERIES}[name].parameters_schema()
        return dict(self.value("", schema, schema.get("$defs", {}), matter.id, chance))

    def value(self, name: str, schema: Given, definitions: Given, matter: UUID, chance: random.Random) -> Any:
        """Return a value of a JSON Schema."""
        again = lambda part, called=name: self.value(called, part, definitions, matter, chance)  # noqa: E731
        if "$ref" in schema:
            return again(definitions[schema["$ref"].rpartition("/")[2]])
        if "anyOf" in schema:
            return again(schema["anyOf"][0])
        if "enum" in schema or "const" in schema:
            return chance.choice(schema.get("enum", [schema.get("const")]))
        kind = schema.get("type")
        if kind == "object":
            wanted, parts = schema.get("required", []), schema.get("properties", {})
            return {
                n: again(part, n) for n, part in parts.items() if n in wanted or n == "matter" or chance.random() < 0.3
            }
        if kind == "array":
            return [again(schema.get("items") or (schema.get("prefixItems") or [{}])[0])]
        if kind == "string" and schema.get("format") == "uuid":
            return str(matter if name == "matter" else self.pick(name, chance))
        fixed = {"date": "2026-03-02", "date-time": "2026-03-02T09:00:00+08:00"}
        if kind == "string":
            return fixed.get(schema.get("format", ""), chance.choice(WORDS))
        return {"integer": 1, "number": 1, "boolean": True, "null": None}.get(str(kind), chance.choice(WORDS))


def plain(value: Any) -> Any:
    """Return parameters as JSON takes them; the bytes of a file in base64."""
    from base64 import b64encode

    if isinstance(value, Upload):
        return {"filename": value.filename, "content_base64": b64encode(value.content).decode()}
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(v) for v in value]
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def drawn(matters: list[Target], chance: random.Random) -> Iterator[tuple[Way, str, Target, int]]:
    """Yield requests without end, in rounds; the last part counts them: what a request is filled with besides hangs on it.

    In a round a way that takes a matter meets every reader with every matter, another every reader once. Each way is met once
    before any is met again, and every part of a round holds the same part of what each way meets.
    """
    turn = 0
    while True:
        cells: list[tuple[bool, float, Way, str, Target]] = []
        for way in ways():
            of = matters if way.takes and way.kind != "closed" else [chance.choice(matters)]
            met = [(user, one) for user in USERS for one in of]
            chance.shuffle(met)
            for place, (user, one) in enumerate(met[:2] if way.kind == "closed" else met):
                first_time = place == 0 and way.kind != "closed"
                cells.append((not first_time, (place + chance.random()) / len(met), way, user, one))
        for _, _, way, user, one in sorted(cells, key=lambda cell: cell[:2]):
            yield way, user, one, turn
        turn += 1
