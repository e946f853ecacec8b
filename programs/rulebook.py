"""Reads the rules once and hands them over as values. The rules themselves know nothing of files or languages."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext as _

from programs.rules import RuleSet

LIBRARY = Path(__file__).parent / "library" / "rules"


_tried: ContextVar[RuleSet | None] = ContextVar("rules on trial", default=None)


def current_rules() -> RuleSet:
    """The rule set this clinic software runs on: `.version` and `.digest` go into every stored decision.

    Raises BadRules naming the entry.
    """
    return _tried.get() or shipped_rules()


@contextmanager
def trying(rules: RuleSet) -> Iterator[None]:
    """Inside, everything that asks for the rules gets `rules`: for dry runs, which store no decision."""
    token = _tried.set(rules)
    try:
        yield
    finally:
        _tried.reset(token)


@cache
def shipped_rules() -> RuleSet:
    return RuleSet.from_values(*library_values())


def library_values() -> tuple[dict[str, Any], dict[str, Any]]:
    """The shipped progression rules and flag rules as plain values."""
    return _read("progression_rules.yaml"), _read("flag_rules.yaml")


def in_words(reason_key: str, reason_values: Mapping[str, Any]) -> str:
    """A decision's reason in the reader's language. Works for old decisions too: the key is the sentence itself."""
    side = {"left": _("left"), "right": _("right")}
    values = {name: side.get(value, value) for name, value in reason_values.items()}
    return _(reason_key).format(**values)


def _read(name: str) -> Any:
    return yaml.safe_load((LIBRARY / name).read_text(encoding="utf-8"))
