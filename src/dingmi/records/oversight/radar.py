"""一致性雷达: near-identical matters with different levels, periods or scopes, who rules on them, and what was ruled."""

from __future__ import annotations

from uuid import UUID

from django.db import models

from dingmi.records.guides.models import GuideItem
from dingmi.records.ledger.guard import Record
from dingmi.records.matters.models import Matter
from dingmi.records.organs.models import Person

STATES = (("open", "待裁定"), ("ruled", "已裁定"), ("aligned", "已一致"))
OUTCOMES = (("stands", "差异成立"), ("follow_one", "以前者为准"), ("follow_other", "以后者为准"))


class SketchToken(models.Model):
    """A keyed token of the text of a matter; near-identical texts share one. Derived, and no authority rests on it."""

    id = models.BigAutoField(primary_key=True)
    token = models.CharField(max_length=16)
    matter = models.ForeignKey(Matter, on_delete=models.CASCADE, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["token", "matter"])]


class Discord(Record):
    """A case: two matters say nearly the same and differ in level, period or scope. ``one`` was decided before ``other``."""

    one_id: UUID
    other_id: UUID
    owner_id: UUID | None
    item_id: UUID | None

    number = models.PositiveIntegerField(unique=True)
    one = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="+")
    other = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="+")
    differs = models.JSONField()  # of level, period, scope
    terms = models.JSONField()  # the terms that were compared: levels, tails, digests of scopes
    per_cent = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=8, choices=STATES, default="open")
    level = models.CharField(max_length=12)  # the higher of both: of the key that words_ct is under
    owner = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    found_at = models.DateTimeField()
    due_on = models.DateField()
    outcome = models.CharField(max_length=12, choices=OUTCOMES, blank=True)
    item = models.ForeignKey(GuideItem, null=True, on_delete=models.PROTECT, related_name="+")
    words_ct = models.BinaryField(default=bytes)
    ruled_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    ruled_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["state", "due_on"]), models.Index(fields=["one", "other"])]
