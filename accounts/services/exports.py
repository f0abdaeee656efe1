"""The archive of everything that the platform knows of a person, made by a job.

The row is the work: a worker takes its lease, writes the archive to a temporary file row by row, stores it
under a random name, and only then names it. Whoever dies on the way leaves a row whose lease runs out, and at
most a file that no row names, which the sweep of orphans deletes.
"""

import secrets
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from typing import IO, Any

import orjson
from django.core.files.base import File
from django.core.files.storage import default_storage

from accounts import ports
from accounts.constants import (
    EXPORT_AGAIN_SECONDS,
    EXPORT_ATTEMPTS_MAX,
    EXPORT_FOLDER,
    EXPORT_KEEP_DAYS,
    ExportStatus,
)
from accounts.locks import user_lock
from accounts.models import DataExport, User
from accounts.selectors import user_pk
from accounts.services.avatars import file_delete_later
from accounts.signals import export_ready
from ogc import clock
from ogc.access import require
from ogc.actors import Actor
from ogc.db.transactions import run_in_transaction, transactional
from ogc.errors import AccountDisabled
from ogc.jobs import Lease, LeaseLost, claim, enqueue
from ogc.ports import audit_record

EXPORT_JOB = "accounts.jobs.export_make"
RETRY_SECONDS = 30


@transactional
def export_request(*, actor: Actor) -> DataExport:
    """Ask for an archive; one that is under way, or ready for less than an hour, is given again.

    Raises:
        AccountDisabled: the account was closed meanwhile.

    Effects: locks the user; audit record and job for a new one.
    """
    require(actor, "export.request", scope="self", write=False)
    user = user_lock(user_pk(actor.user_id or ""))
    if not user.is_active:
        raise AccountDisabled
    theirs = DataExport.objects.filter(user=user).order_by("-pk")
    fresh = clock.now() - timedelta(seconds=EXPORT_AGAIN_SECONDS)
    known = (
        theirs.filter(status=ExportStatus.QUEUED).first()
        or theirs.filter(status=ExportStatus.READY, finished_at__gt=fresh, expires_at__gt=clock.now()).first()
    )
    if known is not None:
        return known
    export = DataExport.objects.create(user=user)
    audit_record(actor=actor, action="auth.export_requested", target_type="user", target_id=user.public_id)
    enqueue(EXPORT_JOB, export.pk, queue="bulk", key=export_job_key(export.pk))
    return export


def export_make(*, export_pk: int) -> None:
    """Make one archive if it waits and nobody else is at it. Safe to call again at any time."""
    lease = claim(DataExport, export_pk, statuses=[ExportStatus.QUEUED])
    if lease is None:
        return
    export = DataExport.objects.select_related("user").get(pk=export_pk)
    name = ""
    try:
        with tempfile.TemporaryFile() as file:
            lease = _write(file, export.user, lease)
            file.seek(0)
            name = default_storage.save(f"{EXPORT_FOLDER}/{secrets.token_hex(16)}.json", File(file))
        run_in_transaction(lambda: _finish(lease, export, name))
    except Exception as error:
        if name:
            default_storage.delete(name)
        if isinstance(error, LeaseLost):
            return
        is_over = export.attempts >= EXPORT_ATTEMPTS_MAX
        lease.release(
            status=ExportStatus.FAILED if is_over else ExportStatus.QUEUED,
            next_attempt_at=clock.real_now() + timedelta(seconds=RETRY_SECONDS * export.attempts),
            last_error=type(error).__name__,
        )
        raise


def _finish(lease: Lease, export: DataExport, name: str) -> None:
    now = clock.now()
    expires_at = now + timedelta(days=EXPORT_KEEP_DAYS)
    if not lease.release(
        status=ExportStatus.READY, file=name, finished_at=now, expires_at=expires_at, last_error=""
    ):
        raise LeaseLost
    export_ready.emit(user_id=export.user.public_id, export_id=export.public_id)


def _write(file: IO[bytes], user: User, lease: Lease) -> Lease:
    """Write the whole archive, extending the lease on the way; the lease as it is then."""
    head = {"user_id": user.public_id, "created_at": clock.now()}
    file.write(orjson.dumps(head, option=orjson.OPT_UTC_Z)[:-1] + b',"sections":{')
    for number, section in enumerate(ports.personal_sections.values()):
        file.write(b"," * bool(number) + orjson.dumps(section.name) + b":[")
        for index, row in enumerate(section.rows(user.pk)):
            file.write(b"," * bool(index) + orjson.dumps(row, option=orjson.OPT_UTC_Z))
            lease = lease.kept()
        file.write(b"]")
    file.write(b"}}")
    return lease


def export_job_key(export_pk: int) -> str:
    """Id of the next job: each attempt is another one."""
    attempts = DataExport.objects.values_list("attempts", flat=True).get(pk=export_pk)
    return f"export-{export_pk}-a{attempts + 1}"


def exports_purge() -> int:
    """Delete the archives that are past their week; returns how many."""
    return sum(_expire(pk) for pk in _over())


def _over() -> Iterator[int]:
    over = DataExport.objects.filter(status=ExportStatus.READY, expires_at__lte=clock.now())
    yield from list(over.values_list("pk", flat=True))


@transactional
def _expire(pk: int) -> int:
    export = DataExport.objects.get(pk=pk)
    changed: dict[str, Any] = {"status": ExportStatus.EXPIRED, "file": ""}
    count = DataExport.objects.filter(pk=pk, status=ExportStatus.READY).update(**changed)
    file_delete_later(export.file.name or "")
    return count
