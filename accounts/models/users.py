"""The account of a person."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models

from accounts.constants import EMAIL_MAX_LENGTH, NAME_MAX_LENGTH, Track, UserStatus
from accounts.rules import email_normalise
from ogc import clock
from ogc.db.fields import ExactCharField
from ogc.db.models import PublicModel


class UserManager(BaseUserManager["User"]):
    """Finds users by address. It makes none: people come with a wallet, by `services.user_register`."""

    def get_by_natural_key(self, username: str | None) -> "User":
        """The user with that address, however it is written. Raises: User.DoesNotExist."""
        return self.get(email=email_normalise(username or ""))


class User(AbstractBaseUser, PermissionsMixin, PublicModel):
    """A person with a login.

    `email` is stored normalised (`rules.email_normalise`), so the unique column is unique however people
    write their address. `claims_version` counts the changes of roles, plan and factors: access tokens made
    under an older version are refused. `is_staff` follows the staff roles (governance keeps it).
    """

    email = ExactCharField(max_length=EMAIL_MAX_LENGTH, unique=True)
    name = models.CharField(max_length=NAME_MAX_LENGTH)
    status = models.CharField(max_length=10, choices=UserStatus.choices, default=UserStatus.ACTIVE)
    suspended_until = models.DateTimeField(null=True, blank=True, help_text="Empty: no end")
    suspended_reason = models.CharField(max_length=500, blank=True)
    email_verified_at = models.DateTimeField(null=True, blank=True)
    terms_version = models.CharField(max_length=32, blank=True)
    terms_accepted_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    track = models.CharField(max_length=12, choices=Track.choices, blank=True)
    birth_year = models.PositiveSmallIntegerField(null=True, blank=True)
    bio = models.TextField(max_length=2000, blank=True)
    avatar = models.FileField(upload_to="avatars/", blank=True)
    locale = models.CharField(max_length=16, blank=True)
    timezone = models.CharField(max_length=64, blank=True)
    plan = models.ForeignKey("accounts.Plan", on_delete=models.PROTECT, related_name="users")
    two_factor = models.BooleanField(default=False, editable=False)
    claims_version = models.PositiveIntegerField(default=1, editable=False)
    is_staff = models.BooleanField(default=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["status", "suspended_until"], name="accounts_user_suspended"),
            models.Index(fields=["created_at"], name="accounts_user_created"),
            models.Index(fields=["name"], name="accounts_user_name"),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        """Whether the account may log in now; a suspension that is over does not count."""
        if self.status != UserStatus.SUSPENDED:
            return self.status == UserStatus.ACTIVE
        return self.suspended_until is not None and self.suspended_until <= clock.now()

    @property
    def email_verified(self) -> bool:
        """Whether the address was proved."""
        return self.email_verified_at is not None

    def get_full_name(self) -> str:
        """The name, as the admin site asks for it."""
        return self.name

    def get_short_name(self) -> str:
        """The name, as the admin site asks for it."""
        return self.name
