"""Exports of personal data."""

import django.db.models.deletion
import ogc.clock
import ogc.db.fields
import ogc.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_activity'),
    ]

    operations = [
        migrations.CreateModel(
            name='DataExport',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', ogc.db.fields.PublicIdField(default=ogc.ids.uuid7, editable=False, max_length=36, unique=True)),
                ('created_at', models.DateTimeField(default=ogc.clock.now, editable=False)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('lease_until', models.DateTimeField(default=None, null=True)),
                ('next_attempt_at', models.DateTimeField(default=None, null=True)),
                ('last_error', models.TextField(blank=True, default='')),
                ('status', models.CharField(choices=[('queued', 'Queued'), ('ready', 'Ready'), ('failed', 'Failed'), ('expired', 'Expired')], default='queued', max_length=8)),
                ('file', models.FileField(blank=True, upload_to='exports/')),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='data_exports', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['user', '-id'], name='accounts_export_user'), models.Index(fields=['status', 'lease_until'], name='accounts_export_due')],
            },
        ),
    ]
