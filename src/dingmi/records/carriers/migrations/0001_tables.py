"""Copies and what happens to them."""

import dingmi.records.ledger.guard
import django.db.models.deletion
from django.db import migrations, models

from dingmi.records.ledger.tables import CreateTables, Whole


class Migration(Whole):
    initial = True
    replaces = [
        ("carriers", name) for name in "0001_initial 0002_archives 0003_life".split()
    ]  # data directories made before 0.1.0

    dependencies = [
        ("matters", "0001_tables"),
        ("organs", "0001_tables"),
    ]

    operations = [
        CreateTables(
            [
                migrations.CreateModel(
                    name="ArchiveBatch",
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
                        ("number", models.CharField(max_length=40, unique=True)),
                        ("regime", models.CharField(max_length=20)),
                        ("level", models.CharField(max_length=12)),
                        ("year", models.PositiveSmallIntegerField()),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "审核中"),
                                    ("packed", "已打包"),
                                    ("transferred", "已移交"),
                                    ("withdrawn", "已撤销"),
                                ],
                                default="open",
                                max_length=12,
                            ),
                        ),
                        ("opened_at", models.DateTimeField()),
                        ("medium", models.CharField(blank=True, max_length=80)),
                        ("packed_at", models.DateTimeField(null=True)),
                        ("package_sm3", models.CharField(blank=True, max_length=64)),
                        ("package_size", models.BigIntegerField(default=0)),
                        ("copies", models.PositiveSmallIntegerField(default=0)),
                        ("archive", models.CharField(blank=True, max_length=120)),
                        ("receipt_no", models.CharField(blank=True, max_length=80)),
                        ("channel", models.CharField(blank=True, max_length=20)),
                        ("transferred_on", models.DateField(null=True)),
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
                            "opened_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organs.person"
                            ),
                        ),
                        (
                            "packed_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="organs.person",
                            ),
                        ),
                        (
                            "transferred_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="organs.person",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["state", "-opened_at"], name="carriers_ar_state_93c04d_idx")],
                    },
                ),
                migrations.CreateModel(
                    name="ArchiveFile",
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
                        ("order", models.PositiveIntegerField()),
                        (
                            "opening",
                            models.CharField(
                                blank=True,
                                choices=[("open", "可以开放"), ("part", "部分开放"), ("closed", "延期开放")],
                                max_length=8,
                            ),
                        ),
                        ("level", models.CharField(max_length=12)),
                        ("opinion_ct", models.BinaryField(default=bytes)),
                        ("reviewed_at", models.DateTimeField(null=True)),
                        ("packed_version", models.PositiveIntegerField(null=True)),
                        ("left_at", models.DateTimeField(null=True)),
                        ("deferred_until", models.DateField(null=True)),
                        ("deferral_no", models.CharField(blank=True, max_length=80)),
                        (
                            "batch",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="files",
                                to="carriers.archivebatch",
                            ),
                        ),
                        (
                            "matter",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="archived",
                                to="matters.matter",
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
                    ],
                    options={
                        "indexes": [models.Index(fields=["batch", "order"], name="carriers_ar_batch_i_c10ef3_idx")],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("left_at__isnull", True)),
                                fields=("matter",),
                                name="archived_in_one_batch",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Carrier",
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
                        ("copy_no", models.PositiveIntegerField()),
                        ("form", models.CharField(default="electronic", max_length=12)),
                        ("mark", models.CharField(max_length=120)),
                        ("old_mark", models.CharField(blank=True, max_length=120)),
                        ("remark_due", models.BooleanField(default=False)),
                        ("created_at", models.DateTimeField()),
                        ("state", models.CharField(default="registered", max_length=12)),
                        ("place", models.CharField(blank=True, max_length=80)),
                        ("due_on", models.DateField(null=True)),
                        ("return_by", models.DateField(null=True)),
                        (
                            "file",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="matters.matterfile",
                            ),
                        ),
                        (
                            "holder",
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
                                related_name="carriers",
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
                            "parent",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="children",
                                to="carriers.carrier",
                            ),
                        ),
                        (
                            "destruction",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="carriers",
                                to="carriers.destruction",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["-created_at", "copy_no"], name="carriers_ca_created_0a1e2a_idx"),
                            models.Index(fields=["state", "due_on"], name="carriers_ca_state_0e4642_idx"),
                            models.Index(fields=["holder", "state"], name="carriers_ca_holder__de1195_idx"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CarrierEvent",
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
                        ("act", models.CharField(max_length=40)),
                        ("at", models.DateTimeField()),
                        ("state", models.CharField(max_length=12)),
                        ("place", models.CharField(blank=True, max_length=80)),
                        ("due_on", models.DateField(null=True)),
                        ("document_no", models.CharField(blank=True, max_length=80)),
                        ("told", models.JSONField(default=dict)),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organs.person"
                            ),
                        ),
                        (
                            "carrier",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="events",
                                to="carriers.carrier",
                            ),
                        ),
                        (
                            "holder",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="organs.person",
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
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("carrier", "number"), name="carrier_event_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Destruction",
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
                        ("method", models.CharField(max_length=20)),
                        ("facility", models.CharField(max_length=120)),
                        ("with_own_equipment", models.BooleanField(default=False)),
                        ("state", models.CharField(default="proposed", max_length=12)),
                        ("proposed_at", models.DateTimeField()),
                        ("answered_at", models.DateTimeField(null=True)),
                        ("document_no", models.CharField(blank=True, max_length=80)),
                        ("done_at", models.DateTimeField(null=True)),
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
                            "done_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="organs.person",
                            ),
                        ),
                        (
                            "proposed_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organs.person"
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("year", "number"), name="destruction_number_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DestructionCount",
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
                        ("counted", models.PositiveIntegerField()),
                        ("at", models.DateTimeField()),
                        (
                            "destruction",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="counts",
                                to="carriers.destruction",
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
                        "constraints": [
                            models.UniqueConstraint(fields=("destruction", "person"), name="destruction_counted_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StockTake",
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
                        ("opened_at", models.DateTimeField()),
                        ("expected", models.PositiveIntegerField(default=0)),
                        ("closed_at", models.DateTimeField(null=True)),
                        ("incident", models.UUIDField(null=True)),
                        (
                            "closed_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="organs.person",
                            ),
                        ),
                        (
                            "opened_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organs.person"
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("year", "number"), name="stock_take_number_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Sighting",
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
                        ("at", models.DateTimeField()),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organs.person"
                            ),
                        ),
                        (
                            "carrier",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="sightings",
                                to="carriers.carrier",
                            ),
                        ),
                        (
                            "take",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="sightings",
                                to="carriers.stocktake",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("take", "carrier"), name="seen_once_a_count")],
                    },
                ),
            ]
        )
    ]
