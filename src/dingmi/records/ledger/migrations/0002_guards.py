"""Entries, their sequence and the checkpoints are append-only in the database itself."""

from django.db import migrations

from dingmi.records.ledger.triggers import append_only
from dingmi.records.ledger.tables import Whole


class Migration(Whole):
    replaces = [("ledger", name) for name in "0002_append_only".split()]  # data directories made before 0.1.0
    dependencies = [("ledger", "0001_tables")]
    operations = [
        migrations.RunPython(
            append_only(("ledger_entry", "id", True), ("ledger_seq", "seq", False), ("ledger_checkpoint", "id", False))
        )
    ]
