"""Mailed tokens used many times at once, on real connections."""

from collections import Counter

import pytest

from accounts.authentication import actor_of_header
from accounts.constants import MailPurpose
from accounts.errors import EmailInUse, PasswordWrong, ResetTokenInvalid, VerificationTokenInvalid
from accounts.models import Activity, MailRequest, MailToken, Session, User
from accounts.selectors import mail_token_text
from accounts.services import (
    email_change_ask,
    email_change_confirm,
    login,
    mail_request_answer,
    password_change,
    password_forgotten,
    password_reset,
)
from accounts.services.mail_requests import reset_request
from ogc.actors import ANONYMOUS, SYSTEM
from ogc.db.transactions import run_in_transaction
from ogc.errors import DomainError
from tests.accounts.test_concurrency import at_once
from tests.factories.accounts import PASSWORD, UserFactory, login_as

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]

NEW = "another long and rare sentence"


def tokens(purpose):
    rows = MailToken.objects.filter(purpose=purpose).order_by("id")
    return [mail_token_text(public_id) for public_id in rows.values_list("public_id", flat=True)]


def caller(user):
    return actor_of_header(f"Bearer {login_as(user).access}")


def test_one_of_many_resets_with_one_token_wins():
    user = UserFactory()
    run_in_transaction(lambda: reset_request(user))
    (token,) = tokens(MailPurpose.RESET_PASSWORD)
    answers = at_once(
        16, lambda n: password_reset(actor=ANONYMOUS, token=token, new_password=f"{NEW} {n}") or n
    )
    assert Counter(type(answer) for answer in answers) == {int: 1, type: 15}
    assert {answer for answer in answers if isinstance(answer, type)} == {ResetTokenInvalid}
    user.refresh_from_db()
    (winner,) = (answer for answer in answers if isinstance(answer, int))
    assert user.check_password(f"{NEW} {winner}")
    assert Activity.objects.filter(user=user, kind="password_reset").count() == 1


def test_one_of_two_tokens_used_at_once_wins():
    user = UserFactory()
    for _ in range(2):
        run_in_transaction(lambda: reset_request(user))
    texts = tokens(MailPurpose.RESET_PASSWORD)
    answers = at_once(
        8, lambda n: password_reset(actor=ANONYMOUS, token=texts[n % 2], new_password=f"{NEW} {n}") or n
    )
    assert Counter(type(answer) for answer in answers) == {int: 1, type: 7}


def test_no_login_with_the_old_password_outlives_a_reset():
    user = UserFactory()
    run_in_transaction(lambda: reset_request(user))
    (token,) = tokens(MailPurpose.RESET_PASSWORD)

    def act(number):
        if number == 0:
            return password_reset(actor=ANONYMOUS, token=token, new_password=NEW)
        return login(actor=ANONYMOUS, email=user.email, password=PASSWORD).user.id

    at_once(8, act)
    assert not Session.objects.filter(ended_at=None).exists()


def test_no_change_of_address_asked_with_the_old_password_outlives_a_change_of_it():
    user = UserFactory()
    own, other = caller(user), caller(user)

    def act(number):
        if number == 0:
            return password_change(actor=own, old_password=PASSWORD, new_password=NEW)
        return email_change_ask(actor=other, new_email=f"other{number}@example.org", password=PASSWORD)

    answers = at_once(8, act)
    assert answers[0] is None
    assert set(answers[1:]) <= {None, PasswordWrong}
    assert not MailToken.objects.filter(purpose=MailPurpose.CHANGE_EMAIL, used_at=None).exists()


def test_one_of_two_accounts_gets_an_address_that_both_confirm_at_once():
    people = [UserFactory(), UserFactory()]
    actors = [caller(user) for user in people]
    for actor in actors:
        email_change_ask(actor=actor, new_email="both@example.org", password=PASSWORD)
    texts = tokens(MailPurpose.CHANGE_EMAIL)
    answers = at_once(8, lambda n: email_change_confirm(actor=actors[n % 2], token=texts[n % 2]).public_id)
    won = [answer for answer in answers if isinstance(answer, str)]
    assert len(won) == 1
    assert {answer for answer in answers if answer not in won} <= {EmailInUse, VerificationTokenInvalid}
    assert User.objects.get(email="both@example.org").public_id == won[0]


def test_a_request_answered_by_many_consumers_mails_once():
    user = UserFactory()
    password_forgotten(actor=ANONYMOUS, email=user.email)
    request_id = MailRequest.objects.get().public_id
    answers = at_once(8, lambda _: mail_request_answer(actor=SYSTEM, mail_request_id=request_id))
    assert not [answer for answer in answers if isinstance(answer, type) and issubclass(answer, DomainError)]
    assert MailToken.objects.count() == 1
