"""Officers, delegations, training, examinations and appraisal."""

import dingmi.records.ledger.guard
import django.db.models.deletion
from django.db import migrations, models

from dingmi.records.ledger.tables import CreateTables, Whole


class Migration(Whole):
    initial = True
    replaces = [
        ("officers", name)
        for name in (
            "0001_initial 0002_graders 0003_appointments 0004_performance 0005_training 0006_exams 0007_selection "
            "0008_allowance"
        ).split()
    ]  # data directories made before 0.1.0

    dependencies = [
        ("organs", "0001_tables"),
    ]

    operations = [
        CreateTables(
            [
                migrations.CreateModel(
                    name="Course",
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
                        ("code", models.CharField(max_length=16, unique=True)),
                        ("title", models.CharField(max_length=120)),
                        ("audience", models.CharField(max_length=12)),
                        ("minutes", models.PositiveIntegerField()),
                        ("valid_months", models.PositiveSmallIntegerField()),
                        ("outline", models.CharField(blank=True, max_length=400)),
                        ("opened_at", models.DateTimeField()),
                        ("closed_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Designation",
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
                        ("instrument", models.CharField(max_length=80)),
                        ("max_level", models.CharField(max_length=8)),
                        ("matters", models.JSONField()),
                        ("may_derive", models.BooleanField(default=True)),
                        ("since", models.DateTimeField()),
                        ("until", models.DateTimeField(null=True)),
                        ("designated_by", models.UUIDField()),
                        ("published_on", models.DateField(null=True)),
                        ("filed_on", models.DateField(null=True)),
                        ("ended_at", models.DateTimeField(null=True)),
                        ("ended_ground", models.CharField(blank=True, max_length=40)),
                        (
                            "officer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="designations",
                                to="officers.officer",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Allowance",
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
                        ("tier", models.CharField(max_length=12)),
                        ("max_level", models.CharField(max_length=8)),
                        ("yuan", models.PositiveIntegerField()),
                        ("instrument", models.CharField(max_length=80)),
                        ("since", models.DateField()),
                        ("until", models.DateField(null=True)),
                        ("set_by", models.UUIDField()),
                        ("set_at", models.DateTimeField()),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["tier", "max_level", "since"], name="officers_al_tier_f7e6c3_idx")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Appointment",
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
                        ("kind", models.CharField(default="commission", max_length=12)),
                        ("tier", models.CharField(default="main", max_length=12)),
                        ("max_level", models.CharField(max_length=8)),
                        ("matters", models.JSONField()),
                        ("derives_only", models.BooleanField(default=False)),
                        ("reasons", models.CharField(max_length=400)),
                        ("state", models.CharField(default="nominated", max_length=12)),
                        ("nominated_at", models.DateTimeField()),
                        ("vetted_by", models.UUIDField(null=True)),
                        ("vetted_at", models.DateTimeField(null=True)),
                        ("vetting", models.CharField(blank=True, max_length=400)),
                        ("criteria", models.JSONField(default=list)),
                        ("trained_at", models.DateTimeField(null=True)),
                        ("instrument", models.CharField(blank=True, max_length=80)),
                        ("commissioned_by", models.UUIDField(null=True)),
                        ("commissioned_at", models.DateTimeField(null=True)),
                        ("since", models.DateTimeField(null=True)),
                        ("until", models.DateTimeField(null=True)),
                        ("published_on", models.DateField(null=True)),
                        ("filed_on", models.DateField(null=True)),
                        ("filing_no", models.CharField(blank=True, max_length=80)),
                        ("closed_at", models.DateTimeField(null=True)),
                        ("closed_reason", models.CharField(blank=True, max_length=200)),
                        (
                            "nominated_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organs.person"
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="appointments",
                                to="organs.person",
                            ),
                        ),
                        (
                            "designation",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="appointments",
                                to="officers.designation",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["person", "state"], name="officers_ap_person__839188_idx")],
                    },
                ),
                migrations.CreateModel(
                    name="Delegation",
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
                        ("instrument", models.CharField(max_length=80)),
                        ("max_level", models.CharField(max_length=8)),
                        ("matters", models.JSONField()),
                        ("since", models.DateTimeField()),
                        ("until", models.DateTimeField()),
                        ("filed_on", models.DateField(null=True)),
                        ("revoked_at", models.DateTimeField(null=True)),
                        (
                            "grantee",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="received", to="organs.organ"
                            ),
                        ),
                        (
                            "grantor",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="granted", to="organs.organ"
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="DelegationRequest",
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
                        ("level", models.CharField(max_length=8)),
                        ("matters", models.JSONField()),
                        ("since", models.DateField()),
                        ("until", models.DateField()),
                        ("basis", models.CharField(max_length=400)),
                        ("reasons", models.CharField(max_length=400)),
                        ("originals", models.JSONField()),
                        ("applied_at", models.DateTimeField()),
                        ("answered_on", models.DateField(null=True)),
                        ("answer", models.CharField(blank=True, max_length=12)),
                        ("answer_no", models.CharField(blank=True, max_length=80)),
                        (
                            "addressee",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organs.organ"
                            ),
                        ),
                        (
                            "by_person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organs.person"
                            ),
                        ),
                        (
                            "delegation",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="requests",
                                to="officers.delegation",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Exam",
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
                        ("title", models.CharField(max_length=120)),
                        ("grade", models.CharField(blank=True, max_length=8)),
                        ("editions", models.JSONField()),
                        ("count", models.PositiveSmallIntegerField()),
                        ("minutes", models.PositiveSmallIntegerField()),
                        ("pass_mark", models.PositiveSmallIntegerField()),
                        ("opens_at", models.DateTimeField()),
                        ("closes_at", models.DateTimeField()),
                        ("candidates", models.JSONField(default=list)),
                        ("set_by", models.UUIDField()),
                        ("set_at", models.DateTimeField()),
                        ("cancelled_at", models.DateTimeField(null=True)),
                        ("cancelled_reason", models.CharField(blank=True, max_length=200)),
                    ],
                    options={
                        "indexes": [models.Index(fields=["closes_at"], name="officers_ex_closes__d6c1df_idx")],
                    },
                ),
                migrations.CreateModel(
                    name="Grader",
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
                        ("regime", models.CharField(max_length=20)),
                        ("max_level", models.CharField(max_length=12)),
                        ("instrument", models.CharField(max_length=80)),
                        ("since", models.DateTimeField()),
                        ("until", models.DateTimeField(null=True)),
                        ("appointed_by", models.UUIDField()),
                        ("ended_at", models.DateTimeField(null=True)),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="grading", to="organs.person"
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Officer",
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
                        ("tier", models.CharField(default="main", max_length=12)),
                        (
                            "person",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="officer", to="organs.person"
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="PerformanceFact",
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
                        ("rule", models.CharField(max_length=40)),
                        ("on", models.DateField()),
                        ("evidence", models.CharField(max_length=200)),
                        ("recorded_by", models.UUIDField()),
                        ("recorded_at", models.DateTimeField()),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organs.person"
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["person", "on"], name="officers_pe_person__c2cbb0_idx")],
                    },
                ),
                migrations.CreateModel(
                    name="PerformanceReview",
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
                        ("version", models.CharField(max_length=20)),
                        ("score", models.JSONField()),
                        ("state", models.CharField(default="noticed", max_length=12)),
                        ("noticed_at", models.DateTimeField()),
                        ("object_until", models.DateField()),
                        ("answered_at", models.DateTimeField(null=True)),
                        ("objection", models.CharField(blank=True, max_length=600)),
                        ("decided_at", models.DateTimeField(null=True)),
                        ("decided_by", models.UUIDField(null=True)),
                        ("decision", models.CharField(blank=True, max_length=600)),
                        ("struck", models.JSONField(default=list)),
                        ("final", models.CharField(blank=True, max_length=8)),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organs.person"
                            ),
                        ),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("person", "year"), name="performance_once")],
                    },
                ),
                migrations.CreateModel(
                    name="PerformanceWeights",
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
                        ("weights", models.JSONField()),
                        ("instrument", models.CharField(max_length=80)),
                        ("set_by", models.UUIDField()),
                        ("set_at", models.DateTimeField()),
                    ],
                    options={
                        "indexes": [models.Index(fields=["year", "set_at"], name="officers_pe_year_9336ce_idx")],
                    },
                ),
                migrations.CreateModel(
                    name="Qualification",
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
                        ("grade", models.CharField(max_length=8)),
                        ("certificate", models.CharField(max_length=60)),
                        ("since", models.DateTimeField()),
                        ("until", models.DateTimeField()),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="qualifications",
                                to="organs.person",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Paper",
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
                        ("started_at", models.DateTimeField()),
                        ("due_at", models.DateTimeField()),
                        ("questions", models.JSONField()),
                        ("answers", models.JSONField(default=dict)),
                        ("saved_at", models.DateTimeField(null=True)),
                        ("submitted_at", models.DateTimeField(null=True)),
                        ("score", models.PositiveSmallIntegerField(null=True)),
                        ("passed", models.BooleanField(null=True)),
                        ("marks", models.JSONField(default=list)),
                        (
                            "exam",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="papers", to="officers.exam"
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organs.person"
                            ),
                        ),
                        (
                            "certificate",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="paper",
                                to="officers.qualification",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("submitted_at__isnull", True)), fields=["due_at"], name="paper_due"
                            )
                        ],
                        "constraints": [models.UniqueConstraint(fields=("exam", "person"), name="sits_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Selection",
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
                        ("title", models.CharField(max_length=120)),
                        ("max_level", models.CharField(max_length=8)),
                        ("matters", models.JSONField()),
                        ("conditions", models.CharField(max_length=400)),
                        ("posted_at", models.DateTimeField()),
                        ("posted_by", models.UUIDField()),
                        ("closes_at", models.DateTimeField()),
                        ("decided_at", models.DateTimeField(null=True)),
                        ("decided_by", models.UUIDField(null=True)),
                        ("reasons", models.CharField(blank=True, max_length=400)),
                        (
                            "exam",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="selections",
                                to="officers.exam",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Candidacy",
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
                        ("statement", models.CharField(max_length=400)),
                        ("state", models.CharField(default="applied", max_length=12)),
                        ("applied_at", models.DateTimeField()),
                        (
                            "case",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="candidacy",
                                to="officers.appointment",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organs.person"
                            ),
                        ),
                        (
                            "selection",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="candidates",
                                to="officers.selection",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("selection", "person"), name="applies_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Session",
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
                        ("starts_at", models.DateTimeField()),
                        ("minutes", models.PositiveIntegerField()),
                        ("place", models.CharField(max_length=80)),
                        ("teacher", models.CharField(blank=True, max_length=60)),
                        ("seats", models.PositiveSmallIntegerField()),
                        ("planned_by", models.UUIDField()),
                        ("rolled_at", models.DateTimeField(null=True)),
                        ("cancelled_at", models.DateTimeField(null=True)),
                        ("cancelled_reason", models.CharField(blank=True, max_length=200)),
                        (
                            "course",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="sessions",
                                to="officers.course",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["starts_at"], name="officers_se_starts__940340_idx")],
                    },
                ),
                migrations.CreateModel(
                    name="Suspension",
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
                        ("ground", models.CharField(max_length=40)),
                        ("since", models.DateTimeField()),
                        ("until", models.DateTimeField(null=True)),
                        (
                            "officer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="suspensions",
                                to="officers.officer",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Mobility",
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
                        ("detail", models.CharField(blank=True, max_length=200)),
                        ("since", models.DateTimeField()),
                        ("until", models.DateTimeField(null=True)),
                        ("recorded_by", models.UUIDField()),
                        ("recorded_at", models.DateTimeField()),
                        ("followed_at", models.DateTimeField(null=True)),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="mobility", to="organs.person"
                            ),
                        ),
                        (
                            "suspension",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="officers.suspension",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("followed_at__isnull", True)),
                                fields=["since"],
                                name="move_to_follow",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Training",
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
                        ("course", models.CharField(max_length=120)),
                        ("minutes", models.PositiveIntegerField()),
                        ("completed_at", models.DateTimeField()),
                        ("valid_until", models.DateTimeField()),
                        ("certificate", models.CharField(blank=True, max_length=60)),
                        ("voided_at", models.DateTimeField(null=True)),
                        ("voided_reason", models.CharField(blank=True, max_length=200)),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="trainings",
                                to="organs.person",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Attendance",
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
                        ("state", models.CharField(default="enrolled", max_length=12)),
                        ("enrolled_at", models.DateTimeField()),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organs.person"
                            ),
                        ),
                        (
                            "session",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="people",
                                to="officers.session",
                            ),
                        ),
                        (
                            "training",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="attendance",
                                to="officers.training",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("session", "person"), name="attends_once")],
                    },
                ),
                migrations.CreateModel(
                    name="DelegationStep",
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
                        ("number", models.CharField(blank=True, max_length=80)),
                        ("words", models.CharField(blank=True, max_length=400)),
                        ("findings", models.JSONField(default=list)),
                        ("by", models.UUIDField()),
                        ("at", models.DateTimeField()),
                        (
                            "delegation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="steps",
                                to="officers.delegation",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["delegation", "kind", "on"], name="officers_de_delegat_d109d5_idx")
                        ],
                    },
                ),
            ]
        )
    ]
