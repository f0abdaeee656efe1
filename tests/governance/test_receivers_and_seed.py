"""What governance does by itself: freezing on suspension, first rows."""

import pytest

from accounts.services import user_suspend
from governance.constants import IncidentSeverity
from governance.models import AuditRecord, FeatureFlag, Incident, Policy, PolicyVersion
from governance.selectors import role_scopes
from governance.services import incident_open
from governance.services.seed import DEMO_ROLES, seed, seed_demo
from ogc.actors import SYSTEM
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db


def test_the_wallet_of_a_suspended_user_is_frozen(drain):
    user = UserFactory()
    user_suspend(actor=SYSTEM, user_id=user.public_id, reason="fraud")
    drain()
    user.wallet.refresh_from_db()
    assert user.wallet.status == "frozen"


def test_seeding_twice_is_seeding_once(settings):
    owner = UserFactory(email="owner@example.org")
    settings.OGC_ADMIN_EMAIL = owner.email
    for email in DEMO_ROLES:
        UserFactory(email=email)
    for _ in range(2):
        seed(debug=True)
        seed_demo()
    assert role_scopes(owner.pk)[0] == {"user", "super_admin"}
    given = AuditRecord.objects.filter(action="roles.assigned").count()
    assert given == len(DEMO_ROLES) + 1
    assert (Policy.objects.count(), PolicyVersion.objects.count()) == (1, 1)
    assert not Policy.objects.get().is_enabled
    assert FeatureFlag.objects.count() == 2


def test_seeding_leaves_what_people_changed():
    seed(debug=False)
    FeatureFlag.objects.update(is_enabled=False)
    Policy.objects.update(is_enabled=True)
    seed(debug=False)
    assert not FeatureFlag.objects.filter(is_enabled=True).exists()
    assert Policy.objects.get().is_enabled


def test_denials_merge_into_the_open_incident_and_raise_it():
    user = UserFactory()
    first = incident_open(target_type="user", target_id=user.public_id)
    again = incident_open(
        target_type="user", target_id=user.public_id, severity=IncidentSeverity.HIGH, summary="denied"
    )
    last = incident_open(target_type="user", target_id=user.public_id, severity=IncidentSeverity.LOW)
    assert first == again == last
    incident = Incident.objects.get()
    assert (incident.severity, incident.summary, incident.status) == ("high", "denied", "open")
