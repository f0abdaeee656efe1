"""An entry that is written under lock folds what waits beside its lazy account, before it counts itself.

So whoever takes from a lazy account needs no statements of its own to fold.
"""

from importlib import import_module

from django.db import migrations

from ogc.db.triggers import CreateTrigger, DropTrigger

BEFORE = import_module("wallets.migrations.0007_lazy_accounts").ENTRY_MAKES_BALANCE
NOT_ITS_ACCOUNT = "wallets_entry names an unknown account, or not the section that is open"

# Read without waiting for credits that are not committed. On MySQL a plain SELECT does that, and SKIP LOCKED is
# without effect in a trigger; on MariaDB it is the other way round with some binary log formats, hence the words that
# only MariaDB reads. With a second SELECT of this table in the trigger MariaDB waited after all. Indexes are named, as a
# scan would come across the rows of other accounts.
WAITING = """
    SELECT entry_id FROM wallets_unfoldedentry FORCE INDEX (wallets_unfoldedentry_account_id_9b122e46)
    WHERE account_id = NEW.account_id ORDER BY entry_id /*M! FOR UPDATE SKIP LOCKED */
"""

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
        DELETE FROM wallets_unfoldedentry
            WHERE account_id = NEW.account_id AND NEW.section IS NULL AND NOT NEW.unfolded;
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
        DECLARE waiting_id BIGINT;
        DECLARE waits BOOLEAN DEFAULT TRUE;
        DECLARE waiting CURSOR FOR {WAITING};
        DECLARE CONTINUE HANDLER FOR NOT FOUND SET waits = FALSE;
        IF NEW.unfolded THEN
            IF NEW.section IS NOT NULL THEN
                SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{NOT_ITS_ACCOUNT}';
            END IF;
            INSERT INTO wallets_unfoldedentry (entry_id, account_id, amount)
                VALUES (NEW.id, NEW.account_id, NEW.amount);
        ELSE
            IF NEW.section IS NULL THEN
                OPEN waiting;
                FETCH waiting INTO waiting_id;
                WHILE waits DO
                    DELETE u FROM wallets_unfoldedentry u FORCE INDEX (PRIMARY) WHERE u.entry_id = waiting_id;
                    FETCH waiting INTO waiting_id;
                END WHILE;
                CLOSE waiting;
            END IF;
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


class Migration(migrations.Migration):

    dependencies = [("wallets", "0009_outflow_trigger")]

    operations = [DropTrigger(**BEFORE.deconstruct()[2]), ENTRY_MAKES_BALANCE]
