"""Scores of judges, finalising, distributing, badges, archive."""

from types import SimpleNamespace

import pytest

from challenges.models import Challenge, PrizeAward, Result, Score
from ogc.ids import uuid7
from tests.api_client import error_code
from tests.factories import challenges as make
from tests.factories.wallets import account_balance, balance_of, ogc


def refusal(answer):
    return answer.status_code, error_code(answer)


def post(api, user, challenge, verb, body=None, **extra):
    return api.as_user(user).post(f"challenges/{challenge.public_id}/{verb}", body, **extra)


def distribute(api, user, challenge, key=None):
    return post(api, user, challenge, "distribute", {"confirm": True}, key=key or uuid7())


@pytest.fixture
def voted(staff, people):
    """A challenge whose votes are in: Ada 2 (Eve), Ben 1.5 (Dora), Cleo 0; it is the end of voting."""
    challenge = make.opened(staff.ops)
    works = [
        make.approved(user, challenge, staff.moderator) for user in (people.ada, people.ben, people.cleo)
    ]
    make.to_voting(challenge)
    make.voted(people.eve, works[0])
    make.voted(people.dora, works[1])
    make.to_the_end(challenge)
    return challenge


@pytest.fixture
def judged(staff, people):
    """A judged challenge under review, with two judges and work of Ada and Ben."""
    challenge = make.opened(staff.ops, judging_mode="judges")
    judges = [make.person("judge"), make.person("judge")]
    for judge in judges:
        make.judged_by(judge, challenge, staff.ops)
    works = [make.approved(user, challenge, staff.moderator) for user in (people.ada, people.ben)]
    make.to_voting(challenge)
    return SimpleNamespace(challenge=challenge, judges=judges, works=works)


def score(api, judge, work, originality=80, impact=60, **more):
    body = {"scores": {"originality": originality, "impact": impact}} | more
    return api.as_user(judge).put(f"submissions/{work.public_id}/score", body)


def test_a_judge_scores_and_scores_again(api, judged):
    judge, work = judged.judges[0], judged.works[0]
    answer = score(api, judge, work, comment="Clear")
    assert answer.status_code == 200, answer.content
    assert answer.json()["total"] == "70"
    assert score(api, judge, work, originality=100).json()["total"] == "80"
    assert Score.objects.get().comment == ""


@pytest.mark.parametrize("changes", [{"impact": 101}, {"impact": -1}, {"impact": "60"}, {"impact": 1.5}])
def test_bad_scores_are_refused(api, judged, changes):
    assert refusal(score(api, judged.judges[0], judged.works[0], **changes)) == (400, "VALIDATION_ERROR")
    assert not Score.objects.exists()


def test_each_criterion_is_scored(api, judged):
    answer = api.as_user(judged.judges[0]).put(
        f"submissions/{judged.works[0].public_id}/score", {"scores": {"originality": 5}}
    )
    assert refusal(answer) == (400, "VALIDATION_ERROR")


def test_only_assigned_judges_score(api, staff, people, judged):
    other = make.person("judge")
    for user in (other, people.cleo, staff.moderator):
        assert refusal(score(api, user, judged.works[0])) == (403, "PERMISSION_DENIED")
    assert not Score.objects.exists()


def test_scores_wait_for_the_deadline(api, staff, people):
    challenge, judge = make.opened(staff.ops, judging_mode="judges"), make.person("judge")
    make.judged_by(judge, challenge, staff.ops)
    work = make.approved(people.ada, challenge, staff.moderator)
    assert refusal(score(api, judge, work)) == (409, "INVALID_CHALLENGE_STATE")


def test_votes_challenges_take_no_scores(api, staff, people):
    challenge, judge = make.opened(staff.ops), make.person("judge")
    make.judged_by(judge, challenge, staff.ops)
    work = make.approved(people.ada, challenge, staff.moderator)
    make.to_voting(challenge)
    assert refusal(score(api, judge, work)) == (409, "INVALID_CHALLENGE_STATE")


def test_the_judging_queue_empties(api, judged):
    judge = judged.judges[0]
    Challenge.objects.filter(pk=judged.challenge.pk).update(status="reviewing")
    queue = [row["id"] for row in api.as_user(judge).get("challenges/judging").json()["results"]]
    assert queue == [work.public_id for work in judged.works]
    for work in judged.works:
        score(api, judge, work)
    assert api.as_user(judge).get("challenges/judging").json()["results"] == []


