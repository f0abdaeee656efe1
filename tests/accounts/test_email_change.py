"""Changing the address of an account."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.authentication import actor_of_header
from accounts.constants import ActivityKind, MailPurpose
from accounts.errors import (
    EmailInUse,
    PasswordWrong,
    ResetTokenInvalid,
    VerificationTokenInvalid,
    WeakPassword,
)
from accounts.models import Activity, MailToken, Revocation, Session, User
from accounts.selectors import mail_token_text, require_verified
from accounts.services import (
    email_change_ask,
    email_change_confirm,
    email_verify,
    login,
    password_reset,
)
from accounts.services.mail_requests import reset_request, verification_request
from ogc.actors import ANONYMOUS
from ogc.db.transactions import run_in_transaction
from ogc.errors import EmailNotVerified, ValidationFailed
from ogc.models import DomainEvent
from tests.accounts.statements import statements_of
from tests.factories.accounts import PASSWORD, UserFactory, login_as

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb]

NEW = "grace@example.com"


@pytest.fixture
def user():
    return UserFactory(email="ada@example.org", name="Ada")


def caller(granted):
    return actor_of_header(f"Bearer {granted.access}")


def ask(granted, email=NEW, password=PASSWORD):
    email_change_ask(actor=caller(granted), new_email=email, password=password)


def token_of(user, purpose=MailPurpose.CHANGE_EMAIL):
    return mail_token_text(MailToken.objects.filter(user=user, purpose=purpose).latest("id").public_id)


def confirm(granted, token):
    return email_change_confirm(actor=caller(granted), token=token)


def events(name):
    return list(DomainEvent.objects.filter(name=f"accounts.{name}").values_list("payload", flat=True))


def test_asking_changes_nothing_yet(user):
    granted = login_as(user)
    ask(granted, "Grace@Example.COM")
    token = MailToken.objects.get(purpose=MailPurpose.CHANGE_EMAIL)
    assert (token.purpose, token.email) == (MailPurpose.CHANGE_EMAIL, NEW)
    assert token.expires_at - token.created_at == pytest.approx(timedelta(hours=24), abs=timedelta(seconds=1))
    line = Activity.objects.get(kind=ActivityKind.EMAIL_CHANGE_ASKED)
    assert line.details == {"old_email": "ada@example.org", "old_proved": True, "new_email": NEW}
    assert events("email_change_requested") == [{"user_id": user.public_id, "mail_token_id": token.public_id}]
    assert [event["kind"] for event in events("security_alert")] == ["email_change_asked"]
    assert NEW not in str(list(DomainEvent.objects.values()))
    user.refresh_from_db()
    assert user.email == "ada@example.org"


def test_confirming_uses_the_address_and_ends_all_other_sessions(user):
    here, elsewhere = login_as(user), login_as(user)
    run_in_transaction(lambda: reset_request(user))
    ask(here)
    confirm(here, token_of(user))
    user.refresh_from_db()
    assert (user.email, user.email_verified) == (NEW, True)
    assert list(Session.objects.filter(ended_at=None).values_list("public_id", flat=True)) == [
        caller(here).session_id
    ]
    assert list(Revocation.objects.values_list("subject", flat=True)) == [caller(elsewhere).session_id]
    assert login(actor=ANONYMOUS, email=NEW, password=PASSWORD).user.id == user.public_id
    with pytest.raises(Exception, match="AUTH_INVALID_CREDENTIALS"):
        login(actor=ANONYMOUS, email="ada@example.org", password=PASSWORD)
    with pytest.raises(ResetTokenInvalid):
        password_reset(
            actor=ANONYMOUS,
            token=token_of(user, MailPurpose.RESET_PASSWORD),
            new_password="another long and rare sentence",
        )
    assert events("email_verified") == []
    line = Activity.objects.get(kind=ActivityKind.EMAIL_CHANGED)
    assert line.details == {"old_email": "ada@example.org", "old_proved": True, "new_email": NEW}


def test_somebody_unverified_is_verified_by_it_at_once():
    user = UserFactory(unverified=True)
    granted = login_as(user)
    with pytest.raises(EmailNotVerified):
        require_verified(caller(granted))
    run_in_transaction(lambda: verification_request(user))
    stale = token_of(user, MailPurpose.VERIFY_EMAIL)
    ask(granted)
    confirm(granted, token_of(user))
    require_verified(caller(granted))
    assert events("email_verified") == [{"user_id": user.public_id}]
    with pytest.raises(VerificationTokenInvalid):
        email_verify(actor=ANONYMOUS, token=stale)


def test_a_token_is_good_once_and_only_the_last_one(user):
    granted = login_as(user)
    ask(granted, "first@example.com")
    first = token_of(user)
    ask(granted, "second@example.com")
    second = token_of(user)
    with pytest.raises(VerificationTokenInvalid):
        confirm(granted, first)
    confirm(granted, second)
    for text in (first, second):
        with pytest.raises(VerificationTokenInvalid):
            confirm(granted, text)
    user.refresh_from_db()
    assert user.email == "second@example.com"


def test_tokens_that_are_forged_old_or_somebody_elses_change_nothing(user, later):
    granted, thief = login_as(user), login_as(UserFactory())
    ask(granted)
    token = token_of(user)
    run_in_transaction(lambda: reset_request(user))
    for text in ("", ".", token[:-1], token + "A", token_of(user, MailPurpose.RESET_PASSWORD)):
        with pytest.raises(VerificationTokenInvalid):
            confirm(granted, text)
    with pytest.raises(VerificationTokenInvalid):
        confirm(thief, token)
    actor = caller(granted)
    later(hours=24, seconds=1)
    with pytest.raises(VerificationTokenInvalid):
        email_change_confirm(actor=actor, token=token)
    user.refresh_from_db()
    assert user.email == "ada@example.org"
    assert not Activity.objects.filter(kind=ActivityKind.EMAIL_CHANGED).exists()


def test_asking_for_a_taken_address_does_the_same_as_for_a_free_one(user):
    UserFactory(email="taken@example.org")
    granted, done = login_as(user), []
    for email in ("taken@example.org", "free@example.org"):
        with CaptureQueriesContext(connection) as queries:
            ask(granted, email)
        done.append(statements_of(queries))
    assert done[0] == done[1]


def test_an_address_taken_in_the_meantime_is_refused_and_nothing_changes(user):
    here, elsewhere = login_as(user), login_as(user)
    ask(here)
    UserFactory(email=NEW)
    with pytest.raises(EmailInUse):
        confirm(here, token_of(user))
    user.refresh_from_db()
    assert user.email == "ada@example.org"
    assert not Revocation.objects.exists()
    assert caller(elsewhere).user_id == user.public_id
    assert MailToken.objects.get(purpose=MailPurpose.CHANGE_EMAIL).used_at is None
    assert not Activity.objects.filter(kind=ActivityKind.EMAIL_CHANGED).exists()


@pytest.mark.parametrize(
    "email, password, error",
    [
        (NEW, "wrong wrong wrong", PasswordWrong),
        ("ADA@example.org", PASSWORD, ValidationFailed),
        ("correct.horse@battery.org", PASSWORD, None),
    ],
)
def test_refused_questions_leave_nothing(user, email, password, error):
    granted = login_as(user)
    if error is None:
        User.objects.filter(pk=user.pk).update(password=_hash("correct.horse@battery.org"))
        password, error = "correct.horse@battery.org", WeakPassword
    with pytest.raises(error):
        ask(granted, email, password)
    assert not MailToken.objects.exists()
    assert not Activity.objects.exists()
    assert events("email_change_requested") == []


def _hash(password):
    from django.contrib.auth.hashers import make_password

    return make_password(password)
