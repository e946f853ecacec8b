"""Lists and conditions that Theo fills in: a line or a row an entry, and nothing is lost on the way."""

import pytest
from django.forms import ValidationError

from programs.admin.fields import ByNameField, LinesField, SetsField
from programs.admin.ladder_forms import LadderForm
from programs.admin.parts import WithParts
from programs.admin.version_forms import PhaseForm, VersionForm
from programs.models import Gate, Ladder, Phase, ProgramVersion
from tests.factories.library import loaded_library
from tests.programs.admin_pages import filled_in, page, rows_of


@pytest.fixture
def library(clinic, now):
    loaded_library(clinic, now)


@pytest.fixture
def theos(client_of, theo, library):
    return client_of(theo)


def as_read_again(form: WithParts) -> list[str]:
    """Fields whose stored value comes back different when it is shown and sent."""
    changed = []
    for bound in form:
        sent = rows_of(bound) if hasattr(bound.field, "columns") else {bound.html_name: bound.value()}
        given = bound.field.widget.value_from_datadict(sent, {}, bound.html_name)
        if bound.field.has_changed(form.initial.get(bound.name, bound.field.initial), given):
            changed.append(f"{form.instance}: {bound.name}")
    return changed


@pytest.mark.parametrize(("kind", "model"), [(LadderForm, Ladder), (VersionForm, ProgramVersion), (PhaseForm, Phase)])
def test_every_entry_of_the_shipped_library_is_read_back_as_it_was(clinic, library, kind, model):
    kind.clinic = clinic

    assert [lost for row in model.objects.all() for lost in as_read_again(kind(instance=row))] == []


def change(theos, obj, **values) -> None:
    data = filled_in(theos.get(page(obj))) | values
    assert theos.post(page(obj), data).status_code == 302
    obj.refresh_from_db()


def test_theo_makes_one_clean_set_of_twenty_or_a_signature_end_a_phase(theos):
    phase = Phase.objects.get(name="bridge")

    change(
        theos,
        phase,
        **{"exit-1-group": "any", "exit-1-what": "reps_per_set:BRG", "exit-1-number": "20"},
        **{"exit-2-group": "any", "exit-2-what": "therapist"},
    )

    assert phase.exit == {"any": [{"reps_per_set": 20, "ladder": "BRG"}, {"therapist": True}]}


@pytest.mark.parametrize(
    ("what", "number", "said"),
    [
        ("green_days", "", "Row 2: This condition needs a number."),
        ("therapist", "3", "Row 2: This condition has no number."),
        ("level:BRG-99", "", "Row 2: Condition: “level:BRG-99” is not one of the choices."),
        ("green_days", "400", "Row 2: Number: 400: goes from 1 to 365."),
        ("", "3", "Row 2: Condition: Choose one of these."),
    ],
)
def test_a_slip_in_a_condition_names_its_row(theos, what, number, said):
    phase = Phase.objects.get(name="bridge")
    slip = {"exit-2-group": "all", "exit-2-what": what, "exit-2-number": number}

    answer = theos.post(page(phase), filled_in(theos.get(page(phase))) | slip)

    assert said in answer.content.decode()
    assert f'value="{number}"' in answer.content.decode() or not number


def test_a_condition_on_a_gate_that_is_gone_stays_until_theo_takes_it_away(theos):
    Gate.objects.filter(code="hinge_3_points").delete()
    phase = Phase.objects.get(name="dowel")

    change(theos, phase, day_to="20")

    assert phase.exit == {"all": [{"gate": "hinge_3_points"}]}


def test_equipment_is_needed_all_or_one_of_several(theos):
    ladder = Ladder.objects.get(code="CRL")

    change(
        theos, ladder, equipment_all="mat", equipment_any_of="exercise_ball\n", equipment_options="barbell, squat_rack"
    )

    assert ladder.equipment == {
        "all": ["mat"],
        "any_of": ["exercise_ball"],
        "options": [["barbell", "squat_rack"]],
        "optional": ["mat"],
    }


