"""Check, flags, roles, reports, proposals, policies over HTTP."""

import pytest

from governance.models import FeatureFlag, Incident, Policy, Proposal, Report
from ogc.ids import uuid7
from tests.api_client import error_code
from tests.factories.accounts import UserFactory
from tests.factories.governance import flag, policy, rule, staff

pytestmark = pytest.mark.django_db


def test_check_explains_a_missing_scope(api):
    answer = api.as_user(UserFactory()).post("governance/check", {"action": "challenge.write"})
    assert answer.status_code == 200
    assert answer.json() == {
        "decision": "DENY",
        "rule": "scope:scope_required",
        "explanation": "This needs the scope challenge.write.",
    }


@pytest.mark.parametrize("action", ["wallet.transfer", "challenge.enter", "accounts.LogoutView.post", "self"])
def test_check_allows_what_nothing_objects_to(api, action):
    answer = api.as_user(UserFactory()).post("governance/check", {"action": action, "resource": {"id": "x"}})
    assert answer.json() == {"decision": "ALLOW", "rule": None, "explanation": "Nothing objects."}


def test_check_denies_what_nobody_knows(api):
    answer = api.as_user(staff("super_admin")).post("governance/check", {"action": "something.new"})
    assert answer.json() == {
        "decision": "DENY",
        "rule": "action:unknown_action",
        "explanation": "No such action.",
    }


@pytest.mark.parametrize("action", ["challenge.publish", "wallet.approve_withdrawal", "submission.approve"])
def test_check_refuses_what_the_call_would_refuse(api, action):
    answer = api.as_user(UserFactory()).post("governance/check", {"action": action})
    assert answer.json()["decision"] == "DENY"


def test_check_knows_the_scopes_of_endpoints(api):
    asked = {"action": "roles.assign"}
    assert api.as_user(staff("admin")).post("governance/check", asked).json()["decision"] == "DENY"
    assert api.as_user(staff("super_admin")).post("governance/check", asked).json()["decision"] == "ALLOW"


def test_check_names_the_policy(api):
    client = api.as_user(UserFactory())
    policy("module", rule("read_only", "wallet.*"), name="closed")
    assert client.post("governance/check", {"action": "wallet.transfer"}).json() == {
        "decision": "READ_ONLY",
        "rule": "module:closed/rule-0",
        "explanation": "Because.",
    }


def test_a_policy_refuses_an_endpoint_and_says_why(api):
    client = api.as_user(UserFactory())
    policy("action", rule("deny", "governance.FlagsView.get"), name="no-flags")
    answer = client.get("governance/flags")
    assert (answer.status_code, error_code(answer)) == (403, "PERMISSION_DENIED")
    assert answer.json()["error"]["details"] == {"level": "action", "rule": "no-flags/rule-0"}


def test_flags_shows_a_caller_those_that_are_on(api, django_assert_num_queries):
    client = api.as_user(UserFactory())
    flag("everyone")
    flag("nobody", is_enabled=False)
    flag("paying", plans=["pro"])
    with django_assert_num_queries(0):
        answer = client.get("governance/flags")
    assert answer.json() == {
        "results": [{"name": "everyone", "on": True}],
        "next": None,
        "previous": None,
    }


def test_flags_are_written_whole_from_their_version(api):
    admin = api.as_user(staff("admin"))
    flag("beta", is_enabled=False)
    body = {"version": 1, "enabled": True, "plans": ["pro"], "percentage": 0}
    answer = admin.put("governance/flags/beta", body)
    assert answer.status_code == 200
    assert answer.json() == {
        "name": "beta",
        "on": False,
        "description": "",
        "version": 2,
        "enabled": True,
        "roles": [],
        "plans": ["pro"],
        "user_ids": [],
        "percentage": 0,
    }
    assert [row["name"] for row in admin.get("governance/flags").json()["results"]] == ["beta"]
    stale = admin.put("governance/flags/beta", body)
    assert (stale.status_code, error_code(stale)) == (409, "VERSION_CONFLICT")
    assert FeatureFlag.objects.get().version == 2
    assert admin.put("governance/flags/none", body).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"enabled": True},
        {"version": 1, "enabled": "yes"},
        {"version": 1, "enabled": True, "percentage": 101},
        {"version": 1, "enabled": True, "roles": ["root"]},
        {"version": 1, "enabled": True, "user_ids": ["1"]},
        {"version": 1, "enabled": True, "colour": "red"},
    ],
)
def test_a_bad_flag_is_refused(api, body):
    flag("beta")
    answer = api.as_user(staff("admin")).put("governance/flags/beta", body)
    assert (answer.status_code, error_code(answer)) == (400, "VALIDATION_ERROR")
    assert FeatureFlag.objects.get().version == 1


def test_the_matrix_is_shown_to_staff(api):
    answer = api.as_user(staff("moderator")).get("governance/roles")
    rows = {row["role"]: row for row in answer.json()["roles"]}
    assert rows["judge"] == {
        "role": "judge",
        "scopes": ["submission.judge"],
        "staff": False,
        "assignable": True,
    }
    assert rows["finance"]["staff"]
    assert "policy.write" in answer.json()["scopes"]


