"""What a denial takes back, and what it leaves."""

import pytest

from accounts import ports
from accounts.constants import ActivityKind
from accounts.errors import ActivityNotDeniable
from accounts.models import Activity, MailToken, Passkey, RecoveryCode, Session, TotpDevice, User
from accounts.selectors import mail_token_text
from accounts.services import activity_deny
from accounts.services.activity import activity_record
from accounts.services.claims import actor_for
from accounts.services.email_change import email_change_ask, email_change_confirm
from accounts.services.factors import factors_delete
from accounts.services.mail_requests import password_forgotten
from ogc.actors import ANONYMOUS
from ogc.db.transactions import run_in_transaction
from tests.factories.accounts import PASSWORD, UserFactory, login_as
from tests.factories.activity import line_make
from tests.factories.factors import totp_on
from tests.factories.passkeys import passkey_on

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb]

ADDRESS = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"


@pytest.fixture
def me(db):
    return UserFactory(email="old@example.org")


def record(user, kind, **details):
    return run_in_transaction(lambda: activity_record(user, kind, **details))


def deny(user, line):
    login_as(user)
    actor = actor_for(user, session=Session.objects.filter(user=user).latest("id"))
    activity_deny(actor=actor, activity_id=line.public_id)
    user.refresh_from_db()
    return Activity.objects.filter(user=user, kind="denied").latest("id").details["undone"]


def resets():
    return MailToken.objects.filter(purpose="reset_password", used_at=None).count()


def test_an_authenticator_app_goes_with_its_recovery_codes(me):
    totp_on(me)
    line = record(me, ActivityKind.TOTP_ADDED)
    assert deny(me, line) == ["totp_added"]
    assert not TotpDevice.objects.exists()
    assert not RecoveryCode.objects.filter(used_at=None).exists()
    assert not me.two_factor
    assert Activity.objects.filter(kind="totp_removed").count() == 1
    assert resets() == 1


def test_what_a_denial_removed_can_not_be_denied_in_turn(me, drain):
    totp_on(me)
    _, passkey = passkey_on(me)
    me.wallet.address = ADDRESS
    me.wallet.save()
    added = Activity.objects.get(kind="passkey_added", details__passkey_id=passkey.public_id)
    for line in (
        record(me, ActivityKind.TOTP_ADDED),
        added,
        record(me, ActivityKind.ADDRESS_LINKED, address=ADDRESS),
    ):
        deny(me, line)
    removed = Activity.objects.filter(kind__in=["totp_removed", "passkey_removed", "address_unlinked"])
    assert [line.details["by"] for line in removed] == ["platform"] * 3
    assert not MailToken.objects.filter(activity__in=removed).exists()
    ended = Activity.objects.filter(kind="denied").count()
    for line in removed:
        with pytest.raises(ActivityNotDeniable):
            deny(me, line)
    assert Activity.objects.filter(kind="denied").count() == ended
    assert ports.address_owner(ADDRESS) is None
    assert [rows.objects.count() for rows in (TotpDevice, Passkey)] == [0, 0]


def test_what_somebody_removed_can_be_denied_and_does_not_come_back(me):
    line = record(me, ActivityKind.TOTP_REMOVED)
    assert deny(me, line) == []
    assert (me.two_factor, me.has_usable_password(), resets()) == (False, False, 1)


def test_what_staff_cleared_stays_cleared_though_it_is_denied(me):
    totp_on(me)
    run_in_transaction(lambda: factors_delete(me))
    line = record(me, ActivityKind.FACTORS_CLEARED)
    assert deny(me, line) == []
    assert not TotpDevice.objects.exists()
    assert (me.two_factor, me.has_usable_password(), resets()) == (False, False, 1)


def test_an_app_that_came_later_stays(me, later):
    line = record(me, ActivityKind.TOTP_ADDED)
    later(hours=1)
    totp_on(me)
    assert deny(me, line) == []
    assert TotpDevice.objects.count() == 1
    assert me.two_factor


def test_a_passkey_goes_and_others_stay(me):
    _, mine = passkey_on(me)
    _, theirs = passkey_on(me)
    line = Activity.objects.get(kind="passkey_added", details__passkey_id=theirs.public_id)
    assert deny(me, line) == ["passkey_added"]
    assert list(Passkey.objects.all()) == [mine]
    assert not RecoveryCode.objects.filter(used_at=None).exists()
    assert me.two_factor


