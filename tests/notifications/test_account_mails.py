"""What people are mailed about their account: tokens, changes, and what happened in it."""

import email
import email.policy

import pytest

from accounts import services
from accounts.constants import ActivityKind, MailPurpose
from accounts.models import Activity, MailToken
from accounts.selectors import mail_token_text
from accounts.services.activity import ALERTING, activity_record
from accounts.services.mail_tokens import mail_tokens_drop
from accounts.signals import activity_denied
from notifications.account_templates import EMAIL_CHANGE_ASKED, EMAIL_CHANGED
from notifications.alerts import ALERTS, address_masked
from notifications.models import Delivery, Notification, Preference
from ogc import context
from ogc.actors import ANONYMOUS
from ogc.db.transactions import run_in_transaction
from ogc.events import drain as drain_events
from ogc.ids import uuid7
from ogc.models import DomainEvent, EventConsumption
from tests.factories.accounts import PASSWORD, UserFactory, login_as

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb]

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
NEW = "grace@example.com"


@pytest.fixture
def by_mail(person, mail_folder, drain):
    """What was mailed since the last call, by address: {to: [message]}."""
    seen = set()

    def read():
        drain()
        found = {}
        for file in sorted(mail_folder.iterdir()) if mail_folder.exists() else []:
            if file not in seen:
                seen.add(file)
                message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
                found.setdefault(message["To"], []).append(message)
        return found

    return read


@pytest.fixture
def request_context():
    token = context.enter(context.RequestContext(ip="192.0.2.7", user_agent=FIREFOX))
    yield
    context.leave(token)


def text(message):
    return message.get_body(("plain",)).get_content()


def caller(user):
    from accounts.authentication import actor_of_header

    return actor_of_header(f"Bearer {login_as(user).access}")


def record(user, kind, **details):
    return run_in_transaction(lambda: activity_record(user, kind, **details))


def stored():
    models = (Delivery, Notification, DomainEvent, EventConsumption)
    return str([list(model.objects.values()) for model in models])


def change_token():
    return MailToken.objects.filter(purpose=MailPurpose.CHANGE_EMAIL).latest("id")


def denial_token(line):
    return mail_token_text(MailToken.objects.get(activity=line).public_id)


def ask_change(user, new_email=NEW):
    services.email_change_ask(actor=caller(user), new_email=new_email, password=PASSWORD)
    return change_token()


def test_the_reset_mail_has_link_and_token_on_lines_of_their_own(person, by_mail, settings):
    services.password_forgotten(actor=ANONYMOUS, email=person.email)
    ((to, (mail,)),) = by_mail().items()
    row = MailToken.objects.get(purpose=MailPurpose.RESET_PASSWORD)
    token = mail_token_text(row.public_id)
    assert (to, mail["Subject"]) == ("ada@example.org", "Choose a new password")
    lines = text(mail).splitlines()
    assert f"Token: {token}" in lines
    assert f"{settings.PUBLIC_URL}/reset-password?token={token}" in lines
    assert Delivery.objects.get().context == {"mail_token_id": row.public_id}
    assert token.partition(".")[2] not in stored()
    assert Notification.objects.count() == 0


@pytest.mark.parametrize("state", [{"status": "suspended"}, {"status": "closed"}])
def test_no_token_is_mailed_to_accounts_that_were_shut_meanwhile(person, by_mail, state):
    services.password_forgotten(actor=ANONYMOUS, email=person.email)
    drain_events()
    type(person).objects.filter(pk=person.pk).update(**state)
    assert by_mail() == {}
    assert Delivery.objects.get().status == "dead"


def test_a_token_that_was_used_up_is_not_mailed(person, by_mail):
    services.password_forgotten(actor=ANONYMOUS, email=person.email)
    drain_events()
    mail_tokens_drop(person.pk, MailPurpose.RESET_PASSWORD)
    assert by_mail() == {}
    assert Delivery.objects.get().last_error == "RecipientGone: token used or expired"


def test_a_change_of_address_mails_the_new_one_and_tells_the_old_one(person, by_mail, settings):
    row = ask_change(person)
    mails = by_mail()
    token = mail_token_text(row.public_id)
    assert sorted(mails) == ["ada@example.org", NEW]
    (confirm,), (notice,) = mails[NEW], mails["ada@example.org"]
    assert confirm["Subject"] == "Confirm your new e-mail address"
    assert f"Token: {token}" in text(confirm).splitlines()
    assert f"{settings.PUBLIC_URL}/confirm-email?token={token}" in text(confirm).splitlines()
    assert notice["Subject"] == "A change of your e-mail address was asked for"
    assert "g…@example.com" in text(notice)
    assert token not in text(notice)
    assert NEW not in text(notice)


