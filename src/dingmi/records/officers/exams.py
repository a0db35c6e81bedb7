"""定密考核: examinations that the office sets up, and one paper for each person who sits one."""

from __future__ import annotations

from uuid import UUID

from django.db import models

from dingmi.records.ledger.guard import Record
from dingmi.records.officers.models import Qualification
from dingmi.records.organs.models import Person


class Exam(Record):
    """One examination: which guides, how many questions, how long, who may sit it, and which grade it leads to."""

    title = models.CharField(max_length=120)
    grade = models.CharField(max_length=8, blank=True)  # 秘密 / 机密 / 绝密 / 特殊; blank: it leads to none
    editions = models.JSONField()  # ids of the editions asked about
    count = models.PositiveSmallIntegerField()
    minutes = models.PositiveSmallIntegerField()
    pass_mark = models.PositiveSmallIntegerField()
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    candidates = models.JSONField(default=list)  # ids of persons; empty: everyone
    set_by = models.UUIDField()
    set_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True)
    cancelled_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["closes_at"])]


class Paper(Record):
    """One person's paper: questions made when it began, answers as saved, and how each was judged; once for each exam."""

    exam_id: UUID
    person_id: UUID
    certificate_id: UUID | None

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="papers")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    questions = models.JSONField()
    answers = models.JSONField(default=dict)  # number of the question → letters
    saved_at = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField(null=True)
    score = models.PositiveSmallIntegerField(null=True)  # of 100
    passed = models.BooleanField(null=True)
    marks = models.JSONField(default=list)  # of each question: right or not, and what the regime said
    certificate = models.OneToOneField(Qualification, null=True, on_delete=models.PROTECT, related_name="paper")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["exam", "person"], name="sits_once")]
        indexes = [models.Index(fields=["due_at"], condition=models.Q(submitted_at__isnull=True), name="paper_due")]
