"""The test suite: as local, but nothing is written outside its own folder and nothing runs by itself."""

from ogc.settings.base import *  # noqa: F403
from ogc.settings.base import DATABASES, SQLITE

DEBUG = True
STAFF_TWO_FACTOR = False
READER_MAX_AGE_SECONDS = float("inf")
# A machine that is busy with other tests is not a Redis that is away.
REDIS_TIMEOUTS = {"socket_connect_timeout": 5.0, "socket_timeout": 5.0}
if DATABASES["default"]["ENGINE"] == SQLITE["ENGINE"]:
    DATABASES["default"]["TEST"] = {"NAME": None}
