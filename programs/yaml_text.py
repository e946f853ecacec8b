"""Reads YAML that somebody uploaded: with its lines, and without what has no use in a library and can do harm."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext as _

from programs.entries import BadLibrary, Marked

MOST_DEPTH = 20


class _Loader(yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader):  # type: ignore[misc]
    """Remembers lines, and refuses a key that stands twice: YAML itself would silently keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _value in node.value:
            if key_node.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f'"{key_node.value}" stands twice', key_node.start_mark
                )
            seen.add(key_node.value)
        found: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        return found

    def construct_marked(self, node: yaml.MappingNode) -> Iterator[Marked]:
        found = Marked()
        found.line = node.start_mark.line + 1
        found.lines = {str(key.value): key.start_mark.line + 1 for key, _value in node.value}
        yield found
        found.update(self.construct_mapping(node))


_Loader.add_constructor("tag:yaml.org,2002:map", _Loader.construct_marked)


def text_of(path: Path, name: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as fault:
        raise BadLibrary(name, fault.strerror or _("cannot be read")) from None
    except UnicodeDecodeError:
        raise BadLibrary(name, _("is not text in UTF-8")) from None


def parse(text: str, name: str) -> object:
    try:
        _refuse_the_unusual(text, name)
        return yaml.load(text, Loader=_Loader) or {}  # noqa: S506  (it is a safe loader)
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        where = _("%(file)s, line %(line)s") % {"file": name, "line": mark.line + 1} if mark else name
        raise BadLibrary(where, getattr(fault, "problem", None) or _("is not YAML")) from None
    except (ValueError, TypeError, OverflowError):
        # A 13th month, a number of thousands of digits, a list for a name: YAML in form and still nonsense.
        raise BadLibrary(name, _("holds a date, a number or a name that cannot be read")) from None


def _refuse_the_unusual(text: str, name: str) -> None:
    """References and deep nesting have no use here, and in an uploaded file they can fill the memory."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        line = event.start_mark.line + 1 if event.start_mark else None
        if isinstance(event, yaml.ScalarEvent) and "\x00" in event.value:
            raise BadLibrary(name, _("holds a character that no text has"), line=line)
        if isinstance(event, yaml.AliasEvent):
            raise BadLibrary(name, _("a reference (*%(name)s): write it out") % {"name": event.anchor}, line=line)
        if depth > MOST_DEPTH:
            raise BadLibrary(name, _("nested deeper than a library ever is"), line=line)
