from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('oversight', '0002_row_security'),
    ]

    operations = [
        migrations.AddField(
            model_name='fileentry',
            name='details',
            field=models.JSONField(default=dict),
        ),
    ]
