"""Approvals, audit and roles of people over HTTP."""

import pytest

from accounts.services.claims import actor_for
from governance.models import AuditRecord
from governance.selectors import role_scopes
from governance.services import approval_request, audit_record, audit_seal
from ogc.actors import SYSTEM
from tests.api_client import error_code
from tests.factories.accounts import UserFactory
from tests.factories.governance import Recorder, staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.OGC_VAR = tmp_path


@pytest.fixture
def recorder():
    made = Recorder()
    yield made
    made.close()


def ask(recorder, requester):
    return approval_request(actor=actor_for(requester), action=recorder.action, payload={"amount": 5})


def test_a_second_person_approves(api, recorder):
    requester, approver = staff("admin"), staff("admin")
    asked = ask(recorder, requester)
    path = f"admin/approvals/{asked.public_id}/approve"
    own = api.as_user(requester).post(path)
    assert (own.status_code, error_code(own)) == (403, "SECOND_PERSON_REQUIRED")
    done = api.as_stepped_up(approver).post(path, {"reason": "fine"})
    assert done.status_code == 200
    assert done.json() | {"created_at": 0, "expires_at": 0, "decided_at": 0} == {
        "id": asked.public_id,
        "action": recorder.action,
        "scope": "reward.write",
        "payload": {"amount": 5},
        "payload_hash": asked.payload_hash,
        "reason": "",
        "status": "approved",
        "requester": requester.public_id,
        "created_at": 0,
        "expires_at": 0,
        "decided_by": approver.public_id,
        "decided_at": 0,
        "decision_reason": "fine",
        "result": {"done": 1},
    }
    again = api.as_stepped_up(approver).post(path)
    assert (again.status_code, error_code(again)) == (409, "APPROVAL_NOT_PENDING")
    assert len(recorder.calls) == 1


def test_staff_without_the_scope_of_the_action_are_refused(api, recorder):
    asked = ask(recorder, staff("admin"))
    answer = api.as_user(staff("moderator")).post(f"admin/approvals/{asked.public_id}/reject")
    assert (answer.status_code, error_code(answer)) == (403, "PERMISSION_DENIED")
    assert answer.json()["error"]["details"]["scope"] == "reward.write"


@pytest.mark.parametrize("rows", [1, 50])
def test_the_queue_is_listed_by_status(api, recorder, django_assert_max_num_queries, rows):
    requester = staff("admin")
    asked = [ask(recorder, requester) for _ in range(rows)]
    client = api.as_user(staff("finance"))
    with django_assert_max_num_queries(3):
        answer = client.get("admin/approvals?status=pending&page_size=50")
    assert [row["id"] for row in answer.json()["results"]] == [one.public_id for one in reversed(asked)]
    assert client.get("admin/approvals?status=rejected").json()["results"] == []
    assert error_code(client.get("admin/approvals?status=lost")) == "VALIDATION_ERROR"


def test_the_trail_is_filtered_and_paged(api):
    reader, actor = staff("finance"), UserFactory()
    AuditRecord.objects.all()
    for number in range(5):
        audit_record(
            actor=actor_for(actor) if number % 2 else SYSTEM,
            action=f"tests.did{number % 3}",
            target_id=f"target-{number}",
            severity="critical" if number == 4 else "info",
        )
    client = api.as_user(reader)

    def targets(query):
        rows = client.get(f"admin/audit?action=tests.*{query}").json()["results"]
        return [row["target"]["id"].removeprefix("target-") for row in rows]

    assert targets("") == ["4", "3", "2", "1", "0"]
    assert targets(f"&actor={actor.public_id}") == ["3", "1"]
    assert targets("&severity=critical") == ["4"]
    assert targets("&target=target-2") == ["2"]
    assert targets("&from=2090-01-01T00:00:00Z") == []
    assert targets("&to=2090-01-01T00:00:00Z") == ["4", "3", "2", "1", "0"]
    page = client.get("admin/audit?action=tests.*&page=2&page_size=2").json()
    assert (page["count"], len(page["results"])) == (5, 2)
    assert "page=3" in page["next"]
    assert "page=1" in page["previous"]
    one = client.get("admin/audit?action=tests.did1").json()
    assert one["count"] == 2


@pytest.mark.parametrize("query", ["page=0", "page=101", "page_size=101", "severity=loud", "from=yesterday"])
def test_bad_filters_are_refused(api, query):
    answer = api.as_user(staff("finance")).get(f"admin/audit?{query}")
    assert (answer.status_code, error_code(answer)) == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize("rows", [1, 50])
def test_a_page_of_the_trail_costs_two_queries(api, django_assert_num_queries, rows):
    client = api.as_user(staff("finance"))
    for number in range(rows):
        audit_record(actor=SYSTEM, action="tests.did", target_id=str(number))
    audit_seal()
    with django_assert_num_queries(2):
        answer = client.get("admin/audit?action=tests.did&page_size=50")
    assert len(answer.json()["results"]) == rows
    assert all(row["seal"] for row in answer.json()["results"])


def test_the_request_id_reaches_the_trail(api):
    owner, user = staff("super_admin"), UserFactory()
    api.as_stepped_up(owner).post(
        f"admin/users/{user.public_id}/roles",
        {"role": "judge", "reason": "knows it"},
        headers={"x-request-id": "request-12345", "user-agent": "Browser/1"},
    )
    row = api.as_user(owner).get(f"admin/audit?target={user.public_id}").json()["results"][0]
    assert (row["action"], row["reason"], row["request_id"]) == (
        "roles.assigned",
        "knows it",
        "request-12345",
    )
    assert (row["ip"], row["user_agent"]) == ("127.0.0.1", "Browser/1")
    assert (row["before"], row["after"]) == ({"roles": ["user"]}, {"roles": ["judge", "user"]})
    assert row["actor"] == {"kind": "user", "id": owner.public_id}


def test_the_trail_is_verified_in_the_request(api):
    audit_record(actor=SYSTEM, action="tests.did")
    audit_seal()
    answer = api.as_user(staff("finance")).get("admin/audit/verify")
    assert answer.status_code == 200
    assert (answer.json()["ok"], len(answer.json()["checks"])) == (True, 5)


def test_roles_are_given_and_taken(api):
    owner, user = staff("super_admin"), UserFactory()
    client, path = api.as_stepped_up(owner), f"admin/users/{user.public_id}/roles"
    before = api.as_user(user)
    given = client.post(path, {"role": "judge"})
    assert (given.status_code, given.json()) == (200, {"user_id": user.public_id, "roles": ["judge", "user"]})
    assert error_code(before.get("auth/me")) == "TOKEN_EXPIRED"
    unconfirmed = client.delete(path, {"role": "judge"})
    assert (unconfirmed.status_code, error_code(unconfirmed)) == (400, "CONFIRMATION_REQUIRED")
    assert role_scopes(user.pk)[0] == {"user", "judge"}
    taken = client.delete(path, {"role": "judge", "confirm": True})
    assert (taken.status_code, taken.json()["roles"]) == (200, ["user"])


def test_impossible_escalations_are_told_apart(api):
    owner = staff("super_admin")
    client = api.as_user(owner)
    own = client.post(f"admin/users/{owner.public_id}/roles", {"role": "finance"})
    assert (own.status_code, error_code(own)) == (403, "ADMIN_CANNOT_CHANGE_SELF")
    unknown = client.post(f"admin/users/{UserFactory().public_id}/roles", {"role": "system"})
    assert (unknown.status_code, error_code(unknown)) == (400, "VALIDATION_ERROR")
    assert role_scopes(owner.pk)[0] == {"user", "super_admin"}
