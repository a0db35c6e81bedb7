"""The append-only log: entries, their place in the tree, the frontier, checkpoints and idempotency receipts.

Entries name other records by kind and id only, never by foreign key.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from dingmi.records.ledger.guard import Record

AT_WORK = 1000  # entries among which one that was committed a moment ago may still have no place
_WINDOW = 100_000  # an entry commits long before so many later ones; verify reports any that stays unnumbered


class Entry(models.Model):
    """One thing that happened, in canonical text; never updated or deleted (triggers refuse it)."""

    id = models.BigAutoField(primary_key=True)
    stream = models.CharField(max_length=80)  # "<kind>:<id>" of the object, or "installation"
    stream_no = models.PositiveIntegerField()
    act = models.CharField(max_length=60)
    body = models.TextField()
    leaf = models.BinaryField(max_length=32)
    mac = models.BinaryField(max_length=32)
    at = models.DateTimeField()

    class Meta:
        db_table = "ledger_entry"
        indexes = [models.Index(fields=["stream", "stream_no"]), models.Index(fields=["act", "id"])]


class Sequence(models.Model):
    """The place of a committed entry in the tree; append-only."""

    seq = models.BigIntegerField(primary_key=True)  # 0, 1, 2 … without gaps
    entry_id = models.BigIntegerField(db_index=True)

    class Meta:
        db_table = "ledger_seq"


def unplaced(window: int = _WINDOW) -> QuerySet[Entry]:
    """Return the committed entries that have no place yet, oldest first: on SQLite none, on PostgreSQL for a moment.

    Args:
        window: How many entries before the newest that has a place are looked at.
    """
    newest = Coalesce(Subquery(Sequence.objects.order_by("-seq").values("entry_id")[:1]), 0)
    placed = Sequence.objects.filter(entry_id=OuterRef("pk"))
    return Entry.objects.filter(~Exists(placed), pk__gt=newest - window).order_by("pk")


class Frontier(models.Model):
    """The right edge of the tree at one size: one row that moves forward only."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    size = models.BigIntegerField(default=0)
    hashes = models.BinaryField(default=bytes)
    high_water = models.DateTimeField(null=True)  # latest ledger time (SR-62)
    changed = models.BinaryField(default=bytes)  # root of the tree when the last entry that changed records was placed

    class Meta:
        db_table = "ledger_frontier"


class Checkpoint(models.Model):
    """A size and its root, signed with the key that names the log; ``note`` is the text that was signed."""

    id = models.BigAutoField(primary_key=True)
    size = models.BigIntegerField()
    root = models.BinaryField(max_length=32)
    note = models.TextField()
    signature = models.BinaryField(default=bytes)
    key_id = models.CharField(max_length=80, blank=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "ledger_checkpoint"


class Receipt(Record):
    """The outcome of an act under its idempotency key (SR-54)."""

    account = models.CharField(max_length=40)
    key = models.CharField(max_length=120)
    act = models.CharField(max_length=60)
    params_digest = models.CharField(max_length=64)
    outcome = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        db_table = "ledger_receipt"
        constraints = [models.UniqueConstraint(fields=["account", "key"], name="receipt_once")]
