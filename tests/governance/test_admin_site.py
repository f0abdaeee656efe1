"""Staff use the admin site by their scopes, and history stays as it is."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from accounts.services.claims import actor_for
from governance.models import Policy, PolicyVersion
from governance.selectors import role_scopes
from governance.services import approval_request
from tests.factories.accounts import PASSWORD, admin_client
from tests.factories.governance import Recorder, policy, rule, staff

pytestmark = pytest.mark.django_db

PAGES = [
    model for model in admin.site._registry if model._meta.app_label in {"governance", "auth", "auditlog"}
]


def signed_in(*roles):
    return admin_client(staff(*roles))


def changelist(model):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


@pytest.mark.parametrize("model", PAGES, ids=lambda model: model._meta.label)
def test_lists_open_for_the_owner(model):
    assert signed_in("super_admin").get(changelist(model)).status_code == 200


@pytest.mark.parametrize("role", ["judge", "partner"])
def test_who_is_not_staff_does_not_get_in(role):
    assert signed_in(role).get("/admin/").status_code == 302


@pytest.mark.parametrize(
    "role, opens",
    [("moderator", False), ("admin", True), ("finance", True), ("super_admin", True)],
)
def test_the_audit_trail_opens_for_readers_of_the_audit(role, opens):
    client = signed_in(role)
    for name in ("auditrecord", "auditseal", "auditpersonal"):
        page = client.get(changelist(apps.get_model("governance", name)))
        assert page.status_code == (200 if opens else 403)


def test_nobody_adds_changes_or_deletes_history():
    client = signed_in("super_admin")
    for name in ("auditrecord", "auditseal", "policyversion", "proposalvote"):
        assert client.get(reverse(f"admin:governance_{name}_add")).status_code == 403
    record = apps.get_model("governance", "auditrecord").objects.latest("pk")
    page = reverse("admin:governance_auditrecord_change", args=[record.pk])
    assert client.get(page).status_code == 200
    assert client.post(page, {"reason": "x"}).status_code == 403
    delete = reverse("admin:governance_auditrecord_delete", args=[record.pk])
    assert client.post(delete, {"post": "yes"}).status_code == 403


POLICY_FORM = {
    "name": "stop",
    "level": "action",
    "is_enabled": "on",
    "document": '{"rules": [{"id": "r", "effect": "deny", "actions": ["a.b"], "explanation": "E."}]}',
    "reason": "incident",
    "versions-TOTAL_FORMS": "0",
    "versions-INITIAL_FORMS": "0",
}


def test_a_policy_saved_in_the_form_is_a_new_version():
    client = signed_in("super_admin")
    add = reverse("admin:governance_policy_add")
    assert client.post(add, {**POLICY_FORM, "version": "1"}).status_code == 302
    made = Policy.objects.get()
    change = reverse("admin:governance_policy_change", args=[made.pk])
    assert client.post(change, {**POLICY_FORM, "version": "1", "name": "halt"}).status_code == 302
    made.refresh_from_db()
    assert (made.name, made.version, PolicyVersion.objects.count()) == ("halt", 2, 2)
    stale = client.post(change, {**POLICY_FORM, "version": "1"}, follow=True)
    assert "VERSION_CONFLICT" in stale.content.decode()
    assert PolicyVersion.objects.count() == 2


def test_a_policy_with_a_bad_document_is_refused_beside_the_field():
    page = signed_in("super_admin").post(
        reverse("admin:governance_policy_add"), {**POLICY_FORM, "version": "1", "document": '{"rules": []}'}
    )
    assert page.status_code == 200
    assert "rules" in page.context["adminform"].form.errors["document"][0]
    assert not Policy.objects.exists()


def test_who_lacks_policy_write_reads_policies_only():
    made = policy("global", rule("deny", "a.b"))
    client = signed_in("admin")
    change = reverse("admin:governance_policy_change", args=[made.pk])
    assert client.get(change).status_code == 200
    assert client.post(change, {**POLICY_FORM, "version": "1"}).status_code == 403
    assert Policy.objects.get().version == 1


def test_approvals_are_decided_by_action_with_a_reason():
    recorder = Recorder()
    asked = approval_request(actor=actor_for(staff("admin")), action=recorder.action, payload={})
    client = signed_in("admin")
    client.post("/admin/step-up/", {"password": PASSWORD})
    page = changelist(type(asked))
    chosen = {"action": "approve", "_selected_action": [str(asked.pk)]}
    assert "Give a reason" in client.post(page, chosen, follow=True).content.decode()
    assert recorder.calls == []
    told = client.post(page, {**chosen, "reason": "fine"}, follow=True).content.decode()
    assert "Done: 1." in told
    refused = client.post(page, {**chosen, "reason": "again"}, follow=True).content.decode()
    assert "APPROVAL_NOT_PENDING" in refused
    assert len(recorder.calls) == 1
    recorder.close()


def test_roles_in_the_site_are_those_of_the_api():
    user = staff("finance", "judge")
    held = {name.removeprefix("governance.") for name in user.get_all_permissions()}
    assert held | {"self"} == role_scopes(user.pk)[1]


@pytest.mark.parametrize(("role", "status"), [("moderator", 403), ("admin", 403), ("super_admin", 302)])
def test_only_owners_empty_a_queue(role, status):
    client, page = signed_in(role), "/admin/django_rq/queues/0/"
    assert client.get(page).status_code == 200
    assert client.post(f"{page}empty/").status_code == status
    assert Client().post(f"{page}empty/").status_code == 403
