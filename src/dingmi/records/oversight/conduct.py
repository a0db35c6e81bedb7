"""严重违规、擅自离职和调离建议 (TL-54, BMF-51.2): what cleared staff did, told to the administration; what it recommended."""

from __future__ import annotations

from uuid import UUID

from django.db import models

from dingmi.records.ledger.guard import Record
from dingmi.records.organs.models import Person

KINDS = ("deserted", "breach", "removal_advised")


class Conduct(Record):
    """One case: who, what, when; and the document by which the administration was told or answered."""

    person_id: UUID

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16)
    on = models.DateField()
    words = models.CharField(max_length=400)
    entered_at = models.DateTimeField()
    entered_by = models.UUIDField()
    document_no = models.CharField(max_length=80, blank=True)
    told_on = models.DateField(null=True)
    told_words = models.CharField(max_length=400, blank=True)
    told_by = models.UUIDField(null=True)

    class Meta:
        indexes = [models.Index(fields=["told_on", "on"])]
