"""Production: refuses whatever is only for a local run."""

import sys

from ogc.settings.base import *  # noqa: F403
from ogc.settings.base import ALLOWED_HOSTS, CORS_ALLOWED_ORIGINS, DATABASES, SQLITE, WEB_PROCESSES
from ogc.settings.environment import LOCAL_SECRET_KEY, LOCAL_SECRETS_KEY, env

_refusals = {
    "DEBUG: must be false": env.DEBUG,
    "SECRET_KEY: must be set to a value of your own": env.SECRET_KEY == LOCAL_SECRET_KEY,
    "SECRETS_KEYS: must be set to keys of your own": LOCAL_SECRETS_KEY in env.SECRETS_KEYS,
    "CHAIN_KEYSTORE: the development key is refused here": not env.CHAIN_KEYSTORE,
    "ALLOWED_HOSTS: no wildcards": any("*" in host or host.startswith(".") for host in ALLOWED_HOSTS),
    "CORS_ORIGINS: no wildcards": any("*" in origin for origin in CORS_ALLOWED_ORIGINS),
    "WEB_PROCESSES: SQLite serves one web process only": DATABASES["default"]["ENGINE"] == SQLITE["ENGINE"]
    and WEB_PROCESSES > 1,
}
if any(_refusals.values()):
    sys.stderr.write("Production refuses to start:\n")
    sys.stderr.writelines(f"  {text}\n" for text, wrong in _refusals.items() if wrong)
    raise SystemExit(2)

DEBUG = False
SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^api/v1/(healthz|readyz|metrics)$"]
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
