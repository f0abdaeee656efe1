"""The balance of an account after an entry, in SQL: the sum before its section (an equality) plus at most 16
entries of the section, the same at any depth.

An entry of a lazy account has its section in `FoldedEntry`; while it waits to be folded, the balance after it
is the row plus what waits up to it. Entries of a section are added by row number: docs/ledger.md says why.
"""

RUNNING_JOINS = """
    LEFT JOIN wallets_foldedentry folded
        ON folded.entry_id = CASE WHEN entry.section IS NULL THEN entry.id END
    LEFT JOIN wallets_checkpoint checkpoint
        ON checkpoint.account_id = entry.account_id
        AND checkpoint.section = COALESCE(entry.section, folded.section)
"""
"""Joins to a table of entries that is called `entry`, needed by `RUNNING_BALANCE`."""

RUNNING_BALANCE = """
    CASE WHEN entry.section IS NULL AND folded.section IS NULL THEN (
        SELECT a.balance + COALESCE((
            SELECT SUM(waiting.amount) FROM wallets_unfoldedentry waiting
            WHERE waiting.account_id = entry.account_id AND waiting.entry_id <= entry.id
        ), 0) FROM wallets_ledgeraccount a WHERE a.id = entry.account_id
    ) ELSE COALESCE(checkpoint.balance, 0) + COALESCE((
        SELECT SUM(earlier.amount) FROM wallets_entry earlier
        WHERE earlier.account_id = entry.account_id
            AND earlier.section = COALESCE(entry.section, folded.section)
            AND earlier.id <= entry.id
    ), 0) + CASE WHEN entry.section IS NULL THEN (
        SELECT SUM(earlier.amount) FROM wallets_foldedentry earlier
        WHERE earlier.account_id = entry.account_id AND earlier.section = folded.section
            AND earlier.entry_id <= entry.id
    ) ELSE 0 END END
"""
"""One column; NULL where `entry` is."""