def test_judged_results(api, staff, judged):
    make.to_the_end(judged.challenge)
    for judge, marks in zip(judged.judges, ((90, 70), (80, 61)), strict=True):
        score(api, judge, judged.works[0], *marks)
        score(api, judge, judged.works[1], 10, 10)
    answer = post(api, staff.ops, judged.challenge, "finalize", {"confirm": True})
    assert answer.status_code == 200, answer.content
    assert [(row["name"], row["score"], row["prize"]) for row in answer.json()["results"]] == [
        ("Ada", "75.25", "150"),
        ("Ben", "10", "100"),
    ]


def test_hybrid_results(api, staff, people):
    challenge, judge = (
        make.opened(staff.ops, judging_mode="hybrid", hybrid_weight=40),
        make.person("judge"),
    )
    make.judged_by(judge, challenge, staff.ops)
    ada, ben = (make.approved(user, challenge, staff.moderator) for user in (people.ada, people.ben))
    make.to_voting(challenge)
    make.voted(people.eve, ada)
    make.voted(people.cleo, ben)
    score(api, judge, ada, 50, 50)
    score(api, judge, ben, 100, 100)
    make.to_the_end(challenge)
    rows = post(api, staff.ops, challenge, "finalize", {"confirm": True}).json()["results"]
    assert [(row["name"], row["score"]) for row in rows] == [("Ada", "80"), ("Ben", "70")]


def test_results_wait_for_scores_and_reviews(api, staff, people, judged):
    score(api, judged.judges[0], judged.works[0])
    make.to_the_end(judged.challenge)
    answer = post(api, staff.ops, judged.challenge, "finalize", {"confirm": True})
    assert refusal(answer) == (409, "RESULTS_NOT_READY")
    blockers = answer.json()["error"]["details"]["open"]
    assert {row["kind"] for row in blockers} == {"score"}
    assert len(blockers) == 3
    assert not Result.objects.exists()


def test_open_reviews_are_listed(api, staff, people):
    challenge = make.opened(staff.ops)
    make.entered(people.ada, challenge)
    work = make.submitted(people.ada, challenge)
    make.to_the_end(challenge)
    for path in ("finalize", "finalize?preview=true"):
        answer = post(api, staff.ops, challenge, path, {"confirm": True})
        assert refusal(answer) == (409, "RESULTS_NOT_READY")
        assert answer.json()["error"]["details"]["open"] == [
            {"kind": "review", "submission_id": work.public_id}
        ]


def test_a_judged_challenge_without_judges_is_not_ready(api, staff, people):
    challenge = make.opened(staff.ops, judging_mode="judges")
    make.approved(people.ada, challenge, staff.moderator)
    make.to_the_end(challenge)
    answer = post(api, staff.ops, challenge, "finalize", {"confirm": True})
    assert answer.json()["error"]["details"]["open"] == [{"kind": "judges"}]


def test_a_preview_writes_nothing(api, staff, voted):
    answer = post(api, staff.ops, voted, "finalize?preview=true")
    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert (body["preview"], body["unassigned"]) == (True, "0")
    assert [(row["rank"], row["name"], row["score"], row["prize"]) for row in body["results"]] == [
        (1, "Ada", "100", "150"),
        (2, "Ben", "75", "100"),
        (3, "Cleo", "0", "50"),
    ]
    assert not Result.objects.exists()
    assert refusal(post(api, staff.ops, voted, "finalize")) == (400, "CONFIRMATION_REQUIRED")


def test_finalising_before_the_end_of_voting(api, staff, people):
    challenge = make.opened(staff.ops)
    make.approved(people.ada, challenge, staff.moderator)
    for travel in (lambda: None, lambda: make.to_voting(challenge)):
        travel()
        answer = post(api, staff.ops, challenge, "finalize", {"confirm": True})
        assert refusal(answer) == (409, "INVALID_CHALLENGE_STATE")


