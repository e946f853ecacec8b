"""The shipped library in a clinic, loaded and published."""

from datetime import datetime

from clinic.models import Clinic
from programs.loading import load_library, publish_new
from programs.models import ProgramVersion
from tests.factories.people import NOW


def published_library(clinic: Clinic, now: datetime = NOW) -> dict[str, ProgramVersion]:
    """Code of the template → its published version, for all eight templates."""
    load_library(clinic, actor=None, now=now)
    return {version.template.code: version for version in publish_new(clinic, actor=None, now=now)}
