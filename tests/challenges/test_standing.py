"""Contribution points and badges follow the facts, each once."""

import pytest

from accounts.signals import email_verified
from challenges import rules, signals
from challenges.constants import DAILY_LIMITS, PointAction
from challenges.models import Badge, BadgeAward, ContributionEvent, Contributor
from challenges.services.badges import badges_evaluate
from challenges.services.contributions import points_award
from ogc import clock
from ogc.db.transactions import run_in_transaction
from ogc.models import DomainEvent
from tests.factories import challenges as make

pytestmark = pytest.mark.mariadb


def points(user):
    rows = ContributionEvent.objects.filter(user=user).order_by("id")
    return [(row.action, row.points_milli) for row in rows]


def award(user, key, action=PointAction.VOTE_CAST, at=None):
    return points_award(user_id=user.public_id, action=action, source_key=key, occurred_at=at or clock.now())


def test_a_whole_challenge_gives_points_and_a_badge(api, staff, people, drain):
    challenge = make.opened(staff.ops)
    ada = make.approved(people.ada, challenge, staff.moderator)
    ben = make.approved(people.ben, challenge, staff.moderator)
    make.to_voting(challenge)
    make.voted(people.eve, ada)
    make.voted(people.dora, ben)
    make.finalized(challenge, staff.ops)
    drain()
    assert not BadgeAward.objects.filter(badge__slug="first-win").exists()
    api.as_user(staff.ops2).post(f"challenges/{challenge.public_id}/distribute", {"confirm": True}, key="k")
    drain()
    drain()
    assert points(people.ada) == [
        ("challenge_entered", 15_000),
        ("submission_approved", 25_000),
        ("vote_received", 1_000),
        ("ranked_1", 50_000),
    ]
    assert points(people.ben)[-1] == ("ranked_2", 30_000)
    assert points(people.dora) == [("vote_cast", 1_500)]
    assert points(people.eve) == [("vote_cast", 2_000)]
    assert Contributor.objects.get(user=people.ada).points_milli == 91_000
    held = set(people.ada.badge_awards.values_list("badge__slug", flat=True))
    assert held == {"first-win", "first-work"}
    assert DomainEvent.objects.filter(name="challenges.badge_awarded").count() == 3
    stats = api.as_user(people.ada).get("contributions/stats").json()
    assert stats == {
        "total_points": "91",
        "rank": None,
        "next_rank": "bronze",
        "next_rank_at": "100",
        "multiplier": "1",
        "streak": 1,
        "badges": 2,
    }
    listed = api.as_user(people.dora).get("contributions").json()["results"]
    assert [(row["action"], row["points"], row["multiplier"]) for row in listed] == [
        ("vote_cast", "1.5", "1.5")
    ]


def test_verification_counts_once(people, drain):
    for _ in range(2):
        run_in_transaction(lambda: email_verified.emit(user_id=people.ada.public_id))
    drain()
    assert points(people.ada) == [("verified", 10_000)]


def test_entering_again_scores_once(api, staff, people, drain):
    challenge = make.opened(staff.ops)
    client, path = api.as_user(people.ada), f"challenges/{challenge.public_id}/enter"
    for _ in range(2):
        client.post(path)
        drain()
        client.delete(path)
    assert points(people.ada) == [("challenge_entered", 15_000)]


def test_a_second_approved_version_scores_once(api, staff, people, drain):
    challenge = make.opened(staff.ops)
    work = make.approved(people.ada, challenge, staff.moderator)
    api.as_user(people.ada).patch(f"submissions/{work.public_id}", {"version": 1, "text": "Better"})
    api.as_user(staff.moderator).post(f"submissions/{work.public_id}/approve", {"version": 2})
    drain()
    assert points(people.ada).count(("submission_approved", 25_000)) == 1


