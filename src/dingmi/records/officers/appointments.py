"""The road to an office, what happens to officers on it, and the life of a delegation."""

from __future__ import annotations

from uuid import UUID

from django.db import models

from dingmi.records.ledger.guard import Record
from dingmi.records.officers.models import Delegation, Designation, Suspension
from dingmi.records.organs.models import Organ, Person

STATES = ("nominated", "vetted", "trained", "commissioned", "active", "refused", "withdrawn")


class Appointment(Record):
    """One case of P15: nominated → vetted → trained → commissioned → active; or refused, or withdrawn."""

    person_id: UUID
    nominated_by_id: UUID
    designation_id: UUID | None

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="appointments")
    kind = models.CharField(max_length=12, default="commission")  # commission / adjust
    tier = models.CharField(max_length=12, default="main")  # main / managing / assistant
    max_level = models.CharField(max_length=8)
    matters = models.JSONField()
    derives_only = models.BooleanField(default=False)
    reasons = models.CharField(max_length=400)
    state = models.CharField(max_length=12, default="nominated")
    nominated_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    nominated_at = models.DateTimeField()
    vetted_by = models.UUIDField(null=True)
    vetted_at = models.DateTimeField(null=True)
    vetting = models.CharField(max_length=400, blank=True)
    criteria = models.JSONField(default=list)  # the conditions that the vetting found met
    trained_at = models.DateTimeField(null=True)  # when the certificate of the needed grade was seen
    instrument = models.CharField(max_length=80, blank=True)
    commissioned_by = models.UUIDField(null=True)
    commissioned_at = models.DateTimeField(null=True)
    since = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    published_on = models.DateField(null=True)
    filed_on = models.DateField(null=True)
    filing_no = models.CharField(max_length=80, blank=True)
    designation = models.ForeignKey(Designation, null=True, on_delete=models.PROTECT, related_name="appointments")
    closed_at = models.DateTimeField(null=True)
    closed_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["person", "state"])]


class Mobility(Record):
    """流动性事件：what suspends an officer over [since, until) or ends the office at ``since`` (SEED-8)."""

    person_id: UUID
    suspension_id: UUID | None

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="mobility")
    kind = models.CharField(max_length=16)
    detail = models.CharField(max_length=200, blank=True)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    suspension = models.ForeignKey(Suspension, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_by = models.UUIDField()
    recorded_at = models.DateTimeField()
    followed_at = models.DateTimeField(null=True)  # when the work that waited was handed on

    class Meta:
        indexes = [models.Index(fields=["since"], condition=models.Q(followed_at__isnull=True), name="move_to_follow")]


class DelegationRequest(Record):
    """定密授权申请：what the organ asked for, how often it needed it, and the answer (ZX-9)."""

    addressee_id: UUID
    delegation_id: UUID | None

    addressee = models.ForeignKey(Organ, on_delete=models.PROTECT, related_name="+")
    level = models.CharField(max_length=8)
    matters = models.JSONField()
    since = models.DateField()
    until = models.DateField()
    basis = models.CharField(max_length=400)
    reasons = models.CharField(max_length=400)
    originals = models.JSONField()  # of each of the years counted
    by_person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    applied_at = models.DateTimeField()
    answered_on = models.DateField(null=True)
    answer = models.CharField(max_length=12, blank=True)  # granted / refused
    answer_no = models.CharField(max_length=80, blank=True)
    delegation = models.ForeignKey(Delegation, null=True, on_delete=models.PROTECT, related_name="requests")


class DelegationStep(Record):
    """One thing that happened to a delegation: filed by a side, supervised, revoked, replaced."""

    delegation_id: UUID

    delegation = models.ForeignKey(Delegation, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=16)  # filed_grantor / filed_grantee / supervised / revoked / replaced
    on = models.DateField()
    number = models.CharField(max_length=80, blank=True)
    words = models.CharField(max_length=400, blank=True)
    findings = models.JSONField(default=list)
    by = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["delegation", "kind", "on"])]
