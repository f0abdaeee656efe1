"""Votes and the leaderboard."""

import pytest
from django.db.models import F

from challenges.models import Submission, Vote
from ogc.models import DomainEvent
from tests.api_client import error_code
from tests.factories import challenges as make


def refusal(answer):
    return answer.status_code, error_code(answer)


def vote(api, user, work):
    return api.as_user(user).post(f"submissions/{work.public_id}/vote")


@pytest.fixture
def contest(staff, people):
    """A challenge in its voting time, with work of Ada and Ben; returns (challenge, ada's, ben's)."""
    challenge = make.opened(staff.ops)
    works = [make.approved(user, challenge, staff.moderator) for user in (people.ada, people.ben)]
    make.to_voting(challenge)
    return challenge, *works


@pytest.mark.parametrize("name,weight", [("cleo", "1"), ("dora", "1.5"), ("eve", "2")])
def test_a_vote_weighs_what_the_plan_says(api, people, contest, name, weight):
    _, work, _ = contest
    answer = vote(api, getattr(people, name), work)
    assert (answer.status_code, answer.json()) == (201, {"weight": weight})
    work.refresh_from_db()
    assert (work.vote_count, work.vote_weight_bps) == (1, int(float(weight) * 10_000))
    event = DomainEvent.objects.get(name="challenges.vote_cast")
    assert event.payload["author_id"] == people.ada.public_id


def test_voting_twice(api, people, contest):
    _, work, _ = contest
    vote(api, people.cleo, work)
    assert refusal(vote(api, people.cleo, work)) == (409, "VOTE_ALREADY_CAST")
    work.refresh_from_db()
    assert (work.vote_count, work.vote_weight_bps) == (1, 10_000)


def test_one_may_vote_for_several(api, people, contest):
    _, first, second = contest
    assert {vote(api, people.cleo, work).status_code for work in (first, second)} == {201}


def test_nobody_votes_for_themselves(api, people, contest):
    _, work, _ = contest
    assert refusal(vote(api, people.ada, work)) == (403, "VOTE_SELF_NOT_ALLOWED")
    assert not Vote.objects.exists()


def test_staff_do_not_vote(api, staff, contest):
    _, work, _ = contest
    for member in (staff.moderator, staff.ops, make.person("finance"), make.person("super_admin")):
        answer = vote(api, member, work)
        assert refusal(answer) == (403, "VOTE_NOT_ALLOWED")
        assert answer.json()["error"]["details"] == {"reason": "staff"}
    assert not Vote.objects.exists()


def test_unverified_people_do_not_vote(api, contest):
    _, work, _ = contest
    assert refusal(vote(api, make.person(unverified=True), work)) == (403, "EMAIL_NOT_VERIFIED")


def test_before_the_deadline_there_is_nothing_to_vote_for(api, staff, people):
    challenge = make.opened(staff.ops)
    work = make.approved(people.ada, challenge, staff.moderator)
    assert refusal(vote(api, people.cleo, work)) == (404, "NOT_FOUND")
    assert refusal(vote(api, people.ada, work)) == (403, "VOTE_SELF_NOT_ALLOWED")


def test_between_deadline_and_voting(api, staff, people):
    now = make.clock.now()
    challenge = make.opened(
        staff.ops, voting_starts_at=now + 2 * make.HOUR, voting_ends_at=now + 3 * make.HOUR
    )
    work = make.approved(people.ada, challenge, staff.moderator)
    make.travel_to(challenge.submission_deadline)
    answer = vote(api, people.cleo, work)
    assert refusal(answer) == (403, "VOTE_NOT_ALLOWED")
    assert answer.json()["error"]["details"] == {"reason": "window"}


def test_after_voting_has_ended(api, people, contest):
    challenge, work, _ = contest
    make.to_the_end(challenge)
    assert refusal(vote(api, people.cleo, work)) == (403, "VOTE_NOT_ALLOWED")
    assert not Vote.objects.exists()


def test_judged_challenges_take_no_votes(api, staff, people):
    challenge = make.opened(staff.ops, judging_mode="judges")
    work = make.approved(people.ada, challenge, staff.moderator)
    make.to_voting(challenge)
    answer = vote(api, people.cleo, work)
    assert refusal(answer) == (403, "VOTE_NOT_ALLOWED")
    assert answer.json()["error"]["details"] == {"reason": "judging_mode"}


def test_a_judge_of_a_hybrid_challenge_does_not_vote(api, staff, people):
    challenge, judge = make.opened(staff.ops, judging_mode="hybrid"), make.person("judge")
    make.judged_by(judge, challenge, staff.ops)
    work = make.approved(people.ada, challenge, staff.moderator)
    make.to_voting(challenge)
    assert refusal(vote(api, judge, work)) == (403, "VOTE_NOT_ALLOWED")
    assert vote(api, people.cleo, work).status_code == 201


