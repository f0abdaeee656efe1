"""What a session has proved, where mail tokens go, what accounts accepted."""

import django.db.models.deletion
import ogc.clock
import ogc.db.fields
import ogc.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_signing_keys'),
    ]

    operations = [
        migrations.AddField(
            model_name='mailtoken',
            name='email',
            field=ogc.db.fields.ExactCharField(blank=True, max_length=254),
        ),
        migrations.AddField(
            model_name='session',
            name='device',
            field=models.CharField(blank=True, max_length=80),
        ),
        migrations.AddField(
            model_name='session',
            name='method',
            field=models.CharField(choices=[('password', 'Password'), ('passkey', 'Passkey'), ('wallet', 'Wallet')], default='password', max_length=8),
        ),
        migrations.AddField(
            model_name='session',
            name='mfa_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='session',
            name='network',
            field=models.CharField(blank=True, max_length=43),
        ),
        migrations.AddField(
            model_name='session',
            name='stepped_up_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='user',
            name='closed_at',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='user',
            name='terms_accepted_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name='mailtoken',
            name='purpose',
            field=models.CharField(choices=[('verify_email', 'Verify Email'), ('reset_password', 'Reset Password'), ('change_email', 'Change Email'), ('deny_activity', 'Deny Activity')], max_length=16),
        ),
        migrations.AlterField(
            model_name='session',
            name='end_reason',
            field=models.CharField(blank=True, choices=[('logout', 'Logout'), ('logout_all', 'Logout All'), ('staff', 'Staff'), ('suspended', 'Suspended'), ('refresh_reuse', 'Reuse'), ('revoked', 'Revoked'), ('password', 'Password'), ('email', 'Email'), ('denied', 'Denied'), ('closed', 'Closed')], max_length=16),
        ),
        migrations.AlterField(
            model_name='session',
            name='transport',
            field=models.CharField(choices=[('cookie', 'Cookie'), ('body', 'Body'), ('admin', 'Admin')], max_length=6),
        ),
    ]
