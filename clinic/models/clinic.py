"""A clinic, and what it has set for itself."""

from typing import TYPE_CHECKING, ClassVar
from zoneinfo import ZoneInfo

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.access import ScopedQuerySet, clinics_of
from clinic.models.record import Record
from clinic.zones import validate_zone

if TYPE_CHECKING:
    from clinic.models.people import User


class ClinicQuerySet(ScopedQuerySet["Clinic"]):
    clinic_path: ClassVar[str] = "pk"

    def visible_to(self, user: "User") -> "ClinicQuerySet":
        return self.filter(pk__in=clinics_of(user))


def weekday_hours() -> dict[str, list[str]]:
    """Monday (0) to Friday (4), eight to six: the hours in which follow-up targets run."""
    return {str(day): ["08:00", "18:00"] for day in range(5)}


class Clinic(Record):
    name = models.CharField(_("name"), max_length=120)
    short_name = models.CharField(
        _("sender name"),
        max_length=40,
        help_text=_("Shown as the sender of mails: neutral, no treatment words."),
    )
    slug = models.SlugField(_("address word"), unique=True)
    zone = models.CharField(_("time zone"), max_length=64, default="Europe/London", validators=[validate_zone])
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    emergency_number = models.CharField(_("emergency number"), max_length=20, blank=True)
    urgent_care = models.CharField(_("urgent care out of hours"), max_length=120, blank=True)
    email = models.EmailField(_("reply address"), blank=True)
    staffed_hours = models.JSONField(_("staffed hours"), default=weekday_hours)
    mail_detail = models.BooleanField(
        _("exercise names in mails"),
        default=False,
        help_text=_("Only for patients who agreed to it in writing."),
    )
    trial_open = models.BooleanField(_("trial open"), default=False)
    service_area = models.JSONField(_("trial postcodes"), default=list, blank=True)
    band_colours = models.JSONField(_("band colours, lightest first"), default=list, blank=True)
    accent_hue = models.PositiveSmallIntegerField(_("accent colour"), default=195)
    privacy_notice = models.TextField(_("privacy notice"), blank=True)
    retention_years = models.PositiveSmallIntegerField(
        _("years a closed record is kept"),
        default=8,
        db_default=8,
        validators=[MinValueValidator(1), MaxValueValidator(30)],
        help_text=_("After them name and contact are erased. What the law of your country asks for may differ."),
    )
    password_words = models.JSONField(
        _("words no password may hold"), default=list, blank=True, db_default=models.Value([], models.JSONField())
    )
    looks_name_staff = models.BooleanField(
        _("patients read the names of who looked"),
        default=True,
        db_default=True,
        help_text=_("Without it they read roles: Therapist, Front desk."),
    )
    caseload_only = models.BooleanField(
        _("therapists see only their own patients"),
        default=False,
        db_default=False,
        help_text=_(
            "They open others in an emergency, with a reason. Urgent flags reach everybody on duty all the same."
        ),
    )

    objects = ClinicQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    @property
    def is_ready(self) -> bool:
        """The portal stays closed until people in trouble can be told whom to call."""
        return bool(self.phone and self.emergency_number)

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)
