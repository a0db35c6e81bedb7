"""年报: a report of a closed year as the principal signed it, and its filing with the secrecy administration."""

from __future__ import annotations

from uuid import UUID

from django.db import models

from dingmi.records.ledger.guard import Record
from dingmi.records.organs.models import Person


class AnnualReport(Record):
    """One report of one year: kept as it was signed, then filed with its receipt."""

    signed_by_id: UUID

    name = models.CharField(max_length=20)  # classification / work / filing
    year = models.PositiveSmallIntegerField()
    as_of = models.DateField()
    content = models.JSONField()  # counts and words, nothing of a matter
    digest = models.CharField(max_length=64)  # SM3 of the content
    explained = models.CharField(max_length=600, blank=True)  # what the anomalies are, in the signer's words
    signed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()
    filing_no = models.CharField(max_length=80, blank=True)
    filed_on = models.DateField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "year"], name="annual_report_once")]
