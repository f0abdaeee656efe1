"""Resetting and changing passwords."""

import unicodedata
from datetime import timedelta

import pytest

from accounts.authentication import actor_of_header
from accounts.constants import ActivityKind, MailPurpose, TokenTransport
from accounts.errors import InvalidCredentials, PasswordWrong, ResetTokenInvalid, WeakPassword
from accounts.models import (
    Activity,
    LoginFailure,
    MailToken,
    MfaChallenge,
    Passkey,
    Revocation,
    Session,
    TotpDevice,
    User,
)
from accounts.selectors import mail_token_text
from accounts.services import email_change_ask, login, password_change, password_reset
from accounts.services.login import login_checked, password_check
from accounts.services.mail_requests import reset_request, verification_request
from accounts.services.mail_tokens import mail_token_open
from accounts.services.mfa_challenges import MfaRequired
from ogc import clock
from ogc.actors import ANONYMOUS
from ogc.db.transactions import run_in_transaction
from ogc.errors import RateLimited
from ogc.models import DomainEvent
from tests.factories.accounts import PASSWORD, UserFactory, login_as
from wallets.models import Wallet

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb]

NEW = "another long and rare sentence"


@pytest.fixture
def user():
    return UserFactory(email="ada@example.org", name="Ada Lovelace")


def reset_token(user):
    run_in_transaction(lambda: reset_request(user))
    row = MailToken.objects.filter(purpose=MailPurpose.RESET_PASSWORD).latest("id")
    return mail_token_text(row.public_id)


def reset(token, password=NEW):
    password_reset(actor=ANONYMOUS, token=token, new_password=password)


def caller(granted):
    return actor_of_header(f"Bearer {granted.access}")


def logs_in(user, password):
    return login(actor=ANONYMOUS, email=user.email, password=password)


def live_sessions(user):
    return list(Session.objects.filter(user=user, ended_at=None).values_list("public_id", flat=True))


def add_passkey(user):
    Passkey.objects.create(
        user=user, name="Key", credential_hash="c" * 64, credential_id=b"c", public_key=b"k"
    )


def revoked():
    return list(Revocation.objects.filter(kind="session").values_list("subject", flat=True))


def kinds(user):
    return list(Activity.objects.filter(user=user).order_by("id").values_list("kind", flat=True))


def events(name):
    return list(DomainEvent.objects.filter(name=f"accounts.{name}").values_list("payload", flat=True))


def test_a_reset_sets_the_password_and_ends_all_sessions(user):
    sessions = sorted(caller(login_as(user)).session_id for _ in range(2))
    reset(reset_token(user))
    user.refresh_from_db()
    assert user.check_password(NEW)
    assert not user.check_password(PASSWORD)
    assert live_sessions(user) == []
    assert sorted(revoked()) == sessions
    assert kinds(user) == ["sessions_ended", "password_reset"]
    assert events("security_alert") == [
        {
            "user_id": user.public_id,
            "activity_id": Activity.objects.get(kind=ActivityKind.PASSWORD_RESET).public_id,
            "kind": "password_reset",
        }
    ]


def test_a_reset_token_is_good_once_and_uses_up_the_others(user):
    first, second = reset_token(user), reset_token(user)
    reset(first)
    for text in (first, second):
        with pytest.raises(ResetTokenInvalid):
            reset(text, "a third long and rare one")
    user.refresh_from_db()
    assert user.check_password(NEW)


def test_a_reset_token_lives_30_minutes_of_platform_time(user, later):
    token = reset_token(user)
    row = MailToken.objects.get()
    assert row.expires_at - row.created_at == pytest.approx(timedelta(minutes=30), abs=timedelta(seconds=1))
    later(minutes=30, seconds=1)
    with pytest.raises(ResetTokenInvalid):
        reset(token)
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


