"""The page of one patient: who may open it, what it leaves behind, and how much it asks of the database."""

from datetime import timedelta

from django.urls import reverse

from clinic.models import AuditEntry
from tests.factories.programs import a_program, a_session, as_planned, item_of


def page(patient):
    return reverse("workspace:patient", args=[patient.pk])


def test_dana_reads_where_ana_stands(client_of, dana, ana, program):
    text = client_of(dana).get(page(ana)).content.decode()
    assert "Ana Silva" in text
    assert "Ball progression" in text
    assert "BRG-1" in text


def test_a_patient_without_anything_is_told_what_comes_next(client_of, dana, ana):
    assert "No episode yet" in client_of(dana).get(page(ana)).content.decode()


def test_reading_leaves_one_row(client_of, dana, ana):
    client_of(dana).get(page(ana))
    assert list(AuditEntry.objects.filter(patient_id=ana.pk).values_list("verb", "actor")) == [("read", dana.pk)]


def test_olga_of_another_clinic_finds_nothing(client_of, olga, ana):
    assert client_of(olga).get(page(ana)).status_code == 404


def test_theo_may_not_look(client_of, theo, ana):
    assert client_of(theo).get(page(ana)).status_code == 403


def test_who_was_refused_left_no_row(client_of, theo, olga, ana):
    client_of(theo).get(page(ana))
    client_of(olga).get(page(ana))
    assert not AuditEntry.objects.filter(verb="read").exists()


def test_a_flag_and_its_hold_stand_on_top(client_of, dana, ana, program, flag_of):
    flag_of(ana, item=item_of(program, "BRG"))
    text = client_of(dana).get(page(ana)).content.decode()
    assert "Pain 8, usual 2" in text
    assert "Lift the hold" in text


def test_ravi_sees_the_flag_and_no_clinical_word_of_it(client_of, ravi, ana, program, flag_of):
    flag_of(ana, item=item_of(program, "BRG"))
    text = client_of(ravi).get(page(ana)).content.decode()
    assert "Open flag" in text
    assert "020 7946 0200" in text
    assert [word for word in ("ain 8", "usual", "Decisions", "Lift the hold") if word in text] == []


def test_a_logged_session_shows_in_grid_and_ledger(client_of, dana, ana, program, now):
    a_session(program, as_planned(item_of(program, "BRG")), now=now - timedelta(minutes=5))
    text = client_of(dana).get(page(ana)).content.decode()
    assert "done, pain 1" in text
    assert "Decisions" in text
    assert "R-" in text


def test_the_page_costs_the_same_with_one_exercise_and_three(
    client_of, dana, ana, other_patient, library, now, queries_of
):
    one = a_program(ana, library["MOBILITY_TO_LOADED_HINGE"], now=now)
    one.items.exclude(ladder_version__code="HNG").delete()
    three = a_program(other_patient, library["MOBILITY_TO_LOADED_HINGE"], now=now)
    for program in (one, three):
        items = program.items.select_related("level", "ladder_version")
        a_session(program, *[as_planned(item) for item in items], now=now)
    counts = [queries_of(client_of(dana), page(patient)) for patient in (ana, other_patient)]
    assert one.items.count() == 1
    assert three.items.count() == 3
    assert counts[0] == counts[1]
    assert counts[0] <= 31


def test_the_ledger_holds_the_facts(client_of, dana, ana, program, now):
    a_session(program, as_planned(item_of(program, "BRG")), now=now)
    text = client_of(dana).get(reverse("workspace:ledger", args=[ana.pk])).content.decode()
    assert "Worst pain during" in text
    assert "pain_during" not in text


def test_the_ledger_is_not_for_ravi(client_of, ravi, ana, program, now):
    a_session(program, as_planned(item_of(program, "BRG")), now=now)
    text = client_of(ravi).get(reverse("workspace:ledger", args=[ana.pk])).content.decode()
    assert "pain_during" not in text
    assert "For therapists" in text


def test_the_sheet_says_how_and_whom_to_call(client_of, ravi, ana, program):
    text = client_of(ravi).get(reverse("workspace:sheet", args=[ana.pk])).content.decode()
    assert "call 999 now" in text
    assert item_of(program, "BRG").ladder_version.content["how"][0] in text
