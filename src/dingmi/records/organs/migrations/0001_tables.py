"""Organs, departments, people, clearances and accounts."""

import dingmi.records.ledger.guard
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from dingmi.records.ledger.tables import CreateTables, Whole


class Migration(Whole):
    initial = True
    replaces = [
        ("organs", name)
        for name in "0001_initial 0002_life 0003_preferences 0004_staff 0005_staff_history 0006_second_factor".split()
    ]  # data directories made before 0.1.0

    dependencies = []

    operations = [
        CreateTables(
            [
                migrations.CreateModel(
                    name="Organ",
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
                        ("name", models.CharField(max_length=120)),
                        ("short_name", models.CharField(max_length=60)),
                        ("unit_code", models.CharField(blank=True, max_length=20)),
                        (
                            "tier",
                            models.CharField(
                                choices=[
                                    ("central", "中央国家机关"),
                                    ("provincial", "省级机关"),
                                    ("prefecture", "设区的市级机关"),
                                    ("other", "其他"),
                                ],
                                max_length=16,
                            ),
                        ),
                        ("line", models.CharField(blank=True, max_length=60)),
                        ("is_temporary", models.BooleanField(default=False)),
                        ("is_home", models.BooleanField(default=False)),
                        ("profile", models.CharField(default="demo", max_length=20)),
                        (
                            "run_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="runs",
                                to="organs.organ",
                            ),
                        ),
                        (
                            "superior",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="subordinates",
                                to="organs.organ",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Department",
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
                        ("name", models.CharField(max_length=60)),
                        ("order", models.PositiveSmallIntegerField(default=0)),
                        (
                            "organ",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="departments",
                                to="organs.organ",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Person",
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
                        ("name", models.CharField(max_length=60)),
                        ("staff_no", models.CharField(max_length=30)),
                        ("post", models.CharField(blank=True, max_length=80)),
                        ("post_category", models.CharField(blank=True, max_length=12)),
                        ("is_principal", models.BooleanField(default=False)),
                        ("joined_at", models.DateTimeField()),
                        ("left_at", models.DateTimeField(null=True)),
                        (
                            "department",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="people",
                                to="organs.department",
                            ),
                        ),
                        (
                            "organ",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="people", to="organs.organ"
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Clearance",
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
                        ("instrument", models.CharField(max_length=80)),
                        ("since", models.DateTimeField()),
                        ("until", models.DateTimeField(null=True)),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="clearances",
                                to="organs.person",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Account",
                    fields=[
                        ("password", models.CharField(max_length=128, verbose_name="password")),
                        (
                            "id",
                            models.UUIDField(
                                default=dingmi.records.ledger.guard.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("username", models.CharField(max_length=60, unique=True)),
                        (
                            "admin_role",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("system_admin", "系统管理员"),
                                    ("security_admin", "安全保密管理员"),
                                    ("audit_admin", "安全审计员"),
                                ],
                                max_length=16,
                            ),
                        ),
                        ("is_active", models.BooleanField(default=True)),
                        ("failed_count", models.PositiveSmallIntegerField(default=0)),
                        ("locked_at", models.DateTimeField(null=True)),
                        ("password_changed_at", models.DateTimeField(null=True)),
                        ("language", models.CharField(default="zh", max_length=2)),
                        ("session_key", models.CharField(blank=True, max_length=64)),
                        ("session_started_at", models.DateTimeField(null=True)),
                        ("created_at", models.DateTimeField()),
                        (
                            "person",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="account", to="organs.person"
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["session_key"], name="organs_acco_session_a4144e_idx")],
                    },
                ),
                migrations.CreateModel(
                    name="PersonalReport",
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
                        ("on", models.DateField()),
                        ("words", models.CharField(max_length=400)),
                        ("reported_at", models.DateTimeField()),
                        ("reported_by", models.UUIDField()),
                        ("answered_at", models.DateTimeField(null=True)),
                        ("answered_by", models.UUIDField(null=True)),
                        ("answer", models.CharField(blank=True, max_length=400)),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="reports", to="organs.person"
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["person", "reported_at"], name="organs_pers_person__7a21ba_idx")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PostTerm",
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
                        ("category", models.CharField(max_length=12)),
                        ("post", models.CharField(blank=True, max_length=80)),
                        ("department", models.CharField(blank=True, max_length=60)),
                        ("since", models.DateField()),
                        ("until", models.DateField(null=True)),
                        ("by", models.UUIDField()),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="posts", to="organs.person"
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["person", "since"], name="organs_post_person__73fd89_idx")],
                    },
                ),
                migrations.CreateModel(
                    name="Preference",
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
                        ("value", models.JSONField()),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="preferences",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("account", "name"), name="preference_once")],
                    },
                ),
                migrations.CreateModel(
                    name="RoleGrant",
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
                        ("role", models.CharField(max_length=20)),
                        ("since", models.DateTimeField()),
                        ("until", models.DateTimeField(null=True)),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="grants",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="SecondFactor",
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
                        ("secret_ct", models.BinaryField()),
                        ("created_at", models.DateTimeField()),
                        ("confirmed_at", models.DateTimeField(null=True)),
                        ("last_step", models.BigIntegerField(default=0)),
                        ("lift_asked_by", models.UUIDField(null=True)),
                        ("lift_asked_at", models.DateTimeField(null=True)),
                        ("ended_at", models.DateTimeField(null=True)),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="second_factors",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Token",
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
                        ("digest", models.CharField(max_length=64, unique=True)),
                        ("label", models.CharField(blank=True, max_length=60)),
                        ("created_at", models.DateTimeField()),
                        ("expires_at", models.DateTimeField()),
                        ("ended_at", models.DateTimeField(null=True)),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="tokens",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Undertaking",
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
                        ("number", models.CharField(max_length=80)),
                        ("signed_on", models.DateField()),
                        ("through", models.DateField(null=True)),
                        ("by", models.UUIDField()),
                        ("at", models.DateTimeField()),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="undertakings",
                                to="organs.person",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["person", "kind"], name="organs_unde_person__908a61_idx")],
                    },
                ),
                migrations.CreateModel(
                    name="Vetting",
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
                        ("passed", models.BooleanField()),
                        ("opinion", models.CharField(max_length=400)),
                        ("due_again", models.DateField()),
                        ("by", models.UUIDField()),
                        ("at", models.DateTimeField()),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="vettings", to="organs.person"
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["person", "on"], name="organs_vett_person__0e0dcd_idx")],
                    },
                ),
                migrations.CreateModel(
                    name="Leaving",
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
                        ("category", models.CharField(max_length=12)),
                        ("approved_on", models.DateField()),
                        ("talked_on", models.DateField()),
                        ("carriers_returned", models.PositiveIntegerField()),
                        ("devices_returned", models.PositiveIntegerField()),
                        ("cooling_through", models.DateField()),
                        ("managed_by", models.CharField(max_length=120)),
                        ("leaves_organ", models.BooleanField()),
                        ("approved_by", models.UUIDField()),
                        ("approved_at", models.DateTimeField()),
                        ("ended_at", models.DateTimeField(null=True)),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="leavings", to="organs.person"
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("ended_at__isnull", True)),
                                fields=["cooling_through"],
                                name="cooling",
                            )
                        ],
                    },
                ),
            ]
        )
    ]
