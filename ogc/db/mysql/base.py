"""The database wrapper: transactions begin with BEGIN instead of switching autocommit off and on again."""

from django.db.backends.mysql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """Django switches autocommit off and on around each transaction: two round trips; BEGIN is one."""

    def _start_transaction_under_autocommit(self) -> None:
        self.cursor().execute("BEGIN")
