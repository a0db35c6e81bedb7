"""申请: somebody asks to know a matter, or to take rows of the register out; another person answers."""

from __future__ import annotations

from uuid import UUID

from django.db import models

from dingmi.records.ledger.guard import Record
from dingmi.records.matters.models import Matter
from dingmi.records.organs.models import Person

KINDS = (("know", "知悉"), ("export", "导出台账"))
STATES = (("open", "待批"), ("granted", "已批准"), ("refused", "未批准"), ("withdrawn", "已撤回"), ("used", "已导出"))


class Application(Record):
    """One application and its answer; ``terms`` says what an export is of, conditions only and never words of a title."""

    matter_id: UUID | None
    by_id: UUID
    answered_by_id: UUID | None

    kind = models.CharField(max_length=8, choices=KINDS)
    matter = models.ForeignKey(Matter, null=True, on_delete=models.PROTECT, related_name="applications")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=120)
    terms = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=STATES, default="open")
    asked_at = models.DateTimeField()
    answered_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=120, blank=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["by", "-asked_at"]), models.Index(fields=["state", "-asked_at"])]
