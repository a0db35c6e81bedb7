"""Copies and what happened to them under row security, like the matters that they belong to (SR-20); written once (SR-58)."""

from django.db import migrations

from dingmi.records.ledger.triggers import append_only
from dingmi.records.matters.row_security import guarded


class Migration(migrations.Migration):
    dependencies = [("carriers", "0003_life"), ("matters", "0027_row_security"), ("ledger", "0002_append_only")]
    operations = [
        migrations.RunPython(
            append_only(
                ("carriers_carrierevent", "id", False),
                ("carriers_destructioncount", "id", False),
                ("carriers_sighting", "id", False),
            ),
            migrations.RunPython.noop,
        ),
        migrations.RunPython(
            guarded("carriers_carrier", "carriers_carrierevent", "carriers_sighting"), migrations.RunPython.noop
        )
    ]
