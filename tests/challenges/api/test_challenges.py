"""/challenges: writing, publishing, listing, reading."""

from datetime import timedelta

import pytest

from challenges.constants import ChallengeStatus
from challenges.models import Challenge, ChallengeMove
from ogc import clock
from ogc.ids import uuid7
from ogc.models import DomainEvent
from tests.api_client import error_code
from tests.factories import challenges as make
from tests.factories.wallets import account_balance, ogc

HOUR = timedelta(hours=1)


def text(instant):
    return instant.isoformat().replace("+00:00", "Z")


def new_body(**changes):
    now = clock.now()
    return {
        "title": "A lamp that runs on tap water",
        "category": "ai-for-good",
        "track": "freelancers",
        "prize_pool": "300",
        "prize_split": {"mode": "fixed", "amounts": ["150", "100", "49.5"]},
        "criteria": [{"name": "originality", "weight": 60}, {"name": "impact", "weight": 40}],
        "judging_mode": "votes",
        "starts_at": text(now + HOUR),
        "submission_deadline": text(now + 2 * HOUR),
        "voting_starts_at": text(now + 2 * HOUR),
        "voting_ends_at": text(now + 3 * HOUR),
    } | changes


def test_a_draft_is_created_as_sent(api, staff):
    sent = new_body(summary="Light", rules="Be kind.", max_submissions=2, premium=True, minimum_plan="pro")
    answer = api.as_user(staff.ops).post("challenges", sent)
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert body["status"] == "draft"
    assert body["version"] == 1
    assert body["slug"] == "a-lamp-that-runs-on-tap-water"
    assert body["allowed_content_types"] == ["link", "text"]
    for name in sent:
        assert body[name] == sent[name], name
    assert Challenge.objects.get(public_id=body["id"]).created_by == staff.ops


def test_the_same_title_gets_another_slug(api, staff):
    client = api.as_user(staff.ops)
    first, second = (client.post("challenges", new_body()).json()["slug"] for _ in range(2))
    assert second.startswith(first + "-")


def test_admin_panels_have_a_path_of_their_own(api, staff):
    assert api.as_user(staff.ops).post("admin/challenges", new_body()).status_code == 201


@pytest.mark.parametrize(
    "changes,code,field",
    [
        ({"prize_pool": "0"}, "INVALID_AMOUNT", None),
        ({"prize_pool": 300}, "INVALID_AMOUNT", None),
        ({"prize_split": {"mode": "fixed", "amounts": ["-1"]}}, "INVALID_AMOUNT", None),
        ({"prize_split": {"mode": "fixed", "amounts": ["300.000000001"]}}, "VALIDATION_ERROR", "prize_split"),
        ({"prize_split": {"mode": "fixed"}}, "VALIDATION_ERROR", "prize_split"),
        ({"prize_split": {"mode": "proportional", "top": 0}}, "VALIDATION_ERROR", "prize_split"),
        ({"prize_split": {"mode": "fixed", "amounts": ["1"], "top": 1}}, "VALIDATION_ERROR", "prize_split"),
        ({"prize_split": []}, "VALIDATION_ERROR", "prize_split"),
        ({"criteria": [{"name": "a", "weight": 99}]}, "VALIDATION_ERROR", "criteria"),
        ({"criteria": [{"name": "a"}]}, "VALIDATION_ERROR", "criteria"),
        ({"criteria": [], "judging_mode": "judges"}, "VALIDATION_ERROR", "criteria"),
        ({"category": "nope"}, "VALIDATION_ERROR", "category"),
        ({"minimum_plan": "nope"}, "VALIDATION_ERROR", "minimum_plan"),
        ({"track": "pets"}, "VALIDATION_ERROR", "track"),
        ({"premium": "yes"}, "VALIDATION_ERROR", "premium"),
        ({"hybrid_weight": 101}, "VALIDATION_ERROR", "hybrid_weight"),
        ({"max_submissions": 0}, "VALIDATION_ERROR", "max_submissions"),
        ({"allowed_content_types": []}, "VALIDATION_ERROR", "allowed_content_types"),
        ({"allowed_content_types": ["exe"]}, "VALIDATION_ERROR", "allowed_content_types"),
        ({"title": "\u0000"}, "VALIDATION_ERROR", "title"),
        ({"status": "open"}, "VALIDATION_ERROR", "status"),
        ({"starts_at": "tomorrow"}, "VALIDATION_ERROR", "starts_at"),
        ({"voting_starts_at": "2026-01-01T00:00:00Z"}, "DEADLINE_INVALID", None),
        ({"submission_deadline": "2026-01-01T00:00:00Z"}, "DEADLINE_INVALID", None),
    ],
)
def test_bad_drafts_are_refused(api, staff, changes, code, field):
    answer = api.as_user(staff.ops).post("challenges", new_body(**changes))
    assert (answer.status_code, error_code(answer)) == (400, code), answer.content
    if field:
        assert [name.partition(".")[0] for name in answer.json()["error"]["details"]] == [field]
    assert not Challenge.objects.exists()


