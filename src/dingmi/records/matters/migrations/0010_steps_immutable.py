"""What was said and decided in a challenge is written once (SR-58)."""

from django.db import migrations

from dingmi.records.ledger.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [("matters", "0009_disputes"), ("ledger", "0002_append_only")]
    operations = [migrations.RunPython(append_only(("matters_challengestep", "id", False)))]