def test_a_second_way_to_be_ready_for_a_ladder_is_a_row(theos):
    ladder = Ladder.objects.get(code="SLS")

    change(theos, ladder, **{"requires_any_of-1-ladder_level": "BRG-6", "requires_any_of-1-equipment": "support_rail"})

    assert ladder.requires == {
        "ladder_level": "SQT-2",
        "any_of": [{"ladder_level": "BRG-6", "equipment": "support_rail"}],
    }


def test_unticking_the_only_gate_frees_the_ladder(theos):
    ladder = Ladder.objects.get(code="SDL")
    assert ladder.requires == {"gate": "hinge_3_points"}

    change(theos, ladder, requires_gates=[])

    assert ladder.requires == {}


def test_a_stop_rule_is_a_line_and_what_the_form_does_not_show_stays(theos):
    ladder = Ladder.objects.get(code="NGL")

    change(theos, ladder, stop="red_flag\nnew_weakness")

    assert ladder.details["stop"] == ["red_flag", "new_weakness"]
    assert ladder.details["regress"]["on_worse_next_day"] == "repeat_lighter_once_then_stop_and_flag"


def test_who_may_begin_is_chosen_not_written(theos):
    version = ProgramVersion.objects.get(template__code="BALL_PROGRESSION")

    change(theos, version, entry_slump="unchanged", entry_gates=["curl_full_range"], entry_exclude="red_flag")

    assert version.entry == {
        "screen": {"SLUMP": "unchanged"},
        "gates": ["curl_full_range"],
        "exclude": ["red_flag"],
        "equipment": ["exercise_ball"],
    }


def test_a_third_path_is_a_row(theos):
    version = ProgramVersion.objects.get(template__code="TRIAL_STARTER_14D")
    change(
        theos,
        version,
        **{"paths-3-name": "tendon", "paths-3-exclude": "red_flag, latex", "paths-3-auto_advance": "therapist"},
    )

    assert version.paths["tendon"] == {"when": {"exclude": ["red_flag", "latex"]}, "auto_advance": "therapist"}
    assert sorted(version.paths) == ["muscle", "nerve", "tendon"]  # PostgreSQL orders keys in its own way


def test_a_path_that_waits_for_an_unknown_gate_is_refused_by_its_row(theos):
    version = ProgramVersion.objects.get(template__code="TRIAL_STARTER_14D")
    data = filled_in(theos.get(page(version))) | {"paths-2-gates": "moon"}

    assert "Row 2: Gates recorded before: “moon” is not there." in theos.post(page(version), data).content.decode()


def test_a_published_version_says_its_conditions_in_words(theos, theo, now):
    version = ProgramVersion.objects.get(template__code="NERVE_FIRST_HINGE")
    theos.post(page(version, "publish"), {"change_note": "First."})
    phase = version.phases.get(name="light load")

    said = theos.get(page(version)).content.decode() + theos.get(page(phase)).content.decode()

    for words in (
        "slump screen: symptoms ease when looking up",
        "recorded before: nerve glide cleared",
        "7 quiet days in a row",
        "one of: PSFS is better by 2; a therapist signs it off",
    ):
        assert words in said


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        (LinesField(), " a \n\n b", ["a", "b"]),
        (LinesField(whole=True), "2\n10", [2, 10]),
        (SetsField(), "ball, hard seat\nbarbell", [["ball", "hard seat"], ["barbell"]]),
        (
            ByNameField(),
            "SQT-4: too early, too deep\nSQT-4: too fast",
            {"SQT-4": ["too early", "too deep", "too fast"]},
        ),
        (ByNameField(bare=True), "broom\nstick", ["broom", "stick"]),
    ],
)
def test_a_line_is_an_entry(field, text, value):
    assert field.clean(text) == value
    assert field.clean(field.prepare_value(value)) == value


def test_every_line_at_fault_is_named():
    with pytest.raises(ValidationError) as caught:
        LinesField(whole=True).clean("2\nten\n\nx")

    assert caught.value.messages == ["Line 2: “ten” is not a whole number.", "Line 4: “x” is not a whole number."]
