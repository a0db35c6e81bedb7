"""What a derived matter takes over from its sources: level, end and scope, and what the law is asked of each source."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from dingmi.queries import consulted, lineage, standing
from dingmi.queries.terms import Scope, SourceIn, scope_plain
from dingmi.records.matters.models import ClassifiedPoint, Matter, SourceLink
from dingmi.regime.prc_state import facts as asked
from dingmi.regime.prc_state import marks
from dingmi.regime.prc_state.derivation import derived_level, derived_tail
from dingmi.regime.prc_state.levels import covers


@dataclass(frozen=True, slots=True)
class Source:
    """One source of a derived matter as its drafter may use it."""

    matter: Matter | None
    number: str
    originator: str
    level: str
    tail: str
    tail_kind: str
    last_protected_day: date | None
    is_released: bool
    consent: bool
    may_know: bool
    scope: Scope = field(default_factory=Scope)
    trigger: str = ""  # which of the four cases of derivation it is
    points: tuple[UUID, ...] = ()  # its classified points that are used, where only they are
    point_levels: tuple[str, ...] = ()
    marks_points: bool = False

    def plain(self) -> dict[str, Any]:
        """Return the source as JSON values."""
        return {
            "matter": str(self.matter.pk) if self.matter else None,
            "number": self.number,
            "originator": self.originator,
            "level": self.level,
            "tail": self.tail,
            "last_protected_day": self.last_protected_day.isoformat() if self.last_protected_day else None,
            "consent": self.consent,
            "points": [str(p) for p in self.points],
        }


def own_source(
    row: Matter,
    drafter: UUID,
    consent: bool,
    at: datetime,
    also: Iterable[UUID] = (),
    points: Collection[UUID] = (),
) -> Source:
    """Return one of our matters as a source.

    Args:
        points: Its classified points that are used, where only they are; what is none of its points does not count.
        also: Persons who count as named by its scope where a department or an organ in it admits them.
    """
    scope = standing.scope_of(row, at)
    admitted = tuple(p for p in also if p not in scope.persons and standing.in_scope(row, p, at))
    marked = dict(ClassifiedPoint.objects.filter(matter=row).order_by("start", "pk").values_list("pk", "level"))
    used = tuple(p for p in marked if p in set(points))
    return Source(
        points=used,
        point_levels=tuple(marked[p] if covers(row.level, marked[p]) else row.level for p in used),
        marks_points=bool(marked),
        matter=row,
        number=row.register_no or "",
        originator=row.organ.name,
        level=row.level,
        tail=row.tail,
        tail_kind=row.tail_kind,
        last_protected_day=row.last_protected_day,
        is_released=row.state != "active" or standing.is_over(row.declassified_from, row.tail, at),
        consent=consent,
        may_know=(row.drafter_id == drafter and drafter not in standing.barred(row))
        or standing.in_scope(row, drafter, at),
        scope=replace(scope, persons=(*scope.persons, *admitted)),
    )


def external_source(given: SourceIn, at: datetime) -> Source:
    """Return a received text as a source, by its mark.

    Raises:
        Invalid: Level or tail make no mark.
    """
    read = marks.parse(f"{given.level}★{given.tail}", issued=given.issued_on)
    window = read.window
    return Source(
        matter=None,
        number=given.number,
        originator=given.originator,
        level=read.level,
        tail=read.tail.text,
        tail_kind=read.tail.kind.value,
        last_protected_day=window.last_protected_day,
        is_released=standing.is_over(window.declassified_from, read.tail.text, at),
        consent=given.consent,
        may_know=True,
    )


@dataclass(frozen=True, slots=True)
class Inherited:
    """What a derived matter takes over: highest level, and the latest end as a date, a condition or 长期."""

    level: str
    tail: str


def inherited(sources: tuple[Source, ...]) -> Inherited:
    """Return level and tail that come from the sources (procedures §3.5, E15, E17); empty where they have none yet."""
    given = tuple(
        asked.SourceFacts(
            "", s.level, s.tail, s.last_protected_day, point_levels=s.point_levels, marks_points=s.marks_points
        )
        for s in sources
    )
    return Inherited(derived_level(given), derived_tail(given))


def common_scope(sources: tuple[Source, ...]) -> Scope:
    """Return whom every source of ours admits; sources from elsewhere do not narrow it."""
    own = [s.scope for s in sources if s.matter is not None]
    if not own:
        return Scope()
    persons, departments, organs = (
        set.intersection(*(set(getattr(s, kind)) for s in own)) for kind in ("persons", "departments", "organs")
    )
    return Scope(tuple(sorted(persons, key=str)), tuple(sorted(departments, key=str)), tuple(sorted(organs, key=str)))


def source_facts(
    source: Source, name: str, descended: Collection[UUID] = (), heard: consulted.Heard | None = None
) -> asked.SourceFacts:
    """Return what the law asks of a source, under ``name``; none of ``descended`` can be one.

    Args:
        heard: What the originators answered; their consent then counts as they gave it, not as the drafter said.
    """
    scope = scope_plain(source.scope)
    is_ours = source.matter is not None and standing.answers_for(source.matter).is_home
    organ = source.matter.organ_id if source.matter is not None else None
    use = heard.of("use", source.originator, or_superior=True) if heard else ""
    return asked.SourceFacts(
        id=name,
        level=source.level,
        tail=source.tail,
        last_protected_day=source.last_protected_day,
        is_released=source.is_released,
        is_descendant=source.matter is not None and source.matter.pk in descended,
        drafter_may_know=source.may_know,
        has_consent=is_ours or use == "agrees" if heard else source.consent,
        persons=tuple(scope["persons"]),
        departments=tuple(scope["departments"]),
        organs=tuple(scope["organs"]),
        point_levels=source.point_levels,
        marks_points=source.marks_points,
        relation="own" if is_ours else "superior" if consulted.is_of_superior(organ, source.originator) else "other",
        is_ours=is_ours,
        use_answer=use,
        part_answer=heard.of("source", source.originator) if heard else "",
    )


def kept_sources(row: Matter, at: datetime, named: Iterable[UUID] = ()) -> tuple[asked.SourceFacts, ...]:
    """Return the sources of a matter, each with what its originator answered.

    Args:
        named: Persons who are to know the matter.
    """
    links = list(SourceLink.objects.filter(matter=row).select_related("matter", "source__organ").order_by("at", "pk"))
    if not links:
        return ()
    found, descended, heard = [], lineage.family(row.pk), consulted.heard(row)
    for number, link in enumerate(links):
        if link.source is not None:
            source = own_source(link.source, row.drafter_id, False, at, named, [UUID(p) for p in link.points])
        else:
            ends, whose = link.last_protected_day, consulted.originator(link)
            source = Source(None, "", whose, link.level, "", "", ends, bool(ends and ends < at.date()), False, True)
        found.append(source_facts(source, str(link.source_id or number), descended, heard))
    return tuple(found)
