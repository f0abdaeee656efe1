"""The timeline when many things happen at once, on real connections."""

from collections import Counter

import pytest

from accounts.errors import InvalidCredentials
from accounts.models import Activity, MailToken, Session
from accounts.services import activity_deny, login
from accounts.services.claims import actor_for
from governance.models import AuditRecord
from ogc import context
from ogc.actors import ANONYMOUS
from ogc.context import RequestContext
from ogc.models import DomainEvent
from tests.accounts.test_concurrency import at_once
from tests.factories.accounts import PASSWORD, UserFactory, login_as
from tests.factories.activity import line_make

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]


def test_logins_at_once_from_a_new_device_are_told_once():
    user = UserFactory()
    login_as(user)

    def enter(number: int) -> str:
        context.enter(RequestContext(ip="203.0.113.9", user_agent="Mozilla/5.0 Firefox/128.0"))
        login(actor=ANONYMOUS, email=user.email, password=PASSWORD)
        return "in"

    assert Counter(at_once(6, enter)) == {"in": 6}
    kinds = Counter(Activity.objects.values_list("kind", flat=True))
    assert kinds == {"new_device": 1, "login": 5}
    assert DomainEvent.objects.filter(name="accounts.security_alert").count() == 1


def test_denials_at_once_of_one_line_are_one():
    user = UserFactory()
    login_as(user)
    line = line_make(user)
    actor = actor_for(user, session=Session.objects.get())
    answers = at_once(8, lambda _: activity_deny(actor=actor, activity_id=line.public_id))
    assert answers == [None] * 8
    assert Activity.objects.filter(kind="denied").count() == 1
    assert MailToken.objects.count() == 1
    assert AuditRecord.objects.filter(action="auth.activity_denied").count() == 1
    for name in ("activity_denied", "reset_requested"):
        assert DomainEvent.objects.filter(name=f"accounts.{name}").count() == 1
    user.wallet.refresh_from_db()
    assert user.wallet.status == "frozen"


def test_a_login_under_way_does_not_outlive_a_denial():
    user = UserFactory()
    login_as(user)
    line = line_make(user)
    actor = actor_for(user, session=Session.objects.get())

    def act(number: int) -> object:
        if number == 0:
            return activity_deny(actor=actor, activity_id=line.public_id)
        login(actor=ANONYMOUS, email=user.email, password=PASSWORD)
        return "in"

    answers = Counter(at_once(6, act))
    assert answers[None] == 1
    assert answers["in"] + answers[InvalidCredentials] == 5
    assert not Session.objects.filter(ended_at=None).exists()
