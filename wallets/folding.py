"""Folding: what waits beside the balances of lazy accounts goes into them.

Deleting a row of `UnfoldedEntry` is the fold: a trigger adds its amount to the balance. An entry that is
written under its account's lock folds all that waits there, inside the database (migration 0010); the job
folds what no such entry does. Neither waits for credits that are not committed yet.
"""

from typing import Any

from django.db import connection
from django.db.models import BigIntegerField, Func

from wallets.constants import FOLD_MAX
from wallets.models import UnfoldedEntry

# Indexes are named: a scan, which a small table invites, locks rows of other accounts for a moment. It would
# wait for what others just wrote, or make them skip what is committed.
_DELETE_FROM = {
    "mysql": "DELETE u FROM wallets_unfoldedentry u FORCE INDEX (PRIMARY) WHERE u.entry_id IN",
    "sqlite": "DELETE FROM wallets_unfoldedentry WHERE entry_id IN",
}
_SUM_COMMITTED = (
    "(SELECT SUM(amount) FROM wallets_unfoldedentry "
    "FORCE INDEX (wallets_unfoldedentry_account_id_9b122e46) "
    "WHERE account_id = %(expressions)s FOR UPDATE SKIP LOCKED)"
)


class Waiting(Func):
    """What is committed and waits beside the balance of an account, NULL when nothing does.

    Select it in the statement that locks the account's row: it is read after that, as of then and not as of
    the statement's start, and the next entry under this lock folds all of it.
    """

    template = "(SELECT SUM(amount) FROM wallets_unfoldedentry WHERE account_id = %(expressions)s)"
    output_field = BigIntegerField()

    def as_mysql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """A locking read is the one that sees what is committed now; it skips what is not."""
        template = _SUM_COMMITTED
        return super().as_sql(compiler, connection, template=template, **extra)


def unfolded_take(account_pk: int) -> int:
    """Fold at most 500 of the entries that wait beside an account whose row is locked, the oldest ones.

    Returns:
        How many.
    """
    waiting = UnfoldedEntry.objects.filter(account_id=account_pk).order_by("entry_id")
    entry_pks = list(waiting.values_list("entry_id", flat=True)[:FOLD_MAX])
    if entry_pks:
        slots = ", ".join(["%s"] * len(entry_pks))
        with connection.cursor() as cursor:
            # Only our own words stand in the text, values are bound.
            cursor.execute(f"{_DELETE_FROM[connection.vendor]} ({slots})", entry_pks)  # nosec B608
    return len(entry_pks)
