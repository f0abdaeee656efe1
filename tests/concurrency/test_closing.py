"""Closing an account while something arrives: either that is refused, or the closing is."""

from collections import Counter

import pytest
from django.contrib.auth.models import Group

from accounts.errors import AccountHasObligations, BalanceNotEmpty
from accounts.models import User
from accounts.services import account_close, actor_for
from accounts.services.seed import plans_seed
from challenges.errors import ChallengeNotEligible
from challenges.models import Entry
from challenges.services.entries import challenge_enter
from challenges.services.seed import seed as challenges_seed
from governance.services import access_sync, role_assign
from ogc.actors import SYSTEM
from ogc.errors import EmailNotVerified, NotFound
from tests.accounts.test_concurrency import at_once
from tests.factories.accounts import PASSWORD, UserFactory
from tests.factories.challenges import opened, person
from tests.factories.wallets import balance_of, ogc, rich_user
from wallets.errors import RecipientNotFound
from wallets.services.reconciliation import CheckStatus, reconcile
from wallets.services.seed import seed as wallets_seed
from wallets.services.transfers import transfer_request

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]
ROUNDS = 8


@pytest.fixture
def money(transactional_db):
    access_sync()
    plans_seed()
    wallets_seed(debug=True)
    challenges_seed(debug=True)


def close(user):
    account_close(actor=actor_for(user), password=PASSWORD)
    return "closed"


def status_of(user):
    return User.objects.values_list("status", flat=True).get(pk=user.pk)


def test_no_token_arrives_on_a_closed_account(money):
    givers = [rich_user(100) for _ in range(5)]
    for _ in range(ROUNDS):
        user = UserFactory()

        def act(number, user=user):
            if number == 0:
                return close(user)
            giver = actor_for(givers[number - 1])
            # As long as the closing checks its password, so that both come to the lock together.
            user.check_password(PASSWORD)
            return transfer_request(actor=giver, to=user.public_id, amount=ogc(1)).status

        answers = Counter(at_once(6, act))
        if status_of(user) == "closed":
            assert answers == {"closed": 1, RecipientNotFound: 5}
            assert balance_of(user) == 0
        else:
            assert answers[BalanceNotEmpty] == 1
            assert balance_of(user) == ogc(1) * answers["completed"] > 0
    assert [result for result in reconcile() if result.status == CheckStatus.WRONG] == []


def test_no_challenge_is_entered_by_a_closed_account(money):
    challenge = opened(person("admin"))
    for _ in range(ROUNDS):
        user = UserFactory()
        actor = actor_for(user)

        def act(number, user=user, actor=actor):
            if number == 0:
                return close(user)
            user.check_password(PASSWORD)
            return challenge_enter(actor=actor, challenge_id=challenge.public_id).status

        answers = set(at_once(2, act))
        assert Entry.objects.filter(user=user).exists() == (status_of(user) == "active")
        # A closed account has no proved address either: what is looked at first depends on who came first.
        refused = ({"closed", ChallengeNotEligible}, {"closed", EmailNotVerified})
        assert answers in (*refused, {AccountHasObligations, "active"})


def test_no_role_is_given_to_a_closed_account(money):
    for _ in range(ROUNDS):
        user = UserFactory()

        def act(number, user=user):
            if number == 0:
                return close(user)
            user.check_password(PASSWORD)
            return role_assign(actor=SYSTEM, user_id=user.public_id, role="moderator")

        closing, giving = at_once(2, act)
        is_staff = Group.objects.filter(user=user, name="moderator").exists()
        assert is_staff == (status_of(user) == "active")
        assert closing == AccountHasObligations or (closing, giving) == ("closed", NotFound)


def test_an_account_is_closed_once(money):
    user = UserFactory()
    answers = Counter(at_once(6, lambda _: close(user)))
    assert answers["closed"] == 1
    assert sum(answers.values()) == 6
    assert status_of(user) == "closed"
