"""Schemathesis over the document: whatever is sent, the document promises the answer, and it is never a 500.

Each example is undone, so that examples do not depend on each other. SCALE multiplies their number.
"""

import os
from http import HTTPStatus
from io import StringIO

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.generation import GenerationMode

from tests.contract.test_openapi import document, errors_by_code

load_all_checks()
EXAMPLES = max(2, int(4 * float(os.environ.get("SCALE", "1"))))
CHECK_NAMES = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
PERSONAS = {
    "anonymous": None,
    "user": "alice@ogc.local",
    "moderator": "moderator@ogc.local",
    "admin": "ops@ogc.local",
}
# Its answers are a stream without end.
ENDLESS = {"/api/v1/notifications/stream"}


@pytest.fixture
def seeded(db, settings):
    """The platform as `make run` seeds it, without limits."""
    from django.core.management import call_command

    for name in ("DEFAULT", "MONEY", "INGEST", "REGISTER", "RESET", "LOGIN_IP", "LOGIN_ACCOUNT"):
        setattr(settings, f"RATE_{name}", "off")
    settings.ALLOWED_HOSTS = ["*"]
    settings.DEBUG = True
    call_command("seed", stdout=StringIO())
    settings.DEBUG = False


def known_values():
    """Real ids and slugs, so that paths lead somewhere now and then."""
    from accounts.models import User
    from challenges.models import Challenge

    values = list(User.objects.values_list("public_id", flat=True)[:2])
    values += list(Challenge.objects.values_list("slug", flat=True)[:2])
    values += list(Challenge.objects.values_list("public_id", flat=True)[:1])
    return values


def headers_of(api, email):
    if email is None:
        return {}
    from accounts.models import User

    client = api.as_user(User.objects.get(email=email))
    return {"Authorization": client._headers["authorization"]}


def problems_of(case, response):
    """What the checks have against an answer, and an envelope that is none."""
    found = []
    names = CHECK_NAMES if response.status_code != HTTPStatus.SERVICE_UNAVAILABLE else CHECK_NAMES[1:]
    try:
        case.validate_response(response, checks=CHECKS.get_by_names(names))
    except FailureGroup as group:
        found += [f"{type(e).__name__}: {e}" for e in group.exceptions]
    except Failure as failure:
        found.append(str(failure))
    if response.status_code >= 400 and "readyz" not in case.path:
        error = response.json()["error"]
        if error["code"] not in errors_by_code():
            found.append(f"unknown code {error['code']}")
        elif error["code"] not in case.operation.definition.raw["description"]:
            found.append(f"code {error['code']} is not in the document")
    return found


def fuzz(operation, headers, values):
    """Call one operation with right and wrong data; problem → how to see it again."""
    wrong = {}
    strategies = [operation.as_strategy(generation_mode=mode) for mode in GenerationMode]

    @seed(20260131)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=st.one_of(strategies), value=st.sampled_from([None, *values]))
    def attempt(case, value):
        if value is not None and case.path_parameters:
            case.path_parameters = dict.fromkeys(case.path_parameters, value)
        with transaction.atomic():
            response = case.call(headers=headers)
            transaction.set_rollback(True)
        for problem in problems_of(case, response):
            name = f"{operation.method.upper()} {operation.path}: {problem}"
            wrong.setdefault(name, case.as_curl_command())

    attempt()
    return wrong


@pytest.mark.parametrize("persona", PERSONAS)
def test_no_answer_is_outside_the_document(seeded, api, persona):
    loaded = schemathesis.openapi.from_dict(document())
    loaded.app = get_wsgi_application()
    values, wrong = known_values(), {}
    for result in loaded.get_all_operations():
        operation = result.ok()
        if operation.path not in ENDLESS:
            wrong |= fuzz(operation, headers_of(api, PERSONAS[persona]), values)
    assert not wrong, "\n".join(f"{problem}\n    {curl}" for problem, curl in wrong.items())
