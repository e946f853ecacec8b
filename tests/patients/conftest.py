import pytest

from tests.factories.library import published_library


@pytest.fixture
def library(clinic):
    """The eight published templates by their code."""
    return published_library(clinic)
