""" "This wasn't me" by the token of a mail, for those who have no session left."""

import json

import pytest

from accounts.constants import ActivityKind, MailPurpose
from accounts.models import Activity, MailToken, Passkey, Session
from accounts.selectors import mail_token_text
from accounts.services import activity_deny_by_mail, email_change_ask, email_change_confirm
from accounts.services.activity import activity_record
from accounts.services.claims import actor_for
from accounts.services.mail_requests import reset_request
from governance.models import AuditRecord
from ogc.actors import ANONYMOUS
from ogc.db.transactions import run_in_transaction
from tests.accounts.api.test_activity import state_of
from tests.accounts.test_concurrency import at_once
from tests.api_client import error_code
from tests.factories.accounts import PASSWORD, UserFactory, login_as
from tests.factories.passkeys import passkey_on

PATH = "auth/activity/deny"
OLD, NEW = "old@example.org", "new@example.org"


@pytest.fixture
def me(db):
    return UserFactory(email=OLD)


def record(user, kind=ActivityKind.PASSWORD_CHANGED, **details):
    return run_in_transaction(lambda: activity_record(user, kind, **details))


def token_of(line):
    return mail_token_text(MailToken.objects.get(activity=line).public_id)


def deny(api, line):
    return api.post(PATH, {"token": token_of(line)})


def resets():
    return MailToken.objects.filter(purpose="reset_password", used_at=None).count()


def intruder(user, new_email=NEW):
    """A session of somebody else, who changes the address."""
    login_as(user)
    actor = actor_for(user, session=Session.objects.filter(user=user).latest("id"))
    email_change_ask(actor=actor, new_email=new_email, password=PASSWORD)
    token = MailToken.objects.filter(purpose=MailPurpose.CHANGE_EMAIL).latest("id")
    email_change_confirm(actor=actor, token=mail_token_text(token.public_id))
    user.refresh_from_db()


def refused(answer):
    return (answer.status_code, error_code(answer)) == (400, "AUTH_VERIFICATION_TOKEN_INVALID")


