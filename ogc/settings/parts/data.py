"""Databases, Redis, queues and caches."""

from hashlib import sha256
from typing import Any
from urllib.parse import unquote, urlsplit

from ogc.local.ports import service_urls
from ogc.settings.environment import env

SQLITE = {
    "ENGINE": "django.db.backends.sqlite3",
    "OPTIONS": {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    },
}


def database(url: str) -> dict[str, Any]:
    """Django's settings for a database URL; SQLite under OGC_VAR when it is empty."""
    if not url:
        return SQLITE | {"NAME": env.OGC_VAR / "db.sqlite3"}
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return SQLITE | {"NAME": parts.path}
    return {
        "ENGINE": "ogc.db.mysql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or 3306),
        "OPTIONS": {
            "charset": "utf8mb4",
            "connect_timeout": 5,
            "isolation_level": "read committed",
            "init_command": (
                "SET sql_mode='STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION',"
                "innodb_lock_wait_timeout=10"
            ),
        },
        "TEST": {"CHARSET": "utf8mb4", "COLLATION": "utf8mb4_unicode_ci"},
    }


DATABASES = {"default": database(env.DATABASE_URL) | {"CONN_MAX_AGE": None}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

_embedded = service_urls(env.OGC_VAR, env.PORT)
REDIS_URL = env.REDIS_URL or _embedded["redis_url"]
# Redis is never waited for long: every use of it has an answer for its absence.
REDIS_TIMEOUTS = {"socket_connect_timeout": 0.3, "socket_timeout": 1.0}

QUEUES = ("chain", "default", "mail", "bulk", "analytics")
RQ_QUEUES = {
    name: {"URL": REDIS_URL, "DEFAULT_TIMEOUT": 600, "REDIS_CLIENT_KWARGS": {"socket_connect_timeout": 0.3}}
    for name in QUEUES
}
RQ_SHOW_ADMIN_LINK = False

CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "rates": {"BACKEND": "ogc.api.rate_cache.RateCache"},
}
RATELIMIT_USE_CACHE = "rates"
# The library's defaults: a setting that is not there costs more to ask for on each request than the count.
RATELIMIT_ENABLE, RATELIMIT_CACHE_PREFIX, RATELIMIT_HASH_ALGORITHM = True, "rl:", sha256
# security.W003 knows Django's CSRF middleware by its own name only; ours is a subclass for the admin site.
SILENCED_SYSTEM_CHECKS = ["django_ratelimit.W001", "django_ratelimit.E003", "security.W003"]

CHAIN_RPC_URLS = env.CHAIN_RPC_URLS or [_embedded["rpc_url"]]
