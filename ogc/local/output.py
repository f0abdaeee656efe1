"""Output of the local run: everything into a file, what a person wants to see on the terminal."""

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

from honcho.printer import Message, Printer

MAX_BYTES = 20_000_000
KEPT_FILES = 3
# Work that comes every second; in the terminal it would bury everything else.
ROUTINE = (b'"message":"job done"', b'"path":"/api/v1/readyz"', b'"path":"/api/v1/healthz"')


class LogPrinter(Printer):
    """Honcho's printer that keeps every line in a rotating file and leaves routine out of the terminal."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = RotatingFileHandler(path, maxBytes=MAX_BYTES, backupCount=KEPT_FILES)

    def write(self, message: Message) -> None:
        """Print one line."""
        data = message.data if isinstance(message.data, bytes) else message.data.encode()
        text = f"{message.time:%Y-%m-%d %H:%M:%S} {message.name} {data.decode(errors='replace').rstrip()}"
        self._file.emit(logging.makeLogRecord({"msg": text}))
        if not any(mark in data for mark in ROUTINE):
            super().write(message)
