"""Django's sessions in the database, found by a hash: who reads the table can't use what it holds.

The module is the SESSION_ENGINE; Django looks in it for `SessionStore`.
"""

import hashlib
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.utils import timezone

KEY_CHARACTERS = 40
"""Width of Django's column: 160 bits of the hash."""


class SessionStore(DatabaseStore):
    """The key goes to the cookie, its hash to the table."""

    def _get_session_from_db(self) -> AbstractBaseSession | None:
        row = self.model.objects.filter(
            session_key=stored_key(self.session_key), expire_date__gt=timezone.now()
        ).first()
        if row is None:
            self._session_key = None
        return row

    def exists(self, session_key: str) -> bool:
        """Whether the table knows this key."""
        return super().exists(stored_key(session_key))

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        """The row to save."""
        row = super().create_model_instance(data)
        row.session_key = stored_key(row.session_key)
        return row

    def delete(self, session_key: str | None = None) -> None:
        """Forget this key, or the own one."""
        key = session_key or self.session_key
        if key is not None:
            super().delete(stored_key(key))


def stored_key(session_key: str | None) -> str:
    """What the table holds of a key: 32 random characters need no slow hash."""
    return hashlib.sha256((session_key or "").encode()).hexdigest()[:KEY_CHARACTERS]
