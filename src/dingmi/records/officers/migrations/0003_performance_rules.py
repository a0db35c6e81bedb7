from django.db import migrations, models

import dingmi.records.ledger.guard
from dingmi.records.ledger.tables import Whole


class Migration(Whole):

    dependencies = [
        ('officers', '0002_topics'),
    ]

    operations = [
        migrations.CreateModel(
            name='PerformanceRules',
            fields=[
                ('id', models.UUIDField(default=dingmi.records.ledger.guard.new_id, editable=False, primary_key=True, serialize=False)),
                ('year', models.PositiveSmallIntegerField()),
                ('version', models.CharField(max_length=20, unique=True)),
                ('rules', models.JSONField()),
                ('set_by', models.UUIDField()),
                ('set_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['year', 'set_at'], name='officers_pe_year_a17949_idx')],
            },
        ),
    ]
