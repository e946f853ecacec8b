"""What forms say of wrong values: the value and the rule, and no words of Django's own."""

import pytest
from django import forms
from django.core.validators import RegexValidator

from clinic.forms import ClinicForm
from clinic.plain_errors import PlainErrors

CHOICES = [("a", "A"), ("b", "B")]


def said(field: forms.Field, given: object) -> list[str]:
    form = type("Form", (PlainErrors, forms.Form), {"it": field})({"it": given})
    return form.errors["it"]


@pytest.mark.parametrize(
    ("field", "given", "words"),
    [
        (forms.CharField(), "", "This cannot stay empty."),
        (forms.CharField(max_length=3), "four", "4 characters: at most 3 fit here."),
        (forms.IntegerField(min_value=1, max_value=20), "9999", "9999: goes from 1 to 20."),
        (forms.IntegerField(min_value=1), "-5", "-5: begins at 1."),
        (forms.IntegerField(), "many", "“many” is not a whole number."),
        (forms.DecimalField(max_digits=3), "12345", "“12345” has too many digits."),
        (forms.ChoiceField(choices=CHOICES), "z", "“z” is not one of the choices."),
        (forms.MultipleChoiceField(choices=CHOICES), [], "Choose at least one."),
        (forms.MultipleChoiceField(choices=CHOICES), ["a", "z"], "“z” is not one of the choices."),
        (forms.DateField(), "soon", "“soon” is not a day."),
        (forms.EmailField(), "ana", "“ana” is not an e-mail address, like name@example.org."),
        (forms.IntegerField(), "9" * 20 + "x" * 30, f"“{'9' * 20}{'x' * 20}…” is not a whole number."),
    ],
)
def test_the_value_and_the_rule_are_said(field, given, words):
    assert said(field, given) == [words]


def test_what_only_the_model_knows_is_said_in_the_same_words(clinic):
    form = ClinicForm({"retention_years": "99"}, instance=clinic)

    assert form.errors["retention_years"] == ["99: goes from 0 to 30."]


def test_words_that_a_field_brings_stay():
    assert said(forms.CharField(error_messages={"required": "Say why."}), "") == ["Say why."]
    assert said(forms.CharField(validators=[RegexValidator("^x", message="Begins with x.")]), "y") == ["Begins with x."]
