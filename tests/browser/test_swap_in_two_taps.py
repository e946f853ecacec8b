"""Swap in two taps: on Today a link, on the next page a button, and the equal exercise stands in the place."""

import pytest

from patients.models import ProgramItem
from tests.browser.accessible import faults_of
from tests.browser.hands import at, words_of
from tests.factories import people
from tests.factories.programs import a_program, item_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_swap_in_two_taps(page_of, clock, clinic, dana, library):
    clock(at(0, 9))
    lena = people.make_patient(clinic, "Lena Fischer", owner=dana)
    program = a_program(lena, library["HINGE_REEDUCATION"], now=at(0, 9))
    old = item_of(program, "DYN")
    phone = page_of(lena)
    phone.goto("/today/")

    phone.locator('a[href$="/swap/"]').click()
    phone.wait_for_url("**/swap/")
    assert faults_of(phone) == []
    phone.get_by_role("button", name="Do this instead: Light pull – small pump").click()
    phone.wait_for_url("**/today/")

    words = words_of(phone)
    assert "Swapped: Light pull – small pump takes the place of" in words
    assert "Banded hip distraction" in words
    assert ProgramItem.objects.get(program=program, ladder_version__code="BDS").first_id == old.pk
