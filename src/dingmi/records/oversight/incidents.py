"""泄密 (BMF-47, TL-61, BW-4): what leaked or may have, what was done and told about it, who may know, who answers for it."""

from __future__ import annotations

from uuid import UUID

from django.db import models

from dingmi.records.ledger.guard import Record
from dingmi.records.organs.models import Person

STEPS = ("measure", "oral", "report", "progress", "considered", "outcome")


class Incident(Record):
    """A leak, or what may be one. Its words are under the key of its level, for those who are admitted to them."""

    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()  # within its year
    certain = models.BooleanField()  # leaked, or possibly
    level = models.CharField(max_length=12)  # the highest that is concerned
    discovered_at = models.DateTimeField()
    due_at = models.DateTimeField()  # the report of the law
    clause = models.CharField(max_length=20)  # that sets it
    matters = models.JSONField(default=list)  # ids
    items_ct = models.BinaryField(default=bytes)  # the seven items of the report, as JSON
    reporter = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")  # on none of its pages (TL-61.3)
    reported_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.UUIDField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["year", "number"], name="incident_number")]
        indexes = [models.Index(fields=["closed_at", "discovered_at"])]


class IncidentStep(Record):
    """One thing done or told about an incident."""

    incident_id: UUID

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="steps")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=12)
    at = models.DateTimeField()
    to = models.CharField(max_length=16, blank=True)  # administration / superior
    document_no = models.CharField(max_length=80, blank=True)
    words_ct = models.BinaryField(default=bytes)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["incident", "number"], name="incident_step_number")]


class IncidentReader(Record):
    """知悉人员: one who may know an incident, from an instant until another."""

    incident_id: UUID
    person_id: UUID

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="readers")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    by = models.UUIDField()


class IncidentLiability(Record):
    """Who answers for an incident, on which ground, and with what consequence (TL-67)."""

    person_id: UUID

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="liabilities")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    basis = models.CharField(max_length=20)  # a clause
    sanction = models.CharField(max_length=200)
    document_no = models.CharField(max_length=80)
    on = models.DateField()
    by = models.UUIDField()
    at = models.DateTimeField()
