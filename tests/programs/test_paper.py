"""Pictures of exercises for paper."""

import re
from base64 import b64encode
from uuid import uuid4
from xml.etree import ElementTree

import pytest
from django.core.files.base import ContentFile

from clinic.typesetting import whole_svg
from programs.drawings import FOLDER, NAMES
from programs.models import LevelVersion, Picture
from programs.paper import INK, pictures_of
from programs.templatetags.picture import picture


def level(code="BRG-4", **details):
    return LevelVersion(code=code, name="single leg bridge", content={"details": details})


@pytest.mark.parametrize("name", NAMES)
def test_every_drawing_is_a_document_of_its_own(name):
    drawn = whole_svg(picture(level(drawing=name)), INK)
    assert ElementTree.fromstring(drawn).tag == "{http://www.w3.org/2000/svg}svg"


def test_every_part_of_a_drawing_has_its_ink():
    used = {
        name for path in FOLDER.glob("*.html") for name in re.findall(r'class="(?:[\w-]+ )*([\w-]+)"', path.read_text())
    }
    assert {name for name in used if f".{name}" not in INK} == set()


def test_a_level_without_a_picture_has_none(db):
    assert pictures_of([level(drawing="none")]) == {}


def test_what_a_trainer_brought_is_in_it_with_its_words(clinic, now):
    brought = Picture.objects.create(clinic=clinic, file=ContentFile(b"RIFF", "a.webp"), brought_at=now)
    own = {"id": str(brought.pk), "width": 60, "height": 40, "text": "Hips up"}
    [found] = pictures_of([level(picture=own)]).values()
    assert (b64encode(b"RIFF").decode() in found["svg"], found["text"]) == (True, "Hips up")


def test_a_file_that_is_gone_leaves_the_words(db):
    own = {"id": str(uuid4()), "width": 60, "height": 40, "text": "Hips up"}
    assert pictures_of([level(picture=own)]) == {}
