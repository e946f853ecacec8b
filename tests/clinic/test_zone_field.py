"""Choosing a time zone."""

import re

from django import forms

from clinic.zone_field import ZoneField
from clinic.zones import offered_zones


class Form(forms.Form):
    zone = ZoneField()


def test_every_zone_on_offer_can_be_chosen():
    drawn = str(Form()["zone"])
    assert tuple(re.findall(r'<option value="([^"]+)">', drawn)) == offered_zones()


def test_the_zone_set_so_far_is_the_chosen_one():
    drawn = str(Form(initial={"zone": "America/New_York"})["zone"])
    assert re.findall(r'<option value="([^"]+)" selected>([^<]+)</option>', drawn) == [
        ("America/New_York", "America/New York")
    ]


def test_what_describes_the_field_stays_with_it():
    drawn = Form()["zone"].as_widget(attrs={"aria-describedby": "hint"})
    assert drawn.startswith('<select aria-describedby="hint" id="id_zone" name="zone">')


def test_a_zone_that_is_not_on_offer_is_refused():
    assert Form({"zone": "CET"}).errors["zone"]
