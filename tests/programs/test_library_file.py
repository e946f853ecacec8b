"""Library files: what is refused, and in which words."""

from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from programs.entries import BadLibrary
from programs.library_file import read_library, read_text, shipped_library

SOUND = """
defaults: {stop: [red_flag], lighter: {order: [shorten_rom]}}
gates:
  seen: {by: therapist, text: Seen by a therapist}
  thirty: {by: log, text: Thirty in a row}
ladders:
  CRL:
    title: Curl
    kind: strength
    levels:
      - {id: CRL-1, name: short, sets: 2, reps: [6, 10], sets_gate: thirty}
      - {id: CRL-2, name: long, sets: 2, reps: [8, 12], requires_gates: [thirty], terminal: true}
templates:
  BALL:
    title: Ball
    phases:
      - {name: one, days: [1, 14], items: [{ladder: CRL, start: CRL-1, cap: CRL-2}], exit: {all: [{gate: seen}]}}
"""


def written(tmp_path: Path, text: str, name: str = "hamstring.yaml") -> Path:
    folder = tmp_path / "library"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text)
    return folder / name


def refusal(tmp_path: Path, text: str) -> str:
    with pytest.raises(BadLibrary) as caught:
        read_library([written(tmp_path, text)])
    return str(caught.value)


def test_the_sound_file_is_sound(tmp_path):
    library = read_library([written(tmp_path, SOUND)])

    assert (list(library.gates), list(library.ladders), list(library.templates)) == (
        ["seen", "thirty"],
        ["CRL"],
        ["BALL"],
    )


def test_the_shipped_files_are_cross_checked():
    library = shipped_library()

    assert (len(library.gates), len(library.ladders), len(library.templates)) == (8, 14, 8)
    assert sum(len(ladder.levels) for ladder in library.ladders.values()) == 52


def test_a_missing_gate_is_named_as_the_style_sheet_says(tmp_path):
    text = SOUND.replace("requires_gates: [thirty]", "requires_gates: [curl_30_both]")

    assert refusal(tmp_path, text) == (
        'library/hamstring.yaml, ladder CRL, level CRL-2: requires gate "curl_30_both", which no ladder sets '
        "(line 12). Nothing was loaded."
    )


