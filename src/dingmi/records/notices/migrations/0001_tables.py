"""Notices and what is sent."""

import dingmi.records.ledger.guard
import django.db.models.deletion
from django.db import migrations, models

from dingmi.records.ledger.tables import CreateTables, Whole


class Migration(Whole):
    initial = True
    replaces = [
        ("notices", name) for name in "0001_initial 0002_life 0003_sweep 0004_by_code 0005_part_of_matter".split()
    ]  # data directories made before 0.1.0

    dependencies = [
        ("organs", "0001_tables"),
    ]

    operations = [
        CreateTables(
            [
                migrations.CreateModel(
                    name="Deadline",
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
                        ("matter_id", models.UUIDField()),
                        ("part_id", models.UUIDField(null=True)),
                        ("name", models.CharField(max_length=40)),
                        ("clause", models.CharField(blank=True, max_length=20)),
                        ("is_policy", models.BooleanField(default=False)),
                        ("starts_on", models.DateField()),
                        ("due_on", models.DateField(null=True)),
                        ("done_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "indexes": [models.Index(fields=["done_at", "due_on"], name="notices_dea_done_at_632ba5_idx")],
                    },
                ),
                migrations.CreateModel(
                    name="OutboxItem",
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
                        ("channel", models.CharField(max_length=20)),
                        ("payload", models.JSONField()),
                        ("created_at", models.DateTimeField()),
                        ("sent_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("sent_at__isnull", True)),
                                fields=["channel", "created_at"],
                                name="outbox_to_send",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Notice",
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
                        ("code", models.CharField(max_length=60)),
                        ("matter_id", models.UUIDField(null=True)),
                        ("params", models.JSONField(default=dict)),
                        ("must_acknowledge", models.BooleanField(default=False)),
                        ("created_at", models.DateTimeField()),
                        ("acknowledged_at", models.DateTimeField(null=True)),
                        ("delivered_at", models.DateTimeField(null=True)),
                        ("delivery", models.CharField(blank=True, max_length=16)),
                        ("evidence", models.CharField(blank=True, max_length=120)),
                        ("remarked_at", models.DateTimeField(null=True)),
                        (
                            "organ",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="notices",
                                to="organs.organ",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="notices",
                                to="organs.person",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=["person", "acknowledged_at", "-created_at"],
                                name="notices_not_person__00f2d9_idx",
                            ),
                            models.Index(fields=["matter_id", "code"], name="notices_not_matter__54d0a8_idx"),
                            models.Index(fields=["code", "person", "created_at"], name="notice_by_code"),
                        ],
                    },
                ),
            ]
        )
    ]
