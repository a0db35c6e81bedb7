"""回避: who is kept out of a matter because of a conflict, whatever else admits him (SR-13)."""

from __future__ import annotations

from uuid import UUID

from django.db import models

from dingmi.records.ledger.guard import Record
from dingmi.records.matters.models import Matter
from dingmi.records.organs.models import Person


class Recusal(Record):
    """One person kept out of one matter from ``since`` until somebody lifts it; never deleted.

    Vouched for with its matter, whose digest covers it. ``follows`` is the bar of a source that this one was taken over from.
    """

    matter_id: UUID
    person_id: UUID
    by_id: UUID
    ended_by_id: UUID | None

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="recusals")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    ground = models.CharField(max_length=16)  # of regime/recusal.toml
    level = models.CharField(max_length=12)  # of the key that the reasons are under
    reason_ct = models.BinaryField(default=bytes)
    follows = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")  # the person himself: declared
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    ended_reason_ct = models.BinaryField(default=bytes)

    class Meta:
        indexes = [models.Index(fields=["person", "matter"]), models.Index(fields=["-since", "id"])]
        constraints = [
            models.UniqueConstraint(
                fields=["matter", "person"], condition=models.Q(ended_at__isnull=True), name="barred_once"
            )
        ]
