"""Structured logs: one JSON object a line on standard error."""

from ogc.settings.environment import env

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "ogc.logs.JsonFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": env.LOG_LEVEL},
    "loggers": {
        # Named without handlers: Django's own would write each line once more, as plain text.
        "django": {"level": "INFO"},
        "django.request": {"level": "ERROR"},
        # It would log the id of each credential that is used.
        "fido2": {"level": "WARNING"},
        # It would log the path of each call, which at many RPC providers is the key of the account.
        "urllib3": {"level": "WARNING"},
        "rq.worker": {"level": "WARNING"},
        "rq.scheduler": {"level": "WARNING"},
    },
}