@pytest.mark.parametrize(
    "password, code",
    [
        ("short", "too_short"),
        ("x1Y2z3" * 50, "too_long"),
        ("password123", "password_too_common"),
        ("ada@example.org1", "too_similar"),
        ("adalovelace1", "too_similar"),
    ],
)
def test_a_weak_password_does_not_use_the_token_up(user, password, code):
    UserFactory._meta.model.objects.filter(pk=user.pk).update(name="Adalovelace")
    session = login_as(user)
    token = reset_token(user)
    with pytest.raises(WeakPassword) as refused:
        reset(token, password)
    assert code in {problem["code"] for problem in refused.value.details["password"]}
    assert live_sessions(user) == [caller(session).session_id]
    assert MailToken.objects.get().used_at is None
    reset(token)


def test_tokens_of_other_purposes_and_forged_ones_reset_nothing(user):
    other = UserFactory()
    mine, his = reset_token(user), reset_token(other)
    run_in_transaction(lambda: verification_request(user))
    verification = mail_token_text(MailToken.objects.get(purpose=MailPurpose.VERIFY_EMAIL).public_id)
    swapped = his.partition(".")[0] + "." + mine.partition(".")[2]
    for text in ("", ".", mine[:-1], mine + "A", swapped, verification, "é" + mine):
        with pytest.raises(ResetTokenInvalid):
            reset(text)
    assert not MailToken.objects.exclude(used_at=None).exists()
    assert kinds(user) == kinds(other) == []


def test_a_suspended_or_closed_account_is_not_reset(user):
    token = reset_token(user)
    for status in ("suspended", "closed"):
        type(user).objects.filter(pk=user.pk).update(status=status)
        with pytest.raises(ResetTokenInvalid):
            reset(token)
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_a_reset_proves_the_address_since_the_mail_reached_it():
    user = UserFactory(unverified=True)
    run_in_transaction(lambda: verification_request(user))
    reset(reset_token(user))
    user.refresh_from_db()
    assert user.email_verified
    assert events("email_verified") == [{"user_id": user.public_id}]
    assert not MailToken.objects.filter(used_at=None).exclude(purpose="deny_activity").exists()


def test_what_a_stranger_added_before_the_address_was_proved_goes_with_the_reset():
    user = UserFactory(unverified=True)
    TotpDevice.objects.create(user=user, seed_sealed=b"x", confirmed_at=clock.now())
    add_passkey(user)
    User.objects.filter(pk=user.pk).update(two_factor=True)
    Wallet.objects.filter(user=user).update(address="0x52908400098527886E0F7030069857D2E4169EE7")
    reset(reset_token(user))
    user.refresh_from_db()
    assert (user.two_factor, user.passkeys.count(), TotpDevice.objects.count()) == (False, 0, 0)
    assert not Wallet.objects.get(user=user).address
    assert logs_in(user, NEW).user.id == user.public_id


def test_a_second_factor_of_a_proved_account_stays_on(user):
    add_passkey(user)
    User.objects.filter(pk=user.pk).update(two_factor=True)
    reset(reset_token(user))
    assert isinstance(logs_in(user, NEW), MfaRequired)
    assert user.passkeys.count() == 1


def test_a_login_that_began_before_a_reset_opens_no_session(user):
    checked = password_check(actor=ANONYMOUS, email=user.email, password=PASSWORD)
    reset(reset_token(user))
    with pytest.raises(InvalidCredentials):
        login_checked(checked=checked, transport=TokenTransport.BODY)
    assert not Session.objects.exists()


def test_a_reset_ends_what_the_old_password_began(user):
    run_in_transaction(lambda: mail_token_open(user, MailPurpose.CHANGE_EMAIL, email="evil@example.org"))
    half = MfaChallenge.objects.create(
        user=user, token_hash="h" * 64, expires_at=clock.now() + timedelta(minutes=5), transport="body"
    )
    reset(reset_token(user))
    half.refresh_from_db()
    assert half.used_at is not None
    assert not MailToken.objects.filter(used_at=None).exclude(purpose="deny_activity").exists()


