"""国家秘密事项：drafts, immutable proposals, suggestions and decisions, and what hangs on them."""

from __future__ import annotations

from uuid import UUID

from django.db import models

from dingmi.records.guides.models import GuideItem
from dingmi.records.ledger.guard import ImmutableRecord, Record
from dingmi.records.organs.models import Department, Organ, Person
from dingmi.records.vault.models import StoredObject

STATES = [
    ("draft", "草稿"),
    ("proposed", "预定密"),
    ("active", "在密"),
    ("declassified", "已解密"),
    ("not_classified", "不属于国家秘密"),
    ("referred", "报请中"),
    ("voided", "撤销错误定密"),
    ("discarded", "已弃用草稿"),
]

GRADES = [  # work secrets and trade secrets: their own states, so that no act or list of state secrets meets them
    ("pending", "待审批"),
    ("returned", "已退回"),
    ("graded", "保护中"),
    ("lifted", "已解除"),
]
GRADE_STATES = tuple(state for state, _ in GRADES)


class Matter(Record):
    """What is classified; one matter, many carriers. Titles and texts are encrypted under the field key of ``level``."""

    organ_id: UUID
    department_id: UUID | None
    drafter_id: UUID
    officer_id: UUID | None
    item_id: UUID | None
    successor_id: UUID | None
    issuer_id: UUID | None

    COVERED = ("scope_entries", "recusals", "files", "proposals", "decisions")  # by the digest of a matter

    regime = models.CharField(max_length=20, default="prc_state")
    organ = models.ForeignKey(Organ, on_delete=models.PROTECT, related_name="matters")  # originator of record
    successor = models.ForeignKey(Organ, null=True, on_delete=models.PROTECT, related_name="taken_over")  # TL-23
    issuer = models.ForeignKey(Organ, null=True, on_delete=models.PROTECT, related_name="+")  # issued in its name
    department = models.ForeignKey(Department, null=True, on_delete=models.PROTECT)
    drafter = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="drafted")
    officer = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="decided")
    state = models.CharField(max_length=16, choices=[*STATES, *GRADES], default="draft")
    origin = models.CharField(max_length=12, default="original")  # original / derivative / received
    level = models.CharField(max_length=12)  # effective level; key of every encrypted field of this row
    determined_level = models.CharField(max_length=12, blank=True)  # while ``level`` is held above what was determined
    tail = models.CharField(max_length=60, blank=True)
    tail_kind = models.CharField(max_length=12, blank=True)
    register_no = models.CharField(max_length=40, null=True, unique=True)  # <unit>-<J|M|T>-<year>-<n>
    title_ct = models.BinaryField()
    doc_number_ct = models.BinaryField(default=bytes)  # 发文字号, typed by the drafter
    fill_ct = models.BinaryField(default=bytes)  # the drafter's answers so far (JSON)
    item = models.ForeignKey(GuideItem, null=True, on_delete=models.PROTECT, related_name="matters")
    issued_on = models.DateField(null=True)
    starts_on = models.DateField(null=True)
    last_protected_day = models.DateField(null=True)
    declassified_from = models.DateField(null=True)
    released_at = models.DateTimeField(null=True)
    release_ground = models.CharField(max_length=16, blank=True)  # expiry / event / early / published / told
    published_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)  # of the row, for expected_version
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["-changed_at", "-id"], name="matter_newest"),
            models.Index(fields=["state", "last_protected_day"], name="matter_ending"),
            models.Index(fields=["origin", "state"], name="matter_origin"),
            models.Index(fields=["department", "level", "state", "origin"], name="matter_counted"),
            models.Index(fields=["state", "level", "-changed_at", "id"]),
            models.Index(fields=["drafter", "state", "-changed_at"]),
            models.Index(fields=["state", "declassified_from"]),
            models.Index(
                fields=["published_at", "id"], condition=models.Q(published_at__isnull=False), name="matter_published"
            ),
        ]


class MatterText(Record):
    """The extracted text of a matter's file with its positions, encrypted under the field key of the matter's level."""

    matter_id: UUID

    matter = models.OneToOneField(Matter, on_delete=models.CASCADE, related_name="body")
    text_ct = models.BinaryField()
    blocks_ct = models.BinaryField()
    characters = models.PositiveIntegerField()
    pages = models.PositiveIntegerField(default=0)
    warnings = models.JSONField(default=list)  # of reading the file: codes with numbers of pages, never words


class MatterFile(Record):
    """One file of a matter in the vault: the original as uploaded, or a marked copy of one decision.

    Beside them stand the attachments, files of any kind, each with the container that it is handed out in (ADR 0061).
    """

    matter_id: UUID
    stored_id: UUID

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="files")
    stored = models.ForeignKey(StoredObject, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=12)  # original / marked / letter / attachment / sealed
    name_ct = models.BinaryField()
    mark = models.CharField(max_length=80, blank=True)
    content_code = models.CharField(
        max_length=64, blank=True, db_index=True
    )  # of a marked copy, see store.content_code; of a sealed one the header digest of its container
    created_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)


