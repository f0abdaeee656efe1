"""Deleting what is over (product.md, Accounts: retention)."""

from datetime import timedelta

from django.contrib.sessions.models import Session as CookieSession
from django.db.models import Model, QuerySet

from accounts.constants import (
    ACTIVITY_KEEP_DAYS,
    CEREMONY_KEEP_DAYS,
    ENDED_SESSION_DAYS,
    LOCKOUT_FORGET_SECONDS,
    MAIL_REQUEST_KEEP_DAYS,
    MAIL_TOKEN_KEEP_DAYS,
    REVOCATION_KEEP_DAYS,
)
from accounts.models import (
    Activity,
    AddressNonce,
    LoginFailure,
    MailRequest,
    MailToken,
    MfaChallenge,
    PasskeyCeremony,
    RefreshToken,
    Revocation,
    Session,
)
from ogc import clock

CHUNK_ROWS = 500


def successors_purge() -> int:
    """Delete the encrypted successors whose grace is over; returns how many. Safe to run at any time."""
    count = 0
    due = RefreshToken.objects.filter(successor_until__lte=clock.now())
    while pks := list(due.values_list("pk", flat=True)[:CHUNK_ROWS]):
        count += RefreshToken.objects.filter(pk__in=pks).update(successor_sealed=None, successor_until=None)
    return count


def challenges_purge() -> int:
    """Delete the challenges of passkeys that are over, which anybody can ask for; returns how many."""
    return _delete(PasskeyCeremony.objects.filter(expires_at__lt=clock.now()))


def rows_purge() -> int:
    """Delete sessions, lines of timelines, tokens and counters past their retention; returns how many."""
    now, real_now = clock.now(), clock.real_now()
    sessions_before = now - timedelta(days=ENDED_SESSION_DAYS)
    return sum(
        _delete(rows)
        for rows in (
            Session.objects.filter(ended_at__lt=sessions_before),
            Session.objects.filter(ended_at=None, expires_at__lt=sessions_before),
            Activity.objects.filter(created_at__lt=now - timedelta(days=ACTIVITY_KEEP_DAYS)),
            MailToken.objects.filter(expires_at__lt=now - timedelta(days=MAIL_TOKEN_KEEP_DAYS)),
            MfaChallenge.objects.filter(expires_at__lt=now - timedelta(days=CEREMONY_KEEP_DAYS)),
            AddressNonce.objects.filter(expires_at__lt=now - timedelta(days=CEREMONY_KEEP_DAYS)),
            CookieSession.objects.filter(expire_date__lt=real_now),
            MailRequest.objects.filter(created_at__lt=now - timedelta(days=MAIL_REQUEST_KEEP_DAYS)),
            Revocation.objects.filter(valid_from__lt=real_now - timedelta(days=REVOCATION_KEEP_DAYS)),
            LoginFailure.objects.filter(
                last_failed_at__lt=real_now - timedelta(seconds=LOCKOUT_FORGET_SECONDS)
            ),
        )
    )


def _delete(rows: QuerySet[Model]) -> int:
    count = 0
    while pks := list(rows.order_by().values_list("pk", flat=True)[:CHUNK_ROWS]):
        count += rows.model._default_manager.filter(pk__in=pks).delete()[0]
    return count
