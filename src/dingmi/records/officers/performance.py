"""履职考核: facts that the office records, the weights of a year, and the appraisal of one officer-year."""

from __future__ import annotations

from uuid import UUID

from django.db import models

from dingmi.records.ledger.guard import Record
from dingmi.records.organs.models import Person


class PerformanceFact(Record):
    """Something about an officer that no record here shows, with the document that does: reward, sanction, finding."""

    person_id: UUID

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    rule = models.CharField(max_length=40)
    on = models.DateField()
    evidence = models.CharField(max_length=200)
    recorded_by = models.UUIDField()
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["person", "on"])]


class PerformanceWeights(Record):
    """The weights of one year as the principal set them; the newest counts until the year is appraised."""

    year = models.PositiveSmallIntegerField()
    weights = models.JSONField()  # indicator → decimal as text
    instrument = models.CharField(max_length=80)
    set_by = models.UUIDField()
    set_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["year", "set_at"])]


class PerformanceRules(Record):
    """The rules of appraisal from a year on, as the principal set them; the newest counts until the year is appraised."""

    year = models.PositiveSmallIntegerField()
    version = models.CharField(max_length=20, unique=True)
    rules = models.JSONField()  # code, indicator, points, most, source, clause, zh, en, instrument of each
    set_by = models.UUIDField()
    set_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["year", "set_at"])]


class PerformanceReview(Record):
    """One officer-year: frozen when notified; noticed → signed or objected → decided."""

    person_id: UUID

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    version = models.CharField(max_length=20)
    score = models.JSONField()  # weights, indicators, total, lines with their evidence
    state = models.CharField(max_length=12, default="noticed")
    noticed_at = models.DateTimeField()
    object_until = models.DateField()
    answered_at = models.DateTimeField(null=True)
    objection = models.CharField(max_length=600, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.UUIDField(null=True)
    decision = models.CharField(max_length=600, blank=True)
    struck = models.JSONField(default=list)  # evidence of the lines that the decision took away
    final = models.CharField(max_length=8, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "year"], name="performance_once")]


class Allowance(Record):
    """岗位津贴 (SEED-9): what a seat of a tier and level is paid a month, from a day on."""

    tier = models.CharField(max_length=12)
    max_level = models.CharField(max_length=8)
    yuan = models.PositiveIntegerField()
    instrument = models.CharField(max_length=80)
    since = models.DateField()
    until = models.DateField(null=True)  # its last day
    set_by = models.UUIDField()
    set_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["tier", "max_level", "since"])]
