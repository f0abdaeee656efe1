"""One key, one effect, one answer, whatever fails in between."""

from datetime import timedelta

import pytest

from accounts.services import service_token_create
from ogc import clock, redis
from ogc.actors import SYSTEM
from ogc.api import idempotency
from ogc.jobs.entry import expire_idempotency_records
from ogc.models import DomainEvent, IdempotencyRecord
from tests.api_client import error_code
from tests.factories.accounts import UserFactory
from tests.ogc import urlconf

pytestmark = pytest.mark.mariadb
REPLAYED = "Idempotent-Replayed"


def work(api, body=None, key="key-1", path="/work", **extra):
    return api.post(path, {"label": "a"} if body is None else body, key=key, **extra)


def test_the_same_call_again_gets_the_same_bytes_and_does_nothing(signed_in):
    first = work(signed_in)
    assert (first.status_code, REPLAYED in first) == (201, False)
    for _ in range(3):
        again = work(signed_in)
        assert (again.status_code, again.content, again[REPLAYED]) == (201, first.content, "true")
        assert again["Content-Type"] == "application/json"
    assert urlconf.calls == ["a"]
    assert DomainEvent.objects.count() == 1
    assert IdempotencyRecord.objects.count() == 1


@pytest.mark.parametrize(
    "body", [b'{"label":"a","outcome":"done"}', b'{ "outcome": "done",\n "label": "\\u0061"}']
)
def test_the_same_body_in_another_spelling_is_the_same(signed_in, body):
    first = work(signed_in, {"label": "a", "outcome": "done"})
    assert work(signed_in, body).content == first.content


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"label": "b"}, "/work"),
        ({"label": "a", "outcome": "done"}, "/work"),
        ({"label": "a"}, "/work/other"),
    ],
)
def test_the_same_key_for_another_call_is_refused(signed_in, body, path):
    work(signed_in)
    response = work(signed_in, body, path=path)
    assert (response.status_code, error_code(response)) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert urlconf.calls == ["a"]
    assert DomainEvent.objects.count() == 1
    # The first answer is still there.
    assert work(signed_in)[REPLAYED] == "true"


def test_keys_belong_to_their_caller(small_api):
    one, two = small_api.as_user(UserFactory()), small_api.as_user(UserFactory())
    first, second = work(one), work(two)
    assert first.json()["id"] != second.json()["id"]
    assert REPLAYED not in second
    assert DomainEvent.objects.count() == 2


def test_each_service_token_has_keys_of_its_own(small_api):
    made = [service_token_create(actor=SYSTEM, name=n, scopes=["tx.system"], days=1) for n in ("a", "b")]
    one, two = (small_api.with_token(token) for _, token in made)
    first, second = (work(machine, path="/machines") for machine in (one, two))
    assert [first.status_code, second.status_code] == [201, 201]
    assert first.content != second.content
    again = work(one, path="/machines")
    assert (again.content, again[REPLAYED]) == (first.content, "true")
    callers = set(IdempotencyRecord.objects.values_list("caller", flat=True))
    assert callers == {f"service:{row.public_id}" for row, _ in made}


def test_keys_that_differ_in_case_are_two(signed_in):
    assert work(signed_in, key="Key").content != work(signed_in, key="key").content


def test_a_call_that_needs_a_key_is_refused_without(signed_in):
    response = signed_in.post("/work", {"label": "a"})
    assert (response.status_code, error_code(response)) == (422, "IDEMPOTENCY_KEY_REQUIRED")
    assert DomainEvent.objects.count() == 0


@pytest.mark.parametrize("key", [" ", "a b", "a" * 256, "é", "\x7f", "a\tb"])
def test_a_malformed_key_is_a_validation_error(signed_in, key):
    response = signed_in.post("/work", {"label": "a"}, headers={"idempotency-key": key})
    assert (response.status_code, error_code(response)) == (400, "VALIDATION_ERROR")
    assert set(response.json()["error"]["details"]) == {"Idempotency-Key"}
    assert DomainEvent.objects.count() == 0


def test_an_empty_key_is_malformed(signed_in):
    response = signed_in.post("/work", {"label": "a"}, headers={"idempotency-key": ""})
    assert error_code(response) == "VALIDATION_ERROR"


@pytest.mark.parametrize("key", ["!", "~" * 255, "0190163d-8694-739b-aea5-966c26f8ad91", '"quoted"'])
def test_visible_ascii_is_a_key(signed_in, key):
    assert work(signed_in, key=key).status_code == 201
    assert work(signed_in, key=key)[REPLAYED] == "true"


def test_other_posts_take_a_key_when_there_is_one(signed_in):
    assert signed_in.post("/optional", {"label": "a"}).status_code == 201
    first = work(signed_in, path="/optional")
    again = work(signed_in, path="/optional")
    assert (again.content, again[REPLAYED], again["Cache-Control"]) == (first.content, "true", "no-store")
    assert DomainEvent.objects.count() == 2


def test_where_keys_are_ignored_and_nobody_is_signed_in_nothing_is_kept(small_api, signed_in):
    for api in (small_api, signed_in):
        assert work(api, path="/ignoring").status_code == 201
        assert work(api, path="/ignoring").status_code == 201
    assert (DomainEvent.objects.count(), IdempotencyRecord.objects.count()) == (4, 0)


