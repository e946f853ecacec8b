from importlib import import_module

from django.apps import AppConfig


class ClinicConfig(AppConfig):
    name = "clinic"

    def ready(self) -> None:
        import_module("clinic.refusals_noted")  # listens to the signals of sign-ins
