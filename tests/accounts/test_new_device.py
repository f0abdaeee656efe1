"""Logins from devices and networks that were not seen before."""

from datetime import timedelta

import pytest

from accounts.constants import ActivityKind, LoginMethod, TokenTransport
from accounts.devices import device_name, network_of
from accounts.locks import user_lock
from accounts.models import Activity, Session
from accounts.rules import login_news
from accounts.services import login, retention
from accounts.services.login import login_complete
from ogc import clock, context
from ogc.actors import ANONYMOUS
from ogc.context import RequestContext
from ogc.db.transactions import transactional
from ogc.models import DomainEvent
from tests.factories.accounts import PASSWORD, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb]

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
SAFARI = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 Safari/605.1.15"
)
HOME, NEXT_DOOR, AWAY = "192.0.2.7", "192.0.2.200", "203.0.113.9"


@transactional
def enter_by(user, transport, **ways):
    login_complete(user_lock(user.pk), transport, **ways)


@pytest.fixture
def enter():
    """Logs in from somewhere and gives the kinds of the lines that this wrote."""

    def run(user, user_agent=FIREFOX, ip=HOME, **ways):
        known = set(Activity.objects.values_list("pk", flat=True))
        token = context.enter(
            RequestContext(request_id="r", correlation_id="r", ip=ip, user_agent=user_agent)
        )
        try:
            if ways:
                enter_by(user, **({"transport": TokenTransport.BODY} | ways))
            else:
                login(actor=ANONYMOUS, email=user.email, password=PASSWORD)
        finally:
            context.leave(token)
        return list(Activity.objects.exclude(pk__in=known).values_list("kind", flat=True))

    return run


def alerts():
    return DomainEvent.objects.filter(name="accounts.security_alert").count()


def test_the_first_login_and_the_same_device_again_alert_nobody(enter):
    user = UserFactory()
    assert enter(user) == ["login"]
    assert enter(user, ip=NEXT_DOOR) == ["login"]
    assert alerts() == 0


@pytest.mark.parametrize(
    ("seen", "new"),
    [
        ({"user_agent": SAFARI}, ["device"]),
        ({"ip": AWAY}, ["network"]),
        ({"user_agent": SAFARI, "ip": AWAY}, ["device", "network"]),
        ({"user_agent": ""}, ["device"]),
    ],
)
def test_what_was_not_seen_before_is_told_once(enter, seen, new):
    user = UserFactory()
    enter(user)
    assert enter(user, **seen) == ["new_device"]
    line = Activity.objects.get(kind="new_device")
    assert line.details == {"method": "password", "new": new}
    assert line.session == Session.objects.latest("id")
    event = DomainEvent.objects.get(name="accounts.security_alert")
    assert event.payload == {
        "user_id": user.public_id,
        "activity_id": line.public_id,
        "kind": "new_device",
    }
    assert enter(user, **seen) == ["login"]
    assert alerts() == 1


def test_a_login_without_an_address_brings_no_new_network(enter):
    user = UserFactory()
    enter(user)
    assert enter(user, ip="") == ["login"]


@pytest.mark.parametrize(
    "way",
    [
        {"method": LoginMethod.PASSKEY, "with_factor": True},
        {"method": LoginMethod.WALLET},
        {"transport": TokenTransport.ADMIN},
    ],
)
def test_all_ways_to_log_in_tell(enter, way):
    user = UserFactory()
    assert enter(user, **way) == ["login"]
    assert enter(user, SAFARI, **way) == ["new_device"]
    assert enter(user, SAFARI) == ["login"]


def test_what_others_use_is_new_to_me(enter):
    enter(UserFactory(), SAFARI, AWAY)
    user = UserFactory()
    enter(user)
    assert enter(user, SAFARI) == ["new_device"]


def test_what_was_denied_stays_new(enter):
    user = UserFactory()
    enter(user)
    enter(user, ip=AWAY)
    Activity.objects.filter(kind="new_device").update(denied_at=clock.now())
    assert enter(user, ip=AWAY) == ["new_device"]
    assert enter(user) == ["login"]


def test_a_device_is_forgotten_after_90_days_and_a_sleeping_account_is_watched(enter, later):
    user = UserFactory()
    enter(user)
    later(days=89)
    enter(user, SAFARI, AWAY)
    later(days=2)
    assert enter(user) == ["new_device"]
    later(days=200)
    retention.rows_purge()
    assert enter(user) == ["new_device"]


def test_recognition_costs_one_query(enter, django_assert_num_queries):
    user = UserFactory()
    for _ in range(3):
        enter(user)
    from accounts.selectors import news_of_login

    with django_assert_num_queries(1):
        assert news_of_login(user, "Firefox on Linux", "192.0.2.0/24") == []


def test_news():
    known = {("a", "n"), ("b", "m")}
    assert login_news("a", "m", known) == []
    assert login_news("c", "n", known) == ["device"]
    assert login_news("a", "o", known) == ["network"]
    assert login_news("", "", set()) == ["device"]


def test_a_lock_is_a_line_and_is_mailed_once_a_day(settings, monkeypatch, later, drain):
    from accounts.errors import InvalidCredentials

    settings.RATE_LOGIN_ACCOUNT = "1/1s"
    start, moved = clock.real_now(), timedelta(0)
    monkeypatch.setattr(clock, "real_now", lambda: start + moved)
    user = UserFactory()
    for count in range(1, 4):
        with pytest.raises(InvalidCredentials):
            login(actor=ANONYMOUS, email=user.email, password="wrong wrong wrong")
        drain()
        moved += timedelta(hours=2)
        assert Activity.objects.filter(user=user, kind=ActivityKind.LOCKED).count() == count
    assert alerts() == 1
    later(hours=25)
    with pytest.raises(InvalidCredentials):
        login(actor=ANONYMOUS, email=user.email, password="wrong wrong wrong")
    drain()
    assert alerts() == 2


def test_a_lock_of_an_address_only_is_nobodys_line(settings):
    from accounts.errors import InvalidCredentials

    settings.RATE_LOGIN_ACCOUNT, settings.RATE_LOGIN_IP = "5/5m", "1/5m"
    user = UserFactory()
    token = context.enter(RequestContext(request_id="r", correlation_id="r", ip=HOME, user_agent=""))
    try:
        with pytest.raises(InvalidCredentials):
            login(actor=ANONYMOUS, email=user.email, password="wrong wrong wrong")
    finally:
        context.leave(token)
    assert not Activity.objects.exists()


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Look: https://evil.example/login/1.0 CFNetwork/1.0 Darwin/20", "iOS"),
        ("Go to evil.example now/1 CFNetwork/2", ""),
        ("<b>x</b>/1.0 CFNetwork/1.0", ""),
        (f"{'call us at once please ' * 3}/1.0 CFNetwork/1.0", ""),
        (FIREFOX, "Firefox on Linux"),
    ],
)
def test_a_header_puts_no_text_of_a_stranger_into_our_mails(header, name):
    assert device_name(header) == name


def test_ipv4_addresses_are_told_apart_however_they_are_written():
    assert network_of("::ffff:192.0.2.7") == network_of("192.0.2.7") == "192.0.2.0/24"
