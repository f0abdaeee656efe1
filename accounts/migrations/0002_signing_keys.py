"""Keys that sign access tokens."""

import django.db.models.deletion
import ogc.clock
import ogc.db.fields
import ogc.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_accounts'),
    ]

    operations = [
        migrations.CreateModel(
            name='SigningKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kid', ogc.db.fields.ExactCharField(max_length=43, unique=True)),
                ('public_key', ogc.db.fields.ExactCharField(max_length=43)),
                ('private_sealed', models.BinaryField(max_length=255)),
                ('created_at', models.DateTimeField(default=ogc.clock.now, editable=False)),
                ('signing_slot', models.PositiveSmallIntegerField(blank=True, null=True, unique=True)),
                ('accepted_until', models.DateTimeField(blank=True, null=True)),
                ('compromised_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
    ]
