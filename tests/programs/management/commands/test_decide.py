import json
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from programs.management.commands.decide import BadLine, answers
from programs.rulebook import current_rules

ROOT = Path(__file__).parents[4]


def ask(*lines):
    return list(answers(lines, current_rules()))


def test_each_line_is_answered():
    out = StringIO()
    call_command("decide", lines=["{}\n", "\n", '{"neuro": ["weakness"], "pain_during": 7}\n'], stdout=out)

    assert [json.loads(line) for line in out.getvalue().splitlines()] == [
        {
            "outcome": "advance",
            "rule": "R-A07",
            "reason": "You met every goal of this level. Next time you move up one level.",
            "flags": [],
            "severity": None,
            "scope": None,
        },
        {
            "outcome": "stop_and_flag",
            "rule": "R-S02",
            "reason": "You reported new weakness. Please stop all your exercises until a clinician has looked at it.",
            "flags": ["FL-JUMP", "FL-PAIN7", "FL-WEAK"],
            "severity": 2,
            "scope": "plan",
        },
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"pian_during": 3}', "line 3: pian_during = 3: unknown key"),
        ('{"pain_during": 11}', "line 3: pain_during = 11: must be a whole number from 0 to 10"),
        ('{"pain_during": true}', "line 3: pain_during = true: must be a whole number from 0 to 10"),
        ('{"pain_during": "3"}', 'line 3: pain_during = "3": must be a whole number from 0 to 10'),
        ('{"gap": 1, "gap": 2}', "line 3: gap = 2: given twice"),
        ('{"completion_l": 1e999}', "line 3: completion_l = Infinity: must be a number of 0 or more"),
        ('{"completion_l": NaN}', "line 3: not a JSON object: NaN is not a number"),
        ("{", "line 3: not a JSON object: "),
        ("[]", "line 3: not a JSON object: facts stand between { and }"),
        ("3", "line 3: not a JSON object: "),
        ('{"gap": ' + "9" * 5000 + "}", "line 3: not a JSON object: "),
        ("[" * 100_000, "line 3: not a JSON object: "),
        (b"\xff{}", "line 3: not a JSON object: "),
    ],
)
def test_a_bad_line_is_named(line, message):
    with pytest.raises(BadLine) as refusal:
        ask("{}", "  \n", line, "{}")
    assert str(refusal.value).startswith(message)


def test_the_lines_before_a_bad_one_are_answered_and_nothing_of_the_bad_one():
    out = StringIO()
    with pytest.raises(CommandError) as refusal:
        call_command("decide", lines=["{}", '{"gap": -1}', "{}"], stdout=out)

    assert refusal.value.returncode == 2
    assert len(out.getvalue().splitlines()) == 1


def test_the_command_ends_with_status_two():
    done = subprocess.run(
        [sys.executable, "manage.py", "decide", "--settings=clinic.settings.test"],
        input='{"pain_during": 7}\n{"usual": 12}\n',
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert [json.loads(line)["rule"] for line in done.stdout.splitlines()] == ["R-S07"]
    assert "line 2: usual = 12: must be a whole number from 0 to 10" in done.stderr
