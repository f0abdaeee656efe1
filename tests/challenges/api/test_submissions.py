"""/submissions: handing in, new versions, withdrawal, visibility, review."""

import pytest

from challenges.models import Challenge, Submission, SubmissionVersion
from ogc.models import DomainEvent
from tests.api_client import error_code
from tests.factories import challenges as make


def refusal(answer):
    return answer.status_code, error_code(answer)


def submit(api, user, challenge, **parts):
    body = {"challenge": challenge.public_id} | (parts or {"text": "My idea"})
    return api.as_user(user).post("submissions", body)


def test_a_text_is_handed_in(api, staff, people):
    challenge = make.opened(staff.ops)
    make.entered(people.ada, challenge)
    answer = submit(api, people.ada, challenge, text="Line one\nLine two")
    assert answer.status_code == 201, answer.content
    body = answer.json()
    expected = {"status": "pending", "version": 1, "content_type": "text", "text": "Line one\nLine two"}
    assert expected.items() <= body.items()
    assert body["author"] == {"id": people.ada.public_id, "name": "Ada"}
    assert "duplicate" not in body
    assert Challenge.objects.get(pk=challenge.pk).submission_count == 1
    assert SubmissionVersion.objects.get().number == 1
    assert DomainEvent.objects.filter(name="challenges.submission_created").count() == 1


def test_a_link_is_handed_in_by_slug(api, staff, people):
    challenge = make.opened(staff.ops)
    make.entered(people.ada, challenge)
    body = {"challenge": challenge.slug, "url": "https://example.org/work"}
    answer = api.as_user(people.ada).post("submissions", body)
    assert (answer.status_code, answer.json()["content_type"]) == (201, "link")


@pytest.mark.parametrize(
    "parts,code,field",
    [
        ({"text": ""}, "VALIDATION_ERROR", "text"),
        ({"text": 5}, "VALIDATION_ERROR", "text"),
        ({"url": "javascript:alert(1)"}, "VALIDATION_ERROR", "url"),
        ({"status": "approved"}, "VALIDATION_ERROR", "status"),
    ],
)
def test_bad_work_is_refused(api, staff, people, parts, code, field):
    challenge = make.opened(staff.ops)
    make.entered(people.ada, challenge)
    answer = submit(api, people.ada, challenge, **parts)
    assert refusal(answer) == (400, code)
    assert field in answer.json()["error"]["details"]
    assert not Submission.objects.exists()


def test_nothing_at_all_is_refused(api, staff, people):
    challenge = make.opened(staff.ops)
    make.entered(people.ada, challenge)
    answer = api.as_user(people.ada).post("submissions", {"challenge": challenge.slug})
    assert refusal(answer) == (400, "VALIDATION_ERROR")


def test_only_allowed_kinds_are_taken(api, staff, people):
    challenge = make.opened(staff.ops, allowed_content_types=("text",))
    make.entered(people.ada, challenge)
    answer = submit(api, people.ada, challenge, url="https://example.org")
    assert refusal(answer) == (400, "UNSUPPORTED_FILE_TYPE")
    assert answer.json()["error"]["details"] == {"allowed": ["text"]}


def test_entering_comes_first(api, staff, people):
    challenge = make.opened(staff.ops)
    assert refusal(submit(api, people.ada, challenge)) == (403, "CHALLENGE_NOT_ENTERED")
    assert not Submission.objects.exists()


def test_the_deadline_holds_when_the_job_is_late(api, staff, people):
    challenge = make.opened(staff.ops)
    make.entered(people.ada, challenge)
    make.travel_to(challenge.submission_deadline)
    assert refusal(submit(api, people.ada, challenge)) == (409, "SUBMISSION_DEADLINE_PASSED")
    assert not Submission.objects.exists()


def test_the_limit_and_a_freed_slot(api, staff, people):
    challenge = make.opened(staff.ops, max_submissions=2)
    make.entered(people.ada, challenge)
    first = submit(api, people.ada, challenge, text="one").json()
    submit(api, people.ada, challenge, text="two")
    answer = submit(api, people.ada, challenge, text="three")
    assert refusal(answer) == (409, "SUBMISSION_LIMIT_REACHED")
    assert answer.json()["error"]["details"] == {"max_submissions": 2}
    assert Challenge.objects.get(pk=challenge.pk).submission_count == 2
    withdrawn = api.as_user(people.ada).post(f"submissions/{first['id']}/withdraw")
    assert (withdrawn.status_code, withdrawn.json()["status"]) == (200, "withdrawn")
    assert Challenge.objects.get(pk=challenge.pk).submission_count == 1
    assert submit(api, people.ada, challenge, text="three").status_code == 201


def test_the_same_content_is_flagged_not_refused(api, staff, people):
    challenge = make.opened(staff.ops)
    for user in (people.ada, people.ben):
        make.entered(user, challenge)
        assert submit(api, user, challenge, text="Same words").status_code == 201
    rows = api.as_user(staff.moderator).get("submissions/pending").json()["results"]
    assert [row["duplicate"] for row in rows] == [False, True]


