"""Registration, and the proof of an address."""

from datetime import timedelta

import pytest

from accounts import ports
from accounts.errors import EmailInUse, VerificationTokenInvalid, WeakPassword
from accounts.models import MailToken, User
from accounts.selectors import mail_token_text
from accounts.services import email_verify, user_register, verification_resend
from ogc.actors import ANONYMOUS
from ogc.events import drain as drain_events
from ogc.models import DomainEvent
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db

GOOD = {"email": "Ada@Example.org", "password": "a long and rare sentence", "name": "Ada"}


def register(**changes):
    return user_register(actor=ANONYMOUS, **(GOOD | changes))


def events(name):
    return list(DomainEvent.objects.filter(name=f"accounts.{name}").values_list("payload", flat=True))


def test_registration_writes_user_token_and_events_together():
    user = register(terms_version="2026-01")
    user.refresh_from_db()
    assert (user.email, user.name, user.plan.slug) == ("ada@example.org", "Ada", "free")
    assert (user.terms_version, user.email_verified_at, user.is_staff) == ("2026-01", None, False)
    assert user.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    token = MailToken.objects.get()
    assert token.expires_at - token.created_at == pytest.approx(timedelta(hours=24), abs=timedelta(seconds=1))
    assert events("user_registered") == [{"user_id": user.public_id}]
    assert events("verification_requested") == [{"user_id": user.public_id, "mail_token_id": token.public_id}]


@pytest.mark.parametrize("email", ["ada@example.org", "ADA@EXAMPLE.ORG", " ada@example.org"])
def test_an_address_is_taken_however_it_is_written(email):
    register()
    before = (User.objects.count(), DomainEvent.objects.count(), MailToken.objects.count())
    with pytest.raises(EmailInUse):
        register(email=email)
    assert (User.objects.count(), DomainEvent.objects.count(), MailToken.objects.count()) == before


@pytest.mark.parametrize(
    "password, code",
    [
        ("short", "too_short"),
        ("x" * 257, "too_long"),
        ("1234567890", "password_too_common"),
        ("aaaaaaaaaaaa", "too_simple"),
        ("ada@example.org1", "too_similar"),
    ],
)
def test_weak_passwords_are_refused_with_the_reason(password, code):
    with pytest.raises(WeakPassword) as refused:
        register(password=password)
    assert code in {problem["code"] for problem in refused.value.details["password"]}
    assert not User.objects.exists()


def test_no_wallet_no_user(monkeypatch):
    def broken(pk, public_id):
        raise RuntimeError("no wallet today")

    monkeypatch.setattr(ports.open_wallet, "_implementation", broken)
    with pytest.raises(RuntimeError):
        register()
    assert not User.objects.exists()
    assert not DomainEvent.objects.exists()


def test_the_mailed_token_proves_the_address_once():
    user = register()
    text = mail_token_text(MailToken.objects.get().public_id)
    assert text not in str(list(MailToken.objects.values()))
    email_verify(actor=ANONYMOUS, token=text)
    user.refresh_from_db()
    assert user.email_verified
    assert events("email_verified") == [{"user_id": user.public_id}]
    with pytest.raises(VerificationTokenInvalid):
        email_verify(actor=ANONYMOUS, token=text)
    assert len(events("email_verified")) == 1


def test_using_one_token_uses_up_the_others():
    user = register()
    verification_resend(actor=ANONYMOUS, email="ADA@example.org")
    drain_events()
    first, second = (mail_token_text(row.public_id) for row in MailToken.objects.order_by("id"))
    email_verify(actor=ANONYMOUS, token=first)
    with pytest.raises(VerificationTokenInvalid):
        email_verify(actor=ANONYMOUS, token=second)
    assert not MailToken.objects.filter(user=user, used_at=None).exists()


def test_a_token_lives_24_hours_of_platform_time(later):
    register()
    text = mail_token_text(MailToken.objects.get().public_id)
    later(hours=24, seconds=1)
    with pytest.raises(VerificationTokenInvalid):
        email_verify(actor=ANONYMOUS, token=text)
    assert not User.objects.get().email_verified


def test_forged_tokens_prove_nothing():
    register()
    register(email="bob@example.org", name="Bob")
    mine, his = (mail_token_text(row.public_id) for row in MailToken.objects.order_by("id"))
    swapped = his.partition(".")[0] + "." + mine.partition(".")[2]
    for text in ("", "x", ".", mine[:-1], mine + "A", swapped, mine.replace(".", "..", 1), "é." + mine):
        with pytest.raises(VerificationTokenInvalid):
            email_verify(actor=ANONYMOUS, token=text)
    assert not User.objects.exclude(email_verified_at=None).exists()


def test_resending_says_and_does_nothing_for_those_who_need_none():
    UserFactory(email="verified@example.org")
    UserFactory(email="out@example.org", unverified=True, suspended=True)
    for email in ("verified@example.org", "out@example.org", "nobody@example.org"):
        assert verification_resend(actor=ANONYMOUS, email=email) is None
    drain_events()
    assert not MailToken.objects.exists()
