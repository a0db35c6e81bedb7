"""Files at rest and their keys."""

import dingmi.records.ledger.guard
from django.db import migrations, models

from dingmi.records.ledger.tables import CreateTables, Whole


class Migration(Whole):
    initial = True
    replaces = [
        ("vault", name) for name in "0001_initial 0002_sealed_files 0003_rotation 0004_destroyed".split()
    ]  # data directories made before 0.1.0

    dependencies = []

    operations = [
        CreateTables(
            [
                migrations.CreateModel(
                    name="KeyEpoch",
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
                        ("level", models.CharField(max_length=12)),
                        ("key_id", models.CharField(max_length=64)),
                        ("asked_by", models.UUIDField()),
                        ("asked_at", models.DateTimeField()),
                        ("made_by", models.UUIDField(null=True)),
                        ("made_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Rotation",
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
                        ("level", models.CharField(max_length=12)),
                        ("key_id", models.CharField(max_length=64)),
                        ("total", models.IntegerField()),
                        ("done", models.IntegerField(default=0)),
                        ("failed", models.IntegerField(default=0)),
                        ("cursor", models.UUIDField(null=True)),
                        ("started_at", models.DateTimeField()),
                        ("finished_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="SealedFile",
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
                        ("fid", models.CharField(max_length=32, unique=True)),
                        ("level", models.CharField(max_length=12)),
                        ("matter", models.UUIDField(null=True)),
                        ("sealed_by", models.UUIDField()),
                        ("size", models.BigIntegerField()),
                        ("header_digest", models.CharField(max_length=64)),
                        ("shred", models.BinaryField(max_length=64)),
                        ("created_at", models.DateTimeField()),
                        ("destroyed_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="StoredObject",
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
                        ("level", models.CharField(max_length=12)),
                        ("kind", models.CharField(max_length=16)),
                        ("media", models.CharField(max_length=12)),
                        ("size", models.BigIntegerField()),
                        ("path", models.CharField(max_length=200)),
                        ("fingerprint", models.CharField(max_length=64)),
                        ("header_digest", models.CharField(max_length=64)),
                        ("shred", models.BinaryField(max_length=64)),
                        ("created_at", models.DateTimeField()),
                        ("swept_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "indexes": [models.Index(fields=["level", "fingerprint"], name="vault_store_level_1be70b_idx")],
                    },
                ),
            ]
        )
    ]
