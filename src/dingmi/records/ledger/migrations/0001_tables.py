"""The log, its order, its edge and its checkpoints."""

import dingmi.records.ledger.guard
from django.db import migrations, models

from dingmi.records.ledger.tables import CreateTables, Whole


class Migration(Whole):
    initial = True
    replaces = [
        ("ledger", name) for name in "0001_initial 0003_changed_root".split()
    ]  # data directories made before 0.1.0

    dependencies = []

    operations = [
        CreateTables(
            [
                migrations.CreateModel(
                    name="Checkpoint",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("size", models.BigIntegerField()),
                        ("root", models.BinaryField(max_length=32)),
                        ("note", models.TextField()),
                        ("signature", models.BinaryField(default=bytes)),
                        ("key_id", models.CharField(blank=True, max_length=80)),
                        ("at", models.DateTimeField()),
                    ],
                    options={
                        "db_table": "ledger_checkpoint",
                    },
                ),
                migrations.CreateModel(
                    name="Frontier",
                    fields=[
                        ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                        ("size", models.BigIntegerField(default=0)),
                        ("hashes", models.BinaryField(default=bytes)),
                        ("high_water", models.DateTimeField(null=True)),
                        ("changed", models.BinaryField(default=bytes)),
                    ],
                    options={
                        "db_table": "ledger_frontier",
                    },
                ),
                migrations.CreateModel(
                    name="Sequence",
                    fields=[
                        ("seq", models.BigIntegerField(primary_key=True, serialize=False)),
                        ("entry_id", models.BigIntegerField(db_index=True)),
                    ],
                    options={
                        "db_table": "ledger_seq",
                    },
                ),
                migrations.CreateModel(
                    name="Entry",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("stream", models.CharField(max_length=80)),
                        ("stream_no", models.PositiveIntegerField()),
                        ("act", models.CharField(max_length=60)),
                        ("body", models.TextField()),
                        ("leaf", models.BinaryField(max_length=32)),
                        ("mac", models.BinaryField(max_length=32)),
                        ("at", models.DateTimeField()),
                    ],
                    options={
                        "db_table": "ledger_entry",
                        "indexes": [
                            models.Index(fields=["stream", "stream_no"], name="ledger_entr_stream_e954e4_idx"),
                            models.Index(fields=["act", "id"], name="ledger_entr_act_6ab31a_idx"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Receipt",
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
                        ("account", models.CharField(max_length=40)),
                        ("key", models.CharField(max_length=120)),
                        ("act", models.CharField(max_length=60)),
                        ("params_digest", models.CharField(max_length=64)),
                        ("outcome", models.JSONField()),
                        ("at", models.DateTimeField()),
                    ],
                    options={
                        "db_table": "ledger_receipt",
                        "constraints": [models.UniqueConstraint(fields=("account", "key"), name="receipt_once")],
                    },
                ),
            ]
        )
    ]
