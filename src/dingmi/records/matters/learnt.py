"""What is learnt from decisions is kept in versions."""

from __future__ import annotations

from uuid import UUID

from django.db import models

from dingmi.records.ledger.guard import Record
from dingmi.records.organs.models import Person

STATES = (("shadow", "试运行"), ("serving", "使用中"), ("retired", "已停用"))


class LearntVersion(Record):
    """One version of what was learnt. A new one runs as a shadow until the secrecy office puts it to use."""

    served_by_id: UUID | None

    number = models.PositiveIntegerField(unique=True)
    state = models.CharField(max_length=8, choices=STATES)
    cases = models.PositiveIntegerField()
    fitted = models.TextField()  # weights, and counts by id of item
    digest = models.CharField(max_length=64)  # SM3 of fitted
    at = models.DateTimeField()
    served_at = models.DateTimeField(null=True)
    served_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True
