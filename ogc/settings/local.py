"""One machine, embedded services, nothing configured."""

from ogc.settings.base import *  # noqa: F403
