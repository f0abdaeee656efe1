"""Many at once, on real connections."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from accounts import revocations
from accounts.authentication import actor_of_header
from accounts.errors import (
    EmailInUse,
    InvalidCredentials,
    RefreshReused,
    RefreshRevoked,
    VerificationTokenInvalid,
)
from accounts.models import LoginFailure, MailToken, RefreshToken, Revocation, Session, User
from accounts.selectors import mail_token_text
from accounts.services import email_verify, login, refresh, user_register, user_suspend
from governance.services import role_assign
from ogc import clock
from ogc.actors import ANONYMOUS, SYSTEM
from ogc.errors import AccountDisabled, DomainError, RateLimited, TokenExpired
from ogc.models import DomainEvent
from tests.factories.accounts import PASSWORD, UserFactory, login_as

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]


def at_once(count: int, call: Callable[[int], object]) -> list[object]:
    """What each of `count` threads, all started at the same instant, returned or was refused with."""
    barrier = Barrier(count)

    def run(number: int) -> object:
        try:
            barrier.wait()
            return call(number)
        except DomainError as error:
            return type(error)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_64_refreshes_of_one_token_give_one_successor():
    granted = login_as(UserFactory())
    answers = at_once(64, lambda _: refresh(actor=ANONYMOUS, token=granted.refresh).refresh)
    assert len(set(answers)) == 1
    assert isinstance(answers[0], str)
    assert RefreshToken.objects.count() == 2
    assert RefreshToken.objects.filter(used_at=None).count() == 1
    assert not Revocation.objects.exists()


def test_many_uses_of_a_stale_token_end_the_session_once():
    granted = login_as(UserFactory())
    refresh(actor=ANONYMOUS, token=granted.refresh)
    RefreshToken.objects.update(successor_until=clock.now())
    answers = Counter(at_once(16, lambda _: refresh(actor=ANONYMOUS, token=granted.refresh)))
    assert answers == {RefreshReused: 1, RefreshRevoked: 15}
    assert Session.objects.get().end_reason == "refresh_reuse"
    assert DomainEvent.objects.filter(name="accounts.refresh_reused").count() == 1


def test_one_address_is_registered_once():
    def register(number: int) -> str:
        email = "ADA@example.org" if number % 2 else "ada@example.org"
        user = user_register(actor=ANONYMOUS, email=email, password="a long and rare sentence", name="Ada")
        return user.email

    answers = Counter(at_once(12, register))
    assert answers == {"ada@example.org": 1, EmailInUse: 11}
    assert User.objects.count() == 1
    assert MailToken.objects.count() == 1
    assert DomainEvent.objects.filter(name="accounts.user_registered").count() == 1


def test_one_mail_token_proves_once():
    user_register(actor=ANONYMOUS, email="ada@example.org", password="a long and rare sentence", name="Ada")
    text = mail_token_text(MailToken.objects.get().public_id)
    answers = Counter(at_once(12, lambda _: email_verify(actor=ANONYMOUS, token=text).email))
    assert answers == {"ada@example.org": 1, VerificationTokenInvalid: 11}
    assert DomainEvent.objects.filter(name="accounts.email_verified").count() == 1


def test_every_failure_is_counted(settings):
    settings.RATE_LOGIN_ACCOUNT = settings.RATE_LOGIN_IP = "100/5m"
    user = UserFactory()
    at_once(10, lambda _: login(actor=ANONYMOUS, email=user.email, password="wrong wrong wrong"))
    assert LoginFailure.objects.get().failures_count == 10


def test_guesses_at_once_learn_no_more_than_the_limit(settings):
    settings.RATE_LOGIN_ACCOUNT, settings.RATE_LOGIN_IP = "5/5m", "off"
    user = UserFactory()
    answers = at_once(16, lambda _: login(actor=ANONYMOUS, email=user.email, password="wrong wrong wrong"))
    assert Counter(answers) == {InvalidCredentials: 5, RateLimited: 11}


def test_no_token_with_old_roles_is_accepted_after_a_change_made_at_once():
    user = UserFactory()
    sessions = [login_as(user) for _ in range(4)]

    def change_or_get_tokens(number: int) -> object:
        if number == 0:
            return role_assign(actor=SYSTEM, user_id=user.public_id, role="judge")
        if number <= 4:
            return refresh(actor=ANONYMOUS, token=sessions[number - 1].refresh)
        return login(actor=ANONYMOUS, email=user.email, password=PASSWORD)

    granted = at_once(12, change_or_get_tokens)[1:]
    revocations.load()
    for tokens in [*sessions, *granted]:
        try:
            actor = actor_of_header(f"Bearer {tokens.access}")
        except TokenExpired:
            assert "judge" not in tokens.user.roles
        else:
            assert "judge" in actor.roles


def test_a_suspension_at_the_same_time_leaves_no_living_session():
    user = UserFactory()

    def suspend_or_login(number: int) -> object:
        if number == 0:
            return user_suspend(actor=SYSTEM, user_id=user.public_id, reason="test").status
        return login(actor=ANONYMOUS, email=user.email, password=PASSWORD).expires_in

    answers = Counter(at_once(10, suspend_or_login))
    assert answers["suspended"] == 1
    assert answers[900] + answers[AccountDisabled] == 9
    assert not Session.objects.filter(ended_at=None).exists()
