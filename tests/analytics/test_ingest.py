import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.signals import logged_in, verification_requested
from analytics.models import Event
from analytics.services.ingest import domain_event_store, events_ingest
from challenges.signals import vote_cast
from ogc import clock
from ogc.actors import ANONYMOUS, Actor
from ogc.db.transactions import run_in_transaction
from ogc.errors import NotAuthenticated, PermissionDenied
from ogc.ids import uuid7
from tests.factories.accounts import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb]


@pytest.fixture
def people(db):
    return [UserFactory(), UserFactory()]


def actor_of(user) -> Actor:
    return Actor(kind="user", user_id=user.public_id, scopes=frozenset({"self"}))


def event(number=0, **replaced):
    return {"event_id": f"e{number}", "name": "page_viewed", "ts": clock.now().isoformat(), **replaced}


def test_what_is_acknowledged_is_stored(people):
    ts = clock.now()
    properties = {"page": "/x", "emoji": "🚀", "deep": {"n": 1}}
    result = events_ingest(
        actor=actor_of(people[0]), events=[event(ts=ts.isoformat(), session_id="s1", properties=properties)]
    )
    assert (result.accepted, result.duplicates, result.rejected) == (1, 0, [])
    row = Event.objects.get()
    assert (row.name, row.ts, row.user_id, row.session_id) == ("page_viewed", ts, people[0].pk, "s1")
    assert row.properties == properties
    assert row.dedupe_key == f"{people[0].pk}:e0"
    assert abs((row.received_at - clock.now()).total_seconds()) < 5


def test_duplicates_in_a_batch_and_between_batches_are_counted_once(people):
    actor = actor_of(people[0])
    first = events_ingest(actor=actor, events=[event(1), event(2), event(1)])
    assert (first.accepted, first.duplicates) == (2, 1)
    second = events_ingest(actor=actor, events=[event(2), event(3), {"name": "no"}])
    assert (second.accepted, second.duplicates, [index for index, _ in second.rejected]) == (1, 1, [2])
    assert Event.objects.count() == 3


def test_ids_are_compared_exactly(people):
    result = events_ingest(actor=actor_of(people[0]), events=[event(event_id="abc"), event(event_id="ABC")])
    assert (result.accepted, result.duplicates) == (2, 0)


def test_nobody_can_take_the_ids_of_others(people):
    for user in people:
        result = events_ingest(actor=actor_of(user), events=[event(1)])
        assert (result.accepted, result.duplicates) == (1, 0)
    fact_id = uuid7()
    events_ingest(
        actor=actor_of(people[0]), events=[event(event_id=fact_id), event(event_id=f"platform:{fact_id}")]
    )
    domain_event_store(event_id=fact_id, name="accounts.logged_in", occurred_at=clock.now(), payload={})
    assert Event.objects.filter(name="accounts.logged_in").count() == 1


def test_events_without_an_id_are_always_new(people):
    bare = {"name": "page_viewed", "ts": clock.now().isoformat()}
    result = events_ingest(actor=actor_of(people[0]), events=[bare, bare])
    assert (result.accepted, result.duplicates) == (2, 0)


@pytest.mark.parametrize("count", [1, 500])
def test_a_batch_is_one_insert(people, count):
    actor = actor_of(people[0])
    events_ingest(actor=actor, events=[event("warm")])
    with CaptureQueriesContext(connection) as queries:
        assert events_ingest(actor=actor, events=[event(n) for n in range(count)]).accepted == count
    inserts = [query for query in queries if "INSERT" in query["sql"]]
    assert len(inserts) == 1
    assert len([q for q in queries if "SAVEPOINT" not in q["sql"]]) == 1


def test_a_batch_of_bad_events_stores_nothing(people):
    result = events_ingest(actor=actor_of(people[0]), events=[1, {}, event(ts="x")])
    assert (result.accepted, result.duplicates) == (0, 0)
    assert [(index, why.code) for index, why in result.rejected] == [
        (0, "EVENT_INVALID"),
        (1, "EVENT_NAME_INVALID"),
        (2, "EVENT_TIME_INVALID"),
    ]
    assert Event.objects.count() == 0


def test_nobody_sends_without_a_login_unless_it_is_allowed(db, settings):
    with pytest.raises(NotAuthenticated):
        events_ingest(actor=ANONYMOUS, events=[event()])
    settings.ANALYTICS_ANONYMOUS = True
    assert events_ingest(actor=ANONYMOUS, events=[event()]).accepted == 1
    assert Event.objects.get().user_id is None


def test_service_tokens_send_nothing(db):
    with pytest.raises(PermissionDenied):
        events_ingest(
            actor=Actor(kind="service", scopes=frozenset({"tx.system"}), token_id="t"), events=[event()]
        )
    assert Event.objects.count() == 0


def test_every_fact_becomes_an_event_with_its_person(people, drain):
    one, two = people
    challenge_id, submission_id = uuid7(), uuid7()

    def happen():
        logged_in.emit(user_id=one.public_id, session_id="s")
        vote_cast.emit(
            submission_id=submission_id,
            challenge_id=challenge_id,
            voter_id=two.public_id,
            author_id=one.public_id,
        )

    run_in_transaction(happen)
    drain()
    login = Event.objects.get(name="accounts.logged_in")
    assert (login.user_id, login.properties) == (one.pk, {"session_id": "s"})
    vote = Event.objects.get(name="challenges.vote_cast")
    assert vote.user_id == two.pk
    assert vote.properties == {
        "submission_id": submission_id,
        "challenge_id": challenge_id,
        "author_id": one.public_id,
    }


def test_a_fact_told_twice_is_kept_once(people):
    fact = {"event_id": uuid7(), "name": "accounts.logged_in", "occurred_at": clock.now()}
    for _ in range(2):
        domain_event_store(**fact, payload={"user_id": people[0].public_id, "session_id": "s"})
    assert Event.objects.count() == 1


def test_facts_are_kept_without_what_looks_secret(people, drain):
    run_in_transaction(
        lambda: verification_requested.emit(user_id=people[0].public_id, mail_token_id="the-id-of-a-token")
    )
    drain()
    assert Event.objects.get(name="accounts.verification_requested").properties == {}


def test_a_fact_about_somebody_unknown_is_kept_without_a_person(db):
    domain_event_store(
        event_id=uuid7(), name="accounts.logged_in", occurred_at=clock.now(), payload={"user_id": uuid7()}
    )
    assert Event.objects.get().user_id is None
