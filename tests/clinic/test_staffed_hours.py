"""The hours in which somebody is at the clinic."""

from datetime import UTC, datetime

import pytest

from clinic.staffed_hours import last_close

LONDON = "Europe/London"
WEEK = {str(day): ["08:00", "18:00"] for day in range(5)}


@pytest.mark.parametrize(
    ("now", "closed"),
    [
        (datetime(2026, 3, 2, 9, tzinfo=UTC), datetime(2026, 2, 27, 18, tzinfo=UTC)),  # Monday: since Friday
        (datetime(2026, 3, 2, 20, tzinfo=UTC), datetime(2026, 3, 2, 18, tzinfo=UTC)),  # Monday night: since six
        (datetime(2026, 3, 30, 9, tzinfo=UTC), datetime(2026, 3, 27, 18, tzinfo=UTC)),  # over the change of the clocks
        (datetime(2026, 3, 31, 9, tzinfo=UTC), datetime(2026, 3, 30, 17, tzinfo=UTC)),  # six in summer time
    ],
)
def test_the_clinic_was_last_left_at_six(now, closed):
    assert last_close(now, WEEK, LONDON) == closed


def test_a_clinic_without_hours_is_never_left():
    assert last_close(datetime(2026, 3, 2, 9, tzinfo=UTC), {}, LONDON) is None