def test_frozen_work_takes_no_votes(api, people, contest):
    _, work, _ = contest
    Submission.objects.filter(pk=work.pk).update(frozen_at=F("submitted_at"))
    assert refusal(vote(api, people.cleo, work)) == (403, "VOTE_NOT_ALLOWED")
    assert not Vote.objects.exists()


def test_a_vote_is_taken_back_while_voting_is_open(api, people, contest):
    challenge, work, _ = contest
    client, path = api.as_user(people.dora), f"submissions/{work.public_id}/vote"
    assert refusal(client.delete(path)) == (404, "NOT_FOUND")
    client.post(path)
    assert client.delete(path).status_code == 204
    work.refresh_from_db()
    assert (work.vote_count, work.vote_weight_bps) == (0, 0)
    assert client.post(path).status_code == 201
    make.to_the_end(challenge)
    assert refusal(api.as_user(people.dora).delete(path)) == (403, "VOTE_NOT_ALLOWED")


def test_a_vote_costs_a_bounded_number_of_queries(api, people, contest, django_assert_max_num_queries):
    _, first, second = contest
    client = api.as_user(people.cleo)
    client.post(f"submissions/{first.public_id}/vote")
    with django_assert_max_num_queries(8):
        assert client.post(f"submissions/{second.public_id}/vote").status_code == 201


def test_the_leaderboard_orders_by_weight_then_time(api, staff, people):
    challenge = make.opened(staff.ops)
    works = {
        user.name: make.approved(user, challenge, staff.moderator)
        for user in (people.ada, people.ben, people.cleo)
    }
    path = f"challenges/{challenge.public_id}/leaderboard"
    empty = {"count": 0, "results": [], "next": None, "previous": None}
    assert api.get(path).json() == empty
    make.to_voting(challenge)
    make.voted(people.eve, works["Cleo"])
    make.voted(people.dora, works["Ben"])
    rows = api.get(path).json()
    assert rows["count"] == 3
    assert [(row["rank"], row["name"], row["score"]) for row in rows["results"]] == [
        (1, "Cleo", "100"),
        (2, "Ben", "75"),
        (3, "Ada", "0"),
    ]
    assert rows["results"][0]["submission_id"] == works["Cleo"].public_id


def test_the_leaderboard_counts_the_best_of_each_entry(api, staff, people):
    challenge = make.opened(staff.ops, max_submissions=2)
    first = make.approved(people.ada, challenge, staff.moderator, text="one")
    second = make.approved(people.ada, challenge, staff.moderator, text="two")
    other = make.approved(people.ben, challenge, staff.moderator)
    make.to_voting(challenge)
    make.voted(people.cleo, second)
    rows = api.get(f"challenges/{challenge.public_id}/leaderboard").json()
    assert rows["count"] == 2
    assert [row["submission_id"] for row in rows["results"]] == [second.public_id, other.public_id]
    assert first.public_id not in str(rows)


def test_judges_scores_stay_hidden_until_the_results(api, staff, people):
    challenge = make.opened(staff.ops, judging_mode="judges")
    make.approved(people.ada, challenge, staff.moderator)
    make.to_voting(challenge)
    assert api.get(f"challenges/{challenge.public_id}/leaderboard").json()["results"] == []


@pytest.mark.parametrize("query", ["page=0", "page=x", "page=1001"])
def test_bad_pages_are_refused(api, contest, query):
    answer = api.get(f"challenges/{contest[0].public_id}/leaderboard?{query}")
    assert refusal(answer) == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize("final", [False, True])
@pytest.mark.parametrize("rows", [1, 50])
def test_a_page_costs_the_same_whatever_there_is(
    api, staff, people, rows, final, django_assert_max_num_queries
):
    challenge = make.opened(staff.ops)
    for number in range(rows):
        user = make.person(name=f"P{number}")
        entry = make.Entry.objects.create(challenge=challenge, user=user)
        Submission.objects.create(
            challenge=challenge,
            entry=entry,
            author=user,
            content_type="text",
            content_hash="0" * 64,
            status="approved",
            slot=1,
            vote_weight_bps=number,
        )
    make.to_voting(challenge)
    if final:
        make.finalized(challenge, staff.ops)
    path = f"challenges/{challenge.public_id}/leaderboard"
    api.get(path)
    with django_assert_max_num_queries(3):
        page = api.get(path).json()
    assert (page["count"], len(page["results"])) == (rows, min(rows, 20))
    if rows == 50:
        with django_assert_max_num_queries(3):
            last = api.get(f"{path}?page=3").json()
        assert [row["rank"] for row in last["results"]] == list(range(41, 51))
        assert last["next"] is None
        assert last["previous"].endswith("page=2")
