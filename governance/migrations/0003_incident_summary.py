"""What the platform itself says about an incident."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('governance', '0002_append_only'),
    ]

    operations = [
        migrations.AddField(
            model_name='incident',
            name='summary',
            field=models.CharField(blank=True, max_length=500),
        ),
    ]