LADDER = "library/hamstring.yaml, ladder CRL"
LEVEL = f"{LADDER}, level CRL-1"
PHASE = "library/hamstring.yaml, template BALL, phase one"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("defaults:", "defalts:", 'library/hamstring.yaml: unknown entry "defalts"'),
        ("stop: [red_flag]", "stopp: [red_flag]", 'library/hamstring.yaml, defaults: unknown entry "stopp"'),
        ("by: log", "by: nobody", 'gate thirty: by: "nobody" is none of'),
        ("text: Thirty in a row", "text: 30", "gate thirty: text: must be text"),
        ("kind: strength", "kind: strenght", f'{LADDER}: kind: "strenght" is none of'),
        ("kind: strength", "kind: strength\n    colour: red", f'{LADDER}: unknown entry "colour"'),
        ("title: Curl", "title: ''", f"{LADDER}: title: must be text"),
        ("title: Curl", f"title: {'x' * 121}", f"{LADDER}: title: longer than 120 characters"),
        ("kind: strength", "kind: strength\n    cues: [yes]", f"{LADDER}: cues: must be a list of texts"),
        ("kind: strength", "kind: strength\n    blocks: [STA]", f"{LADDER}: names ladder STA, which no file has"),
        (
            "kind: strength",
            "kind: strength\n    requires: {ladder_level: BRG-4}",
            "requires level BRG-4, which no ladder",
        ),
        ("kind: strength", "kind: strength\n    requires: {gate: other}", f'{LADDER}: requires gate "other"'),
        ("kind: strength", "kind: strength\n    lighter: {order: [rest]}", f'{LADDER}: lighter: "rest" is none of'),
        ("kind: strength", "kind: strength\n    mistakes_from: {CRL-9: [late]}", "mistakes_from: has no level CRL-9"),
        ("kind: strength", "kind: strength\n    equipment: {from_level: {CRL-9: [mat]}}", 'unknown entry "CRL-9"'),
        ("shorten_rom", "shorten", f'{LADDER}: lighter: "shorten" is none of'),
        ("id: CRL-2", "id: CRL-1", f"{LEVEL}: stands twice"),
        ("id: CRL-2", "id: BRG-2", "level BRG-2: its id must be CRL-1, CRL-2 and so on"),
        ("name: short", "nam: short", f'{LEVEL}: unknown entry "nam"'),
        ("sets_gate: thirty", "sets_gate: forty", f'{LEVEL}: sets gate "forty", which is not among the gates'),
        ("sets_gate: thirty", "terminal: true", f"{LEVEL}: is marked as the top, but levels follow it"),
        (
            "sets: 2, reps: [6, 10]",
            "sets: 21, reps: [6, 10]",
            f"{LEVEL}: sets: 21: must be a whole number from 1 to 20",
        ),
        ("reps: [6, 10]", "reps: [6, 301]", f"{LEVEL}: reps_high: 301: goes from 1 to 300"),
        ("reps: [6, 10]", "reps: [10, 6]", f"{LEVEL}: reps_high: 10 to 6: ends below its start"),
        ("reps: [6, 10]", "reps: [0, 6]", f"{LEVEL}: reps_low: 0: goes from 1 to 300"),
        ("reps: [6, 10]", "reps: 10", f"{LEVEL}: reps: must be two whole numbers, from and to"),
        ("reps: [6, 10]", "reps: ['6', 10]", f"{LEVEL}: reps: must be two whole numbers, from and to"),
        ("reps: [6, 10]", "seconds: [6, 10]", f"{LEVEL}: reps_low: is needed for this mode"),
        ("reps: [6, 10]", "reps: [6, 10], seconds: [6, 10]", f"{LEVEL}: seconds_low: does not go with this mode"),
        ("reps: [6, 10]", "mode: time, seconds: [20, 1801]", f"{LEVEL}: seconds_high: 1801: goes from 1 to 1800"),
        ("reps: [6, 10]", "reps: [6, 10], mode: fast", f'{LEVEL}: mode: "fast" is none of'),
        ("reps: [6, 10]", "reps: [6, 10], sides: left", f'{LEVEL}: sides: "left" is none of'),
        ("reps: [6, 10]", "reps: [6, 10], tempo: slow", f"{LEVEL}: tempo: slow: three numbers of seconds"),
        ("reps: [6, 10]", "reps: [6, 10], per_day: [0, 1]", f"{LEVEL}: per_day_low: 0: goes from 1 to 12"),
        ("reps: [6, 10]", "reps: [6, 10], per_week: [3, 8]", f"{LEVEL}: per_week_high: 8: goes from 1 to 7"),
        ("reps: [6, 10]", "reps: [6, 10], load: {unit: stone}", f'{LEVEL}, load: unit: "stone" is none of'),
        ("reps: [6, 10]", "reps: [6, 10], load: {unit: kg}", f"{LEVEL}: load_start: is needed for this kind of load"),
        ("reps: [6, 10]", "reps: [6, 10], load: {unit: kg, start: 301}", "load_start: 301 kg: goes up to 300 kg"),
        ("reps: [6, 10]", "reps: [6, 10], load: {unit: kg, start: heavy}", "start: must be a number"),
        ("reps: [6, 10]", "reps: [6, 10], advance: {succeses: 2}", f'{LEVEL}, advance: unknown entry "succeses"'),
        ("reps: [6, 10]", "reps: [6, 10], advance: {approval: nobody}", 'approval: "nobody" is none of'),
        ("start: CRL-1", "start: CRL-9", f"{PHASE}, exercise 1: level CRL-9 is not on ladder CRL"),
        ("cap: CRL-2", "cap: CRL-9", f"{PHASE}, exercise 1: level CRL-9 is not on ladder CRL"),
        ("start: CRL-1, cap: CRL-2", "start: CRL-2, cap: CRL-1", "starts at CRL-2, above its cap CRL-1"),
        ("ladder: CRL", "ladder: BRG", f"{PHASE}, exercise 1: names ladder BRG, which no file has"),
        ("{gate: seen}", "{gate: unseen}", f'{PHASE}: requires gate "unseen", which no ladder sets'),
        ("{gate: seen}", "{level: CRL-9}", f"{PHASE}: exit names level CRL-9, which no ladder has"),
        ("{gate: seen}", "{moon: full}", "exit: {'moon': 'full'} is no known condition"),
        ("{gate: seen}", "{green_days: many}", "exit: {'green_days': 'many'} is no known condition"),
        ("{gate: seen}", "{therapist: false}", "exit: {'therapist': False} is no known condition"),
        ("{gate: seen}", "{reps_per_set: 12, ladder: BRG}", f"{PHASE}: names ladder BRG, which no file has"),
        ("exit: {all:", "exit: {some:", f'{PHASE}, exit: unknown entry "some"'),
        ("days: [1, 14]", "days: [14, 1]", f"{PHASE}: days: two numbers from 1 to 730, the smaller first"),
        (
            "title: Ball",
            "title: Ball\n    blocked_ladders: [BRG]",
            "template BALL: names ladder BRG, which no file has",
        ),
        ("title: Ball", "title: Ball\n    pain_policy: brave", 'template BALL: pain_policy: "brave" is none of'),
        (
            "title: Ball",
            "title: Ball\n    max_active_items: 7",
            "max_active_items: 7: must be a whole number from 1 to 6",
        ),
        ("title: Ball", "title: Ball\n    entry: {gates: [unseen]}", 'template BALL: requires gate "unseen"'),
        ("title: Ball", "title: Ball\n    entry: {screen: {LEG: up}}", 'entry, screen: unknown entry "LEG"'),
        ("name: one", "name: one, path: nerve", f'{PHASE}: path "nerve" is not among the paths'),
        ("    kind: strength", "    kind: strength\n    kind: nerve", 'line 10: "kind" stands twice'),
        (
            "    kind: strength",
            "    kind: strength\n    independent_sides: true",
            'asks for "sides: each" on every level',
        ),
        ("    kind: strength", "    kind: strength\n    independent_sides: maybe", "independent_sides: must be"),
        ("title: Curl", "title: [Curl", "library/hamstring.yaml, line 9: did not find expected ',' or ']'"),
    ],
)
def test_a_slip_is_refused_by_file_entry_and_reason(tmp_path, old, new, said):
    assert old in SOUND

    text = refusal(tmp_path, SOUND.replace(old, new, 1))

    assert said in text
    assert text.startswith("library/hamstring.yaml")
    assert text.endswith(". Nothing was loaded.")


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("title: Curl", "title: 7", 8),
        ("kind: strength", "kind: strength\n    cues: [yes]", 10),
        ("reps: [6, 10]", "reps: [6, 301]", 11),
        ("start: CRL-1", "start: CRL-9", 17),
        ("thirty: {by: log, text: Thirty in a row}", "thirty:\n    by: log\n    text: 30", 7),
        ("cap: CRL-2", "cap: &top CRL-2, from_day: *top", 17),
        ("title: Ball", f"title: Ball\n    education: {'[' * 30}{']' * 30}", 16),
    ],
)
def test_a_slip_is_refused_by_its_line(tmp_path, old, new, line):
    assert f"(line {line}). Nothing was loaded." in refusal(tmp_path, SOUND.replace(old, new, 1))