def test_finalising_freezes_ranks(api, staff, people, voted):
    answer = post(api, staff.ops, voted, "finalize", {"confirm": True})
    assert (answer.status_code, answer.json()["status"]) == (200, "finalized")
    assert refusal(post(api, staff.ops, voted, "finalize", {"confirm": True})) == (
        409,
        "INVALID_CHALLENGE_STATE",
    )
    rows = api.get(f"challenges/{voted.public_id}/results").json()["results"]
    assert [(row["rank"], row["name"], row["prize"]) for row in rows] == [
        (1, "Ada", "150"),
        (2, "Ben", "100"),
        (3, "Cleo", "50"),
    ]
    board = api.get(f"challenges/{voted.public_id}/leaderboard").json()["results"]
    assert [row["name"] for row in board] == ["Ada", "Ben", "Cleo"]
    assert not voted.submissions.filter(frozen_at=None).exists()


def test_there_are_no_results_before(api, voted):
    answer = api.get(f"challenges/{voted.public_id}/results")
    assert refusal(answer) == (409, "INVALID_CHALLENGE_STATE")


def test_a_suspended_person_is_skipped(api, staff, people, voted):
    people.ada.status = "suspended"
    people.ada.save()
    rows = post(api, staff.ops, voted, "finalize", {"confirm": True}).json()["results"]
    assert [(row["name"], row["rank"], row["score"]) for row in rows] == [("Ben", 1, "100"), ("Cleo", 2, "0")]


def test_nobody_voted_nobody_is_paid(api, staff, people):
    challenge = make.opened(staff.ops)
    make.approved(people.ada, challenge, staff.moderator)
    make.to_the_end(challenge)
    body = post(api, staff.ops, challenge, "finalize", {"confirm": True}).json()
    assert body["unassigned"] == "300"
    pool = account_balance("rewards_pool")
    assert distribute(api, staff.ops2, challenge).json()["status"] == "rewards_distributed"
    assert account_balance("rewards_pool") == pool + ogc(300)
    assert not PrizeAward.objects.exists()


def test_reopening_takes_a_second_person_and_a_reason(api, staff, people, voted):
    make.finalized(voted, staff.ops)
    assert refusal(post(api, staff.ops, voted, "reopen", {"reason": "Fraud"})) == (
        403,
        "SECOND_PERSON_REQUIRED",
    )
    assert refusal(post(api, staff.ops2, voted, "reopen", {})) == (400, "VALIDATION_ERROR")
    answer = post(api, staff.ops2, voted, "reopen", {"reason": "Fraud"})
    assert (answer.status_code, answer.json()["status"]) == (200, "reviewing")
    assert not Result.objects.exists()
    assert post(api, staff.ops, voted, "finalize", {"confirm": True}).status_code == 200
    distribute(api, staff.ops2, voted)
    assert refusal(post(api, staff.ops2, voted, "reopen", {"reason": "Late"})) == (
        409,
        "INVALID_CHALLENGE_STATE",
    )


def test_the_prizes_are_paid(api, staff, people, voted):
    make.finalized(voted, staff.ops)
    pool = account_balance("rewards_pool")
    answer = distribute(api, staff.ops2, voted)
    assert (answer.status_code, answer.json()["status"]) == (200, "rewards_distributed"), answer.content
    assert [balance_of(user) for user in (people.ada, people.ben, people.cleo)] == [
        ogc(150),
        ogc(100),
        ogc(50),
    ]
    assert account_balance(f"escrow:challenge:{voted.public_id}") == 0
    assert account_balance("rewards_pool") == pool
    assert {row.status for row in PrizeAward.objects.all()} == {"paid"}


def test_what_is_not_assigned_returns_to_the_pool(api, staff, people):
    challenge = make.opened(staff.ops)
    work = make.approved(people.ada, challenge, staff.moderator)
    make.to_voting(challenge)
    make.voted(people.cleo, work)
    make.finalized(challenge, staff.ops)
    pool = account_balance("rewards_pool")
    distribute(api, staff.ops2, challenge)
    assert balance_of(people.ada) == ogc(150)
    assert account_balance("rewards_pool") == pool + ogc(150)


def test_distributing_needs_a_key_and_a_confirmation(api, staff, voted):
    make.finalized(voted, staff.ops)
    without_key = post(api, staff.ops2, voted, "distribute", {"confirm": True})
    assert refusal(without_key) == (422, "IDEMPOTENCY_KEY_REQUIRED")
    unsure = post(api, staff.ops2, voted, "distribute", {}, key=uuid7())
    assert refusal(unsure) == (400, "CONFIRMATION_REQUIRED")
    assert not PrizeAward.objects.exists()


