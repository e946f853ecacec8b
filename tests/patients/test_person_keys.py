"""One person is known again by address, or by phone and date of birth."""

from datetime import date

import pytest

from patients.person_keys import email_keys, normal_email, phone_keys


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        (" Ana@People.Example ", "ana@people.example"),
        ("ana+x@people.example", "ana@people.example"),
        ("a.n.a@people.example", "a.n.a@people.example"),
        ("a.n.a+x@GoogleMail.com", "ana@gmail.com"),
        ("ana@bücher.example", "ana@xn--bcher-kva.example"),
        ("nonsense", ""),
    ],
)
def test_one_spelling_of_an_address(typed, normal):
    assert normal_email(typed) == normal


def test_the_digest_changes_with_the_secret_and_the_old_one_is_still_known(settings):
    (before,) = email_keys("ana@people.example")
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another secret"

    assert email_keys("ana@people.example")[1:] == [before]


def test_a_phone_counts_only_with_the_birth_date():
    born = date(1985, 5, 17)
    assert phone_keys("+44 20 7946 0200", born) == phone_keys("020 7946 0200", born)
    assert phone_keys("020 7946 0200", None) == phone_keys("0200", born) == []
