"""`bin/sbom` lists what a server runs on: the lock, package by package, in a form other programs read."""

import json
import re
import subprocess
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def written() -> str:
    return subprocess.run(["bin/sbom"], cwd=ROOT, check=True, capture_output=True, text=True).stdout


def test_it_is_cyclonedx(written):
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(written) is None


def test_every_locked_package_is_listed_with_its_hashes(written):
    listed = {(one["name"], one["version"]) for one in json.loads(written)["components"] if one["hashes"]}
    locked = re.findall(r"^([\w.-]+)(?:\[.*\])?==(\S+)", (ROOT / "requirements/base.txt").read_text(), re.MULTILINE)
    assert listed == set(locked)
    assert ("django" in dict(locked), len(locked) > 30) == (True, True)


def test_it_names_no_registry(written):
    assert re.findall(r"https?://\S+", written) == []
