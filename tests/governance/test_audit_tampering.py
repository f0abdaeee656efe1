"""What somebody with full access to the database does to the trail is found, on each database."""

import json
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.core.management import call_command
from django.db import connection, connections

from governance import audit_head
from governance.models import AuditPersonal, AuditRecord, AuditSeal
from governance.rules import chain_hash, instant_text, record_hash
from governance.services import audit_record, audit_seal, audit_verify
from ogc import clock
from ogc.actors import SYSTEM
from ogc.db.triggers import append_only

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.mariadb]

TABLES = ("governance_auditrecord", "governance_auditseal")


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.OGC_VAR = tmp_path


@pytest.fixture
def trail():
    """Six sealed records."""
    for number in range(1, 7):
        audit_record(actor=SYSTEM, action="tests.did", target_id=str(number))
    assert audit_seal() == 6


@pytest.fixture
def attacker(trail):
    """A cursor of somebody who dropped the triggers and switched foreign keys off."""
    mysql = connection.vendor == "mysql"
    with connection.cursor() as cursor:
        for table in TABLES:
            for verb in ("update", "delete"):
                cursor.execute(f"DROP TRIGGER {table}_no_{verb}")
        cursor.execute("SET foreign_key_checks = 0" if mysql else "PRAGMA foreign_keys = OFF")
        yield cursor
        cursor.execute("DELETE FROM governance_auditseal")
        cursor.execute("DELETE FROM governance_auditrecord")
        cursor.execute("SET foreign_key_checks = 1" if mysql else "PRAGMA foreign_keys = ON")
    with connection.schema_editor() as editor:
        for table in TABLES:
            for operation in append_only(table):
                operation.database_forwards("governance", editor, None, None)


def wrong_checks():
    return {check.name: check.detail for check in audit_verify().checks if check.status == "wrong"}


def record_at(position):
    return AuditRecord.objects.get(seal__position=position)


def test_an_untouched_trail_is_whole(trail):
    assert wrong_checks() == {}


@pytest.mark.parametrize(
    "column, value",
    [
        ("action", "tests.undid"),
        ("actor_id", "somebody"),
        ("target_id", "99"),
        ("reason", "another"),
        ("before", "{}"),
        ("after", '{"a":1}'),
        ("severity", "critical"),
        ("request_id", "r"),
        ("created_at", "2020-01-01 00:00:00"),
        ("personal_hash", "f" * 64),
    ],
)
def test_an_edited_record_is_found(attacker, column, value):
    row = record_at(3)
    quoted = connection.ops.quote_name(column)
    attacker.execute(f"UPDATE governance_auditrecord SET {quoted} = %s WHERE id = %s", [value, row.pk])
    found = wrong_checks()
    assert set(found) == {"records"}
    assert found["records"] == f"record {row.public_id} was edited (seal 3)"


def test_a_record_edited_with_a_fitting_hash_is_found(attacker):
    row = record_at(3)
    row.target_id = "99"
    attacker.execute(
        "UPDATE governance_auditrecord SET target_id = %s, content_hash = %s WHERE id = %s",
        ["99", record_hash(vars(row)), row.pk],
    )
    assert set(wrong_checks()) == {"records"}


def test_a_removed_record_is_found(attacker):
    attacker.execute("DELETE FROM governance_auditrecord WHERE id = %s", [record_at(3).pk])
    assert wrong_checks() == {"records": "the record of seal 3 is missing"}


def test_a_record_removed_with_its_seal_is_found(attacker):
    row = record_at(3)
    attacker.execute("DELETE FROM governance_auditseal WHERE position = 3")
    attacker.execute("DELETE FROM governance_auditrecord WHERE id = %s", [row.pk])
    found = wrong_checks()
    assert "seals 3 to 3 are missing" in found["chain"]


def test_a_gap_that_was_closed_again_is_found(attacker):
    attacker.execute("DELETE FROM governance_auditseal WHERE position = 3")
    for position in (4, 5, 6):
        attacker.execute(
            "UPDATE governance_auditseal SET position = %s WHERE position = %s", [position - 1, position]
        )
    assert {"chain", "head"} <= set(wrong_checks())


def test_records_that_changed_places_are_found(attacker):
    third, fourth = record_at(3).pk, record_at(4).pk
    for pk, position in ((-1, 3), (third, 4), (fourth, 3)):
        attacker.execute("UPDATE governance_auditseal SET record_id = %s WHERE position = %s", [pk, position])
    assert {"records", "chain"} <= set(wrong_checks())


