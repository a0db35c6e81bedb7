"""Who sees what, over a grid, against rules written a second time here and against the pure decision of the regime."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from uuid import UUID

import pytest
from django.db import connection
from django.db.models import Q

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import NotFound
from dingmi.queries import access
from dingmi.queries.tally import tally
from dingmi.records.ledger.guard import act_open
from dingmi.records.matters.disputes import Challenge
from dingmi.records.matters.models import Matter, ScopeEntry
from dingmi.records.matters.recusals import Recusal
from dingmi.records.officers.models import Designation, Officer
from dingmi.records.organs.models import Department, Organ, Person
from dingmi.regime.access import Object, Subject, decide

pytestmark = [pytest.mark.db, pytest.mark.django_db]
NOW = datetime.fromisoformat("2026-03-02T09:00:00+08:00")
DAY = timedelta(days=1)
RANK = {"": 0, "内部": 0, "秘密": 1, "机密": 2, "绝密": 3}
LEVELS = ("内部", "秘密", "机密", "绝密")
CLEARANCES = ("", "秘密", "机密", "绝密")
STATES = ("draft", "proposed", "referred", "active", "declassified", "not_classified")
SCOPES = ("none", "person", "ended", "future", "department", "organ", "other organ", "bars")
BARRED = ("drafter", "named", "colleague")  # in the scope "bars", which admits the whole organ
WHO = ("drafter", "officer", "named", "colleague", "stranger", "outsider")
ROLES = (Role.DRAFTER, Role.OFFICER, Role.HEAD, Role.SECRECY_OFFICE, Role.INSPECTOR, *access.ADMINISTRATORS)


@dataclass(frozen=True)
class World:
    people: dict[str, Person]
    matters: dict[UUID, tuple[str, str, str]]
    home: Organ
    inside: Department


def _scope(matter: Matter, kind: str, people: dict[str, Person], inside: Department, home: Organ) -> None:
    entry = ScopeEntry(matter=matter, basis="test", since=NOW - DAY)
    if kind in ("person", "ended", "future"):
        entry.person = people["named"]
    if kind == "ended":
        entry.until = NOW
    if kind == "future":
        entry.since = NOW + DAY
    if kind == "department":
        entry.department = inside
    if kind in ("organ", "bars"):
        entry.organ = home
    for who in BARRED if kind == "bars" else ():
        common = {"ground": "kin", "level": matter.level, "by": people["officer"], "since": NOW - DAY}
        if not Recusal.objects.filter(matter=matter, person=people[who], ended_at__isnull=True).exists():
            Recusal(matter=matter, person=people[who], **common).save()
        Recusal(matter=matter, person=people["stranger"], ended_at=NOW, ended_by=people["officer"], **common).save()
    if kind == "other organ":
        entry.organ = people["outsider"].organ
    if kind != "none":
        entry.save()


@pytest.fixture
def world() -> World:
    with act_open("test.world"):
        home = Organ(name="甲局", short_name="甲局", unit_code="JA", tier="prefecture", is_home=True)
        other = Organ(name="乙局", short_name="乙局", unit_code="YI", tier="prefecture")
        for organ in (home, other):
            organ.save()
        inside, elsewhere = Department(organ=home, name="内"), Department(organ=home, name="外")
        for department in (inside, elsewhere):
            department.save()
        people = {}
        for number, who in enumerate(WHO):
            department = {"colleague": inside, "outsider": None}.get(who, elsewhere)
            organ = other if who == "outsider" else home
            person = Person(organ=organ, department=department, name=who, staff_no=f"{number}", joined_at=NOW - DAY)
            person.save()
            people[who] = person
            officer = Officer(person=person, kind="designated")
            officer.save()
            common = {"officer": officer, "matters": ["*"], "designated_by": person.pk, "since": NOW - DAY}
            Designation(instrument="1", max_level="机密", **common).save()
            Designation(instrument="2", max_level="绝密", until=NOW, **common).save()
        matters = {}
        for level, state, scope in product(LEVELS, STATES, SCOPES):
            row = Matter(
                organ=home,
                drafter=people["drafter"],
                officer=people["officer"],
                state=state,
                level=level,
                title_ct=b"",
                created_at=NOW,
                changed_at=NOW,
            )
            row.save()
            _scope(row, scope, people, inside, home)
            matters[row.pk] = (level, state, scope)
    return World(people, matters, home, inside)


def actor(world: World, who: str, clearance: str, role: Role) -> Actor:
    person = world.people[who]
    departments = (str(person.department_id),) if person.department_id else ()
    return Actor(
        "account", str(person.pk), str(person.organ_id), departments, frozenset({role}), clearance, "session", "test"
    )


def subject_of(asking: Actor) -> Subject:
    """Return what the decision has to know of a reader of the world."""
    return Subject(
        person=asking.person_id,
        roles=frozenset(str(role) for role in asking.roles),
        clearance=asking.clearance,
        departments=frozenset(asking.department_ids),
        organ=asking.organ_id,
        officer_level="机密" if asking.holds(Role.OFFICER) else "",
    )


def may_read(who: str, clearance: str, role: Role, level: str, state: str, scope: str) -> bool:
    """The rule, written from the requirements: administrators never; a draft its drafter; else clearance and need."""
    if role in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN):
        return False
    if state == "draft":
        return who == "drafter"
    if scope == "bars" and who in BARRED:
        return False  # whatever else admits him
    if RANK[clearance] < RANK[level]:
        return False
    if who in ("drafter", "officer"):
        return True
    if (who, scope) in {("named", "person"), ("colleague", "department")}:
        return True
    if (scope, who == "outsider") in {("organ", False), ("bars", False), ("other organ", True)}:
        return True  # an organ admits its own staff: an entry for another organ makes it a recipient, not our people
    if role == Role.HEAD and state == "referred" and who != "outsider":
        return True  # the head approves what is referred (QA-6)
    return role == Role.OFFICER and state in ("proposed", "referred") and who != "outsider" and RANK[level] <= 2


def may_know_of(who: str, clearance: str, role: Role, level: str, state: str, scope: str) -> bool:
    """Existence is seen by those who read, and by the overseers of the organ within their clearance."""
    if may_read(who, clearance, role, level, state, scope):
        return True
    overseer = role in (Role.SECRECY_OFFICE, Role.HEAD, Role.INSPECTOR) and who != "outsider"
    if scope == "bars" and who in BARRED:
        return False
    return overseer and state != "draft" and RANK[clearance] >= RANK[level]


def test_every_combination_shows_what_the_rules_allow_and_nothing_else(world: World):
    decisions = 0
    for who, clearance, role in product(WHO, CLEARANCES, ROLES):
        asking = actor(world, who, clearance, role)
        content = {pk for pk in access.visible(asking, NOW).values_list("pk", flat=True)}
        existence = dict(access.existing(asking, NOW).values_list("pk", "is_content"))
        for pk, case in world.matters.items():
            decisions += 1
            assert (pk in content) == may_read(who, clearance, role, *case), (who, clearance, role, case)
            assert (pk in existence) == may_know_of(who, clearance, role, *case), (who, clearance, role, case)
            if pk in existence:
                assert bool(existence[pk]) == (pk in content), (who, clearance, role, case)
    assert decisions == len(WHO) * len(CLEARANCES) * len(ROLES) * len(world.matters) == 36_864


def test_the_filters_agree_with_the_decision_of_the_regime(world: World):
    ids = {who: str(person.pk) for who, person in world.people.items()}
    other = {str(world.people["outsider"].organ_id)}
    for who, clearance, role in product(WHO, CLEARANCES, ROLES):
        asking = actor(world, who, clearance, role)
        subject = subject_of(asking)
        content = {pk for pk in access.visible(asking, NOW).values_list("pk", flat=True)}
        existence = {pk for pk in access.existing(asking, NOW).values_list("pk", flat=True)}
        for pk, (level, state, scope) in world.matters.items():
            target = Object(
                level=level,
                state=state,
                drafter=ids["drafter"],
                officer=ids["officer"],
                organ=str(world.home.pk),
                persons=frozenset({ids["named"]} if scope == "person" else ()),
                departments=frozenset({str(world.inside.pk)} if scope == "department" else ()),
                organs=frozenset(
                    {str(world.home.pk)} if scope in ("organ", "bars") else other if scope == "other organ" else ()
                ),
                blocked=frozenset(ids[name] for name in BARRED) if scope == "bars" else frozenset(),
            )
            case = (who, clearance, role, level, state, scope)
            assert (pk in content) == bool(decide(subject, "content", target)), case
            assert (pk in existence) == bool(decide(subject, "existence", target)), case


def _scattered(world: World, count: int) -> None:
    """Add matters of both organs with any number of scope entries, people and challenges, drawn from one seed."""
    rng = random.Random(31)
    people, organs = list(world.people.values()), [world.home, world.people["outsider"].organ]
    for _ in range(count):
        row = Matter(
            organ=rng.choice(organs),
            drafter=rng.choice(people),
            officer=rng.choice([None, *people]),
            state=rng.choice([*STATES, "voided", "graded", "pending"]),
            level=rng.choice(LEVELS),
            title_ct=b"",
            created_at=NOW,
            changed_at=NOW,
        )
        row.save()
        for _ in range(rng.randint(0, 3)):
            _scope(row, rng.choice(SCOPES), world.people, world.inside, world.home)
        if rng.random() < 0.2:
            ended = rng.choice([None, NOW])
            Challenge(
                matter=row,
                challenger=organs[1],
                is_received=True,
                raised_by=people[0],
                position="level",
                challenged_level=row.level,
                raised_at=NOW,
                changed_at=NOW,
                ended_at=ended,
            ).save()


@pytest.mark.parametrize("few", [0, 10_000])
def test_a_list_holds_what_testing_each_matter_would_find_from_either_side(world: World, few: int, monkeypatch):
    """``few`` decides which way the list is found: every matter tested, or looked up from the reader's side."""
    with act_open("test.world"):
        _scattered(world, 120)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # a database at work has measured what it holds
    monkeypatch.setattr(access, "FEW", few)
    seen = 0
    for who, clearance, role in product(WHO, ("", "机密", "绝密"), ROLES):
        asking = actor(world, who, clearance, role)
        right = {(pk, bool(known)) for pk, known in access.existing(asking, NOW).values_list("pk", "is_content")}
        found = access.listed(asking, NOW)
        assert {(pk, bool(known)) for pk, known in found.values_list("pk", "is_content")} == right, (
            who,
            clearance,
            role,
        )
        content = set(access.visible(asking, NOW).values_list("pk", flat=True))
        assert (
            set(access.visible_in_lists(asking, NOW).values_list("pk", flat=True))
            == content
            == {pk for pk, k in right if k}
        )
        asked = {
            "all": Q(),
            "in force": Q(state="active"),
            "none": Q(pk__in=()),
            "high": Q(level="机密", department=None),
        }
        counted = {name: found.filter(condition).count() for name, condition in asked.items()}
        assert tally(found, asked) == tally(found, asked, few=True) == counted
        seen += len(right)
    assert seen > 5_000


def test_nobody_signed_in_sees_nothing_and_the_unseen_is_not_found(world: World):
    assert not access.visible(access.anonymous("test"), NOW).exists()
    assert not access.existing(access.anonymous("test"), NOW).exists()
    stranger = actor(world, "stranger", "绝密", Role.DRAFTER)
    hidden = next(iter(world.matters))
    for wanted in (hidden, UUID(int=0)):
        with pytest.raises(NotFound) as caught:
            access.matter_for(stranger, NOW, wanted)
        assert caught.value.code == "object.not_found" and not caught.value.params
