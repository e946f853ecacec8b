"""What no template may hold, because the content policy would break it or a reader would meet an error page."""

import re
from pathlib import Path

import heroicons
import pytest

from clinic.templatetags.looks import SEVERITIES

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "clinic" / "static"
# Mails are read in mail programs, which know no style sheets of ours.
PAGES = [path for path in sorted((ROOT / "templates").rglob("*.html")) if "emails" not in path.parts]


def found(pattern, flags=re.IGNORECASE):
    """Every place in the pages that matches, as "file: text"."""
    return [
        f"{path.relative_to(ROOT)}: {match.group(0)}"
        for path in PAGES
        for match in re.finditer(pattern, path.read_text(), flags)
    ]


def names(pattern):
    return {match for path in PAGES for match in re.findall(pattern, path.read_text())}


def test_no_page_has_an_inline_style():
    assert found(r"\sstyle\s*=|<style\b") == []


def test_no_page_has_an_inline_script_or_handler():
    # " one" inside a template tag is no handler.
    assert found(r"<script(?![^>]*\bsrc=)[^>]*>|\son(?!e\b)[a-z]+\s*=|javascript:|\bhx-on\b") == []


def test_no_page_loads_from_another_house():
    assert found(r"""(?:src|href)=["'](?:https?:)?//[^"']*""") == []


@pytest.mark.parametrize("name", sorted(names(r"""\{% icon ["']([\w-]+)["']""")))
def test_every_icon_a_page_names_is_in_the_family(name):
    assert "<svg" in heroicons._render_icon("outline", name, 24, {})


@pytest.mark.parametrize("name", sorted(names(r"""\{% static ["']((?:css|js|img)/[^"']+)["']""")))
def test_every_file_a_page_links_is_there(name):
    assert (STATIC / name).is_file()


def test_every_component_a_base_page_names_has_its_sheet():
    named = {word for words in names(r'for name in "([\w ]+)"\|words %}<link') for word in words.split()}
    assert named and {word for word in named if not (STATIC / "css/components" / f"{word}.css").is_file()} == set()


def test_every_component_sheet_is_linked_by_some_page():
    text = "".join(path.read_text() for path in PAGES)
    sheets = {path.stem for path in (STATIC / "css" / "components").glob("*.css")}
    assert {
        sheet for sheet in sheets if not re.search(rf'components/{sheet}\.css|"[\w ]*\b{sheet}\b[\w ]*"\|words', text)
    } == set()


def test_every_rule_stands_in_a_layer():
    """A rule outside the layers would beat all of them. Django's admin and Swagger have none: their two sheets."""
    stray = [
        path.name
        for path in (STATIC / "css").rglob("*.css")
        if path.name not in {"admin.css", "swagger.css"}
        and not re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL).lstrip().startswith("@layer")
    ]
    assert stray == []


def test_there_are_five_severities():
    assert sorted(SEVERITIES) == [1, 2, 3, 4, 5]


def test_a_short_comment_ends_on_its_line():
    """Over two lines Django shows it to everybody."""
    assert found(r"\{#(?:(?!#\}).)*$", re.MULTILINE) == []
