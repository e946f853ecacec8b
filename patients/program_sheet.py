"""The program to take away: as a PDF, and on every sheet the way to the log, as a square for the camera of a phone."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from clinic import qr, typesetting
from clinic.models import Clinic
from patients.models import Patient
from patients.plan import Today, TodayItem
from programs.paper import pictures_of
from programs.templatetags.dose import dose_line, frequency_words, load_words

TEMPLATE = Path(__file__).with_suffix(".typ")


def log_address() -> str:
    """The same for everybody: who scans it signs in first, so a lost sheet opens nothing and names nobody."""
    return settings.SITE_URL + reverse("portal:session")


def has_portal(patient: Patient) -> bool:
    """Whether anybody can sign in for this patient: they themselves, or who looks after them."""
    return bool(patient.user_id) or patient.proxies.filter(revoked_at=None).exists()


def as_pdf(today: Today) -> bytes:
    """The sheet of a patient who has a portal, as the printed page shows it. Load clinic and identity with them."""
    patient = today.program.patient
    words = {"name": patient.identity.first_name, "clinic": patient.clinic.name}
    sheet = {
        "title": _("Program of %(name)s") % words,
        "lang": translation.get_language() or "en",
        "lead": f"{patient.clinic.name}, {date_format(today.date, 'j F Y')}",
        "exercises": _exercises(today.items, patient.clinic),
        "log": _log(),
        "warning": _warning(patient.clinic),
    }
    return typesetting.as_pdf(TEMPLATE, sheet)


def _exercises(rows: Sequence[TodayItem], clinic: Clinic) -> list[dict[str, Any]]:
    pictures = pictures_of(row.item.level for row in rows)
    return [_exercise(row, clinic, pictures.get(str(row.item.level_id))) for row in rows]


def _exercise(row: TodayItem, clinic: Clinic, picture: dict[str, str] | None) -> dict[str, Any]:
    name = capfirst(row.name)
    if row.ruled_out:
        return {"name": name, "lines": [row.why_held], "picture": None, "how": [], "cues": []}
    dose = [dose_line(row.dose, row.item), load_words(row.dose, clinic), frequency_words(row.dose, row.item.level)]
    return {
        "name": name,
        "lines": [line for line in (", ".join(filter(None, dose)), row.why_held) if line],
        "picture": picture,
        "how": row.content["how"],
        "cues": [capfirst(cue) for cue in row.content["cues"]],
    }


def _log() -> dict[str, Any]:
    address = log_address()
    text = _("Point the camera of your phone at the square, or open %(address)s. You sign in first.")
    square = {"svg": typesetting.whole_svg(qr.as_svg(address)), "text": address}
    return {"title": _("Log a session"), "text": text % {"address": address}, "square": square}


def _warning(clinic: Clinic) -> str:
    text = _("Stop and call %(phone)s if pain is strong, sharp or new. In an emergency call %(number)s.")
    return text % {"phone": clinic.phone, "number": clinic.emergency_number}
