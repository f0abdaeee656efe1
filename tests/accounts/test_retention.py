"""What is over is deleted, in chunks, and nothing else."""

from datetime import timedelta

import pytest

from accounts.constants import NoncePurpose
from accounts.models import Activity, AddressNonce, LoginFailure, MailToken, RefreshToken, Revocation, Session
from accounts.services import nonce_issue, retention
from ogc import clock
from tests.factories.accounts import UserFactory, login_as
from tests.factories.activity import line_make

pytestmark = pytest.mark.django_db


def test_only_what_is_past_its_retention_goes(monkeypatch):
    monkeypatch.setattr(retention, "CHUNK_ROWS", 2)
    user, now = UserFactory(), clock.now()
    for days in (95, 94, 93, 89, 0):
        login_as(user)
        ended = Session.objects.order_by("-id").first()
        ended.ended_at = now - timedelta(days=days)
        ended.save()
    login_as(user)
    for days in (40, 20):
        MailToken.objects.create(
            user=user, purpose="verify_email", nonce="n", expires_at=now - timedelta(days=days)
        )
        Revocation.objects.create(kind="user", subject="u", valid_from=now - timedelta(days=days - 20))
        LoginFailure.objects.create(subject=f"ip:{days}", last_failed_at=now - timedelta(days=days - 20))
    assert retention.rows_purge() == 3 + 3 + 1 + 1 + 1
    assert Session.objects.count() == RefreshToken.objects.count() == 3
    assert MailToken.objects.count() == Revocation.objects.count() == LoginFailure.objects.count() == 1
    assert retention.rows_purge() == 0


def test_nonces_of_addresses_go_a_day_after_their_end(later):
    for _ in range(2):
        nonce_issue(purpose=NoncePurpose.LOGIN, address=f"0x{0:040}")
        later(hours=23)
    assert retention.rows_purge() == 1
    assert AddressNonce.objects.count() == 1
    later(hours=1)
    assert retention.rows_purge() == 0
    later(hours=1)
    assert retention.rows_purge() == 1


def test_lines_of_the_timeline_go_after_a_year():
    user, now = UserFactory(), clock.now()
    line_make(user, created_at=now - timedelta(days=366))
    kept = line_make(user, created_at=now - timedelta(days=364))
    assert retention.rows_purge() == 1
    assert Activity.objects.get() == kept
