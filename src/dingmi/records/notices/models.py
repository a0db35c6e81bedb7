"""Inbox, outbox and deadlines; sending is the jobs' work."""

from __future__ import annotations

from uuid import UUID

from django.db import models

from dingmi.records.ledger.guard import Record
from dingmi.records.organs.models import Organ, Person


class Notice(Record):
    """A message to a person or an organ: a code and ids, never classified text (SR-30)."""

    person_id: UUID | None
    organ_id: UUID | None

    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="notices")
    organ = models.ForeignKey(Organ, null=True, on_delete=models.PROTECT, related_name="notices")
    code = models.CharField(max_length=60)
    matter_id = models.UUIDField(null=True)
    params = models.JSONField(default=dict)
    must_acknowledge = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    delivery = models.CharField(max_length=16, blank=True)  # inbox / hand / courier / exchange
    evidence = models.CharField(max_length=120, blank=True)  # number of the receipt, and who signed it
    remarked_at = models.DateTimeField(null=True)  # the recipient wrote the new elements near the mark (ZX-30.1)

    class Meta:
        indexes = [
            models.Index(fields=["person", "acknowledged_at", "-created_at"]),
            models.Index(fields=["matter_id", "code"]),
            models.Index(fields=["code", "person", "created_at"], name="notice_by_code"),
        ]


class Deadline(Record):
    """A limit that runs: its name, its clause, its last day, or that the calendar is not loaded."""

    matter_id = models.UUIDField()
    part_id = models.UUIDField(null=True)  # what within the matter it belongs to: one appraisal of several
    name = models.CharField(max_length=40)
    clause = models.CharField(max_length=20, blank=True)
    is_policy = models.BooleanField(default=False)
    starts_on = models.DateField()
    due_on = models.DateField(null=True)  # null: calendar of a needed year not loaded
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["done_at", "due_on"])]


class OutboxItem(Record):
    """Something to send after commit, exactly once per ledger entry (SR-59)."""

    channel = models.CharField(max_length=20)
    payload = models.JSONField()
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["channel", "created_at"], condition=models.Q(sent_at__isnull=True), name="outbox_to_send"
            )
        ]
