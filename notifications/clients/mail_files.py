"""Mail into files, for machines without a mail server: one file per message under $OGC_VAR/mail/.

A file appears whole or not at all (written beside, then renamed). Its name is the id of the delivery, so
sending the same delivery twice leaves one file. The bodies are written as they are (8bit), so that link and
token stand on lines of their own.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from ogc.ids import uuid7

ID_HEADER = "X-OGC-Delivery"


class EmailBackend(BaseEmailBackend):
    """Django mail backend."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write each message; the number written."""
        folder = Path(settings.OGC_VAR) / "mail"
        folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            self._write(folder, message)
        return len(email_messages)

    def _write(self, folder: Path, message: EmailMessage) -> None:
        name = message.extra_headers.get(ID_HEADER) or uuid7()
        beside = folder / f".{name}.{os.getpid()}.part"
        with beside.open("wb") as file:
            file.write(message.message().as_bytes())
            file.flush()
            os.fsync(file.fileno())
        beside.replace(folder / f"{name}.eml")
