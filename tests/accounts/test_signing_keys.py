"""Keys of access tokens: the first one, rotation, what is accepted how long, who knows it when."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from accounts import authentication, signing_keys
from accounts.authentication import actor_of_header
from accounts.models import SigningKey
from accounts.services import signing_key_rotate
from accounts.services.signing_keys import signing_key_ensure
from accounts.tokens import access_token_check
from governance.models import AuditRecord
from ogc import clock
from ogc.actors import SYSTEM, Actor
from ogc.db.transactions import run_in_transaction
from ogc.errors import NotFound, PermissionDenied, TokenExpired, TokenInvalid
from ogc.seal import SealBroken, unseal
from tests.factories.accounts import UserFactory, login_as

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb, pytest.mark.usefixtures("own_keys")]


@pytest.fixture
def rotate(django_capture_on_commit_callbacks):
    """Rotates as this process does; `elsewhere=True` as another one, of which this one hears nothing."""

    def run(compromised="", *, elsewhere=False):
        with django_capture_on_commit_callbacks(execute=not elsewhere):
            return signing_key_rotate(actor=SYSTEM, compromised=compromised)

    return run


def token():
    return login_as(UserFactory()).access


def kid():
    return signing_keys.signer().kid


def published(api):
    return [key["kid"] for key in api.get("/.well-known/jwks.json").json()["keys"]]


def test_migrating_makes_the_first_key_and_no_second_one():
    row = SigningKey.objects.get()
    assert (row.kid, row.signing_slot, row.accepted_until) == (kid(), 1, None)
    signing_key_ensure()
    assert SigningKey.objects.get() == row


def test_a_missing_key_is_made_at_first_need(django_capture_on_commit_callbacks):
    SigningKey.objects.all().delete()
    signing_keys.load()
    with django_capture_on_commit_callbacks(execute=True):
        granted = token()
    assert access_token_check(granted).kid == SigningKey.objects.get().kid


def test_a_key_of_a_transaction_that_fails_is_not_remembered(django_capture_on_commit_callbacks):
    SigningKey.objects.all().delete()
    signing_keys.load()
    user = UserFactory()

    def fail():
        login_as(user)
        raise LookupError

    with django_capture_on_commit_callbacks(execute=True), pytest.raises(LookupError):
        run_in_transaction(fail)
    assert signing_keys.signer() is None


def test_no_id_looks_like_an_option_of_a_command():
    assert not [key.kid for key in (signing_keys.key_new() for _ in range(400)) if key.kid.startswith("-")]


def test_two_keys_never_sign():
    with pytest.raises(IntegrityError), transaction.atomic():
        signing_keys.key_new().save()


def test_the_private_half_is_sealed_to_its_id_and_deleted_with_rotation(rotate):
    row = SigningKey.objects.get()
    sealed = bytes(row.private_sealed)
    assert len(unseal(signing_keys.SEAL_PURPOSE, sealed, row.kid.encode())) == 32
    with pytest.raises(SealBroken):
        unseal(signing_keys.SEAL_PURPOSE, sealed, b"another")
    rotate()
    row.refresh_from_db()
    assert bytes(row.private_sealed) == b""


def test_the_new_key_signs_at_once_and_the_old_one_is_accepted_until_its_last_token_expires(
    rotate, api, settings, later
):
    old, old_token = kid(), token()
    new = rotate()
    assert (kid(), published(api)) == (new.kid, [old, new.kid])
    assert access_token_check(token()).kid == new.kid
    assert actor_of_header(f"Bearer {old_token}")
    row = SigningKey.objects.get(kid=old)
    left = row.accepted_until - clock.now()
    assert abs(left - timedelta(seconds=settings.ACCESS_TOKEN_SECONDS + 60)) < timedelta(seconds=5)
    later(seconds=settings.ACCESS_TOKEN_SECONDS + 1)
    with pytest.raises(TokenExpired):
        access_token_check(old_token)
    later(seconds=60)
    signing_keys.load()
    with pytest.raises(TokenInvalid):
        access_token_check(old_token)
    assert published(api) == [new.kid]


@pytest.mark.parametrize("named", ["its id", "all"])
def test_tokens_of_a_compromised_key_are_refused_also_where_they_are_remembered(
    rotate, api, named, django_assert_num_queries
):
    old, old_token = kid(), token()
    assert actor_of_header(f"Bearer {old_token}")
    new = rotate(compromised=old if named == "its id" else "all", elsewhere=True)
    assert actor_of_header(f"Bearer {old_token}")
    signing_keys.load()
    with django_assert_num_queries(0), pytest.raises(TokenInvalid):
        actor_of_header(f"Bearer {old_token}")
    assert not authentication._verified
    with pytest.raises(TokenInvalid):
        access_token_check(old_token)
    assert published(api) == [new.kid]
    assert SigningKey.objects.get(kid=old).compromised_at == signing_keys.compromised_at()


def test_a_replaced_key_can_be_declared_compromised_later(rotate, api):
    old, old_token = kid(), token()
    second = rotate()
    second_token = token()
    third = rotate(compromised=old)
    assert published(api) == [second.kid, third.kid]
    assert access_token_check(second_token)
    with pytest.raises(TokenInvalid):
        access_token_check(old_token)


def test_an_unknown_id_changes_nothing(rotate):
    before = list(SigningKey.objects.values())
    with pytest.raises(NotFound):
        rotate(compromised="nobody")
    assert list(SigningKey.objects.values()) == before
    assert not AuditRecord.objects.filter(action="signing_keys.rotated").exists()


def test_rotating_needs_the_scope_and_is_audited(rotate):
    old = kid()
    with pytest.raises(PermissionDenied):
        signing_key_rotate(actor=Actor(kind="user", user_id=UserFactory().public_id))
    first = rotate()
    second = rotate(compromised=old)
    records = AuditRecord.objects.filter(action="signing_keys.rotated").order_by("pk")
    assert [(one.severity, one.target_id) for one in records] == [
        ("warning", first.kid),
        ("critical", second.kid),
    ]
    assert [json.loads(one.after)["compromised"] for one in records] == [[], [old]]


def test_a_key_made_elsewhere_is_known_at_its_first_token_and_made_up_ids_cost_no_query(
    rotate, django_assert_num_queries
):
    known = signing_keys._memory
    rotate()
    new_token = token()
    signing_keys._memory = known
    signing_keys._once_more.forget()
    with django_assert_num_queries(1):
        assert access_token_check(new_token)
    _, payload, signature = new_token.split(".")
    with django_assert_num_queries(0):
        for number in range(50):
            head = signing_keys.head_of(f"{number:043}")
            with pytest.raises(TokenInvalid):
                access_token_check(f"{head}.{payload}.{signature}")


def test_the_key_set_costs_no_query_and_says_how_long_it_may_be_kept(api, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = api.get("/.well-known/jwks.json")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    assert answer["Cache-Control"] == "public, max-age=60"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("default-src 'none'")
    row = SigningKey.objects.get()
    key = {"kty": "OKP", "crv": "Ed25519", "kid": row.kid, "x": row.public_key, "alg": "EdDSA", "use": "sig"}
    assert answer.json() == {"keys": [key]}


def test_the_key_set_is_for_reading_by_anybody(api):
    assert api.with_token("x").get("/.well-known/jwks.json").status_code == 200
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        answer = api.call(method, "/.well-known/jwks.json", {})
        assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")
    assert api.get("/.well-known/jwks.json/").status_code == 404
    assert api.get("/.well-known/").status_code == 404


def command(*arguments):
    out, told = StringIO(), StringIO()
    call_command("rotate_signing_key", *arguments, stdout=out, stderr=told)
    return out.getvalue().strip(), told.getvalue()


def test_the_command_prints_the_new_key_only(django_capture_on_commit_callbacks):
    old = kid()
    with django_capture_on_commit_callbacks(execute=True):
        out, told = command()
    assert out == SigningKey.objects.get(signing_slot=1).kid != old
    assert out == kid()
    assert told.startswith("accepted: ")


def test_a_dry_run_says_what_would_be_refused_and_changes_nothing():
    before = list(SigningKey.objects.values())
    assert command("--dry-run")[0] == ""
    out, told = command("--dry-run", "--compromised", "all")
    assert (out, kid() in told) == ("", True)
    for arguments in (["--dry-run", "--compromised", "nobody"], ["--compromised", "nobody"]):
        with pytest.raises(CommandError, match="no such key"):
            command(*arguments)
    assert list(SigningKey.objects.values()) == before
