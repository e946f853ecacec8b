"""Keyed digests by which a person is known again without keeping the address: one trial a person (handbook 4.6)."""

import unicodedata
from contextlib import suppress
from datetime import date

from django.conf import settings
from django.utils.crypto import salted_hmac

DOTS_DO_NOT_COUNT = {"gmail.com", "googlemail.com"}
DIGITS_COMPARED = 9  # the end of a phone number: with or without the country code it is the same phone


def normal_email(email: str) -> str:
    """One spelling of an address: trimmed, case-folded, host in IDNA, no +tag, and no dots where they do not count."""
    name, at, host = unicodedata.normalize("NFKC", email.strip()).casefold().rpartition("@")
    if not at:
        return ""
    with suppress(UnicodeError):  # not a host in any spelling: compared as it was typed
        host = host.encode("idna").decode()
    name = name.partition("+")[0]
    if host in DOTS_DO_NOT_COUNT:
        name, host = name.replace(".", ""), "gmail.com"
    return f"{name}@{host}"


def normal_phone(phone: str) -> str:
    digits = "".join(character for character in phone if character.isdigit())
    return digits[-DIGITS_COMPARED:] if len(digits) >= DIGITS_COMPARED else ""


def email_keys(email: str) -> list[str]:
    """The digest under today's secret, then those under retired ones: a rotated secret forgets nobody."""
    return _keys("email", normal_email(email))


def phone_keys(phone: str, birth_date: date | None) -> list[str]:
    """Phone and birth date together: a family may share a phone."""
    number = normal_phone(phone)
    return _keys("phone", f"{number}:{birth_date.isoformat()}" if number and birth_date else "")


def _keys(kind: str, value: str) -> list[str]:
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS] if value else []
    salt = f"patients.person_keys.{kind}"
    return [salted_hmac(salt, value, secret=secret, algorithm="sha256").hexdigest() for secret in secrets]
