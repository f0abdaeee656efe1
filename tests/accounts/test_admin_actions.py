"""What staff do in the lists of accounts, all of it through the services."""

import json

import pytest

from accounts.models import ServiceToken, Session, SigningKey, TotpDevice
from accounts.service_tokens import token_hash
from accounts.services.signing_keys import signing_key_ensure
from governance.models import AuditRecord
from tests.factories.accounts import PASSWORD, UserFactory, admin_client, login_as
from tests.factories.factors import totp_on
from tests.factories.governance import staff

pytestmark = pytest.mark.django_db


def act(client, model, action, rows, reason="asked by phone"):
    body = {"action": action, "_selected_action": [row.pk for row in rows], "reason": reason}
    return client.post(f"/admin/accounts/{model}/", body, follow=True).content.decode()


def test_a_session_is_ended_alone_with_a_reason():
    user, client = UserFactory(), admin_client(staff("admin"))
    login_as(user), login_as(user)
    first, second = Session.objects.filter(user=user).order_by("pk")
    act(client, "session", "end", [first], reason="")
    assert not Session.objects.exclude(ended_at=None).exists()
    act(client, "session", "end", [first])

    first.refresh_from_db(), second.refresh_from_db()
    assert (first.end_reason, second.end_reason) == ("staff", "")
    record = AuditRecord.objects.get(action="users.logout")
    assert (record.target_id, record.reason) == (user.public_id, "asked by phone")
    assert json.loads(record.after) == {"sessions": 1, "session": first.public_id}
    assert "NOT_FOUND" in act(client, "session", "end", [first])


def test_sessions_of_staff_above_and_of_oneself_are_not_ended_here():
    admin, owner = staff("admin"), staff("super_admin")
    client, _ = admin_client(admin), admin_client(owner)
    above, own = Session.objects.get(user=owner), Session.objects.get(user=admin)
    page = act(client, "session", "end", [above, own])
    assert "ROLE_TOO_HIGH" in page
    assert "ADMIN_CANNOT_CHANGE_SELF" in page
    assert not Session.objects.exclude(ended_at=None).exists()


def test_sessions_are_ended_by_holders_of_users_write_only():
    user, client = UserFactory(), admin_client(staff("moderator"))
    login_as(user)
    act(client, "session", "end", [Session.objects.get(user=user)])
    assert Session.objects.filter(user=user, ended_at=None).exists()


def test_lost_factors_are_cleared_after_a_step_up():
    people, client = [UserFactory(), UserFactory()], admin_client(staff("admin"))
    totp_on(people[0])
    page = act(client, "user", "clear_factors", people)
    assert "Is it you?" in page
    assert TotpDevice.objects.exists()
    client.post("/admin/step-up/", {"password": PASSWORD})
    act(client, "user", "clear_factors", people, reason="")
    assert TotpDevice.objects.exists()
    page = act(client, "user", "clear_factors", people)
    assert "Done: 1." in page
    assert f"{people[1]}: AUTH_2FA_NOT_ON" in page
    assert not TotpDevice.objects.exists()
    assert AuditRecord.objects.get(action="users.factors_cleared").reason == "asked by phone"


def test_a_service_token_is_made_and_shown_once():
    client = admin_client(staff("super_admin"))
    body = {"name": "indexer", "scopes": ["tx.system"], "days": 7, "reason": "the new indexer"}
    answer = client.post("/admin/accounts/servicetoken/add/", body)
    text = answer.content.decode().split('id="service-token"')[1].split(">", 1)[1].split("<")[0]

    row = ServiceToken.objects.get()
    assert (row.token_hash, row.scopes, row.name) == (token_hash(text), ["tx.system"], "indexer")
    assert "no-store" in answer.headers["Cache-Control"]
    assert AuditRecord.objects.get(action="service_tokens.created").reason == "the new indexer"
    for page in ("", f"{row.pk}/change/", f"{row.pk}/history/"):
        assert text not in client.get(f"/admin/accounts/servicetoken/{page}").content.decode()
    act(client, "servicetoken", "revoke", [row])
    row.refresh_from_db()
    assert row.revoked_at is not None


@pytest.mark.parametrize(
    "wrong", [{"scopes": ["users.write"]}, {"days": 0}, {"days": 367}, {"reason": ""}, {"scopes": []}]
)
def test_a_wrong_form_makes_no_token(wrong):
    body = {"name": "indexer", "scopes": ["tx.system"], "days": 7, "reason": "x"} | wrong
    answer = admin_client(staff("super_admin")).post("/admin/accounts/servicetoken/add/", body)
    assert answer.status_code == 200
    assert not ServiceToken.objects.exists()


def test_service_tokens_are_made_by_owners_and_changed_by_nobody():
    body = {"name": "indexer", "scopes": ["tx.system"], "days": 7, "reason": "x"}
    assert admin_client(staff("admin")).post("/admin/accounts/servicetoken/add/", body).status_code == 403
    owner = admin_client(staff("super_admin"))
    owner.post("/admin/accounts/servicetoken/add/", body)
    row = ServiceToken.objects.get()
    page = f"/admin/accounts/servicetoken/{row.pk}/change/"
    assert owner.post(page, body | {"name": "other"}).status_code == 403
    row.refresh_from_db()
    assert row.name == "indexer"


def test_the_signing_key_is_rotated_and_a_compromised_one_refused():
    signing_key_ensure()
    client, first = admin_client(staff("super_admin")), SigningKey.objects.get()
    act(client, "signingkey", "rotate", [first])
    second = SigningKey.objects.get(signing_slot=1)
    assert second != first
    assert "Select the key that signs" in act(client, "signingkey", "rotate", [first])
    act(client, "signingkey", "refuse", [second])
    second.refresh_from_db()
    assert (second.signing_slot, second.compromised_at is None) == (None, False)
    assert SigningKey.objects.count() == 3
    reasons = AuditRecord.objects.filter(action="signing_keys.rotated").values_list("reason", flat=True)
    assert list(reasons) == ["asked by phone"] * 2
    act(admin_client(staff("admin")), "signingkey", "rotate", [SigningKey.objects.get(signing_slot=1)])
    assert SigningKey.objects.count() == 3


def test_a_person_leads_to_what_belongs_to_them():
    user = UserFactory()
    login_as(user)
    client = admin_client(staff("admin"))
    page = client.get(f"/admin/accounts/user/{user.pk}/change/").content.decode()
    link = f"/admin/accounts/session/?user__id__exact={user.pk}"
    assert link in page
    answer = client.get(link)
    assert [row.user for row in answer.context["cl"].result_list] == [user]
