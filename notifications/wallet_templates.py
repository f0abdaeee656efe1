"""The seeded templates about money that staff are told of."""

from notifications.constants import NotificationType
from notifications.seeding import plain

LEDGER_WRONG = "wallets.ledger_wrong"

WALLET_TEMPLATES = (
    plain(
        LEDGER_WRONG,
        NotificationType.GOVERNANCE,
        "The ledger does not add up",
        "The check of the ledger found rules that do not hold: {{ checks }}. The report in the admin site "
        "names what is wrong.",
        "the check of the ledger found rules that do not hold: {{ checks }}.",
        "The report in the admin site names the accounts and transactions. `manage.py reconcile` looks "
        "again.",
        variables=frozenset({"checks"}),
    ),
)
