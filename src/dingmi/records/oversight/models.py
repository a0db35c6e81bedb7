"""Breaches that the daily sweep finds, kept and never repaired by stealth; where a sweep stands; gaps of the clock."""

from __future__ import annotations

from uuid import UUID

from django.db import models

from dingmi.records.ledger.guard import Record
from dingmi.records.matters.models import Matter
from dingmi.records.organs.models import Person


class Breach(Record):
    """A duty missed: kind, clause, and the matter it concerns."""

    matter_id: UUID | None

    matter = models.ForeignKey(Matter, null=True, on_delete=models.PROTECT, related_name="breaches")
    kind = models.CharField(max_length=40)
    clause = models.CharField(max_length=20)
    on = models.DateField()
    answered_at = models.DateTimeField(null=True)


class Correction(Record):
    """定密不当纠正：an error found, by whom, what was decided, and the reply to whoever gave notice (TL-24, ZX-42)."""

    matter_id: UUID
    found_by_id: UUID
    drafter_id: UUID
    officer_id: UUID | None

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="corrections")
    kind = models.CharField(max_length=20)
    source = models.CharField(max_length=16)  # own / superior / administration / appraisal / inspection / challenge
    notifier = models.CharField(max_length=120, blank=True)
    notice_no = models.CharField(max_length=80, blank=True)
    found_on = models.DateField()
    found_at = models.DateTimeField()
    found_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    drafter = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")  # on whose record it stands
    officer = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    level = models.CharField(max_length=12)  # of the key that detail_ct is under
    detail_ct = models.BinaryField(default=bytes)
    remedy = models.CharField(max_length=16, blank=True)  # change / void / classify / release / remark / none
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    reply_no = models.CharField(max_length=80, blank=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["closed_at", "found_on"])]


class Sweep(Record):
    """How far one time-driven act has come in one period, so that a run that was killed goes on where it stopped."""

    act = models.CharField(max_length=60)
    period = models.CharField(max_length=20)
    cursor = models.UUIDField(null=True)  # the last row handled
    upto = models.BigIntegerField(default=0)  # the places of the log before this one are handled
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["act", "period"], name="sweep_once")]


class DateGap(Record):
    """A stretch of over 48 hours that the ledger has not seen: until people confirm the date, much waits (SR-63)."""

    since = models.DateTimeField()  # the last ledger time before
    found_at = models.DateTimeField()
    needed = models.PositiveSmallIntegerField()  # how many people have to confirm
    confirmed = models.JSONField(default=list)  # account and instant of each
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["found_at"], condition=models.Q(closed_at__isnull=True), name="gap_open")]
