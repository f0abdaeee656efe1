"""DELETE /users/me: refusals that change nothing, and what is left of a person afterwards."""

import pytest
from auditlog.models import LogEntry
from django.apps import apps
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from accounts.constants import ActivityKind
from accounts.models import (
    Activity,
    DataExport,
    LoginFailure,
    MailToken,
    Passkey,
    RecoveryCode,
    Session,
    TotpDevice,
    User,
)
from accounts.services import actor_for, user_suspend
from accounts.services.activity import activity_record
from accounts.services.seed import plans_seed
from analytics.models import Event
from analytics.services.ingest import events_ingest
from challenges.services.seed import seed as challenges_seed
from governance.models import AuditPersonal
from notifications.models import Delivery, Notification, Preference
from ogc import clock, context
from ogc.actors import SYSTEM
from ogc.db.transactions import run_in_transaction
from ogc.models import DomainEvent, IdempotencyRecord
from ogc.ports import audit_record
from tests.accounts.pictures import form, picture
from tests.api_client import error_code
from tests.factories.accounts import PASSWORD, UserFactory, login_as
from tests.factories.challenges import (
    approved,
    entered,
    finalized,
    judged_by,
    opened,
    person,
    to_voting,
    voted,
)
from tests.factories.governance import staff
from tests.factories.notifications import NotificationFactory
from tests.factories.wallets import rich_user
from wallets.models import LedgerAccount, Wallet
from wallets.rules import user_account_key
from wallets.services.posting import Leg, TransactionDraft, post, transaction_open
from wallets.services.seed import seed as wallets_seed

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb]

SECRETS = ["ada@example.org", "Ada Lovelace", "203.0.113.77", "Firefox/99", "Numbers and let", "Ada's phone"]
GONE = (Activity, TotpDevice, RecoveryCode, Passkey, MailToken, DataExport, Notification, Preference)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def money(db):
    plans_seed()
    wallets_seed(debug=True)
    challenges_seed(debug=True)


@pytest.fixture
def user():
    return UserFactory(email="ada@example.org", name="Ada Lovelace", birth_year=1990, track="students")


@pytest.fixture
def client(api, user):
    session = {"session_id": Session.objects.get(public_id=login_session(user)).public_id}
    return api.as_user(user, **session)


def login_session(user):
    login_as(user)
    return Session.objects.filter(user=user).latest("pk").public_id


def close(client, password=PASSWORD, **extra):
    return client.delete("users/me", {"password": password}, **extra)


def everything():
    """Every row of every table, as text."""
    rows = {}
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed:
            rows[model._meta.label] = [str(sorted(row.items())) for row in model._default_manager.values()]
    return rows


def assert_refused(client, code, status=409, password=PASSWORD, **details):
    before = everything()
    response = close(client, password)
    assert (response.status_code, error_code(response)) == (status, code), response.content
    if details:
        assert response.json()["error"]["details"] == details
    after = everything()
    changed = {label for label in before if before[label] != after[label]}
    assert changed <= {"accounts.LoginFailure", "governance.AuditRecord", "governance.AuditPersonal"}


def give(user, kind, amount):
    draft = TransactionDraft(type="faucet", amount=amount, recipient_pk=Wallet.objects.get(user=user).pk)
    key = user_account_key(user.public_id, kind)

    def move():
        legs = (Leg("treasury", -amount), Leg(key, amount))
        post(transaction_id=transaction_open(draft), kind="post", source_key=draft.public_id, legs=legs)

    run_in_transaction(move)


def test_a_wrong_password_is_refused_and_counted_for_this_session_alone(client, user):
    assert_refused(client, "AUTH_INVALID_CREDENTIALS", 400, password="wrong wrong wrong")
    counted = LoginFailure.objects.order_by("subject").values_list("subject", "failures_count")
    assert [(subject.split(":")[0], count) for subject, count in counted] == [("confirm", 1), ("confirms", 1)]
    for body in ({}, {"password": None}, {"password": ""}, {"password": PASSWORD, "force": True}):
        assert error_code(client.delete("users/me", body)) == "VALIDATION_ERROR"
    assert User.objects.get(pk=user.pk).status == "active"


def test_guesses_end(client, settings):
    settings.RATE_LOGIN_ACCOUNT = "3/5m"
    codes = [error_code(close(client, "wrong wrong wrong")) for _ in range(5)]
    assert codes == ["AUTH_INVALID_CREDENTIALS"] * 3 + ["RATE_LIMITED"] * 2


