"""/users/me and public profiles."""

import pytest

from accounts.models import User
from accounts.services import user_suspend
from ogc import clock
from ogc.actors import SYSTEM
from ogc.ids import uuid7
from ogc.models import DomainEvent
from tests.accounts.pictures import form, picture
from tests.api_client import error_code
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db

WHOLE = {"bio": "Numbers.", "locale": "en-GB", "time_zone": "Europe/London"}


@pytest.fixture
def user():
    return UserFactory(name="Ada", email="ada@example.org")


@pytest.fixture
def ada(api, user):
    return api.as_user(user)


def row(user):
    return User.objects.values().get(pk=user.pk)


def test_a_new_user_has_an_empty_profile(ada, user, django_assert_num_queries):
    with django_assert_num_queries(1):
        response = ada.get("users/me")
    assert response.json() == {
        "id": user.public_id,
        "email": "ada@example.org",
        "name": "Ada",
        "bio": "",
        "avatar": None,
        "locale": None,
        "time_zone": None,
        "track": None,
        "birth_year": None,
        "email_verified": True,
        "plan": "free",
        "two_factor": False,
        "terms_version": None,
        "created_at": user.created_at.isoformat().replace("+00:00", "Z"),
    }
    assert response["Cache-Control"] == "no-store"


def test_what_is_named_changes_and_the_rest_stays(ada, user):
    ada.patch(
        "users/me", {"name": "  Ada Lovelace ", "bio": "One\ntwo", "track": "students", "birth_year": 1990}
    )
    response = ada.patch("users/me", {"locale": "zh-hant-tw", "time_zone": "America/Argentina/Salta"})
    assert response.status_code == 200
    body = response.json()
    assert (body["name"], body["bio"], body["track"], body["birth_year"]) == (
        "Ada Lovelace",
        "One\ntwo",
        "students",
        1990,
    )
    assert (body["locale"], body["time_zone"]) == ("zh-Hant-TW", "America/Argentina/Salta")
    cleared = dict.fromkeys(("locale", "time_zone", "track", "birth_year")) | {"bio": ""}
    body = ada.patch("users/me", cleared).json()
    assert {name: body[name] for name in cleared} == cleared
    assert ada.patch("users/me", {}).json() == body


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "   "),
        ("name", None),
        ("name", 5),
        ("name", "x" * 101),
        ("name", "Ada\u202emoc.live"),
        ("name", "Ada\nLovelace"),
        ("name", "Ada\x00"),
        ("bio", "x" * 2001),
        ("bio", None),
        ("bio", "\x1b[31m"),
        ("locale", "english"),
        ("locale", "en_GB"),
        ("locale", "en-GB-oed-x-private"),
        ("locale", 7),
        ("time_zone", "Mars/Olympus"),
        ("time_zone", "../../etc/passwd"),
        ("time_zone", "GMT+25"),
        ("time_zone", "Factory"),
        ("track", "robots"),
        ("track", ""),
        ("birth_year", 1899),
        ("birth_year", 2101),
        ("birth_year", "1990"),
        ("birth_year", 1990.0),
        ("birth_year", True),
        ("avatar", "https://example.org/me.png"),
        ("avatar", {"file": "x"}),
        ("email", "other@example.org"),
        ("plan", "enterprise"),
        ("is_staff", True),
        ("id", "01990f3e-5c1a-7b2d-9e4f-0a1b2c3d4e5f"),
        ("email_verified", True),
    ],
)
def test_bad_values_are_refused_and_change_nothing(ada, user, field, value):
    before = row(user)
    response = ada.patch("users/me", {"bio": "changed", field: value})
    assert (response.status_code, error_code(response)) == (400, "VALIDATION_ERROR")
    assert list(response.json()["error"]["details"]) == [field]
    assert row(user) == before


def test_nobody_is_born_next_year(ada, user):
    response = ada.patch("users/me", {"birth_year": clock.today().year + 1})
    assert (response.status_code, error_code(response)) == (400, "VALIDATION_ERROR")
    assert row(user)["birth_year"] is None


def test_a_whole_profile_earns_its_points_once(ada, api, user, drain):
    ada.patch("users/me", WHOLE)
    assert not DomainEvent.objects.filter(name="accounts.profile_completed").exists()
    body, content_type = form(avatar=picture())
    ada.call("PATCH", "users/me", body, content_type=content_type)
    ada.patch("users/me", {"bio": ""})
    ada.patch("users/me", WHOLE)
    drain()
    earned = user.contribution_events.filter(action="profile_completed")
    assert list(earned.values_list("points_milli", flat=True)) == [10_000]


def test_only_ones_own_profile(api, user):
    assert error_code(api.get("users/me")) == "NOT_AUTHENTICATED"
    assert error_code(api.patch("users/me", {"name": "Eve"})) == "NOT_AUTHENTICATED"
    assert api.as_user(UserFactory()).patch(f"users/{user.public_id}", {"name": "Eve"}).status_code == 405
    assert row(user)["name"] == "Ada"


def test_anybody_sees_a_public_profile_and_nothing_personal(api, user, django_assert_num_queries):
    User.objects.filter(pk=user.pk).update(bio="secret", birth_year=1990, locale="de", timezone="UTC")
    with django_assert_num_queries(4):
        response = api.get(f"users/{user.public_id}")
    assert response.json() == {
        "id": user.public_id,
        "name": "Ada",
        "avatar": None,
        "badges": [],
        "rank": None,
        "finished_challenges": [],
    }


def test_who_is_out_has_no_profile(api, user):
    user_suspend(actor=SYSTEM, user_id=user.public_id, reason="spam")
    for user_id in (user.public_id, uuid7(), "nobody", "%00"):
        for path in (f"users/{user_id}", f"users/{user_id}/avatar"):
            response = api.get(path)
            assert (response.status_code, error_code(response)) == (404, "NOT_FOUND")
