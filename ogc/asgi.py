"""ASGI entry point of the stream process: server-sent events only; everything else is served by WSGI."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ogc.settings.local")

django.setup()

from notifications.stream import application as stream  # noqa: E402  (needs the apps)
from ogc import reader  # noqa: E402

reader.start()

application = stream
