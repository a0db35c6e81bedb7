"""What a draft read like before is written once (SR-58)."""

from django.db import migrations

from dingmi.records.ledger.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [("matters", "0004_points_and_comments"), ("ledger", "0002_append_only")]
    operations = [migrations.RunPython(append_only(("matters_earliertext", "id", False)))]