def test_somebody_elses_passkey_is_out_of_reach(me):
    _, other = passkey_on(UserFactory())
    line = record(me, ActivityKind.PASSKEY_ADDED, passkey_id=other.public_id)
    assert deny(me, line) == []
    assert Passkey.objects.count() == 1


def test_new_recovery_codes_are_void(me):
    totp_on(me)
    line = record(me, ActivityKind.RECOVERY_CODES_MADE)
    assert deny(me, line) == ["recovery_codes_made"]
    assert not RecoveryCode.objects.filter(used_at=None).exists()
    assert TotpDevice.objects.count() == 1


def test_a_linked_address_goes_unless_it_is_another_by_now(me):
    me.wallet.address = ADDRESS
    me.wallet.save()
    other = record(me, ActivityKind.ADDRESS_LINKED, address="0x" + "1" * 40)
    assert deny(me, other) == []
    assert ports.address_owner(ADDRESS) == me.pk
    line = record(me, ActivityKind.ADDRESS_LINKED, address=ADDRESS)
    assert deny(me, line) == ["address_linked"]
    assert ports.address_owner(ADDRESS) is None


def changed(user, old, new):
    user.email = new
    user.save()
    return record(user, ActivityKind.EMAIL_CHANGED, old_email=old, old_proved=True, new_email=new)


def test_a_changed_address_goes_back_and_the_reset_goes_there(me):
    line = changed(me, "old@example.org", "new@example.org")
    assert deny(me, line) == ["email_changed"]
    assert me.email == "old@example.org"
    assert MailToken.objects.get(purpose="reset_password").email == ""


def test_nothing_is_mailed_to_an_address_that_can_not_be_taken_back(me):
    line = changed(me, "old@example.org", "new@example.org")
    UserFactory(email="old@example.org")
    assert deny(me, line) == []
    assert (me.email, me.has_usable_password(), resets()) == ("new@example.org", False, 0)


def test_nothing_is_mailed_there_later_either(me, drain):
    """Whoever changed the address registered the old one, so that it stays away, and asks for a reset."""
    line = changed(me, "old@example.org", "new@example.org")
    UserFactory(email="old@example.org")
    deny(me, line)
    password_forgotten(actor=ANONYMOUS, email="new@example.org")
    drain()
    assert resets() == 0


def test_an_address_that_nobody_proved_does_not_come_back_as_a_proved_one(me):
    """Somebody registers an address of others, changes to their own, proves that, and denies the change."""
    User.objects.filter(pk=me.pk).update(email_verified_at=None)
    me.refresh_from_db()
    login_as(me)
    actor = actor_for(me, session=Session.objects.get())
    email_change_ask(actor=actor, new_email="own@example.org", password=PASSWORD)
    email_change_confirm(actor=actor, token=mail_token_text(MailToken.objects.get().public_id))
    assert deny(me, Activity.objects.get(kind=ActivityKind.EMAIL_CHANGED)) == []
    assert (me.email, me.email_verified) == ("own@example.org", True)


def test_changes_in_one_session_go_back_one_after_the_other(me):
    login_as(me)
    session = Session.objects.get(user=me)
    login = line_make(me, session=session)
    for old, new in (("old@example.org", "b@example.org"), ("b@example.org", "c@example.org")):
        Activity.objects.filter(pk=changed(me, old, new).pk).update(session=session)
    assert deny(me, login) == ["email_changed", "email_changed"]
    assert (me.email, resets()) == ("old@example.org", 1)


def test_what_is_older_than_a_week_is_left_to_staff(me, later):
    _, passkey = passkey_on(me)
    line = Activity.objects.get(kind="passkey_added")
    mail = changed(me, "old@example.org", "new@example.org")
    later(days=8)
    assert deny(me, line) == []
    assert Passkey.objects.get() == passkey
    assert resets() == 1
    assert deny(me, mail) == []
    assert (me.email, resets()) == ("new@example.org", 0)


def test_an_address_that_nobody_had_proved_does_not_come_back_as_proved(me):
    line = changed(me, "old@example.org", "new@example.org")
    Activity.objects.filter(pk=line.pk).update(details=line.details | {"old_proved": False})
    assert deny(me, line) == []
    assert (me.email, resets()) == ("new@example.org", 0)


def test_denying_the_question_denies_the_change_that_followed(me):
    asked = record(
        me, ActivityKind.EMAIL_CHANGE_ASKED, old_email="old@example.org", new_email="new@example.org"
    )
    changed(me, "old@example.org", "new@example.org")
    assert deny(me, asked) == ["email_changed"]
    assert (me.email, resets()) == ("old@example.org", 1)
