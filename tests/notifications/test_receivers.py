"""From a fact in the database to a mail in its file."""

import email
import email.policy
import re

import pytest

from accounts.models import MailToken
from accounts.selectors import mail_token_text
from accounts.signals import refresh_reused, verification_requested
from notifications.models import Delivery, Notification
from ogc import clock
from ogc.db.transactions import run_in_transaction
from ogc.events import drain as drain_events
from ogc.ids import uuid7
from ogc.models import DomainEvent, EventConsumption
from wallets.signals import withdrawal_settled

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb]


def happen(signal, **payload):
    run_in_transaction(lambda: signal.emit(**payload))


def mails(folder):
    return [
        email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        for file in sorted(folder.iterdir())
    ]


@pytest.fixture
def mail_token(person):
    return MailToken.objects.create(
        user=person, purpose="verify", nonce=uuid7()[:32], expires_at=clock.now() + clock.timedelta(hours=24)
    )


def test_the_verification_mail_has_link_and_token_on_lines_of_their_own(
    person, mail_token, mail_folder, settings, drain
):
    happen(verification_requested, user_id=person.public_id, mail_token_id=mail_token.public_id)
    drain()
    token = mail_token_text(mail_token.public_id)
    (file,) = mail_folder.iterdir()
    lines = file.read_text().splitlines()
    assert f"Token: {token}" in lines
    assert f"{settings.PUBLIC_URL}/verify-email?token={token}" in lines
    (mail,) = mails(mail_folder)
    assert (mail["To"], mail["Subject"]) == ("ada@example.org", "Confirm your e-mail address")
    assert mail["From"] == settings.DEFAULT_FROM_EMAIL
    assert mail.get_body(("plain",)).get_content() == (
        "Hello Ada Lovelace,\n\n"
        "please confirm this address for your OGC NewFinity account. Open this link:\n\n"
        f"{settings.PUBLIC_URL}/verify-email?token={token}\n\nor give this token to the app:\n\n"
        f"Token: {token}\n\nIf you did not register, ignore this message.\n"
    )
    assert len(re.findall(r"^Token: ", file.read_text(), flags=re.M)) == 1


def test_neither_token_nor_body_of_security_mail_is_in_the_database(person, mail_token, mail_folder, drain):
    happen(verification_requested, user_id=person.public_id, mail_token_id=mail_token.public_id)
    drain()
    token = mail_token_text(mail_token.public_id)
    delivery = Delivery.objects.get()
    assert delivery.context == {"mail_token_id": mail_token.public_id}
    assert Notification.objects.count() == 0
    stored = str(
        [list(model.objects.values()) for model in (Delivery, DomainEvent, MailToken, EventConsumption)]
    )
    assert token not in stored
    assert token.partition(".")[2] not in stored
    assert "please confirm" not in stored


def test_a_token_that_is_gone_is_not_mailed(person, mail_folder, drain):
    happen(verification_requested, user_id=person.public_id, mail_token_id=uuid7())
    drain()
    assert Delivery.objects.values_list("status", "last_error").get() == ("dead", "RecipientGone: NOT_FOUND")
    assert not mail_folder.exists()


def test_names_are_escaped_in_html_and_can_not_add_headers(person, mail_token, mail_folder, drain):
    type(person).objects.filter(pk=person.pk).update(name="<script>\r\nBcc: all@example.org")
    happen(verification_requested, user_id=person.public_id, mail_token_id=mail_token.public_id)
    drain()
    (mail,) = mails(mail_folder)
    assert mail["Bcc"] is None
    assert "<script>" not in mail.get_body(("html",)).get_content()
    assert "&lt;script&gt;" in mail.get_body(("html",)).get_content()


def test_a_reused_refresh_token_is_told_in_the_app_and_by_mail(person, mail_folder, drain):
    session_id = uuid7()
    happen(refresh_reused, user_id=person.public_id, session_id=session_id)
    drain()
    row = Notification.objects.get()
    assert (row.type, row.title, row.data) == (
        "security",
        "A session of yours was ended",
        {"session_id": session_id},
    )
    assert [mail["Subject"] for mail in mails(mail_folder)] == ["A session of yours was ended"]


def test_a_final_withdrawal_is_told_with_amount_and_hash(person, mail_folder, drain):
    happen(
        withdrawal_settled,
        transaction_id=uuid7(),
        user_id=person.public_id,
        amount=5_250_000_000,
        tx_hash="0xabc",
    )
    drain()
    assert Notification.objects.get().message == "Your withdrawal of 5.25 OGC is final on the chain: 0xabc"
    (mail,) = mails(mail_folder)
    assert mail["Subject"] == "Your withdrawal of 5.25 OGC is final"


def test_two_dispatchers_and_a_consumer_that_runs_again_tell_once(person, mail_folder, drain):
    happen(refresh_reused, user_id=person.public_id, session_id=uuid7())
    drain_events()
    # As if the dispatcher had died before its mark, and the consumer's record had been lost.
    EventConsumption.objects.all().delete()
    DomainEvent.objects.update(dispatched_at=None)
    drain()
    assert Notification.objects.count() == 1
    assert Delivery.objects.count() == 2
    assert len(mails(mail_folder)) == 1


def test_a_consumer_that_fails_in_the_middle_leaves_nothing_and_is_tried_alone(
    person, mail_folder, drain, monkeypatch
):
    with monkeypatch.context() as patch:
        patch.setattr("notifications.services.notify._queue", lambda *a: 1 / 0)
        happen(refresh_reused, user_id=person.public_id, session_id=uuid7())
        drain()
    assert Notification.objects.count() == Delivery.objects.count() == 0
    waiting = EventConsumption.objects.get(consumer="notifications.refresh_reused")
    assert waiting.status == "retry"
    EventConsumption.objects.filter(pk=waiting.pk).update(next_attempt_at=clock.real_now())
    drain()
    assert Notification.objects.count() == 1
    assert len(mails(mail_folder)) == 1
