"""Every endpoint of the URL configuration × every kind of caller; an endpoint without a row fails."""

import re

import pytest
from django.contrib.auth.models import Group
from django.urls import URLPattern, URLResolver, get_resolver

from accounts import revocations
from accounts.services import service_token_create, user_suspend
from governance.access_matrix import MATRIX, scopes_of
from ogc.actors import SYSTEM
from ogc.api.registry import Found, endpoints
from ogc.ids import uuid7
from tests.api_client import ApiClient
from tests.contract.authorisation import PUBLIC, ROWS
from tests.factories.accounts import UserFactory

PREFIX = "api/v1/"
NOT_OURS = {"schema", "docs"}
"""Paths whose views are a library's: the document and its browser."""

ROLES = ("partner", "judge", "moderator", "admin", "finance", "super_admin")
UNAUTHENTICATED = {"NOT_AUTHENTICATED", "TOKEN_INVALID", "TOKEN_EXPIRED"}
RATES = [f"RATE_{name}" for name in ("LOGIN_ACCOUNT", "LOGIN_IP", "REGISTER", "RESET", "MONEY", "DEFAULT")]
SYSTEM_SCOPES = MATRIX["system"].scopes


def row_key(found: Found) -> str:
    path = re.sub(r"<(?:[a-z]+:)?(\w+)>", r"{\1}", found.path.removeprefix(PREFIX))
    return f"{found.method} {path}"


FOUND = {row_key(found): found for found in endpoints()}
LOGIN_IGNORED = {key for key, found in FOUND.items() if found.declared.login_ignored}
"""Calls that fetch tokens: an old one must not stand in their way, so none is looked at."""


@pytest.fixture
def callers(db, api, settings):
    """Name → (client, scopes) of every kind of caller; rate limits are off."""
    for name in RATES:
        setattr(settings, name, "off")
    groups = {group.name: group for group in Group.objects.all()}
    made: dict[str, tuple[ApiClient, frozenset[str]]] = {"anonymous": (api, frozenset())}
    for name in ("user", "other user", *ROLES):
        user = UserFactory()
        roles = {"user", name} if name in ROLES else {"user"}
        if name in ROLES:
            user.groups.add(groups[name])
        made[name] = (api.as_user(user), scopes_of(frozenset(roles)))
    suspended = UserFactory()
    made["suspended"] = (api.as_user(suspended), frozenset())
    user_suspend(actor=SYSTEM, user_id=suspended.public_id, reason="tests")
    revocations.load()
    _, token = service_token_create(actor=SYSTEM, name="test", scopes=sorted(SYSTEM_SCOPES), days=1)
    made["system"] = (api.with_token(token), SYSTEM_SCOPES)
    return made


def call(client: ApiClient, found: Found):
    path = "/" + re.sub(r"<[^>]*>", uuid7(), found.path)
    body = None if found.method == "GET" else {"confirm": True} if found.declared.confirm else {}
    return client.call(found.method, path, body, key=uuid7() if found.method == "POST" else None)


def refusal(response) -> tuple[int, str, object]:
    if response.status_code < 400 or "error" not in response.json():
        return response.status_code, "", None
    error = response.json()["error"]
    return response.status_code, error["code"], error["details"].get("scope")


def is_right(name: str, scopes: frozenset[str], needed: set[str], answer: tuple[int, str, object]) -> bool:
    """Whether this caller was let in, or refused for the right reason."""
    status, code, scope = answer
    if name == "suspended":
        return (status, code) == (403, "AUTH_ACCOUNT_DISABLED")
    if status == 500:
        return False
    if needed == set(PUBLIC) or needed & scopes:
        return code not in UNAUTHENTICATED and not (code == "PERMISSION_DENIED" and scope in needed)
    if name == "anonymous":
        return (status, code) == (401, "NOT_AUTHENTICATED")
    return (status, code) == (403, "PERMISSION_DENIED") and scope in needed


def test_every_endpoint_has_a_row():
    assert sorted(FOUND.keys() - ROWS.keys()) == []


def test_every_view_below_the_api_declares_its_endpoints():
    def paths(patterns, prefix=""):
        for entry in patterns:
            path = prefix + str(entry.pattern)
            if isinstance(entry, URLResolver):
                yield from paths(entry.url_patterns, path)
            elif isinstance(entry, URLPattern):
                yield path

    ours = {path for path in paths(get_resolver().url_patterns) if path.startswith(PREFIX)}
    declared = {found.path for found in endpoints()}
    assert {path.removeprefix(PREFIX) for path in ours - declared} == NOT_OURS


def test_a_login_is_ignored_by_public_calls_under_auth_and_by_the_key_set_only():
    ignoring = LOGIN_IGNORED - {"GET .well-known/jwks.json"}
    assert {key for key in ignoring if ROWS[key] != PUBLIC or " auth/" not in key} == set()


@pytest.mark.parametrize("key", sorted(FOUND.keys() & ROWS.keys()))
def test_the_declaration_is_the_row(key):
    assert set(FOUND[key].declared.scopes or PUBLIC) == set(ROWS[key])


@pytest.mark.parametrize("key", sorted(FOUND.keys() & ROWS.keys()))
def test_who_may_may_and_who_may_not_is_told_why(key, callers):
    needed = set(ROWS[key])
    if key in LOGIN_IGNORED:
        del callers["suspended"]
    answers = {name: refusal(call(client, FOUND[key])) for name, (client, _) in callers.items()}
    wrong = {
        name: answer
        for name, answer in answers.items()
        if not is_right(name, callers[name][1], needed, answer)
    }
    assert wrong == {}
