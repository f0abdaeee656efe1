"""Row locks of governance, each ordered by primary key."""

from typing import TypeVar

from django.contrib.auth.models import Group
from django.db.models import Model, QuerySet

from governance.models import Approval, FeatureFlag, Incident, Policy
from ogc.errors import NotFound

Row = TypeVar("Row", bound=Model)


def lock_role(name: str) -> Group:
    """The group of a role; held while its members change, so that two removals see each other."""
    return Group.objects.select_for_update().get(name=name)


def lock_approval(public_id: str) -> Approval:
    """An approval. Raises: NotFound."""
    return _first(Approval.objects.select_for_update().filter(public_id=public_id))


def lock_incident(pk: int) -> Incident:
    """An incident that exists."""
    return Incident.objects.select_for_update().get(pk=pk)


def lock_policy(public_id: str) -> Policy:
    """A policy. Raises: NotFound."""
    return _first(Policy.objects.select_for_update().filter(public_id=public_id))


def lock_flag(name: str) -> FeatureFlag:
    """A flag. Raises: NotFound."""
    return _first(FeatureFlag.objects.select_for_update().filter(name=name))


def _first(queryset: QuerySet[Row]) -> Row:
    row = queryset.order_by("pk").first()
    if row is None:
        raise NotFound
    return row
