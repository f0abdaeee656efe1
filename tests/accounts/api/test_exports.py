"""The archive of personal data: asked for, made by a job, fetched, gone; whole, and nobody else's."""

import orjson
import pytest
from django.apps import apps
from django.contrib.auth import get_user_model

from accounts import ports
from accounts.constants import ActivityKind
from accounts.models import DataExport, Passkey, TotpDevice
from accounts.services import actor_for, exports
from accounts.services.activity import activity_record
from analytics.services.ingest import events_ingest
from notifications.services.seed import seed as templates_seed
from ogc import clock
from ogc.db.transactions import run_in_transaction
from ogc.ids import uuid7
from ogc.models import DomainEvent
from tests.api_client import error_code
from tests.factories.accounts import UserFactory, login_as
from tests.factories.notifications import NotificationFactory

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb]

EXEMPT = {
    "accounts.MfaChallenge.user": "a login under way for five minutes, nothing but a hash",
    "accounts.PasskeyCeremony.user": "a challenge under way for five minutes, nothing but a hash",
    "accounts.User_user_permissions.user": "not used: scopes come from roles",
    "admin.LogEntry.user": "work of staff in the admin site",
    "challenges.BadgeAward.awarded_by": "work of staff on somebody else's row",
    "challenges.Challenge.distributed_by": "work of staff",
    "challenges.Challenge.finalized_by": "work of staff",
    "challenges.ChallengeMove.actor": "work of staff",
    "challenges.JudgeAssignment.assigned_by": "work of staff",
    "challenges.Submission.reviewed_by": "work of staff on somebody else's row",
    "challenges.Team.leader": "leaders are members of their team",
    "governance.Appeal.decided_by": "work of staff on somebody else's row",
    "governance.Approval.decided_by": "work of staff",
    "governance.Approval.requester": "work of staff",
    "governance.Incident.assignee": "work of staff",
    "governance.Incident.decided_by": "work of staff",
    "governance.Proposal.decided_by": "work of staff",
    "wallets.StaffMove.actor": "work of staff on somebody else's wallet",
}


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def user():
    return UserFactory(email="ada@example.org", name="Ada", bio="Numbers.")


@pytest.fixture
def client(api, user):
    return api.as_user(user)


def asked(client):
    response = client.get("users/me/export")
    assert response.status_code == 202, response.content
    return response.json()


def archive(client, export_id):
    response = client.get(f"users/me/export/{export_id}")
    assert response.status_code == 200, response.content
    return orjson.loads(b"".join(response.streaming_content))


def files(media):
    return [path for path in media.rglob("*") if path.is_file()]


def test_every_relation_to_a_user_is_exported_or_exempt_with_a_reason():
    user_model = get_user_model()
    relations = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
        if field.related_model is user_model
    }
    covered = {name for section in ports.personal_sections.values() for name in section.covers}
    assert sorted(relations - covered - EXEMPT.keys()) == []
    assert sorted((covered | EXEMPT.keys()) - relations) == []
    assert covered & EXEMPT.keys() == set()


def test_it_is_made_in_the_background_and_fetched_as_an_attachment(client, user, drain):
    templates_seed(debug=False)
    export = asked(client)
    assert export["status"] == "queued"
    waiting = client.get(f"users/me/export/{export['id']}")
    assert (waiting.status_code, waiting.json()) == (202, export)
    assert asked(client) == export
    drain()
    response = client.get(f"users/me/export/{export['id']}")
    assert response["Content-Type"] == "application/json"
    assert response["Content-Disposition"] == f'attachment; filename="ogc-newfinity-{export["id"]}.json"'
    assert response["Cache-Control"] == "no-store"
    body = orjson.loads(b"".join(response.streaming_content))
    assert (body["user_id"], set(body["sections"])) == (user.public_id, set(ports.personal_sections))
    assert asked(client) == {"id": export["id"], "status": "ready"}
    assert DomainEvent.objects.filter(name="accounts.export_ready").count() == 1
    told = user.notifications.get()
    assert (told.title, told.data) == ("Your data is ready", {"export_id": export["id"]})


