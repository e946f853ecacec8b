"""Report pain now."""

from datetime import timedelta

from patients.episodes import discharge
from patients.models import Hold, PainReport
from tests.factories.programs import item_of


def test_a_mild_report_stops_nothing_and_says_who_reads_it(portal, program):
    page = portal.post("/pain/", {"pain": 2}, follow=True).content.decode()

    assert "Your report is with the clinic" in page
    assert "Nothing has to stop because of this." in page


def test_pain_eight_of_an_exercise_stops_it_at_once(portal, program):
    item = item_of(program, "BRG")
    page = portal.post("/pain/", {"pain": 8, "about": str(item.pk)}, follow=True).content.decode()

    assert "Stop this exercise" in page
    assert Hold.objects.get().item == item


def test_a_pop_with_lost_strength_stops_the_area(portal, program):
    given = {"pain": 4, "about": "posterior_thigh_hip", "words": ["pop"], "strength_loss": "on"}
    page = portal.post("/pain/", given, follow=True).content.decode()

    assert "Stop the exercises for this area" in page


def test_a_warning_sign_needs_no_number(portal, program):
    page = portal.post("/pain/", {"red_flags": ["saddle_numbness"]}).content.decode()

    assert "Call 999 now" in page
    assert Hold.objects.get().severity == 1


def test_words_in_the_note_ask_at_once(portal, program):
    page = portal.post("/pain/", {"pain": 1, "note": "my chest feels tight"}, follow=True).content.decode()

    assert "A question about what you wrote" in page


def test_long_after_the_end_nobody_reads_it(client_of, program, ana, dana, now, the_clock):
    discharge(program.episode, summary="Done", actor=dana, now=now)
    the_clock.move_to(now + timedelta(days=40))
    page = client_of(ana).post("/pain/", {"pain": 5}).content.decode()

    assert "Nobody reads this any more; call 020 7946 0100" in page
    assert not PainReport.objects.exists()


def test_another_patients_report_is_not_found(portal, program, client_of, other_patient):
    portal.post("/pain/", {"pain": 2})

    assert client_of(other_patient).get(f"/pain/{PainReport.objects.get().pk}/").status_code == 404


def test_another_patients_exercise_cannot_be_reported_on(client_of, other_patient, program):
    item = item_of(program, "BRG")
    answer = client_of(other_patient).post("/pain/", {"pain": 8, "about": str(item.pk)})

    assert list(answer.context["form"].errors) == ["about"]
