"""People whose wallet is a contract: they link it and log in by it, over the API and the real node."""

import pytest

from accounts.constants import NoncePurpose
from accounts.models import AddressNonce, Session
from accounts.services import nonce_issue
from tests.api_client import ApiClient, error_code
from tests.chain.contract_wallet import address_with_code, deployed_wallet
from tests.factories.accounts import UserFactory, login_as
from tests.factories.addresses import key, signed
from wallets.chain.signatures import default_client
from wallets.models import Wallet

pytestmark = [pytest.mark.chain, pytest.mark.django_db]

LINK, LOGIN = "wallet/link-address", "auth/wallet/login"


@pytest.fixture
def api(node, evm_node, settings):
    """The API beside the node."""
    settings.CHAIN_RPC_URLS = [evm_node]
    default_client().endpoints[0].closed_at = 0.0
    return ApiClient()


@pytest.fixture
def ada():
    return UserFactory()


def asked(address, account, user=None):
    """A message for the contract at this address, signed by the key."""
    purpose = NoncePurpose.LOGIN if user is None else NoncePurpose.LINK
    challenge = nonce_issue(purpose=purpose, address=address, user_id=user and user.public_id)
    return {"message": challenge.message, "signature": signed(challenge.message, account)}


def test_a_contract_wallet_is_linked_and_logs_in(api, node, ada):
    account = key()
    wallet = deployed_wallet(node, account.address)
    me = api.with_token(login_as(ada).access)
    assert me.post(LINK, asked(wallet, account, ada)).json()["address"] == wallet
    response = api.post(LOGIN, asked(wallet, account))
    assert response.json()["user"]["id"] == ada.public_id
    assert Session.objects.filter(user=ada, method="wallet").count() == 1


def test_another_key_than_the_owners_does_neither(api, node, ada):
    wallet = deployed_wallet(node, key().address)
    me = api.with_token(login_as(ada).access)
    response = me.post(LINK, asked(wallet, key(), ada))
    assert (response.status_code, error_code(response)) == (400, "WALLET_SIGNATURE_INVALID")
    Wallet.objects.filter(user=ada).update(address=wallet)
    response = api.post(LOGIN, asked(wallet, key()))
    assert (response.status_code, error_code(response)) == (401, "AUTH_WALLET_INVALID")
    assert not AddressNonce.objects.exclude(used_at=None).exists()
    assert not Session.objects.filter(method="wallet").exists()


@pytest.mark.parametrize("code", ["", "00", "fe", "60006000fd", "5b600056", "60016000526020" + "6000f3"])
def test_a_contract_that_does_not_say_yes_lets_nobody_in(api, node, ada, code):
    address = address_with_code(node, code)
    Wallet.objects.filter(user=ada).update(address=address)
    response = api.post(LOGIN, asked(address, key()))
    assert (response.status_code, error_code(response)) == (401, "AUTH_WALLET_INVALID")
    assert not Session.objects.exists()


def test_without_the_chain_contracts_wait_and_keys_log_in(api, ada, settings):
    settings.CHAIN_RPC_URLS = ["http://127.0.0.1:9"]
    account = key()
    Wallet.objects.filter(user=ada).update(address=account.address)
    body = asked(account.address, key())
    response = api.post(LOGIN, body)
    assert (response.status_code, error_code(response)) == (503, "SERVICE_UNAVAILABLE")
    assert "Retry-After" in response
    assert api.post(LOGIN, asked(account.address, account)).status_code == 200