def test_a_reset_clears_the_failures_of_the_account(user, settings):
    settings.RATE_LOGIN_ACCOUNT = "2/5m"
    for _ in range(2):
        with pytest.raises(Exception, match="AUTH_INVALID_CREDENTIALS"):
            logs_in(user, "wrong wrong wrong")
    with pytest.raises(RateLimited):
        logs_in(user, PASSWORD)
    reset(reset_token(user))
    assert logs_in(user, NEW).user.id == user.public_id


def test_a_change_ends_all_other_sessions_and_keeps_this_one(user):
    here, elsewhere = login_as(user), login_as(user)
    pending = reset_token(user)
    actor = caller(here)
    password_change(actor=actor, old_password=PASSWORD, new_password=NEW)
    user.refresh_from_db()
    assert user.check_password(NEW)
    assert live_sessions(user) == [actor.session_id]
    assert revoked() == [caller(elsewhere).session_id]
    line = Activity.objects.get(kind=ActivityKind.PASSWORD_CHANGED)
    assert line.session.public_id == actor.session_id
    assert [event["kind"] for event in events("security_alert")] == ["password_changed"]
    with pytest.raises(ResetTokenInvalid):
        reset(pending, "a third long and rare one")


@pytest.mark.parametrize(
    "old, new, error, code",
    [
        ("wrong wrong wrong", NEW, PasswordWrong, None),
        (PASSWORD, PASSWORD, WeakPassword, "unchanged"),
        (PASSWORD, "short", WeakPassword, "too_short"),
        (PASSWORD, "ada@example.org", WeakPassword, "too_similar"),
    ],
)
def test_a_refused_change_changes_nothing(user, old, new, error, code):
    here, _ = login_as(user), login_as(user)
    with pytest.raises(error) as refused:
        password_change(actor=caller(here), old_password=old, new_password=new)
    if code:
        assert code in {problem["code"] for problem in refused.value.details["password"]}
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    assert len(live_sessions(user)) == 2
    assert revoked() == []
    assert "password_changed" not in kinds(user)


def test_the_address_of_a_pending_change_is_no_password_either(user):
    here = login_as(user)
    email_change_ask(actor=caller(here), new_email="grace.hopper@example.com", password=PASSWORD)
    with pytest.raises(WeakPassword):
        password_change(actor=caller(here), old_password=PASSWORD, new_password="grace.hopper@example.com")


def test_wrong_old_passwords_are_counted_for_the_session_alone(user, settings):
    settings.RATE_LOGIN_ACCOUNT = "2/5m"
    here, elsewhere = login_as(user), login_as(user)
    for _ in range(2):
        with pytest.raises(PasswordWrong):
            password_change(actor=caller(here), old_password="wrong wrong wrong", new_password=NEW)
    with pytest.raises(RateLimited):
        password_change(actor=caller(here), old_password=PASSWORD, new_password=NEW)
    locked = LoginFailure.objects.filter(locked_until__isnull=False)
    assert list(locked.values_list("subject", flat=True)) == [f"confirm:{caller(here).session_id}"]
    assert logs_in(user, PASSWORD).user.id == user.public_id
    password_change(actor=caller(elsewhere), old_password=PASSWORD, new_password=NEW)


def test_failed_logins_from_outside_do_not_keep_the_owner_from_changing(user, settings):
    settings.RATE_LOGIN_ACCOUNT = "1/5m"
    here = login_as(user)
    with pytest.raises(Exception, match="AUTH_INVALID_CREDENTIALS"):
        logs_in(user, "wrong wrong wrong")
    password_change(actor=caller(here), old_password=PASSWORD, new_password=NEW)


def test_one_password_however_the_keyboard_composes_it(user):
    composed = "pässwörter sind länger"
    decomposed = unicodedata.normalize("NFD", composed)
    assert composed != decomposed
    reset(reset_token(user), decomposed)
    assert logs_in(user, composed).user.id == user.public_id
    assert logs_in(user, decomposed).user.id == user.public_id
    with pytest.raises(Exception, match="AUTH_INVALID_CREDENTIALS"):
        logs_in(user, composed.upper())