def test_only_a_balance_has_a_code_of_its_own(client, user, money):
    give(user, "available", 12_500_000_000)
    assert_refused(client, "BALANCE_NOT_EMPTY", obligations=[{"kind": "balance", "amount": "12.5"}])


def test_whatever_is_open_is_listed(client, user, money):
    for kind in ("available", "pending", "staked", "reserved"):
        give(user, kind, 10**9)
    found = [{"kind": kind, "amount": "1"} for kind in ("balance", "pending_rewards", "stakes", "reserved")]
    assert_refused(client, "ACCOUNT_HAS_OBLIGATIONS", obligations=found)


def test_staff_hand_their_roles_back_first(api):
    for role in ("moderator", "super_admin"):
        person = staff(role)
        client = api.as_user(person, session_id=login_session(person))
        assert_refused(client, "ACCOUNT_HAS_OBLIGATIONS", obligations=[{"kind": "staff_roles", "count": 1}])


def test_nobody_closes_without_a_login(api, user):
    assert error_code(close(api)) == "NOT_AUTHENTICATED"
    client = api.as_user(user)
    user_suspend(actor=SYSTEM, user_id=user.public_id, reason="spam")
    assert error_code(close(client)) == "AUTH_ACCOUNT_DISABLED"
    assert User.objects.get(pk=user.pk).email == "ada@example.org"


def live_a_little(user, client):
    """Leave traces of the person in as many tables as possible."""
    body, content_type = form(avatar=picture(), bio="Numbers and letters", locale="en", time_zone="UTC")
    seen = {"REMOTE_ADDR": "203.0.113.77", "HTTP_USER_AGENT": "Mozilla/5.0 Firefox/99"}
    assert client.call("PATCH", "users/me", body, content_type=content_type, **seen).status_code == 200
    here = context.RequestContext(
        request_id="r", correlation_id="r", ip="203.0.113.77", user_agent="Mozilla/5.0 Firefox/99"
    )
    token = context.enter(here)
    try:
        login_as(user)
        user.refresh_from_db()
        user.terms_version = "1"
        user.save()
        LogEntry.objects.filter(object_pk=str(user.pk)).update(actor_id=user.pk, actor_email=user.email)
    finally:
        context.leave(token)
    run_in_transaction(lambda: activity_record(user, ActivityKind.PASSKEY_ADDED, name="Ada's phone"))
    TotpDevice.objects.create(user=user, seed_sealed=b"x", confirmed_at=clock.now())
    RecoveryCode.objects.create(user=user, code_hash="x")
    key = {"credential_id": b"x", "credential_hash": "x", "public_key": b"x"}
    Passkey.objects.create(user=user, name="Ada's phone", **key)
    MailToken.objects.create(user=user, purpose="reset_password", nonce="n", expires_at=clock.now())
    file = default_storage.save("exports/a", ContentFile(b"x"))
    DataExport.objects.create(user=user, status="ready", file=file)
    NotificationFactory(user=user, message="Hello Ada Lovelace")
    Preference.objects.create(user=user, channels={})
    IdempotencyRecord.objects.create(
        caller=user.public_id, key="k", fingerprint="f", status_code=200, body=b"ada@example.org"
    )
    actor = actor_for(user)
    events_ingest(actor=actor, events=[{"name": "page_seen", "ts": now_text(), "session_id": "browser-1"}])
    seen_as = context.enter(here)
    try:
        audit_record(actor=actor, action="tests.seen")
    finally:
        context.leave(seen_as)


def now_text():
    return clock.now().isoformat().replace("+00:00", "Z")


