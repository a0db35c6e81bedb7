"""涉密人员: vetted, bound by undertakings, and let go in order with a cooling-off period (P19)."""

from __future__ import annotations

from uuid import UUID

from django.db import models

from dingmi.records.ledger.guard import Record
from dingmi.records.organs.models import Person


class Vetting(Record):
    """审查或者复审: passed or not, and by when it is due again (policy)."""

    person_id: UUID

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="vettings")
    on = models.DateField()
    passed = models.BooleanField()
    opinion = models.CharField(max_length=400)
    due_again = models.DateField()
    by = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["person", "on"])]


class Undertaking(Record):
    """保密承诺书、保密合同: signed for a post or on leaving it, with a term where it has one."""

    person_id: UUID

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="undertakings")
    kind = models.CharField(max_length=12)  # post / leaving / contract
    number = models.CharField(max_length=80)
    signed_on = models.DateField()
    through = models.DateField(null=True)  # last day; none: without term
    by = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["person", "kind"])]


class PostTerm(Record):
    """岗位经历: one secret post that a person held, from a day until the next post or the leaving."""

    person_id: UUID

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="posts")
    category = models.CharField(max_length=12)
    post = models.CharField(max_length=80, blank=True)
    department = models.CharField(max_length=60, blank=True)
    since = models.DateField()
    until = models.DateField(null=True)
    by = models.UUIDField()
    filed_on = models.DateField(null=True)  # with the secrecy administration (BJ-21)
    filing_no = models.CharField(max_length=80, blank=True)

    class Meta:
        indexes = [models.Index(fields=["person", "since"])]


class PersonalReport(Record):
    """重大事项报告 (CS-45): an event of a person's own life, and what the office answered."""

    person_id: UUID

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="reports")
    kind = models.CharField(max_length=12)
    on = models.DateField()
    words = models.CharField(max_length=400)
    reported_at = models.DateTimeField()
    reported_by = models.UUIDField()
    answered_at = models.DateTimeField(null=True)
    answered_by = models.UUIDField(null=True)
    answer = models.CharField(max_length=400, blank=True)

    class Meta:
        indexes = [models.Index(fields=["person", "reported_at"])]


class Leaving(Record):
    """离岗离职 and its 脱密期: what was done before access ended, and until when the person is still managed."""

    person_id: UUID

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="leavings")
    category = models.CharField(max_length=12)
    approved_on = models.DateField()
    talked_on = models.DateField()
    carriers_returned = models.PositiveIntegerField()
    devices_returned = models.PositiveIntegerField()
    cooling_through = models.DateField()
    managed_by = models.CharField(max_length=120)  # who manages the cooling-off (CS-44)
    leaves_organ = models.BooleanField()
    approved_by = models.UUIDField()
    approved_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["cooling_through"], condition=models.Q(ended_at__isnull=True), name="cooling")]


class Travel(Record):
    """出国（境）: one journey abroad of cleared staff, from asking for it to coming back (BMF-45, TL-52.2)."""

    person_id: UUID

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="travels")
    kind = models.CharField(max_length=8)  # duty / private
    place = models.CharField(max_length=120)
    purpose = models.CharField(max_length=200)
    starts_on = models.DateField()
    returns_on = models.DateField()
    asked_at = models.DateTimeField()
    asked_by = models.UUIDField()
    personnel_opinion = models.CharField(max_length=400, blank=True)
    office_opinion = models.CharField(max_length=400, blank=True)
    opinions_at = models.DateTimeField(null=True)
    approved_at = models.DateTimeField(null=True)
    refused = models.BooleanField(default=False)
    decided_by = models.UUIDField(null=True)
    decision = models.CharField(max_length=400, blank=True)  # conditions, or why not
    briefed_on = models.DateField(null=True)
    filing_no = models.CharField(max_length=80, blank=True)  # of the filing with those who control exits (BJ-21)
    back_on = models.DateField(null=True)
    back_words = models.CharField(max_length=400, blank=True)
    withdrawn_on = models.DateField(null=True)

    class Meta:
        indexes = [models.Index(fields=["person", "starts_on"])]
