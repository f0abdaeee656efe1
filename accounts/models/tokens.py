"""Tokens that are not logins: by mail, and of services."""

from django.conf import settings
from django.db import models

from accounts.constants import EMAIL_MAX_LENGTH, MailPurpose, MailRequestPurpose
from ogc.db.fields import ExactCharField
from ogc.db.models import PublicModel


class MailToken(PublicModel):
    """The right to do one thing once by a mailed link.

    The text of the token is derived when the mail is rendered (`selectors.mail_token_text`) and never stored.
    `email` is the address that the mail goes to and proves; empty: the user's own. `activity` is the line of
    the timeline that a token of DENY_ACTIVITY denies; one token a line.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mail_tokens")
    purpose = models.CharField(max_length=16, choices=MailPurpose.choices)
    nonce = ExactCharField(max_length=32)
    email = ExactCharField(max_length=EMAIL_MAX_LENGTH, blank=True)
    activity = models.OneToOneField(
        "accounts.Activity", null=True, blank=True, on_delete=models.CASCADE, related_name="mail_token"
    )
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["user", "purpose"], name="accounts_mailtoken_purpose")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.public_id}"


class MailRequest(PublicModel):
    """That there is something to tell an address, which may be nobody's; deleted once it was looked up.

    `address_sealed` is sealed under `accounts.mail-request`, bound to the purpose; of a lock it is JSON with
    the address, what is locked, and from where.
    """

    purpose = models.CharField(max_length=16, choices=MailRequestPurpose.choices)
    address_sealed = models.BinaryField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.purpose} {self.public_id}"


class ServiceToken(PublicModel):
    """A bearer token of a machine, as a hash only; `scopes` is a sorted list of scope names."""

    name = models.CharField(max_length=100)
    token_hash = ExactCharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name