@pytest.mark.django_db
@pytest.mark.mariadb
class TestByMail:
    """One token, one line, one time."""

    def test_it_does_what_the_call_with_a_session_does(self, api, me):
        login_as(me)
        _, passkey = passkey_on(me)
        line = Activity.objects.get(kind="passkey_added", details__passkey_id=passkey.public_id)
        answer = deny(api, line)
        assert (answer.status_code, answer.content, answer["Cache-Control"]) == (204, b"", "no-store")
        me.refresh_from_db()
        me.wallet.refresh_from_db()
        assert (me.has_usable_password(), me.wallet.status) == (False, "frozen")
        assert not Session.objects.filter(ended_at=None).exists()
        assert not Passkey.objects.exists()
        assert resets() == 1
        after = json.loads(AuditRecord.objects.get(action="auth.activity_denied").after)
        assert (after["activity"], after["by"]) == (line.public_id, "mail")
        assert after["undone"] == ["passkey_added"]
        line.refresh_from_db()
        assert line.denied_at is not None

    def test_the_login_of_who_asks_is_not_looked_at(self, api, me):
        line = record(me)
        answer = api.post(PATH, {"token": token_of(line)}, headers={"authorization": "Bearer nonsense"})
        assert answer.status_code == 204

    @pytest.mark.parametrize("kind", ["email_change_asked", "email_changed", "new_device"])
    def test_who_lost_the_address_gets_it_back_by_any_mail_to_it(self, api, me, kind):
        record(me, ActivityKind.NEW_DEVICE)
        intruder(me)
        later_on = record(me, ActivityKind.TOTP_ADDED)
        assert me.email == NEW
        assert deny(api, Activity.objects.get(kind=kind)).status_code == 204
        me.refresh_from_db()
        assert (me.email, me.email_verified, resets()) == (OLD, True, 1)
        assert Activity.objects.get(kind="email_changed").denied_at is not None
        # What went to the intruder's mailbox is void: it would lock the account once more.
        assert refused(deny(api, later_on))

    def test_several_changes_of_address_go_back_one_after_the_other(self, api, me):
        intruder(me, "b@example.org")
        line = Activity.objects.get(kind="email_changed")
        intruder(me, "c@example.org")
        assert deny(api, line).status_code == 204
        me.refresh_from_db()
        assert (me.email, resets()) == (OLD, 1)

    def test_an_address_that_is_somebodys_by_now_stays_and_nothing_is_mailed(self, api, me):
        intruder(me)
        UserFactory(email=OLD)
        assert deny(api, Activity.objects.get(kind="email_changed")).status_code == 204
        me.refresh_from_db()
        assert (me.email, me.has_usable_password(), resets()) == (NEW, False, 0)

    def test_each_line_has_one_token_and_the_others_stay_good(self, api, me):
        first, second = record(me), record(me)
        assert deny(api, first).status_code == 204
        assert MailToken.objects.get(activity=second).used_at is None
        assert deny(api, second).status_code == 204

    def test_a_second_use_is_refused_and_changes_nothing(self, api, me):
        line = record(me)
        assert deny(api, line).status_code == 204
        before = state_of(me)
        assert refused(deny(api, line))
        assert state_of(me) == before

    def test_a_line_that_is_denied_already_is_left_as_it_is(self, api, me):
        line = record(me)
        Activity.objects.filter(pk=line.pk).update(denied_at=line.created_at)
        before = state_of(me)
        assert deny(api, line).status_code == 204
        assert state_of(me) == before
        assert refused(deny(api, line))

    def test_after_a_week_it_is_over(self, api, me, later):
        line = record(me)
        later(days=7)
        before = state_of(me)
        assert refused(deny(api, line))
        assert state_of(me) == before

    def test_forged_texts_and_tokens_for_something_else_are_refused(self, api, me):
        mine, others = token_of(record(me)), token_of(record(UserFactory()))
        run_in_transaction(lambda: reset_request(me))
        reset = mail_token_text(MailToken.objects.get(purpose="reset_password").public_id)
        mixed = f"{mine.partition('.')[0]}.{others.partition('.')[2]}"
        before = state_of(me)
        for text in (mine[:-1], mine + "A", mixed, reset, "x", ".", mine.partition(".")[0]):
            assert refused(api.post(PATH, {"token": text}))
        for body in (
            {},
            {"token": None},
            {"token": 1},
            {"token": [mine]},
            {"token": mine, "activity_id": "1"},
        ):
            answer = api.post(PATH, body)
            assert (answer.status_code, error_code(answer)) == (400, "VALIDATION_ERROR")
        assert refused(api.post("auth/verify-email", {"token": mine}))
        answer = api.post("auth/reset-password", {"token": mine, "new_password": "another long sentence"})
        assert error_code(answer) == "AUTH_RESET_TOKEN_INVALID"
        assert state_of(me) == before

    @pytest.mark.parametrize("status", ["closed", "suspended"])
    def test_closed_and_suspended_accounts_are_left_alone(self, api, me, status):
        line = record(me)
        type(me).objects.filter(pk=me.pk).update(status=status)
        before = state_of(me)
        assert refused(deny(api, line))
        assert state_of(me) == before
        assert MailToken.objects.get(activity=line).used_at is None

    def test_tokens_go_with_the_account(self, me):
        line = record(me)
        Activity.objects.filter(pk=line.pk).delete()
        assert not MailToken.objects.exists()

    def test_nothing_is_offered_to_addresses_nobody_proved_or_for_lines_nobody_caused(self):
        record(UserFactory(unverified=True))
        record(UserFactory(), ActivityKind.LOCKED)
        record(UserFactory(), ActivityKind.STEP_UP)
        assert not MailToken.objects.exists()

    def test_calls_are_limited(self, api, me, settings):
        settings.RATE_DEFAULT = "2/1m"
        answers = [api.post(PATH, {"token": "x"}) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [400, 400, 429]


@pytest.mark.django_db(transaction=True)
@pytest.mark.concurrency
def test_of_many_uses_at_once_one_wins():
    me = UserFactory()
    line = record(me)
    text = token_of(line)
    answers = at_once(8, lambda _: activity_deny_by_mail(actor=ANONYMOUS, token=text))
    assert answers.count(None) == 1
    assert {answer.__name__ for answer in answers if answer is not None} == {"VerificationTokenInvalid"}
    assert Activity.objects.filter(kind="denied").count() == 1
    assert resets() == 1
