"""归档移交: electronic files of one level, year and unit, reviewed, packed for an archive, and handed over."""

from __future__ import annotations

from uuid import UUID

from django.db import models

from dingmi.records.ledger.guard import Record
from dingmi.records.matters.models import Matter
from dingmi.records.organs.models import Department, Person

BATCH_STATES = (("open", "审核中"), ("packed", "已打包"), ("transferred", "已移交"), ("withdrawn", "已撤销"))
OPENINGS = (("open", "可以开放"), ("part", "部分开放"), ("closed", "延期开放"))


class ArchiveBatch(Record):
    """One batch: every file in it is of one regime, level, year and unit; the package itself is not kept."""

    department_id: UUID | None
    opened_by_id: UUID
    packed_by_id: UUID | None
    transferred_by_id: UUID | None

    number = models.CharField(max_length=40, unique=True)
    regime = models.CharField(max_length=20)
    level = models.CharField(max_length=12)
    year = models.PositiveSmallIntegerField()  # in which the files came into being
    department = models.ForeignKey(Department, null=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=BATCH_STATES, default="open")
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    medium = models.CharField(max_length=80, blank=True)  # number of the carrier that the package is written to
    packed_at = models.DateTimeField(null=True)
    packed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    package_sm3 = models.CharField(max_length=64, blank=True)
    package_size = models.BigIntegerField(default=0)
    copies = models.PositiveSmallIntegerField(default=0)
    archive = models.CharField(max_length=120, blank=True)
    receipt_no = models.CharField(max_length=80, blank=True)
    channel = models.CharField(max_length=20, blank=True)
    transferred_on = models.DateField(null=True)
    transferred_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["state", "-opened_at"])]


class ArchiveFile(Record):
    """One matter in a batch: what was found in its review, or why and until when it stays (DAT-20.3)."""

    batch_id: UUID
    matter_id: UUID
    reviewed_by_id: UUID | None

    batch = models.ForeignKey(ArchiveBatch, on_delete=models.PROTECT, related_name="files")
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="archived")
    order = models.PositiveIntegerField()
    opening = models.CharField(max_length=8, choices=OPENINGS, blank=True)
    level = models.CharField(max_length=12)  # of the key that opinion_ct is under
    opinion_ct = models.BinaryField(default=bytes)
    reviewed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField(null=True)
    packed_version = models.PositiveIntegerField(null=True)  # of the matter, when it was packed
    left_at = models.DateTimeField(null=True)  # deferred, or its batch withdrawn
    deferred_until = models.DateField(null=True)
    deferral_no = models.CharField(max_length=80, blank=True)  # the archive's consent

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["matter"], condition=models.Q(left_at__isnull=True), name="archived_in_one_batch"
            )
        ]
        indexes = [models.Index(fields=["batch", "order"])]
