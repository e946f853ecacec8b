import os

import pytest
from hypothesis import HealthCheck, Phase, settings

from programs.rulebook import current_rules

# The long run, 100,000 cases and more: HYPOTHESIS_PROFILE=long pytest tests/programs/rules/test_invariants.py
slow_machine = [HealthCheck.too_slow]
settings.register_profile("short", max_examples=200, deadline=None, database=None, suppress_health_check=slow_machine)
settings.register_profile("long", parent=settings.get_profile("short"), max_examples=12_000)
# bench/mutants.py: the same examples every time, and no search for a smaller one once a mutant is caught.
once = (Phase.explicit, Phase.generate)
settings.register_profile(
    "mutants", parent=settings.get_profile("short"), max_examples=40, derandomize=True, phases=once
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "short"))


@pytest.fixture
def rules():
    return current_rules()
