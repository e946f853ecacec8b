"""Mutation of the rules: does a test notice when a threshold moves by one? `python -m bench.mutants --jobs 2`.

Every number of `programs/library/rules/*.yaml` is made one greater and one less (a fraction by a tenth), and in
`programs/rules/*.py` every number likewise and every order comparison loses or gains its equality. Each mutant runs
the tests of `tests/programs/rules/` in a forked process that reads the changed text; no file is touched. It is killed
if a test fails or the rules are refused. Those that change nothing anybody could see stand in `equivalent.yaml`
with the reason; any other survivor ends the run with status 1.
"""

import argparse
import ast
import importlib
import importlib.abc
import importlib.machinery
import json
import os
import re
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
DATA = ROOT / "programs" / "library" / "rules"
CODE = ROOT / "programs" / "rules"
# Examples first: they fail quickest, and the rest is read only for what they do not catch.
# Reading the package without Django starts a process and tells nothing of numbers.
ROUNDS = (
    ("vectors", "edges", "derived", "dose"),
    ("reach", "state", "ruleset", "facts", "needs", "watchwords", "documentation", "invariants"),
)
PATIENCE = 300  # seconds until a mutant that runs for ever counts as killed
# These tests need no plugin and no rewritten assertion, and a run without them starts in a tenth of the time.
BARE = ("-x", "-qq", "--assert=plain", "-o", "addopts=", "-W", "ignore::pytest.PytestConfigWarning")
BOUNDARY = {ast.Lt: ("<", "<="), ast.LtE: ("<=", "<"), ast.Gt: (">", ">="), ast.GtE: (">=", ">")}
TARGETS = ("ack", "contact")


@dataclass(frozen=True, slots=True)
class Mutant:
    """One changed file. `line` counts from 1; `was` is that line as written, without its indent."""

    file: Path
    line: int
    was: str
    change: str
    text: str

    @property
    def name(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.line}: {self.change}    {self.was}"

    @property
    def key(self) -> tuple[str, str, str]:
        return str(self.file.relative_to(ROOT)), self.was, self.change


def mutants() -> Iterator[Mutant]:
    for file in sorted(DATA.glob("*.yaml")):
        yield from of_data(file)
    for file in sorted(CODE.glob("*.py")):
        yield from of_code(file)


def _changed(file: Path, text: str, start: int, end: int, new: str) -> Mutant:
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", start)
    was = text[first : last if last >= 0 else len(text)].strip()
    change = f"{text[start:end]} to {new}"
    return Mutant(file, text.count("\n", 0, start) + 1, was, change, text[:start] + new + text[end:])


def _beside(number: float) -> list[str]:
    """The numbers next to it, as text. A whole number stays one; half a dose moves by a tenth."""
    if isinstance(number, int):
        return [str(number - 1), str(number + 1)]
    return [repr(round(number - 0.1, 10)), repr(round(number + 0.1, 10))]


# The data


def of_data(file: Path) -> Iterator[Mutant]:
    text = file.read_text(encoding="utf-8")
    for path, node in _scalars(yaml.compose(text, Loader=yaml.SafeLoader), ()):
        start, end = node.start_mark.index, node.end_mark.index
        kind = node.tag.rpartition(":")[2]
        if kind in {"int", "float"} and path != ("version",):
            number = int(node.value) if kind == "int" else float(node.value)
            for new in _beside(number):
                yield _changed(file, text, start, end, new)
        elif path[-1] in TARGETS and (found := re.match(r"\d+", node.value)):
            for new in _beside(int(found[0])):
                yield _changed(file, text, start, start + found.end(), new)


def _scalars(node: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], yaml.ScalarNode]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _scalars(value, (*path, str(key.value)))
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _scalars(value, path)
    else:
        yield path, node


# The code


def of_code(file: Path) -> Iterator[Mutant]:
    text = file.read_text(encoding="utf-8")
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))

    def at(line: int, column: int) -> int:
        return starts[line - 1] + len(text[starts[line - 1] : starts[line]].encode()[:column].decode())

    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
            start, end = at(node.lineno, node.col_offset), at(node.end_lineno or 0, node.end_col_offset or 0)
            for new in _beside(node.value):
                yield _changed(file, text, start, end, f"({new})" if new.startswith("-") else new)
        elif isinstance(node, ast.Compare):
            yield from _comparisons(file, text, node, at)


def _comparisons(file: Path, text: str, node: ast.Compare, at: Callable[[int, int], int]) -> Iterator[Mutant]:
    operands = [node.left, *node.comparators]
    for left, operator, right in zip(operands, node.ops, node.comparators, strict=False):
        if type(operator) in BOUNDARY:
            old, new = BOUNDARY[type(operator)]
            after = at(left.end_lineno or 0, left.end_col_offset or 0)
            start = text.index(old, after, at(right.lineno, right.col_offset))
            yield _changed(file, text, start, start + len(old), new)


# A run


