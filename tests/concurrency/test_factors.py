"""Second factors under many at once, on real connections."""

from collections import Counter

import pytest

from accounts.errors import MfaInvalid
from accounts.models import LoginFailure, MfaChallenge, RecoveryCode, Session, TotpDevice
from accounts.services import login, mfa_verify, step_up
from accounts.services.claims import actor_for
from ogc.actors import ANONYMOUS
from ogc.errors import RateLimited
from tests.accounts.test_concurrency import at_once
from tests.factories.accounts import PASSWORD, UserFactory, login_as
from tests.factories.factors import code_of, totp_on, wrong_code

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]


@pytest.fixture
def user(settings):
    settings.RATE_LOGIN_ACCOUNT = settings.RATE_LOGIN_IP = "off"
    return UserFactory()


def half(user) -> str:
    return login(actor=ANONYMOUS, email=user.email, password=PASSWORD).mfa_token


def test_one_code_completes_one_of_many_logins(user):
    totp_on(user)
    tokens, code = [half(user) for _ in range(8)], code_of(user)
    answers = at_once(
        8, lambda number: mfa_verify(actor=ANONYMOUS, mfa_token=tokens[number], code=code).expires_in
    )
    assert Counter(answers) == {900: 1, MfaInvalid: 7}
    assert Session.objects.count() == 1


def test_one_recovery_code_completes_one_of_many_logins(user):
    code = totp_on(user)[0]
    tokens = [half(user) for _ in range(8)]
    answers = at_once(
        8, lambda number: mfa_verify(actor=ANONYMOUS, mfa_token=tokens[number], code=code).expires_in
    )
    assert Counter(answers) == {900: 1, MfaInvalid: 7}
    assert RecoveryCode.objects.filter(used_at=None).count() == 9


def test_one_half_login_is_completed_once(user):
    codes = totp_on(user)
    token = half(user)
    answers = at_once(
        8, lambda number: mfa_verify(actor=ANONYMOUS, mfa_token=token, code=codes[number]).expires_in
    )
    assert Counter(answers) == {900: 1, MfaInvalid: 7}
    assert RecoveryCode.objects.filter(used_at=None).count() == 9
    assert Session.objects.count() == 1


def test_a_half_login_takes_no_more_tries_than_five(user):
    totp_on(user)
    token, wrong = half(user), wrong_code(code_of(user))
    answers = at_once(12, lambda _: mfa_verify(actor=ANONYMOUS, mfa_token=token, code=wrong))
    assert Counter(answers) == {MfaInvalid: 12}
    assert MfaChallenge.objects.get().tries_count == 5


def test_guesses_at_once_over_many_half_logins_are_no_more_than_the_limit(user, settings):
    totp_on(user)
    tokens, wrong = [half(user) for _ in range(12)], wrong_code(code_of(user))
    settings.RATE_LOGIN_ACCOUNT = "4/5m"
    answers = at_once(12, lambda number: mfa_verify(actor=ANONYMOUS, mfa_token=tokens[number], code=wrong))
    assert Counter(answers) == {MfaInvalid: 4, RateLimited: 8}
    assert sum(MfaChallenge.objects.values_list("tries_count", flat=True)) == 4


def test_one_code_steps_up_one_of_many_sessions(user, given_up):
    totp_on(user)
    sessions = [Session.objects.get(public_id=login_as(user).session_id) for _ in range(8)]
    actors, code = [actor_for(user, session=session) for session in sessions], code_of(user)
    answers = at_once(8, lambda number: step_up(actor=actors[number], code=code))
    assert Counter(answers) == {None: 1, MfaInvalid: 7}
    assert given_up == []
    assert Session.objects.exclude(stepped_up_at=None).count() == 1
    assert TotpDevice.objects.get().last_step > 0
    assert LoginFailure.objects.filter(subject__startswith="confirm:").count() == 8
