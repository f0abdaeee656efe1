"""The security timeline."""

import django.db.models.deletion
import ogc.clock
import ogc.db.fields
import ogc.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_address_proofs'),
    ]

    operations = [
        migrations.CreateModel(
            name='Activity',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', ogc.db.fields.PublicIdField(default=ogc.ids.uuid7, editable=False, max_length=36, unique=True)),
                ('created_at', models.DateTimeField(default=ogc.clock.now, editable=False)),
                ('kind', models.CharField(choices=[('login', 'Login'), ('new_device', 'New Device'), ('locked', 'Locked'), ('refresh_reused', 'Refresh Reused'), ('session_ended', 'Session Ended'), ('sessions_ended', 'Sessions Ended'), ('step_up', 'Step Up'), ('password_changed', 'Password Changed'), ('password_reset', 'Password Reset'), ('email_change_asked', 'Email Change Asked'), ('email_changed', 'Email Changed'), ('totp_added', 'Totp Added'), ('totp_removed', 'Totp Removed'), ('recovery_code_used', 'Recovery Code Used'), ('recovery_codes_made', 'Recovery Codes Made'), ('passkey_added', 'Passkey Added'), ('passkey_removed', 'Passkey Removed'), ('passkey_cloned', 'Passkey Cloned'), ('factors_cleared', 'Factors Cleared'), ('address_linked', 'Address Linked'), ('address_unlinked', 'Address Unlinked'), ('denied', 'Denied')], max_length=20)),
                ('ip', models.GenericIPAddressField(blank=True, null=True)),
                ('device', models.CharField(blank=True, max_length=80)),
                ('details', models.JSONField(default=dict)),
                ('denied_at', models.DateTimeField(blank=True, null=True)),
                ('session', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='activities', to='accounts.session')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='activities', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'activities',
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['user', '-id'], name='accounts_activity_line'), models.Index(fields=['created_at'], name='accounts_activity_age')],
            },
        ),
        migrations.AddField(
            model_name='mailtoken',
            name='activity',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='mail_token', to='accounts.activity'),
        ),
    ]
