"""Texts, in versions."""

from django.db import models

from notifications.constants import NotificationType
from notifications.templating import TemplateSources
from ogc.db.fields import ExactCharField
from ogc.db.models import PublicModel


class Template(PublicModel):
    """One version of the texts of one kind of notification.

    Versions are never edited: a change is a new row. `active_name` holds the name on the one version in use
    and is null on all others, which makes "one active version per name" a plain unique column.
    """

    name = ExactCharField(max_length=80)
    version = models.PositiveIntegerField(default=1)
    active_name = ExactCharField(max_length=80, null=True, blank=True, unique=True, editable=False)
    type = models.CharField(max_length=16, choices=NotificationType.choices)
    title = models.CharField(max_length=200, help_text="Also the subject of the mail.")
    message = models.TextField(blank=True, help_text="Text in the app. Empty: nothing is shown in the app.")
    mail_text = models.TextField(help_text="Plain text of the mail.")
    mail_html = models.TextField(blank=True, help_text="HTML twin of the mail. Empty: plain text only.")

    class Meta:
        ordering = ("name", "-version")
        constraints = [
            models.UniqueConstraint(fields=("name", "version"), name="notifications_template_version_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"

    @property
    def is_active(self) -> bool:
        """Whether new notifications use this version."""
        return self.active_name is not None

    @property
    def sources(self) -> TemplateSources:
        """The texts as the sandbox takes them."""
        return TemplateSources(
            title=self.title, message=self.message, mail_text=self.mail_text, mail_html=self.mail_html
        )
