"""Second factors."""

import django.db.models.deletion
import ogc.clock
import ogc.db.fields
import ogc.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_session_assurance'),
    ]

    operations = [
        migrations.CreateModel(
            name='MfaChallenge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token_hash', ogc.db.fields.ExactCharField(max_length=64, unique=True)),
                ('transport', models.CharField(choices=[('cookie', 'Cookie'), ('body', 'Body'), ('admin', 'Admin')], max_length=6)),
                ('method', models.CharField(choices=[('password', 'Password'), ('passkey', 'Passkey'), ('wallet', 'Wallet')], default='password', max_length=8)),
                ('expires_at', models.DateTimeField(db_index=True)),
                ('tries_count', models.PositiveSmallIntegerField(default=0)),
                ('used_at', models.DateTimeField(blank=True, null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='mfa_challenges', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='Passkey',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', ogc.db.fields.PublicIdField(default=ogc.ids.uuid7, editable=False, max_length=36, unique=True)),
                ('created_at', models.DateTimeField(default=ogc.clock.now, editable=False)),
                ('name', models.CharField(max_length=60)),
                ('credential_hash', ogc.db.fields.ExactCharField(max_length=64, unique=True)),
                ('credential_id', models.BinaryField(max_length=1023)),
                ('public_key', models.BinaryField(max_length=2048)),
                ('sign_count', models.PositiveBigIntegerField(default=0)),
                ('transports', models.JSONField(default=list)),
                ('is_backup_eligible', models.BooleanField(default=False)),
                ('is_backed_up', models.BooleanField(default=False)),
                ('last_used_at', models.DateTimeField(blank=True, null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='passkeys', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='PasskeyCeremony',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('challenge_hash', ogc.db.fields.ExactCharField(max_length=64, unique=True)),
                ('purpose', models.CharField(choices=[('register', 'Register'), ('login', 'Login'), ('mfa', 'Mfa'), ('step_up', 'Step Up')], max_length=8)),
                ('expires_at', models.DateTimeField(db_index=True)),
                ('used_at', models.DateTimeField(blank=True, null=True)),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='passkey_ceremonies', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='TotpDevice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seed_sealed', models.BinaryField(max_length=255)),
                ('created_at', models.DateTimeField(default=ogc.clock.now, editable=False)),
                ('confirmed_at', models.DateTimeField(blank=True, null=True)),
                ('last_step', models.BigIntegerField(default=0)),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='totp_device', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='RecoveryCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code_hash', ogc.db.fields.ExactCharField(max_length=64)),
                ('created_at', models.DateTimeField(default=ogc.clock.now, editable=False)),
                ('used_at', models.DateTimeField(blank=True, null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='recovery_codes', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-id'],
                'constraints': [models.UniqueConstraint(fields=('user', 'code_hash'), name='accounts_recoverycode_once')],
            },
        ),
    ]
