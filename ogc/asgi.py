"""ASGI entry point of the stream process: server-sent events only; everything else is served by WSGI."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ogc.settings.local")

django.setup()

from django.utils.module_loading import import_string  # noqa: E402

from ogc import reader  # noqa: E402  (needs the apps)

reader.start()

application = import_string("notifications.stream.application")