class Suggestion(ImmutableRecord):
    """What the system suggested, with its evidence, before the drafter proposed."""

    matter_id: UUID

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="suggestions")
    number = models.PositiveIntegerField()
    engine = models.CharField(max_length=60)
    payload_ct = models.BinaryField()
    level = models.CharField(max_length=12)  # of the key that payload_ct is under
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()


class Proposal(ImmutableRecord):
    """What the drafter proposed: three elements, basis, reasons; never edited."""

    matter_id: UUID
    drafter_id: UUID
    item_id: UUID | None

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="proposals")
    number = models.PositiveIntegerField()
    act = models.CharField(max_length=60)  # determination.propose / derivation.propose / change.propose …
    drafter = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    level = models.CharField(max_length=12)
    tail = models.CharField(max_length=60)
    tail_kind = models.CharField(max_length=12)
    scope = models.JSONField()  # {"persons": [...], "departments": [...], "organs": [...]} ids only
    item = models.ForeignKey(GuideItem, null=True, on_delete=models.PROTECT, related_name="+")
    bars = models.JSONField(default=dict)
    payload_ct = models.BinaryField()  # canonical payload that was signed, with reasons
    digest = models.CharField(max_length=64)  # SM3 of the canonical payload
    signature = models.BinaryField(default=bytes)
    verdict = models.JSONField()
    at = models.DateTimeField()


class Decision(ImmutableRecord):
    """What the officer decided: one version of the determination, or a return or refusal; never edited."""

    matter_id: UUID
    proposal_id: UUID | None
    officer_id: UUID | None

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="decisions")
    number = models.PositiveIntegerField()
    act = models.CharField(max_length=60)
    proposal = models.ForeignKey(Proposal, null=True, on_delete=models.PROTECT, related_name="decisions")
    officer = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    level = models.CharField(max_length=12)
    tail = models.CharField(max_length=60, blank=True)
    tail_kind = models.CharField(max_length=12, blank=True)
    starts_on = models.DateField(null=True)
    last_protected_day = models.DateField(null=True)
    declassified_from = models.DateField(null=True)
    scope = models.JSONField(default=dict)
    authority = models.JSONField(default=dict)  # instrument, delegation, training as they stood at signing
    verdict = models.JSONField()
    rulebook = models.CharField(max_length=64)
    payload_ct = models.BinaryField()
    digest = models.CharField(max_length=64)
    signature = models.BinaryField(default=bytes)
    at = models.DateTimeField()


class EarlierText(ImmutableRecord):
    """The text of a draft before its drafter replaced the file: what a returned proposal read like."""

    matter_id: UUID
    proposal_id: UUID | None

    matter = models.ForeignKey(Matter, on_delete=models.CASCADE, related_name="earlier_texts")
    proposal = models.ForeignKey(Proposal, null=True, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    level = models.CharField(max_length=12)  # of the key that text_ct is under
    text_ct = models.BinaryField()
    at = models.DateTimeField()


class ClassifiedPoint(Record):
    """密点：a stretch [start, end) of a matter's text with its own level and tail, resting on a guide item or a source."""

    matter_id: UUID
    item_id: UUID | None
    source_id: UUID | None

    matter = models.ForeignKey(Matter, on_delete=models.CASCADE, related_name="points")
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    level = models.CharField(max_length=12)
    tail = models.CharField(max_length=60)
    item = models.ForeignKey(GuideItem, null=True, on_delete=models.PROTECT, related_name="+")
    source = models.ForeignKey(Matter, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["matter", "start"])]


class Comment(Record):
    """批注：what officer or drafter says about a stretch of the text; a thread is a comment with its answers.

    ``words_ct`` is JSON with the words and the text spoken of, under the field key of the matter's level. A comment without
    ``published_at`` is seen by its author alone and goes out with the verdict.
    """

    matter_id: UUID
    author_id: UUID
    parent_id: UUID | None
    resolved_by_id: UUID | None

    matter = models.ForeignKey(Matter, on_delete=models.CASCADE, related_name="comments")
    proposal = models.ForeignKey(Proposal, null=True, on_delete=models.PROTECT, related_name="+")
    parent = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="answers")
    author = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    words_ct = models.BinaryField()
    at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["matter", "start", "at"])]


class SourceLink(Record):
    """派生依据：one source of a derived matter, ours or received from elsewhere."""

    matter_id: UUID
    source_id: UUID | None

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="sources")
    source = models.ForeignKey(Matter, null=True, on_delete=models.PROTECT, related_name="derived")
    external_ct = models.BinaryField(default=bytes)  # JSON: number, originator, level, tail, issued_on
    level = models.CharField(max_length=12)
    last_protected_day = models.DateField(null=True)
    trigger = models.CharField(max_length=20)  # identical / point / rework / originator_rule
    points = models.JSONField(default=list)  # ids of the source's classified points that are used, where only they are
    at = models.DateTimeField()


