# Imprints are sealed as they are and no longer as text: those kept so far go, and the next round takes them anew (ADR 0053).
from django.db import migrations

from dingmi.records.ledger.tables import Whole


def forget(apps, schema_editor):
    apps.get_model("matters", "KeptImprint").objects.all().delete()


class Migration(Whole):

    dependencies = [
        ('matters', '0007_kept_imprints'),
    ]

    operations = [
        migrations.RunPython(forget, migrations.RunPython.noop),
    ]