def test_a_new_version_waits_for_review_again(api, staff, people):
    challenge = make.opened(staff.ops)
    work = make.approved(people.ada, challenge, staff.moderator)
    client, path = api.as_user(people.ada), f"submissions/{work.public_id}"
    answer = client.patch(path, {"version": 1, "text": "Better"})
    assert answer.status_code == 200, answer.content
    expected = {"version": 2, "status": "pending", "text": "Better", "review": None}
    assert expected.items() <= answer.json().items()
    assert list(work.versions.order_by("number").values_list("text", flat=True)) == ["Idea of Ada", "Better"]
    assert refusal(client.patch(path, {"version": 1, "text": "Stale"})) == (409, "VERSION_CONFLICT")
    assert refusal(client.patch(path, {"text": "Blind"})) == (400, "VALIDATION_ERROR")


def test_a_new_version_after_the_deadline(api, staff, people):
    challenge = make.opened(staff.ops)
    work = make.approved(people.ada, challenge, staff.moderator)
    make.travel_to(challenge.submission_deadline)
    client = api.as_user(people.ada)
    for answer in (
        client.patch(f"submissions/{work.public_id}", {"version": 1, "text": "Late"}),
        client.post(f"submissions/{work.public_id}/withdraw"),
    ):
        assert refusal(answer) == (409, "SUBMISSION_DEADLINE_PASSED")


def test_withdrawn_work_stays_withdrawn(api, staff, people):
    challenge = make.opened(staff.ops)
    make.entered(people.ada, challenge)
    work = make.submitted(people.ada, challenge)
    client, path = api.as_user(people.ada), f"submissions/{work.public_id}"
    client.post(f"{path}/withdraw")
    assert refusal(client.post(f"{path}/withdraw")) == (409, "INVALID_SUBMISSION_STATE")
    assert refusal(client.patch(path, {"version": 1, "text": "x"})) == (409, "INVALID_SUBMISSION_STATE")


def test_nobody_changes_the_work_of_others(api, staff, people):
    challenge = make.opened(staff.ops)
    work = make.approved(people.ada, challenge, staff.moderator)
    for user in (people.ben, staff.moderator):
        client = api.as_user(user)
        for answer in (
            client.patch(f"submissions/{work.public_id}", {"version": 1, "text": "x"}),
            client.post(f"submissions/{work.public_id}/withdraw"),
        ):
            assert refusal(answer) == (404, "NOT_FOUND")


def test_before_the_deadline_only_insiders_see_work(api, staff, people):
    challenge, judge = make.opened(staff.ops), make.person("judge")
    make.judged_by(judge, challenge, staff.ops)
    work = make.approved(people.ada, challenge, staff.moderator)
    one, many = f"submissions/{work.public_id}", f"challenges/{challenge.public_id}/submissions"
    for insider in (people.ada, staff.moderator, judge):
        assert api.as_user(insider).get(one).status_code == 200
        assert len(api.as_user(insider).get(many).json()["results"]) == 1
    assert refusal(api.as_user(people.ben).get(one)) == (404, "NOT_FOUND")
    for outsider in (api, api.as_user(people.ben)):
        answer = outsider.get(many)
        assert (answer.status_code, answer.json()["results"]) == (200, [])
    assert api.get(f"challenges/{challenge.slug}").json()["submission_count"] == 1


def test_after_the_deadline_approved_work_is_public(api, staff, people):
    challenge = make.opened(staff.ops)
    work = make.approved(people.ada, challenge, staff.moderator)
    make.entered(people.ben, challenge)
    waiting = make.submitted(people.ben, challenge)
    make.travel_to(challenge.submission_deadline)
    rows = api.get(f"challenges/{challenge.public_id}/submissions").json()["results"]
    assert [row["id"] for row in rows] == [work.public_id]
    assert api.as_user(people.cleo).get(f"submissions/{work.public_id}").status_code == 200
    assert api.as_user(people.cleo).get(f"submissions/{waiting.public_id}").status_code == 404


def test_mine(api, staff, people):
    challenge = make.opened(staff.ops)
    make.entered(people.ada, challenge)
    work = make.submitted(people.ada, challenge)
    answer = api.as_user(people.ada).get("submissions/mine")
    assert [row["id"] for row in answer.json()["results"]] == [work.public_id]
    assert answer.headers["Cache-Control"] == "no-store"
    assert api.as_user(people.ben).get("submissions/mine").json()["results"] == []


def test_the_review_queue(api, staff, people):
    challenge = make.opened(staff.ops)
    make.entered(staff.moderator, challenge)
    make.submitted(staff.moderator, challenge, text="Mine")
    make.entered(people.ada, challenge)
    work = make.submitted(people.ada, challenge)
    rows = api.as_user(staff.moderator).get("submissions/pending").json()["results"]
    assert [row["id"] for row in rows] == [work.public_id]
    assert refusal(api.as_user(people.ada).get("submissions/pending")) == (403, "PERMISSION_DENIED")


