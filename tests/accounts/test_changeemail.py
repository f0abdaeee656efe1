"""Another address given to an account at the machine."""

import pytest
from django.core.management import CommandError, call_command

from accounts.constants import ActivityKind
from accounts.models import Activity, MailToken, Session
from accounts.services import activity_deny, email_change_ask, email_replace
from accounts.services.activity import activity_record
from accounts.services.mail_requests import password_forgotten
from governance.models import AuditRecord
from ogc.actors import ANONYMOUS
from ogc.db.transactions import run_in_transaction
from ogc.errors import PermissionDenied
from tests.factories.accounts import PASSWORD, UserFactory, login_as, stepped_up
from tests.factories.governance import actor_with

pytestmark = pytest.mark.django_db

NEW = "owner@example.org"


def change(user, new=NEW, **options):
    call_command("changeemail", user, new, reason="showed a passport", **options)


def test_the_owner_gets_in_at_the_new_address_and_the_old_one_has_no_way_back(drain):
    user = UserFactory()
    stepped_up(user)
    email_change_ask(actor=stepped_up(user), new_email="other@example.org", password=PASSWORD)
    old = user.email
    change(old.upper())
    drain()
    user.refresh_from_db()
    assert (user.email, user.email_verified) == (NEW, True)
    assert not Session.objects.filter(ended_at=None).exists()
    assert not MailToken.objects.filter(user=user, used_at=None).exists()
    line = Activity.objects.get(kind=ActivityKind.EMAIL_CHANGED)
    assert (line.details["old_email"], line.ip, line.device) == (old, None, "")
    record = AuditRecord.objects.get(action="auth.email_replaced")
    assert (record.target_id, record.reason, record.severity) == (
        user.public_id,
        "showed a passport",
        "critical",
    )
    password_forgotten(actor=ANONYMOUS, email=NEW)
    drain()
    assert MailToken.objects.filter(user=user, used_at=None, purpose="reset_password").count() == 1


def test_it_helps_where_a_denial_could_not_give_the_address_back(drain):
    user = UserFactory(email="stranger@example.org")
    UserFactory(email="lost@example.org")
    login_as(user)
    details = {"old_email": "lost@example.org", "old_proved": True, "new_email": user.email}
    line = run_in_transaction(lambda: activity_record(user, ActivityKind.EMAIL_CHANGED, **details))
    activity_deny(actor=stepped_up(user), activity_id=line.public_id)
    change(user.public_id)
    password_forgotten(actor=ANONYMOUS, email=NEW)
    drain()
    assert MailToken.objects.filter(user=user, used_at=None, purpose="reset_password").count() == 1


def test_what_can_not_be_done_changes_nothing():
    user, other = UserFactory(), UserFactory()
    login_as(user)
    for new, problem in (
        (other.email, "AUTH_EMAIL_IN_USE"),
        (user.email, "AUTH_EMAIL_IN_USE"),
        ("no", "valid"),
    ):
        with pytest.raises(CommandError, match=problem):
            change(user.email, new)
    with pytest.raises(CommandError, match="Nobody"):
        change("nobody@example.org")
    change(user.email, dry_run=True)
    before = user.email
    user.refresh_from_db()
    assert user.email == before
    assert Session.objects.filter(ended_at=None).count() == 1
    assert not Activity.objects.filter(kind=ActivityKind.EMAIL_CHANGED).exists()


def test_only_operators_do_it():
    user = UserFactory()
    with pytest.raises(PermissionDenied):
        email_replace(actor=actor_with("super_admin"), user_id=user.public_id, new_email=NEW, reason="x")
