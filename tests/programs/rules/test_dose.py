import pytest

from programs.rules import Dose, Lighter, lighter, next_load

SHIPPED = ["shorten_rom", "less_load_10pct", "minus_one_set"]


def steps(dose, order=SHIPPED):
    """Every way taken until nothing is left to take away."""
    taken = []
    while True:
        dose, way = lighter(dose, order)
        if way is None:
            return dose, taken
        taken.append(way.value)


def test_the_range_goes_first_then_sets_then_bouts():
    dose = Dose(sets=2, reps_low=8, reps_high=12, per_day_low=2, per_day_high=3)
    least, taken = steps(dose)

    assert taken == ["shorten_rom", "shorten_rom", "minus_one_set", "fewer_bouts", "fewer_bouts"]
    assert least == Dose(sets=1, reps_low=8, reps_high=12, per_day_low=1, per_day_high=1, rom_pct=50)


def test_ten_percent_less_load_rounds_down_to_plates_that_exist():
    dose = Dose(load_grams=20_000)
    assert lighter(dose, ["less_load_10pct"]) == (Dose(load_grams=18_000), Lighter.LESS_LOAD)
    assert lighter(dose, ["less_load_10pct"], min_step_grams=1250)[0] == Dose(load_grams=17_500)


def test_a_band_goes_one_step_down():
    assert lighter(Dose(band_step=1), ["less_load_10pct"])[0] == Dose(band_step=0)
    assert lighter(Dose(band_step=0, sets=2), ["less_load_10pct", "minus_one_set"])[1] is Lighter.ONE_SET_LESS


def test_one_set_less_also_lowers_the_most_sets():
    assert lighter(Dose(sets=1, sets_max=2), ["minus_one_set"])[0] == Dose(sets=1, sets_max=1)
    assert lighter(Dose(sets=3, sets_max=4), ["minus_one_set"])[0] == Dose(sets=2, sets_max=3)


def test_the_least_dose_stays_as_it_is():
    assert lighter(Dose(rom_pct=50), SHIPPED) == (Dose(rom_pct=50), None)
    assert lighter(Dose(rom_pct=40), SHIPPED) == (Dose(rom_pct=40), None)


def test_a_way_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="less_pain"):
        lighter(Dose(), ["less_pain"])


def test_each_way_makes_the_dose_smaller():
    dose = Dose(sets=3, reps_low=8, reps_high=12, load_grams=10_000, per_day_high=2)
    assert all(lighter(dose, [way])[0].size < dose.size for way in Lighter)


def test_the_ends_of_a_dose_count_the_whole_day():
    glide = Dose(sets=1, sets_max=2, reps_low=15, reps_high=20, per_day_low=3, per_day_high=5)
    assert (glide.low_end, glide.high_end) == (45, 200)
    hold = Dose(sets=2, seconds_low=20, seconds_high=30)
    assert (hold.low_end, hold.high_end) == (40, 60)


@pytest.mark.parametrize(
    ("grams", "step", "expected"),
    [(40_000, 2500, 42_500), (20_000, 1250, 21_250), (12_500, 1250, 13_750), (10_000, 1250, None), (5000, 1250, None)],
)
def test_the_next_load_is_five_percent_more_in_whole_plates(grams, step, expected):
    assert next_load(grams, min_step_grams=step) == expected


@pytest.mark.parametrize(("grams", "expected"), [(10_000, 11_250), (5000, 6250), (0, 1250)])
def test_two_for_two_allows_the_bigger_step(grams, expected):
    assert next_load(grams, min_step_grams=1250, two_for_two_met=True) == expected


def test_a_first_load_needs_two_for_two():
    assert next_load(0, min_step_grams=1250) is None


def test_a_load_below_nothing_is_refused():
    with pytest.raises(ValueError, match="grams from 0"):
        next_load(-1, min_step_grams=1250)