def test_distributing_again_pays_once(api, staff, people, voted):
    make.finalized(voted, staff.ops)
    key = uuid7()
    first, replay = (distribute(api, staff.ops2, voted, key) for _ in range(2))
    assert replay.headers["Idempotent-Replayed"] == "true"
    assert replay.json() == first.json()
    assert distribute(api, staff.ops2, voted).status_code == 200
    assert balance_of(people.ada) == ogc(150)


def test_the_creator_who_finalised_does_not_distribute(api, staff, people, voted):
    make.finalized(voted, staff.ops)
    assert refusal(distribute(api, staff.ops, voted)) == (403, "SECOND_PERSON_REQUIRED")
    assert not PrizeAward.objects.exists()
    assert distribute(api, staff.ops2, voted).status_code == 200


def test_the_creator_may_distribute_what_somebody_else_finalised(api, staff, voted):
    make.finalized(voted, staff.ops2)
    assert distribute(api, staff.ops, voted).status_code == 200


def test_distributing_before_it_is_finalised(api, staff, voted):
    assert refusal(distribute(api, staff.ops2, voted)) == (409, "INVALID_CHALLENGE_STATE")


def test_objections_may_come_in(api, staff, voted, settings):
    settings.OBJECTION_HOURS = 24
    make.finalized(voted, staff.ops)
    assert refusal(distribute(api, staff.ops2, voted)) == (409, "INVALID_CHALLENGE_STATE")
    voted.refresh_from_db()
    make.travel_to(voted.finalized_at + 24 * make.HOUR)
    assert distribute(api, staff.ops2, voted).status_code == 200


def test_a_large_distribution_waits_for_a_second_person(api, staff, people, voted, settings):
    settings.DISTRIBUTE_APPROVAL_THRESHOLD = ogc(300)
    make.finalized(voted, staff.ops)
    answer = distribute(api, staff.ops2, voted)
    assert (answer.status_code, answer.json()["approval"]["status"]) == (202, "pending")
    assert balance_of(people.ada) == 0
    assert distribute(api, staff.ops2, voted).json() == answer.json()
    path = f"admin/approvals/{answer.json()['approval']['id']}/approve"
    assert refusal(api.as_user(staff.ops2).post(path)) == (403, "SECOND_PERSON_REQUIRED")
    third = api.as_stepped_up(make.person("admin")).post(path)
    assert third.status_code == 200, third.content
    assert balance_of(people.ada) == ogc(150)
    assert Challenge.objects.get(pk=voted.pk).status == "rewards_distributed"


def test_a_person_banned_later_has_the_share_kept(api, staff, people, voted):
    make.finalized(voted, staff.ops)
    people.ada.status = "suspended"
    people.ada.save()
    distribute(api, staff.ops2, voted)
    assert PrizeAward.objects.get(rank=1).status == "held"
    assert account_balance(f"escrow:challenge:{voted.public_id}") == ogc(150)
    assert balance_of(people.ben) == ogc(100)


def test_the_share_of_a_closed_account_returns(api, staff, people, voted):
    make.finalized(voted, staff.ops)
    people.ada.status = "closed"
    people.ada.save()
    pool = account_balance("rewards_pool")
    distribute(api, staff.ops2, voted)
    assert PrizeAward.objects.get(rank=1).status == "returned"
    assert account_balance("rewards_pool") == pool + ogc(150)


def test_badges_then_archive(api, staff, people, voted):
    make.finalized(voted, staff.ops)
    for verb in ("assign-badges", "archive"):
        assert refusal(post(api, staff.ops, voted, verb)) == (409, "INVALID_CHALLENGE_STATE")
    distribute(api, staff.ops2, voted)
    assert post(api, staff.ops, voted, "assign-badges").json()["status"] == "badges_assigned"
    assert people.ada.badge_awards.get().badge.slug == "first-win"
    assert post(api, staff.ops, voted, "archive").json()["status"] == "archived"
    answer = post(api, staff.ops, voted, "cancel", {"confirm": True})
    assert refusal(answer) == (409, "INVALID_CHALLENGE_STATE")


def test_running_results_needs_the_scope(api, staff, people, voted):
    for user in (people.ada, staff.moderator, make.person("finance")):
        assert refusal(post(api, user, voted, "finalize", {"confirm": True})) == (403, "PERMISSION_DENIED")
        assert refusal(distribute(api, user, voted)) == (403, "PERMISSION_DENIED")
