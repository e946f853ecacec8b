"""What a verb raises when it will not do a thing: a sentence fit for the person who reads it."""

from collections.abc import Mapping


class Refused(Exception):
    """A refusal. `errors` names the fields at fault, each with the value and the rule; empty if no field is."""

    def __init__(self, message: str, errors: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.errors = dict(errors or {})
