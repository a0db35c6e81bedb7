"""公开选拔: a post announced, who applied, and the decision; whoever is chosen goes the road of every appointment."""

from __future__ import annotations

from uuid import UUID

from django.db import models

from dingmi.records.ledger.guard import Record
from dingmi.records.officers.appointments import Appointment
from dingmi.records.officers.exams import Exam
from dingmi.records.organs.models import Person


class Selection(Record):
    """One announcement: the post, the authority it carries, until when one may apply, and the examination asked for."""

    exam_id: UUID | None

    title = models.CharField(max_length=120)
    max_level = models.CharField(max_length=8)
    matters = models.JSONField()
    conditions = models.CharField(max_length=400)
    exam = models.ForeignKey(Exam, null=True, on_delete=models.PROTECT, related_name="selections")
    posted_at = models.DateTimeField()
    posted_by = models.UUIDField()
    closes_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.UUIDField(null=True)
    reasons = models.CharField(max_length=400, blank=True)


class Candidacy(Record):
    """One person's application to one announcement."""

    selection_id: UUID
    person_id: UUID

    selection = models.ForeignKey(Selection, on_delete=models.PROTECT, related_name="candidates")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    statement = models.CharField(max_length=400)
    state = models.CharField(max_length=12, default="applied")  # applied / withdrawn / chosen / declined
    applied_at = models.DateTimeField()
    case = models.OneToOneField(Appointment, null=True, on_delete=models.PROTECT, related_name="candidacy")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["selection", "person"], name="applies_once")]
