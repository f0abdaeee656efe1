"""What one person asks for, a second one lets happen, once, as it was asked."""

import json
from datetime import timedelta

import pytest

from accounts.services import user_suspend
from accounts.services.claims import actor_for
from governance.errors import (
    ApprovalChanged,
    ApprovalExpired,
    ApprovalNotPending,
    ApprovalRequesterLost,
)
from governance.models import Approval, AuditRecord
from governance.services import approval_approve, approval_reject, approval_request, role_remove
from governance.services.approvals import approvals_expire
from ogc import clock
from ogc.actors import SYSTEM
from ogc.errors import CannotChangeSelf, NotAuthenticated, NotFound, PermissionDenied, SecondPersonRequired
from ogc.errors import ValidationFailed as Refusal
from ogc.ids import uuid7
from tests.factories.accounts import UserFactory, stepped_up
from tests.factories.governance import Recorder, staff

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb]


@pytest.fixture
def recorder():
    made = Recorder()
    yield made
    made.close()


@pytest.fixture
def asked(recorder):
    requester = staff("admin")
    return approval_request(
        actor=actor_for(requester), action=recorder.action, payload={"amount": 5}, reason="earned"
    )


def test_approving_carries_out_once_with_the_payload_as_asked(recorder, asked):
    approver = staff("admin")
    decided = approval_approve(actor=stepped_up(approver), approval_id=asked.public_id, reason="fine")
    assert (decided.status, decided.result, decided.decided_by) == ("approved", {"done": 1}, approver)
    [call] = recorder.calls
    assert (call.payload, call.reason) == ({"amount": 5}, "earned")
    assert call.requester.user_id == asked.requester.public_id
    assert call.approver.user_id == approver.public_id
    requested, approved = AuditRecord.objects.filter(target_id=asked.public_id).order_by("id")
    assert (requested.action, approved.action) == ("approvals.requested", "approvals.approved")
    assert json.loads(approved.before) == {"status": "pending"}
    assert json.loads(approved.after)["status"] == "approved"


def test_asking_does_nothing_yet(recorder, asked):
    assert recorder.calls == []
    assert asked.expires_at - asked.created_at == timedelta(hours=72)


def test_a_second_decision_is_refused(recorder, asked):
    approver = stepped_up(staff("admin"))
    approval_approve(actor=approver, approval_id=asked.public_id)
    for decide in (approval_approve, approval_reject):
        with pytest.raises(ApprovalNotPending):
            decide(actor=approver, approval_id=asked.public_id)
    assert len(recorder.calls) == 1


def test_a_rejected_one_never_happens(recorder, asked):
    approver = stepped_up(staff("admin"))
    assert approval_reject(actor=approver, approval_id=asked.public_id, reason="no").status == "rejected"
    with pytest.raises(ApprovalNotPending):
        approval_approve(actor=approver, approval_id=asked.public_id)
    assert recorder.calls == []


def test_nobody_decides_their_own(recorder, asked):
    for decide in (approval_approve, approval_reject):
        with pytest.raises(SecondPersonRequired):
            decide(actor=actor_for(asked.requester), approval_id=asked.public_id)
    asked.refresh_from_db()
    assert (asked.status, recorder.calls) == ("pending", [])


def test_the_person_whom_it_is_about_does_not_approve(recorder):
    approver = staff("admin")
    asked = approval_request(
        actor=actor_for(staff("admin")),
        action=recorder.action,
        payload={"user_id": approver.public_id},
    )
    with pytest.raises(CannotChangeSelf):
        approval_approve(actor=stepped_up(approver), approval_id=asked.public_id)
    assert recorder.calls == []


def test_after_72_hours_it_is_void(recorder, asked):
    approver = stepped_up(staff("admin"))
    clock.apply_offset(timedelta(hours=72, seconds=1))
    for decide in (approval_approve, approval_reject):
        with pytest.raises(ApprovalExpired):
            decide(actor=approver, approval_id=asked.public_id)
    assert approvals_expire() == 1
    asked.refresh_from_db()
    assert asked.status == "expired"
    with pytest.raises(ApprovalExpired):
        approval_approve(actor=approver, approval_id=asked.public_id)
    assert recorder.calls == []


def test_before_72_hours_it_holds(recorder, asked):
    clock.apply_offset(timedelta(hours=71, minutes=59))
    approver = stepped_up(staff("admin"))
    assert approvals_expire() == 0
    approval_approve(actor=approver, approval_id=asked.public_id)
    assert len(recorder.calls) == 1


def test_a_changed_payload_is_refused(recorder, asked):
    Approval.objects.filter(pk=asked.pk).update(payload={"amount": 500})
    with pytest.raises(ApprovalChanged):
        approval_approve(actor=stepped_up(staff("admin")), approval_id=asked.public_id)
    assert recorder.calls == []


@pytest.mark.parametrize("role", ["moderator", "finance", "judge", "partner"])
def test_the_approver_holds_the_scope_of_the_action(recorder, asked, role):
    with pytest.raises(PermissionDenied) as refused:
        approval_approve(actor=stepped_up(staff(role)), approval_id=asked.public_id)
    assert refused.value.details["scope"] == "reward.write"
    assert recorder.calls == []


def test_a_requester_who_lost_the_scope_is_checked_again(recorder, asked):
    role_remove(actor=SYSTEM, user_id=asked.requester.public_id, role="admin")
    with pytest.raises(ApprovalRequesterLost):
        approval_approve(actor=stepped_up(staff("admin")), approval_id=asked.public_id)
    assert recorder.calls == []


def test_a_requester_who_was_suspended_is_checked_again(recorder, asked):
    owner = stepped_up(staff("super_admin"))
    user_suspend(actor=owner, user_id=asked.requester.public_id, reason="fraud")
    with pytest.raises(ApprovalRequesterLost):
        approval_approve(actor=owner, approval_id=asked.public_id)
    assert recorder.calls == []


def test_a_refusal_of_the_action_leaves_it_open(recorder, asked):
    approver = stepped_up(staff("admin"))
    recorder.refusal = Refusal({"amount": [("low", "Too low.")]})
    records = AuditRecord.objects.count()
    with pytest.raises(Refusal):
        approval_approve(actor=approver, approval_id=asked.public_id)
    asked.refresh_from_db()
    assert (asked.status, asked.result, AuditRecord.objects.count()) == ("pending", None, records)
    recorder.refusal = None
    assert approval_approve(actor=approver, approval_id=asked.public_id).status == "approved"


def test_only_people_with_the_scope_ask(recorder):
    with pytest.raises(NotAuthenticated):
        approval_request(actor=SYSTEM, action=recorder.action, payload={})
    with pytest.raises(PermissionDenied):
        approval_request(actor=actor_for(UserFactory()), action=recorder.action, payload={})
    assert Approval.objects.count() == 0


def test_an_unknown_one_is_not_found():
    with pytest.raises(NotFound):
        approval_approve(actor=stepped_up(staff("admin")), approval_id=uuid7())
