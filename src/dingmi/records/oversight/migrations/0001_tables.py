"""Inspections, findings, incidents and reports."""

import dingmi.records.ledger.guard
import django.db.models.deletion
from django.db import migrations, models

from dingmi.records.ledger.tables import CreateTables, Whole


class Migration(Whole):
    initial = True
    replaces = [
        ("oversight", name)
        for name in (
            "0001_initial 0002_life 0003_sweep 0004_reports 0005_radar 0006_secrecy_file 0007_ended_words "
            "0008_inspections 0009_incidents 0010_approval 0011_conduct"
        ).split()
    ]  # data directories made before 0.1.0

    dependencies = [
        ("guides", "0001_tables"),
        ("matters", "0001_tables"),
        ("organs", "0001_tables"),
    ]

    operations = [
        CreateTables(
            [
                migrations.CreateModel(
                    name="Breach",
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
                        ("kind", models.CharField(max_length=40)),
                        ("clause", models.CharField(max_length=20)),
                        ("on", models.DateField()),
                        ("answered_at", models.DateTimeField(null=True)),
                        (
                            "matter",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="breaches",
                                to="matters.matter",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Correction",
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
                        ("kind", models.CharField(max_length=20)),
                        ("source", models.CharField(max_length=16)),
                        ("notifier", models.CharField(blank=True, max_length=120)),
                        ("notice_no", models.CharField(blank=True, max_length=80)),
                        ("found_on", models.DateField()),
                        ("found_at", models.DateTimeField()),
                        ("level", models.CharField(max_length=12)),
                        ("detail_ct", models.BinaryField(default=bytes)),
                        ("remedy", models.CharField(blank=True, max_length=16)),
                        ("decided_at", models.DateTimeField(null=True)),
                        ("reply_no", models.CharField(blank=True, max_length=80)),
                        ("closed_at", models.DateTimeField(null=True)),
                        (
                            "decided_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="organs.person",
                            ),
                        ),
                        (
                            "drafter",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organs.person"
                            ),
                        ),
                        (
                            "found_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organs.person"
                            ),
                        ),
                        (
                            "matter",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="corrections",
                                to="matters.matter",
                            ),
                        ),
                        (
                            "officer",
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
                            models.Index(fields=["closed_at", "found_on"], name="oversight_c_closed__3a35b7_idx")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DateGap",
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
                        ("found_at", models.DateTimeField()),
                        ("needed", models.PositiveSmallIntegerField()),
                        ("confirmed", models.JSONField(default=list)),
                        ("closed_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("closed_at__isnull", True)), fields=["found_at"], name="gap_open"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Discord",
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
                        ("differs", models.JSONField()),
                        ("terms", models.JSONField()),
                        ("per_cent", models.PositiveSmallIntegerField()),
                        (
                            "state",
                            models.CharField(
                                choices=[("open", "待裁定"), ("ruled", "已裁定"), ("aligned", "已一致")],
                                default="open",
                                max_length=8,
                            ),
                        ),
                        ("level", models.CharField(max_length=12)),
                        ("found_at", models.DateTimeField()),
                        ("due_on", models.DateField()),
                        (
                            "outcome",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("stands", "差异成立"),
                                    ("follow_one", "以前者为准"),
                                    ("follow_other", "以后者为准"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("words_ct", models.BinaryField(default=bytes)),
                        ("ruled_at", models.DateTimeField(null=True)),
                        ("closed_at", models.DateTimeField(null=True)),
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
                            "one",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="matters.matter"
                            ),
                        ),
                        (
                            "other",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="matters.matter"
                            ),
                        ),
                        (
                            "owner",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="organs.person",
                            ),
                        ),
                        (
                            "ruled_by",
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
                            models.Index(fields=["state", "due_on"], name="oversight_d_state_d36e09_idx"),
                            models.Index(fields=["one", "other"], name="oversight_d_one_id_494871_idx"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="FileEntry",
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
                        ("part", models.CharField(max_length=12)),
                        ("title", models.CharField(max_length=120)),
                        ("number", models.CharField(max_length=80)),
                        ("summary", models.CharField(blank=True, max_length=400)),
                        ("since", models.DateField()),
                        ("review_by", models.DateField()),
                        ("approved_on", models.DateField(null=True)),
                        ("approved_by", models.UUIDField(null=True)),
                        ("reviewed_on", models.DateField(null=True)),
                        ("review_words", models.CharField(blank=True, max_length=400)),
                        ("ended_on", models.DateField(null=True)),
                        ("ended_words", models.CharField(blank=True, max_length=400)),
                        ("by", models.UUIDField()),
                        ("at", models.DateTimeField()),
                    ],
                    options={
                        "indexes": [models.Index(fields=["part", "review_by"], name="oversight_f_part_8cbfed_idx")],
                    },
                ),
                migrations.CreateModel(
                    name="Incident",
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
                        ("year", models.PositiveSmallIntegerField()),
                        ("number", models.PositiveIntegerField()),
                        ("certain", models.BooleanField()),
                        ("level", models.CharField(max_length=12)),
                        ("discovered_at", models.DateTimeField()),
                        ("due_at", models.DateTimeField()),
                        ("clause", models.CharField(max_length=20)),
                        ("matters", models.JSONField(default=list)),
                        ("items_ct", models.BinaryField(default=bytes)),
                        ("reported_at", models.DateTimeField()),
                        ("closed_at", models.DateTimeField(null=True)),
                        ("closed_by", models.UUIDField(null=True)),
                        (
                            "reporter",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organs.person"
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["closed_at", "discovered_at"], name="oversight_i_closed__8c42e2_idx")
                        ],
                        "constraints": [models.UniqueConstraint(fields=("year", "number"), name="incident_number")],
                    },
                ),
                migrations.CreateModel(
                    name="IncidentLiability",
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
                        ("basis", models.CharField(max_length=20)),
                        ("sanction", models.CharField(max_length=200)),
                        ("document_no", models.CharField(max_length=80)),
                        ("on", models.DateField()),
                        ("by", models.UUIDField()),
                        ("at", models.DateTimeField()),
                        (
                            "incident",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="liabilities",
                                to="oversight.incident",
                            ),
                        ),
                        (
                            "person",
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
                    name="IncidentReader",
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
                        ("until", models.DateTimeField(null=True)),
                        ("by", models.UUIDField()),
                        (
                            "incident",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="readers",
                                to="oversight.incident",
                            ),
                        ),
                        (
                            "person",
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
                    name="IncidentStep",
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
                        ("kind", models.CharField(max_length=12)),
                        ("at", models.DateTimeField()),
                        ("to", models.CharField(blank=True, max_length=16)),
                        ("document_no", models.CharField(blank=True, max_length=80)),
                        ("words_ct", models.BinaryField(default=bytes)),
                        ("entered_at", models.DateTimeField()),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organs.person"
                            ),
                        ),
                        (
                            "incident",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="steps",
                                to="oversight.incident",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("incident", "number"), name="incident_step_number")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Inspection",
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
                        ("year", models.PositiveSmallIntegerField()),
                        ("number", models.PositiveIntegerField()),
                        ("kind", models.CharField(max_length=16)),
                        ("title", models.CharField(max_length=120)),
                        ("topics", models.JSONField()),
                        ("planned_on", models.DateField()),
                        ("repeats", models.PositiveSmallIntegerField(default=0)),
                        ("document_no", models.CharField(blank=True, max_length=80)),
                        ("planned_at", models.DateTimeField()),
                        ("planned_by", models.UUIDField()),
                        ("seed", models.CharField(blank=True, max_length=32)),
                        ("drawn_from", models.PositiveIntegerField(default=0)),
                        ("sample", models.JSONField(default=list)),
                        ("held_on", models.DateField(null=True)),
                        ("held_at", models.DateTimeField(null=True)),
                        ("held_by", models.UUIDField(null=True)),
                        ("participants", models.CharField(blank=True, max_length=400)),
                        ("conclusion", models.CharField(blank=True, max_length=1000)),
                        ("figures", models.JSONField(default=list)),
                        ("cancelled_on", models.DateField(null=True)),
                        ("cancelled_words", models.CharField(blank=True, max_length=400)),
                        (
                            "lead",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organs.person"
                            ),
                        ),
                        (
                            "unit",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="organs.department",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["kind", "planned_on"], name="oversight_i_kind_96f235_idx")],
                        "constraints": [models.UniqueConstraint(fields=("year", "number"), name="inspection_number")],
                    },
                ),
                migrations.CreateModel(
                    name="InspectionFinding",
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
                        ("topic", models.CharField(max_length=16)),
                        ("error", models.CharField(blank=True, max_length=20)),
                        ("level", models.CharField(blank=True, max_length=12)),
                        ("words_ct", models.BinaryField(default=bytes)),
                        ("due_on", models.DateField()),
                        ("found_at", models.DateTimeField()),
                        ("found_by", models.UUIDField()),
                        ("proof_ct", models.BinaryField(default=bytes)),
                        ("rectified_on", models.DateField(null=True)),
                        ("rectified_by", models.UUIDField(null=True)),
                        ("opinion_ct", models.BinaryField(default=bytes)),
                        ("closed_on", models.DateField(null=True)),
                        ("closed_by", models.UUIDField(null=True)),
                        (
                            "correction",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="oversight.correction",
                            ),
                        ),
                        (
                            "inspection",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="findings",
                                to="oversight.inspection",
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
                            "responsible",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organs.person"
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["closed_on", "due_on"], name="oversight_i_closed__7c54c1_idx"),
                            models.Index(fields=["responsible", "due_on"], name="oversight_i_respons_f2eb62_idx"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("inspection", "number"), name="finding_number")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SketchToken",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("token", models.CharField(max_length=16)),
                        (
                            "matter",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="matters.matter"
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["token", "matter"], name="oversight_s_token_2544a0_idx")],
                    },
                ),
                migrations.CreateModel(
                    name="Sweep",
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
                        ("act", models.CharField(max_length=60)),
                        ("period", models.CharField(max_length=20)),
                        ("cursor", models.UUIDField(null=True)),
                        ("done_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("act", "period"), name="sweep_once")],
                    },
                ),
                migrations.CreateModel(
                    name="AnnualReport",
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
                        ("name", models.CharField(max_length=20)),
                        ("year", models.PositiveSmallIntegerField()),
                        ("as_of", models.DateField()),
                        ("content", models.JSONField()),
                        ("digest", models.CharField(max_length=64)),
                        ("explained", models.CharField(blank=True, max_length=600)),
                        ("signed_at", models.DateTimeField()),
                        ("filing_no", models.CharField(blank=True, max_length=80)),
                        ("filed_on", models.DateField(null=True)),
                        (
                            "signed_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organs.person"
                            ),
                        ),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("name", "year"), name="annual_report_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Conduct",
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
                        ("kind", models.CharField(max_length=16)),
                        ("on", models.DateField()),
                        ("words", models.CharField(max_length=400)),
                        ("entered_at", models.DateTimeField()),
                        ("entered_by", models.UUIDField()),
                        ("document_no", models.CharField(blank=True, max_length=80)),
                        ("told_on", models.DateField(null=True)),
                        ("told_words", models.CharField(blank=True, max_length=400)),
                        ("told_by", models.UUIDField(null=True)),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organs.person"
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["told_on", "on"], name="oversight_c_told_on_56eb23_idx")],
                    },
                ),
            ]
        )
    ]
