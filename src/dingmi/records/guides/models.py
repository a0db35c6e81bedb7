"""保密事项范围：editions and items, and the organ's 一览表."""

from __future__ import annotations

from uuid import UUID

from django.db import models

from dingmi.records.ledger.guard import ImmutableRecord, Record


class GuideEdition(Record):
    """One edition of one 保密事项范围 目录, in force over [since, until) civil dates."""

    regime = models.CharField(max_length=20, default="prc_state")
    code = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    owner = models.CharField(max_length=120)
    sector = models.CharField(max_length=60, blank=True)
    edition = models.CharField(max_length=40)
    level = models.CharField(max_length=8, blank=True)  # a guide may itself be classified (GD-8.2)
    since = models.DateField()
    until = models.DateField(null=True)
    digest = models.CharField(max_length=64)
    imported_at = models.DateTimeField()


class GuideItem(Record):
    """One item: matter, level, period, scope rule, and where it can be decided."""

    edition_id: UUID

    edition = models.ForeignKey(GuideEdition, on_delete=models.PROTECT, related_name="items")
    number = models.CharField(max_length=20)
    text = models.TextField()
    level = models.CharField(max_length=8)
    tail = models.CharField(max_length=60)  # the longest period or the condition: 10年 / 启用前 / 长期
    scope_rule = models.CharField(max_length=200, blank=True)
    origin_tier = models.CharField(max_length=120, blank=True)  # 产生层级
    matter_code = models.CharField(max_length=40)  # what authorities are written in
    conditions = models.JSONField(default=list)
    examples = models.JSONField(default=list)
    exceptions = models.JSONField(default=list)
    together = models.JSONField(default=dict)  # {"items": [numbers], "at_least": n}: those items together are this one
    order = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["edition", "order"])]


class GuideText(ImmutableRecord):
    """正文 of one edition, as entered; a correction is entered anew and the newest counts."""

    edition_id: UUID

    edition = models.ForeignKey(GuideEdition, on_delete=models.PROTECT, related_name="texts")
    number = models.PositiveSmallIntegerField()
    document_no = models.CharField(max_length=80)
    basis = models.TextField()  # 制定依据
    basic_scope = models.TextField()  # 基本范围
    relations = models.TextField()  # 与其他保密事项范围的关系
    interpreter = models.CharField(max_length=120)  # 解释机关
    effective_on = models.DateField()
    issuers = models.JSONField(default=list)  # who made it, the lead first
    signatories = models.JSONField(default=list)  # whose principals signed
    domain = models.CharField(max_length=12, default="civil")  # civil / military
    entered_by = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["edition", "number"], name="guide_text_once")]


class Catalogue(Record):
    """国家秘密事项一览表：one version of the organ's own table."""

    organ_id = models.UUIDField()
    version = models.PositiveIntegerField()
    state = models.CharField(max_length=12)  # draft / approved / filed / stale
    approved_by = models.UUIDField(null=True)
    approved_at = models.DateTimeField(null=True)
    filed_on = models.DateField(null=True)
    filed_with = models.CharField(max_length=120, blank=True)
    receipt = models.CharField(max_length=60, blank=True)  # number of the receipt for the filing


class CatalogueRow(Record):
    """One row of the 一览表: a guide item applied to one producing unit."""

    catalogue_id: UUID
    item_id: UUID

    catalogue = models.ForeignKey(Catalogue, on_delete=models.PROTECT, related_name="rows")
    item = models.ForeignKey(GuideItem, on_delete=models.PROTECT, related_name="catalogue_rows")
    number = models.PositiveIntegerField()
    matter = models.CharField(max_length=300)
    level = models.CharField(max_length=8)
    tail = models.CharField(max_length=60)
    producing_unit = models.CharField(max_length=120)
    scope = models.CharField(max_length=300)
    carrier_form = models.CharField(max_length=60, blank=True)


class Impact(Record):
    """变化影响：one matter that a new edition touches, and what has to be reviewed of it; once for each edition."""

    edition_id: UUID
    old_item_id: UUID
    new_item_id: UUID | None

    edition = models.ForeignKey(GuideEdition, on_delete=models.PROTECT, related_name="impacts")
    matter_id = models.UUIDField()
    outcome = models.CharField(max_length=12)  # release / level / recheck / shorten / condition / scope
    old_item = models.ForeignKey(GuideItem, on_delete=models.PROTECT, related_name="+")
    new_item = models.ForeignKey(GuideItem, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["edition", "matter_id"], name="impact_once")]


class GuideFeedback(Record):
    """事项范围意见反馈：a defect of an item, reported to the owner of the guide, and what the owner answered."""

    item_id: UUID

    item = models.ForeignKey(GuideItem, on_delete=models.PROTECT, related_name="feedback")
    person_id = models.UUIDField()
    kind = models.CharField(max_length=12)
    text = models.TextField()
    at = models.DateTimeField()
    sent_on = models.DateField(null=True)
    sent_number = models.CharField(max_length=60, blank=True)
    answered_on = models.DateField(null=True)
    answer = models.TextField(blank=True)
    adopted = models.BooleanField(default=False)  # the owner took it up