def test_an_edited_seal_is_found(attacker):
    attacker.execute("UPDATE governance_auditseal SET chain_hash = %s WHERE position = 3", ["a" * 64])
    found = wrong_checks()
    assert found == {"chain": "seal 3 was edited or moved; seal 4 does not follow the one before it"}


def test_a_cut_tail_is_found(attacker):
    last = record_at(6).pk
    attacker.execute("DELETE FROM governance_auditseal WHERE position = 6")
    attacker.execute("DELETE FROM governance_auditrecord WHERE id = %s", [last])
    assert wrong_checks() == {"head": "the tail was cut: 5 seals where the head counts 6"}


def test_after_a_cut_the_sealer_does_not_cover_it_up(attacker):
    last = record_at(6).pk
    attacker.execute("DELETE FROM governance_auditseal WHERE position = 6")
    attacker.execute("DELETE FROM governance_auditrecord WHERE id = %s", [last])
    audit_record(actor=SYSTEM, action="tests.did", target_id="new")
    assert audit_seal() == 0
    assert "head" in wrong_checks()


def rewritten_chain():
    """Every seal anew over what the records say now."""
    previous = "0" * 64
    for seal in AuditSeal.objects.select_related("record").order_by("position"):
        content = record_hash(vars(seal.record))
        link = chain_hash(
            previous, seal.position, seal.record.public_id, content, instant_text(seal.sealed_at)
        )
        yield seal, content, previous, link
        previous = link


def test_a_chain_that_was_rewritten_whole_is_found_by_the_head(attacker):
    attacker.execute("UPDATE governance_auditrecord SET target_id = '99' WHERE id = %s", [record_at(3).pk])
    for seal, content, previous, link in list(rewritten_chain()):
        attacker.execute(
            "UPDATE governance_auditrecord SET content_hash = %s WHERE id = %s", [content, seal.record_id]
        )
        attacker.execute(
            "UPDATE governance_auditseal SET content_hash = %s, previous_hash = %s, chain_hash = %s "
            "WHERE position = %s",
            [content, previous, link, seal.position],
        )
    assert wrong_checks() == {"head": "seal 6 is not the one that the head names"}


def test_a_head_that_is_missing_or_broken_is_found(trail):
    audit_head.path().write_text("nothing")
    assert set(wrong_checks()) == {"head"}
    assert audit_seal() == 0
    audit_head.path().unlink()
    assert set(wrong_checks()) == {"head"}


def test_a_record_that_stays_unsealed_for_a_minute_is_found(trail, monkeypatch):
    audit_record(actor=SYSTEM, action="tests.did", target_id="late")
    assert wrong_checks() == {}
    later = clock.real_now() + timedelta(seconds=61)
    monkeypatch.setattr(clock, "real_now", lambda: later)
    assert set(wrong_checks()) == {"sealed"}


def test_a_record_edited_before_it_is_sealed_is_found(attacker):
    audit_record(actor=SYSTEM, action="tests.did", target_id="new")
    attacker.execute("UPDATE governance_auditrecord SET target_id = '99' WHERE target_id = 'new'")
    assert set(wrong_checks()) == {"records"}
    audit_seal()
    assert set(wrong_checks()) == {"records"}


def test_the_command_exits_with_one_and_says_what_is_wrong(attacker, capsys):
    attacker.execute("DELETE FROM governance_auditseal WHERE position = 6")
    with pytest.raises(SystemExit) as left:
        call_command("verify_audit", "--json")
    assert left.value.code == 1
    found = json.loads(capsys.readouterr().out)
    assert found["ok"] is False
    assert {"name": "head", "status": "wrong", "detail": wrong_checks()["head"]} in found["checks"]


def test_the_newest_part_is_verified_alone(attacker):
    attacker.execute("UPDATE governance_auditrecord SET target_id = '99' WHERE id = %s", [record_at(2).pk])
    assert not audit_verify().ok
    assert audit_verify(newest=4).ok
    assert not audit_verify(newest=5).ok


@pytest.mark.concurrency
def test_sealers_at_once_leave_one_chain():
    for number in range(120):
        audit_record(actor=SYSTEM, action="tests.did", target_id=str(number))
    barrier, sealed = Barrier(4), []

    def work():
        barrier.wait()
        sealed.extend(audit_seal() for _ in range(10))
        connections.close_all()

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(sealed) == 120
    assert list(AuditSeal.objects.order_by("position").values_list("position", flat=True)) == list(
        range(1, 121)
    )
    assert AuditPersonal.objects.count() == 0
    assert audit_verify().ok
