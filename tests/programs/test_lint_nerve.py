"""Lint keeps a held stretch out of programs that let somebody in whose nerve nobody has cleared."""

import pytest

from programs.lint import lint
from programs.models import Phase
from programs.publishing import BrokenDraft, publish_version
from tests.factories.library import published_library
from tests.factories.stretches import stretch_draft

SAID = "A held stretch is not for people with nerve signs"


def errors(draft):
    return [finding.where for finding in lint(draft) if finding.is_error and SAID in finding.text]


@pytest.fixture(autouse=True)
def library(clinic):
    return published_library(clinic)


@pytest.mark.parametrize(
    "slump", ["", "eases_looking_up", "not_reproduced", "unchanged_or_not_done_and_no_leg_tingling"]
)
def test_a_stretch_is_no_part_of_a_program_for_a_positive_or_unknown_nerve(clinic, theo, now, slump):
    draft = stretch_draft(clinic, slump=slump)

    assert errors(draft) == ["hold, STA"]
    with pytest.raises(BrokenDraft, match=SAID):
        publish_version(draft, change_note="x", actor=theo, now=now)


def test_a_stretch_may_stand_where_the_screen_must_have_cleared_the_nerve(clinic):
    assert errors(stretch_draft(clinic, slump="unchanged")) == []


def test_only_the_path_that_leads_to_the_stretch_counts(clinic):
    paths = {
        "muscle": {"when": {"screen": {"SLUMP": "unchanged"}}},
        "nerve": {"when": {"screen": {"SLUMP": "eases_looking_up"}}},
    }
    draft = stretch_draft(clinic, slump="", paths=paths)
    assert errors(draft) == ["hold, STA"]

    Phase.objects.filter(version=draft).update(path="muscle")
    assert errors(draft) == []
