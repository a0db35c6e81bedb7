"""定密培训: courses, their sessions, and who came; what was attended becomes a ``Training``, which every gate reads."""

from __future__ import annotations

from uuid import UUID

from django.db import models

from dingmi.records.ledger.guard import Record
from dingmi.records.officers.models import Training
from dingmi.records.organs.models import Person


class Course(Record):
    """One course of the organ: for whom, how long, and how long its certificate counts (policy)."""

    code = models.CharField(max_length=16, unique=True)  # begins the number of every certificate
    title = models.CharField(max_length=120)
    audience = models.CharField(max_length=12)  # officers / drafters / cleared / everyone
    minutes = models.PositiveIntegerField()
    valid_months = models.PositiveSmallIntegerField()
    outline = models.CharField(max_length=400, blank=True)
    topics = models.JSONField(default=list)  # of the five that regular education covers (TL-9.2)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)


class Session(Record):
    """One holding of a course: planned → roll taken, or cancelled."""

    course_id: UUID

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="sessions")
    starts_at = models.DateTimeField()
    minutes = models.PositiveIntegerField()
    place = models.CharField(max_length=80)
    teacher = models.CharField(max_length=60, blank=True)
    seats = models.PositiveSmallIntegerField()
    planned_by = models.UUIDField()
    rolled_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    cancelled_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["starts_at"])]


class Attendance(Record):
    """One person of one session: enrolled, then attended or absent; or withdrawn before it began."""

    session_id: UUID
    person_id: UUID
    training_id: UUID | None

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="people")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, default="enrolled")  # enrolled / withdrawn / attended / absent
    enrolled_at = models.DateTimeField()
    training = models.OneToOneField(Training, null=True, on_delete=models.PROTECT, related_name="attendance")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "person"], name="attends_once")]
