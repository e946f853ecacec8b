"""Recording what was measured, and setting a usual pain anew, in the workspace."""

import pytest
from django.urls import reverse

from patients.models import Episode, Measure


@pytest.fixture
def url(ana, program):
    return reverse("workspace:measures", args=[ana.pk, program.episode_id])


def test_a_score_is_recorded_shown_and_taken_back(client_of, dana, ana, program, url):
    client_of(dana).post(url, {"code": "PSFS", "value": "4.3", "note": "Stairs, sitting, running"})
    row = Measure.objects.get()
    text = client_of(dana).get(url).content.decode()
    assert "Stairs, sitting, running" in text
    assert "Dana Reed" in text

    patient = client_of(dana).get(reverse("workspace:patient", args=[ana.pk])).content.decode()
    assert "PSFS, own activities 4.3" in patient

    client_of(dana).post(reverse("workspace:measure_revoke", args=[ana.pk, program.episode_id, row.pk]))
    assert "taken back" in client_of(dana).get(url).content.decode()


def test_a_score_off_its_scale_is_said_at_its_field(client_of, dana, url):
    text = client_of(dana).post(url, {"code": "PSFS", "value": "11"}).content.decode()
    assert "11: this score goes from 0 to 10" in text
    assert not Measure.objects.exists()


def test_a_usual_pain_set_anew_says_what_it_was_and_why(client_of, dana, ana, program):
    page = reverse("workspace:usual_pain", args=[ana.pk, program.episode_id])
    client_of(dana).post(page, {"usual_pain": "4", "reason": "Worse since the winter"})

    assert Episode.objects.get().usual_pain == 4
    text = client_of(dana).get(reverse("workspace:patient", args=[ana.pk])).content.decode()
    assert "Usual pain 4.0 (was 2.0: Worse since the winter)" in text
    assert "usual pain set anew" in text


def test_the_patients_page_says_what_ends_the_phase(client_of, dana, ana, program):
    text = client_of(dana).get(reverse("workspace:patient", args=[ana.pk])).content.decode()
    assert "Phase “bridge” ends when" in text
    assert "Level BRG-5 is reached" in text


def test_the_queries_do_not_grow_with_the_measures(client_of, dana, url, queries_of):
    client_of(dana).post(url, {"code": "PSFS", "value": "4"})
    one = queries_of(client_of(dana), url)
    for value in ("5", "6"):
        client_of(dana).post(url, {"code": "PSFS", "value": value})

    assert queries_of(client_of(dana), url) == one
