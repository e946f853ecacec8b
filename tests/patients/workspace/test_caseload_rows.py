"""What people typed stands in the caseload as text: its rows are written in Python, where nothing escapes by itself."""

from dataclasses import fields
from datetime import date
from uuid import UUID

import pytest

from patients.caseload import CaseRow
from patients.workspace.caseload_rows import rows_as_html

TYPED = sorted(one.name for one in fields(CaseRow) if "str" in str(one.type) and one.name != "trend")


def a_row(**changes):
    told = {"patient_id": UUID(int=1), "name": "Bo", "owner_id": UUID(int=2), "owner": "Dana", "program": "Ball"}
    days = {"last_on": date(2026, 11, 2), "silent_days": 1, "review_on": date(2026, 11, 9), "review_is_due": True}
    done = {"phase": "Settle", "week": 2, "is_paused": True, "logged": 2, "scheduled": 3, "trend": "up"}
    pain = {"last_pain": 3, "worst_pain": 4, "pains": (1, None, 4), "flags": ((2, 1), (4, 3)), "oldest_flag": None}
    rest = {"trial_days": 5, "is_stalled": False, "is_covered": True}
    return CaseRow(**(told | days | done | pain | rest | changes))


@pytest.mark.parametrize("name", TYPED)
def test_what_was_typed_is_text(name):
    drawn = rows_as_html([a_row(**{name: '<b onload="x">&\''})], treats=True)
    assert ("<b " in drawn, "&lt;b onload=&quot;x&quot;&gt;&amp;&#x27;" in drawn) == (False, True)
