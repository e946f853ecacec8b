"""The lock: exact versions with hashes, and no word of where they came from."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_the_lock_names_no_host_and_no_folder(lock):
    assert (
        re.findall(r"^.*(?:https?:|file:|--index|--find-links|--extra|\s@\s).*$", lock.read_text(), re.MULTILINE) == []
    )


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_locked_package_has_a_version_and_hashes(lock):
    entries = re.findall(r"^([a-z0-9][^\s=]*)(.*)\n((?:    --hash=sha256:.*\n)*)", lock.read_text(), re.MULTILINE)
    assert [name for name, rest, hashes in entries if "==" not in rest or not hashes] == []


def test_every_dependency_of_the_project_is_locked():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = {
        "base": project["project"]["dependencies"],
        "local": project["dependency-groups"]["local"],
        "dev": project["dependency-groups"]["dev"],
    }
    lacking = [
        f"{lock}: {name}"
        for lock, dependencies in wanted.items()
        for name in (re.split(r"[\[<>=]", dependency)[0] for dependency in dependencies)
        if not re.search(rf"^{re.escape(name)}==", (ROOT / "requirements" / f"{lock}.txt").read_text(), re.MULTILINE)
    ]
    assert lacking == []
