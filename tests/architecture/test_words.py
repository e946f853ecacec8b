"""What the README and the pages under docs/ name is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
FOLDERS = ("clinic/", "programs/", "patients/", "reminders/", "templates/", "tests/", "docs/", "bin/", "bench/", ".ci/")


@pytest.mark.parametrize("written", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_a_page_names_exists(written):
    words = re.findall(r"`([^`\s]+)`", written.read_text())
    named = {word.partition("::")[0] for word in words if word.startswith(FOLDERS)}

    assert [word for word in sorted(named) if not list(ROOT.glob(word.rstrip("/")))] == []


@pytest.mark.parametrize("written", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(written):
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", written.read_text())

    assert [target for target in targets if not (written.parent / target).exists()] == []
