"""Facts about money, told after they are committed. Amounts are base units, ids are public ids."""

from ogc.events import DomainSignal

transfer_settled = DomainSignal(
    "wallets.transfer_settled", args=("transaction_id", "sender_id", "recipient_id", "amount")
)
reward_paid = DomainSignal(
    "wallets.reward_paid", args=("transaction_id", "user_id", "challenge_id", "amount", "rank")
)
reward_granted = DomainSignal(
    "wallets.reward_granted", args=("transaction_id", "user_id", "amount", "source")
)
reward_released = DomainSignal(
    "wallets.reward_released", args=("transaction_id", "user_id", "amount", "source")
)
wallet_adjusted = DomainSignal("wallets.adjusted", args=("transaction_id", "user_id", "amount", "reason"))
"""Staff gave or (a negative amount) took."""
transaction_reversed = DomainSignal(
    "wallets.transaction_reversed",
    args=("transaction_id", "original_id", "reference", "giver_id", "receiver_id", "amount", "reason"),
)
"""`reference` is the original's; `giver_id` had it, `receiver_id` got it back: None where it was no user."""
wallet_frozen = DomainSignal("wallets.frozen", args=("wallet_id", "user_id"))
wallet_unfrozen = DomainSignal("wallets.unfrozen", args=("wallet_id", "user_id"))
"""By a member of staff."""
withdrawal_settled = DomainSignal(
    "wallets.withdrawal_settled", args=("transaction_id", "user_id", "amount", "tx_hash")
)
withdrawal_failed = DomainSignal(
    "wallets.withdrawal_failed", args=("transaction_id", "user_id", "amount", "reason")
)
ledger_found_wrong = DomainSignal("wallets.ledger_found_wrong", args=("report_id", "checks"))
hold_expired = DomainSignal("wallets.hold_expired", args=("transaction_id", "user_id", "amount", "purpose"))
checkout_settled = DomainSignal(
    "wallets.checkout_settled", args=("transaction_id", "user_id", "amount", "reference")
)
checkout_voided = DomainSignal(
    "wallets.checkout_voided", args=("transaction_id", "user_id", "amount", "reference")
)
payment_refunded = DomainSignal(
    "wallets.payment_refunded", args=("transaction_id", "payment_id", "user_id", "amount")
)
deposit_claimed = DomainSignal("wallets.deposit_claimed", args=("transaction_id", "user_id", "amount"))
mining_paid = DomainSignal("wallets.mining_paid", args=("day", "user_ids", "amount"))
