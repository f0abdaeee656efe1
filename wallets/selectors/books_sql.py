"""The one statement that opens the books of a wallet: where a moment falls among the entries of each account.

Checkpoints are halved until the section is found, inside the database: two index look-ups for each halving,
whose number is the logarithm of the history's length. The ORM can't say a recursive query, hence SQL.
"""

from functools import cache

from wallets.constants import SECTION_ENTRIES

_DIVIDE = {"mysql": "DIV", "sqlite": "/"}
_INSTANT = {"mysql": "CAST(%({})s AS DATETIME(6))", "sqlite": "%({})s"}


@cache
def books_sql(vendor: str) -> str:
    """SQL of the accounts of a user's wallet: rows of row number, wallet's row number, kind, lazy, balance,
    entry count, first, end and the sum before first.

    `first` is the latest section that starts before `early`, `end` the latest that starts before `late`; 0
    where none does. Named parameters: `user_id`, `early`, `late` (instants as the database takes them).
    """
    divide = _DIVIDE[vendor]
    early, late = (_INSTANT[vendor].format(name) for name in ("early", "late"))
    middle = f"((search.low + search.high + 1) {divide} 2)"
    is_before = f"posting.created_at < CASE search.side WHEN 0 THEN {early} ELSE {late} END"
    return f"""
        WITH RECURSIVE search (account_id, side, low, high) AS (
            SELECT a.id, sides.side, 0,
                CASE WHEN a.entry_count > 0 THEN (a.entry_count - 1) {divide} {SECTION_ENTRIES} ELSE 0 END
            FROM accounts_user u
            JOIN wallets_wallet w ON w.user_id = u.id
            JOIN wallets_ledgeraccount a ON a.wallet_id = w.id
            CROSS JOIN (SELECT 0 AS side UNION ALL SELECT 1) AS sides
            WHERE u.public_id = %(user_id)s
            UNION ALL
            SELECT search.account_id, search.side,
                CASE WHEN {is_before} THEN {middle} ELSE search.low END,
                CASE WHEN {is_before} THEN search.high ELSE {middle} - 1 END
            FROM search
            LEFT JOIN wallets_checkpoint checkpoint
                ON checkpoint.account_id = search.account_id AND checkpoint.section = {middle}
            LEFT JOIN wallets_entry entry ON entry.id = checkpoint.entry_id
            LEFT JOIN wallets_posting posting ON posting.id = entry.posting_id
            WHERE search.low < search.high
        )
        SELECT a.id, a.wallet_id, a.kind, a.lazy, a.balance, a.entry_count, early.low, late.low,
            COALESCE(start.balance, 0)
        FROM search early
        JOIN search late ON late.account_id = early.account_id AND late.side = 1 AND late.low >= late.high
        JOIN wallets_ledgeraccount a ON a.id = early.account_id
        LEFT JOIN wallets_checkpoint start ON start.account_id = a.id AND start.section = early.low
        WHERE early.side = 0 AND early.low >= early.high
        ORDER BY a.id
    """  # nosec B608
