"""Challenges in the admin site, by scope."""

import pytest
from django.apps import apps
from django.contrib.admin import site
from django.urls import reverse

from challenges.models import Challenge, PrizeAward, Submission
from tests.factories import challenges as make
from tests.factories.accounts import admin_client

MODELS = [model for model in apps.get_app_config("challenges").get_models() if site.is_registered(model)]


@pytest.fixture
def member():
    """Sign a member of staff in to the admin site."""

    def sign_in(user):
        user.is_staff = True
        user.save()
        return admin_client(user)

    return sign_in


def act(client, model, action, rows, reason=""):
    path = reverse(f"admin:challenges_{model}_changelist")
    body = {"action": action, "_selected_action": [row.pk for row in rows], "reason": reason}
    return client.post(path, body, follow=True)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.model_name)
def test_every_list_opens_for_staff(member, staff, people, model):
    challenge = make.opened(staff.ops)
    make.approved(people.ada, challenge, staff.moderator)
    client = member(staff.moderator)
    assert client.get(reverse(f"admin:challenges_{model._meta.model_name}_changelist")).status_code == 200


def test_a_challenge_and_a_submission_open(member, staff, people):
    challenge = make.opened(staff.ops)
    work = make.approved(people.ada, challenge, staff.moderator)
    client = member(staff.moderator)
    for name, row in (("challenge", challenge), ("submission", work)):
        page = client.get(reverse(f"admin:challenges_{name}_change", args=[row.pk]))
        assert page.status_code == 200
        assert b'name="_save"' not in page.content


def test_a_moderator_approves_and_rejects(member, staff, people):
    challenge = make.opened(staff.ops)
    works = []
    for user in (people.ada, people.ben):
        make.entered(user, challenge)
        works.append(make.submitted(user, challenge))
    client = member(staff.moderator)
    act(client, "submission", "approve", works[:1])
    act(client, "submission", "reject", works[1:])
    statuses = Submission.objects.order_by("id").values_list("status", flat=True)
    assert list(statuses) == ["approved", "pending"]
    act(client, "submission", "reject", works, reason="Off topic")
    assert list(statuses.all()) == ["approved", "rejected"]


def test_moves_need_the_scope_of_challenges(member, staff):
    challenge = make.draft(staff.ops)
    act(member(staff.moderator), "challenge", "publish", [challenge])
    assert Challenge.objects.get(pk=challenge.pk).status == "draft"
    client = member(staff.ops)
    act(client, "challenge", "publish", [challenge])
    assert Challenge.objects.get(pk=challenge.pk).status == "published"
    act(client, "challenge", "cancel", [challenge])
    assert Challenge.objects.get(pk=challenge.pk).status == "published"
    act(client, "challenge", "cancel", [challenge], reason="No sponsor")
    assert Challenge.objects.get(pk=challenge.pk).status == "cancelled"


def test_a_failed_prize_is_tried_again(member, staff, people):
    challenge = make.opened(staff.ops)
    work = make.approved(people.ada, challenge, staff.moderator)
    make.to_voting(challenge)
    make.voted(people.cleo, work)
    make.finalized(challenge, staff.ops)
    award = PrizeAward.objects.create(
        challenge=challenge,
        result=challenge.results.get(),
        user=people.ada,
        rank=1,
        amount=1,
        status="failed",
        attempts=8,
    )
    act(member(staff.ops2), "prizeaward", "retry", [award])
    award.refresh_from_db()
    assert (award.status, award.attempts) == ("queued", 0)


def test_votes_stay_anonymous(member, staff, people):
    challenge = make.opened(staff.ops)
    work = make.approved(people.ada, challenge, staff.moderator)
    make.to_voting(challenge)
    vote = make.voted(people.cleo, work)
    client = member(make.person("super_admin"))
    for page in (
        client.get(reverse("admin:challenges_vote_changelist")),
        client.get(reverse("admin:challenges_vote_change", args=[vote.pk])),
    ):
        assert page.status_code == 200
        assert people.cleo.email.encode() not in page.content
