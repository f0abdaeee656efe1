"""What refuses, delays and takes back a withdrawal; the node is only asked where it must be."""

import json

import pytest

from governance.models import AuditRecord
from tests.chain.world import fresh_address
from wallets.models import ChainPosition, ChainTransaction, PayoutDay, Posting, Transaction
from wallets.ports import payout_check
from wallets.services.withdrawals import default_payout_check

pytestmark = [pytest.mark.chain, pytest.mark.mariadb]

OGC = 10**9


@pytest.fixture
def withdraw(api):
    """Asks for a withdrawal; answers (status, body)."""
    keys = iter(range(1000))

    def ask(user, to, amount="5"):
        answer = api.as_stepped_up(user).post(
            "wallet/transfer", {"to": to, "amount": amount}, key=f"w{next(keys)}"
        )
        return answer.status_code, answer.json()

    return ask


@pytest.fixture
def staff(make_user):
    """Somebody of finance, as the API sees them."""

    def make(api):
        return api.as_stepped_up(make_user(0), scopes=frozenset({"self", "wallet.approve", "admin.read"}))

    return make


def nothing_was_held(user, balance, ogc=100):
    assert not ChainTransaction.objects.exists()
    assert not Transaction.objects.filter(type="withdrawal").exists()
    assert balance(f"user:{user.public_id}:available") == ogc * OGC


def audited(action, fact):
    """What the audit trail says this was before and after each call."""
    records = AuditRecord.objects.filter(action=action).order_by("pk")
    return [(json.loads(record.before)[fact], json.loads(record.after)[fact]) for record in records]


def test_our_own_addresses_are_refused(chain, make_user, withdraw, balance):
    user = make_user(100)
    for address in (chain.signer.address, chain.network.cold, chain.network.token, chain.network.vault):
        status, body = withdraw(user, address)
        assert (status, body["error"]["code"]) == (400, "ADDRESS_NOT_ALLOWED")
    nothing_was_held(user, balance)


def test_an_address_has_one_of_three_spellings_or_a_right_checksum(chain, make_user, withdraw, balance):
    user, good = make_user(100), fresh_address()
    bad = good[:2] + good[2:].swapcase()
    assert withdraw(user, bad)[0] == 400
    nothing_was_held(user, balance)
    for spelling in (good, good.lower(), good.upper()):
        status, body = withdraw(user, spelling)
        assert (status, body["counterparty"]["id"]) == (202, good)


def test_denied_addresses_are_refused(chain, make_user, withdraw, balance, settings):
    user, to = make_user(100), fresh_address()
    settings.PAYOUT_DENY = [to]
    assert withdraw(user, to)[1]["error"]["code"] == "ADDRESS_NOT_ALLOWED"
    nothing_was_held(user, balance)


def test_more_than_the_balance_is_refused(chain, make_user, withdraw, balance):
    user = make_user(100)
    status, body = withdraw(user, fresh_address(), "100.000000001")
    assert (status, body["error"]["code"]) == (402, "INSUFFICIENT_BALANCE")
    nothing_was_held(user, balance)
    assert not PayoutDay.objects.exists()


def test_the_fee_is_held_with_the_amount_and_kept(chain, make_user, withdraw, balance, settings):
    settings.WITHDRAWAL_FEE = 1 * OGC
    user, to = make_user(100), fresh_address()
    assert withdraw(user, to, "99.5")[0] == 402
    assert withdraw(user, to, "99")[0] == 202
    chain.settle()
    assert chain.tokens(to) == 99 * 10**18
    assert balance("fees") == 1 * OGC
    assert balance(f"user:{user.public_id}:reserved") == 0


def test_limits_come_before_the_balance(chain, make_user, withdraw, balance, settings):
    settings.WITHDRAWAL_LIMIT_PER_TX = 50 * OGC
    user = make_user(100)
    status, body = withdraw(user, fresh_address(), "1000000")
    assert (status, body["error"]["code"]) == (403, "LIMIT_EXCEEDED")
    assert body["error"]["details"]["limit"] == "per_transaction"
    nothing_was_held(user, balance)


def test_the_day_of_a_user_is_limited_and_given_back_by_a_cancel(chain, api, make_user, withdraw, settings):
    settings.WITHDRAWAL_LIMIT_USER_DAY = 10 * OGC
    user = make_user(100)
    _, first = withdraw(user, fresh_address(), "6")
    assert withdraw(user, fresh_address(), "5")[1]["error"]["details"]["limit"] == "user_day"
    assert api.as_user(user).post(f"wallet/withdrawals/{first['id']}/cancel").status_code == 200
    assert withdraw(user, fresh_address(), "5")[0] == 202


def test_the_day_of_the_platform_is_limited(chain, make_user, withdraw, settings):
    settings.WITHDRAWAL_LIMIT_PLATFORM_DAY = 10 * OGC
    assert withdraw(make_user(100), fresh_address(), "6")[0] == 202
    assert withdraw(make_user(100), fresh_address(), "5")[1]["error"]["details"]["limit"] == "platform_day"
    assert PayoutDay.objects.get().total == 6 * OGC


