"""Entering and leaving."""

import pytest

from challenges.models import Challenge, Entry
from ogc.models import DomainEvent
from tests.api_client import error_code
from tests.factories import challenges as make


def enter(api, user, challenge):
    return api.as_user(user).post(f"challenges/{challenge.public_id}/enter")


def refusal(answer):
    return answer.status_code, error_code(answer)


def assert_nothing_written(challenge):
    assert not Entry.objects.exists()
    assert not DomainEvent.objects.filter(name="challenges.challenge_entered").exists()
    assert Challenge.objects.get(pk=challenge.pk).entry_count == 0


def test_entering(api, staff, people):
    challenge = make.opened(staff.ops)
    answer = enter(api, people.ada, challenge)
    assert answer.status_code == 201, answer.content
    assert answer.json()["challenge"] == challenge.public_id
    assert Challenge.objects.get(pk=challenge.pk).entry_count == 1
    event = DomainEvent.objects.get(name="challenges.challenge_entered")
    assert event.payload == {"challenge_id": challenge.public_id, "user_id": people.ada.public_id}


def test_entering_by_slug(api, staff, people):
    challenge = make.opened(staff.ops)
    assert api.as_user(people.ada).post(f"challenges/{challenge.slug}/enter").status_code == 201


def test_entering_twice(api, staff, people):
    challenge = make.opened(staff.ops)
    enter(api, people.ada, challenge)
    assert refusal(enter(api, people.ada, challenge)) == (409, "CHALLENGE_ALREADY_ENTERED")
    assert Challenge.objects.get(pk=challenge.pk).entry_count == 1


def test_entering_before_it_opens(api, staff, people):
    challenge = make.published(staff.ops)
    assert refusal(enter(api, people.ada, challenge)) == (409, "CHALLENGE_NOT_OPEN")
    assert_nothing_written(challenge)


def test_entering_when_the_opening_job_is_late(api, staff, people):
    challenge = make.published(staff.ops)
    make.travel_to(challenge.starts_at)
    assert enter(api, people.ada, challenge).status_code == 201


def test_entering_when_the_closing_job_is_late(api, staff, people):
    challenge = make.opened(staff.ops)
    make.travel_to(challenge.submission_deadline)
    assert refusal(enter(api, people.ada, challenge)) == (409, "CHALLENGE_NOT_OPEN")
    assert_nothing_written(challenge)


def test_a_draft_is_not_found(api, staff, people):
    assert refusal(enter(api, people.ada, make.draft(staff.ops))) == (404, "NOT_FOUND")


def test_unverified_people_do_not_enter(api, staff):
    challenge = make.opened(staff.ops)
    assert refusal(enter(api, make.person(unverified=True), challenge)) == (403, "EMAIL_NOT_VERIFIED")
    assert_nothing_written(challenge)


@pytest.mark.parametrize("track,status", [("", 201), ("freelancers", 201), ("students", 403)])
def test_the_track_must_fit(api, staff, track, status):
    challenge = make.opened(staff.ops)
    answer = enter(api, make.person(track=track), challenge)
    assert answer.status_code == status
    if status == 403:
        assert error_code(answer) == "CHALLENGE_NOT_ELIGIBLE"
        assert_nothing_written(challenge)


@pytest.mark.parametrize(
    "plan,changes,status",
    [
        ("free", {"premium": True}, 403),
        ("pro", {"premium": True}, 201),
        ("pro", {"minimum_plan": "enterprise"}, 403),
        ("enterprise", {"minimum_plan": "pro"}, 201),
        ("free", {"minimum_plan": "pro"}, 403),
    ],
)
def test_the_plan_must_do(api, staff, plan, changes, status):
    challenge = make.opened(staff.ops, **changes)
    answer = enter(api, make.person(plan=plan), challenge)
    assert answer.status_code == status
    if status == 403:
        assert error_code(answer) == "CHALLENGE_PLAN_REQUIRED"
        assert_nothing_written(challenge)


def test_who_runs_or_judges_it_does_not_enter(api, staff):
    challenge, judge = make.opened(staff.ops), make.person("judge")
    make.judged_by(judge, challenge, staff.ops2)
    for involved in (staff.ops, judge):
        assert refusal(enter(api, involved, challenge)) == (403, "CHALLENGE_NOT_ELIGIBLE")
    assert_nothing_written(challenge)


def test_leaving_and_entering_again(api, staff, people):
    challenge = make.opened(staff.ops)
    make.entered(people.ada, challenge)
    work = make.submitted(people.ada, challenge)
    client, path = api.as_user(people.ada), f"challenges/{challenge.public_id}/enter"
    assert client.delete(path).status_code == 204
    challenge.refresh_from_db()
    work.refresh_from_db()
    assert (challenge.entry_count, challenge.submission_count) == (0, 0)
    assert (work.status, work.slot) == ("withdrawn", None)
    assert refusal(client.delete(path)) == (403, "CHALLENGE_NOT_ENTERED")
    assert client.post(path).status_code == 201
    assert Entry.objects.get().status == "active"


def test_leaving_after_the_deadline(api, staff, people):
    challenge = make.opened(staff.ops)
    make.entered(people.ada, challenge)
    make.travel_to(challenge.submission_deadline)
    answer = api.as_user(people.ada).delete(f"challenges/{challenge.public_id}/enter")
    assert refusal(answer) == (409, "SUBMISSION_DEADLINE_PASSED")


def test_nobody_enters_without_a_login(api, staff):
    challenge = make.opened(staff.ops)
    assert refusal(api.post(f"challenges/{challenge.public_id}/enter")) == (401, "NOT_AUTHENTICATED")
