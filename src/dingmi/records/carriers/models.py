"""载体：copies and the marks they carry."""

from __future__ import annotations

from uuid import UUID

from django.db import models

from dingmi.records.ledger.guard import Record
from dingmi.records.matters.models import Matter, MatterFile


class Carrier(Record):
    """One copy of one matter: paper or electronic, with the mark that stands on it."""

    matter_id: UUID
    file_id: UUID | None

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="carriers")
    file = models.ForeignKey(MatterFile, null=True, on_delete=models.PROTECT, related_name="+")
    copy_no = models.PositiveIntegerField()
    form = models.CharField(max_length=12, default="electronic")
    mark = models.CharField(max_length=120)
    old_mark = models.CharField(max_length=120, blank=True)
    remark_due = models.BooleanField(default=False)
    created_at = models.DateTimeField()
