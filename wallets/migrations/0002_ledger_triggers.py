"""What the database itself keeps true of the ledger: entries make balances, and nothing is rewritten."""

from django.db import migrations

from ogc.db.triggers import CreateTrigger, append_only

NOT_ITS_ACCOUNT = "wallets_entry names an unknown account, or not the section that is open"
NOT_BY_ENTRY = "wallets_ledgeraccount: a balance changes by an entry only, key and kind never"
NOT_EMPTY = "wallets_ledgeraccount: an account opens with nothing"

ENTRY_MAKES_BALANCE = CreateTrigger(
    name="wallets_entry_makes_balance",
    table="wallets_entry",
    when="AFTER INSERT",
    sqlite=f"""
        SELECT RAISE(ABORT, '{NOT_ITS_ACCOUNT}') WHERE NOT EXISTS (
            SELECT 1 FROM wallets_ledgeraccount
            WHERE id = NEW.account_id AND (lazy OR entry_count / 16 IS NEW.section)
        );
        INSERT INTO wallets_unfoldedentry (entry_id, account_id, amount)
            SELECT NEW.id, NEW.account_id, NEW.amount WHERE NEW.unfolded;
        UPDATE wallets_ledgeraccount
            SET balance = balance + NEW.amount, entry_count = entry_count + 1
            WHERE id = NEW.account_id AND NOT NEW.unfolded;
        INSERT INTO wallets_checkpoint (account_id, section, entry_id, balance)
            SELECT id, entry_count / 16, NEW.id, balance FROM wallets_ledgeraccount
            WHERE id = NEW.account_id AND NOT lazy AND entry_count % 16 = 0;
    """,
    mysql=f"""
        IF NEW.unfolded THEN
            INSERT INTO wallets_unfoldedentry (entry_id, account_id, amount)
                VALUES (NEW.id, NEW.account_id, NEW.amount);
        ELSE
            UPDATE wallets_ledgeraccount
                SET balance = balance + NEW.amount, entry_count = entry_count + 1
                WHERE id = NEW.account_id AND (lazy OR entry_count DIV 16 = NEW.section);
            IF ROW_COUNT() <> 1 THEN
                SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{NOT_ITS_ACCOUNT}';
            END IF;
            INSERT INTO wallets_checkpoint (account_id, section, entry_id, balance)
                SELECT id, entry_count DIV 16, NEW.id, balance FROM wallets_ledgeraccount
                WHERE id = NEW.account_id AND NOT lazy AND entry_count % 16 = 0;
        END IF;
    """,
)


def refuse(*, name: str, table: str, when: str, message: str, sqlite: str = "", mysql: str = "") -> CreateTrigger:
    """A trigger that refuses the statement, always or where the given condition holds."""
    signal = f"SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{message}';"
    return CreateTrigger(
        name=name,
        table=table,
        when=when,
        sqlite=f"SELECT RAISE(ABORT, '{message}')" + (f" WHERE {sqlite};" if sqlite else ";"),
        mysql=f"IF {mysql} THEN {signal} END IF;" if mysql else signal,
    )


class Migration(migrations.Migration):

    dependencies = [("wallets", "0001_initial")]

    operations = [
        ENTRY_MAKES_BALANCE,
        *append_only("wallets_posting"),
        *append_only("wallets_entry"),
        *append_only("wallets_checkpoint"),
        refuse(
            name="wallets_transaction_no_delete",
            table="wallets_transaction",
            when="BEFORE DELETE",
            message="wallets_transaction is never deleted from",
        ),
        refuse(
            name="wallets_ledgeraccount_no_delete",
            table="wallets_ledgeraccount",
            when="BEFORE DELETE",
            message="wallets_ledgeraccount is never deleted from",
        ),
        refuse(
            name="wallets_ledgeraccount_opens_empty",
            table="wallets_ledgeraccount",
            when="BEFORE INSERT",
            message=NOT_EMPTY,
            sqlite="NEW.balance <> 0 OR NEW.entry_count <> 0",
            mysql="NEW.balance <> 0 OR NEW.entry_count <> 0",
        ),
        refuse(
            name="wallets_ledgeraccount_by_entry",
            table="wallets_ledgeraccount",
            when="BEFORE UPDATE",
            message=NOT_BY_ENTRY,
            sqlite='(NEW.balance <> OLD.balance AND NEW.entry_count <= OLD.entry_count) OR NEW."key" <> OLD."key" OR NEW.kind <> OLD.kind',
            mysql="(NEW.balance <> OLD.balance AND NEW.entry_count <= OLD.entry_count) OR NEW.`key` <> OLD.`key` OR NEW.kind <> OLD.kind",
        ),
    ]
