"""Asking for a mail by naming an address: the same work and the same answer, whoever it belongs to."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.constants import MAIL_REQUEST_KEEP_DAYS, MailPurpose
from accounts.models import MailRequest, MailToken
from accounts.services import mail_request_answer, password_forgotten, verification_resend
from accounts.services.retention import rows_purge
from ogc.actors import ANONYMOUS, SYSTEM
from ogc.events import drain as drain_events
from ogc.models import DomainEvent
from tests.accounts.statements import statements_of
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db

ASK = {MailPurpose.VERIFY_EMAIL: verification_resend, MailPurpose.RESET_PASSWORD: password_forgotten}
ASKS = pytest.mark.parametrize("purpose, ask", ASK.items())


@ASKS
def test_the_request_does_the_same_for_known_and_unknown_addresses(purpose, ask):
    UserFactory(email="known@example.org", unverified=True)
    UserFactory(email="verified@example.org")
    UserFactory(email="out@example.org", unverified=True, suspended=True)
    done = []
    for email in ("known", "verified", "out", "nobody"):
        with CaptureQueriesContext(connection) as queries:
            ask(actor=ANONYMOUS, email=f"{email}@example.org")
        done.append(statements_of(queries))
    assert [statements == done[0] for statements in done] == [True] * 4
    assert not any("accounts_user" in statement for statement in done[0])
    assert MailRequest.objects.count() == 4
    assert not MailToken.objects.exists()


@ASKS
def test_the_address_is_kept_sealed_and_until_it_was_looked_up(purpose, ask):
    ask(actor=ANONYMOUS, email="Ada.Lovelace@Example.org")
    stored = str([list(MailRequest.objects.values()), list(DomainEvent.objects.values())]).lower()
    assert "lovelace" not in stored
    row = MailRequest.objects.get()
    assert (row.purpose, b"lovelace" in bytes(row.address_sealed)) == (purpose, False)
    assert DomainEvent.objects.get().payload == {"mail_request_id": row.public_id}
    drain_events()
    assert not MailRequest.objects.exists()


@pytest.mark.parametrize(
    "purpose, mailed",
    [(MailPurpose.VERIFY_EMAIL, ["new"]), (MailPurpose.RESET_PASSWORD, ["new", "verified"])],
)
def test_only_those_who_may_have_the_mail_get_a_token(purpose, mailed):
    UserFactory(email="new@example.org", unverified=True)
    UserFactory(email="verified@example.org")
    UserFactory(email="out@example.org", unverified=True, suspended=True)
    UserFactory(email="closed@example.org", status="closed")
    for name in ("new", "verified", "out", "closed", "nobody"):
        ASK[purpose](actor=ANONYMOUS, email=f"{name}@EXAMPLE.org")
    drain_events()
    tokens = MailToken.objects.order_by("id")
    assert list(tokens.values_list("user__email", "purpose", "email", "used_at")) == [
        (f"{name}@example.org", purpose, "", None) for name in mailed
    ]


def test_a_request_is_answered_once():
    UserFactory(email="ada@example.org")
    password_forgotten(actor=ANONYMOUS, email="ada@example.org")
    row = MailRequest.objects.get()
    for _ in range(2):
        mail_request_answer(actor=SYSTEM, mail_request_id=row.public_id)
    assert MailToken.objects.count() == 1


def test_a_request_that_nobody_could_answer_is_forgotten_after_a_day(later):
    password_forgotten(actor=ANONYMOUS, email="ada@example.org")
    later(days=MAIL_REQUEST_KEEP_DAYS, seconds=1)
    rows_purge()
    assert not MailRequest.objects.exists()
    drain_events()