def test_an_unverified_user_withdraws_nothing(chain, make_user, withdraw, balance):
    user = make_user(100)
    user.email_verified_at = None
    user.save(update_fields=["email_verified_at"])
    status, body = withdraw(user, chain.signer.address)
    assert (status, body["error"]["code"]) == (403, "EMAIL_NOT_VERIFIED")
    nothing_was_held(user, balance)


def test_a_queued_withdrawal_is_cancelled_once(chain, api, make_user, withdraw, balance):
    user = make_user(100)
    _, body = withdraw(user, fresh_address())
    path = f"wallet/withdrawals/{body['id']}/cancel"
    answer = api.as_user(user).post(path)
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    assert answer.json()["chain"]["status"] == "cancelled"
    assert balance(f"user:{user.public_id}:available") == 100 * OGC
    again = api.as_user(user).post(path)
    assert (again.status_code, again.json()["error"]["code"]) == (409, "WITHDRAWAL_NOT_CANCELLABLE")
    assert chain.lane() == 0


def test_a_withdrawal_with_a_nonce_is_not_cancelled(chain, api, make_user, withdraw):
    user = make_user(100)
    _, body = withdraw(user, fresh_address())
    chain.lane()
    answer = api.as_user(user).post(f"wallet/withdrawals/{body['id']}/cancel")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "WITHDRAWAL_NOT_CANCELLABLE")


def test_somebody_elses_withdrawal_is_not_found(chain, api, make_user, withdraw):
    _, body = withdraw(make_user(100), fresh_address())
    answer = api.as_user(make_user(0)).post(f"wallet/withdrawals/{body['id']}/cancel")
    assert answer.status_code == 404


def test_large_withdrawals_wait_for_somebody_else(chain, api, make_user, withdraw, staff):
    user = make_user(2000)
    _, body = withdraw(user, fresh_address(), "1000")
    assert body["chain"]["status"] == "awaiting_approval"
    assert chain.lane() == 0
    own = api.as_user(user, scopes=frozenset({"self", "wallet.approve"}))
    path = f"admin/withdrawals/{body['id']}/approve"
    assert own.post(path).json()["error"]["code"] == "SECOND_PERSON_REQUIRED"
    finance = staff(api)
    listed = finance.get("admin/withdrawals?status=awaiting_approval").json()["results"]
    assert [row["id"] for row in listed] == [body["id"]]
    assert finance.post(path).json()["chain"]["status"] == "queued"
    assert finance.post(path).status_code == 409
    assert audited("withdrawal.approve", "status") == [("awaiting_approval", "queued")]
    chain.settle()
    assert ChainTransaction.objects.get().status == "confirmed"


def test_a_rejected_withdrawal_gives_the_tokens_back(chain, api, make_user, withdraw, staff, balance):
    user = make_user(2000)
    _, body = withdraw(user, fresh_address(), "1000")
    answer = staff(api).post(f"admin/withdrawals/{body['id']}/reject", {"reason": "sanctioned"})
    assert (answer.status_code, answer.json()["chain"]["status"]) == (200, "rejected")
    assert balance(f"user:{user.public_id}:available") == 2000 * OGC
    assert Transaction.objects.get(public_id=body["id"]).status == "failed"
    assert sorted(
        Posting.objects.filter(transaction__public_id=body["id"]).values_list("kind", flat=True)
    ) == [
        "hold",
        "void",
    ]
    assert audited("withdrawal.reject", "status") == [("awaiting_approval", "rejected")]


def test_payout_check_can_hold_a_withdrawal(chain, make_user, withdraw):
    payout_check.fill(lambda user_id, address, amount: "hold")
    try:
        assert withdraw(make_user(100), fresh_address())[1]["chain"]["status"] == "awaiting_approval"
    finally:
        payout_check.fill(default_payout_check)


def test_the_stop_switch_holds_what_has_no_nonce(chain, api, make_user, withdraw, staff):
    finance = staff(api)
    unconfirmed = finance.post("admin/withdrawals/stop", {})
    assert (unconfirmed.status_code, unconfirmed.json()["error"]["code"]) == (400, "CONFIRMATION_REQUIRED")
    assert finance.post("admin/withdrawals/stop", {"confirm": True}).status_code == 200
    assert finance.post("admin/withdrawals/stop", {"reason": "drill", "confirm": True}).status_code == 200
    status, _ = withdraw(make_user(100), fresh_address())
    assert status == 202
    assert chain.lane() == 0
    assert "drill" in chain.signer.hold_reason
    assert ChainPosition.objects.get().stopped
    assert finance.post("admin/withdrawals/resume").status_code == 200
    assert audited("withdrawals.stop", "stop_reason") == [("", ""), ("", "drill")]
    assert audited("withdrawals.stop", "stopped") == [(False, True), (True, True)]
    assert audited("withdrawals.resume", "stopped") == [(True, False)]
    assert chain.lane() == 1