def test_reports_on_one_target_merge_into_one_incident(api):
    target = UserFactory()
    body = {"target_type": "user", "target_id": target.public_id, "reason": "spam", "text": "Look."}
    first, second = UserFactory(), UserFactory()
    answer = api.as_user(first).post("governance/reports", body)
    assert answer.status_code == 201
    assert answer.json() == {
        "id": Report.objects.get().public_id,
        "target_type": "user",
        "target_id": target.public_id,
        "reason": "spam",
        "text": "Look.",
        "status": "open",
        "created_at": answer.json()["created_at"],
    }
    api.as_user(second).post("governance/reports", body)
    assert (Report.objects.count(), Incident.objects.count()) == (2, 1)
    again = api.as_user(first).post("governance/reports", body)
    assert (again.status_code, error_code(again)) == (409, "REPORT_ALREADY_MADE")
    assert Report.objects.count() == 2
    mine = api.as_user(first).get("governance/reports/mine").json()["results"]
    assert [row["id"] for row in mine] == [answer.json()["id"]]


@pytest.mark.parametrize(
    "changes, status, code",
    [
        ({"target_type": "planet"}, 400, "VALIDATION_ERROR"),
        ({"reason": "boring"}, 400, "VALIDATION_ERROR"),
        ({"target_id": "0197"}, 404, "NOT_FOUND"),
    ],
)
def test_a_report_about_nothing_is_refused(api, changes, status, code):
    body = {"target_type": "user", "target_id": uuid7(), "reason": "spam", **changes}
    answer = api.as_user(UserFactory()).post("governance/reports", body)
    assert (answer.status_code, error_code(answer)) == (status, code)
    assert not Report.objects.exists()
    assert not Incident.objects.exists()


@pytest.mark.parametrize("rows", [1, 50])
def test_lists_cost_the_same_for_one_row_and_for_fifty(api, django_assert_max_num_queries, rows):
    user = UserFactory()
    client = api.as_user(user)
    for number in range(rows):
        incident = Incident.objects.create(target_type="user", target_id=str(number), open_key=f"u:{number}")
        Report.objects.create(
            reporter=user, incident=incident, target_type="user", target_id=str(number), reason="spam"
        )
        Proposal.objects.create(
            author=user, title=f"P{number}", description="d", category="other", voting_days=3
        )
    for path in ("governance/reports/mine", "governance/proposals"):
        with django_assert_max_num_queries(3):
            answer = client.get(f"{path}?page_size=50")
        assert len(answer.json()["results"]) == rows


def test_a_proposal_is_shown(api):
    author = UserFactory()
    made = Proposal.objects.create(
        author=author, title="More", description="d", category="feature", voting_days=3
    )
    answer = api.as_user(UserFactory()).get(f"governance/proposals/{made.public_id}")
    assert (answer.json()["title"], answer.json()["author"]) == ("More", author.public_id)
    assert api.as_user(author).get(f"governance/proposals/{uuid7()}").status_code == 404
    assert api.as_user(author).get("governance/proposals?status=voting").json()["results"] == []


def test_policies_are_written_in_versions(api):
    owner = api.as_user(staff("super_admin"))
    body = {
        "level": "action",
        "name": "stop",
        "document": {"rules": [rule("deny", "wallet.withdraw")]},
        "reason": "incident",
    }
    made = owner.post("governance/policies", body)
    assert (made.status_code, made.json()["version"]) == (201, 1)
    path = f"governance/policies/{made.json()['id']}"
    changed = owner.put(path, {**body, "version": 1, "enabled": False})
    assert (changed.status_code, changed.json()["version"], changed.json()["enabled"]) == (200, 2, False)
    stale = owner.put(path, {**body, "version": 1})
    assert (stale.status_code, error_code(stale)) == (409, "VERSION_CONFLICT")
    missing = owner.put(path, body)
    assert (missing.status_code, error_code(missing)) == (400, "VALIDATION_ERROR")
    versions = owner.get(path).json()["versions"]
    assert [(row["version"], row["enabled"], row["reason"]) for row in versions] == [
        (2, False, "incident"),
        (1, True, "incident"),
    ]
    assert len(owner.get("governance/policies").json()["results"]) == Policy.objects.count() == 1
    assert set(owner.get("governance/policies/schema").json()["levels"]) >= {"global", "plan"}


def test_a_bad_policy_names_the_place(api):
    body = {"level": "action", "name": "stop", "document": {"rules": [rule("deny", "wallet.*")]}}
    answer = api.as_user(staff("super_admin")).post("governance/policies", body)
    assert (answer.status_code, error_code(answer)) == (400, "VALIDATION_ERROR")
    assert list(answer.json()["error"]["details"]) == ["document.rules.0.actions.0"]
    assert not Policy.objects.exists()
