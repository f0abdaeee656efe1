"""/auth/sessions over HTTP, and the cookie that a refresh token travels in."""

import pytest

from accounts.constants import TokenTransport
from accounts.models import Activity, RefreshToken, Revocation, Session
from accounts.tokens import access_token_check
from ogc.ids import uuid7
from tests.api_client import error_code
from tests.factories.accounts import PASSWORD, UserFactory, login_as

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb]

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PATH = "/api/v1/auth"


@pytest.fixture
def user():
    return UserFactory()


def id_of(granted):
    return granted.session_id


def log_in(api, user, transport, **extra):
    body = {"email": user.email, "password": PASSWORD, "token_transport": transport}
    return api.post("auth/login", body, **extra)


def with_cookie(api, token, body=None):
    return api.post("auth/refresh", body, headers={"cookie": f"ogc_refresh={token}"})


def test_a_session_is_shown_with_what_it_was_opened_from(api, user):
    access = log_in(api, user, "body", headers={"user-agent": FIREFOX}, REMOTE_ADDR="203.0.113.7").json()[
        "access"
    ]
    answer = api.with_token(access).get("auth/sessions")
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    session = Session.objects.get()
    stamp = session.created_at.isoformat().replace("+00:00", "Z")
    assert answer.json() == {
        "results": [
            {
                "id": session.public_id,
                "device": "Firefox on Linux",
                "ip": "203.0.113.7",
                "method": "password",
                "created_at": stamp,
                "last_used_at": stamp,
                "current": True,
                "mfa": False,
            }
        ],
        "next": None,
        "previous": None,
    }


def test_only_ones_own_living_sessions_are_listed_the_last_used_first(api, user, later):
    first = login_as(user)
    later(days=20)
    second, ended = login_as(user), login_as(user)
    login_as(UserFactory())
    api.with_token(ended.access).post("auth/logout")
    later(minutes=1)
    mine = login_as(user)
    assert api.post("auth/refresh", {"refresh": second.refresh}).status_code == 200
    mine = api.with_token(mine.access)

    def listed():
        return [(one["id"], one["current"]) for one in mine.get("auth/sessions").json()["results"]]

    current = Session.objects.latest("pk").public_id
    assert listed() == [(id_of(second), False), (current, True), (id_of(first), False)]
    Session.objects.filter(public_id=id_of(first)).update(expires_at=Session.objects.latest("pk").created_at)
    assert listed() == [(id_of(second), False), (current, True)]


@pytest.mark.parametrize("count", [1, 50])
def test_the_list_costs_the_same_however_long(api, user, count, django_assert_num_queries):
    sessions = [login_as(user) for _ in range(count)]
    mine = api.with_token(sessions[0].access)
    mine.get("auth/sessions")
    with django_assert_num_queries(1):
        answer = mine.get("auth/sessions?page_size=100").json()
    assert len(answer["results"]) == count


def test_pages_follow_each_other_and_belong_to_one_person(api, user):
    sessions = [login_as(user) for _ in range(5)]
    mine = api.with_token(sessions[0].access)
    first = mine.get("auth/sessions?page_size=3").json()
    second = mine.get(first["next"].partition("/api/v1/")[2]).json()
    ids = [one["id"] for one in first["results"] + second["results"]]
    assert ids == [id_of(one) for one in reversed(sessions)]
    stranger = api.with_token(login_as(UserFactory()).access)
    foreign = stranger.get(first["next"].partition("/api/v1/")[2])
    assert (foreign.status_code, error_code(foreign)) == (400, "CURSOR_INVALID")
    assert error_code(mine.get("auth/sessions?page_size=0")) == "VALIDATION_ERROR"