def test_only_challenge_writers_write(api, staff, people):
    for client in (api.as_user(people.ada), api.as_user(staff.moderator)):
        answer = client.post("challenges", new_body())
        assert (answer.status_code, error_code(answer)) == (403, "PERMISSION_DENIED")
        assert answer.json()["error"]["details"]["scope"] == "challenge.write"
    assert api.post("challenges", new_body()).status_code == 401


def test_a_draft_is_known_to_staff_only(api, staff, people):
    challenge = make.draft(staff.ops)
    assert api.as_user(staff.ops2).get(f"challenges/{challenge.public_id}").status_code == 200
    for client in (api, api.as_user(people.ada)):
        assert client.get(f"challenges/{challenge.public_id}").status_code == 404
        assert client.get("challenges").json()["results"] == []


def test_a_draft_is_changed_with_its_version(api, staff):
    challenge, client = make.draft(staff.ops), api.as_user(staff.ops)
    path = f"challenges/{challenge.slug}"
    answer = client.patch(path, {"version": 1, "title": "Another title", "prize_pool": "500"})
    assert answer.status_code == 200, answer.content
    assert {"title": "Another title", "prize_pool": "500", "version": 2}.items() <= answer.json().items()
    stale = client.patch(path, {"version": 1, "title": "Late"})
    assert (stale.status_code, error_code(stale)) == (409, "VERSION_CONFLICT")
    missing = client.patch(path, {"title": "Blind"})
    assert (missing.status_code, error_code(missing)) == (400, "VALIDATION_ERROR")
    assert "version" in missing.json()["error"]["details"]


def test_a_draft_keeps_its_rules_when_it_is_changed(api, staff):
    challenge = make.draft(staff.ops)
    answer = api.as_user(staff.ops).patch(f"challenges/{challenge.slug}", {"version": 1, "prize_pool": "299"})
    assert (answer.status_code, error_code(answer)) == (400, "VALIDATION_ERROR")
    assert answer.json()["error"]["details"]["prize_split"][0]["code"] == "more_than_pool"


def test_a_published_challenge_takes_texts_and_later_times_only(api, staff):
    challenge, client = make.published(staff.ops), api.as_user(staff.ops)
    path = f"challenges/{challenge.public_id}"
    ok = client.patch(
        path, {"version": 1, "summary": "New", "voting_ends_at": text(challenge.voting_ends_at + HOUR)}
    )
    assert ok.status_code == 200, ok.content
    for change, code in (
        ({"prize_pool": "301"}, "fixed"),
        ({"voting_ends_at": text(challenge.voting_ends_at)}, "earlier"),
        ({"starts_at": text(challenge.starts_at + timedelta(minutes=1))}, "fixed"),
    ):
        answer = client.patch(path, {"version": 2} | change)
        assert (answer.status_code, error_code(answer)) == (400, "VALIDATION_ERROR")
        assert answer.json()["error"]["details"][next(iter(change))][0]["code"] == code
    make.travel_to(challenge.submission_deadline)
    late = api.as_user(staff.ops).patch(path, {"version": 2, "summary": "Too late"})
    assert (late.status_code, error_code(late)) == (409, "INVALID_CHALLENGE_STATE")


def test_only_drafts_are_deleted(api, staff):
    client, challenge = api.as_user(staff.ops), make.draft(staff.ops)
    assert client.delete(f"challenges/{challenge.public_id}").status_code == 204
    assert not Challenge.objects.exists()
    answer = client.delete(f"challenges/{make.published(staff.ops).public_id}")
    assert (answer.status_code, error_code(answer)) == (409, "INVALID_CHALLENGE_STATE")


def test_publishing_funds_the_escrow(api, staff):
    challenge, pool = make.draft(staff.ops), account_balance("rewards_pool")
    answer = api.as_user(staff.ops).post(f"challenges/{challenge.public_id}/publish")
    assert answer.status_code == 200, answer.content
    assert account_balance(f"escrow:challenge:{challenge.public_id}") == ogc(300)
    assert account_balance("rewards_pool") == pool - ogc(300)
    assert DomainEvent.objects.filter(name="challenges.challenge_published").count() == 1
    again = api.as_user(staff.ops).post(f"challenges/{challenge.public_id}/publish")
    assert (again.status_code, error_code(again)) == (409, "INVALID_CHALLENGE_STATE")


