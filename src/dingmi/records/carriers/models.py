"""载体：copies, the marks they carry, where each of them stands, and everything that happened to it."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.db import models

from dingmi.records.ledger.guard import ImmutableRecord, Record
from dingmi.records.matters.models import Matter, MatterFile
from dingmi.records.organs.models import Organ, Person


class Carrier(Record):
    """One copy of one matter: paper, medium, product or electronic, with the mark that stands on it and who answers for it.

    State, holder and days repeat the last of its events, so that a list need not read them all.
    """

    matter_id: UUID
    file_id: UUID | None
    parent_id: UUID | None
    holder_id: UUID | None
    organ_id: UUID | None
    destruction_id: UUID | None

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="carriers")
    file = models.ForeignKey(MatterFile, null=True, on_delete=models.PROTECT, related_name="+")
    copy_no = models.PositiveIntegerField()
    form = models.CharField(max_length=12, default="electronic")
    mark = models.CharField(max_length=120)
    old_mark = models.CharField(max_length=120, blank=True)
    remark_due = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")  # copied from
    state = models.CharField(max_length=12, default="registered")
    holder = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    organ = models.ForeignKey(
        Organ, null=True, on_delete=models.PROTECT, related_name="+"
    )  # that has it now, if another
    place = models.CharField(max_length=80, blank=True)
    due_on = models.DateField(null=True)  # back by
    return_by = models.DateField(null=True)  # back at its issuer by
    destruction = models.ForeignKey("Destruction", null=True, on_delete=models.PROTECT, related_name="carriers")

    class Meta:
        indexes = [
            models.Index(fields=["-created_at", "copy_no"]),
            models.Index(fields=["state", "due_on"]),
            models.Index(fields=["holder", "state"]),
            models.Index(fields=["id"], condition=models.Q(remark_due=True), name="carrier_to_remark"),
        ]


def markable(**of: Any) -> models.QuerySet[Carrier]:
    """Return the copies that can still bear a new mark: what was destroyed or given back keeps its old one."""
    found: models.QuerySet[Carrier] = Carrier.objects.filter(**of).exclude(state__in=("destroyed", "given_back"))
    return found


class CarrierEvent(ImmutableRecord):
    """One thing that happened to a copy, and how it stood afterwards."""

    carrier_id: UUID
    holder_id: UUID | None
    by_id: UUID
    due_on: date | None
    told: Any

    carrier = models.ForeignKey(Carrier, on_delete=models.PROTECT, related_name="events")
    number = models.PositiveIntegerField()
    act = models.CharField(max_length=40)
    at = models.DateTimeField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=12)
    holder = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    organ = models.ForeignKey(Organ, null=True, on_delete=models.PROTECT, related_name="+")
    place = models.CharField(max_length=80, blank=True)
    due_on = models.DateField(null=True)
    document_no = models.CharField(max_length=80, blank=True)
    told = models.JSONField(default=dict)  # channel, couriers, measures …: short lines, never content

    class Meta:
        constraints = [models.UniqueConstraint(fields=["carrier", "number"], name="carrier_event_once")]


class Destruction(Record):
    """One list of copies to be destroyed: proposed, approved by somebody else, counted by two, destroyed."""

    proposed_by_id: UUID
    answered_by_id: UUID | None

    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    method = models.CharField(max_length=20)
    facility = models.CharField(max_length=120)
    with_own_equipment = models.BooleanField(default=False)
    state = models.CharField(max_length=12, default="proposed")  # proposed, approved, refused, done
    proposed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    answered_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)
    document_no = models.CharField(max_length=80, blank=True)  # of the approval, or why it was refused
    done_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["year", "number"], name="destruction_number_once")]


class DestructionCount(ImmutableRecord):
    """One person counted what is to be destroyed."""

    person_id: UUID

    destruction = models.ForeignKey(Destruction, on_delete=models.PROTECT, related_name="counts")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    counted = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["destruction", "person"], name="destruction_counted_once")]


class StockTake(Record):
    """One count of everything that has to be here: opened, seen copy by copy, closed with what was not found."""

    opened_by_id: UUID

    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    expected = models.PositiveIntegerField(default=0)  # when it was closed
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    incident = models.UUIDField(null=True)  # the suspicion that was opened for what was not found

    class Meta:
        constraints = [models.UniqueConstraint(fields=["year", "number"], name="stock_take_number_once")]


class Sighting(ImmutableRecord):
    """One copy was seen in a count."""

    carrier_id: UUID

    take = models.ForeignKey(StockTake, on_delete=models.PROTECT, related_name="sightings")
    carrier = models.ForeignKey(Carrier, on_delete=models.PROTECT, related_name="sightings")
    at = models.DateTimeField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["take", "carrier"], name="seen_once_a_count")]
