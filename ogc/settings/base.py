"""What every way of running shares."""

from ogc.settings.environment import env
from ogc.settings.parts.admin_site import *  # noqa: F403
from ogc.settings.parts.audit import *  # noqa: F403
from ogc.settings.parts.data import *  # noqa: F403
from ogc.settings.parts.domain import *  # noqa: F403
from ogc.settings.parts.logs import *  # noqa: F403
from ogc.settings.parts.mail import *  # noqa: F403
from ogc.settings.parts.schema import *  # noqa: F403
from ogc.settings.parts.web import *  # noqa: F403

SECRET_KEY = env.SECRET_KEY
DEBUG = env.DEBUG
WEB_PROCESSES, WEB_THREADS = env.WEB_PROCESSES, env.WEB_THREADS