def test_a_vote_taken_back_and_cast_again_scores_once(api, staff, people, drain):
    challenge = make.opened(staff.ops)
    work = make.approved(people.ada, challenge, staff.moderator)
    make.to_voting(challenge)
    client, path = api.as_user(people.cleo), f"submissions/{work.public_id}/vote"
    for call in (client.post, client.delete, client.post):
        call(path)
    drain()
    assert points(people.cleo) == [("vote_cast", 1_000)]


@pytest.mark.parametrize("action", list(DAILY_LIMITS))
def test_daily_limits_count_utc_days(people, action):
    limit, today = DAILY_LIMITS[action], clock.now().replace(hour=0, minute=0)
    given = [award(people.ada, f"key-{number}", action, today) for number in range(limit + 2)]
    assert [event is not None for event in given] == [True] * limit + [False, False]
    assert award(people.ada, "tomorrow", action, today + 24 * make.HOUR) is not None
    assert award(people.ben, "other", action, today) is not None
    assert Contributor.objects.get(user=people.ada).points_milli == (limit + 1) * 1_000


def test_the_same_fact_scores_once(people):
    assert award(people.ada, "fact") is not None
    assert award(people.ada, "fact") is None
    assert Contributor.objects.get(user=people.ada).points_milli == 1_000
    assert DomainEvent.objects.filter(name="challenges.points_awarded").count() == 1


def test_badges_for_points(people, drain):
    for number in range(4):
        award(people.ada, f"key-{number}", PointAction.APPROVED)
    drain()
    assert people.ada.badge_awards.get().badge.slug == "contributor"


def test_manual_and_retired_badges_are_not_awarded(people):
    Badge.objects.exclude(slug="pioneer").update(active=False)
    every_rule = {row.criteria["rule"] for row in Badge.objects.all()}
    assert badges_evaluate(user_id=people.ada.public_id, rules=every_rule) == []


def test_a_badge_is_awarded_once(people):
    Badge.objects.filter(slug="voter").update(criteria={"rule": "votes_cast", "min": 0})
    results = [badges_evaluate(user_id=people.ada.public_id, rules=["votes_cast"]) for _ in range(2)]
    assert results == [["voter"], []]
    assert signals.badge_awarded.name == DomainEvent.objects.get(name__endswith="badge_awarded").name


def test_the_badges_of_everybody_and_mine(api, people):
    listed = api.get("badges").json()["results"]
    assert {
        "slug": "first-win",
        "tier": "silver",
        "criteria": {"rule": "challenge_won", "min": 1},
    }.items() <= (listed[0].items())
    award(people.ada, "key", PointAction.APPROVED)
    mine = api.as_user(people.ada).get("badges/mine").json()["results"]
    standing = {row["badge"]["slug"]: (row["awarded_at"], row["progress"]) for row in mine}
    assert standing["contributor"] == (None, 25)
    assert api.get("badges/mine").status_code == 401


@pytest.mark.parametrize("rows", [1, 50])
def test_the_list_costs_the_same_for_any_number_of_rows(api, people, rows, django_assert_max_num_queries):
    ContributionEvent.objects.bulk_create(
        ContributionEvent(
            user=people.ada,
            action="granted",
            points_milli=rules.points_milli(1, 10_000),
            multiplier_bps=10_000,
            source_key=f"row-{number}",
            day=clock.today(),
        )
        for number in range(rows)
    )
    client = api.as_user(people.ada)
    client.get("contributions")
    with django_assert_max_num_queries(2):
        assert len(client.get("contributions?page_size=100").json()["results"]) == rows
    with django_assert_max_num_queries(6):
        client.get("badges/mine")


def test_a_streak_counts_days_in_a_row(api, people):
    now = clock.now()
    for days in (0, 1, 2, 4):
        award(people.ada, f"day-{days}", at=now - days * 24 * make.HOUR)
    client = api.as_user(people.ada)
    assert client.get("contributions/stats").json()["streak"] == 3
    assert api.as_user(people.ben).get("contributions/stats").json()["streak"] == 0
