"""Copies and what happened to them under row security, like the matters that they belong to (SR-20); written once (SR-58)."""

from django.db import migrations

from dingmi.records.ledger.triggers import append_only
from dingmi.records.matters.row_security import guarded
from dingmi.records.ledger.tables import Whole


class Migration(Whole):
    replaces = [("carriers", name) for name in "0004_row_security".split()]  # data directories made before 0.1.0
    dependencies = [("carriers", "0001_tables"), ("matters", "0002_guards")]
    operations = [
        migrations.RunPython(
            append_only(
                ("carriers_carrierevent", "id", False),
                ("carriers_destructioncount", "id", False),
                ("carriers_sighting", "id", False),
            )
        ),
        migrations.RunPython(guarded("carriers_carrier", "carriers_carrierevent", "carriers_sighting")),
    ]
