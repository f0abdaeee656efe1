"""Proofs of liabilities: what is published adds up, and what is hidden, altered or negative is found."""

import copy
import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from ogc.amounts import format_amount
from ogc.jobs import claim
from tests.api_client import ApiClient
from tests.factories.wallets import account_balances, balance_of, rich_user
from wallets import liabilities
from wallets.constants import CONTRA_KINDS, ProofStatus
from wallets.jobs import liability_proof_daily
from wallets.models import LiabilityLeaf, LiabilityNode, LiabilityProof
from wallets.services import liability_proofs
from wallets.services.liability_proofs import KEPT, proof_build, proof_request

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb, pytest.mark.usefixtures("money")]

VERIFIER = Path(__file__).parents[2] / "docs" / "verify_proof.py"


def load_verifier() -> Any:
    spec = importlib.util.spec_from_file_location("verify_proof", VERIFIER)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


verify = load_verifier()


def publish() -> LiabilityProof:
    pk = proof_request(again=True)
    proof_build(proof_pk=pk)
    return LiabilityProof.objects.get(pk=pk)


@pytest.fixture
def answers(api: ApiClient) -> Callable[[User], tuple[dict[str, Any], dict[str, Any]]]:
    """The two answers that a user checks."""

    def fetch(user: User) -> tuple[dict[str, Any], dict[str, Any]]:
        own, public = api.as_user(user).get("wallet/proof"), api.get("reserves")
        assert (own.status_code, public.status_code) == (200, 200)
        assert own["Cache-Control"] == "no-store"
        return own.json(), public.json()

    return fetch


def test_every_user_can_check_that_they_are_counted(answers: Any) -> None:
    people = [rich_user(balance) for balance in (12.5, 0.001, 3)]
    nobody = rich_user(0)
    published = publish()
    for user in people:
        proof, reserves = answers(user)
        assert proof["user_id"] == user.public_id
        assert 2 <= len(proof["leaves"]) <= 8
        text = format_amount(balance_of(user))
        assert proof["balance"] == text
        assert verify.check(proof, reserves, text)
    empty, reserves = answers(nobody)
    assert (empty["leaves"], empty["balance"]) == ([], "0")
    assert verify.check(empty, reserves, "0")
    balances = account_balances()
    owed = [balance for key, balance in balances.items() if key not in (*CONTRA_KINDS, "losses")]
    assert published.total == sum(owed)
    assert reserves["totals"]["users"] == "15.501"
    # Row numbers never leave the database.
    assert set(reserves) == {"id", "root", "total", "leaf_count", "published_at", "totals", "holdings"}
    assert set(proof["proof"]) == {"id", "root", "total", "leaf_count", "published_at"}
    assert published.leaf_count == LiabilityLeaf.objects.filter(proof=published).count()


def test_before_the_first_proof_there_is_none(api: ApiClient) -> None:
    assert api.get("reserves").status_code == 404
    assert api.as_user(rich_user(1)).get("wallet/proof").status_code == 404
    assert api.get("wallet/proof").status_code == 401


def broken(proof: dict[str, Any], reserves: dict[str, Any], balance: str | None = None) -> str:
    with pytest.raises(verify.Broken) as found:
        verify.check(proof, reserves, balance)
    return str(found.value)


