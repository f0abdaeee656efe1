"""What a transaction says was moved, by whom and to whom never changes; its status and its notes do."""

from django.db import migrations

from ogc.db.triggers import CreateTrigger

MESSAGE = "wallets_transaction: what was moved never changes"
SQLITE = """
    NEW.public_id <> OLD.public_id OR NEW.type <> OLD.type OR NEW.amount <> OLD.amount
    OR NEW.sender_id IS NOT OLD.sender_id OR NEW.recipient_id IS NOT OLD.recipient_id
"""
MYSQL = """
    NEW.public_id <> OLD.public_id OR NEW.type <> OLD.type OR NEW.amount <> OLD.amount
    OR NOT NEW.sender_id <=> OLD.sender_id OR NOT NEW.recipient_id <=> OLD.recipient_id
"""


class Migration(migrations.Migration):

    dependencies = [("wallets", "0004_wallet_freeze_cause")]

    operations = [
        CreateTrigger(
            name="wallets_transaction_facts",
            table="wallets_transaction",
            when="BEFORE UPDATE",
            sqlite=f"SELECT RAISE(ABORT, '{MESSAGE}') WHERE {SQLITE};",
            mysql=f"IF {MYSQL} THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{MESSAGE}'; END IF;",
        )
    ]
