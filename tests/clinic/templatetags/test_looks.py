from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.template import engines
from django.test import RequestFactory

NOW = datetime(2026, 10, 14, 16, 40, tzinfo=UTC)


class Report(forms.Form):
    pain = forms.TypedChoiceField(label="Pain now", choices=[(n, n) for n in range(11)], coerce=int)
    change = forms.ChoiceField(
        label="Since yesterday", choices=[("worse", "Worse"), ("same", "Same")], widget=forms.RadioSelect
    )
    cramp = forms.BooleanField(label="I had a cramp", required=False)
    note = forms.CharField(label="Note", required=False, max_length=5, help_text="Short.")


def draw(source, path="/", **context):
    request: Any = RequestFactory().get(path)
    request.now = NOW
    return engines["django"].from_string("{% load looks %}" + source).render(context, request)


def test_an_icon_beside_words_is_hidden_from_screen_readers():
    assert 'aria-hidden="true"' in draw('{% icon "flag" %}')


def test_an_icon_that_stands_alone_says_its_words():
    assert '<span class="visually-hidden">done</span>' in draw('{% icon "check" "outline" "done" %}')


def test_no_icon_needs_an_inline_style():
    assert "style=" not in draw('{% icon "flag" %}{% icon "phone" "solid" %}{% severity 1 %}')


@pytest.mark.parametrize(
    ("level", "word"), [(1, "Emergency"), (2, "Urgent"), (3, "Soon"), (4, "Routine"), (5, "Information")]
)
def test_each_severity_has_its_own_word(level, word):
    assert f"</svg>{word}</span>" in draw("{% severity level %}", level=level)


def test_no_two_severities_share_a_shape():
    shapes = {draw("{% severity level %}", level=level).split(" d=")[1].split("/>")[0] for level in range(1, 6)}
    assert len(shapes) == 5


def test_the_pain_scale_has_eleven_keys_and_none_is_chosen_beforehand():
    page = draw("{% pain_scale form.pain %}", form=Report())
    assert (page.count('type="radio"'), page.count("checked")) == (11, 0)


def test_the_pain_scale_keeps_the_answer_given():
    page = draw("{% pain_scale form.pain %}", form=Report(data={"pain": "0"}))
    assert page.count("checked") == 1 and 'value="0" checked' in page


def test_the_ends_of_the_pain_scale_are_words():
    page = draw('{% pain_scale form.pain low="none" high="all" %}', form=Report())
    assert '0<span class="visually-hidden"> none</span>' in page


def test_a_field_with_an_error_points_at_its_hint_and_its_error():
    page = draw("{% form_field form.note %}", form=Report(data={"note": "too long"}))
    assert 'aria-describedby="id_note_hint id_note_error"' in page and 'id="id_note_error"' in page


def test_a_field_without_an_error_is_not_called_invalid():
    assert "aria-invalid" not in draw("{% form_field form.note %}", form=Report())


def test_radios_stand_in_a_fieldset_with_the_question_as_legend():
    page = draw('{% form_field form.change layout="choice-row" %}', form=Report())
    assert "<legend>Since yesterday</legend>" in page and 'class="choice-row"' in page


def test_a_tick_box_has_its_words_in_the_same_target():
    page = draw("{% form_field form.cramp %}", form=Report())
    assert page.index('<label class="choice"') < page.index("<input") < page.index("I had a cramp")


@pytest.mark.parametrize(
    ("back", "words"),
    [
        (timedelta(seconds=30), "just now"),
        (timedelta(minutes=12), "12 min ago"),
        (timedelta(hours=2), "2 h ago"),
        (timedelta(days=9), "9 days ago"),
        (timedelta(minutes=-40), "in 40 min"),
    ],
)
def test_a_time_is_told_as_people_say_it(back, words):
    assert f'<span aria-hidden="true">{words}</span>' in draw("{% ago moment %}", moment=NOW - back)


def test_the_exact_time_is_on_hover_and_for_screen_readers():
    page = draw("{% ago moment %}", moment=NOW - timedelta(hours=2))
    assert page.count("Wed 14 Oct 2026, 14:40") == 2


def test_a_follow_up_past_its_time_says_so_in_words():
    assert "4 min late" in draw("{% due_in moment %}", moment=NOW - timedelta(minutes=4))


def test_no_time_is_a_dash():
    assert "–" in draw("{% due_in moment %}{% ago moment %}", moment=None)


@pytest.mark.parametrize(("hue", "step"), [(195, 195), (200, 195), (359, 0), (0, 0), (None, 195), ("red", 195)])
def test_a_hue_becomes_a_step_of_the_sheet(hue, step):
    assert draw("{{ hue|hue_step }}", hue=hue) == str(step)


def test_the_page_one_is_on_is_marked():
    assert draw('{% here "/staff/triage/" %}', path="/staff/triage/") == ' aria-current="page"'


def test_a_page_below_marks_its_parent_unless_asked_exactly():
    source = '{% here "/staff/" %}|{% here "/staff/" exact=True %}'
    assert draw(source, path="/staff/triage/") == ' aria-current="true"|'


def test_other_addresses_belong_to_a_link_too():
    source = '{% here "/staff/" "/staff/patients/" exact=True %}'
    drawn = [draw(source, path=path) for path in ("/staff/", "/staff/patients/1/", "/staff/triage/")]
    assert drawn == [' aria-current="page"', ' aria-current="true"', ""]


def test_initials_are_two_letters_at_most():
    people = [SimpleNamespace(name="Dana"), SimpleNamespace(name="ana maria reyes"), SimpleNamespace(name="")]
    assert [draw("{{ person|initials }}", person=person) for person in people] == ["D", "AM", "·"]


def test_a_level_without_its_own_drawing_shows_its_ladder():
    assert draw('{% drawing "BRG-2" "Bridge" %}') == draw('{% drawing "BRG" "Bridge" %}') != ""


def test_a_level_on_the_ball_has_its_own_drawing():
    assert draw('{% drawing "BRG-4" %}') != draw('{% drawing "BRG-1" %}')


@pytest.mark.parametrize("code", ["XYZ-1", "", "../base", "BRG/../../base"])
def test_a_code_nobody_drew_gives_nothing(code):
    assert draw("{% drawing code %}", code=code) == ""


def test_a_drawing_says_its_exercise_or_keeps_silent():
    assert 'aria-label="Bridge"' in draw('{% drawing "BRG" "Bridge" %}')
    assert 'aria-hidden="true"' in draw('{% drawing "BRG" %}')