class ScopeEntry(Record):
    """知悉范围：one person, department or organ that may know, over [since, until)."""

    matter_id: UUID
    person_id: UUID | None
    department_id: UUID | None
    organ_id: UUID | None

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="scope_entries")
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    department = models.ForeignKey(Department, null=True, on_delete=models.PROTECT, related_name="+")
    organ = models.ForeignKey(Organ, null=True, on_delete=models.PROTECT, related_name="+")
    basis = models.CharField(max_length=60)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["person", "matter"]),
            models.Index(fields=["department", "matter"]),
            models.Index(  # answers from itself whether a matter admits a reader
                fields=["matter", "person", "department", "organ", "since", "until"], name="scope_of_matter"
            ),
            models.Index(fields=["since"], name="scope_begins"),
            models.Index(fields=["until"], condition=models.Q(until__isnull=False), name="scope_ends"),
        ]


class Knowledge(Record):
    """机密以上知悉登记：who opened or received what, when (TL-20)."""

    matter_id: UUID
    person_id: UUID

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="knowledge")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    what = models.CharField(max_length=20)  # opened / downloaded / printed / admitted
    purpose = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField()


class Referral(Record):
    """报请：a matter that this organ may not decide, or that no guide settles, protected and sent to one that may."""

    matter_id: UUID
    addressee_id: UUID | None
    letter_id: UUID | None
    drafter_id: UUID | None
    sender_id: UUID | None

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="referrals")
    kind = models.CharField(max_length=12)  # authority / unclear
    authority_kind = models.CharField(max_length=12, blank=True)  # none / insufficient
    addressee = models.ForeignKey(Organ, null=True, on_delete=models.PROTECT, related_name="+")
    addressee_name = models.CharField(max_length=120)
    letter = models.ForeignKey(StoredObject, null=True, on_delete=models.PROTECT, related_name="+")
    opinion_ct = models.BinaryField(default=bytes)  # what the officer wrote in the letter
    referred_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=16, blank=True)  # decided / not_secret
    route = models.CharField(max_length=12, blank=True)  # national / provincial, for an unclear matter
    category = models.CharField(max_length=12, blank=True)  # of ``subject_categories``, for an unclear matter
    provisional_on = models.DateField(null=True)  # the limit of an unclear matter runs from this day
    due_on = models.DateField(null=True)  # last day to send; None: no limit, or calendar not loaded
    drafter = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    sender = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    sent_on = models.DateField(null=True)
    sent_number = models.CharField(max_length=80, blank=True)
    answer_number = models.CharField(max_length=80, blank=True)
    decided_on = models.DateField(null=True)
    ruled_by = models.CharField(max_length=12, blank=True)


class ReviewTask(Record):
    """One review that is due: narrow, so that the daily sweep stays cheap (SR-95)."""

    matter_id: UUID

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="reviews")
    kind = models.CharField(max_length=12)  # annual / expiry / source / guide / dispute
    year = models.PositiveSmallIntegerField()
    opened_on = models.DateField()
    due_on = models.DateField()
    done_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, blank=True)  # keep / change / extend / release / lapse
    breached = models.BooleanField(default=False)
    remind_on = models.DateField(null=True)  # the next reminder; none when there is none to come

    class Meta:
        constraints = [models.UniqueConstraint(fields=["matter", "kind", "year"], name="review_once")]
        indexes = [
            models.Index(fields=["due_on", "id"], condition=models.Q(done_at__isnull=True), name="review_due"),
            models.Index(fields=["remind_on", "id"], condition=models.Q(done_at__isnull=True), name="review_to_remind"),
            models.Index(
                fields=["kind", "due_on", "id"],
                condition=models.Q(done_at__isnull=True, breached=False),
                name="review_to_breach",
            ),
        ]


class Series(Record):
    """The last number given in one register series: unit, level letter, year (SR-26)."""

    unit = models.CharField(max_length=20)
    letter = models.CharField(max_length=1)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "letter", "year"], name="series_once")]


class Posting(models.Model):
    """One blind bigram of one matter's title and number: HMAC-SM3 keyed per level, no text."""

    matter_id: UUID

    id = models.BigAutoField(primary_key=True)
    level = models.CharField(max_length=12)
    token = models.BinaryField(max_length=8)
    matter = models.ForeignKey(Matter, on_delete=models.CASCADE, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["token", "level", "matter"])]


class SketchCode(models.Model):
    """One run of a marked matter's text: HMAC-SM3 keyed per level, by which an edited copy is known; no text."""

    matter_id: UUID

    id = models.BigAutoField(primary_key=True)
    level = models.CharField(max_length=12)
    code = models.BinaryField(max_length=8)
    matter = models.ForeignKey(Matter, on_delete=models.CASCADE, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["code", "level", "matter"])]


class Counter(models.Model):
    """A maintained count of matters per department, level and state (SR-96)."""

    id = models.BigAutoField(primary_key=True)
    department_id = models.UUIDField(null=True)
    level = models.CharField(max_length=12)
    state = models.CharField(max_length=16)
    origin = models.CharField(max_length=12)
    value = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["department_id", "level", "state", "origin"], name="counter_once")
        ]
