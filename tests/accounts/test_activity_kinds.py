"""Every kind of line is written where its thing happens: done over HTTP, read back over HTTP."""

from datetime import timedelta

import pyotp
import pytest

from accounts.constants import ActivityKind, MailPurpose
from accounts.models import Activity, MailToken, Passkey, RefreshToken, Session
from accounts.selectors import mail_token_text
from accounts.services import factors_clear
from accounts.services.activity import activity_record
from accounts.services.claims import actor_for
from governance.services import role_assign
from ogc import clock
from ogc.actors import SYSTEM
from ogc.db.transactions import run_in_transaction
from tests.api_client import ApiClient
from tests.authenticator import Authenticator
from tests.factories.accounts import PASSWORD, UserFactory, login_as
from tests.factories.addresses import key, proof
from tests.factories.factors import code_of, seed_of, totp_on
from tests.factories.passkeys import passkey_on

pytestmark = pytest.mark.django_db

NEW = "another long and rare sentence"
LOGIN = "auth/login"


class Person:
    """Somebody with a login of just now, and the platform around them."""

    def __init__(self, api: ApiClient, settings: object, drain: object) -> None:
        self.api, self.settings, self.drain = api, settings, drain
        self.user = UserFactory(email="bob@example.org")
        self.granted = login_as(self.user)

    @property
    def client(self) -> ApiClient:
        """The API with a token of the session, with claims as of now."""
        session = Session.objects.filter(user=self.user, ended_at=None).latest("id")
        return self.api.as_user(self.user, session_id=session.public_id)

    def log_in(self, **headers: str) -> object:
        body = {"email": self.user.email, "password": PASSWORD, "token_transport": "body"}
        return self.api.post(LOGIN, body, headers=headers)

    def step_up(self, **body: object) -> object:
        return self.client.post("auth/step-up", body)

    def mailed(self, purpose: MailPurpose) -> str:
        return mail_token_text(MailToken.objects.filter(purpose=purpose).latest("id").public_id)


def login(one):
    Session.objects.all().delete()
    assert one.log_in().status_code == 200


def new_device(one):
    assert one.log_in(**{"user-agent": "Mozilla/5.0 Firefox/128.0"}).status_code == 200


def locked(one):
    one.settings.RATE_LOGIN_ACCOUNT = "1/5m"
    one.api.post(LOGIN, {"email": one.user.email, "password": "wrong wrong wrong"})
    one.drain()


def refresh_reused(one):
    one.api.post("auth/refresh", {"refresh": one.granted.refresh})
    RefreshToken.objects.update(successor_until=clock.now() - timedelta(seconds=1))
    assert one.api.post("auth/refresh", {"refresh": one.granted.refresh}).status_code == 401


def session_ended(one):
    assert one.client.post("auth/logout").status_code == 204


def sessions_ended(one):
    assert one.client.post("auth/logout-all").status_code == 204


def step_up(one):
    assert one.step_up(password=PASSWORD).status_code == 204


def password_changed(one):
    body = {"old_password": PASSWORD, "new_password": NEW}
    assert one.client.post("auth/change-password", body).status_code == 204


def password_reset(one):
    one.api.post("auth/forgot-password", {"email": one.user.email})
    one.drain()
    body = {"token": one.mailed(MailPurpose.RESET_PASSWORD), "new_password": NEW}
    assert one.api.post("auth/reset-password", body).status_code == 204


def email_change_asked(one):
    body = {"new_email": "new@example.org", "password": PASSWORD}
    assert one.client.post("auth/change-email", body).status_code == 202


def email_changed(one):
    email_change_asked(one)
    token = one.mailed(MailPurpose.CHANGE_EMAIL)
    assert one.client.post("auth/confirm-email", {"token": token}).status_code == 200


def totp_added(one):
    seed = seed_of(one.client.post("auth/2fa/setup").json()["otpauth_uri"])
    code = pyotp.TOTP(seed).now()
    assert one.client.post("auth/2fa/confirm", {"code": code}).status_code == 200


def totp_removed(one):
    totp_on(one.user)
    one.step_up(code=code_of(one.user))
    body = {"password": PASSWORD, "code": code_of(one.user, steps=1)}
    assert one.client.post("auth/2fa/disable", body).status_code == 204


def recovery_code_used(one):
    assert one.step_up(code=totp_on(one.user)[0]).status_code == 204


def recovery_codes_made(one):
    totp_on(one.user)
    one.step_up(code=code_of(one.user))
    assert one.client.post("auth/2fa/recovery-codes").status_code == 200


def passkey_added(one):
    options = one.client.post("auth/passkeys/options").json()
    body = {"name": "Laptop", "credential": Authenticator().register(options)}
    assert one.client.post("auth/passkeys", body).status_code == 201


def passkey_removed(one):
    totp_on(one.user)
    passkey_on(one.user)
    assert one.client.delete(f"auth/passkeys/{Passkey.objects.get().public_id}").status_code == 204


def passkey_cloned(one):
    device, _ = passkey_on(one.user)
    Passkey.objects.update(sign_count=1000)
    options = one.api.post("auth/passkeys/login/options", {}).json()
    body = {"credential": device.sign(options), "token_transport": "body"}
    assert one.api.post("auth/passkeys/login", body).status_code == 401


def factors_cleared(one):
    totp_on(one.user)
    staff = UserFactory()
    role_assign(actor=SYSTEM, user_id=staff.public_id, role="admin", reason="test")
    login_as(staff)
    Session.objects.filter(user=staff).update(stepped_up_at=clock.now())
    actor = actor_for(staff, session=Session.objects.get(user=staff))
    factors_clear(actor=actor, user_id=one.user.public_id, reason="lost")


def address_linked(one):
    body = proof("link", key(), one.user)
    assert one.client.post("wallet/link-address", body).status_code < 300


def address_unlinked(one):
    address_linked(one)
    assert one.client.delete("wallet/link-address").status_code == 204


def denied(one):
    line = run_in_transaction(lambda: activity_record(one.user, ActivityKind.STEP_UP))
    assert one.client.post(f"auth/activity/{line.public_id}/deny").status_code == 204


@pytest.mark.parametrize("kind", ActivityKind.values)
def test_what_happens_is_read_in_the_timeline(api, settings, drain, kind):
    one = Person(api, settings, drain)
    globals()[kind](one)
    login_as(one.user)
    lines = one.client.get(f"auth/activity?kind={kind}").json()["results"]
    assert [line["kind"] for line in lines] == [kind]
    assert lines[0]["text"].endswith(".")


def test_the_use_of_a_recovery_code_is_a_line_of_its_session(api, settings, drain):
    one = Person(api, settings, drain)
    codes = totp_on(one.user)
    assert one.step_up(code=codes[0]).status_code == 204
    body = {"password": PASSWORD, "code": codes[1]}
    assert one.client.post("auth/2fa/disable", body).status_code == 204
    lines = Activity.objects.filter(kind="recovery_code_used").order_by("pk")
    assert [(line.details, line.session) for line in lines] == [
        ({"left": left}, Session.objects.get()) for left in (9, 8)
    ]
