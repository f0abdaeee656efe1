"""WSGI entry point of the web process: API and admin."""

import os

import django
from django.conf import settings
from django.core.cache import close_caches
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, reset_queries

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ogc.settings.local")

django.setup(set_prefix=False)

from ogc import reader  # noqa: E402  (needs the apps that the line above loads)
from ogc.db.patience import bound_answers  # noqa: E402
from ogc.handler import PlatformHandler  # noqa: E402

application = PlatformHandler()

bound_answers()
reader.start()

if not settings.DEBUG:
    # No queries are kept to be forgotten, both caches have nothing to close, and one look at the connection
    # after each request is enough.
    request_started.disconnect(reset_queries)
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_caches)
