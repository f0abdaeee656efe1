"""Model fields with the meaning that this platform gives them."""

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from ogc.ids import uuid7

PUBLIC_ID_LENGTH = 36


class ExactCharField(models.CharField):  # type: ignore[type-arg]
    """Text that is compared byte by byte on every database: tokens, hashes, addresses, keys.

    MySQL's default collation ignores case; SQLite's does not and knows no `utf8mb4_bin`.
    """

    def db_parameters(self, connection: BaseDatabaseWrapper) -> dict[str, Any]:
        """Add the binary collation where the database needs it named."""
        parameters = super().db_parameters(connection)
        if connection.vendor == "mysql":
            parameters["collation"] = "utf8mb4_bin"
        return parameters


class PublicIdField(ExactCharField):
    """The UUIDv7 text by which the outside knows a row; unique, made by us, never changed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", PUBLIC_ID_LENGTH)
        kwargs.setdefault("unique", True)
        kwargs.setdefault("default", uuid7)
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)


class BaseUnitsField(models.BigIntegerField):  # type: ignore[type-arg]
    """An amount in base units (1e-9 OGC), signed 64 bits."""
