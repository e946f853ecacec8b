"""The order of a run: slow modules first, a share for each worker."""

from pathlib import Path
from types import SimpleNamespace

from tests.conftest import slow_ones_first

FLAGS, STORIES, QUICK = "faults/test_flags.py", "journeys/test_stories.py", "clinic/test_env.py"


def ordered(*modules: str, workers: int) -> list[str]:
    items = [SimpleNamespace(path=Path(__file__).parent / module) for module in modules]
    return [item.path.relative_to(Path(__file__).parent).as_posix() for item in slow_ones_first(items, workers=workers)]


def test_each_workers_part_begins_with_whole_slow_modules():
    found = ordered(QUICK, FLAGS, FLAGS, QUICK, QUICK, STORIES, QUICK, workers=2)
    assert (found[:3], found[3:]) == ([FLAGS, FLAGS, QUICK], [STORIES, QUICK, QUICK, QUICK])


def test_one_process_runs_the_slow_ones_first_and_loses_none():
    assert ordered(QUICK, FLAGS, QUICK, STORIES, workers=1) == [FLAGS, STORIES, QUICK, QUICK]