NASTY = [
    "2026-13-45",
    "? [a]\n: b\n",
    "9" * 5000,
    ".inf",
    ".nan",
    "!!python/object:os.system",
    "!!binary x",
    '"\\0"',
    "{",
    "]",
    "*a",
    "&a",
    "<<: {}",
    "~",
    "yes",
    "1e400",
    "\t",
    "- ",
    ": ",
    "0o7",
    "1:30",
    "\x85",
    "%",
    "@",
    "`",
    '"',
    "'",
    "|",
    ">",
]


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, len(SOUND)), st.integers(0, 6), st.sampled_from(NASTY)), min_size=1, max_size=4)
)
def test_a_spoilt_file_is_read_or_refused_and_never_an_error(cuts):
    text = SOUND
    for place, gone, put in cuts:
        text = text[:place] + put + text[place + gone :]
    with suppress(BadLibrary):
        read_text(text, name="spoilt.yaml")


@pytest.mark.parametrize(
    "value", ["2026-13-45", "9" * 5000, "{[a]: b}", ".inf", ".nan", '"nul \\0"', "!!python/name:os.system"]
)
def test_nonsense_for_a_value_is_refused(tmp_path, value):
    text = SOUND.replace("reps: [6, 10]", f"reps: [6, 10], load: {{unit: kg, start: {value}}}", 1)

    assert refusal(tmp_path, text).endswith("Nothing was loaded.")


@pytest.mark.parametrize("text", ["- a list", "just words", "ladders: [CRL]", "ladders: {CRL: }", "gates: {seen: yes}"])
def test_a_file_of_another_shape_is_refused(tmp_path, text):
    assert "must be a set of entries, each with a name" in refusal(tmp_path, text)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(BadLibrary, match="No such file or directory"):
        read_library([tmp_path / "library" / "missing.yaml"])


def test_the_same_ladder_in_two_files_is_refused(tmp_path):
    again = yaml.safe_dump({"gates": {"seen": {"by": "therapist", "text": "Again"}}})

    with pytest.raises(
        BadLibrary, match=r"library/other.yaml, gate seen: stands twice, also in library/hamstring.yaml"
    ):
        read_library([written(tmp_path, SOUND), written(tmp_path, again, "other.yaml")])


def test_a_template_may_use_a_ladder_of_another_file(tmp_path):
    parts = yaml.safe_load(SOUND)
    templates = yaml.safe_dump({"templates": parts.pop("templates")})

    library = read_library([written(tmp_path, templates, "a.yaml"), written(tmp_path, yaml.safe_dump(parts), "b.yaml")])

    assert library.templates["BALL"].phases[0].items[0].ladder == "CRL"
