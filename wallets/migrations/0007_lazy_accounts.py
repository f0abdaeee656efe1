"""Lazy accounts: what credits without a lock leaves behind is folded into the balance by the database.

An entry of a lazy account waits in `wallets_unfoldedentry`. Whoever deletes that row folds it: the trigger adds
it to the balance, numbers it off, and writes the checkpoint of a section that is full. Nothing else does.
"""

from importlib import import_module

from django.db import migrations

from ogc.db.triggers import CreateTrigger, DropTrigger, append_only

WALLET_KINDS = ("available", "pending", "staked", "reserved")
BEFORE = {one.name: one for one in import_module("wallets.migrations.0002_ledger_triggers").Migration.operations}
NOT_ITS_ACCOUNT = "wallets_entry names an unknown account, or not the section that is open"
NOT_THE_ENTRY = "wallets_unfoldedentry is not the entry that it stands for"

ENTRY_MAKES_BALANCE = CreateTrigger(
    name="wallets_entry_makes_balance",
    table="wallets_entry",
    when="AFTER INSERT",
    sqlite=f"""
        SELECT RAISE(ABORT, '{NOT_ITS_ACCOUNT}') WHERE NOT EXISTS (
            SELECT 1 FROM wallets_ledgeraccount WHERE id = NEW.account_id
                AND NEW.section IS CASE WHEN lazy THEN NULL ELSE entry_count / 16 END
                AND (lazy OR NOT NEW.unfolded)
        );
        INSERT INTO wallets_unfoldedentry (entry_id, account_id, amount)
            SELECT NEW.id, NEW.account_id, NEW.amount WHERE NEW.unfolded;
        INSERT INTO wallets_foldedentry (entry_id, account_id, section, amount)
            SELECT NEW.id, id, entry_count / 16, NEW.amount FROM wallets_ledgeraccount
            WHERE id = NEW.account_id AND NEW.section IS NULL AND NOT NEW.unfolded;
        UPDATE wallets_ledgeraccount
            SET balance = balance + NEW.amount, entry_count = entry_count + 1
            WHERE id = NEW.account_id AND NOT NEW.unfolded;
        INSERT INTO wallets_checkpoint (account_id, section, entry_id, balance)
            SELECT id, entry_count / 16, NEW.id, balance FROM wallets_ledgeraccount
            WHERE id = NEW.account_id AND NOT NEW.unfolded AND entry_count % 16 = 0;
    """,
    # An unfolded entry reads nothing of its account: with some binary log formats that would lock the row.
    mysql=f"""
        IF NEW.unfolded THEN
            IF NEW.section IS NOT NULL THEN
                SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{NOT_ITS_ACCOUNT}';
            END IF;
            INSERT INTO wallets_unfoldedentry (entry_id, account_id, amount)
                VALUES (NEW.id, NEW.account_id, NEW.amount);
        ELSE
            UPDATE wallets_ledgeraccount
                SET balance = balance + NEW.amount, entry_count = entry_count + 1
                WHERE id = NEW.account_id AND NEW.section <=> IF(lazy, NULL, entry_count DIV 16);
            IF ROW_COUNT() <> 1 THEN
                SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{NOT_ITS_ACCOUNT}';
            END IF;
            IF NEW.section IS NULL THEN
                INSERT INTO wallets_foldedentry (entry_id, account_id, section, amount)
                    SELECT NEW.id, id, (entry_count - 1) DIV 16, NEW.amount FROM wallets_ledgeraccount
                    WHERE id = NEW.account_id;
            END IF;
            INSERT INTO wallets_checkpoint (account_id, section, entry_id, balance)
                SELECT id, entry_count DIV 16, NEW.id, balance FROM wallets_ledgeraccount
                WHERE id = NEW.account_id AND entry_count % 16 = 0;
        END IF;
    """,
)

