"""Refusals of calls on accounts that no test of their own area drives over HTTP."""

import pytest
from django.contrib.auth.hashers import make_password

from accounts.models import MailToken, User
from governance.access_matrix import SCOPES
from governance.models import AuditRecord
from ogc.ids import uuid7
from tests.api_client import error_code
from tests.factories.accounts import UserFactory, login_as
from tests.factories.governance import staff

pytestmark = pytest.mark.django_db

FOREVER = {"reason": "spam", "confirm": True}
WITHOUT_FIELDS = [
    ("POST", "admin/users/{id}/logout"),
    ("POST", "admin/users/{id}/reinstate"),
    ("POST", "auth/2fa/recovery-codes"),
    ("POST", "auth/2fa/setup"),
    ("POST", "auth/activity/{id}/deny"),
    ("POST", "auth/logout"),
    ("POST", "auth/logout-all"),
    ("DELETE", "auth/passkeys/{id}"),
    ("POST", "auth/passkeys/login/options"),
    ("DELETE", "auth/sessions/{id}"),
    ("DELETE", "wallet/link-address"),
]


@pytest.fixture
def owner():
    return staff("super_admin")


@pytest.fixture
def almighty(api):
    """A token with all scopes whose user is nobody's peer: as when a role was lost a second ago."""
    return api.as_user(UserFactory(), scopes=frozenset(SCOPES), roles=frozenset({"user", "super_admin"}))


@pytest.mark.parametrize(("method", "path"), WITHOUT_FIELDS)
def test_a_field_that_is_not_known_is_refused(api, owner, method, path):
    before = AuditRecord.objects.count()
    answer = api.as_stepped_up(owner).call(method, path.format(id=uuid7()), {"nobody_knows": 1})
    assert (answer.status_code, error_code(answer)) == (400, "VALIDATION_ERROR")
    assert list(answer.json()["error"]["details"]) == ["nobody_knows"]
    assert AuditRecord.objects.count() == before


@pytest.mark.parametrize(
    ("verb", "body"),
    [("logout", {}), ("suspend", FOREVER), ("reinstate", {})],
)
def test_admins_do_nothing_to_owners(api, owner, verb, body):
    answer = api.as_user(staff("admin")).post(f"admin/users/{owner.public_id}/{verb}", body)
    assert (answer.status_code, error_code(answer)) == (403, "ROLE_TOO_HIGH")
    owner.refresh_from_db()
    assert owner.status == "active"


@pytest.mark.parametrize(("method", "confirm"), [("POST", {}), ("DELETE", {"confirm": True})])
def test_roles_are_changed_by_nobody_who_lacks_what_they_bring(api, owner, method, confirm):
    half = api.as_user(UserFactory(), scopes=frozenset({"self", "role.write"}), roles=frozenset({"user"}))
    body = {"role": "super_admin"} | confirm
    answer = half.call(method, f"admin/users/{owner.public_id}/roles", body)
    assert (answer.status_code, error_code(answer)) == (403, "ROLE_TOO_HIGH")
    assert list(owner.groups.values_list("name", flat=True)) == ["super_admin"]


def test_nobody_takes_a_role_from_themselves(api, owner):
    body = {"role": "super_admin", "confirm": True}
    answer = api.as_stepped_up(owner).call("DELETE", f"admin/users/{owner.public_id}/roles", body)
    assert (answer.status_code, error_code(answer)) == (403, "ADMIN_CANNOT_CHANGE_SELF")


def test_the_last_owner_stays(almighty, owner):
    User.objects.filter(groups__name="super_admin").exclude(pk=owner.pk).delete()
    body = {"role": "super_admin", "confirm": True}
    removed = almighty.call("DELETE", f"admin/users/{owner.public_id}/roles", body)
    suspended = almighty.post(f"admin/users/{owner.public_id}/suspend", FOREVER)
    assert [error_code(removed), error_code(suspended)] == ["LAST_SUPER_ADMIN"] * 2
    owner.refresh_from_db()
    assert (owner.status, owner.is_superuser) == ("active", True)


@pytest.mark.parametrize(("method", "confirm"), [("POST", {}), ("DELETE", {"confirm": True})])
def test_nobody_has_no_roles(api, owner, method, confirm):
    answer = api.as_stepped_up(owner).call(
        method, f"admin/users/{uuid7()}/roles", {"role": "judge"} | confirm
    )
    assert (answer.status_code, error_code(answer)) == (404, "NOT_FOUND")


def test_a_password_like_the_new_address_is_refused(api):
    user = UserFactory(password=make_password("marigolds-77"))
    body = {"new_email": "marigolds@example.org", "password": "marigolds-77"}
    answer = api.as_user(user, session_id=login_as(user).session_id).post("auth/change-email", body)
    assert (answer.status_code, error_code(answer)) == (400, "AUTH_WEAK_PASSWORD")
    assert not MailToken.objects.exists()


def test_who_has_no_wallet_unlinks_nothing(api):
    answer = api.as_stepped_up(UserFactory(wallet=False)).delete("wallet/link-address")
    assert (answer.status_code, error_code(answer)) == (404, "NOT_FOUND")
