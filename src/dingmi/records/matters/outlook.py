"""What the outlook of reviews is learnt from, and its versions."""

from __future__ import annotations

from uuid import UUID

from django.db import models

from dingmi.records.ledger.guard import Record
from dingmi.records.matters.learnt import LearntVersion
from dingmi.records.matters.models import Decision, Matter


class ReviewOutcome(Record):
    """How one review was decided, with the facts as they stood then; numbers and codes alone, no words of the matter."""

    decision_id: UUID
    matter_id: UUID

    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="+")
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="+")
    facts = models.JSONField()
    item = models.CharField(max_length=36, blank=True)  # id of the guide item that it rested on
    days_left = models.IntegerField()
    ended = models.BooleanField()  # released, let lapse or changed; False: kept or extended
    scored = models.JSONField(default=dict)  # number of a version that ran then: the chance it gave, per mille
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at"])]


class OutlookModel(LearntVersion):
    """One version of the outlook."""