def test_a_challenge_cannot_promise_what_is_not_there(api, staff):
    challenge = make.draft(staff.ops, prize_pool=ogc(1_000_001))
    answer = api.as_user(staff.ops).post(f"challenges/{challenge.public_id}/publish")
    assert (answer.status_code, error_code(answer)) == (402, "INSUFFICIENT_BALANCE")
    challenge.refresh_from_db()
    assert challenge.status == ChallengeStatus.DRAFT
    assert not ChallengeMove.objects.exists()


def test_a_draft_whose_deadline_is_over_is_not_published(api, staff):
    challenge = make.draft(staff.ops)
    make.travel_to(challenge.submission_deadline)
    answer = api.as_user(staff.ops).post(f"challenges/{challenge.public_id}/publish")
    assert (answer.status_code, error_code(answer)) == (400, "DEADLINE_INVALID")


def test_opening_early_moves_the_start(api, staff):
    challenge = make.published(staff.ops)
    before = clock.now()
    answer = api.as_user(staff.ops).post(f"challenges/{challenge.public_id}/open")
    assert (answer.status_code, answer.json()["status"]) == (200, "open")
    challenge.refresh_from_db()
    assert before <= challenge.starts_at <= clock.now()
    again = api.as_user(staff.ops).post(f"challenges/{challenge.public_id}/open")
    assert (again.status_code, error_code(again)) == (409, "INVALID_CHALLENGE_STATE")


def test_opening_when_the_job_is_late(api, staff):
    challenge = make.published(staff.ops)
    make.travel_to(challenge.starts_at + timedelta(minutes=1))
    answer = api.as_user(staff.ops).post(f"challenges/{challenge.public_id}/open")
    assert (answer.status_code, answer.json()["status"]) == (200, "open")


def test_closing_early_keeps_the_voting_times(api, staff):
    challenge = make.opened(staff.ops)
    answer = api.as_user(staff.ops).post(f"challenges/{challenge.public_id}/close")
    assert (answer.status_code, answer.json()["status"]) == (200, "reviewing")
    kept = Challenge.objects.get(pk=challenge.pk)
    assert kept.submission_deadline <= clock.now()
    assert (kept.voting_starts_at, kept.voting_ends_at) == (
        challenge.voting_starts_at,
        challenge.voting_ends_at,
    )


def test_cancelling_needs_a_confirmation_and_refunds(api, staff):
    challenge, pool = make.opened(staff.ops), account_balance("rewards_pool")
    client, path = api.as_user(staff.ops), f"challenges/{challenge.public_id}/cancel"
    unsure = client.post(path, {"reason": "No sponsor"})
    assert (unsure.status_code, error_code(unsure)) == (400, "CONFIRMATION_REQUIRED")
    answer = client.post(path, {"confirm": True, "reason": "No sponsor"})
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    assert account_balance("rewards_pool") == pool + ogc(300)
    assert account_balance(f"escrow:challenge:{challenge.public_id}") == 0
    again = client.post(path, {"confirm": True})
    assert (again.status_code, error_code(again)) == (409, "INVALID_CHALLENGE_STATE")


def test_cancelling_a_draft_moves_no_money(api, staff):
    challenge, pool = make.draft(staff.ops), account_balance("rewards_pool")
    answer = api.as_user(staff.ops).post(f"challenges/{challenge.public_id}/cancel", {"confirm": True})
    assert answer.status_code == 200
    assert account_balance("rewards_pool") == pool


@pytest.mark.parametrize("verb", ["publish", "open", "close", "archive", "assign-badges", "reopen", "judges"])
def test_moves_need_the_scope(api, staff, people, verb):
    challenge = make.opened(staff.ops)
    for client in (api.as_user(people.ada), api.as_user(staff.moderator)):
        answer = client.post(f"challenges/{challenge.public_id}/{verb}")
        assert (answer.status_code, error_code(answer)) == (403, "PERMISSION_DENIED")


@pytest.mark.parametrize("verb", ["publish", "open", "close", "archive", "assign-badges", "enter"])
def test_unknown_challenges_are_not_found(api, staff, verb):
    answer = api.as_user(staff.ops).post(f"challenges/nothing-here/{verb}")
    assert (answer.status_code, error_code(answer)) == (404, "NOT_FOUND")


