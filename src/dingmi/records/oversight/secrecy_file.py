"""保密档案: rules, plans and registers of the organ in the parts of ``regime.secrecy_file``, each entry with its review day."""

from __future__ import annotations

from uuid import UUID

from django.db import models

from dingmi.records.ledger.guard import Record


class FileEntry(Record):
    """One paper of the secrecy file: in force since a day, reviewed, and ended when another takes its place."""

    by: UUID

    part = models.CharField(max_length=12)
    title = models.CharField(max_length=120)
    number = models.CharField(max_length=80)
    summary = models.CharField(max_length=400, blank=True)
    details = models.JSONField(default=dict)  # the columns of its part, by code, as ``regime.secrecy_file`` names them
    since = models.DateField()
    review_by = models.DateField()
    approved_on = models.DateField(null=True)
    approved_by = models.UUIDField(null=True)
    reviewed_on = models.DateField(null=True)
    review_words = models.CharField(max_length=400, blank=True)
    ended_on = models.DateField(null=True)
    ended_words = models.CharField(max_length=400, blank=True)
    by = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["part", "review_by"])]
