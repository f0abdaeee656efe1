"""What ends a session ends all that hangs on it within two seconds: its access tokens in another process,
open event streams, tickets that are not used yet, and sessions of the admin site."""

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from accounts.models import Activity, User
from governance.services import role_assign
from ogc import clock
from ogc.actors import SYSTEM
from ogc.local.services import Service
from tests.factories.accounts import PASSWORD as OTHER_PASSWORD

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]

PASSWORD = "ogc-local-only-1"
WITHIN_SECONDS = 2.0
EMAIL = "moderator@ogc.local"
TICKETS = 25


def call(process: Service, method: str, path: str, token: str = "", **body: Any) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    url = f"{process.url}/api/v1/{path}"
    return requests.request(method, url, json=body or None, headers=headers, timeout=10)


def done(answer: requests.Response) -> Any:
    assert answer.status_code < 300, answer.text
    return answer.json() if answer.content else None


def login(process: Service, email: str = EMAIL) -> str:
    answer = done(call(process, "POST", "auth/login", email=email, password=PASSWORD, token_transport="body"))
    return str(answer["access"])


class Visitor:
    """Staff with an access token, an open stream, unused tickets and a session of the admin site."""

    def __init__(self, web: Service, stream: Service) -> None:
        self.web, self.stream = web, stream
        self.token = login(web)
        self.tickets = [self._ticket() for _ in range(TICKETS)]
        self.listening = self._listen(self._ticket())
        self.admin_site = self._admin_login()
        self.stream_ended_at: float | None = None
        threading.Thread(target=self._read, daemon=True).start()
        assert not self.is_out_of_admin_site()
        assert not self.is_refused()

    def _ticket(self) -> str:
        return str(done(call(self.web, "POST", "notifications/stream-ticket", self.token))["ticket"])

    def _listen(self, ticket: str) -> requests.Response:
        url = f"{self.stream.url}/api/v1/notifications/stream?ticket={ticket}"
        return requests.get(url, stream=True, timeout=60)

    def _read(self) -> None:
        assert self.listening.status_code == 200
        for _ in self.listening.iter_content(None):
            pass
        self.stream_ended_at = time.monotonic()

    def _admin_login(self) -> requests.Session:
        browser, url = requests.Session(), f"{self.web.url}/admin/login/"
        (csrf,) = re.findall('name="csrfmiddlewaretoken" value="([^"]+)"', browser.get(url).text)
        form = {"username": EMAIL, "password": PASSWORD, "csrfmiddlewaretoken": csrf}
        browser.post(url, form, headers={"Referer": url}, allow_redirects=False).raise_for_status()
        return browser

    def session_id(self) -> str:
        sessions = done(call(self.web, "GET", "auth/sessions", self.token))["results"]
        return str(next(one["id"] for one in sessions if one["current"]))

    def is_refused(self) -> bool:
        """By the other process, whose answers to a living session are 204."""
        return call(self.web, "GET", "auth/verify", self.token).status_code in (401, 403)

    def is_ticket_refused(self) -> bool:
        with self._listen(self.tickets.pop()) as answer:
            return answer.status_code in (401, 403)

    def is_stream_over(self) -> bool:
        return self.stream_ended_at is not None

    def is_out_of_admin_site(self) -> bool:
        return self.admin_site.get(f"{self.web.url}/admin/", allow_redirects=False).status_code == 302


@dataclass
class Case:
    """Who does what, at the first process."""

    visitor: Visitor
    web: Service
    owner: str

    def user(self) -> User:
        return User.objects.get(email=EMAIL)

    def suspend(self) -> None:
        until = (clock.now() + clock.timedelta(days=1)).isoformat()
        path = f"admin/users/{self.user().public_id}/suspend"
        done(call(self.web, "POST", path, self.owner, reason="spam", until=until))

    def logout_all(self) -> None:
        done(call(self.web, "POST", "auth/logout-all", self.visitor.token))

    def logout_by_staff(self) -> None:
        done(call(self.web, "POST", f"admin/users/{self.user().public_id}/logout", self.owner, reason="lost"))

    def delete_session(self) -> None:
        done(call(self.web, "DELETE", f"auth/sessions/{self.visitor.session_id()}", login(self.web)))

    def change_password(self) -> None:
        body = {"old_password": PASSWORD, "new_password": OTHER_PASSWORD}
        done(call(self.web, "POST", "auth/change-password", login(self.web), **body))

    def deny(self) -> None:
        token = login(self.web)
        line = Activity.objects.filter(user=self.user(), kind="login").latest("pk")
        done(call(self.web, "POST", f"auth/activity/{line.public_id}/deny", token))

    def lose_role(self) -> None:
        path = f"admin/users/{self.user().public_id}/roles"
        done(call(self.web, "DELETE", path, self.owner, role="moderator", confirm=True))

    def restore(self) -> None:
        """The next case finds the person as they were."""
        path = f"admin/users/{self.user().public_id}/reinstate"
        done(call(self.web, "POST", path, self.owner, reason="test"))
        user = self.user()
        user.set_password(PASSWORD)
        user.save()
        role_assign(actor=SYSTEM, user_id=user.public_id, role="moderator")


API = ("is_refused", "is_ticket_refused", "is_stream_over")
ADMIN = "is_out_of_admin_site"
ENDS: dict[str, tuple[str, ...]] = {
    "logout_all": (*API, ADMIN),
    "logout_by_staff": (*API, ADMIN),
    "delete_session": API,
    "change_password": (*API, ADMIN),
    "deny": (*API, ADMIN),
    # Streams show one's own notifications, whatever the roles: they go on.
    "lose_role": ("is_refused", ADMIN),
    "suspend": (*API, ADMIN),
}


def seconds_until(checks: dict[str, Callable[[], bool]], since: float) -> dict[str, float]:
    """Name → when the check first held, all asked again and again."""
    seen: dict[str, float] = {}
    while len(seen) < len(checks) and time.monotonic() - since < WITHIN_SECONDS + 0.5:
        for name, check in checks.items():
            if name not in seen and check():
                seen[name] = time.monotonic() - since
        time.sleep(0.05)
    return seen


def test_all_that_hangs_on_a_session_ends_with_it(processes: list[Service], stream_process: Service) -> None:
    first, second = processes
    owner = login(first, "admin@ogc.local")
    late = {}
    for end, expected in ENDS.items():
        visitor = Visitor(second, stream_process)
        case = Case(visitor, first, owner)
        getattr(case, end)()
        ended = time.monotonic()
        seen = seconds_until({name: getattr(visitor, name) for name in expected}, ended)
        late |= {(end, name): seen.get(name) for name in expected if seen.get(name, 9) > WITHIN_SECONDS}
        assert visitor.is_stream_over() is ("is_stream_over" in expected)
        case.restore()
    assert not late
