"""What people say of themselves."""

from collections.abc import Mapping
from typing import Any

from django.core.files.storage import default_storage

from accounts.constants import BIRTH_YEAR_MIN
from accounts.locks import user_lock
from accounts.models import User
from accounts.rules import profile_is_complete
from accounts.selectors import user_pk
from accounts.services.avatars import avatar_store, file_delete_later
from accounts.signals import profile_completed
from ogc import clock
from ogc.actors import Actor
from ogc.db.transactions import transactional
from ogc.errors import AccountDisabled, ValidationFailed

COLUMNS = {
    "name": "name",
    "bio": "bio",
    "locale": "locale",
    "time_zone": "timezone",
    "track": "track",
    "birth_year": "birth_year",
}
"""Fields of the contract and their columns; unset texts are empty."""


def profile_update(*, actor: Actor, changes: Mapping[str, Any]) -> User:
    """Change one's own profile; what `changes` does not name stays.

    Args:
        changes: keys of `COLUMNS` with checked values (None: no longer set), and `avatar`: an uploaded file,
            or None to have none. The picture is decoded and stored outside the transaction.

    Raises:
        ValidationFailed: a birth year in the future or before 1900.
        FileTooLarge, UnsupportedFileType: the avatar.
        AccountDisabled: the account was closed meanwhile.

    Effects: locks the user; the old picture is deleted after the commit; event `profile_completed` whenever
    the last missing part is set.
    """
    year = changes.get("birth_year")
    if year is not None and not BIRTH_YEAR_MIN <= year <= clock.today().year:
        raise ValidationFailed({"birth_year": [("bounds", "This is not a year of birth.")]})
    values = {COLUMNS[name]: _stored(name, changes[name]) for name in COLUMNS.keys() & changes.keys()}
    if "avatar" in changes:
        values["avatar"] = avatar_store(changes["avatar"]) if changes["avatar"] is not None else ""
    try:
        return _write(actor, values)
    except BaseException:
        if values.get("avatar"):
            default_storage.delete(values["avatar"])
        raise


def _stored(name: str, value: Any) -> Any:
    return "" if value is None and name != "birth_year" else value


@transactional
def _write(actor: Actor, values: Mapping[str, Any]) -> User:
    user = user_lock(user_pk(actor.user_id or ""))
    if not user.is_active:
        raise AccountDisabled
    was_complete, old_avatar = _is_complete(user), user.avatar.name or ""
    for column, value in values.items():
        setattr(user, column, value)
    if values:
        user.save(update_fields=list(values))
    if "avatar" in values and old_avatar:
        file_delete_later(old_avatar)
    if _is_complete(user) and not was_complete:
        profile_completed.emit(user_id=user.public_id)
    return user


def _is_complete(user: User) -> bool:
    return profile_is_complete(user.name, user.bio, user.avatar.name or "", user.locale, user.timezone)
