"""Row locks of the accounts app. Order: user, then its sessions, then their tokens."""

from accounts.models import LoginFailure, ServiceToken, SigningKey, User


def user_lock(user_pk: int) -> User:
    """The user row, locked until the transaction ends. Raises: User.DoesNotExist."""
    return User.objects.select_for_update().get(pk=user_pk)


def login_failures_lock(subjects: list[str]) -> list[LoginFailure]:
    """The counters of these subjects that exist, locked in one fixed order."""
    return list(LoginFailure.objects.select_for_update().filter(subject__in=subjects).order_by("pk"))


def service_token_lock(token_id: str) -> ServiceToken | None:
    """The living service token with this public id, or None."""
    tokens = ServiceToken.objects.select_for_update().filter(public_id=token_id, revoked_at=None)
    return tokens.order_by("pk").first()


def signing_keys_lock() -> list[SigningKey]:
    """All keys of access tokens, locked in the order in which they were made: one rotation at a time."""
    return list(SigningKey.objects.select_for_update().order_by("pk"))