class Changed(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Gives one module from a text instead of its file."""

    def __init__(self, mutant: Mutant) -> None:
        inside = mutant.file.relative_to(ROOT).with_suffix("")
        self.package = inside.name == "__init__"
        self.module = ".".join((inside.parent if self.package else inside).parts)
        self.mutant = mutant

    def find_spec(self, fullname: str, *_rest: Any) -> importlib.machinery.ModuleSpec | None:
        if fullname != self.module:
            return None
        spec = importlib.machinery.ModuleSpec(fullname, self, is_package=self.package)
        if self.package:
            spec.submodule_search_locations = [str(self.mutant.file.parent)]
        return spec

    def get_source(self, fullname: str) -> str:
        return self.mutant.text

    def get_code(self, fullname: str) -> CodeType:
        return self.source_to_code(self.mutant.text, str(self.mutant.file))

    def is_package(self, fullname: str) -> bool:
        return self.package


def survives(mutant: Mutant | None) -> bool:
    """Whether the tests pass. Called in a process of its own, which it spoils."""
    import pytest  # noqa: PLC0415 - only a run needs it

    for name in [name for name in sys.modules if re.match(r"programs\.(rules\b|rulebook$)", name)]:
        del sys.modules[name]
    with tempfile.TemporaryDirectory() as folder:
        if mutant and mutant.file.suffix == ".py":
            sys.meta_path.insert(0, Changed(mutant))
        rulebook = importlib.import_module("programs.rulebook")  # read anew, with what was changed
        if mutant and mutant.file.suffix == ".yaml":
            for file in DATA.glob("*.yaml"):
                (Path(folder) / file.name).write_text(
                    mutant.text if file == mutant.file else file.read_text(encoding="utf-8"), encoding="utf-8"
                )
            rulebook.__dict__["LIBRARY"] = Path(folder)
        return all(pytest.main([*BARE, *map(_test_file, names)]) == pytest.ExitCode.OK for names in ROUNDS)


def _test_file(name: str) -> str:
    return f"tests/programs/rules/test_{name}.py"


def start(mutant: Mutant | None) -> int:
    """The id of a new process that ends with status 0 if `mutant` survives."""
    if pid := os.fork():
        return pid
    status = 1
    try:
        signal.alarm(PATIENCE)
        for stream in (1, 2) if mutant else ():
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
        status = 0 if survives(mutant) else 1
    finally:
        os._exit(status)


def run_all(chosen: Sequence[Mutant], *, jobs: int) -> list[Mutant]:
    """Those that survive, in their order."""
    waiting, running, alive = list(chosen), dict[int, Mutant](), list[Mutant]()
    while waiting or running:
        while waiting and len(running) < jobs:
            mutant = waiting.pop(0)
            running[start(mutant)] = mutant
        pid, status = os.wait()
        mutant = running.pop(pid)
        if status == 0:
            alive.append(mutant)
            print(f"survived  {mutant.name}", file=sys.stderr, flush=True)
        if sys.stderr.isatty():
            print(f"\r{len(chosen) - len(waiting) - len(running)} of {len(chosen)}", end="", file=sys.stderr)
    return sorted(alive, key=chosen.index)


def equivalents() -> dict[tuple[str, str, str], str]:
    entries = yaml.safe_load((Path(__file__).parent / "equivalent.yaml").read_text(encoding="utf-8"))
    return {(one["file"], one["line"], one["change"]): one["why"] for one in entries}


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--jobs", type=int, default=2)
    options.add_argument("--only", default="", help="mutants whose file, line or change holds this text")
    options.add_argument("--json", action="store_true")
    chosen_by = options.parse_args()

    os.chdir(ROOT)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings.test")
    os.environ.update(HYPOTHESIS_PROFILE="mutants", PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    # Once for all: a process forked off starts in a moment.
    import django  # noqa: PLC0415
    import hypothesis  # noqa: F401, PLC0415
    import pytest  # noqa: F401, PLC0415

    django.setup()

    began = time.monotonic()
    if os.waitpid(start(None), 0)[1]:
        print("The tests fail without any change: nothing can be said.", file=sys.stderr)
        return 2
    known = equivalents()
    chosen = [one for one in mutants() if chosen_by.only in one.name]
    unlike = [one for one in chosen if one.key not in known]
    alive = run_all(unlike, jobs=chosen_by.jobs)
    report = {
        "mutants": len(chosen),
        "equivalent": len(chosen) - len(unlike),
        "killed": len(unlike) - len(alive),
        "score": round(100 * (len(unlike) - len(alive)) / len(unlike), 1) if unlike else 100.0,
        "minutes": round((time.monotonic() - began) / 60, 1),
        "survivors": [one.name for one in alive],
        "unused": [" ".join(key) for key in known.keys() - {one.key for one in mutants()}],
    }
    print(json.dumps(report, indent=1) if chosen_by.json else _in_words(report))
    return 1 if alive or report["unused"] else 0


def _in_words(report: dict[str, Any]) -> str:
    lines = [f"no longer there, take it out of equivalent.yaml: {name}" for name in report["unused"]]
    text = "{mutants} mutants, {equivalent} equivalent, {killed} killed: {score} percent, in {minutes} minutes."
    return "\n".join([*lines, text.format(**report)])


if __name__ == "__main__":
    sys.exit(main())