def test_nothing_personal_is_left_and_the_address_is_free(api, client, user, drain, media):
    live_a_little(user, client)
    drain()
    before = " ".join(text for rows in everything().values() for text in rows)
    assert [secret for secret in SECRETS if secret not in before.replace("\\'", "'")] == []

    response = close(client, headers={"user-agent": "Mozilla/5.0 Firefox/99"}, REMOTE_ADDR="203.0.113.77")
    assert (response.status_code, response.content) == (204, b"")
    drain()

    left = {label: " ".join(rows) for label, rows in everything().items()}
    found = {(label, secret) for label, text in left.items() for secret in SECRETS if secret in text}
    assert found == set()
    assert [path for path in media.rglob("*") if path.is_file()] == []
    user.refresh_from_db()
    assert (user.email, user.name) == (f"closed-{user.public_id}@invalid", "Closed account")
    assert user.status == "closed"
    assert not user.has_usable_password()
    assert (user.birth_year, user.track, user.bio, user.locale, user.timezone, user.two_factor) == (
        None,
        "",
        "",
        "",
        "",
        False,
    )
    wallet = Wallet.objects.get(user=user)
    assert (wallet.status, wallet.address) == ("closed", None)
    assert not Session.objects.filter(user=user, ended_at=None).exists()
    for model in GONE:
        assert not model.objects.filter(user=user).exists(), model
    assert not Event.objects.filter(user=user).exists()
    assert not Event.objects.filter(dedupe_key__startswith=f"{user.pk}:").exists()
    assert not Delivery.objects.filter(user=user, status__in=["queued", "failed"]).exists()
    assert not AuditPersonal.objects.filter(record__actor_id=user.public_id).exists()
    again = {"email": "ada@example.org", "password": "another rare sentence", "name": "Eve"}
    assert api.post("auth/register", again).status_code == 201


def test_what_a_late_request_wrote_goes_too(client, user, drain):
    close(client)
    TotpDevice.objects.create(user=user, seed_sealed=b"x")
    run_in_transaction(lambda: activity_record(user, ActivityKind.PASSKEY_ADDED, name="Ada's phone"))
    drain()
    assert not TotpDevice.objects.exists()
    assert not Activity.objects.exists()


def test_the_closed_are_refused_everywhere(api, client, user):
    granted = login_as(user)
    close(client)
    for one in (client, api.with_token(granted.access)):
        assert error_code(one.get("auth/me")) == "AUTH_ACCOUNT_DISABLED"
        assert error_code(close(one)) == "AUTH_ACCOUNT_DISABLED"
    assert api.post("auth/refresh", {"refresh": granted.refresh}).status_code in (401, 403)
    login = api.post("auth/login", {"email": "ada@example.org", "password": PASSWORD})
    assert error_code(login) == "AUTH_INVALID_CREDENTIALS"
    for path in (f"users/{user.public_id}", f"users/{user.public_id}/avatar"):
        assert error_code(api.get(path)) == "NOT_FOUND"
    assert DomainEvent.objects.filter(name="accounts.account_closed").count() == 1


def test_staff_do_nothing_more_to_the_closed(api, client, user):
    close(client)
    admin = api.as_user(staff("super_admin"))
    base = f"admin/users/{user.public_id}"
    assert error_code(admin.post(f"{base}/suspend", {"reason": "x", "confirm": True})) == "NOT_FOUND"
    assert admin.get(base).json()["status"] == "closed"


def test_money_is_not_sent_to_the_closed(api, client, user, money):
    giver = api.as_user(rich_user(10))
    close(client)
    for to in (user.public_id, "ada@example.org"):
        response = giver.post("wallet/transfer", {"to": to, "amount": "1"}, key=f"k{to}")
        assert error_code(response) == "RECIPIENT_NOT_FOUND"
    assert LedgerAccount.objects.filter(wallet__user=user).exclude(balance=0).count() == 0


def test_open_entries_and_unpaid_prizes_are_obligations(api, client, user, money):
    admin, moderator = person("admin"), person("moderator")
    challenge = opened(admin, track="students")
    entered(user, challenge)
    assert_refused(client, "ACCOUNT_HAS_OBLIGATIONS", obligations=[{"kind": "entries", "count": 1}])
    work = approved(user, challenge, moderator)
    to_voting(challenge)
    voted(person(), work)
    later = api.as_user(user, session_id=login_session(user))
    assert_refused(later, "ACCOUNT_HAS_OBLIGATIONS", obligations=[{"kind": "entries", "count": 1}])
    finalized(challenge, admin)
    latest = api.as_user(user, session_id=login_session(user))
    assert_refused(latest, "ACCOUNT_HAS_OBLIGATIONS", obligations=[{"kind": "prizes", "count": 1}])


def test_who_left_a_challenge_may_close(client, user, money):
    challenge = opened(person("admin"), track="students")
    entered(user, challenge)
    client.delete(f"challenges/{challenge.slug}/enter")
    assert close(client).status_code == 204


def test_judges_give_their_scores_first(api, user, money):
    admin = person("admin")
    user.groups.add(Group.objects.get(name="judge"))
    judged_by(user, opened(admin, judging_mode="judges"), admin)
    client = api.as_user(user, session_id=login_session(user))
    assert_refused(client, "ACCOUNT_HAS_OBLIGATIONS", obligations=[{"kind": "judging", "count": 1}])
