"""What the system administrator opened and the security administrator has yet to confirm (SR-32)."""

import dingmi.records.ledger.guard
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from dingmi.records.ledger.tables import Whole


class Migration(Whole):

    dependencies = [
        ('organs', '0003_travel'),
    ]

    operations = [
        migrations.CreateModel(
            name='Opening',
            fields=[
                ('id', models.UUIDField(default=dingmi.records.ledger.guard.new_id, editable=False, primary_key=True, serialize=False)),
                ('opened_by', models.UUIDField()),
                ('opened_at', models.DateTimeField()),
                ('confirmed_by', models.UUIDField(null=True)),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('code', models.CharField(blank=True, max_length=64)),
                ('account', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='opening', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
            },
        ),
    ]
