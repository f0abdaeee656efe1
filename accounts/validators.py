"""Password rules, as Django's AUTH_PASSWORD_VALIDATORS takes them."""

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

from accounts.constants import PASSWORD_MAX_LENGTH, PASSWORD_MIN_LENGTH
from accounts.models import User
from accounts.rules import password_is_like


class LengthValidator:
    """At least 10 and at most 256 characters."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raises: ValidationError."""
        if len(password) < PASSWORD_MIN_LENGTH:
            raise ValidationError(self.get_help_text(), code="too_short")
        if len(password) > PASSWORD_MAX_LENGTH:
            raise ValidationError(self.get_help_text(), code="too_long")

    def get_help_text(self) -> str:
        """Shown beside password fields of the admin site."""
        return f"A password has {PASSWORD_MIN_LENGTH} to {PASSWORD_MAX_LENGTH} characters."


class NotCommonValidator(CommonPasswordValidator):
    """Not one of the 20,000 most used passwords, not one character or a run of digits only."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raises: ValidationError."""
        super().validate(password, user)
        if len(set(password)) < 4:
            raise ValidationError("This password is too simple.", code="too_simple")


class NotPersonalValidator:
    """Not like the name or the address of its owner."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raises: ValidationError."""
        if user is not None and password_is_like(password, [user.email, user.name]):
            raise ValidationError(self.get_help_text(), code="too_similar")

    def get_help_text(self) -> str:
        """Shown beside password fields of the admin site."""
        return "A password is not like your name or address."
