"""The seeded templates about what staff did with somebody's money, and about money that staff are told of."""

from notifications.constants import NotificationType
from notifications.seeding import plain

LEDGER_WRONG = "wallets.ledger_wrong"
ADJUSTED = "wallets.adjusted"
REWARD_GRANTED = "wallets.reward_granted"
REVERSED = "wallets.transaction_reversed"
FROZEN = "wallets.frozen"
UNFROZEN = "wallets.unfrozen"

_MISTAKE = "If you think that this is a mistake, write to us."

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
    plain(
        ADJUSTED,
        NotificationType.WALLET,
        "{{ amount }} OGC were {% if taken %}taken from{% else %}added to{% endif %} your wallet",
        "Staff {% if taken %}took {{ amount }} OGC from{% else %}added {{ amount }} OGC to{% endif %} "
        "your wallet: {{ reason }}",
        "staff {% if taken %}took {{ amount }} OGC from{% else %}added {{ amount }} OGC to{% endif %} "
        "your wallet:",
        "{{ reason }}",
        _MISTAKE,
        variables=frozenset({"amount", "taken", "reason"}),
    ),
    plain(
        REWARD_GRANTED,
        NotificationType.WALLET,
        "You were rewarded with {{ amount }} OGC",
        "{{ amount }} OGC for you: {{ reason }}",
        "thank you: you were rewarded with {{ amount }} OGC.",
        "{{ reason }}",
        variables=frozenset({"amount", "reason"}),
    ),
    plain(
        REVERSED,
        NotificationType.WALLET,
        "A transaction of {{ amount }} OGC was undone",
        "A transaction was undone: {{ amount }} OGC {% if taken %}left{% else %}came back to{% endif %} "
        "your wallet. {{ reason }}",
        "a transaction was undone: {{ amount }} OGC {% if taken %}left{% else %}came back to{% endif %} "
        "your wallet.",
        "{{ reason }}",
        _MISTAKE,
        variables=frozenset({"amount", "taken", "reason"}),
    ),
    plain(
        FROZEN,
        NotificationType.WALLET,
        "Your wallet is frozen",
        "Nothing leaves your wallet until staff unfreeze it; what is sent to you still arrives.",
        "nothing leaves your wallet until staff unfreeze it; what is sent to you still arrives.",
        "Write to us if you do not know why.",
        variables=frozenset(),
    ),
    plain(
        UNFROZEN,
        NotificationType.WALLET,
        "Your wallet is no longer frozen",
        "You can move your tokens again.",
        "you can move your tokens again.",
        variables=frozenset(),
    ),
)
