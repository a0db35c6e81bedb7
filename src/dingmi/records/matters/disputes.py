"""异议、争议、鉴定: positions against a determination, what was said and decided, and requests of case organs."""

from __future__ import annotations

from uuid import UUID

from django.db import models

from dingmi.records.ledger.guard import ImmutableRecord, Record
from dingmi.records.matters.models import Matter
from dingmi.records.organs.models import Organ, Person
from dingmi.records.vault.models import StoredObject


class Challenge(Record):
    """异议与争议：one position against a determination, and how far it has gone; what was said stands in its steps."""

    matter_id: UUID
    challenger_id: UUID
    raised_by_id: UUID

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="challenges")
    challenger = models.ForeignKey(Organ, on_delete=models.PROTECT, related_name="+")
    is_received = models.BooleanField()  # another organ challenges what we determined; otherwise we challenge
    raised_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, default="challenged")
    position = models.CharField(max_length=12)  # level / not_secret
    asserted_level = models.CharField(max_length=12, blank=True)
    asserted_tail = models.CharField(max_length=60, blank=True)
    challenged_level = models.CharField(max_length=12)  # as determined when it was raised; routes the dispute
    outcome = models.CharField(max_length=12, blank=True)  # of the latest decision: keep / change / not_secret
    outcome_level = models.CharField(max_length=12, blank=True)
    route = models.CharField(max_length=12, blank=True)
    ruled_by = models.CharField(max_length=12, blank=True)
    reviewed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    answer_due_on = models.DateField(null=True)
    raised_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["matter", "state"]), models.Index(fields=["ended_at", "-changed_at"])]


class ChallengeStep(ImmutableRecord):
    """One thing said or decided in a challenge, as it was signed; never edited."""

    challenge_id: UUID

    challenge = models.ForeignKey(Challenge, on_delete=models.PROTECT, related_name="steps")
    number = models.PositiveSmallIntegerField()
    act = models.CharField(max_length=60)
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    document_no = models.CharField(max_length=80, blank=True)
    on = models.DateField()
    level = models.CharField(max_length=12)  # of the key that payload_ct is under
    payload_ct = models.BinaryField()
    digest = models.CharField(max_length=64)
    verdict = models.JSONField(default=dict)
    at = models.DateTimeField()


class Appraisal(Record):
    """密级鉴定，产生单位一方：a request of a case organ, the three answers of the unit, and the dossier sent."""

    matter_id: UUID | None
    dossier_id: UUID | None

    matter = models.ForeignKey(Matter, null=True, on_delete=models.PROTECT, related_name="appraisals")  # None: not ours
    applicant = models.CharField(max_length=120)
    applicant_kind = models.CharField(max_length=16)  # discipline / investigation / prosecution / trial
    applicant_rank = models.CharField(max_length=8)  # central / local
    route = models.CharField(max_length=12)  # national / provincial
    document_no = models.CharField(max_length=80)
    received_on = models.DateField()
    lacking = models.JSONField(default=list)  # materials still to come; the reply is not due before they are here
    reply_by = models.DateField(null=True)  # as the request asks
    file_digest = models.CharField(max_length=64, blank=True)  # SM3 of the file that was sent along
    file_matches = models.CharField(max_length=12, blank=True)  # original / marked / altered / unknown / none
    received_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    answered_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)
    should_be = models.CharField(max_length=12, blank=True)  # level, or not_secret, as the unit answers
    level = models.CharField(max_length=12, blank=True)  # of the key that payload_ct is under
    payload_ct = models.BinaryField(default=bytes)
    digest = models.CharField(max_length=64, blank=True)
    dossier = models.ForeignKey(StoredObject, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()


class AppraisalStep(ImmutableRecord):
    """鉴定进展：one step of the administration's side as we were told it."""

    appraisal_id: UUID

    appraisal = models.ForeignKey(Appraisal, on_delete=models.PROTECT, related_name="steps")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=16)
    on = models.DateField()
    organ = models.CharField(max_length=16, blank=True)  # consulted or reviewing: national / provincial / originator
    document_no = models.CharField(max_length=80, blank=True)
    outcome = models.CharField(max_length=12, blank=True)  # a level, or not_secret
    head_agrees = models.BooleanField(default=False)
    copied = models.BooleanField(default=False)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["appraisal", "number"], name="appraisal_step_once")]


class Preparation(ImmutableRecord):
    """拟写的意见：written by a holder of the special qualification for a report or a reply; it decides nothing."""

    matter_id: UUID
    by_id: UUID

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="preparations")
    case = models.UUIDField()  # a referral of an unclear matter, or an appraisal
    number = models.PositiveSmallIntegerField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    level = models.CharField(max_length=12)  # of the key that text_ct is under
    text_ct = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "number"], name="preparation_once")]
