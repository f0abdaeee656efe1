"""The one statement behind a page of a wallet's history.

What a wallet gave and what it received are two index ranges, each walked from where the page starts and cut
at its size; the database merges them, then looks up the rows, the other party, the caller's entries, and the
balance after each of them (`running_sql`). So a page costs the same at any depth. The ORM can't say a union
of limited parts on SQLite, hence SQL. Instants are read as text, since they go out as text.
"""

from functools import lru_cache

from wallets.selectors.running_sql import RUNNING_BALANCE, RUNNING_JOINS

_CONDITIONS = {
    "type": "t.type = %(type)s",
    "status": "t.status = %(status)s",
    "since": "t.created_at >= %(since)s",
    "until": "t.created_at < %(until)s",
    "older": "t.created_at <= %(at)s AND (t.created_at < %(at)s OR t.id < %(pk)s)",
    "newer": "t.created_at >= %(at)s AND (t.created_at > %(at)s OR t.id > %(pk)s)",
    "one": "t.public_id = %(transaction_id)s",
}
_OWN_COLUMN = {"out": "sender_id", "in": "recipient_id"}

_OWN_ENTRIES = """
        LEFT JOIN wallets_entry entry ON entry.posting_id = posting.id
            AND entry.account_id IN (%(account0)s, %(account1)s, %(account2)s, %(account3)s)
"""
_ENTRIES_OF_TELLER = """
        LEFT JOIN wallets_wallet teller
            ON teller.id = CASE page.direction WHEN 'out' THEN t.sender_id ELSE t.recipient_id END
        LEFT JOIN wallets_ledgeraccount own ON own.wallet_id = teller.id
        LEFT JOIN wallets_entry entry ON entry.posting_id = posting.id AND entry.account_id = own.id
"""


@lru_cache(maxsize=1024)
def history_sql(
    vendor: str, sides: tuple[str, ...], conditions: frozenset[str], limit: int, *, is_backward: bool
) -> str:
    """SQL of a page: rows of pk, public_id, type, status, amount, memo, reference, created_at, completed_at,
    direction, party's id and name, account's row number, entry's amount, balance after it.

    One row for each entry of the caller's accounts, or one with empty entry columns. Named parameters:
    `wallet` and `account0` to `account3` (row numbers of the caller's), and those of the conditions.

    Args:
        vendor: of the database.
        sides: `out` (given), `in` (received), or both.
        conditions: names in `_CONDITIONS`.
        limit: transactions on the page; what is cut is cut before anything is looked up.
        is_backward: oldest first.
    """
    order = "ASC" if is_backward else "DESC"
    # SQLite takes no parentheses around the parts of a union; MySQL needs them for their LIMIT.
    wrap = "SELECT * FROM ({})" if vendor == "sqlite" else "({})"
    parts = [wrap.format(_side_sql(side, conditions, limit, order)) for side in sides]
    page = f"{' UNION ALL '.join(parts)} ORDER BY created_at {order}, id {order} LIMIT {limit}"
    return _rows_sql(page, order, _OWN_ENTRIES, f"entry.account_id, entry.amount, {RUNNING_BALANCE}")


@lru_cache(maxsize=256)
def all_history_sql(conditions: frozenset[str], limit: int, *, is_backward: bool) -> str:
    """SQL of a page of everybody's transactions, each as its giver (without one: its receiver) sees it.

    Rows as of `history_sql`, but for the kind of the entry's account in place of its row number, and at the
    end the public id of the wallet that tells. Named parameters: those of the conditions.
    """
    order = "ASC" if is_backward else "DESC"
    where = " AND ".join(_CONDITIONS[name] for name in sorted(conditions)) or "1 = 1"
    page = (
        f"SELECT t.id, t.created_at, CASE WHEN t.sender_id IS NULL THEN 'in' ELSE 'out' END AS direction "  # nosec B608
        f"FROM wallets_transaction t WHERE {where} "
        f"ORDER BY t.created_at {order}, t.id {order} LIMIT {limit}"
    )
    kind = "CASE WHEN entry.id IS NULL THEN NULL ELSE own.kind END"
    return _rows_sql(
        page, order, _ENTRIES_OF_TELLER, f"{kind}, entry.amount, {RUNNING_BALANCE}, teller.public_id"
    )


def _side_sql(side: str, conditions: frozenset[str], limit: int, order: str) -> str:
    own = [f"t.{_OWN_COLUMN[side]} = %(wallet)s"]
    # Only our own words stand in the text, values are bound.
    return (
        f"SELECT t.id, t.created_at, '{side}' AS direction FROM wallets_transaction t "  # nosec B608
        f"WHERE {' AND '.join(own + [_CONDITIONS[name] for name in sorted(conditions)])} "
        f"ORDER BY t.created_at {order}, t.id {order} LIMIT {limit}"
    )


def _rows_sql(page: str, order: str, entries: str, columns: str) -> str:
    return f"""
        SELECT t.id, t.public_id, t.type, t.status, t.amount, t.memo, t.reference,
            CAST(t.created_at AS CHAR), CAST(t.completed_at AS CHAR), page.direction,
            party.public_id, party.name, {columns}
        FROM ({page}) AS page
        JOIN wallets_transaction t ON t.id = page.id
        LEFT JOIN wallets_wallet party_wallet
            ON party_wallet.id = CASE page.direction WHEN 'out' THEN t.recipient_id ELSE t.sender_id END
        LEFT JOIN accounts_user party ON party.id = party_wallet.user_id
        LEFT JOIN wallets_posting posting ON posting.transaction_id = page.id
        {entries}
        {RUNNING_JOINS}
        ORDER BY page.created_at {order}, page.id {order}, entry.id
    """  # nosec B608
