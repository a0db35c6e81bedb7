"""Guides, their editions and items."""

import dingmi.records.ledger.guard
import django.db.models.deletion
from django.db import migrations, models

from dingmi.records.ledger.tables import CreateTables, Whole


class Migration(Whole):
    initial = True
    replaces = [
        ("guides", name) for name in "0001_initial 0002_impact 0003_main_text".split()
    ]  # data directories made before 0.1.0

    dependencies = []

    operations = [
        CreateTables(
            [
                migrations.CreateModel(
                    name="Catalogue",
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
                        ("organ_id", models.UUIDField()),
                        ("version", models.PositiveIntegerField()),
                        ("state", models.CharField(max_length=12)),
                        ("approved_by", models.UUIDField(null=True)),
                        ("approved_at", models.DateTimeField(null=True)),
                        ("filed_on", models.DateField(null=True)),
                        ("filed_with", models.CharField(blank=True, max_length=120)),
                        ("receipt", models.CharField(blank=True, max_length=60)),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="GuideEdition",
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
                        ("code", models.CharField(max_length=40)),
                        ("title", models.CharField(max_length=200)),
                        ("owner", models.CharField(max_length=120)),
                        ("sector", models.CharField(blank=True, max_length=60)),
                        ("edition", models.CharField(max_length=40)),
                        ("level", models.CharField(blank=True, max_length=8)),
                        ("since", models.DateField()),
                        ("until", models.DateField(null=True)),
                        ("digest", models.CharField(max_length=64)),
                        ("imported_at", models.DateTimeField()),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="GuideItem",
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
                        ("number", models.CharField(max_length=20)),
                        ("text", models.TextField()),
                        ("level", models.CharField(max_length=8)),
                        ("tail", models.CharField(max_length=60)),
                        ("scope_rule", models.CharField(blank=True, max_length=200)),
                        ("origin_tier", models.CharField(blank=True, max_length=120)),
                        ("matter_code", models.CharField(max_length=40)),
                        ("conditions", models.JSONField(default=list)),
                        ("examples", models.JSONField(default=list)),
                        ("exceptions", models.JSONField(default=list)),
                        ("together", models.JSONField(default=dict)),
                        ("order", models.PositiveIntegerField()),
                        (
                            "edition",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="items",
                                to="guides.guideedition",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["edition", "order"], name="guides_guid_edition_97066d_idx")],
                    },
                ),
                migrations.CreateModel(
                    name="GuideFeedback",
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
                        ("person_id", models.UUIDField()),
                        ("kind", models.CharField(max_length=12)),
                        ("text", models.TextField()),
                        ("at", models.DateTimeField()),
                        ("sent_on", models.DateField(null=True)),
                        ("sent_number", models.CharField(blank=True, max_length=60)),
                        ("answered_on", models.DateField(null=True)),
                        ("answer", models.TextField(blank=True)),
                        (
                            "item",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="feedback",
                                to="guides.guideitem",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="CatalogueRow",
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
                        ("matter", models.CharField(max_length=300)),
                        ("level", models.CharField(max_length=8)),
                        ("tail", models.CharField(max_length=60)),
                        ("producing_unit", models.CharField(max_length=120)),
                        ("scope", models.CharField(max_length=300)),
                        ("carrier_form", models.CharField(blank=True, max_length=60)),
                        (
                            "catalogue",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="rows", to="guides.catalogue"
                            ),
                        ),
                        (
                            "item",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="catalogue_rows",
                                to="guides.guideitem",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="GuideText",
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
                        ("document_no", models.CharField(max_length=80)),
                        ("basis", models.TextField()),
                        ("basic_scope", models.TextField()),
                        ("relations", models.TextField()),
                        ("interpreter", models.CharField(max_length=120)),
                        ("effective_on", models.DateField()),
                        ("issuers", models.JSONField(default=list)),
                        ("signatories", models.JSONField(default=list)),
                        ("domain", models.CharField(default="civil", max_length=12)),
                        ("entered_by", models.UUIDField()),
                        ("at", models.DateTimeField()),
                        (
                            "edition",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="texts",
                                to="guides.guideedition",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("edition", "number"), name="guide_text_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Impact",
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
                        ("outcome", models.CharField(max_length=12)),
                        ("at", models.DateTimeField()),
                        (
                            "edition",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="impacts",
                                to="guides.guideedition",
                            ),
                        ),
                        (
                            "new_item",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="guides.guideitem",
                            ),
                        ),
                        (
                            "old_item",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="guides.guideitem"
                            ),
                        ),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("edition", "matter_id"), name="impact_once")],
                    },
                ),
            ]
        )
    ]
