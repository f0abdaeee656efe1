"""Roles are given and taken, and the impossible escalations are impossible."""

from dataclasses import replace

import pytest

from accounts.models import Revocation
from accounts.services import user_suspend
from accounts.services.claims import actor_for
from governance.access_matrix import MATRIX
from governance.errors import RoleUnknown
from governance.models import AuditRecord
from governance.selectors import role_scopes
from governance.services import role_assign, role_remove
from ogc.actors import SYSTEM
from ogc.errors import CannotChangeSelf, LastSuperAdmin, NotFound, PermissionDenied, RoleTooHigh
from ogc.ids import uuid7
from tests.factories.accounts import UserFactory, stepped_up
from tests.factories.governance import actor_with, staff

pytestmark = pytest.mark.django_db


def roles_of(user):
    return role_scopes(user.pk)[0]


def test_giving_a_staff_role_opens_the_admin_site_and_refuses_old_tokens():
    owner, user = staff("super_admin"), UserFactory()
    role_assign(actor=stepped_up(owner), user_id=user.public_id, role="moderator", reason="joined")
    user.refresh_from_db()
    assert roles_of(user) == {"user", "moderator"}
    assert (user.is_staff, user.is_superuser, user.claims_version) == (True, False, 2)
    assert Revocation.objects.filter(kind="claims", subject=user.public_id, claims_version=2).count() == 1
    record = AuditRecord.objects.get(action="roles.assigned", target_id=user.public_id)
    assert (record.actor_id, record.severity, record.reason) == (owner.public_id, "critical", "joined")
    assert record.before == '{"roles":["user"]}'
    assert record.after == '{"roles":["moderator","user"]}'


def test_taking_the_last_staff_role_closes_the_admin_site():
    owner, user = staff("super_admin"), staff("moderator", "judge")
    assert role_remove(actor=actor_for(owner), user_id=user.public_id, role="moderator") == {"user", "judge"}
    user.refresh_from_db()
    assert (user.is_staff, roles_of(user)) == (False, {"user", "judge"})


def test_giving_a_held_role_changes_and_records_nothing():
    user = staff("judge")
    before = (Revocation.objects.count(), AuditRecord.objects.count())
    role_assign(actor=SYSTEM, user_id=user.public_id, role="judge")
    role_remove(actor=SYSTEM, user_id=user.public_id, role="partner")
    assert (Revocation.objects.count(), AuditRecord.objects.count()) == before


@pytest.mark.parametrize("role", [name for name in MATRIX if name != "super_admin"])
def test_who_lacks_role_write_gives_nothing(role):
    user = UserFactory()
    with pytest.raises(PermissionDenied) as refused:
        role_assign(actor=actor_with(role), user_id=user.public_id, role="judge")
    assert refused.value.details["scope"] == "role.write"
    assert roles_of(user) == {"user"}


def test_nobody_changes_their_own_roles():
    owner = staff("super_admin")
    staff("super_admin")
    for change in (role_assign, role_remove):
        with pytest.raises(CannotChangeSelf):
            change(actor=actor_for(owner), user_id=owner.public_id, role="super_admin")
    assert roles_of(owner) == {"user", "super_admin"}


def granting(*scopes):
    """A caller with a custom set of scopes that includes role.write."""
    return replace(stepped_up(UserFactory()), scopes=frozenset({"self", "role.write", *scopes}))


def test_nobody_gives_a_role_with_a_scope_that_they_lack():
    user = UserFactory()
    with pytest.raises(RoleTooHigh) as refused:
        role_assign(actor=granting("moderation.write"), user_id=user.public_id, role="moderator")
    assert refused.value.details == {"scopes": ["admin.read", "submission.review"]}
    assert roles_of(user) == {"user"}


def test_nobody_changes_staff_who_hold_a_scope_that_they_lack():
    finance = staff("finance")
    with pytest.raises(RoleTooHigh):
        role_assign(actor=granting("submission.judge"), user_id=finance.public_id, role="judge")
    assert roles_of(finance) == {"user", "finance"}


def test_who_holds_everything_that_a_role_brings_may_give_it():
    user = UserFactory()
    role_assign(actor=granting("submission.judge"), user_id=user.public_id, role="judge")
    assert roles_of(user) == {"user", "judge"}


def test_the_last_super_admin_stays_whoever_asks():
    owner = staff("super_admin")
    staff("super_admin", suspended=True)
    with pytest.raises(LastSuperAdmin):
        role_remove(actor=SYSTEM, user_id=owner.public_id, role="super_admin")
    assert roles_of(owner) == {"user", "super_admin"}


def test_super_admins_do_not_suspend_each_other_until_none_is_left():
    """The second one's access token is still accepted by other processes for 2 seconds."""
    first, second = staff("super_admin"), staff("super_admin")
    theirs = actor_for(second)
    user_suspend(actor=actor_for(first), user_id=second.public_id, reason="x")
    for call in (
        lambda: user_suspend(actor=theirs, user_id=first.public_id, reason="x"),
        lambda: role_remove(actor=theirs, user_id=first.public_id, role="super_admin"),
    ):
        with pytest.raises(LastSuperAdmin):
            call()
    first.refresh_from_db()
    assert (first.status, roles_of(first)) == ("active", {"user", "super_admin"})


def test_one_of_two_super_admins_removes_the_other():
    first, second = staff("super_admin"), staff("super_admin")
    role_remove(actor=actor_for(first), user_id=second.public_id, role="super_admin")
    second.refresh_from_db()
    assert (roles_of(second), second.is_staff, second.is_superuser) == ({"user"}, False, False)


@pytest.mark.parametrize("role", ["user", "system", "root", ""])
def test_only_roles_for_people_are_given(role):
    with pytest.raises(RoleUnknown):
        role_assign(actor=SYSTEM, user_id=UserFactory().public_id, role=role)


def test_an_unknown_user_is_not_found():
    with pytest.raises(NotFound):
        role_assign(actor=SYSTEM, user_id=uuid7(), role="judge")
