"""POST /auth/step-up, and turning factors off, as a client sees them."""

import pytest
from eth_account import Account

from accounts.models import Activity, LoginFailure, RecoveryCode, Session, TotpDevice, User
from ogc.ids import uuid7
from ogc.models import IdempotencyRecord
from tests.api_client import error_code
from tests.factories.accounts import PASSWORD, UserFactory, login_as
from tests.factories.factors import code_of, totp_on, wrong_code
from tests.factories.wallets import rich_user
from wallets.models import ChainTransaction
from wallets.services.seed import seed

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return UserFactory(email="bob@example.org")


@pytest.fixture
def guarded(user):
    """The same person with an app."""
    totp_on(user)
    return user


@pytest.fixture
def rich(db):
    """Somebody with 500 OGC."""
    seed(debug=True)
    return rich_user(500)


def enter(api, user):
    """The API in a new session of this user."""
    return api.as_user(user, session_id=login_as(user).session_id)


def stamps():
    return list(Session.objects.order_by("id").values_list("stepped_up_at", flat=True))


def test_the_password_serves_those_without_a_factor(api, user):
    client, _ = enter(api, user), login_as(user)
    answer = client.post("auth/step-up", {"password": PASSWORD})
    assert (answer.status_code, answer.content) == (204, b"")
    assert [stamp is not None for stamp in stamps()] == [True, False]
    assert Session.objects.order_by("id")[0].mfa_at is None
    line = Activity.objects.get(kind="step_up")
    assert line.details["factor"] == "password"


def test_a_wrong_password_is_400_and_stamps_nothing(api, user):
    refused = enter(api, user).post("auth/step-up", {"password": "wrong wrong wrong"})
    assert (refused.status_code, error_code(refused)) == (400, "AUTH_INVALID_CREDENTIALS")
    assert stamps() == [None]
    assert not Activity.objects.filter(kind="step_up").exists()


def test_with_a_factor_the_password_is_not_enough(api, guarded):
    refused = enter(api, guarded).post("auth/step-up", {"password": PASSWORD})
    assert (refused.status_code, error_code(refused)) == (400, "VALIDATION_ERROR")
    assert list(refused.json()["error"]["details"]) == ["password"]
    assert "totp" in str(refused.json())
    assert stamps() == [None]


@pytest.mark.parametrize("which", ["app", "recovery"])
def test_a_code_steps_up_and_counts_as_the_second_factor_of_the_session(api, user, which):
    client = enter(api, user)
    codes = totp_on(user)
    client = api.as_user(user, session_id=Session.objects.get().public_id)
    code = code_of(user) if which == "app" else codes[0]
    assert client.post("auth/step-up", {"code": code}).status_code == 204
    session = Session.objects.get()
    assert session.stepped_up_at is not None
    assert session.mfa_at == session.stepped_up_at
    replay = client.post("auth/step-up", {"code": code})
    assert (replay.status_code, error_code(replay)) == (401, "AUTH_MFA_INVALID")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"password": PASSWORD, "code": "123456"},
        {"password": None},
        {"code": 123456},
        {"code": ""},
        {"password": ["x"]},
        {"code": "123456", "factor": "totp"},
    ],
)
def test_other_shapes_are_refused(api, user, body):
    refused = enter(api, user).post("auth/step-up", body)
    assert (refused.status_code, error_code(refused)) == (400, "VALIDATION_ERROR")
    assert stamps() == [None]
    assert not LoginFailure.objects.exists()


def test_guesses_within_a_session_lock_this_session_alone_and_tell_once(api, guarded, settings):
    settings.RATE_LOGIN_ACCOUNT = "5/5m"
    client, other = enter(api, guarded), enter(api, guarded)
    for _ in range(5):
        refused = client.post("auth/step-up", {"code": wrong_code(code_of(guarded))})
        assert (refused.status_code, error_code(refused)) == (401, "AUTH_MFA_INVALID")
    for _ in range(3):
        locked = client.post("auth/step-up", {"code": code_of(guarded)})
        assert (locked.status_code, error_code(locked)) == (429, "RATE_LIMITED")
        assert int(locked["Retry-After"]) > 200
    assert Activity.objects.filter(kind="locked").count() == 1
    assert other.post("auth/step-up", {"code": code_of(guarded)}).status_code == 204
    assert [stamp is not None for stamp in stamps()] == [False, True]
    half = api.post("auth/login", {"email": guarded.email, "password": PASSWORD})
    assert half.status_code == 200


def test_a_step_up_of_an_ended_session_is_none(api, user):
    client = enter(api, user)
    Session.objects.update(ended_at="2026-01-01T00:00:00Z")
    assert error_code(client.post("auth/step-up", {"password": PASSWORD})) == "TOKEN_INVALID"
    assert stamps() == [None]


