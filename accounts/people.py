"""Reads of people: as they see themselves, as everybody sees them, as staff see them."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import IO

from django.contrib.auth.models import Group
from django.core.files.storage import default_storage
from django.db.models import Count, Max, Q, QuerySet

from accounts import ports
from accounts.constants import ExportStatus
from accounts.models import DataExport, Session, User
from accounts.ports import Achievements
from accounts.rules import email_normalise
from accounts.selectors import second_factors, user_get
from ogc import clock
from ogc.actors import Actor
from ogc.errors import NotFound, ValidationFailed
from ogc.jobs.outbox import is_free

EVERYBODYS_ROLE = "user"


@dataclass(frozen=True, slots=True)
class PublicProfile:
    """What anybody may know of a user."""

    user: User
    achievements: Achievements


@dataclass(frozen=True, slots=True)
class StaffView:
    """A user as staff see them; `factors` are second factors, `last_login_at` is of the newest session."""

    user: User
    roles: frozenset[str]
    scopes: frozenset[str]
    factors: list[str]
    live_sessions: int
    last_login_at: datetime | None


def own_profile(actor: Actor) -> User:
    """The caller, with the plan. Raises: NotFound."""
    return user_get(actor.user_id or "")


def public_profile(user_id: str) -> PublicProfile:
    """What anybody may know of a user, in four queries.

    Raises:
        NotFound: no such user, or one who is suspended or closed.
    """
    user = _visible(user_id)
    return PublicProfile(user, ports.public_achievements(user.pk))


def avatar_id(user: User) -> str:
    """What changes with the picture; empty without one."""
    return PurePosixPath(user.avatar.name or "").stem


def avatar_get(user_id: str) -> str:
    """The stored name of somebody's picture. Raises: NotFound, as `public_profile`, and without a picture."""
    name = _visible(user_id).avatar.name
    if not name:
        raise NotFound
    return name


def file_open(name: str) -> IO[bytes]:
    """A stored picture or archive, open for reading. Raises: NotFound: the storage lost it."""
    try:
        return default_storage.open(name)
    except FileNotFoundError:
        raise NotFound from None


def _visible(user_id: str) -> User:
    user = User.objects.filter(public_id=user_id).first()
    if user is None or not user.is_active:
        raise NotFound
    return user


def users_list(
    *, role: str | None = None, status: str | None = None, search: str | None = None
) -> QuerySet[User]:
    """Users for staff, newest first, with plan and groups (two queries).

    Args:
        role: name of a role; everybody has `user`.
        search: beginning of an address, a name or a public id.

    Raises:
        ValidationFailed: there is no such role.
    """
    users = User.objects.select_related("plan").prefetch_related("groups").order_by("-id")
    if status:
        users = users.filter(status=status)
    if role and role != EVERYBODYS_ROLE:
        if not Group.objects.filter(name=role).exists():
            raise ValidationFailed({"role": [("invalid_choice", "There is no such role.")]})
        users = users.filter(groups__name=role)
    if search:
        address = email_normalise(search)
        found = Q(email__startswith=address) | Q(public_id__startswith=address) | Q(name__istartswith=search)
        users = users.filter(found)
    return users


def staff_view(user_id: str) -> StaffView:
    """Everything that staff may know of a user. Raises: NotFound."""
    user = user_get(user_id)
    roles, scopes = ports.role_scopes(user.pk)
    now = clock.now()
    is_live = Q(ended_at=None, expires_at__gt=now)
    figures = Session.objects.filter(user=user).aggregate(
        live=Count("pk", filter=is_live), last=Max("created_at")
    )
    return StaffView(
        user, frozenset(roles), frozenset(scopes), second_factors(user.pk), figures["live"], figures["last"]
    )


def export_get(actor: Actor, export_id: str) -> DataExport:
    """One's own export that is not past its week. Raises: NotFound."""
    theirs = DataExport.objects.filter(user__public_id=actor.user_id, public_id=export_id)
    export = theirs.exclude(status=ExportStatus.EXPIRED).first()
    if export is None or (export.expires_at is not None and export.expires_at <= clock.now()):
        raise NotFound
    return export


def exports_due(limit: int) -> list[int]:
    """Row numbers of exports that wait and are free, oldest first."""
    waiting = DataExport.objects.filter(is_free(), status=ExportStatus.QUEUED).order_by("pk")
    return list(waiting.values_list("pk", flat=True)[:limit])
