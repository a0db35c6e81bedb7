# Imprints are taken under a key that stays when the highest level is closed: those kept so far go, the next rounds take them anew.
from django.db import migrations

from dingmi.records.ledger.tables import Whole


def forget(apps, schema_editor):
    apps.get_model("matters", "KeptImprint").objects.all().delete()


class Migration(Whole):

    dependencies = [
        ('matters', '0008_imprints_as_they_are'),
    ]

    operations = [
        migrations.RunPython(forget, migrations.RunPython.noop),
    ]
