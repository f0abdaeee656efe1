"""Tables of the accounts app."""

from accounts.models.activity import Activity
from accounts.models.exports import DataExport
from accounts.models.factors import MfaChallenge, Passkey, PasskeyCeremony, RecoveryCode, TotpDevice
from accounts.models.keys import SigningKey
from accounts.models.plans import Payment, Plan, Subscription
from accounts.models.proofs import AddressNonce
from accounts.models.sessions import LoginFailure, RefreshToken, Revocation, Session
from accounts.models.tokens import MailRequest, MailToken, ServiceToken
from accounts.models.users import User

__all__ = [
    "Activity",
    "AddressNonce",
    "DataExport",
    "LoginFailure",
    "MailRequest",
    "MailToken",
    "MfaChallenge",
    "Passkey",
    "PasskeyCeremony",
    "Payment",
    "Plan",
    "RecoveryCode",
    "RefreshToken",
    "Revocation",
    "ServiceToken",
    "Session",
    "SigningKey",
    "Subscription",
    "TotpDevice",
    "User",
]
