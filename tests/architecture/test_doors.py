"""The doors fetch through `visible_to(user)` or `followed_by(user)`; read off the syntax tree, not the good will."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOORS = ("patients/portal", "patients/workspace", "patients/api", "patients/intake_pages", "reminders/views.py")
SCOPES = {"visible_to", "followed_by"}
MANAGERS = {"objects", "_default_manager", "_base_manager"}

# A door that is open to strangers by design: file and model, with the reason.
OPEN: dict[tuple[str, str], str] = {
    ("reminders/views.py", "Subscription"): "whoever has the token of an unsubscribe link may use it, signed in or not",
    ("reminders/views.py", "Relay"): "the mail relay belongs to no clinic",
    ("reminders/views.py", "Heartbeat"): "a tick belongs to no clinic",
}


def files() -> list[Path]:
    return [path for door in DOORS for path in ([ROOT / door] if door.endswith(".py") else (ROOT / door).rglob("*.py"))]


def unscoped(tree: ast.Module) -> list[tuple[int, str]]:
    """Line and model of every fetch that does not begin with a scope."""
    scoped = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr in SCOPES}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in MANAGERS and id(node) not in scoped:
            found.append((node.lineno, ast.unparse(node.value)))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("get_object_or_404", "get_list_or_404")):
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Name) and first.id[:1].isupper():
                found.append((node.lineno, first.id))
    return found


def test_no_door_fetches_past_the_scope():
    past = []
    for path in files():
        if not path.exists():
            continue
        name = str(path.relative_to(ROOT))
        past += [
            f"{name}:{line} {model}"
            for line, model in unscoped(ast.parse(path.read_text()))
            if (name, model) not in OPEN
        ]
    assert past == []


@pytest.mark.parametrize(
    ("source", "models"),
    [
        ("Patient.objects.get(pk=1)", ["Patient"]),
        ("Patient.objects.all()", ["Patient"]),
        ("queryset = Patient.objects", ["Patient"]),
        ("Patient._default_manager.filter(pk=1)", ["Patient"]),
        ("get_object_or_404(Patient, pk=1)", ["Patient"]),
        ("shortcuts.get_object_or_404(Patient, pk=1)", ["Patient"]),
        ("get_object_or_404(Patient.objects.visible_to(user), pk=1)", []),
        ("Patient.objects.followed_by(user).active()", []),
    ],
)
def test_the_reader_of_the_tree_sees_what_it_should(source, models):
    assert [model for _line, model in unscoped(ast.parse(source))] == models
