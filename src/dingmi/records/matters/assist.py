"""What the suggestion engine learns from: public texts, passages called boilerplate, and what became of its suggestions."""

from __future__ import annotations

from uuid import UUID

from django.db import models

from dingmi.records.guides.models import GuideItem
from dingmi.records.ledger.guard import Record
from dingmi.records.matters.learnt import LearntVersion
from dingmi.records.matters.models import Decision, Matter
from dingmi.records.organs.models import Person

KINDS = (("public", "公开文本"), ("correction", "公文套话"))


class LearntPart(Record):
    """One part of the boilerplate model: counts of hashed runs, sealed under the field key of ``level``.

    The model is the sum of the parts that have not ended, so learning never writes what was learnt before. A part with a
    ``source`` holds passages of that matter and counts only for those who may read it.
    """

    source_id: UUID | None
    by_id: UUID | None

    number = models.PositiveIntegerField(unique=True)
    kind = models.CharField(max_length=12, choices=KINDS)
    source = models.ForeignKey(Matter, null=True, on_delete=models.PROTECT, related_name="+")
    level = models.CharField(max_length=12)  # of the key that counts_ct is under
    texts = models.PositiveIntegerField()
    grams = models.PositiveIntegerField()
    counts_ct = models.BinaryField()
    digest = models.CharField(max_length=64)  # SM3 of the counts
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["ended_at", "number"])]


class LearntText(Record):
    """One text of a part: a published matter, a matter whose passage was called boilerplate, or a public text by name."""

    part_id: UUID
    matter_id: UUID | None

    part = models.ForeignKey(LearntPart, on_delete=models.PROTECT, related_name="held")
    matter = models.ForeignKey(Matter, null=True, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200, blank=True)  # of a public text that was given
    code = models.CharField(max_length=64, db_index=True)  # keyed digest of the words, so that none is learnt twice


class KeptImprint(models.Model):
    """The imprint of the text of one matter in force: hashes of its runs, sealed under the field key of ``level``."""

    matter_id: UUID

    matter = models.OneToOneField(Matter, primary_key=True, on_delete=models.CASCADE, related_name="+")
    level = models.CharField(max_length=12)
    seeds_ct = models.BinaryField()


class Outcome(Record):
    """What became of one suggestion: which item was decided, and where it stood among those suggested; ids and codes alone.

    ``place`` counts from 1; 0: what was decided was not suggested. Of a blind draft the items were withheld from its drafter.
    """

    decision_id: UUID
    matter_id: UUID
    item_id: UUID | None

    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="+")
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="+")
    engine = models.CharField(max_length=60)
    suggested = models.JSONField()  # ids of items, best first
    item = models.ForeignKey(GuideItem, null=True, on_delete=models.PROTECT, related_name="+")
    place = models.PositiveSmallIntegerField()
    is_blind = models.BooleanField(default=False)
    is_changed = models.BooleanField(default=False)  # the officer decided otherwise than the drafter proposed
    refused = models.JSONField(default=list)  # sources put away: id and reason
    ranked = models.JSONField(
        default=dict
    )  # by number of an order that ran then (0: the engine's): the place of the decided item
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at"])]


class RankingModel(LearntVersion):
    """One version of the order learnt from decisions."""


class BlindShare(Record):
    """For how many of a hundred new drafts the items are withheld, so that it is seen whether suggestions sway people."""

    by_id: UUID

    per_cent = models.PositiveSmallIntegerField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()


class Followed(models.Model):
    """Up to which of its decisions a matter was looked at by one time-driven act; what is newer is still to do."""

    id = models.BigAutoField(primary_key=True)
    act = models.CharField(max_length=60)
    matter = models.ForeignKey(Matter, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["matter", "act"], name="followed_once")]
