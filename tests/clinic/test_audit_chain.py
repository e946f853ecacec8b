"""The audit: nothing changes it, a tick seals it, and a change behind Django's back is named."""

from datetime import timedelta
from io import StringIO
from threading import Barrier, Thread

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from clinic import audit
from clinic.audit_chain import HOUSE, heads, seal_waiting, verify, waiting
from clinic.models import AuditEntry, AuditSeal
from clinic.tasks import seal_audit
from tests.behind_django import unguarded

UPDATE, DELETE = "UPDATE clinic_auditentry SET verb = 'nothing'", "DELETE FROM clinic_auditentry"


@pytest.fixture
def trail(clinic, dana, now):
    """Five entries of the clinic, sealed in two rounds; one belongs to no clinic."""
    entries = [audit.note("read", clinic, clinic=clinic, actor=dana, now=now) for _ in range(3)]
    entries.append(audit.note("sign_in", dana, clinic=None, actor=dana, now=now))
    seal_waiting(now=now)
    later = now + timedelta(hours=3)
    entries += [audit.note("read", clinic, clinic=clinic, actor=dana, now=later) for _ in range(2)]
    seal_waiting(now=later)
    return entries


@pytest.fixture
def behind(trail):
    """Runs a statement past the triggers."""

    def run(statement: str, *values: object) -> None:
        with unguarded(), connection.cursor() as cursor:
            cursor.execute(statement, values)

    return run


def run_command(*arguments: str) -> str:
    out = StringIO()
    call_command("verify_audit", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("statement", [UPDATE, DELETE, DELETE.replace("entry", "seal"), "TRUNCATE clinic_auditseal"])
def test_the_database_refuses_to_change_the_trail(trail, statement):
    if statement.startswith("TRUNCATE") and connection.vendor != "postgresql":
        pytest.skip("SQLite knows no truncate")
    connection.check_constraints()  # PostgreSQL truncates no table with checks still to come
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert AuditEntry.objects.filter(verb="read").count() == 5


def test_a_queryset_cannot_change_it_either(trail):
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditEntry.objects.update(actor=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditSeal.objects.all().delete()


def test_each_clinic_has_its_chain_and_the_house_another(trail, clinic):
    assert [(head.chain, head.sequence) for head in heads()] == [(HOUSE, 1), (clinic.pk, 5)]


def test_an_untouched_trail_is_as_it_was_written(trail):
    assert verify() == []
    assert "The audit is as it was written." in run_command()


def test_sealing_again_seals_nothing(trail, now):
    assert seal_waiting(now=now) == 0


def test_the_tick_seals_whatever_waits(clinic, dana, now):
    for _ in range(3):
        audit.note("read", clinic, clinic=clinic, actor=dana, now=now)
    seal_audit()
    assert (waiting().count(), AuditSeal.objects.count()) == (0, 3)


def test_an_altered_entry_is_named(trail, behind):
    behind("UPDATE clinic_auditentry SET verb = 'unsubscribe' WHERE id = %s", trail[1].pk)
    assert [fault.text for fault in verify()] == [f"number 2: entry {trail[1].pk} was altered, or the seal before it."]


def test_an_entry_given_to_another_clinic_is_named(trail, behind, other_clinic):
    pk = other_clinic.pk if connection.vendor == "postgresql" else other_clinic.pk.hex
    behind("UPDATE clinic_auditentry SET clinic_id = %s WHERE id = %s", pk, trail[1].pk)
    assert [fault.text for fault in verify()] == [f"number 2: entry {trail[1].pk} was altered, or the seal before it."]


def test_a_seal_made_to_fit_an_altered_entry_gives_the_next_one_away(trail, behind):
    behind("UPDATE clinic_auditseal SET digest = %s WHERE entry_id = %s", "0" * 64, trail[1].pk)
    assert [fault.text[:8] for fault in verify()] == ["number 2", "number 3"]


def test_a_missing_entry_is_named(trail, behind):
    behind("DELETE FROM clinic_auditseal WHERE entry_id = %s", trail[1].pk)
    behind("DELETE FROM clinic_auditentry WHERE id = %s", trail[1].pk)
    assert [fault.text for fault in verify()] == ["number 2: missing, entry and seal."]


@pytest.mark.skipif(connection.vendor == "postgresql", reason="its foreign keys let nobody do this")
def test_an_entry_taken_from_under_its_seal_is_named(trail, behind):
    behind("DELETE FROM clinic_auditentry WHERE id = %s", trail[1].pk)
    found = [fault.text for fault in verify()]
    behind("DELETE FROM clinic_auditseal WHERE entry_id = %s", trail[1].pk)  # or the test's own end would fail
    assert found == [f"number 2: entry {trail[1].pk} is missing."]


def test_an_entry_inserted_afterwards_is_named(trail, clinic, dana, now):
    forged = audit.note("read", clinic, clinic=clinic, actor=dana, now=now + timedelta(minutes=1))
    seal_waiting(now=now + timedelta(hours=3))
    assert verify() == []  # between two rounds nobody can tell
    seal_waiting(now=now + timedelta(hours=6))
    forged = audit.note("read", clinic, clinic=clinic, actor=dana, now=now + timedelta(minutes=1))
    seal_waiting(now=now + timedelta(hours=6))
    assert [fault.text for fault in verify()] == [
        f"number 7: entry {forged.pk} was inserted long after the time it gives."
    ]


def test_a_chain_cut_short_is_found_by_a_head_noted_before(trail, behind, clinic):
    noted = next(str(head) for head in heads() if head.chain == clinic.pk)
    behind("DELETE FROM clinic_auditseal WHERE entry_id = %s", trail[-1].pk)
    behind("DELETE FROM clinic_auditentry WHERE id = %s", trail[-1].pk)
    assert verify() == []
    with pytest.raises(CommandError, match="Faults: 1"):
        run_command("--head", noted)


def test_a_missing_trigger_is_named(trail):
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE clinic_auditseal DISABLE TRIGGER clinic_auditseal_rows")
        else:
            cursor.execute("DROP TRIGGER clinic_auditseal_update")
    assert [fault.text for fault in verify()] == [
        "clinic_auditseal can be changed: its trigger is missing or switched off."
    ]


def test_the_command_exits_with_one(trail, behind):
    behind(UPDATE + " WHERE id = %s", trail[0].pk)
    with pytest.raises(CommandError) as caught:
        run_command()
    assert caught.value.returncode == 1


@pytest.mark.django_db(transaction=True)
def test_two_sealing_workers_do_not_fork_the_chain(clinic, dana, now):
    for _ in range(40):
        audit.note("read", clinic, clinic=clinic, actor=dana, now=now)
    start = Barrier(2)
    sealed = []

    def work():
        start.wait()
        for _ in range(10):
            sealed.append(seal_waiting(now=now, limit=5))
        connection.close()

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seal_waiting(now=now)
    assert list(AuditSeal.objects.order_by("sequence").values_list("sequence", flat=True)) == list(range(1, 41))
    assert verify() == []
