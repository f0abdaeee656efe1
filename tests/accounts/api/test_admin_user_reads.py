"""What staff read of users: the list, one user, and the trace that it leaves."""

import pytest
from django.contrib.auth.models import Group

from governance.models import AuditRecord
from ogc.ids import uuid7
from tests.api_client import error_code
from tests.factories.accounts import UserFactory, login_as
from tests.factories.governance import staff

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb]


@pytest.fixture
def moderator(api):
    return api.as_user(staff("moderator", name="Mod", email="mod@ogc.example"))


def found(client, **query):
    text = "&".join(f"{name}={value}" for name, value in query.items())
    response = client.get(f"admin/users?{text}")
    assert response.status_code == 200, response.content
    return [row["email"].split("@")[0] for row in response.json()["results"]]


def test_the_list_is_newest_first_with_a_count(moderator):
    ada = UserFactory(name="Ada", email="ada@example.org", unverified=True)
    body = moderator.get("admin/users?page_size=1").json()
    assert body["count"] == 2
    assert body["results"] == [
        {
            "id": ada.public_id,
            "email": "ada@example.org",
            "name": "Ada",
            "status": "active",
            "suspended_until": None,
            "roles": ["user"],
            "plan": "free",
            "email_verified": False,
            "two_factor": False,
            "created_at": ada.created_at.isoformat().replace("+00:00", "Z"),
        }
    ]
    assert body["next"].endswith("page=2")
    second = moderator.get("admin/users?page_size=1&page=2").json()
    assert [row["roles"] for row in second["results"]] == [["moderator", "user"]]
    assert second["next"] is None


def test_filters_narrow_the_list(moderator):
    UserFactory(email="ann@example.org", suspended=True)
    bob = UserFactory(email="bob@example.org")
    bob.groups.add(Group.objects.get(name="judge"))
    assert found(moderator, status="suspended") == ["ann"]
    assert found(moderator, role="judge") == ["bob"]
    assert found(moderator, role="moderator") == ["mod"]
    assert found(moderator, role="user", status="active") == ["bob", "mod"]
    refused = moderator.get("admin/users?role=nobody")
    assert (refused.status_code, list(refused.json()["error"]["details"])) == (400, ["role"])


def test_search_takes_the_beginning_of_address_name_or_id_and_no_wildcards(moderator):
    one = UserFactory(email="a_b@example.org", name="Zoë 100%")
    UserFactory(email="axb@example.org", name="Zora")
    assert found(moderator, search="A_B") == ["a_b"]
    assert found(moderator, search="zor") == ["axb"]
    assert found(moderator, search="Zo") == ["axb", "a_b"]
    assert found(moderator, search=one.public_id) == ["a_b"]
    assert found(moderator, search="%25") == []
    assert found(moderator, search="_") == []
    assert found(moderator, search="' OR 1=1 --") == []


@pytest.mark.parametrize("count", [1, 50])
def test_the_list_costs_the_same_whatever_its_length(moderator, count, django_assert_num_queries):
    group = Group.objects.get(name="judge")
    for user in UserFactory.create_batch(count):
        user.groups.add(group)
    # Savepoint, two rows of audit, count, page, groups.
    with django_assert_num_queries(7):
        body = moderator.get("admin/users?page_size=100").json()
    assert len(body["results"]) == count + 1


@pytest.mark.parametrize("query", ["page=0", "page=101", "page=x", "status=gone", "search=", "page_size=101"])
def test_bad_queries_are_refused(moderator, query):
    response = moderator.get(f"admin/users?{query}")
    assert (response.status_code, error_code(response)) == (400, "VALIDATION_ERROR")
    assert not AuditRecord.objects.filter(action="users.listed").exists()


def test_one_user_with_standing_and_sessions(moderator, django_assert_max_num_queries):
    ada = UserFactory(
        name="Ada", bio="Numbers.", locale="en", timezone="UTC", track="students", birth_year=1990
    )
    login_as(ada)
    with django_assert_max_num_queries(10):
        body = moderator.get(f"admin/users/{ada.public_id}").json()
    assert (body["id"], body["live_sessions"], body["factors"]) == (ada.public_id, 1, [])
    assert (body["scopes"], body["roles"], body["reason"]) == (["self"], ["user"], "")
    assert body["last_login_at"] is not None
    assert (body["time_zone"], body["track"], body["birth_year"]) == ("UTC", "students", 1990)
    assert not {"password", "seed", "nonce"} & set(body)


def test_what_staff_read_is_audited_without_what_they_searched_for(moderator):
    ada = UserFactory(email="ada@example.org")
    moderator.get("admin/users?search=ada@example.org&status=active")
    moderator.get(f"admin/users/{ada.public_id}")
    listed, viewed = AuditRecord.objects.filter(action__startswith="users.").order_by("pk")
    assert (listed.action, viewed.action, viewed.target_id) == ("users.listed", "users.viewed", ada.public_id)
    assert '"searched":true' in listed.after.replace(" ", "")
    assert "ada@example.org" not in listed.after


def test_an_unknown_user_is_not_found_and_not_recorded(moderator):
    for user_id in (uuid7(), "x", "me"):
        assert error_code(moderator.get(f"admin/users/{user_id}")) == "NOT_FOUND"
    assert not AuditRecord.objects.filter(action="users.viewed").exists()


def test_only_staff_read_users(api):
    ada = UserFactory()
    for path in ("admin/users", f"admin/users/{ada.public_id}"):
        assert error_code(api.get(path)) == "NOT_AUTHENTICATED"
        for caller in (ada, staff("judge"), staff("partner")):
            response = api.as_user(caller).get(path)
            assert (response.status_code, error_code(response)) == (403, "PERMISSION_DENIED")
            assert response.json()["error"]["details"]["scope"] == "admin.read"
    assert not AuditRecord.objects.filter(action__in=["users.listed", "users.viewed"]).exists()