def test_another_session_is_ended_with_its_tokens(api, user):
    mine, other = login_as(user), login_as(user)
    assert api.with_token(other.access).get("auth/verify").status_code == 204
    answer = api.with_token(mine.access).delete(f"auth/sessions/{id_of(other)}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert not answer.cookies
    assert error_code(api.with_token(other.access).get("auth/verify")) == "TOKEN_INVALID"
    assert error_code(api.post("auth/refresh", {"refresh": other.refresh})) == "AUTH_REFRESH_REVOKED"
    assert api.with_token(mine.access).get("auth/verify").status_code == 204
    assert Session.objects.get(public_id=id_of(other)).end_reason == "revoked"
    line = Activity.objects.get(kind="session_ended")
    assert (line.session.public_id, line.details) == (id_of(other), {"reason": "revoked"})


def test_ending_the_current_session_also_clears_the_cookie(api, user):
    mine = login_as(user, TokenTransport.COOKIE)
    answer = api.with_token(mine.access).delete(f"auth/sessions/{id_of(mine)}")
    assert answer.cookies["ogc_refresh"]["max-age"] == 0
    assert error_code(api.with_token(mine.access).get("auth/sessions")) == "TOKEN_INVALID"


def test_what_is_not_ones_own_living_session_is_not_found_and_nothing_changes(api, user):
    mine, ended, foreign = login_as(user), login_as(user), login_as(UserFactory())
    caller = api.with_token(mine.access)
    assert caller.delete(f"auth/sessions/{id_of(ended)}").status_code == 204
    before = (
        list(Session.objects.order_by("pk").values()),
        Revocation.objects.count(),
        Activity.objects.count(),
    )
    for session_id in (
        id_of(ended),
        id_of(foreign),
        uuid7(),
        "1",
        str(Session.objects.first().pk),
        "a" * 300,
    ):
        answer = caller.delete(f"auth/sessions/{session_id}")
        assert (answer.status_code, error_code(answer)) == (404, "NOT_FOUND")
    after = (
        list(Session.objects.order_by("pk").values()),
        Revocation.objects.count(),
        Activity.objects.count(),
    )
    assert after == before


@pytest.mark.parametrize(
    "method, path", [("GET", "sessions"), ("DELETE", "sessions/01990f3e-5c1a-7b2d-9e4f-0a1b2c3d4e5f")]
)
def test_both_need_a_login(api, method, path):
    assert error_code(api.call(method, f"auth/{path}")) == "NOT_AUTHENTICATED"


@pytest.mark.parametrize("debug", [True, False])
def test_the_cookie_is_out_of_reach_and_is_cleared_with_the_attributes_it_was_set_with(
    api, user, settings, debug
):
    settings.DEBUG = debug
    answer = log_in(api, user, "cookie")
    refreshed = with_cookie(api, answer.cookies["ogc_refresh"].value)
    caller = api.with_token(answer.json()["access"])
    cleared = caller.post("auth/logout")
    for response in (answer, refreshed, cleared):
        cookie = response.cookies["ogc_refresh"]
        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", PATH)
        assert bool(cookie["secure"]) is not debug
        assert cookie["domain"] == ""
    assert (cleared.cookies["ogc_refresh"].value, cleared.cookies["ogc_refresh"]["max-age"]) == ("", 0)
    assert refreshed.cookies["ogc_refresh"]["max-age"] == 30 * 86_400


def test_a_token_in_the_body_wins_over_the_cookie_and_is_answered_in_the_body(api, user):
    in_cookie, in_body = login_as(user, TokenTransport.COOKIE), login_as(user)
    answer = with_cookie(api, in_cookie.refresh, {"refresh": in_body.refresh})
    assert list(answer.json()) == ["access", "expires_in", "refresh"]
    assert not answer.cookies
    assert access_token_check(answer.json()["access"]).session_id == id_of(in_body)
    assert RefreshToken.objects.get(session__public_id=id_of(in_cookie)).used_at is None


def test_a_bad_token_in_the_body_is_not_made_up_for_by_the_cookie(api, user):
    granted = login_as(user, TokenTransport.COOKIE)
    for body, status in (({"refresh": "unknown"}, 401), ({"refresh": ""}, 400), ({"refresh": None}, 400)):
        answer = with_cookie(api, granted.refresh, body)
        assert answer.status_code == status
        assert not answer.cookies
    assert RefreshToken.objects.get().used_at is None
