"""Refusals of wallets and the ledger, with their codes."""

from ogc.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, PaymentError


class InsufficientBalance(PaymentError):
    """`details.account` names the kind of account that is too low."""

    code = "INSUFFICIENT_BALANCE"
    message = "The balance is too low."


class RecipientSelf(InvalidError):
    code = "RECIPIENT_SELF"
    message = "Tokens can't be sent to oneself."


class RecipientNotFound(NotFoundError):
    code = "RECIPIENT_NOT_FOUND"
    message = "There is nobody here who can receive tokens under this id or address."


class WalletFrozen(ConflictError):
    code = "WALLET_FROZEN"
    message = "Nothing leaves this wallet while it is frozen."


class LimitExceeded(ForbiddenError):
    """`details` name the limit, and what is left of it."""

    code = "LIMIT_EXCEEDED"
    message = "This is more than the limit allows."
    replayable = True


class AddressNotAllowed(InvalidError):
    code = "ADDRESS_NOT_ALLOWED"
    message = "Nothing is paid to this address."


class SignatureInvalid(InvalidError):
    """Wrong message, wrong signature, or a nonce that is unknown, used, expired or not for this."""

    code = "WALLET_SIGNATURE_INVALID"
    message = "This proof of the address does not hold: ask for a new nonce and sign again."


class AddressInUse(ConflictError):
    code = "WALLET_ADDRESS_IN_USE"
    message = "Somebody else linked this address."


class WithdrawalNotCancellable(ConflictError):
    """`details.status` is where the withdrawal stands."""

    code = "WITHDRAWAL_NOT_CANCELLABLE"
    message = "The withdrawal is on its way and can't be cancelled any more."


class HoldEnded(ConflictError):
    """`details.status` is how; `open` means that its time is over."""

    code = "HOLD_ENDED"
    message = "These tokens are not held any more."


class RefundTooHigh(ConflictError):
    """`details.left` is what can still be given back of this payment."""

    code = "REFUND_TOO_HIGH"
    message = "This is more than what is left of the payment."


class TransactionMoveInvalid(ConflictError):
    """`details` name the status that the transaction has and the one that was asked for."""

    code = "INVALID_TRANSACTION_STATE"
    message = "The transaction can't move to this status."


class AlreadyReversed(ConflictError):
    code = "ALREADY_REVERSED"
    message = "This transaction was reversed before."


class TransactionNotReversible(ConflictError):
    """`details.type` and `details.status` say what it is."""

    code = "TRANSACTION_NOT_REVERSIBLE"
    message = "A transaction of this type or in this state can't be reversed."


class WalletClosed(ConflictError):
    code = "WALLET_CLOSED"
    message = "The wallet is closed: nothing enters or leaves it."


class SourceKeyUsed(ConflictError):
    """The cause named by a source key is booked already; `details.source_key`."""

    code = "LEDGER_SOURCE_KEY_USED"
    message = "This was booked before."


class PoolUnknown(InvalidError):
    """Only pools are funded."""

    code = "POOL_UNKNOWN"
    message = "The pools are rewards_pool and mining_pool."


class LedgerMisuse(RuntimeError):
    """A caller broke a rule of posting: a defect of ours, never an answer to a request."""
