"""Closing an account for good: nothing personal is left, and what others rely on stays.

The ledger, votes and the audit trail keep the public id; who it was is gone.
"""

from accounts import ports
from accounts.constants import (
    CLOSED_NAME,
    FREE_PLAN,
    LIVE_SUBSCRIPTIONS,
    RevocationKind,
    SessionEnd,
    SubscriptionStatus,
    UserStatus,
)
from accounts.errors import AccountHasObligations, BalanceNotEmpty, PasswordWrong
from accounts.locks import user_lock
from accounts.models import (
    AddressNonce,
    DataExport,
    MailToken,
    MfaChallenge,
    Passkey,
    PasskeyCeremony,
    Plan,
    RecoveryCode,
    Session,
    Subscription,
    TotpDevice,
    User,
)
from accounts.selectors import user_pk
from accounts.services.activity import activities_erase
from accounts.services.avatars import file_delete_later
from accounts.services.confirmations import password_confirm
from accounts.services.revoke import revoke
from accounts.services.sessions import sessions_end
from accounts.signals import account_closed
from ogc import clock
from ogc.access import require
from ogc.actors import Actor
from ogc.db.transactions import transactional
from ogc.errors import AccountDisabled
from ogc.models import IdempotencyRecord
from ogc.ports import audit_record

BALANCE = "balance"
_FORGOTTEN = (
    AddressNonce,
    MailToken,
    MfaChallenge,
    Passkey,
    PasskeyCeremony,
    RecoveryCode,
    TotpDevice,
)
"""Tables whose rows of the user go with the account."""


def account_close(*, actor: Actor, password: str) -> None:
    """Close one's own account. The password is checked outside the transaction: hashing takes long.

    Raises:
        PasswordWrong, RateLimited: see `confirmations.password_confirm`.
        AccountHasObligations: `details.obligations` lists {kind, count or amount}.
        BalanceNotEmpty: only tokens are left.
        AccountDisabled: it is closed or suspended already.

    Effects: locks the user, then what each app locks (`ports.closings`), so that nothing arrives in between;
    everything personal is erased; sessions end and access tokens are refused within 2 seconds; audit record;
    event `account_closed`, which the other apps erase by.
    """
    require(actor, "account.close", scope="self")
    confirmed = password_confirm(actor=actor, password=password)
    _close(actor=actor, password_hash=confirmed.password)


@transactional
def _close(*, actor: Actor, password_hash: str) -> None:
    user = user_lock(user_pk(actor.user_id or ""))
    if not user.is_active:
        raise AccountDisabled
    if user.password != password_hash:
        raise PasswordWrong
    _require_no_obligations(user.pk)
    for closing in ports.closings.values():
        closing.close(user.pk)
    audit_record(
        actor=actor,
        action="auth.account_closed",
        target_type="user",
        target_id=user.public_id,
        severity="warning",
    )
    sessions_end(user, SessionEnd.CLOSED)
    revoke(RevocationKind.USER, user.public_id)
    _forget(user)
    account_closed.emit(user_id=user.public_id)


def _require_no_obligations(pk: int) -> None:
    found = [one for closing in ports.closings.values() for one in closing.obligations(pk)]
    if not found:
        return
    listed = [
        {"kind": one.kind} | ({"amount": one.amount} if one.amount else {"count": one.count}) for one in found
    ]
    if all(one.kind == BALANCE for one in found):
        raise BalanceNotEmpty(obligations=listed)
    raise AccountHasObligations(obligations=listed)


def _forget(user: User) -> None:
    """Erase what this app knows of the person; the address is free again."""
    for exported in DataExport.objects.filter(user=user).exclude(file=""):
        file_delete_later(exported.file.name or "")
    DataExport.objects.filter(user=user).delete()
    _rows_delete(user)
    Session.objects.filter(user=user).update(ip=None, user_agent="", device="", network="")
    Subscription.objects.filter(user=user, status__in=LIVE_SUBSCRIPTIONS).update(
        status=SubscriptionStatus.CANCELED, live_key=None
    )
    IdempotencyRecord.objects.filter(caller=user.public_id).delete()
    file_delete_later(user.avatar.name or "")
    user.groups.clear()
    user.user_permissions.clear()
    user.set_unusable_password()
    user.plan = Plan.objects.get(slug=FREE_PLAN)
    for name, value in _anonymous(user).items():
        setattr(user, name, value)
    user.save()


@transactional
def closed_erase(*, user_id: str) -> None:
    """Erase once more what a request on its way may have written after the closing, and the audit's personal
    side, that of the closing too. Idempotent."""
    user = user_lock(user_pk(user_id))
    if user.status == UserStatus.CLOSED:
        _rows_delete(user)
        ports.personal_erase(user_id=user_id)


def _rows_delete(user: User) -> None:
    activities_erase(user.pk)
    for model in _FORGOTTEN:
        model._default_manager.filter(user=user).delete()


def _anonymous(user: User) -> dict[str, object]:
    return {
        "email": f"closed-{user.public_id}@invalid",
        "name": CLOSED_NAME,
        "status": UserStatus.CLOSED,
        "closed_at": clock.now(),
        "suspended_until": None,
        "suspended_reason": "",
        "email_verified_at": None,
        "birth_year": None,
        "last_login": None,
        "is_staff": False,
        "is_superuser": False,
        "two_factor": False,
    } | dict.fromkeys(("bio", "avatar", "locale", "timezone", "track"), "")
