"""The mail of a local run: one file per message under OGC_VAR/mail."""

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

TOKEN_LINE = re.compile(r"^Token: *(\S+)\s*$", re.MULTILINE)


def find_token(folder: Path, address: str) -> str | None:
    """Bare token of the newest message to that address, None while there is none."""
    newest = sorted(folder.glob("*"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in newest:
        if not path.is_file():
            continue
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        assert isinstance(message, EmailMessage)
        if address.lower() not in str(message.get("To", "")).lower():
            continue
        body = message.get_body(("plain", "html"))
        match = TOKEN_LINE.search(body.get_content() if body is not None else "")
        if match:
            return match.group(1)
    return None
