"""Row locks of the accounts app. Order: user, then its sessions, then their tokens."""

from accounts.models import LoginFailure, User


def user_lock(user_pk: int) -> User:
    """The user row, locked until the transaction ends. Raises: User.DoesNotExist."""
    return User.objects.select_for_update().get(pk=user_pk)


def login_failures_lock(subjects: list[str]) -> list[LoginFailure]:
    """The counters of these subjects that exist, locked in one fixed order."""
    return list(LoginFailure.objects.select_for_update().filter(subject__in=subjects).order_by("pk"))
