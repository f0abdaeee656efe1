"""Tokens of machines: made, listed, revoked; kept as hashes; known to each process within a second."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts import service_tokens
from accounts.authentication import actor_of_header
from accounts.models import ServiceToken
from accounts.services import service_token_create, service_token_revoke
from governance.models import AuditRecord
from ogc.actors import SYSTEM, Actor
from ogc.errors import NotFound, PermissionDenied, TokenInvalid, ValidationFailed
from tests.factories.accounts import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb]


def command(*arguments):
    out, told = StringIO(), StringIO()
    call_command("service_token", *arguments, stdout=out, stderr=told)
    return out.getvalue(), told.getvalue()


def create(**changes):
    return service_token_create(
        actor=SYSTEM, **({"name": "indexer", "scopes": ["tx.system"], "days": 30} | changes)
    )


def test_the_command_prints_the_bearer_text_only():
    out, told = command("--scope", "tx.system", "--scope", "webhook.send", "--days", "7", "--name", "hooks")
    token = out.removesuffix("\n")
    row = ServiceToken.objects.get()
    assert token.startswith("ogcs_")
    assert "\n" not in token
    assert actor_of_header(f"Bearer {token}").scopes == {"tx.system", "webhook.send"}
    assert (row.name, row.scopes) == ("hooks", ["tx.system", "webhook.send"])
    assert row.expires_at - row.created_at - timedelta(days=7) < timedelta(seconds=5)
    assert token not in told + str(ServiceToken.objects.values()) + str(AuditRecord.objects.values())
    assert row.token_hash == service_tokens.token_hash(token)


def test_the_list_shows_those_that_work_and_no_secrets(later):
    rows = [create(name=name, days=days)[0] for name, days in (("one", 30), ("two", 1), ("three", 30))]
    service_token_revoke(actor=SYSTEM, token_id=rows[2].public_id)
    later(days=2)
    out, _ = command("--list")
    until = f"{rows[0].expires_at:%Y-%m-%d %H:%M}Z"
    assert out == f"{rows[0].public_id}  tx.system  until {until}  one\n"
    assert rows[0].token_hash not in out


def test_a_revoked_token_is_refused_here_at_once_and_elsewhere_by_the_next_read(
    django_capture_on_commit_callbacks, django_assert_num_queries
):
    row, token = create()
    assert actor_of_header(f"Bearer {token}")
    command("--revoke", row.public_id)
    assert actor_of_header(f"Bearer {token}").token_id == row.public_id  # as another process, before its read
    service_tokens.load()
    with django_assert_num_queries(0), pytest.raises(TokenInvalid):
        actor_of_header(f"Bearer {token}")
    other, text = create()
    with django_capture_on_commit_callbacks(execute=True):
        service_token_revoke(actor=SYSTEM, token_id=other.public_id)
    with pytest.raises(TokenInvalid):
        actor_of_header(f"Bearer {text}")
    actions = (
        AuditRecord.objects.filter(target_id=row.public_id).order_by("pk").values_list("action", flat=True)
    )
    assert list(actions) == ["service_tokens.created", "service_tokens.revoked"]


def test_made_up_tokens_cost_one_query_a_second_in_all(django_assert_num_queries):
    with django_assert_num_queries(1):
        for number in range(50):
            with pytest.raises(TokenInvalid):
                actor_of_header(f"Bearer ogcs_{number}")


def test_a_revoked_expired_or_unknown_token_can_not_be_revoked(later):
    row, _ = create()
    command("--revoke", row.public_id)
    before = list(ServiceToken.objects.values())
    for token_id in (row.public_id, "nobody", ""):
        with pytest.raises(CommandError, match="--list"):
            command("--revoke", token_id)
        with pytest.raises(NotFound):
            service_token_revoke(actor=SYSTEM, token_id=token_id)
    assert list(ServiceToken.objects.values()) == before


@pytest.mark.parametrize("change", [{"scopes": []}, {"scopes": ["role.write"]}, {"days": 0}, {"days": 367}])
def test_what_a_service_may_not_hold_is_refused(change):
    with pytest.raises(ValidationFailed):
        create(**change)
    assert not ServiceToken.objects.exists()


def test_only_role_write_makes_and_revokes():
    row, _ = create()
    person = Actor(kind="user", user_id=UserFactory().public_id, scopes=frozenset({"users.write"}))
    with pytest.raises(PermissionDenied):
        service_token_create(actor=person, name="mine", scopes=["tx.system"], days=1)
    with pytest.raises(PermissionDenied):
        service_token_revoke(actor=person, token_id=row.public_id)
    assert ServiceToken.objects.get().revoked_at is None


@pytest.mark.parametrize("arguments", [[], ["--scope", "role.write"], ["--list", "--scope", "tx.system"]])
def test_the_command_takes_one_thing_to_do(arguments):
    with pytest.raises(CommandError):
        command(*arguments)
    assert not ServiceToken.objects.exists()
