"""The database itself refuses changes of history: audit records, seals, policy versions, votes on proposals."""

from django.db import migrations

from ogc.db.triggers import append_only

TABLES = (
    "governance_auditrecord",
    "governance_auditseal",
    "governance_policyversion",
    "governance_proposalvote",
)


class Migration(migrations.Migration):
    dependencies = [("governance", "0001_initial")]
    operations = [operation for table in TABLES for operation in append_only(table)]
