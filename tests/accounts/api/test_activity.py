"""The security timeline and "this wasn't me" from outside."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.constants import ActivityKind
from accounts.models import Activity, AddressNonce, MailToken, MfaChallenge, Session
from accounts.selectors import mail_token_text
from accounts.services.activity import activity_record
from accounts.timeline import sentence
from governance.models import AuditRecord, Incident
from ogc import clock, context
from ogc.context import RequestContext
from ogc.ids import uuid7
from ogc.models import DomainEvent
from tests.api_client import error_code
from tests.factories.accounts import PASSWORD, UserFactory, login_as
from tests.factories.activity import line_make

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb]


@pytest.fixture
def me(db):
    return UserFactory()


@pytest.fixture
def session(me):
    """The session of `mine`."""
    login_as(me)
    return Session.objects.get(user=me)


@pytest.fixture
def mine(api, me, session):
    return api.as_user(me, session_id=session.public_id)


def deny(client, line):
    return client.post(f"auth/activity/{line.public_id}/deny")


def state_of(user):
    """All that a denial changes."""
    user.refresh_from_db()
    user.wallet.refresh_from_db()
    return (
        user.password,
        user.wallet.status,
        Session.objects.filter(user=user, ended_at=None).count(),
        MailToken.objects.count(),
        AuditRecord.objects.filter(action="auth.activity_denied").count(),
        DomainEvent.objects.filter(name="accounts.activity_denied").count(),
        Activity.objects.filter(denied_at__isnull=False).count(),
    )


def test_ones_own_lines_newest_first_in_words(mine, me, session):
    line_make(UserFactory())
    old = line_make(me, details={"method": "password"}, session=session)
    new = line_make(me, ActivityKind.LOCKED, ip=None, device="")
    answer = mine.get("auth/activity")
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    body = answer.json()
    assert (body["next"], body["previous"]) == (None, None)
    assert body["results"] == [
        {
            "id": new.public_id,
            "kind": "locked",
            "text": "Logging in to your account is paused for a while after too many wrong tries.",
            "created_at": new.created_at.isoformat().replace("+00:00", "Z"),
            "ip": None,
            "device": "",
            "session_id": None,
            "current_session": False,
            "details": {},
            "deniable": False,
            "denied_at": None,
        },
        {
            "id": old.public_id,
            "kind": "login",
            "text": "Your account was logged in to with the password on Firefox on Linux.",
            "created_at": old.created_at.isoformat().replace("+00:00", "Z"),
            "ip": "192.0.2.7",
            "device": "Firefox on Linux",
            "session_id": session.public_id,
            "current_session": True,
            "details": {"method": "password"},
            "deniable": True,
            "denied_at": None,
        },
    ]


@pytest.mark.parametrize("kind", ActivityKind.values)
def test_every_kind_has_a_sentence(kind):
    for details in ({}, {"name": "{x}", "reason": "logout", "new": ["network"], "address": "0xAb"}):
        text = sentence(kind, details, "Firefox on Linux")
        assert text.endswith(".")
        assert "  " not in text


def test_where_staff_sit_is_not_told(me):
    token = context.enter(RequestContext(ip="192.0.2.9", user_agent="Mozilla/5.0 Firefox/128.0"))
    try:
        lines = [
            activity_record(me, ActivityKind.FACTORS_CLEARED, alert=False),
            activity_record(me, ActivityKind.SESSIONS_ENDED, reason="staff"),
            activity_record(me, ActivityKind.SESSIONS_ENDED, reason="logout_all"),
        ]
    finally:
        context.leave(token)
    assert [(line.ip, line.device) for line in lines] == [(None, ""), (None, ""), ("192.0.2.9", "Firefox")]


def test_a_filter_by_kind_and_pages(mine, me):
    ids = [line_make(me, ActivityKind.STEP_UP).public_id for _ in range(3)][::-1]
    line_make(me)
    first = mine.get("auth/activity?kind=step_up&page_size=2").json()
    second = mine.get(first["next"].partition("testserver")[2]).json()
    assert [[row["id"] for row in page["results"]] for page in (first, second)] == [ids[:2], ids[2:]]
    assert second["next"] is None


def test_a_kind_that_does_not_exist_and_a_foreign_cursor_are_refused(mine, me):
    for _ in range(2):
        line_make(me)
    answer = mine.get("auth/activity?kind=nothing")
    assert (answer.status_code, error_code(answer)) == (400, "VALIDATION_ERROR")
    link = mine.get("auth/activity?page_size=1").json()["next"].partition("testserver")[2]
    answer = mine.get(f"{link}&kind=login")
    assert (answer.status_code, error_code(answer)) == (400, "CURSOR_INVALID")


@pytest.mark.parametrize("count", [1, 50])
def test_the_list_takes_one_query_whatever_its_length(mine, me, session, count):
    for _ in range(count):
        line_make(me, session=session)
    mine.get("auth/activity")
    with CaptureQueriesContext(connection) as queries:
        assert len(mine.get("auth/activity?page_size=100").json()["results"]) == count
    assert len(queries) == 1


def test_a_denial_shuts_everybody_out_and_lets_the_owner_back_in_by_mail(api, mine, me, session, drain):
    login_as(me)
    line = line_make(me, session=Session.objects.exclude(pk=session.pk).get())
    for purpose in ("reset_password", "change_email", "verify_email"):
        MailToken.objects.create(user=me, purpose=purpose, nonce="n", expires_at=clock.now())
    MfaChallenge.objects.create(user=me, token_hash="h", transport="body", expires_at=clock.now())
    AddressNonce.objects.create(nonce="n", purpose="link", address="0x", user=me, expires_at=clock.now())
    answer = deny(mine, line)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.cookies["ogc_refresh"].value == ""

    assert set(Session.objects.filter(user=me).values_list("end_reason", flat=True)) == {"denied"}
    assert error_code(mine.get("auth/verify")) == "TOKEN_INVALID"
    login = {"email": me.email, "password": PASSWORD}
    assert error_code(api.post("auth/login", login)) == "AUTH_INVALID_CREDENTIALS"
    me.wallet.refresh_from_db()
    assert (me.wallet.status, me.wallet.freeze_cause) == ("frozen", "person")
    assert not MfaChallenge.objects.filter(used_at=None).exists()
    assert not AddressNonce.objects.filter(used_at=None).exists()
    unused = MailToken.objects.filter(used_at=None)
    assert sorted(unused.values_list("purpose", flat=True)) == ["reset_password", "verify_email"]
    token = unused.get(purpose="reset_password")
    assert token.email == ""
    assert mail_token_text(token.public_id)
    event = DomainEvent.objects.get(name="accounts.reset_requested")
    assert event.payload == {"user_id": me.public_id, "mail_token_id": token.public_id}

    line.refresh_from_db()
    assert line.denied_at is not None
    said = Activity.objects.get(user=me, kind="denied")
    assert (said.details, said.session) == ({"denied": "login", "undone": []}, session)
    record = AuditRecord.objects.get(action="auth.activity_denied")
    assert (record.severity, record.target_id) == ("critical", me.public_id)

    drain()
    incident = Incident.objects.get(target_type="user", target_id=me.public_id)
    assert (incident.severity, incident.status) == ("high", "open")
    assert "login" in incident.summary


def test_a_second_denial_changes_nothing(api, mine, me):
    line = line_make(me)
    assert deny(mine, line).status_code == 204
    login_as(me)
    again = api.as_user(me, session_id=Session.objects.get(user=me, ended_at=None).public_id)
    before = state_of(me)
    assert deny(again, line).status_code == 204
    assert state_of(me) == before


def test_denying_a_login_denies_what_was_done_in_its_session_since(mine, me, session):
    other_session = line_make(me, ActivityKind.PASSKEY_ADDED)
    before = line_make(me, ActivityKind.STEP_UP, session=session)
    login = line_make(me, ActivityKind.NEW_DEVICE, session=session)
    since = line_make(me, ActivityKind.PASSWORD_CHANGED, session=session)
    locked = line_make(me, ActivityKind.LOCKED, session=session)
    assert deny(mine, login).status_code == 204
    denied = set(Activity.objects.filter(denied_at__isnull=False))
    assert denied == {login, since}
    assert not {other_session, before, locked} & denied


def test_somebody_elses_line_and_an_unknown_one_are_not_found(mine, me):
    other = UserFactory()
    theirs = line_make(other)
    before = state_of(me), state_of(other)
    for line_id in (theirs.public_id, uuid7(), "1", str(theirs.pk), "%F0%9F%98%80"):
        answer = mine.post(f"auth/activity/{line_id}/deny")
        assert (answer.status_code, error_code(answer)) == (404, "NOT_FOUND")
    assert (state_of(me), state_of(other)) == before


@pytest.mark.parametrize(
    ("kind", "details"),
    [
        (ActivityKind.LOCKED, {}),
        (ActivityKind.DENIED, {}),
        (ActivityKind.SESSIONS_ENDED, {"reason": "password"}),
        (ActivityKind.SESSION_ENDED, {"reason": "refresh_reuse"}),
        (ActivityKind.TOTP_REMOVED, {"by": "platform"}),
        (ActivityKind.PASSKEY_REMOVED, {"by": "platform", "name": "Laptop"}),
        (ActivityKind.ADDRESS_UNLINKED, {"by": "platform", "address": "0x"}),
    ],
)
def test_what_nobody_else_can_have_caused_is_not_deniable(mine, me, kind, details):
    line = line_make(me, kind, details=details)
    before = state_of(me)
    answer = deny(mine, line)
    assert (answer.status_code, error_code(answer)) == (409, "ACTIVITY_NOT_DENIABLE")
    assert answer.json()["error"]["details"] == {"kind": kind}
    assert state_of(me) == before


def test_both_want_a_login(api, me):
    line = line_make(me)
    for answer in (api.get("auth/activity"), deny(api, line)):
        assert (answer.status_code, error_code(answer)) == (401, "NOT_AUTHENTICATED")
