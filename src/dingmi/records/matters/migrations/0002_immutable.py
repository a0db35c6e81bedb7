"""Proposals, suggestions and decisions are written once; the database refuses to edit or remove them (SR-58)."""

from django.db import migrations

from dingmi.records.ledger.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [("matters", "0001_initial"), ("ledger", "0002_append_only")]
    operations = [
        migrations.RunPython(
            append_only(
                ("matters_proposal", "id", False),
                ("matters_decision", "id", False),
                ("matters_suggestion", "id", False),
            )
        )
    ]
