"""检查与整改 (TL-58, TL-59.3, SEED-12, SEED-23): inspections planned and held, what they found, and how it was put right."""

from __future__ import annotations

from uuid import UUID

from django.db import models

from dingmi.records.ledger.guard import Record
from dingmi.records.matters.models import Matter
from dingmi.records.organs.models import Department, Person
from dingmi.records.oversight.models import Correction


class Inspection(Record):
    """One inspection, round, drill or assessment of risks: planned, then held with its conclusion, or called off."""

    unit_id: UUID | None
    lead_id: UUID

    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()  # within its year
    kind = models.CharField(max_length=16)
    title = models.CharField(max_length=120)
    unit = models.ForeignKey(Department, null=True, on_delete=models.PROTECT, related_name="+")  # none: the whole organ
    topics = models.JSONField()
    lead = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    planned_on = models.DateField()
    repeats = models.PositiveSmallIntegerField(default=0)  # months until the next one; 0: once
    document_no = models.CharField(max_length=80, blank=True)  # of the plan, or of the administration's opinion
    planned_at = models.DateTimeField()
    planned_by = models.UUIDField()
    seed = models.CharField(max_length=32, blank=True)
    drawn_from = models.PositiveIntegerField(default=0)
    sample = models.JSONField(default=list)  # ids of the matters drawn
    held_on = models.DateField(null=True)
    held_at = models.DateTimeField(null=True)
    held_by = models.UUIDField(null=True)
    participants = models.CharField(max_length=400, blank=True)
    conclusion = models.CharField(max_length=1000, blank=True)
    figures = models.JSONField(default=list)  # of the register on the day it was held: code and count
    cancelled_on = models.DateField(null=True)
    cancelled_words = models.CharField(max_length=400, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["year", "number"], name="inspection_number")]
        indexes = [models.Index(fields=["kind", "planned_on"])]


class InspectionFinding(Record):
    """What an inspection found: who puts it right by when, the proof, and the word of another person that it is done."""

    inspection_id: UUID
    matter_id: UUID | None
    correction_id: UUID | None
    responsible_id: UUID

    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, related_name="findings")
    number = models.PositiveIntegerField()
    topic = models.CharField(max_length=16)
    error = models.CharField(max_length=20, blank=True)
    matter = models.ForeignKey(Matter, null=True, on_delete=models.PROTECT, related_name="+")
    correction = models.ForeignKey(Correction, null=True, on_delete=models.PROTECT, related_name="+")
    level = models.CharField(max_length=12, blank=True)  # of the matter; of no matter: none
    words_ct = models.BinaryField(default=bytes)  # what is wrong and what is asked
    responsible = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    officer = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")  # whose record it is on
    due_on = models.DateField()
    found_at = models.DateTimeField()
    found_by = models.UUIDField()
    proof_ct = models.BinaryField(default=bytes)
    rectified_on = models.DateField(null=True)
    rectified_by = models.UUIDField(null=True)
    opinion_ct = models.BinaryField(default=bytes)  # of whoever closed it, or sent it back
    closed_on = models.DateField(null=True)
    closed_by = models.UUIDField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["inspection", "number"], name="finding_number")]
        indexes = [models.Index(fields=["closed_on", "due_on"]), models.Index(fields=["responsible", "due_on"])]