def test_approval(api, staff, people):
    challenge = make.opened(staff.ops)
    make.entered(people.ada, challenge)
    work = make.submitted(people.ada, challenge)
    client, path = api.as_user(staff.moderator), f"submissions/{work.public_id}/approve"
    answer = client.post(path, {"version": 1})
    assert (answer.status_code, answer.json()["status"]) == (200, "approved")
    event = DomainEvent.objects.get(name="challenges.submission_approved")
    assert event.payload["user_id"] == people.ada.public_id
    assert refusal(client.post(path, {"version": 1})) == (409, "INVALID_SUBMISSION_STATE")
    assert refusal(client.post(path, {})) == (400, "VALIDATION_ERROR")


def test_rejection_needs_a_reason(api, staff, people):
    challenge = make.opened(staff.ops)
    make.entered(people.ada, challenge)
    work = make.submitted(people.ada, challenge)
    client, path = api.as_user(staff.moderator), f"submissions/{work.public_id}/reject"
    for body in ({"version": 1}, {"version": 1, "reason": " "}):
        assert refusal(client.post(path, body)) == (400, "VALIDATION_ERROR")
    answer = client.post(path, {"version": 1, "reason": "Off topic"})
    assert (answer.status_code, answer.json()["review"]["reason"]) == (200, "Off topic")
    again = api.as_user(people.ada).patch(f"submissions/{work.public_id}", {"version": 1, "text": "On topic"})
    assert again.json()["status"] == "pending"
    assert Challenge.objects.get(pk=challenge.pk).submission_count == 1


@pytest.mark.parametrize("verb", ["approve", "reject"])
def test_a_decision_names_the_version_it_was_made_on(api, staff, people, verb):
    challenge = make.opened(staff.ops)
    make.entered(people.ada, challenge)
    work = make.submitted(people.ada, challenge)
    api.as_user(people.ada).patch(f"submissions/{work.public_id}", {"version": 1, "text": "Other"})
    body = {"version": 1} | ({"reason": "No"} if verb == "reject" else {})
    answer = api.as_user(staff.moderator).post(f"submissions/{work.public_id}/{verb}", body)
    assert refusal(answer) == (409, "VERSION_CONFLICT")
    work.refresh_from_db()
    assert work.status == "pending"


def test_nobody_reviews_their_own_work(api, staff):
    challenge = make.opened(staff.ops)
    make.entered(staff.moderator, challenge)
    work = make.submitted(staff.moderator, challenge)
    answer = api.as_user(staff.moderator).post(f"submissions/{work.public_id}/approve", {"version": 1})
    assert refusal(answer) == (403, "REVIEW_OWN_NOT_ALLOWED")


def test_reviewing_needs_the_scope(api, staff, people):
    challenge = make.opened(staff.ops)
    work = make.approved(people.ada, challenge, staff.moderator)
    for verb, body in (("approve", {"version": 1}), ("reject", {"version": 1, "reason": "x"})):
        answer = api.as_user(people.ben).post(f"submissions/{work.public_id}/{verb}", body)
        assert refusal(answer) == (403, "PERMISSION_DENIED")


def test_reviews_go_on_after_the_deadline_until_the_ranks_are_frozen(api, staff, people):
    challenge = make.opened(staff.ops)
    make.entered(people.ada, challenge)
    work = make.submitted(people.ada, challenge)
    make.travel_to(challenge.submission_deadline)
    client = api.as_user(staff.moderator)
    assert client.post(f"submissions/{work.public_id}/approve", {"version": 1}).status_code == 200
    make.finalized(challenge, staff.ops)
    late = api.as_user(staff.moderator).post(
        f"submissions/{work.public_id}/reject", {"version": 1, "reason": "Late"}
    )
    assert refusal(late) == (409, "INVALID_SUBMISSION_STATE")


@pytest.mark.parametrize("rows", [1, 50])
def test_lists_cost_the_same_for_any_number_of_rows(api, staff, people, rows, django_assert_max_num_queries):
    challenge = make.opened(staff.ops, max_submissions=20)
    make.entered(people.ada, challenge)
    first = make.submitted(people.ada, challenge)
    Submission.objects.bulk_create(
        Submission(
            challenge=challenge,
            entry=first.entry,
            author=people.ada,
            content_type="text",
            text="x",
            content_hash="0" * 64,
        )
        for _ in range(rows - 1)
    )
    for user, path in ((people.ada, "submissions/mine"), (staff.moderator, "submissions/pending")):
        client = api.as_user(user)
        client.get(path)
        with django_assert_max_num_queries(3):
            assert len(client.get(f"{path}?page_size=100").json()["results"]) == rows
