"""Breaches that the daily sweep finds, kept and never repaired by stealth."""

from __future__ import annotations

from uuid import UUID

from django.db import models

from dingmi.records.ledger.guard import Record
from dingmi.records.matters.models import Matter


class Breach(Record):
    """A duty missed: kind, clause, and the matter it concerns."""

    matter_id: UUID | None

    matter = models.ForeignKey(Matter, null=True, on_delete=models.PROTECT, related_name="breaches")
    kind = models.CharField(max_length=40)
    clause = models.CharField(max_length=20)
    on = models.DateField()
    answered_at = models.DateTimeField(null=True)
