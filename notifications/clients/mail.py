"""Mail through Django's mail backend: files by default, SMTP with EMAIL_URL."""

import smtplib
from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

from notifications.clients import mail_files
from notifications.templating import RenderedMail

# Replies of an SMTP server from here on are final.
_SMTP_PERMANENT = 500


class MailNotSent(Exception):
    """Worth another try: server away, busy, full."""


class MailRefused(Exception):
    """Final: no such mailbox, address not valid."""


@dataclass(frozen=True, slots=True)
class MailReceipt:
    """`delivered` when the message lies where it is read; else the server has only taken it."""

    reference: str
    delivered: bool


def mail_send(*, message_id: str, to: str, mail: RenderedMail) -> MailReceipt:
    """Hand one message over.

    Args:
        message_id: id of the delivery; makes the Message-ID, so that a repetition is recognised as one.

    Raises:
        MailNotSent, MailRefused.
    """
    reference = f"<{message_id}@{settings.DEFAULT_FROM_EMAIL.rpartition('@')[2].strip('<> ')}>"
    connection = get_connection(fail_silently=False)
    message = EmailMultiAlternatives(
        subject=mail.subject,
        body=mail.text,
        to=[to],
        connection=connection,
        headers={"Message-ID": reference, mail_files.ID_HEADER: message_id},
    )
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        code = max((code for code, _ in error.recipients.values()), default=0)
        raise (MailRefused if code >= _SMTP_PERMANENT else MailNotSent)(
            f"recipient refused ({code})"
        ) from error
    except (smtplib.SMTPException, OSError) as error:
        raise MailNotSent(type(error).__name__) from error
    return MailReceipt(reference=reference, delivered=isinstance(connection, mail_files.EmailBackend))
