"""Requests that carry the id of a row of another clinic elsewhere than in their path."""

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import uuid4

from django.urls import resolve
from rest_framework import serializers

from patients.api.fields import Strict
from tests.architecture.routes import ROLES, Line
from tests.architecture.rows import APPS, Rows
from tests.architecture.world import Answer, World, model_named

CLINIC = "X-Clinic"
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
WORD = re.compile(r"[^\s=]+='[^']*'|\S+")


@dataclass(frozen=True)
class Swap:
    role: str
    line: Line
    given: tuple[tuple[str, str], ...]  # name → 'literal' or Model
    becomes: str

    def __str__(self) -> str:
        return f"{self.line} {' '.join(name for name, value in self.given if self.carries(name, value))}"

    @staticmethod
    def carries(name: str, value: str) -> bool:
        return "{" in f"{name}{value}".replace("{New}", "") or not value.startswith("'")

    @property
    def names(self) -> list[str]:
        return [name for name, value in self.given if self.carries(name, value)]

    @property
    def fields(self) -> set[tuple[str, str, str]]:
        return {(self.line.method, self.line.route, re.sub(r"(?<=\})-.*", "", name)) for name in self.names}

    def ask(self, world: World, *, without: bool = False) -> Answer:
        """The request with the other clinic's ids in it; `without` them, to see what then comes."""
        rows = dict(world.theirs)
        given = {
            filled(name, rows): filled(value[1:-1], rows) if value.startswith("'") else str(row_of(value, rows))
            for name, value in self.given
            if not (without and self.carries(name, value))
        }
        headers = {CLINIC: given.pop(CLINIC)} if CLINIC in given else {}
        request: dict[str, Any] = {"headers": headers}
        if self.line.method == "GET":
            request["QUERY_STRING"] = urlencode(given)
        else:
            request["data"] = json.dumps(body(given)) if self.line.route.startswith("api:") else urlencode(given)
        return world.ask(self.line, self.role, world.ours, **request)


def read(table: str) -> Iterator[Swap]:
    for text in filter(None, table.splitlines()):
        asked, _arrow, becomes = text.partition("→")
        place, _bar, fields = asked.partition("|")
        role, method, route, *path = place.split()
        line = Line(method, route, tuple(map(pair, path)), (200,) * len(ROLES))
        yield Swap(role, line, tuple(map(pair, WORD.findall(fields))), becomes.strip())


def pair(word: str) -> tuple[str, str]:
    name, _equals, value = word.partition("=")
    return name, value


def filled(text: str, rows: Rows) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: str(uuid4() if found[1] == "New" else row_of(found[1], rows)), text)


def row_of(name: str, rows: Rows) -> object:
    model, _dot, attribute = name.partition(".")
    return getattr(rows[model_named(model)], attribute or "pk")


def body(given: dict[str, str]) -> dict[str, Any]:
    """Names with dots as lists and objects; `[]` is an empty list, a digit a number."""
    made: dict[str, Any] = {}
    for name, text in given.items():
        value: Any = json.loads(text) if text == "[]" or text.isdecimal() else text
        if "." in name:
            outer, _zero, inner = name.split(".")
            made[outer] = [{inner: value}]
        else:
            made[name] = value
    return made


def names_field(answer: Answer, name: str) -> bool:
    """Whether an error stands at the field `name`: of a form of the page, of a row of one, or of the API's answer."""
    if answer.response.headers["Content-Type"].startswith("application/json"):
        places = [fault["attr"] or "?" for fault in answer.response.json()["errors"]]
        return any(name.startswith(place) for place in places)  # the exercise is named, not the key in it
    return any(name in {form.add_prefix(field) for field in form.errors} for form in forms_of(answer))


def forms_of(answer: Answer) -> Iterator[Any]:
    for context in answer.response.context or ():
        for layer in context.dicts if hasattr(context, "dicts") else [context]:
            for value in layer.values():
                if hasattr(value, "add_prefix") and hasattr(value, "errors"):
                    yield value
            for inline in layer.get("inline_admin_formsets", ()):
                yield from inline.formset.forms


class Controls(HTMLParser):
    """What a page would send that holds an id: `found` are method, address, name and id."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path, self.form, self.select = path, ("GET", path), ""
        self.found: set[tuple[str, str, str, str]] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.form = (given.get("method", "get").upper(), given.get("action") or self.path)
        if tag == "select":
            self.select = given.get("name", "")
        if tag in {"input", "button", "option", "textarea"}:
            name = self.select if tag == "option" else given.get("name", "")
            self.note(*self.form, name, given.get("value", ""))
        for name in ("href", "hx-get"):
            path, _mark, query = given.get(name, "").partition("?")
            for key, value in parse_qsl(query):
                self.note("GET", path or self.path, key, value)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = ("GET", self.path)  # a control outside is sent along by a script that fetches the page

    def note(self, method: str, path: str, name: str, value: str) -> None:
        self.found |= {(method, path, name, found) for found in ID.findall(f"{name} {value}")}


def fields_with_ids(page: Answer, models: dict[str, str]) -> set[tuple[str, str, str]]:
    """Method, route and name of every field and query parameter of a page that names a row; ids in names by model."""
    reader = Controls(page.response.wsgi_request.path)
    reader.feed(page.response.content.decode())
    return {
        (method, resolve(path.partition("?")[0]).view_name, shape(name, models))
        for method, path, name, row in reader.found
        if row in models
    }


def shape(name: str, models: dict[str, str]) -> str:
    """`<id>-pain_after` is like every field of that exercise, `levels-3-id` like the first."""
    known = ID.sub(lambda found: f"{{{models.get(found[0], 'New')}}}", name)
    return re.sub(r"-(\d+|__prefix__)-", "-0-", re.sub(r"(?<=\})-.*", "", known))


def parameters_read() -> set[str]:
    """Every name the doors look up in the query of an address, read off the syntax tree."""
    root = Path(__file__).parents[2]
    trees = [ast.parse(path.read_text()) for app in APPS for path in (root / app).rglob("*.py")]
    return {name for tree in trees for node in ast.walk(tree) for name in looked_up(node)}


def looked_up(node: ast.AST) -> list[str]:
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Attribute(attr="GET")), args=[ast.Constant(value=str(name)), *_]):
            return [name]
        case ast.Compare(left=ast.Constant(value=str(name)), comparators=[ast.Attribute(attr="GET")]):
            return [name]
        case ast.Subscript(value=ast.Attribute(attr="GET"), slice=ast.Constant(value=str(name))):
            return [name]
    return []


def ids_read_by_the_api() -> set[tuple[str, str]]:
    """Shape and field of every id in a body or question."""
    return {
        (shape.__name__, name)
        for shape in shapes_below(Strict)
        for name, field in shape().fields.items()
        if isinstance(field, serializers.UUIDField)
    }


def shapes_below(shape: type[Strict]) -> Iterator[type[Strict]]:
    for below in shape.__subclasses__():
        yield below
        yield from shapes_below(below)
