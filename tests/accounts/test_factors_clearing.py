"""Staff take the second factors off an account."""

import pytest

from accounts.errors import StepUpRequired, TwoFactorNotOn
from accounts.models import Activity, Passkey, RecoveryCode, Session, TotpDevice
from accounts.services import factors_clear
from accounts.services.claims import actor_for
from governance.models import AuditRecord
from governance.services import role_assign
from ogc import clock
from ogc.actors import SYSTEM
from ogc.errors import CannotChangeSelf, NotFound, PermissionDenied, RoleTooHigh
from ogc.ids import uuid7
from ogc.models import DomainEvent
from tests.factories.accounts import UserFactory, login_as
from tests.factories.factors import totp_on
from tests.factories.passkeys import passkey_on

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb]


def staff(role="admin", *, stepped_up=True):
    user = UserFactory()
    if role:
        role_assign(actor=SYSTEM, user_id=user.public_id, role=role, reason="test")
    login_as(user)
    session = Session.objects.get(user=user)
    session.stepped_up_at = clock.now() if stepped_up else None
    session.save()
    return actor_for(user, session=session)


@pytest.fixture
def person(db):
    user = UserFactory()
    totp_on(user)
    passkey_on(user)
    return user


def untouched(user):
    user.refresh_from_db()
    return (
        user.two_factor
        and TotpDevice.objects.filter(user=user).count() == 1
        and not AuditRecord.objects.filter(action="users.factors_cleared").exists()
        and Session.objects.filter(user=user, ended_at=None).exists()
    )


def test_all_factors_go_sessions_end_and_the_person_is_told(person):
    factors_clear(actor=staff(), user_id=person.public_id, reason="lost the phone, called back")
    person.refresh_from_db()
    assert not person.two_factor
    counts = [model.objects.filter(user=person).count() for model in (TotpDevice, Passkey)]
    assert counts == [0, 0]
    assert not RecoveryCode.objects.filter(user=person, used_at=None).exists()
    assert not Session.objects.filter(user=person, ended_at=None).exists()
    line = Activity.objects.get(user=person, kind="factors_cleared")
    assert (line.ip, line.device, line.session) == (None, "", None)
    alert = DomainEvent.objects.filter(name="accounts.security_alert").latest("id")
    assert alert.payload["activity_id"] == line.public_id
    record = AuditRecord.objects.get(action="users.factors_cleared")
    assert (record.severity, record.target_id) == ("critical", person.public_id)
    with pytest.raises(TwoFactorNotOn):
        factors_clear(actor=staff(), user_id=person.public_id, reason="again")


@pytest.mark.parametrize(
    ("role", "stepped_up", "refusal"),
    [(None, True, PermissionDenied), ("finance", True, PermissionDenied), ("admin", False, StepUpRequired)],
)
def test_the_scope_and_a_step_up_are_needed(person, role, stepped_up, refusal):
    with pytest.raises(refusal):
        factors_clear(actor=staff(role, stepped_up=stepped_up), user_id=person.public_id, reason="x")
    assert untouched(person)


def test_nobody_clears_their_own_or_those_of_somebody_above(person):
    role_assign(actor=SYSTEM, user_id=person.public_id, role="super_admin", reason="test")
    with pytest.raises(RoleTooHigh):
        factors_clear(actor=staff(), user_id=person.public_id, reason="x")
    session = Session.objects.filter(user=person, ended_at=None).latest("id")
    session.stepped_up_at = clock.now()
    session.save()
    with pytest.raises(CannotChangeSelf):
        factors_clear(actor=actor_for(person, session=session), user_id=person.public_id, reason="x")
    assert untouched(person)


def test_nobody_is_not_found(db):
    with pytest.raises(NotFound):
        factors_clear(actor=staff(), user_id=uuid7(), reason="x")
