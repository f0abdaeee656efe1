"""The access matrix as rows: a Group for each role, a Permission for each scope."""

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType

from governance.access_matrix import MATRIX, SCOPES
from governance.models import Scope
from ogc.db.transactions import transactional


@transactional
def access_sync() -> dict[str, int]:
    """Make groups and permissions equal to the matrix; groups and permissions of others are left alone.

    Returns:
        How many scopes and roles there are, and how many grants were added and removed.

    Idempotency: the second run adds and removes nothing.
    """
    content_type = ContentType.objects.get_for_model(Scope, for_concrete_model=False)
    permissions = {
        scope: Permission.objects.update_or_create(
            content_type=content_type, codename=scope, defaults={"name": description}
        )[0]
        for scope, description in SCOPES.items()
    }
    Permission.objects.filter(content_type=content_type).exclude(codename__in=SCOPES).delete()
    added = removed = 0
    for role in MATRIX.values():
        group, _ = Group.objects.get_or_create(name=role.name)
        wanted = {permissions[scope].pk for scope in role.scopes}
        held = set(group.permissions.filter(content_type=content_type).values_list("pk", flat=True))
        group.permissions.add(*(wanted - held))
        group.permissions.remove(*(held - wanted))
        added, removed = added + len(wanted - held), removed + len(held - wanted)
    return {"scopes": len(permissions), "roles": len(MATRIX), "added": added, "removed": removed}
