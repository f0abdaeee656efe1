"""The head of the audit chain in a file outside the database, so that a cut tail is found.

`$OGC_VAR/audit-head.json` holds the number of seals and the hash of the newest one. It only moves forward,
under a file lock, by a whole new file that replaces the old one (a crash leaves one of the two).
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings

FILE_NAME = "audit-head.json"


@dataclass(frozen=True, slots=True)
class Head:
    """`count` seals, the newest of which has `hash`; 0 and "" before the first."""

    count: int
    hash: str


class HeadUnreadable(ValueError):
    """The file is there and does not hold a head."""


def path() -> Path:
    """Where the head is kept."""
    return Path(settings.OGC_VAR) / FILE_NAME


def read() -> Head | None:
    """The head, or None when there is no file.

    Raises:
        HeadUnreadable: the file does not hold a head.
    """
    try:
        found = json.loads(path().read_text())
        return Head(count=int(found["count"]), hash=str(found["hash"]))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise HeadUnreadable(str(path())) from error


def advance(head: Head) -> None:
    """Store `head` unless a newer one is there already (of two sealers the slower one comes second)."""
    with _locked():
        stored = read()
        if stored is not None and stored.count >= head.count:
            return
        temporary = path().with_suffix(f".{os.getpid()}.tmp")
        with temporary.open("w") as file:
            json.dump(asdict(head), file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path())


@contextmanager
def _locked() -> Iterator[None]:
    path().parent.mkdir(parents=True, exist_ok=True)
    with path().with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
