import subprocess
import sys

BLOCKED = """
import sys
for name in ("django", "yaml", "celery", "rest_framework", "clinic"):
    sys.modules[name] = None
from programs.rules import Facts, RuleSet, assess, decide
print(Facts().kind, *sorted(name for name in sys.modules if name.split(".")[0] == "programs"))
"""


def test_the_rules_import_with_django_blocked():
    done = subprocess.run([sys.executable, "-c", BLOCKED], capture_output=True, text=True, check=True)

    kind, *modules = done.stdout.split()
    assert kind == "strength"
    assert all(name == "programs" or name.startswith("programs.rules") for name in modules)
