"""Each transfer is counted in the outflow of its sender by the database itself, so that none is missed."""

from django.db import migrations

from ogc.db.triggers import CreateTrigger


class Migration(migrations.Migration):

    dependencies = [("wallets", "0008_holds_and_rewards")]

    operations = [
        CreateTrigger(
            name="wallets_transaction_outflow",
            table="wallets_transaction",
            when="AFTER INSERT",
            sqlite="""
                INSERT INTO wallets_outflow
                        (wallet_id, hour, hour_amount, hour_count, day, day_amount, day_count)
                    SELECT NEW.sender_id, SUBSTR(NEW.created_at, 1, 13), NEW.amount, 1,
                        SUBSTR(NEW.created_at, 1, 10), NEW.amount, 1
                    WHERE NEW.type = 'transfer' AND NEW.sender_id IS NOT NULL
                    ON CONFLICT (wallet_id) DO UPDATE SET
                        hour_amount = excluded.hour_amount
                            + CASE hour WHEN excluded.hour THEN hour_amount ELSE 0 END,
                        hour_count = 1 + CASE hour WHEN excluded.hour THEN hour_count ELSE 0 END,
                        day_amount = excluded.day_amount
                            + CASE day WHEN excluded.day THEN day_amount ELSE 0 END,
                        day_count = 1 + CASE day WHEN excluded.day THEN day_count ELSE 0 END,
                        hour = excluded.hour, day = excluded.day;
            """,
            mysql="""
                IF NEW.type = 'transfer' AND NEW.sender_id IS NOT NULL THEN
                    INSERT INTO wallets_outflow
                            (wallet_id, hour, hour_amount, hour_count, day, day_amount, day_count)
                        VALUES (NEW.sender_id, LEFT(NEW.created_at, 13), NEW.amount, 1,
                            LEFT(NEW.created_at, 10), NEW.amount, 1)
                        ON DUPLICATE KEY UPDATE
                            hour_amount = NEW.amount + IF(hour = LEFT(NEW.created_at, 13), hour_amount, 0),
                            hour_count = 1 + IF(hour = LEFT(NEW.created_at, 13), hour_count, 0),
                            day_amount = NEW.amount + IF(day = LEFT(NEW.created_at, 10), day_amount, 0),
                            day_count = 1 + IF(day = LEFT(NEW.created_at, 10), day_count, 0),
                            hour = LEFT(NEW.created_at, 13), day = LEFT(NEW.created_at, 10);
                END IF;
            """,
        )
    ]
