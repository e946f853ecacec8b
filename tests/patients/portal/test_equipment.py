"""Ana's list of what she has at home, the swap in two taps, and what is offered while the next level waits."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from patients.equipment import set_equipment
from patients.models import Program
from tests.factories.programs import a_program, item_of
from tests.patients.test_equipment import last_clean_day


@pytest.fixture
def hinge(ana, library, now):
    return a_program(ana, library["HINGE_REEDUCATION"], now=now)


def running():
    return set(Program.objects.get().items.filter(ended_on=None).values_list("ladder_version__code", flat=True))


def test_ana_keeps_her_own_list(portal, ana, program):
    assert "Nobody has asked yet." in portal.get("/settings/").content.decode()
    portal.post("/settings/equipment/", {"things": ["exercise_ball", "broom"]})

    assert "broom, exercise ball" in portal.get("/settings/").content.decode()
    ana.refresh_from_db()
    assert ana.equipment == ["broom", "exercise_ball"]
    portal.post("/settings/equipment/", {})
    assert "Nothing that an exercise needs." in portal.get("/settings/").content.decode()


def test_two_taps_from_today_swap_for_an_equal(portal, hinge):
    url = f"/exercises/{item_of(hinge, 'DYN').pk}/swap/"
    assert f'href="{url}"' in portal.get("/today/").content.decode()
    page = portal.get(url).content.decode()
    assert "Do this instead: Light pull – small pump" in page

    text = portal.post(url, {"level": "BDS-1"}, follow=True).content.decode()
    assert "Swapped: Light pull – small pump takes the place of Active knee straightening – small range." in text
    assert running() == {"BDS", "HNG"}


def test_an_equal_without_its_things_says_what_it_needs(portal, ana, hinge, now):
    set_equipment(ana, [], actor=ana.user, now=now)
    url = f"/exercises/{item_of(hinge, 'DYN').pk}/swap/"
    page = portal.get(url).content.decode()

    assert "Needs: mobility band, anchor point." in page
    assert "Do this instead" not in page
    assert "Nothing was swapped" in portal.post(url, {"level": "BDS-1"}, follow=True).content.decode()
    assert running() == {"DYN", "HNG"}


def test_the_swap_of_another_patient_is_not_there(client_of, other_patient, hinge):
    url = f"/exercises/{item_of(hinge, 'DYN').pk}/swap/"
    assert client_of(other_patient).post(url, {"level": "BDS-1"}).status_code == 404


def test_while_the_next_level_waits_a_fifth_more_is_offered(portal, ana, program, now, the_clock):
    set_equipment(ana, [], actor=ana.user, now=now)
    item = last_clean_day(program, now)
    page = portal.get("/program/").content.decode()
    assert "The next level needs: exercise ball." in page
    assert "A fifth more instead: 1 × 24–36" in page

    portal.post(f"/exercises/{item.pk}/more/")
    page = portal.get("/program/").content.decode()
    assert "1 × 24–36" in page
    assert "A fifth more instead" not in page


def test_a_thing_got_since_goes_on_the_list(portal, ana, program, now):
    set_equipment(ana, [], actor=ana.user, now=now)
    item = last_clean_day(program, now)
    portal.post(f"/exercises/{item.pk}/have/", {"thing": "exercise_ball"})

    ana.refresh_from_db()
    assert ana.equipment == ["exercise_ball"]
    assert portal.post(f"/exercises/{item.pk}/have/", {"thing": "a_yacht"}).status_code == 404


@pytest.mark.parametrize(("templates", "exercises"), [(("HINGE_REEDUCATION",), 2), (("MOBILITY_TO_LOADED_HINGE",), 3)])
def test_today_and_program_cost_the_same_whatever_could_be_swapped(portal, ana, library, now, templates, exercises):
    for code in templates:
        a_program(ana, library[code], now=now)
    counts = []
    for url in ("/today/", "/program/"):
        portal.get(url)
        with CaptureQueriesContext(connection) as queries:
            portal.get(url)
        counts.append(len(queries))

    assert Program.objects.get().items.count() == exercises
    assert counts == [8, 10]
