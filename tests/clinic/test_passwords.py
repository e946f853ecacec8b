"""Passwords hold no word that somebody who knows the house would try first."""

import pytest

from clinic import accounts
from clinic.models import User
from clinic.refusals import Refused
from tests.clinic.test_team_pages import PAGES
from tests.factories.people import PASSWORD


def refusal_of(user: User, password: str, now) -> str:
    with pytest.raises(Refused) as refusal:
        accounts.set_password(user, password=password, actor=user, now=now)
    return refusal.value.errors["password"]


@pytest.mark.parametrize(
    ("password", "word"),
    [
        ("my Stepwell key for work", "stepwell"),
        ("the riverside in autumn", "riverside"),
        ("PHYSIOtherapy is a craft", "physio"),
        ("what dana likes to drink", "dana"),
        ("a reed in the cold wind", "reed"),
    ],
)
def test_names_of_product_clinic_and_person_are_refused(dana, password, word, now):
    assert f"“{word}”" in refusal_of(dana, password, now)


def test_the_clinics_own_list_is_refused(dana, clinic, now):
    clinic.password_words = ["Harbour Street", "hockey"]
    clinic.save()
    assert "“harbour”" in refusal_of(dana, "down at the HARBOUR wall", now)


def test_the_list_of_another_clinic_and_short_words_do_not_count(dana, other_clinic, clinic, now):
    other_clinic.password_words = ["quiet"]
    other_clinic.save()
    clinic.password_words = ["the", "at"]
    clinic.save()
    accounts.set_password(dana, password="at the quiet end of the pier", actor=dana, now=now)
    dana.refresh_from_db()
    assert dana.check_password("at the quiet end of the pier")


def test_an_everyday_sentence_is_taken(dana, now):
    accounts.set_password(dana, password=PASSWORD, actor=dana, now=now)
    assert dana.check_password(PASSWORD)


def test_an_owner_keeps_the_list_in_the_settings(client_of, owner, clinic):
    browser = client_of(owner)
    fields = browser.get(PAGES[1]).context["form"]
    form = {name: fields[name].value() for name in fields.fields}
    form = {name: value for name, value in form.items() if value not in (None, False)}
    answer = browser.post(PAGES[1], form | {"password_words": "Harbour Street, hockey"})
    clinic.refresh_from_db()
    assert (answer.status_code, clinic.password_words) == (302, ["Harbour Street", "hockey"])
