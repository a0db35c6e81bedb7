"""What happens to a matter in its life: consultations, approvals from above, successors, received matters, disclosure."""

from __future__ import annotations

from uuid import UUID

from django.db import models

from dingmi.records.ledger.guard import ImmutableRecord, Record
from dingmi.records.matters.models import Decision, Matter
from dingmi.records.organs.models import Organ, Person


class CoOrgan(Record):
    """协办机关：an organ that produced a matter together with the one that decides (ZX-25.1)."""

    organ_id: UUID

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="co_organs")
    organ = models.ForeignKey(Organ, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["matter", "organ"], name="co_organ_once")]


class Consultation(Record):
    """征求意见：what another organ was asked about a matter, and what it answered."""

    matter_id: UUID
    organ_id: UUID

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="consultations")
    organ = models.ForeignKey(Organ, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12)  # joint / source / release / disclosure
    document_no = models.CharField(max_length=80)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    answer = models.CharField(max_length=12, blank=True)  # agrees / objects
    answer_no = models.CharField(max_length=80, blank=True)
    answered_on = models.DateField(null=True)
    answered_at = models.DateTimeField(null=True)
    level = models.CharField(max_length=12)  # of the key that note_ct is under
    note_ct = models.BinaryField(default=bytes)

    class Meta:
        indexes = [models.Index(fields=["matter", "kind"])]


class CentralApproval(Record):
    """报批：leave of the organ that issued the guide, to extend beyond it or to release what it keeps for long."""

    matter_id: UUID
    used_by_id: UUID | None

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="approvals")
    kind = models.CharField(max_length=12)  # extend / release
    authority = models.CharField(max_length=120)
    level = models.CharField(max_length=12)
    tail = models.CharField(max_length=60, blank=True)
    reason_ct = models.BinaryField(default=bytes)  # under the key of ``level``
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField(null=True)  # null: calendar of the year not loaded
    answered_at = models.DateTimeField(null=True)
    granted = models.BooleanField(null=True)
    document_no = models.CharField(max_length=80, blank=True)
    decided_on = models.DateField(null=True)
    used_by = models.ForeignKey(Decision, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["matter", "kind"])]


class Succession(Record):
    """承继：which organ answers for a matter from a day on, and by which instrument (TL-23)."""

    matter_id: UUID

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="successions")
    from_organ = models.ForeignKey(Organ, on_delete=models.PROTECT, related_name="+")
    to_organ = models.ForeignKey(Organ, on_delete=models.PROTECT, related_name="+")
    situation = models.CharField(max_length=16)  # abolished / merged / split / body_dissolved
    ground = models.CharField(max_length=16)  # function / superior / named
    instrument = models.CharField(max_length=80)
    effective_on = models.DateField()
    entered_at = models.DateTimeField()
    in_effect_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["in_effect_at", "effective_on"])]


class Handover(ImmutableRecord):
    """载体移交：the copies of matters handed on, given to the organ that answers for them, and signed for (CS-60)."""

    to_organ_id: UUID

    from_organ = models.ForeignKey(Organ, on_delete=models.PROTECT, related_name="+")
    to_organ = models.ForeignKey(Organ, on_delete=models.PROTECT, related_name="+")
    on = models.DateField()
    receipt = models.CharField(max_length=80)
    handed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    received_by = models.CharField(max_length=60)
    witness = models.CharField(max_length=60, blank=True)
    copies = models.PositiveIntegerField()
    at = models.DateTimeField()


class HandoverLine(ImmutableRecord):
    """One matter of a handover: its number and mark as they stood, and how many copies."""

    handover_id: UUID
    matter_id: UUID

    handover = models.ForeignKey(Handover, on_delete=models.PROTECT, related_name="lines")
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="handovers")
    number = models.CharField(max_length=40)
    mark = models.CharField(max_length=120)
    copies = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["matter"], name="handed_over_once")]


class Reception(Record):
    """收文：a matter of another organ that we hold, and what we last heard of it from its originator."""

    matter_id: UUID

    matter = models.OneToOneField(Matter, on_delete=models.PROTECT, related_name="reception")
    received_on = models.DateField()
    received_no = models.CharField(max_length=60)
    widening = models.CharField(max_length=8, blank=True)  # its originator's rule: consent / never (BMF-21.3)
    originator_state = models.CharField(max_length=16, default="active")
    originator_level = models.CharField(max_length=12)
    originator_tail = models.CharField(max_length=60)
    originator_last_day = models.DateField(null=True)
    heard_on = models.DateField(null=True)  # of the latest notice of the originator


class OriginatorNotice(Record):
    """原定密机关的通知：change, extension, release or withdrawal of a matter that we hold."""

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="originator_notices")
    kind = models.CharField(max_length=12)  # extended / changed / released / voided
    document_no = models.CharField(max_length=80)
    arrived_on = models.DateField()
    effective_on = models.DateField()
    level = models.CharField(max_length=12, blank=True)
    tail = models.CharField(max_length=60, blank=True)
    in_time = models.BooleanField(default=True)  # an extension: before the last protected day was over
    entered_at = models.DateTimeField()


class DisclosureReview(Record):
    """信息公开保密审查：whether a text may be made public, why not, and when it was (BMF-35, ZX-36.1)."""

    matter_id: UUID
    asked_by_id: UUID
    reviewed_by_id: UUID | None
    record_id: UUID | None
    approved_by_id: UUID | None

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="disclosures")
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    reviewed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, blank=True)  # publish / part / withhold / refer
    ground = models.CharField(max_length=20, blank=True)
    record = models.ForeignKey(Decision, null=True, on_delete=models.PROTECT, related_name="+")  # XX-14
    released = models.BooleanField(default=False)  # an officer reviewed the release of a matter in force
    aggregate_checked = models.BooleanField(default=False)  # BMF-36.3
    approved_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True)
    level = models.CharField(max_length=12)  # of the key that words_ct is under
    words_ct = models.BinaryField(default=bytes)  # why it is asked for, and the opinion
    published_at = models.DateTimeField(null=True)
    place = models.CharField(max_length=120, blank=True)