def test_the_old_address_is_told_of_the_change_although_it_is_the_old_one(person, by_mail):
    actor = caller(person)
    services.email_change_ask(actor=actor, new_email=NEW, password=PASSWORD)
    # The notice of the question is rendered only after the change: it still goes to the old address.
    services.email_change_confirm(actor=actor, token=mail_token_text(change_token().public_id))
    mails = by_mail()
    assert sorted(mails) == ["ada@example.org"]
    assert [mail["Subject"] for mail in mails["ada@example.org"]] == [
        "A change of your e-mail address was asked for",
        "Your e-mail address was changed",
    ]
    titles = Notification.objects.order_by("id").values_list("title", flat=True)
    assert list(titles) == [mail["Subject"] for mail in mails["ada@example.org"]]


def test_no_address_and_no_token_is_in_deliveries_notifications_or_events(person, by_mail):
    actor = caller(person)
    services.email_change_ask(actor=actor, new_email=NEW, password=PASSWORD)
    token = mail_token_text(change_token().public_id)
    by_mail()
    services.email_change_confirm(actor=actor, token=token)
    by_mail()
    denials = [denial_token(line) for line in Activity.objects.filter(mail_token__isnull=False)]
    assert len(denials) == 2
    for secret in (NEW, "ada@example.org", *(text.partition(".")[2] for text in (token, *denials))):
        assert secret not in stored()
    line = Activity.objects.get(kind=ActivityKind.EMAIL_CHANGED)
    contexts = dict(Delivery.objects.filter(channel="email").values_list("template__name", "context"))
    assert contexts[EMAIL_CHANGED] == {"activity_id": line.public_id}
    assert list(contexts[EMAIL_CHANGE_ASKED]) == ["activity_id"]


def test_the_holder_of_a_taken_address_hears_of_it_and_no_token_goes_out(person, by_mail):
    UserFactory(email="taken@example.org", name="Bob")
    UserFactory(email="out@example.org", suspended=True)
    ask_change(person, "taken@example.org")
    mails = by_mail()
    assert sorted(mails) == ["ada@example.org", "taken@example.org"]
    (notice,) = mails["taken@example.org"]
    assert notice["Subject"] == "Your address was named for another account"
    assert "Token" not in text(notice)
    assert "ada@example.org" not in text(notice)
    ask_change(person, "out@example.org")
    assert sorted(by_mail()) == ["ada@example.org"]


def test_every_line_that_alerts_has_its_words():
    own_mails = {ActivityKind.EMAIL_CHANGE_ASKED, ActivityKind.EMAIL_CHANGED}
    assert set(ALERTS) == ALERTING - own_mails


@pytest.mark.parametrize("kind", sorted(ALERTS))
def test_each_alert_says_what_when_where_and_what_to_do(person, by_mail, settings, request_context, kind):
    line = record(person, ActivityKind(kind), address="0x52908400098527886E0F7030069857D2E4169EE7")
    ((to, (mail,)),) = by_mail().items()
    body = text(mail)
    assert to == "ada@example.org"
    assert f"When: {line.created_at:%d %B %Y, %H:%M} UTC" in body
    # Of what staff did, the line keeps neither.
    by_staff = kind == ActivityKind.FACTORS_CLEARED
    assert ("Device: Firefox on Linux" in body) is not by_staff
    assert ("IP address: 192.0.2.7" in body) is not by_staff
    assert f"{settings.PUBLIC_URL}/account/activity?line={line.public_id}" in body.splitlines()
    assert f"{settings.PUBLIC_URL}/forgot-password" in body.splitlines()
    if kind == ActivityKind.LOCKED:
        assert "Token" not in body
    else:
        token = denial_token(line)
        assert f"Token: {token}" in body.splitlines()
        assert f"{settings.PUBLIC_URL}/not-me?token={token}" in body.splitlines()
        assert token.partition(".")[2] not in stored()
    assert ("192.0.2.7" in mail.get_body(("html",)).get_content()) is not by_staff
    row = Notification.objects.get()
    assert (row.type, row.title, row.data) == ("security", mail["Subject"], {"activity_id": line.public_id})
    assert "{" not in body + row.title + row.message
    assert "192.0.2.7" not in stored()
    assert "0x5290" not in stored()


@pytest.mark.parametrize("kind", [ActivityKind.EMAIL_CHANGE_ASKED, ActivityKind.EMAIL_CHANGED])
def test_the_notices_to_the_old_address_carry_the_token_that_denies(person, by_mail, settings, kind):
    actor = caller(person)
    services.email_change_ask(actor=actor, new_email=NEW, password=PASSWORD)
    services.email_change_confirm(actor=actor, token=mail_token_text(change_token().public_id))
    token = denial_token(Activity.objects.get(kind=kind))
    mails = by_mail()["ada@example.org"]
    assert [f"Token: {token}" in text(mail).splitlines() for mail in mails].count(True) == 1
    assert sum(f"{settings.PUBLIC_URL}/not-me?token={token}" in text(mail) for mail in mails) == 1


def test_what_happened_is_told_to_the_address_of_that_moment(person, by_mail):
    record(person, ActivityKind.NEW_DEVICE)
    type(person).objects.filter(pk=person.pk).update(email=NEW)
    assert sorted(by_mail()) == ["ada@example.org"]


