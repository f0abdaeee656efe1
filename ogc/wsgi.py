"""WSGI entry point of the web process: API and admin."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ogc.settings.local")

application = get_wsgi_application()

from ogc import reader  # noqa: E402  (needs the apps that the line above loads)

reader.start()
