import pytest

from tests.factories.library import published_library


@pytest.fixture
def library(clinic):
    return published_library(clinic)
