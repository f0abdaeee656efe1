"""Avatars in storage: written before the row names them, deleted after it no longer does."""

import secrets
from datetime import timedelta

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage

from accounts.constants import AVATAR_FOLDER, AVATAR_MAX_BYTES, EXPORT_FOLDER, ORPHAN_SECONDS
from accounts.images import avatar_webp
from accounts.models import DataExport, User
from ogc import clock
from ogc.db.transactions import on_commit
from ogc.errors import FileTooLarge


def avatar_store(file: "File[bytes]") -> str:
    """Check, re-encode and store a picture under a random name, outside any transaction; the name.

    Raises:
        FileTooLarge: above 10 MiB.
        UnsupportedFileType: see `images.avatar_webp`.
    """
    if file.size > AVATAR_MAX_BYTES:
        raise FileTooLarge(limit_bytes=AVATAR_MAX_BYTES)
    picture = avatar_webp(file)
    return default_storage.save(f"{AVATAR_FOLDER}/{secrets.token_hex(16)}.webp", ContentFile(picture))


def file_delete_later(name: str) -> None:
    """Delete a stored file once the row that named it no longer does."""
    if name:
        on_commit(lambda: default_storage.delete(name))


def orphans_sweep() -> int:
    """Delete stored avatars and exports that no row names, left by processes that died; returns how many."""
    named = {AVATAR_FOLDER: User.objects.filter, EXPORT_FOLDER: DataExport.objects.filter}
    column = {AVATAR_FOLDER: "avatar", EXPORT_FOLDER: "file"}
    return sum(
        _sweep_one(f"{folder}/{name}")
        for folder in named
        for name in _listed(folder)
        if not named[folder](**{column[folder]: f"{folder}/{name}"}).exists()
    )


def _listed(folder: str) -> list[str]:
    try:
        return default_storage.listdir(folder)[1]
    except FileNotFoundError:
        return []


def _sweep_one(name: str) -> int:
    before = clock.real_now() - timedelta(seconds=ORPHAN_SECONDS)
    try:
        if default_storage.get_modified_time(name) > before:
            return 0
    except FileNotFoundError:
        return 0
    default_storage.delete(name)
    return 1
