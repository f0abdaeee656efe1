"""Tables of the accounts app."""

from accounts.models.plans import Payment, Plan, Subscription
from accounts.models.sessions import LoginFailure, RefreshToken, Revocation, Session
from accounts.models.tokens import MailToken, ServiceToken
from accounts.models.users import User

__all__ = [
    "LoginFailure",
    "MailToken",
    "Payment",
    "Plan",
    "RefreshToken",
    "Revocation",
    "ServiceToken",
    "Session",
    "Subscription",
    "User",
]
