from django.db import migrations, models


class Migration(migrations.Migration):

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