@pytest.mark.parametrize("state", ["used", "over", "suspended", "unproved"])
def test_alerts_go_out_without_a_token_that_would_not_work(person, by_mail, later, state):
    if state == "unproved":
        type(person).objects.filter(pk=person.pk).update(email_verified_at=None)
        person.refresh_from_db()
    record(person, ActivityKind.PASSWORD_CHANGED)
    drain_events()
    if state == "used":
        mail_tokens_drop(person.pk, MailPurpose.DENY_ACTIVITY)
    elif state == "over":
        later(days=7, seconds=1)
    elif state == "suspended":
        type(person).objects.filter(pk=person.pk).update(status="suspended")
    ((to, (mail,)),) = by_mail().items()
    assert (to, mail["Subject"]) == ("ada@example.org", "Password changed")
    assert "Token" not in text(mail)
    assert "not-me" not in mail.get_body(("html",)).get_content()


def test_a_new_login_is_told_with_its_device(person, by_mail, request_context):
    record(person, ActivityKind.NEW_DEVICE)
    assert [mail["Subject"] for mail in by_mail()["ada@example.org"]] == ["New login from Firefox on Linux"]


def test_what_is_not_known_is_left_out(person, by_mail):
    record(person, ActivityKind.NEW_DEVICE)
    (mail,) = by_mail()["ada@example.org"]
    assert mail["Subject"] == "New login from an unknown device"
    assert "Device:" not in text(mail)
    assert "IP address:" not in text(mail)


def test_alerts_can_not_be_turned_off_and_come_once(person, by_mail):
    Preference.objects.create(user=person, channels={"security": {"email": False, "in_app": False}})
    record(person, ActivityKind.PASSWORD_CHANGED)
    drain_events()
    EventConsumption.objects.all().delete()
    DomainEvent.objects.update(dispatched_at=None)
    assert len(by_mail()["ada@example.org"]) == 1
    assert Notification.objects.count() == 1
    assert Delivery.objects.count() == 2


def test_an_erased_line_is_not_mailed(person, by_mail):
    line = record(person, ActivityKind.PASSWORD_CHANGED)
    drain_events()
    Activity.objects.filter(pk=line.pk).delete()
    assert by_mail() == {}
    assert Delivery.objects.get(channel="email").last_error == "RecipientGone: NOT_FOUND"


@pytest.mark.parametrize(
    "address, shown", [("ada@example.org", "a…@example.org"), ("a@b.org", "a…@b.org"), ("", "…@")]
)
def test_addresses_are_masked(address, shown):
    assert address_masked(address) == shown


@pytest.fixture
def moderators(person):
    from django.contrib.auth.models import Group

    people = [UserFactory(is_staff=True, email=f"staff{number}@example.org") for number in range(3)]
    for one in people:
        one.groups.add(Group.objects.get(name="moderator"), Group.objects.get(name="admin"))
    finance = UserFactory(is_staff=True, email="finance@example.org")
    finance.groups.add(Group.objects.get(name="finance"))
    return people


@pytest.mark.parametrize("chunk", [1, 2, 3, 50])
def test_a_denial_is_told_to_its_person_and_to_the_staff_who_decide(
    person, moderators, by_mail, monkeypatch, chunk
):
    monkeypatch.setattr("notifications.services.staff.STAFF_CHUNK_PEOPLE", chunk)
    out = moderators.pop()
    type(out).objects.filter(pk=out.pk).update(status="suspended")
    line_id = uuid7()
    run_in_transaction(
        lambda: activity_denied.emit(user_id=person.public_id, activity_id=line_id, kind="new_device")
    )
    mails = by_mail()
    assert sorted(mails) == ["ada@example.org", "staff0@example.org", "staff1@example.org"]
    assert [mail["Subject"] for mail in mails["ada@example.org"]] == ["We secured your account"]
    for to in ("staff0@example.org", "staff1@example.org"):
        (mail,) = mails[to]
        assert mail["Subject"] == "Somebody said “this wasn't me”"
        assert f"user {person.public_id} denied a line of their security timeline: new device." in text(mail)
    assert Notification.objects.filter(type="governance").count() == 2


def test_staff_choose_their_channels_and_are_not_told_of_themselves(person, moderators, by_mail):
    first, second, third = moderators
    Preference.objects.create(user=first, channels={"governance": {"email": False}})
    run_in_transaction(
        lambda: activity_denied.emit(user_id=second.public_id, activity_id=uuid7(), kind="login")
    )
    mails = by_mail()
    assert sorted(mails) == [second.email, third.email]
    assert [mail["Subject"] for mail in mails[second.email]] == ["We secured your account"]
    told = Notification.objects.filter(type="governance").values_list("user", flat=True)
    assert sorted(told) == [first.pk, third.pk]


def test_a_name_is_no_link_in_a_mail_to_an_address_that_nobody_proved(by_mail):
    services.user_register(
        actor=ANONYMOUS, email=NEW, password=PASSWORD, name="you won, go to https://evil.example/x"
    )
    (message,) = by_mail()[NEW]
    bodies = [message.get_body((kind,)).get_content() for kind in ("plain", "html")]
    for body in bodies:
        assert "you won, go to https:// evil. example/x" in body
        assert "evil.example" not in body
