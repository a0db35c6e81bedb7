from django.db import migrations, models

from dingmi.records.ledger.tables import Whole


class Migration(Whole):

    dependencies = [
        ('oversight', '0003_sweep_places'),
    ]

    operations = [
        migrations.AddField(
            model_name='fileentry',
            name='details',
            field=models.JSONField(default=dict),
        ),
    ]
