"""Passkeys in the services: one answer to one challenge, and what is kept."""

import pytest

from accounts.constants import CeremonyPurpose
from accounts.errors import MfaInvalid
from accounts.locks import user_lock
from accounts.models import Activity, Passkey, PasskeyCeremony, RecoveryCode, Session, User
from accounts.services import retention
from accounts.services.passkey_proofs import passkey_factor
from accounts.services.passkeys import (
    login_options,
    passkey_add,
    passkey_delete,
    passkey_login,
    registration_options,
)
from ogc import clock
from ogc.actors import ANONYMOUS, SYSTEM
from ogc.db.transactions import run_in_transaction
from ogc.errors import ValidationFailed
from tests.accounts.test_concurrency import at_once
from tests.authenticator import Authenticator
from tests.factories.accounts import UserFactory
from tests.factories.passkeys import actor_of, passkey_on


def refused(call) -> str:
    with pytest.raises(ValidationFailed) as error:
        call()
    return error.value.details["credential"][0]["code"]


@pytest.mark.django_db
def test_a_refused_registration_uses_its_challenge_up():
    user, device = UserFactory(), Authenticator()
    actor = actor_of(user)
    options = registration_options(actor=actor)
    wrong = device.register(options, rp_id="example.org")
    right = device.register(options)
    assert refused(lambda: passkey_add(actor=actor, credential=wrong)) == "invalid"
    assert refused(lambda: passkey_add(actor=actor, credential=right)) == "challenge"
    assert not Passkey.objects.exists()
    assert not Activity.objects.exists()


@pytest.mark.django_db
def test_a_challenge_lives_five_minutes(later):
    user = UserFactory()
    device, _ = passkey_on(user)
    credential = device.sign(login_options(actor=ANONYMOUS))
    later(minutes=5)
    with pytest.raises(MfaInvalid):
        passkey_login(actor=ANONYMOUS, credential=credential)
    assert Passkey.objects.get().last_used_at is None


@pytest.mark.django_db
def test_a_refused_answer_uses_its_challenge_up():
    device, _ = passkey_on(UserFactory())
    options = login_options(actor=ANONYMOUS)
    with pytest.raises(MfaInvalid):
        passkey_login(actor=ANONYMOUS, credential=device.sign(options, flags=0))
    with pytest.raises(MfaInvalid):
        passkey_login(actor=ANONYMOUS, credential=device.sign(options))
    assert PasskeyCeremony.objects.filter(used_at=None).count() == 0


@pytest.mark.django_db
def test_a_login_alone_needs_the_user_handle_of_its_user():
    user, other = UserFactory(), UserFactory()
    device, _ = passkey_on(user)
    theirs, _ = passkey_on(other)
    with pytest.raises(MfaInvalid):
        passkey_login(
            actor=ANONYMOUS, credential=device.sign(login_options(actor=ANONYMOUS), with_handle=False)
        )
    device.handles = dict.fromkeys(device.handles, next(iter(theirs.handles.values())))
    with pytest.raises(MfaInvalid):
        passkey_login(actor=ANONYMOUS, credential=device.sign(login_options(actor=ANONYMOUS)))
    assert Session.objects.filter(method="passkey").count() == 0


@pytest.mark.django_db
def test_a_credential_that_becomes_another_kind_is_refused():
    device, _ = passkey_on(UserFactory())
    device.backup = 0x08
    with pytest.raises(MfaInvalid):
        passkey_login(actor=ANONYMOUS, credential=device.sign(login_options(actor=ANONYMOUS)))


@pytest.mark.django_db
def test_a_step_up_is_of_the_user_whose_challenge_it_is():
    user = UserFactory()
    device, _ = passkey_on(user)
    actor = actor_of(user)
    options = login_options(actor=actor, purpose="step_up")
    purpose = CeremonyPurpose.STEP_UP
    assert passkey_factor(device.sign(options), purpose, user=UserFactory()) is None
    assert passkey_factor(device.sign(options), purpose, user=user) == "passkey"
    assert passkey_factor(device.sign(options), purpose, user=user) is None


@pytest.mark.django_db
def test_staff_take_a_passkey_away_without_a_step_up_and_once():
    user = UserFactory()
    _, passkey = passkey_on(user)

    def take() -> None:
        passkey_delete(actor=SYSTEM, user=user_lock(user.pk), passkey_id=passkey.public_id)

    run_in_transaction(take)
    run_in_transaction(take)
    assert Activity.objects.filter(kind="passkey_removed").count() == 1
    assert User.objects.get().two_factor is False
    assert not RecoveryCode.objects.exists()


@pytest.mark.django_db
def test_challenges_that_are_over_are_deleted(later):
    passkey_on(UserFactory())
    login_options(actor=ANONYMOUS)
    later(minutes=6)
    login_options(actor=ANONYMOUS)
    assert retention.challenges_purge() == 2
    assert PasskeyCeremony.objects.get().expires_at > clock.now()


@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_of_two_answers_to_one_challenge_one_wins():
    device, _ = passkey_on(UserFactory())
    options = login_options(actor=ANONYMOUS)
    credentials = [device.sign(options) for _ in range(8)]
    before = Session.objects.count()
    answers = at_once(8, lambda n: bool(passkey_login(actor=ANONYMOUS, credential=credentials[n])))
    assert sorted(map(str, answers)) == sorted(["True"] + [str(MfaInvalid)] * 7)
    assert Session.objects.count() == before + 1


@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_of_two_registrations_of_one_challenge_one_wins():
    user, device = UserFactory(), Authenticator()
    actor = actor_of(user)
    options = registration_options(actor=actor)
    credentials = [device.register(options) for _ in range(8)]
    answers = at_once(8, lambda n: bool(passkey_add(actor=actor, credential=credentials[n])))
    assert sorted(map(str, answers)) == sorted(["True"] + [str(ValidationFailed)] * 7)
    assert Passkey.objects.count() == 1
    assert RecoveryCode.objects.count() == 10


@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_first_factors_added_at_once_bring_codes_once():
    user, device = UserFactory(), Authenticator()
    actor = actor_of(user)
    credentials = [device.register(registration_options(actor=actor)) for _ in range(6)]
    answers = at_once(6, lambda n: len(passkey_add(actor=actor, credential=credentials[n]).recovery_codes))
    assert sorted(answers) == [0, 0, 0, 0, 0, 10]
    assert Passkey.objects.count() == 6
    assert RecoveryCode.objects.count() == 10


@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_one_credential_is_registered_once():
    users, raw_id = [UserFactory() for _ in range(6)], b"c" * 32
    actors = [actor_of(user) for user in users]
    credentials = [
        Authenticator().register(registration_options(actor=actor), credential_id=raw_id) for actor in actors
    ]
    answers = at_once(6, lambda n: bool(passkey_add(actor=actors[n], credential=credentials[n])))
    assert sorted(map(str, answers)) == sorted(["True"] + [str(ValidationFailed)] * 5)
    assert User.objects.filter(two_factor=True).count() == Passkey.objects.count() == 1
