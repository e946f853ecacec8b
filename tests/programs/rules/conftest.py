import os

import pytest
from hypothesis import HealthCheck, settings

from programs.rulebook import current_rules

# The long run: HYPOTHESIS_PROFILE=long pytest tests/programs/rules
slow_machine = [HealthCheck.too_slow]
settings.register_profile("short", max_examples=200, deadline=None, database=None, suppress_health_check=slow_machine)
settings.register_profile("long", parent=settings.get_profile("short"), max_examples=100_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "short"))


@pytest.fixture
def rules():
    return current_rules()
