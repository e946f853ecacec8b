"""Once a week: pain that creeps up, and sessions that fall away."""

from patients.models import FlagEvent


def codes():
    return set(FlagEvent.objects.filter(kind="finding").values_list("code", flat=True))


def trains(story, days, **given):
    for day in range(15):
        if day in days:
            story.trains(day, "BRG", **given)
        story.answers(day, pain=given.get("pain_before", 1))
        story.night(day)


def test_pain_before_sessions_that_is_up_by_two_gets_a_look(story):
    for day in range(15):
        if day in (0, 2, 4, 7, 9, 11):
            usual = 1 if day < 7 else 3
            story.trains(day, "BRG", pain_before=usual, pain_during=usual, pain_after=usual)
        story.night(day)

    assert "FL-BASE-UP" in codes()


def test_the_same_pain_as_in_the_first_week_gets_none(story):
    trains(story, (0, 2, 4, 7, 9, 11))

    assert not {"FL-BASE-UP", "FL-ADH50"} & codes()


def test_less_than_half_of_two_weeks_is_information(story):
    trains(story, (0, 4))

    assert "FL-ADH50" in codes()


def test_a_held_exercise_is_nobodys_lack_of_will(story):
    story.trains(0, "BRG", pain_during=8)
    trains(story, ())

    assert "FL-ADH50" not in codes()