def test_it_holds_what_is_theirs_and_nobody_elses(api, client, user, drain):
    login_as(user)
    other = UserFactory(email="eve@example.org", name="Eve")
    login_as(other)
    for person in (user, other):
        run_in_transaction(
            lambda person=person: activity_record(person, ActivityKind.PASSKEY_ADDED, name=person.name)
        )
        NotificationFactory(user=person, message=f"Hello {person.name}")
        event = {"name": "page_seen", "ts": clock.now().isoformat(), "properties": {"who": person.name}}
        assert events_ingest(actor=actor_for(person), events=[event]).accepted == 1
    TotpDevice.objects.create(user=user, seed_sealed=b"seed", confirmed_at=clock.now())
    Passkey.objects.create(
        user=user, name="phone", credential_id=b"c", credential_hash="hash-of-it", public_key=b"k"
    )
    client.patch("users/me", {"bio": "More numbers."})
    export = asked(client)
    drain()
    sections = archive(client, export["id"])["sections"]
    assert sections["profile"][0]["email"] == "ada@example.org"
    assert sections["profile"][0]["bio"] == "More numbers."
    assert [row["kind"] for row in sections["activity"]].count("passkey_added") == 1
    assert len(sections["sessions"]) == 1
    assert [row["message"] for row in sections["notifications"]] == ["Hello Ada"]
    assert [row["properties"] for row in sections["events"] if row["name"] == "page_seen"] == [{"who": "Ada"}]
    assert [row["action"] for row in sections["audit_trail"]] == ["auth.export_requested"]
    assert sections["wallet"][0]["status"] == "active"
    text = orjson.dumps(sections).decode()
    for secret in ("Eve", "eve@example.org", user.password, "seed", "hash-of-it", "token_hash", "nonce"):
        assert secret not in text


def test_only_ones_own(api, client, user, drain):
    export = asked(client)
    drain()
    other = api.as_user(UserFactory())
    for export_id in (export["id"], uuid7(), "x"):
        response = other.get(f"users/me/export/{export_id}")
        assert (response.status_code, error_code(response)) == (404, "NOT_FOUND")
    assert error_code(api.get("users/me/export")) == "NOT_AUTHENTICATED"
    assert error_code(api.get(f"users/me/export/{export['id']}")) == "NOT_AUTHENTICATED"
    assert DataExport.objects.count() == 1


def test_an_older_one_is_made_anew(api, user, drain, later):
    first = asked(api.as_user(user))
    drain()
    later(hours=2)
    second = asked(api.as_user(user))
    assert (second["status"], second["id"] != first["id"]) == ("queued", True)


def test_it_is_gone_after_a_week(api, user, drain, later, media, django_capture_on_commit_callbacks):
    export = asked(api.as_user(user))
    drain()
    later(days=7, seconds=1)
    client = api.as_user(user)
    assert error_code(client.get(f"users/me/export/{export['id']}")) == "NOT_FOUND"
    assert len(files(media)) == 1
    with django_capture_on_commit_callbacks(execute=True):
        assert (exports.exports_purge(), exports.exports_purge()) == (1, 0)
    assert files(media) == []
    assert DataExport.objects.get().status == "expired"
    assert error_code(client.get(f"users/me/export/{export['id']}")) == "NOT_FOUND"


def test_a_worker_that_died_is_followed_by_another(client, user, drain, media):
    export = asked(client)
    row = DataExport.objects.get()
    DataExport.objects.filter(pk=row.pk).update(
        attempts=1, lease_until=clock.real_now() - clock.timedelta(0, 1)
    )
    drain()
    assert archive(client, export["id"])["user_id"] == user.public_id
    assert len(files(media)) == 1


def test_nobody_makes_what_somebody_else_is_at(client, media):
    asked(client)
    row = DataExport.objects.get()
    DataExport.objects.filter(pk=row.pk).update(lease_until=clock.real_now() + clock.timedelta(0, 30))
    exports.export_make(export_pk=row.pk)
    assert (DataExport.objects.get().status, files(media)) == ("queued", [])


def test_a_failure_is_tried_again_and_then_told(client, media, monkeypatch):
    export = asked(client)
    row = DataExport.objects.get()

    def broken(user_pk):
        yield {"fine": 1}
        raise RuntimeError("the disk is full")

    monkeypatch.setitem(ports.personal_sections, "broken", ports.PersonalSection("broken", broken))
    for attempt in range(1, 6):
        with pytest.raises(RuntimeError):
            exports.export_make(export_pk=row.pk)
        row.refresh_from_db()
        assert (row.attempts, row.last_error, files(media)) == (attempt, "RuntimeError", [])
        DataExport.objects.update(next_attempt_at=None)
    assert row.status == "failed"
    response = client.get(f"users/me/export/{export['id']}")
    assert (response.status_code, response.json()["status"]) == (202, "failed")
    assert asked(client)["status"] == "queued"


def test_an_account_closed_meanwhile_leaves_no_archive(client, user, media, monkeypatch):
    asked(client)
    row = DataExport.objects.get()

    def closing(user_pk):
        DataExport.objects.filter(user_id=user_pk).delete()
        yield {}

    monkeypatch.setitem(ports.personal_sections, "closing", ports.PersonalSection("closing", closing))
    exports.export_make(export_pk=row.pk)
    assert (files(media), DataExport.objects.count()) == ([], 0)