FOLD = CreateTrigger(
    name="wallets_unfoldedentry_fold",
    table="wallets_unfoldedentry",
    when="AFTER DELETE",
    sqlite=f"""
        SELECT RAISE(ABORT, '{NOT_THE_ENTRY}') WHERE NOT EXISTS (
            SELECT 1 FROM wallets_entry e JOIN wallets_ledgeraccount a ON a.id = e.account_id
            WHERE e.id = OLD.entry_id AND e.account_id = OLD.account_id AND e.amount = OLD.amount
                AND e.unfolded AND a.lazy
        );
        INSERT INTO wallets_foldedentry (entry_id, account_id, section, amount)
            SELECT OLD.entry_id, id, entry_count / 16, OLD.amount FROM wallets_ledgeraccount
            WHERE id = OLD.account_id;
        UPDATE wallets_ledgeraccount
            SET balance = balance + OLD.amount, entry_count = entry_count + 1
            WHERE id = OLD.account_id;
        INSERT INTO wallets_checkpoint (account_id, section, entry_id, balance)
            SELECT id, entry_count / 16, OLD.entry_id, balance FROM wallets_ledgeraccount
            WHERE id = OLD.account_id AND entry_count % 16 = 0;
    """,
    mysql=f"""
        UPDATE wallets_ledgeraccount
            SET balance = balance + OLD.amount, entry_count = entry_count + 1
            WHERE id = OLD.account_id AND lazy;
        INSERT INTO wallets_foldedentry (entry_id, account_id, section, amount)
            SELECT e.id, a.id, (a.entry_count - 1) DIV 16, e.amount
            FROM wallets_entry e JOIN wallets_ledgeraccount a ON a.id = e.account_id
            WHERE e.id = OLD.entry_id AND e.account_id = OLD.account_id AND e.amount = OLD.amount
                AND e.unfolded AND a.lazy;
        IF ROW_COUNT() <> 1 THEN
            SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{NOT_THE_ENTRY}';
        END IF;
        INSERT INTO wallets_checkpoint (account_id, section, entry_id, balance)
            SELECT id, entry_count DIV 16, OLD.entry_id, balance FROM wallets_ledgeraccount
            WHERE id = OLD.account_id AND entry_count % 16 = 0;
    """,
)

NOT_BY_ENTRY = "wallets_ledgeraccount: a balance changes by an entry only, key and kind never, lazy once"
BY_ENTRY = """
    (NEW.balance <> OLD.balance AND NEW.entry_count <= OLD.entry_count)
    OR NEW."key" <> OLD."key" OR NEW.kind <> OLD.kind OR (OLD.lazy AND NOT NEW.lazy)
"""
BY_ENTRY_MYSQL = BY_ENTRY.replace('"', "`")

STAYS_LAZY = CreateTrigger(
    name="wallets_ledgeraccount_by_entry",
    table="wallets_ledgeraccount",
    when="BEFORE UPDATE",
    sqlite=f"SELECT RAISE(ABORT, '{NOT_BY_ENTRY}') WHERE {BY_ENTRY};",
    mysql=f"IF {BY_ENTRY_MYSQL} THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{NOT_BY_ENTRY}'; END IF;",
)

NEVER_CHANGED = "wallets_unfoldedentry is written and folded, never changed"


def make_lazy(apps, schema_editor):
    """What everybody pays into or out of: the accounts of the platform and the escrows."""
    accounts = apps.get_model("wallets", "LedgerAccount").objects
    accounts.exclude(kind__in=WALLET_KINDS).update(lazy=True)


class Migration(migrations.Migration):

    dependencies = [("wallets", "0006_ledger_tables")]

    operations = [
        *(DropTrigger(**BEFORE[new.name].deconstruct()[2]) for new in (ENTRY_MAKES_BALANCE, STAYS_LAZY)),
        ENTRY_MAKES_BALANCE,
        STAYS_LAZY,
        FOLD,
        CreateTrigger(
            name="wallets_unfoldedentry_no_update",
            table="wallets_unfoldedentry",
            when="BEFORE UPDATE",
            sqlite=f"SELECT RAISE(ABORT, '{NEVER_CHANGED}');",
            mysql=f"SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{NEVER_CHANGED}';",
        ),
        *append_only("wallets_foldedentry"),
        migrations.RunPython(make_lazy, migrations.RunPython.noop),
    ]