def test_the_list_filters(api, staff):
    lamp = make.opened(staff.ops, title="A lamp", track="students", premium=True)
    boat = make.published(staff.ops, title="A boat", category="civic-innovation", summary="Lamps on it")
    make.draft(staff.ops, title="A lamp too")
    make.opened(staff.ops, title="Private lamp", visibility="private")
    over = make.opened(staff.ops, title="A wheel")

    def found(query):
        answer = api.get(f"challenges?{query}")
        assert answer.status_code == 200, answer.content
        return [row["title"] for row in answer.json()["results"]]

    assert found("") == [over.title, boat.title, lamp.title]
    assert found("search=lamp") == [boat.title, lamp.title]
    assert found("category=civic-innovation") == [boat.title]
    assert found("track=students") == [lamp.title]
    assert found("premium=true") == [lamp.title]
    assert found("status=published") == [boat.title]
    assert found("ordering=created_at") == [lamp.title, boat.title, over.title]
    make.travel_to(over.submission_deadline)
    assert found("status=open") == [boat.title]
    assert found("status=reviewing") == [over.title, lamp.title]
    assert found("status=published") == []


def test_the_list_pages_by_cursor(api, staff):
    for _ in range(5):
        make.published(staff.ops)
    first = api.get("challenges?page_size=2&ordering=-prize_pool").json()
    second = api.get(first["next"].partition("testserver")[2]).json()
    third = api.get(second["next"].partition("testserver")[2]).json()
    ids = [row["id"] for page in (first, second, third) for row in page["results"]]
    assert len(set(ids)) == 5
    assert third["next"] is None
    assert api.get(second["previous"].partition("testserver")[2]).json()["results"] == first["results"]
    wrong = api.get("challenges?" + first["next"].partition("?")[2].replace("-prize_pool", "prize_pool"))
    assert (wrong.status_code, error_code(wrong)) == (400, "CURSOR_INVALID")


@pytest.mark.parametrize("query", ["status=draft", "track=x", "ordering=title", "premium=1", "page_size=101"])
def test_bad_filters_are_refused(api, money, query):
    answer = api.get(f"challenges?{query}")
    assert (answer.status_code, error_code(answer)) == (400, "VALIDATION_ERROR")


def test_a_challenge_is_read_by_id_and_slug(api, staff):
    challenge = make.published(staff.ops)
    by_id, by_slug = (api.get(f"challenges/{key}") for key in (challenge.public_id, challenge.slug))
    assert by_id.status_code == 200
    assert by_id.json() == by_slug.json()
    assert by_id.json()["status"] == "published"
    make.travel_to(challenge.starts_at)
    assert api.get(f"challenges/{challenge.slug}").json()["status"] == "open"


def test_a_private_challenge_is_known_to_its_people(api, staff, people):
    challenge = make.opened(staff.ops, visibility="private")
    judge = make.person("judge")
    make.judged_by(judge, challenge, staff.ops)
    assert api.as_user(judge).get(f"challenges/{challenge.slug}").status_code == 200
    for client in (api, api.as_user(people.ada), api.as_user(staff.moderator)):
        assert client.get(f"challenges/{challenge.slug}").status_code == 404


def test_categories(api, money):
    rows = api.get("challenges/categories").json()["results"]
    assert [row["slug"] for row in rows] == [
        "ai-for-good",
        "green-sustainable-technology",
        "blockchain-for-equity",
        "inclusive-digital-solutions",
        "civic-innovation",
    ]


def test_the_timeline_tells_what_was_and_what_will_be(api, staff):
    challenge = make.published(staff.ops)
    rows = api.get(f"challenges/{challenge.slug}/timeline").json()["results"]
    assert [(row["action"], row["done"]) for row in rows] == [
        ("publish", True),
        ("open", False),
        ("close", False),
    ]


def test_judges_are_appointed_once_and_do_not_take_part(api, staff, people):
    challenge, judge = make.opened(staff.ops), make.person("judge")
    make.entered(people.ada, challenge)
    client, path = api.as_user(staff.ops), f"challenges/{challenge.public_id}/judges"
    for _ in range(2):
        assert client.post(path, {"user_id": judge.public_id}).status_code == 204
    assert challenge.judges.count() == 1
    for user_id in (people.ada.public_id, challenge.public_id):
        answer = client.post(path, {"user_id": user_id})
        assert (answer.status_code, error_code(answer)) == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize("rows", [1, 50])
def test_the_list_costs_the_same_for_any_number_of_rows(api, staff, rows, django_assert_max_num_queries):
    first = make.draft(staff.ops)
    Challenge.objects.filter(pk=first.pk).update(status="published")
    copies = [Challenge.objects.get(pk=first.pk) for _ in range(rows - 1)]
    for number, row in enumerate(copies):
        row.pk, row.id, row.public_id, row.slug = None, None, uuid7(), f"copy-{number}"
    Challenge.objects.bulk_create(copies)
    api.get("challenges")
    with django_assert_max_num_queries(3):
        answer = api.get("challenges?page_size=100")
    assert len(answer.json()["results"]) == rows
