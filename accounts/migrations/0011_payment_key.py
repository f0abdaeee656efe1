"""The key of a payment fits into the ledger, with a word before it."""

from django.db import migrations

import ogc.db.fields


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0010_lock_notices'),
    ]

    operations = [
        migrations.AlterField(
            model_name='payment',
            name='source_key',
            field=ogc.db.fields.ExactCharField(max_length=140, unique=True),
        ),
    ]
