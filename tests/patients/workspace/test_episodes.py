"""From the first visit to discharge: episodes, gates, programs, and what is refused with its reason."""

import pytest
from django.urls import reverse

from patients.models import Episode, GateRecord, Program
from programs.models import Gate
from tests.factories.library import published_library
from tests.factories.programs import an_episode

FIRST_VISIT = {
    "reason": "Back of the left thigh",
    "region": "posterior_thigh_hip",
    "side": "left",
    "usual_pain": "3",
    "slump": "unchanged",
    "leg_tingling": "no",
    "contraindications": ["cannot_lie_flat"],
}


@pytest.fixture
def episode(ana, library, now):
    return an_episode(ana, now=now)


def assign_url(ana, episode):
    return reverse("workspace:assign", args=[ana.pk, episode.pk])


def test_an_episode_keeps_what_was_found(client_of, dana, ana, library):
    answer = client_of(dana).post(reverse("workspace:episode_new", args=[ana.pk]), FIRST_VISIT)
    episode = Episode.objects.get()
    assert answer.url == assign_url(ana, episode)
    found = (episode.usual_pain, episode.slump, episode.leg_tingling, episode.contraindications)
    assert found == (3, "unchanged", False, ["cannot_lie_flat"])


def test_contraindications_are_asked_in_plain_words(client_of, dana, ana, library):
    text = client_of(dana).get(reverse("workspace:episode_new", args=[ana.pk])).content.decode()
    assert "Blood thinners, or bruises easily" in text
    assert "nerve_screen_unknown" not in text


def test_pain_of_eleven_is_refused_and_the_reason_stays(client_of, dana, ana, library):
    url = reverse("workspace:episode_new", args=[ana.pk])
    text = client_of(dana).post(url, FIRST_VISIT | {"usual_pain": "11"}).content.decode()
    assert "pain goes from 0 to 10" in text
    assert "Back of the left thigh" in text
    assert not Episode.objects.exists()


def test_ravi_opens_no_episode(client_of, ravi, ana):
    assert client_of(ravi).post(reverse("workspace:episode_new", args=[ana.pk]), FIRST_VISIT).status_code == 403


def test_a_program_starts_today(client_of, dana, ana, episode, library):
    version = library["BALL_PROGRESSION"]
    answer = client_of(dana).post(assign_url(ana, episode), {"version": str(version.pk)})
    assert answer.url == reverse("workspace:patient", args=[ana.pk])
    assert Program.objects.get().version == version


def test_a_nerve_that_nobody_screened_blocks_with_the_reason_and_keeps_the_choice(client_of, dana, ana, library, now):
    unknown = an_episode(ana, now=now, slump="not_done", leg_tingling=None)
    version = library["HOME_HAMSTRING_FOUNDATION"]
    text = client_of(dana).post(assign_url(ana, unknown), {"version": str(version.pk)}).content.decode()
    assert "this program is for a slump screen" in text
    assert f'value="{version.pk}" required checked' in text
    assert not Program.objects.exists()


def test_a_program_with_paths_asks_for_one(client_of, dana, ana, episode, library):
    version = library["TRIAL_STARTER_14D"]
    url = assign_url(ana, episode)
    assert "Choose one of: " in client_of(dana).post(url, {"version": str(version.pk)}).content.decode()
    client_of(dana).post(url, {"version": str(version.pk), "path": "muscle"})
    assert Program.objects.get().path == "muscle"


def test_a_program_of_another_clinic_is_no_choice(client_of, dana, ana, episode, library, other_clinic):
    foreign = published_library(other_clinic)["BALL_PROGRESSION"]
    client_of(dana).post(assign_url(ana, episode), {"version": str(foreign.pk)})
    assert not Program.objects.exists()


def test_a_gate_is_recorded_and_taken_back(client_of, dana, ana, episode, library):
    gate = Gate.objects.get(code="nerve_glide_cleared")
    client_of(dana).post(reverse("workspace:gate_record", args=[ana.pk, episode.pk, gate.pk]))
    met = GateRecord.objects.filter(code="nerve_glide_cleared", revoked_at=None)
    assert met.get().recorded_by == dana
    client_of(dana).post(reverse("workspace:gate_revoke", args=[ana.pk, episode.pk, gate.pk]))
    assert not met.exists()


def test_discharge_closes_and_a_return_begins_with_the_same_place(client_of, dana, ana, program):
    episode = program.episode
    url = reverse("workspace:discharge", args=[ana.pk, episode.pk])
    client_of(dana).post(url, {"summary": "Walks an hour without pain."})
    episode.refresh_from_db()
    assert episode.summary == "Walks an hour without pain."
    text = client_of(dana).get(reverse("workspace:episode_new", args=[ana.pk])).content.decode()
    assert "Back of the thigh" in text


def test_the_result_of_the_slump_screen_is_told_in_words(client_of, dana, ana, library, now):
    episode = an_episode(ana, slump="eases_looking_up", now=now)
    for name, ids in (("patient", [ana.pk]), ("gates", [ana.pk, episode.pk])):
        text = client_of(dana).get(reverse(f"workspace:{name}", args=ids)).content.decode()
        assert "ease when looking up" in text
        assert "eases_looking_up<" not in text
        assert "eases_looking_up)" not in text