def test_turning_off_takes_step_up_password_and_code(api, guarded):
    client = enter(api, guarded)
    recovery = totp_on_codes(guarded)
    body = {"password": PASSWORD, "code": recovery[0]}
    assert error_code(client.post("auth/2fa/disable", body)) == "STEP_UP_REQUIRED"
    assert client.post("auth/step-up", {"code": code_of(guarded)}).status_code == 204
    wrong = client.post("auth/2fa/disable", body | {"password": "wrong wrong wrong"})
    assert (wrong.status_code, error_code(wrong)) == (400, "AUTH_INVALID_CREDENTIALS")
    wrong = client.post("auth/2fa/disable", body | {"code": "123456"})
    assert (wrong.status_code, error_code(wrong)) == (401, "AUTH_MFA_INVALID")
    assert RecoveryCode.objects.filter(used_at=None).count() == 10
    assert User.objects.get().two_factor is True

    assert client.post("auth/2fa/disable", body).status_code == 204
    assert not TotpDevice.objects.exists()
    assert not RecoveryCode.objects.exists()
    assert User.objects.get().two_factor is False
    assert Session.objects.get().mfa_at is None
    assert Activity.objects.filter(kind="totp_removed").count() == 1
    assert error_code(client.get("auth/me")) == "TOKEN_EXPIRED"
    again = api.as_user(guarded, session_id=Session.objects.get().public_id).post("auth/2fa/disable", body)
    assert (again.status_code, error_code(again)) == (409, "AUTH_2FA_NOT_ON")
    assert api.post("auth/login", {"email": guarded.email, "password": PASSWORD}).json()["access"]


def totp_on_codes(user):
    """New recovery codes in plain text."""
    from accounts.services.recovery_codes import recovery_codes_replace

    return recovery_codes_replace(user)


def test_new_recovery_codes_void_the_old_ones(api, user):
    old = totp_on(user)
    client = enter(api, user)
    assert error_code(client.post("auth/2fa/recovery-codes")) == "STEP_UP_REQUIRED"
    client.post("auth/step-up", {"code": code_of(user)})
    made = client.post("auth/2fa/recovery-codes")
    assert (made.status_code, made["Cache-Control"]) == (200, "no-store")
    new = made.json()["recovery_codes"]
    assert len(set(new)) == 10
    assert not set(new) & set(old)
    assert error_code(client.post("auth/step-up", {"code": old[0]})) == "AUTH_MFA_INVALID"
    assert client.post("auth/step-up", {"code": new[0]}).status_code == 204


def test_recovery_codes_need_a_factor(api, user):
    refused = api.as_stepped_up(user).post("auth/2fa/recovery-codes")
    assert (refused.status_code, error_code(refused)) == (409, "AUTH_2FA_NOT_ON")
    assert not RecoveryCode.objects.exists()


def test_withdrawals_of_a_day_are_summed(api, rich, later):
    session = login_as(rich).session_id

    def withdraw(amount):
        body = {"to": Account.create().address, "amount": amount}
        return api.as_user(rich, session_id=session).post("wallet/transfer", body, key=uuid7())

    assert withdraw("60").status_code == 202
    assert withdraw("39.999999999").status_code == 202
    refused = withdraw("0.000000001")
    assert (refused.status_code, error_code(refused)) == (403, "STEP_UP_REQUIRED")
    assert refused.json()["error"]["details"] == {"factors": ["password"]}
    assert ChainTransaction.objects.count() == 2
    later(hours=24, seconds=1)
    assert withdraw("99.999999999").status_code == 202


def test_a_cancelled_withdrawal_does_not_count(api, rich):
    client = enter(api, rich)
    body = {"to": Account.create().address, "amount": "99"}
    made = client.post("wallet/transfer", body, key=uuid7()).json()
    assert client.post(f"wallet/withdrawals/{made['id']}/cancel").status_code == 200
    assert client.post("wallet/transfer", body, key=uuid7()).status_code == 202


def test_a_step_up_comes_before_address_limits_and_balance_and_after_terms(api, user, settings):
    client = enter(api, user)
    bad = {"to": "0x" + "12" * 20, "amount": "999999"}
    assert error_code(client.post("wallet/transfer", bad, key=uuid7())) == "STEP_UP_REQUIRED"
    settings.TERMS_VERSION = "2"
    assert error_code(client.post("wallet/transfer", bad, key=uuid7())) == "TERMS_ACCEPTANCE_REQUIRED"


def test_the_refusal_is_not_kept_by_an_idempotency_key(api, rich):
    client, key = enter(api, rich), uuid7()
    body = {"to": Account.create().address, "amount": "100"}
    assert error_code(client.post("wallet/transfer", body, key=key)) == "STEP_UP_REQUIRED"
    assert not IdempotencyRecord.objects.exists()
    client.post("auth/step-up", {"password": PASSWORD})
    made = client.post("wallet/transfer", body, key=key)
    assert made.status_code == 202
    assert "Idempotent-Replayed" not in made
    assert ChainTransaction.objects.count() == 1


def test_moves_between_people_need_none(api, rich):
    body = {"to": UserFactory().email, "amount": "400"}
    assert enter(api, rich).post("wallet/transfer", body, key=uuid7()).status_code == 201