def test_the_verifier_finds_what_was_altered(answers: Any) -> None:
    ann = rich_user(10)
    publish()
    good, reserves = answers(ann)

    def changed(change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
        proof = copy.deepcopy(good)
        change(proof)
        return proof

    def more(proof: dict[str, Any]) -> None:
        proof["leaves"][0]["amount"] = "9000"

    def other_salt(proof: dict[str, Any]) -> None:
        proof["leaves"][0]["salt"] = "00" * 32

    def other_sum(proof: dict[str, Any]) -> None:
        proof["leaves"][0]["path"][1]["sum"] = "1"

    def other_place(proof: dict[str, Any]) -> None:
        # The place beside it may be that of another leaf of the same user.
        proof["leaves"] = proof["leaves"][:1]
        proof["leaves"][0]["position"] ^= 1

    def shorter(proof: dict[str, Any]) -> None:
        proof["leaves"][0]["path"].pop()

    def somebody_elses(proof: dict[str, Any]) -> None:
        proof["user_id"] = "018f0000-0000-7000-8000-000000000000"

    for change in (more, other_salt, other_sum, other_place, somebody_elses):
        assert "does not lead to the published root" in broken(changed(change), reserves)
    assert "levels" in broken(changed(shorter), reserves)
    assert "everybody is shown" in broken(
        changed(lambda proof: proof["proof"].update(root="00" * 32)), reserves
    )


def test_the_verifier_finds_a_hidden_part(answers: Any) -> None:
    ann = rich_user(10)
    publish()
    proof, reserves = answers(ann)
    hidden = copy.deepcopy(proof)
    gone = max(hidden["leaves"], key=lambda leaf: float(leaf["amount"]))
    hidden["leaves"].remove(gone)
    assert "a part is hidden" in broken(hidden, reserves)
    twice = copy.deepcopy(proof)
    twice["leaves"].append(twice["leaves"][0])
    assert "shown twice" in broken(twice, reserves)
    none_left = copy.deepcopy(proof) | {"leaves": [], "balance": "0"}
    assert "a part is hidden" in broken(none_left, reserves, "10")


def test_the_verifier_refuses_negative_sums(answers: Any) -> None:
    """A negative leaf somewhere would lower the total: along no path may a sum be below zero."""
    ann = rich_user(10)
    publish()
    proof, reserves = answers(ann)
    negative = copy.deepcopy(proof)
    negative["leaves"][0]["path"][0]["sum"] = "-5"
    assert "not an amount" in broken(negative, reserves)


def test_the_verifier_compares_totals_and_holdings(answers: Any) -> None:
    ann = rich_user(10)
    publish()
    proof, reserves = answers(ann)
    assert "the totals come to" in broken(
        proof, reserves | {"totals": reserves["totals"] | {"platform": "1"}}
    )
    held = {"block": 5, "hot": "1", "cold": "2", "vault": "0", "total": "3"}
    assert "are held" in broken(proof, reserves | {"holdings": held})
    enough = held | {"cold": reserves["total"], "hot": "0", "total": reserves["total"]}
    assert any("cover" in line for line in verify.check(proof, reserves | {"holdings": enough}))


def test_the_verifier_runs_alone(answers: Any, tmp_path: Path) -> None:
    ann = rich_user(10)
    publish()
    proof, reserves = answers(ann)
    (tmp_path / "proof.json").write_text(json.dumps(proof))
    (tmp_path / "reserves.json").write_text(json.dumps(reserves))
    command = [sys.executable, "-I", str(VERIFIER), "proof.json", "reserves.json", "--balance"]
    good = subprocess.run([*command, "10"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (good.returncode, good.stdout.splitlines()[0][:3]) == (0, "ok:"), good
    bad = subprocess.run([*command, "11"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (bad.returncode, bad.stdout[:6]) == (1, "BROKEN")
    for text in ("[]", "[" * 100_000):
        (tmp_path / "proof.json").write_text(text)
        odd = subprocess.run([*command, "10"], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert (odd.returncode, odd.stderr) == (2, "")


def test_no_two_proofs_share_a_leaf(answers: Any) -> None:
    ann = rich_user(10)
    publish()
    first, _ = answers(ann)
    publish()
    second, _ = answers(ann)
    assert first["proof"]["root"] != second["proof"]["root"]
    assert not {leaf["salt"] for leaf in first["leaves"]} & {leaf["salt"] for leaf in second["leaves"]}


def test_the_day_has_one_proof_and_the_builder_runs_once(django_capture_on_commit_callbacks: Any) -> None:
    assert proof_request() == proof_request()
    pk = proof_request()
    assert claim(LiabilityProof, pk, statuses=[ProofStatus.QUEUED])
    proof_build(proof_pk=pk)
    assert LiabilityProof.objects.get().status == ProofStatus.QUEUED
    LiabilityProof.objects.update(lease_until=None)
    liability_proof_daily()
    proof_build(proof_pk=pk)
    root = LiabilityProof.objects.get().root
    proof_build(proof_pk=pk)
    assert LiabilityProof.objects.get().root == root


def test_who_dies_half_way_leaves_a_proof_that_is_built_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    rich_user(10)
    pk = proof_request()

    def die(*args: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(liability_proofs, "_write_tree", die)
        with pytest.raises(RuntimeError):
            proof_build(proof_pk=pk)
    half = LiabilityProof.objects.get()
    assert (half.status, half.last_error) == (ProofStatus.QUEUED, "RuntimeError")
    assert LiabilityLeaf.objects.exists()
    LiabilityProof.objects.update(next_attempt_at=None)
    proof_build(proof_pk=pk)
    done = LiabilityProof.objects.get()
    assert done.status == ProofStatus.PUBLISHED
    assert LiabilityLeaf.objects.count() == done.leaf_count
    assert LiabilityNode.objects.count() == 2 * done.leaf_count - 1


def test_old_trees_are_dropped_and_their_roots_stay() -> None:
    rich_user(10)
    proofs = [publish() for _ in range(KEPT + 2)]
    statuses = list(LiabilityProof.objects.order_by("pk").values_list("status", flat=True))
    assert statuses == [ProofStatus.PRUNED] * 2 + [ProofStatus.PUBLISHED] * KEPT
    kept = {proof.pk for proof in proofs[-KEPT:]}
    for rows in (LiabilityLeaf.objects, LiabilityNode.objects):
        assert set(rows.values_list("proof_id", flat=True)) == kept
    assert all(LiabilityProof.objects.values_list("root", flat=True))


def test_an_own_proof_takes_three_queries(api: ApiClient, django_assert_num_queries: Any) -> None:
    ann = rich_user(10)
    publish()
    client = api.as_user(ann)
    with django_assert_num_queries(3):
        client.get("wallet/proof")
    with django_assert_num_queries(1):
        api.get("reserves")


@given(amount=st.integers(0, 10**18), parts=st.integers(2, 8))
def test_parts_come_to_the_whole(amount: int, parts: int) -> None:
    shares = liabilities.split(amount, parts)
    assert (len(shares), sum(shares)) == (parts, amount)
    assert min(shares) >= 0


@given(leaves=st.integers(0, 3000))
def test_trees_are_padded_to_a_power_of_two(leaves: int) -> None:
    size = liabilities.tree_size(leaves)
    assert size & (size - 1) == 0
    assert max(leaves, 1) <= size < 2 * max(leaves, 1)
    assert sorted(liabilities.shuffled(size)) == list(range(size))
