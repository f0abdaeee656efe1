"""Who is signed in to the admin site: whoever holds the cookie of a session that still lets people in."""

from datetime import timedelta
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from accounts.constants import ADMIN_TOUCH_SECONDS
from accounts.models import User
from accounts.selectors import staff_session_get
from accounts.services import staff_session_touch
from ogc import clock
from ogc.admin import ADMIN_SESSION_KEY
from ogc.errors import ProofRequired
from ogc.middleware.admin_site import AdminAuthenticationMiddleware
from ogc.middleware.platform import ADMIN_PREFIX

STEP_UP_PAGE = "staff-step-up"


class StaffSessionMiddleware(AdminAuthenticationMiddleware):
    """`request.user` under /admin/, from the row of the session: one query in place of Django's own.

    So whatever ends a session or changes its user (logout elsewhere, suspension, a new password, roles) holds
    from the next request on, in all processes.
    """

    def process_request(self, request: HttpRequest) -> None:
        """Look when somebody asks who it is."""
        request.user = SimpleLazyObject(lambda: _user(request))  # type: ignore[assignment]

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Send whoever must prove once more who they are to the page for it, and from there back.

        What they sent is not sent again for them: they look at it once more and repeat it.
        """
        if not isinstance(exception, ProofRequired) or not request.path.startswith(ADMIN_PREFIX):
            return None
        messages.warning(request, "Prove that it is you, then repeat what you just did: nothing was changed.")
        query = urlencode({"next": request.get_full_path()})
        return HttpResponseRedirect(f"{reverse(STEP_UP_PAGE)}?{query}")


def _user(request: HttpRequest) -> User | AnonymousUser:
    session_id = request.session.get(ADMIN_SESSION_KEY)
    if session_id is None:
        return AnonymousUser()
    session = staff_session_get(session_id)
    if session is None:
        request.session.flush()
        return AnonymousUser()
    if session.last_used_at <= clock.now() - timedelta(seconds=ADMIN_TOUCH_SECONDS):
        staff_session_touch(session=session)
    return session.user
