"""Mails that were asked for by address."""

import ogc.clock
import ogc.db.fields
import ogc.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0008_user_search'),
    ]

    operations = [
        migrations.CreateModel(
            name='MailRequest',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', ogc.db.fields.PublicIdField(default=ogc.ids.uuid7, editable=False, max_length=36, unique=True)),
                ('created_at', models.DateTimeField(default=ogc.clock.now, editable=False)),
                ('purpose', models.CharField(choices=[('verify_email', 'Verify Email'), ('reset_password', 'Reset Password'), ('change_email', 'Change Email'), ('deny_activity', 'Deny Activity')], max_length=16)),
                ('address_sealed', models.BinaryField()),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
    ]