@pytest.mark.parametrize(
    ("outcome", "status", "code"),
    [("payment", 402, "TOO_POOR"), ("not_found", 404, "NOT_FOUND"), ("limit", 403, "LIMIT_REACHED")],
)
def test_refusals_of_the_service_are_remembered(signed_in, outcome, status, code):
    body = {"label": "a", "outcome": outcome}
    first = work(signed_in, body)
    assert (first.status_code, error_code(first), REPLAYED in first) == (status, code, False)
    again = work(signed_in, body)
    assert (again.status_code, again.content, again[REPLAYED]) == (status, first.content, "true")
    assert urlconf.calls == ["a"]
    assert DomainEvent.objects.count() == 0


@pytest.mark.parametrize(("outcome", "status"), [("permission", 403), ("unavailable", 503), ("crash", 500)])
def test_other_refusals_are_not(signed_in, outcome, status):
    body = {"label": "a", "outcome": outcome}
    for _ in range(2):
        response = work(signed_in, body)
        assert (response.status_code, REPLAYED in response) == (status, False)
    assert urlconf.calls == ["a", "a"]
    assert (DomainEvent.objects.count(), IdempotencyRecord.objects.count()) == (0, 0)


def test_a_refused_body_frees_the_key(signed_in):
    assert error_code(work(signed_in, {"label": 1})) == "VALIDATION_ERROR"
    assert work(signed_in).status_code == 201


def test_a_call_that_still_runs_is_a_conflict(signed_in, user):
    claim = idempotency._Claim(user.public_id, "key-1")
    assert claim.take()
    response = work(signed_in)
    assert (response.status_code, error_code(response)) == (409, "IDEMPOTENCY_IN_PROGRESS")
    assert DomainEvent.objects.count() == 0
    claim.free()
    assert work(signed_in).status_code == 201


def test_a_claim_ends_by_itself(signed_in, user):
    claim = idempotency._Claim(user.public_id, "key-1")
    claim.take()
    assert 0 < redis.client().ttl(claim._name) <= 30


def test_a_claim_that_outlives_its_call_does_not_hide_the_answer(signed_in, user):
    first = work(signed_in)
    assert not idempotency._Claim(user.public_id, "key-1").take()
    again = work(signed_in)
    assert (again.status_code, again.content, again[REPLAYED]) == (201, first.content, "true")
    assert DomainEvent.objects.count() == 1


@pytest.mark.parametrize("outcome", ["permission", "crash"])
def test_what_is_not_remembered_frees_the_key(signed_in, user, outcome):
    work(signed_in, {"label": "a", "outcome": outcome})
    assert idempotency._Claim(user.public_id, "key-1").take()


@pytest.mark.parametrize("outcome", ["done", "payment"])
def test_a_redis_that_forgot_everything_moves_nothing_twice(signed_in, outcome):
    body = {"label": "a", "outcome": outcome}
    first = work(signed_in, body)
    redis.client().flushall()
    again = work(signed_in, body)
    assert (again.status_code, again.content, again[REPLAYED]) == (first.status_code, first.content, "true")
    redis.client().flushall()
    assert error_code(work(signed_in, {"label": "b"})) == "IDEMPOTENCY_KEY_REUSED"
    assert DomainEvent.objects.count() == (1 if outcome == "done" else 0)


@pytest.mark.faults
def test_without_redis_the_row_decides(signed_in, settings, valkey_server):
    settings.RATE_MONEY = "off"
    valkey_server.kill()
    try:
        first, again = work(signed_in), work(signed_in)
        assert (first.status_code, REPLAYED in first) == (201, False)
        assert (again.status_code, again.content, again[REPLAYED]) == (201, first.content, "true")
        assert error_code(work(signed_in, {"label": "b"})) == "IDEMPOTENCY_KEY_REUSED"
        refused = work(signed_in, {"label": "c", "outcome": "payment"}, key="key-2")
        assert work(signed_in, {"label": "c", "outcome": "payment"}, key="key-2").content == refused.content
    finally:
        valkey_server.start()
    assert DomainEvent.objects.count() == 1


def test_a_key_is_forgotten_after_24_hours_of_platform_time(signed_in):
    first = work(signed_in)
    token = signed_in  # tokens end sooner than keys: age the row instead of the clock
    IdempotencyRecord.objects.update(created_at=clock.now() - timedelta(hours=23, minutes=59))
    assert work(token).content == first.content
    IdempotencyRecord.objects.update(created_at=clock.now() - timedelta(hours=24, seconds=1))
    other = work(token, {"label": "b"})
    assert (other.status_code, REPLAYED in other) == (201, False)
    assert work(token, {"label": "b"})[REPLAYED] == "true"
    assert list(DomainEvent.objects.values_list("name", flat=True)) == ["a", "b"]


def test_old_answers_are_deleted_in_chunks(db):
    old = clock.now() - timedelta(hours=25)
    IdempotencyRecord.objects.bulk_create(
        IdempotencyRecord(caller="c", key=str(n), fingerprint="f", status_code=201, body=b"", created_at=old)
        for n in range(1100)
    )
    IdempotencyRecord.objects.create(caller="c", key="new", fingerprint="f", status_code=201, body=b"")
    assert expire_idempotency_records() == 1100
    assert list(IdempotencyRecord.objects.values_list("key", flat=True)) == ["new"]


def test_the_answer_and_the_work_are_one_transaction(signed_in, monkeypatch):
    def fail(*args):
        raise RuntimeError("the process dies here")

    monkeypatch.setattr(idempotency, "_store", fail)
    assert work(signed_in).status_code == 500
    assert (DomainEvent.objects.count(), IdempotencyRecord.objects.count()) == (0, 0)
    monkeypatch.undo()
    assert work(signed_in).status_code == 201
    assert DomainEvent.objects.count() == 1


def test_a_replay_takes_one_query(signed_in, django_assert_num_queries):
    work(signed_in)
    with django_assert_num_queries(1):
        work(signed_in)
