"""The matrix says what product.md says, and the database says what the matrix says."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

from governance.access_matrix import MATRIX, SCOPES, scopes_of
from governance.selectors import role_scopes
from governance.services import access_sync
from ogc.actors import STAFF_ROLES
from tests.factories.accounts import UserFactory
from tests.factories.governance import staff

ADMIN_SCOPES = {
    "moderation.write",
    "submission.review",
    "admin.read",
    "users.write",
    "challenge.write",
    "badge.write",
    "reward.write",
    "notification.send",
    "analytics.read",
    "audit.read",
    "subscription.write",
    "flag.write",
    "proposal.write",
}


@pytest.mark.parametrize(
    "role, scopes",
    [
        ("user", {"self"}),
        ("partner", {"challenge.propose"}),
        ("judge", {"submission.judge"}),
        ("moderator", {"moderation.write", "submission.review", "admin.read"}),
        ("admin", ADMIN_SCOPES),
        ("finance", {"wallet.approve", "wallet.adjust", "audit.read", "admin.read"}),
        ("system", {"tx.system", "webhook.send"}),
        ("super_admin", set(SCOPES)),
    ],
)
def test_role_brings_exactly_the_scopes_of_the_rule_book(role, scopes):
    assert MATRIX[role].scopes == scopes


def test_only_super_admins_write_roles_and_policies():
    for scope in ("role.write", "policy.write"):
        assert [role.name for role in MATRIX.values() if scope in role.scopes] == ["super_admin"]


def test_every_scope_belongs_to_a_role_and_the_other_way_round():
    assert scopes_of(frozenset(MATRIX)) == set(SCOPES)


def test_staff_roles_are_those_that_actors_know():
    assert {role.name for role in MATRIX.values() if role.is_staff} == STAFF_ROLES


@pytest.mark.django_db
def test_migrating_leaves_groups_and_permissions_equal_to_the_matrix():
    rows = Group.objects.values_list("name", "permissions__codename")
    found = {name: {codename for group, codename in rows if group == name} for name in MATRIX}
    assert found == {name: set(role.scopes) for name, role in MATRIX.items()}


@pytest.mark.django_db
def test_a_second_sync_changes_nothing():
    access_sync()
    assert access_sync() == {"scopes": len(SCOPES), "roles": len(MATRIX), "added": 0, "removed": 0}


@pytest.mark.django_db
def test_sync_repairs_what_was_changed_by_hand(capsys):
    moderator = Group.objects.get(name="moderator")
    moderator.permissions.remove(Permission.objects.get(codename="admin.read"))
    moderator.permissions.add(Permission.objects.get(codename="policy.write"))
    call_command("sync_access")
    assert "1 grants added, 1 removed" in capsys.readouterr().out
    assert set(moderator.permissions.values_list("codename", flat=True)) == MATRIX["moderator"].scopes


@pytest.mark.django_db
def test_sync_leaves_foreign_groups_and_permissions_alone():
    foreign = Permission.objects.get(codename="view_group")
    other = Group.objects.create(name="press")
    other.permissions.add(foreign)
    Group.objects.get(name="admin").permissions.add(foreign)
    access_sync()
    assert list(other.permissions.all()) == [foreign]
    assert foreign in Group.objects.get(name="admin").permissions.all()


@pytest.mark.django_db
def test_scopes_of_several_roles_are_their_union_in_one_query(django_assert_num_queries):
    user = staff("judge", "finance")
    with django_assert_num_queries(1):
        roles, scopes = role_scopes(user.pk)
    assert roles == {"user", "judge", "finance"}
    assert scopes == {
        "self",
        "submission.judge",
        "wallet.approve",
        "wallet.adjust",
        "audit.read",
        "admin.read",
    }


@pytest.mark.django_db
def test_a_new_user_has_the_role_user_and_the_scope_self():
    assert role_scopes(UserFactory().pk) == ({"user"}, {"self"})
