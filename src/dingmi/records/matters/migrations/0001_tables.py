"""Matters, their texts, proposals, decisions and all that is decided about them."""

import dingmi.records.ledger.guard
import django.db.models.deletion
from django.db import migrations, models

from dingmi.records.ledger.tables import CreateTables, Whole


class Migration(Whole):
    initial = True
    replaces = [
        ("matters", name)
        for name in (
            "0001_initial 0003_life 0004_points_and_comments 0006_sweep 0007_letter_opinion 0008_sweep_lists "
            "0009_disputes 0011_disclosure_chain 0012_applications 0013_grades 0014_scope_index 0015_content_code "
            "0016_appraisal_course 0017_learnt_texts 0018_scope_turns 0019_handover 0020_outcomes 0021_rankings "
            "0022_sketch 0023_handed_over_once 0024_preparation 0025_outlook 0026_text_warnings"
        ).split()
    ]  # data directories made before 0.1.0

    dependencies = [
        ("guides", "0001_tables"),
        ("organs", "0001_tables"),
        ("vault", "0001_tables"),
    ]

    operations = [
        CreateTables(
            [
                migrations.CreateModel(
                    name="BlindShare",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=dingmi.records.ledger.guard.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("per_cent", models.PositiveSmallIntegerField()),
                        ("at", models.DateTimeField()),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organs.person"
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Challenge",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=dingmi.records.ledger.guard.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("is_received", models.BooleanField()),
                        ("state", models.CharField(default="challenged", max_length=12)),
                        ("position", models.CharField(max_length=12)),
                        ("asserted_level", models.CharField(blank=True, max_length=12)),
                        ("asserted_tail", models.CharField(blank=True, max_length=60)),
                        ("challenged_level", models.CharField(max_length=12)),
                        ("outcome", models.CharField(blank=True, max_length=12)),
                        ("outcome_level", models.CharField(blank=True, max_length=12)),
                        ("route", models.CharField(blank=True, max_length=12)),
                        ("ruled_by", models.CharField(blank=True, max_length=12)),
                        ("answer_due_on", models.DateField(null=True)),
                        ("raised_at", models.DateTimeField()),
                        ("changed_at", models.DateTimeField()),
                        ("ended_at", models.DateTimeField(null=True)),
                        (
                            "challenger",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organs.organ"
                            ),
                        ),
                        (
                            "raised_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organs.person"
                            ),
                        ),
                        (
                            "reviewed_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="organs.person",
                            ),
                        ),
                        (
                            "matter",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="challenges",
                                to="matters.matter",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["matter", "state"], name="matters_cha_matter__2e2f10_idx"),
                            models.Index(fields=["ended_at", "-changed_at"], name="matters_cha_ended_a_4937ff_idx"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ChallengeStep",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=dingmi.records.ledger.guard.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("number", models.PositiveSmallIntegerField()),
                        ("act", models.CharField(max_length=60)),
                        ("document_no", models.CharField(blank=True, max_length=80)),
                        ("on", models.DateField()),
                        ("level", models.CharField(max_length=12)),
                        ("payload_ct", models.BinaryField()),
                        ("digest", models.CharField(max_length=64)),
                        ("verdict", models.JSONField(default=dict)),
                        ("at", models.DateTimeField()),
                        (
                            "by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="organs.person",
                            ),
                        ),
                        (
                            "challenge",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="steps",
                                to="matters.challenge",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Counter",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("department_id", models.UUIDField(null=True)),
                        ("level", models.CharField(max_length=12)),
                        ("state", models.CharField(max_length=16)),
                        ("origin", models.CharField(max_length=12)),
                        ("value", models.BigIntegerField(default=0)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("department_id", "level", "state", "origin"), name="counter_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Decision",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=dingmi.records.ledger.guard.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("number", models.PositiveIntegerField()),
                        ("act", models.CharField(max_length=60)),
                        ("level", models.CharField(max_length=12)),
                        ("tail", models.CharField(blank=True, max_length=60)),
                        ("tail_kind", models.CharField(blank=True, max_length=12)),
                        ("starts_on", models.DateField(null=True)),
                        ("last_protected_day", models.DateField(null=True)),
                        ("declassified_from", models.DateField(null=True)),
                        ("scope", models.JSONField(default=dict)),
                        ("authority", models.JSONField(default=dict)),
                        ("verdict", models.JSONField()),
                        ("rulebook", models.CharField(max_length=64)),
                        ("payload_ct", models.BinaryField()),
                        ("digest", models.CharField(max_length=64)),
                        ("signature", models.BinaryField(default=bytes)),
                        ("at", models.DateTimeField()),
                        (
                            "officer",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="organs.person",
                            ),
                        ),
                        (
                            "matter",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="decisions",
                                to="matters.matter",
                            ),
                        ),
                        (
                            "proposal",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="decisions",
                                to="matters.proposal",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Handover",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=dingmi.records.ledger.guard.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("on", models.DateField()),
                        ("receipt", models.CharField(max_length=80)),
                        ("received_by", models.CharField(max_length=60)),
                        ("witness", models.CharField(blank=True, max_length=60)),
                        ("copies", models.PositiveIntegerField()),
                        ("at", models.DateTimeField()),
                        (
                            "from_organ",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organs.organ"
                            ),
                        ),
                        (
                            "handed_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organs.person"
                            ),
                        ),
                        (
                            "to_organ",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organs.organ"
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="LearntPart",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=dingmi.records.ledger.guard.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("number", models.PositiveIntegerField(unique=True)),
                        (
                            "kind",
                            models.CharField(
                                choices=[("public", "公开文本"), ("correction", "公文套话")], max_length=12
                            ),
                        ),
                        ("level", models.CharField(max_length=12)),
                        ("texts", models.PositiveIntegerField()),
                        ("grams", models.PositiveIntegerField()),
                        ("counts_ct", models.BinaryField()),
                        ("digest", models.CharField(max_length=64)),
                        ("at", models.DateTimeField()),
                        ("ended_at", models.DateTimeField(null=True)),
                        ("ended_because", models.CharField(blank=True, max_length=200)),
                        (
                            "by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="organs.person",
                            ),
                        ),
                        (
                            "source",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="matters.matter",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["ended_at", "number"], name="matters_lea_ended_a_565fe5_idx")],
                    },
                ),
                migrations.CreateModel(
                    name="Matter",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=dingmi.records.ledger.guard.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("regime", models.CharField(default="prc_state", max_length=20)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("draft", "草稿"),
                                    ("proposed", "预定密"),
                                    ("active", "在密"),
                                    ("declassified", "已解密"),
                                    ("not_classified", "不属于国家秘密"),
                                    ("referred", "报请中"),
                                    ("voided", "撤销错误定密"),
                                    ("discarded", "已弃用草稿"),
                                    ("pending", "待审批"),
                                    ("returned", "已退回"),
                                    ("graded", "保护中"),
                                    ("lifted", "已解除"),
                                ],
                                default="draft",
                                max_length=16,
                            ),
                        ),
                        ("origin", models.CharField(default="original", max_length=12)),
                        ("level", models.CharField(max_length=12)),
                        ("determined_level", models.CharField(blank=True, max_length=12)),
                        ("tail", models.CharField(blank=True, max_length=60)),
                        ("tail_kind", models.CharField(blank=True, max_length=12)),
                        ("register_no", models.CharField(max_length=40, null=True, unique=True)),
                        ("title_ct", models.BinaryField()),
                        ("doc_number_ct", models.BinaryField(default=bytes)),
                        ("fill_ct", models.BinaryField(default=bytes)),
                        ("issued_on", models.DateField(null=True)),
                        ("starts_on", models.DateField(null=True)),
                        ("last_protected_day", models.DateField(null=True)),
                        ("declassified_from", models.DateField(null=True)),
                        ("released_at", models.DateTimeField(null=True)),
                        ("release_ground", models.CharField(blank=True, max_length=16)),
                        ("published_at", models.DateTimeField(null=True)),
                        ("version", models.PositiveIntegerField(default=1)),
                        ("created_at", models.DateTimeField()),
                        ("changed_at", models.DateTimeField()),
                        (
                            "department",
                            models.ForeignKey(
                                null=True, on_delete=django.db.models.deletion.PROTECT, to="organs.department"
                            ),
                        ),
                        (
                            "drafter",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="drafted", to="organs.person"
                            ),
                        ),
                        (
                            "issuer",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="organs.organ",
                            ),
                        ),
                        (
                            "item",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="matters",
                                to="guides.guideitem",
                            ),
                        ),
                        (
                            "officer",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="decided",
                                to="organs.person",
                            ),
                        ),
                        (
                            "organ",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="matters", to="organs.organ"
                            ),
                        ),
                        (
                            "successor",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="taken_over",
                                to="organs.organ",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["-changed_at", "-id"], name="matter_newest"),
                            models.Index(fields=["state", "last_protected_day"], name="matter_ending"),
                            models.Index(fields=["origin", "state"], name="matter_origin"),
                            models.Index(
                                fields=["state", "level", "-changed_at", "id"], name="matters_mat_state_0f2871_idx"
                            ),
                            models.Index(
                                fields=["drafter", "state", "-changed_at"], name="matters_mat_drafter_887bc3_idx"
                            ),
                            models.Index(fields=["state", "declassified_from"], name="matters_mat_state_b2072a_idx"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="LearntText",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=dingmi.records.ledger.guard.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("name", models.CharField(blank=True, max_length=200)),
                        ("code", models.CharField(db_index=True, max_length=64)),
                        (
                            "part",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="held",
                                to="matters.learntpart",
                            ),
                        ),
                        (
                            "matter",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="matters.matter",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Knowledge",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=dingmi.records.ledger.guard.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("what", models.CharField(max_length=20)),
                        ("purpose", models.CharField(blank=True, max_length=120)),
                        ("at", models.DateTimeField()),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organs.person"
                            ),
                        ),
                        (
                            "matter",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="knowledge",
                                to="matters.matter",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="HandoverLine",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=dingmi.records.ledger.guard.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("number", models.CharField(max_length=40)),
                        ("mark", models.CharField(max_length=120)),
                        ("copies", models.PositiveIntegerField()),
                        (
                            "handover",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="matters.handover"
                            ),
                        ),
                        (
                            "matter",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="handovers",
                                to="matters.matter",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("matter",), name="handed_over_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Followed",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("act", models.CharField(max_length=60)),
                        ("number", models.PositiveIntegerField()),
                        (
                            "matter",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="matters.matter"
                            ),
                        ),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("matter", "act"), name="followed_once")],
                    },
                ),
                migrations.CreateModel(
                    name="DisclosureReview",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=dingmi.records.ledger.guard.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("asked_at", models.DateTimeField()),
                        ("reviewed_at", models.DateTimeField(null=True)),
                        ("outcome", models.CharField(blank=True, max_length=12)),
                        ("ground", models.CharField(blank=True, max_length=20)),
                        ("released", models.BooleanField(default=False)),
                        ("aggregate_checked", models.BooleanField(default=False)),
                        ("approved_at", models.DateTimeField(null=True)),
                        ("level", models.CharField(max_length=12)),
                        ("words_ct", models.BinaryField(default=bytes)),
                        ("published_at", models.DateTimeField(null=True)),
                        ("place", models.CharField(blank=True, max_length=120)),
                        (
                            "approved_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="organs.person",
                            ),
                        ),
                        (
                            "asked_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organs.person"
                            ),
                        ),
                        (
                            "record",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="matters.decision",
                            ),
                        ),
                        (
                            "reviewed_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="organs.person",
                            ),
                        ),
                        (
                            "matter",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="disclosures",
                                to="matters.matter",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="CoOrgan",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=dingmi.records.ledger.guard.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("since", models.DateTimeField()),
                        (
                            "organ",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organs.organ"
                            ),
                        ),
                        (
                            "matter",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="co_organs",
                                to="matters.matter",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("matter", "organ"), name="co_organ_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Consultation",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=dingmi.records.ledger.guard.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("kind", models.CharField(max_length=12)),
                        ("document_no", models.CharField(max_length=80)),
                        ("asked_at", models.DateTimeField()),
                        ("answer", models.CharField(blank=True, max_length=12)),
                        ("answer_no", models.CharField(blank=True, max_length=80)),
                        ("answered_on", models.DateField(null=True)),
                        ("answered_at", models.DateTimeField(null=True)),
                        ("level", models.CharField(max_length=12)),
                        ("note_ct", models.BinaryField(default=bytes)),
                        (
                            "asked_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organs.person"
                            ),
                        ),
                        (
                            "organ",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organs.organ"
                            ),
                        ),
                        (
                            "matter",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="consultations",
                                to="matters.matter",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["matter", "kind"], name="matters_con_matter__240d45_idx")],
                    },
                ),
                migrations.CreateModel(
                    name="ClassifiedPoint",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=dingmi.records.ledger.guard.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("start", models.PositiveIntegerField()),
                        ("end", models.PositiveIntegerField()),
                        ("level", models.CharField(max_length=12)),
                        ("tail", models.CharField(max_length=60)),
                        ("at", models.DateTimeField()),
                        (
                            "item",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="guides.guideitem",
                            ),
                        ),
                        (
                            "matter",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="points", to="matters.matter"
                            ),
                        ),
                        (
                            "source",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="matters.matter",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["matter", "start"], name="matters_cla_matter__a7e9b8_idx")],
                    },
                ),
                migrations.CreateModel(
                    name="CentralApproval",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=dingmi.records.ledger.guard.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("kind", models.CharField(max_length=12)),
                        ("authority", models.CharField(max_length=120)),
                        ("level", models.CharField(max_length=12)),
                        ("tail", models.CharField(blank=True, max_length=60)),
                        ("reason_ct", models.BinaryField(default=bytes)),
                        ("requested_at", models.DateTimeField()),
                        ("due_on", models.DateField(null=True)),
                        ("answered_at", models.DateTimeField(null=True)),
                        ("granted", models.BooleanField(null=True)),
                        ("document_no", models.CharField(blank=True, max_length=80)),
                        ("decided_on", models.DateField(null=True)),
                        (
                            "requested_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organs.person"
                            ),
                        ),
                        (
                            "used_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="matters.decision",
                            ),
                        ),
                        (
                            "matter",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="approvals",
                                to="matters.matter",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["matter", "kind"], name="matters_cen_matter__00a1f6_idx")],
                    },
                ),
                migrations.CreateModel(
                    name="Appraisal",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=dingmi.records.ledger.guard.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("applicant", models.CharField(max_length=120)),
                        ("applicant_kind", models.CharField(max_length=16)),
                        ("applicant_rank", models.CharField(max_length=8)),
                        ("route", models.CharField(max_length=12)),
                        ("document_no", models.CharField(max_length=80)),
                        ("received_on", models.DateField()),
                        ("lacking", models.JSONField(default=list)),
                        ("reply_by", models.DateField(null=True)),
                        ("file_digest", models.CharField(blank=True, max_length=64)),
                        ("file_matches", models.CharField(blank=True, max_length=12)),
                        ("answered_at", models.DateTimeField(null=True)),
                        ("should_be", models.CharField(blank=True, max_length=12)),
                        ("level", models.CharField(blank=True, max_length=12)),
                        ("payload_ct", models.BinaryField(default=bytes)),
                        ("digest", models.CharField(blank=True, max_length=64)),
                        ("created_at", models.DateTimeField()),
                        (
                            "answered_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="organs.person",
                            ),
                        ),
                        (
                            "dossier",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="vault.storedobject",
                            ),
                        ),
                        (
                            "received_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organs.person"
                            ),
                        ),
                        (
                            "matter",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="appraisals",
                                to="matters.matter",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Application",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=dingmi.records.ledger.guard.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("kind", models.CharField(choices=[("know", "知悉"), ("export", "导出台账")], max_length=8)),
                        ("purpose", models.CharField(max_length=120)),
                        ("terms", models.JSONField(default=dict)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "待批"),
                                    ("granted", "已批准"),
                                    ("refused", "未批准"),
                                    ("withdrawn", "已撤回"),
                                    ("used", "已导出"),
                                ],
                                default="open",
                                max_length=10,
                            ),
                        ),
                        ("asked_at", models.DateTimeField()),
                        ("answered_at", models.DateTimeField(null=True)),
                        ("answer", models.CharField(blank=True, max_length=120)),
                        ("used_at", models.DateTimeField(null=True)),
                        (
                            "answered_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="organs.person",
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organs.person"
                            ),
                        ),
                        (
                            "matter",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="applications",
                                to="matters.matter",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["by", "-asked_at"], name="matters_app_by_id_ee2157_idx"),
                            models.Index(fields=["state", "-asked_at"], name="matters_app_state_2fca0e_idx"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="MatterFile",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=dingmi.records.ledger.guard.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("role", models.CharField(max_length=12)),
                        ("name_ct", models.BinaryField()),
                        ("mark", models.CharField(blank=True, max_length=80)),
                        ("content_code", models.CharField(blank=True, db_index=True, max_length=64)),
                        ("created_at", models.DateTimeField()),
                        ("superseded_at", models.DateTimeField(null=True)),
                        (
                            "matter",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="files", to="matters.matter"
                            ),
                        ),
                        (
                            "stored",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="vault.storedobject"
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="MatterText",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=dingmi.records.ledger.guard.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("text_ct", models.BinaryField()),
                        ("blocks_ct", models.BinaryField()),
                        ("characters", models.PositiveIntegerField()),
                        ("pages", models.PositiveIntegerField(default=0)),
                        ("warnings", models.JSONField(default=list)),
                        (
                            "matter",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE, related_name="body", to="matters.matter"
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="OriginatorNotice",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=dingmi.records.ledger.guard.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("kind", models.CharField(max_length=12)),
                        ("document_no", models.CharField(max_length=80)),
                        ("arrived_on", models.DateField()),
                        ("effective_on", models.DateField()),
                        ("level", models.CharField(blank=True, max_length=12)),
                        ("tail", models.CharField(blank=True, max_length=60)),
                        ("in_time", models.BooleanField(default=True)),
                        ("entered_at", models.DateTimeField()),
                        (
                            "matter",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="originator_notices",
                                to="matters.matter",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Outcome",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=dingmi.records.ledger.guard.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("engine", models.CharField(max_length=60)),
                        ("suggested", models.JSONField()),
                        ("place", models.PositiveSmallIntegerField()),
                        ("is_blind", models.BooleanField(default=False)),
                        ("is_changed", models.BooleanField(default=False)),
                        ("refused", models.JSONField(default=list)),
                        ("ranked", models.JSONField(default=dict)),
                        ("at", models.DateTimeField()),
                        (
                            "decision",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="matters.decision"
                            ),
                        ),
                        (
                            "item",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="guides.guideitem",
                            ),
                        ),
                        (
                            "matter",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="matters.matter"
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["at"], name="matters_out_at_8dbd38_idx")],
                    },
                ),
                migrations.CreateModel(
                    name="OutlookModel",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=dingmi.records.ledger.guard.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("number", models.PositiveIntegerField(unique=True)),
                        (
                            "state",
                            models.CharField(
                                choices=[("shadow", "试运行"), ("serving", "使用中"), ("retired", "已停用")],
                                max_length=8,
                            ),
                        ),
                        ("cases", models.PositiveIntegerField()),
                        ("fitted", models.TextField()),
                        ("digest", models.CharField(max_length=64)),
                        ("at", models.DateTimeField()),
                        ("served_at", models.DateTimeField(null=True)),
                        (
                            "served_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="organs.person",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Posting",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("level", models.CharField(max_length=12)),
                        ("token", models.BinaryField(max_length=8)),
                        (
                            "matter",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="matters.matter"
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["token", "level", "matter"], name="matters_pos_token_c3488b_idx")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Preparation",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=dingmi.records.ledger.guard.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("case", models.UUIDField()),
                        ("number", models.PositiveSmallIntegerField()),
                        ("at", models.DateTimeField()),
                        ("level", models.CharField(max_length=12)),
                        ("text_ct", models.BinaryField()),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organs.person"
                            ),
                        ),
                        (
                            "matter",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="preparations",
                                to="matters.matter",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("case", "number"), name="preparation_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Proposal",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=dingmi.records.ledger.guard.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("number", models.PositiveIntegerField()),
                        ("act", models.CharField(max_length=60)),
                        ("level", models.CharField(max_length=12)),
                        ("tail", models.CharField(max_length=60)),
                        ("tail_kind", models.CharField(max_length=12)),
                        ("scope", models.JSONField()),
                        ("bars", models.JSONField(default=dict)),
                        ("payload_ct", models.BinaryField()),
                        ("digest", models.CharField(max_length=64)),
                        ("signature", models.BinaryField(default=bytes)),
                        ("verdict", models.JSONField()),
                        ("at", models.DateTimeField()),
                        (
                            "drafter",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organs.person"
                            ),
                        ),
                        (
                            "item",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="guides.guideitem",
                            ),
                        ),
                        (
                            "matter",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="proposals",
                                to="matters.matter",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="EarlierText",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=dingmi.records.ledger.guard.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("number", models.PositiveIntegerField()),
                        ("level", models.CharField(max_length=12)),
                        ("text_ct", models.BinaryField()),
                        ("at", models.DateTimeField()),
                        (
                            "matter",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="earlier_texts",
                                to="matters.matter",
                            ),
                        ),
                        (
                            "proposal",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="matters.proposal",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Comment",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=dingmi.records.ledger.guard.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("start", models.PositiveIntegerField()),
                        ("end", models.PositiveIntegerField()),
                        ("words_ct", models.BinaryField()),
                        ("at", models.DateTimeField()),
                        ("published_at", models.DateTimeField(null=True)),
                        ("resolved_at", models.DateTimeField(null=True)),
                        (
                            "author",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organs.person"
                            ),
                        ),
                        (
                            "parent",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="answers",
                                to="matters.comment",
                            ),
                        ),
                        (
                            "resolved_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="organs.person",
                            ),
                        ),
                        (
                            "matter",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="comments",
                                to="matters.matter",
                            ),
                        ),
                        (
                            "proposal",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="matters.proposal",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["matter", "start", "at"], name="matters_com_matter__90a034_idx")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RankingModel",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=dingmi.records.ledger.guard.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("number", models.PositiveIntegerField(unique=True)),
                        (
                            "state",
                            models.CharField(
                                choices=[("shadow", "试运行"), ("serving", "使用中"), ("retired", "已停用")],
                                max_length=8,
                            ),
                        ),
                        ("cases", models.PositiveIntegerField()),
                        ("fitted", models.TextField()),
                        ("digest", models.CharField(max_length=64)),
                        ("at", models.DateTimeField()),
                        ("served_at", models.DateTimeField(null=True)),
                        (
                            "served_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="organs.person",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Reception",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=dingmi.records.ledger.guard.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("received_on", models.DateField()),
                        ("received_no", models.CharField(max_length=60)),
                        ("originator_state", models.CharField(default="active", max_length=16)),
                        ("originator_level", models.CharField(max_length=12)),
                        ("originator_tail", models.CharField(max_length=60)),
                        ("originator_last_day", models.DateField(null=True)),
                        ("heard_on", models.DateField(null=True)),
                        (
                            "matter",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reception",
                                to="matters.matter",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Referral",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=dingmi.records.ledger.guard.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("kind", models.CharField(max_length=12)),
                        ("authority_kind", models.CharField(blank=True, max_length=12)),
                        ("addressee_name", models.CharField(max_length=120)),
                        ("opinion_ct", models.BinaryField(default=bytes)),
                        ("referred_at", models.DateTimeField()),
                        ("answered_at", models.DateTimeField(null=True)),
                        ("answer", models.CharField(blank=True, max_length=16)),
                        ("route", models.CharField(blank=True, max_length=12)),
                        ("category", models.CharField(blank=True, max_length=12)),
                        ("provisional_on", models.DateField(null=True)),
                        ("due_on", models.DateField(null=True)),
                        ("sent_on", models.DateField(null=True)),
                        ("sent_number", models.CharField(blank=True, max_length=80)),
                        ("answer_number", models.CharField(blank=True, max_length=80)),
                        ("decided_on", models.DateField(null=True)),
                        ("ruled_by", models.CharField(blank=True, max_length=12)),
                        (
                            "addressee",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="organs.organ",
                            ),
                        ),
                        (
                            "drafter",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="organs.person",
                            ),
                        ),
                        (
                            "letter",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="vault.storedobject",
                            ),
                        ),
                        (
                            "matter",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="referrals",
                                to="matters.matter",
                            ),
                        ),
                        (
                            "sender",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="organs.person",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="ReviewOutcome",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=dingmi.records.ledger.guard.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("facts", models.JSONField()),
                        ("item", models.CharField(blank=True, max_length=36)),
                        ("days_left", models.IntegerField()),
                        ("ended", models.BooleanField()),
                        ("scored", models.JSONField(default=dict)),
                        ("at", models.DateTimeField()),
                        (
                            "decision",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="matters.decision"
                            ),
                        ),
                        (
                            "matter",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="matters.matter"
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["at"], name="matters_rev_at_f051ef_idx")],
                    },
                ),
                migrations.CreateModel(
                    name="ReviewTask",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=dingmi.records.ledger.guard.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("kind", models.CharField(max_length=12)),
                        ("year", models.PositiveSmallIntegerField()),
                        ("opened_on", models.DateField()),
                        ("due_on", models.DateField()),
                        ("done_at", models.DateTimeField(null=True)),
                        ("outcome", models.CharField(blank=True, max_length=12)),
                        ("breached", models.BooleanField(default=False)),
                        ("remind_on", models.DateField(null=True)),
                        (
                            "matter",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="reviews", to="matters.matter"
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["done_at", "due_on"], name="matters_rev_done_at_6406e3_idx"),
                            models.Index(
                                condition=models.Q(("done_at__isnull", True)),
                                fields=["remind_on"],
                                name="review_to_remind",
                            ),
                            models.Index(
                                condition=models.Q(("breached", False), ("done_at__isnull", True)),
                                fields=["kind", "due_on"],
                                name="review_to_breach",
                            ),
                        ],
                        "constraints": [models.UniqueConstraint(fields=("matter", "kind", "year"), name="review_once")],
                    },
                ),
                migrations.CreateModel(
                    name="ScopeEntry",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=dingmi.records.ledger.guard.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("basis", models.CharField(max_length=60)),
                        ("since", models.DateTimeField()),
                        ("until", models.DateTimeField(null=True)),
                        (
                            "department",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="organs.department",
                            ),
                        ),
                        (
                            "matter",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="scope_entries",
                                to="matters.matter",
                            ),
                        ),
                        (
                            "organ",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="organs.organ",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="organs.person",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["person", "matter"], name="matters_sco_person__42fba5_idx"),
                            models.Index(fields=["department", "matter"], name="matters_sco_departm_062f52_idx"),
                            models.Index(
                                fields=["matter", "person", "department", "organ", "since", "until"],
                                name="scope_of_matter",
                            ),
                            models.Index(fields=["since"], name="scope_begins"),
                            models.Index(
                                condition=models.Q(("until__isnull", False)), fields=["until"], name="scope_ends"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Series",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=dingmi.records.ledger.guard.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("unit", models.CharField(max_length=20)),
                        ("letter", models.CharField(max_length=1)),
                        ("year", models.PositiveSmallIntegerField()),
                        ("last", models.PositiveIntegerField(default=0)),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("unit", "letter", "year"), name="series_once")],
                    },
                ),
                migrations.CreateModel(
                    name="SketchCode",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("level", models.CharField(max_length=12)),
                        ("code", models.BinaryField(max_length=8)),
                        (
                            "matter",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="matters.matter"
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["code", "level", "matter"], name="matters_ske_code_322fa3_idx")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SourceLink",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=dingmi.records.ledger.guard.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("external_ct", models.BinaryField(default=bytes)),
                        ("level", models.CharField(max_length=12)),
                        ("last_protected_day", models.DateField(null=True)),
                        ("trigger", models.CharField(max_length=20)),
                        ("at", models.DateTimeField()),
                        (
                            "matter",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="sources", to="matters.matter"
                            ),
                        ),
                        (
                            "source",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="derived",
                                to="matters.matter",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Succession",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=dingmi.records.ledger.guard.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("situation", models.CharField(max_length=16)),
                        ("ground", models.CharField(max_length=16)),
                        ("instrument", models.CharField(max_length=80)),
                        ("effective_on", models.DateField()),
                        ("entered_at", models.DateTimeField()),
                        ("in_effect_at", models.DateTimeField(null=True)),
                        (
                            "from_organ",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organs.organ"
                            ),
                        ),
                        (
                            "matter",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="successions",
                                to="matters.matter",
                            ),
                        ),
                        (
                            "to_organ",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organs.organ"
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["in_effect_at", "effective_on"], name="matters_suc_in_effe_7f2a65_idx")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Suggestion",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=dingmi.records.ledger.guard.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("number", models.PositiveIntegerField()),
                        ("engine", models.CharField(max_length=60)),
                        ("payload_ct", models.BinaryField()),
                        ("level", models.CharField(max_length=12)),
                        ("digest", models.CharField(max_length=64)),
                        ("at", models.DateTimeField()),
                        (
                            "matter",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="suggestions",
                                to="matters.matter",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="AppraisalStep",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=dingmi.records.ledger.guard.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("number", models.PositiveSmallIntegerField()),
                        ("kind", models.CharField(max_length=16)),
                        ("on", models.DateField()),
                        ("organ", models.CharField(blank=True, max_length=16)),
                        ("document_no", models.CharField(blank=True, max_length=80)),
                        ("outcome", models.CharField(blank=True, max_length=12)),
                        ("head_agrees", models.BooleanField(default=False)),
                        ("copied", models.BooleanField(default=False)),
                        ("at", models.DateTimeField()),
                        (
                            "appraisal",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="steps",
                                to="matters.appraisal",
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organs.person"
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("appraisal", "number"), name="appraisal_step_once")
                        ],
                    },
                ),
            ]
        )
    ]
