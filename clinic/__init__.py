"""The house: settings, people and roles, who may see what, audit."""

from clinic.celery import app as celery_app

__all__ = ["celery_app"]
