"""定密责任人：appointment, authority, training and qualification."""

from __future__ import annotations

from uuid import UUID

from django.db import models

from dingmi.records.ledger.guard import Record
from dingmi.records.organs.models import Organ, Person


class Officer(Record):
    """A classification officer: statutory (法定) or designated (指定), main, managing or assistant tier."""

    person_id: UUID

    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="officer")
    kind = models.CharField(max_length=12)  # statutory / designated
    tier = models.CharField(max_length=12, default="main")  # main / managing / assistant


class Designation(Record):
    """The written instrument of one officer: level, matters, from–to as instants [since, until)."""

    officer_id: UUID

    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="designations")
    instrument = models.CharField(max_length=80)
    max_level = models.CharField(max_length=8)
    matters = models.JSONField()  # matter codes of guide items; ["*"] for all of the organ
    may_derive = models.BooleanField(default=True)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    designated_by = models.UUIDField()
    published_on = models.DateField(null=True)
    filed_on = models.DateField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_ground = models.CharField(max_length=40, blank=True)


class Grader(Record):
    """A written appointment to approve work secrets or trade secrets, [since, until)."""

    person_id: UUID

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="grading")
    regime = models.CharField(max_length=20)
    max_level = models.CharField(max_length=12)
    instrument = models.CharField(max_length=80)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    appointed_by = models.UUIDField()
    ended_at = models.DateTimeField(null=True)


class Suspension(Record):
    """An interval during which an officer may not decide."""

    officer_id: UUID

    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="suspensions")
    ground = models.CharField(max_length=40)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)


class Delegation(Record):
    """定密授权：a written grant of authority from one organ to another."""

    grantor_id: UUID
    grantee_id: UUID

    grantor = models.ForeignKey(Organ, on_delete=models.PROTECT, related_name="granted")
    grantee = models.ForeignKey(Organ, on_delete=models.PROTECT, related_name="received")
    instrument = models.CharField(max_length=80)
    max_level = models.CharField(max_length=8)
    matters = models.JSONField()
    since = models.DateTimeField()
    until = models.DateTimeField()
    filed_on = models.DateField(null=True)
    revoked_at = models.DateTimeField(null=True)


class Training(Record):
    """Training attended: hours, certificate and how long it counts."""

    person_id: UUID

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="trainings")
    course = models.CharField(max_length=120)
    minutes = models.PositiveIntegerField()
    completed_at = models.DateTimeField()
    valid_until = models.DateTimeField()
    certificate = models.CharField(max_length=60, blank=True)
    voided_at = models.DateTimeField(null=True)  # found wrong: from then on it counts for nothing
    voided_reason = models.CharField(max_length=200, blank=True)


class Qualification(Record):
    """资格等级：a condition of the product's profile, not of legal validity (SEED-1)."""

    person_id: UUID

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="qualifications")
    grade = models.CharField(max_length=8)
    certificate = models.CharField(max_length=60)
    since = models.DateTimeField()
    until = models.DateTimeField()
