"""Nonces of EIP-4361."""

import django.db.models.deletion
import ogc.clock
import ogc.db.fields
import ogc.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_factors'),
    ]

    operations = [
        migrations.CreateModel(
            name='AddressNonce',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', ogc.db.fields.PublicIdField(default=ogc.ids.uuid7, editable=False, max_length=36, unique=True)),
                ('created_at', models.DateTimeField(default=ogc.clock.now, editable=False)),
                ('nonce', ogc.db.fields.ExactCharField(max_length=32, unique=True)),
                ('purpose', models.CharField(choices=[('login', 'Login'), ('link', 'Link')], max_length=5)),
                ('address', ogc.db.fields.ExactCharField(max_length=42)),
                ('expires_at', models.DateTimeField(db_index=True)),
                ('used_at', models.DateTimeField(blank=True, null=True)),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='address_nonces', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
    ]
