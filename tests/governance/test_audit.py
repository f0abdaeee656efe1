"""The audit trail: what is written, what is masked, what can be erased, and how it is sealed."""

import json

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, transaction

from governance import audit_head
from governance.models import AuditPersonal, AuditRecord, AuditSeal
from governance.services import audit_personal_erase, audit_record, audit_seal, audit_verify, sealing
from ogc import context
from ogc.actors import SYSTEM
from ogc.context import RequestContext
from tests.factories.accounts import UserFactory
from tests.factories.governance import actor_with

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb]


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.OGC_VAR = tmp_path


@pytest.fixture
def request_context():
    token = context.enter(RequestContext("request-1", "story-1", "198.51.100.7", "Browser/1"))
    yield
    context.leave(token)


def record(number=1, **fields):
    audit_record(actor=fields.pop("actor", SYSTEM), action="tests.did", target_id=str(number), **fields)


def test_a_record_says_who_did_what_to_what_and_in_which_request(request_context):
    caller = actor_with("admin")
    audit_record(
        actor=caller,
        action="users.suspended",
        target_type="user",
        target_id="u1",
        severity="warning",
        before={"status": "active"},
        after={"status": "suspended"},
        reason="spam",
    )
    row = AuditRecord.objects.get()
    assert (row.actor_kind, row.actor_id) == ("user", caller.user_id)
    assert (row.action, row.target_type, row.target_id) == ("users.suspended", "user", "u1")
    assert (row.severity, row.reason) == ("warning", "spam")
    assert (row.before, row.after) == ('{"status":"active"}', '{"status":"suspended"}')
    assert (row.request_id, row.correlation_id) == ("request-1", "story-1")
    assert (row.personal.ip, row.personal.user_agent) == ("198.51.100.7", "Browser/1")
    assert "198.51.100.7" not in json.dumps(
        [str(getattr(row, field.attname)) for field in AuditRecord._meta.concrete_fields]
    )


def test_secrets_are_masked_whole_at_any_depth():
    record(after={"new_password": "a", "nested": [{"refresh_token": "b", "token_address": "0x1"}]})
    after = json.loads(AuditRecord.objects.get().after)
    assert after == {"new_password": "***", "nested": [{"refresh_token": "***", "token_address": "0x1"}]}


def test_a_record_goes_with_the_transaction_that_it_tells_of():
    with transaction.atomic():
        record()
        transaction.set_rollback(True)
    assert not AuditRecord.objects.exists()


@pytest.mark.parametrize("table", ["auditrecord", "auditseal", "policyversion", "proposalvote"])
def test_the_database_refuses_changes_of_history(table):
    from django.apps import apps
    from django.db import connection

    from tests.governance.rows import any_row

    model = apps.get_model("governance", table)
    row = any_row(model)
    for change in (
        lambda: model.objects.filter(pk=row.pk).update(**{_some_text_field(model): "x"}),
        lambda: model.objects.filter(pk=row.pk)._raw_delete(connection.alias),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert model.objects.filter(pk=row.pk).exists()


def _some_text_field(model):
    names = ("reason", "chain_hash", "choice")
    return next(name for name in names if name in {field.name for field in model._meta.fields})


def test_sealing_chains_every_record_once_and_moves_the_head():
    for number in range(3):
        record(number)
    assert audit_seal() == 3
    record(3)
    assert (audit_seal(), audit_seal()) == (1, 0)
    seals = list(
        AuditSeal.objects.order_by("position").values_list("position", "previous_hash", "chain_hash")
    )
    assert [position for position, _, _ in seals] == [1, 2, 3, 4]
    assert seals[0][1] == "0" * 64
    assert [previous for _, previous, _ in seals[1:]] == [chain for _, _, chain in seals[:-1]]
    assert audit_head.read() == audit_head.Head(4, seals[-1][2])
    assert audit_verify().ok


def test_records_are_sealed_in_batches(monkeypatch):
    monkeypatch.setattr(sealing, "SEAL_BATCH_ROWS", 2)
    for number in range(5):
        record(number)
    assert audit_seal() == 5
    assert audit_verify().ok


def test_a_sealer_that_comes_second_seals_nothing_and_breaks_nothing(monkeypatch):
    record(1)
    audit_seal()
    record(2)
    record(3)
    stale = sealing.audit_newest_seal()
    audit_seal()
    record(4)
    monkeypatch.setattr(sealing, "audit_newest_seal", lambda: stale)
    assert audit_seal() == 0
    monkeypatch.undo()


def test_two_sealers_can_not_write_one_position(settings, tmp_path):
    settings.OGC_VAR = tmp_path
    record(1)
    audit_seal()
    first = AuditSeal.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditSeal.objects.bulk_create([AuditSeal(position=1, record_id=first.record_id)])
    assert audit_verify().ok


def test_the_head_only_moves_forward():
    audit_head.advance(audit_head.Head(5, "five"))
    audit_head.advance(audit_head.Head(4, "four"))
    assert audit_head.read() == audit_head.Head(5, "five")
    assert {path.suffix for path in audit_head.path().parent.glob("audit-head*")} == {".json", ".lock"}


def test_erasing_the_personal_part_keeps_the_trail_whole(request_context):
    user = UserFactory()
    other = actor_with("user")
    record(1, actor=actor_with("user", user_id=user.public_id))
    record(2, actor=other)
    audit_seal()
    assert audit_personal_erase(user_id=user.public_id) == 1
    assert AuditPersonal.objects.filter(record__actor_id=user.public_id).count() == 0
    assert AuditPersonal.objects.filter(record__actor_id=other.user_id).count() == 1
    assert AuditRecord.objects.filter(action="audit.personal_erased", target_id=user.public_id).count() == 1
    audit_seal()
    assert audit_verify().ok


def test_a_changed_personal_part_is_found(request_context):
    record(1)
    audit_seal()
    AuditPersonal.objects.update(ip="203.0.113.1")
    found = {check.name: check.status for check in audit_verify().checks}
    assert found == {"records": "ok", "personal": "wrong", "chain": "ok", "sealed": "ok", "head": "ok"}


def test_the_command_prints_the_contract_and_exits_with_zero(capsys):
    record()
    audit_seal()
    call_command("verify_audit", "--json")
    found = json.loads(capsys.readouterr().out)
    assert found["ok"] is True
    assert [(check["name"], check["status"]) for check in found["checks"]] == [
        ("records", "ok"),
        ("personal", "ok"),
        ("chain", "ok"),
        ("sealed", "ok"),
        ("head", "ok"),
    ]


def test_verifying_costs_the_same_statements_for_one_and_for_fifty(django_assert_num_queries):
    for number in range(50):
        record(number)
    audit_seal()
    with django_assert_num_queries(6):
        assert audit_verify().ok
