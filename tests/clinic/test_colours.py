"""Contrast by computation: each pair of tokens that meets on a page, in both schemes, for each hue of a clinic."""

import math
import re
from pathlib import Path

import pytest

CSS = Path(__file__).parents[2] / "clinic" / "static" / "css"
TEXT, SIGN = 4.5, 3.0  # WCAG 2.2: 1.4.3 for words, 1.4.11 for signs and the edges of controls
GROUNDS = ["paper", "surface", "sunken"]
SEVERITIES = [f"severity-{n}" for n in range(1, 6)]

WORDS = [
    *[
        (word, ground)
        for word in ("ink", "ink-soft", "accent", "accent-strong", "danger", "good")
        for ground in GROUNDS
    ],
    *[(severity, ground) for severity in SEVERITIES for ground in [*GROUNDS, f"{severity}-wash"]],
    *[("ink", f"{severity}-wash") for severity in SEVERITIES],
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("on-danger", "danger"),
    ("on-alarm", "alarm"),
    ("on-alarm", "alarm-strong"),
    ("ink", "accent-wash"),
    ("ink-soft", "accent-wash"),
    ("accent", "accent-wash"),
    ("accent-strong", "accent-wash"),
    ("good", "good-wash"),
    ("ink", "good-wash"),
    ("accent", "severity-2-wash"),
    ("accent", "severity-3-wash"),
    ("ink-soft", "severity-3-wash"),
    ("ink-soft", "severity-1-wash"),
    *[(severity, "accent-wash") for severity in SEVERITIES],
]
SIGNS = [
    *[(sign, ground) for sign in ("edge", "focus", "series-b", "series-c") for ground in GROUNDS],
    *[("focus", ground) for ground in ("accent-wash", "severity-1-wash", "severity-2-wash", "severity-3-wash")],
]


def tokens():
    """Each colour token as its pair of values, light and dark."""
    found = {}
    for name, value in re.findall(r"--([\w-]+):\s*((?:light-dark|oklch)\(.+?\));", (CSS / "tokens.css").read_text()):
        shades = re.findall(r"oklch\(([\d.]+)% ([\d.]+) ([\w().-]+?)\)(?=[,)]|$)", value)
        found[name] = [shades[0], shades[-1]]
    return found


def channels(shade, hue):
    """OKLCH to linear sRGB, cut off where the screen ends, as Ottosson publishes it."""
    lightness, chroma = float(shade[0]) / 100, float(shade[1])
    angle = math.radians(hue if shade[2].startswith("var") else float(shade[2]))
    a, b = chroma * math.cos(angle), chroma * math.sin(angle)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    mixed = (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )
    return [min(max(part, 0.0), 1.0) for part in mixed]


def luminance(shade, hue):
    red, green, blue = channels(shade, hue)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(front, back, scheme, hue):
    shades = tokens()
    lights = sorted(luminance(shades[name][scheme], hue) for name in (front, back))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def faint(pairs, least, scheme, hue=195):
    measured = {(front, back): round(contrast(front, back, scheme, hue), 2) for front, back in pairs}
    return {pair: ratio for pair, ratio in measured.items() if ratio < least}


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_words_can_be_read_on_every_ground_they_stand_on(scheme):
    assert faint(WORDS, TEXT, scheme) == {}


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_signs_and_edges_of_controls_can_be_seen(scheme):
    assert faint(SIGNS, SIGN, scheme) == {}


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_no_hue_a_clinic_may_choose_breaks_the_contrast(scheme):
    accents = [pair for pair in WORDS if any("accent" in name for name in pair)]
    assert {hue: faint(accents, TEXT, scheme, hue) for hue in range(0, 360, 15)} == {
        hue: {} for hue in range(0, 360, 15)
    }


def test_white_on_black_measures_twenty_one():
    white, black = ("100", "0", "0"), ("0", "0", "0")
    assert round((luminance(white, 0) + 0.05) / (luminance(black, 0) + 0.05), 1) == 21.0


def test_every_step_of_hue_has_its_rule():
    assert [int(hue) for hue in re.findall(r'data-hue="(\d+)"', (CSS / "hues.css").read_text())] == list(
        range(0, 360, 15)
    )


def test_colours_live_in_the_tokens_alone():
    """print.css says black and white, swagger.css mends a vendor's shades; everything else uses the names of tokens."""
    strays = {
        path.name: re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\(|hsl\(", path.read_text())
        for path in CSS.rglob("*.css")
        if path.name not in ("print.css", "swagger.css")
    }
    assert {name: found for name, found in strays.items() if found} == {}
