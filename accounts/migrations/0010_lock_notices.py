"""Locks of logins are told by address too."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0009_mail_requests'),
    ]

    operations = [
        migrations.AlterField(
            model_name='mailrequest',
            name='purpose',
            field=models.CharField(choices=[('verify_email', 'Verify Email'), ('reset_password', 'Reset Password'), ('locked', 'Locked')], max_length=16),
        ),
    ]
