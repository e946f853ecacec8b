"""Exercise ladders: ordered levels of one movement, from the easiest to the hardest, and their frozen copies."""

import secrets
from typing import ClassVar, NoReturn, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.access import M, ScopedQuerySet, clinics_of
from clinic.models import Clinic, Record, User
from programs.bounds import level_faults
from programs.models.frozen import FrozenRecord, refuse


class LibraryQuerySet(ScopedQuerySet[M]):
    """The library is each clinic's own; everybody who works there may read it."""

    def visible_to(self, user: User) -> Self:
        return self.filter(**{f"{self.clinic_path}__in": clinics_of(user)})


class LevelQuerySet(LibraryQuerySet["Level"]):
    clinic_path: ClassVar[str] = "ladder__clinic"


class FrozenQuerySet(LibraryQuerySet[M]):
    def update(self, **kwargs: object) -> NoReturn:
        refuse()

    def delete(self) -> NoReturn:
        refuse()


class PictureQuerySet(FrozenQuerySet["Picture"]):
    def visible_to(self, user: User) -> Self:
        """Who works in the clinic, and who exercises there or looks after somebody who does."""
        if not (user.pk and user.is_active):  # nobody's id would find the clinics of patients without an account
            return self.none()
        here = models.Q(patients__user=user.pk) | models.Q(
            patients__proxies__user=user.pk, patients__proxies__revoked_at=None
        )
        exercises_in = Clinic.objects.filter(here, patients__closed_at=None).order_by().values("pk")
        return self.filter(models.Q(clinic__in=clinics_of(user)) | models.Q(clinic__in=exercises_in))


class LevelVersionQuerySet(FrozenQuerySet["LevelVersion"]):
    clinic_path: ClassVar[str] = "ladder_version__clinic"


class Kind(models.TextChoices):
    STRENGTH = "strength", _("Strength")
    MOTOR_CONTROL = "motor_control", _("Movement control")
    NERVE = "nerve", _("Nerve glide")
    SOFT_TISSUE = "soft_tissue", _("Soft tissue")
    MOBILITY_DYNAMIC = "mobility_dynamic", _("Moving stretch")
    STATIC_STRETCH = "static_stretch", _("Held stretch")


class Region(models.TextChoices):
    LUMBAR = "lumbar", _("Low back")
    POSTERIOR_THIGH_HIP = "posterior_thigh_hip", _("Back of thigh and hip")
    KNEE = "knee", _("Knee")
    FOOT = "foot", _("Foot")


class Sides(models.TextChoices):
    BOTH = "both", _("Both together")
    EACH = "each", _("Each side")
    ALTERNATING = "alternating", _("Side by side in turn")
    AFFECTED = "affected", _("The side being treated")


class Mode(models.TextChoices):
    REPS = "reps", _("Repetitions")
    TIME = "time", _("Seconds")
    FATIGUE = "fatigue", _("Until tired")
    PUMPS = "pumps", _("Slow pumps")


class LoadUnit(models.TextChoices):
    BODYWEIGHT = "bodyweight", _("Body weight")
    KG = "kg", _("Kilograms")
    BAND_STEP = "band_step", _("Band")


class Gate(Record):
    """A recorded prerequisite, such as thirty clean squats seen by a therapist."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="gates")
    code = models.SlugField(_("code"), max_length=60)
    text = models.CharField(_("what it says"), max_length=240)
    recorded_by = models.CharField(_("who may record it"), max_length=40)
    values = models.JSONField(_("values"), default=list, blank=True)
    source = models.CharField(_("source"), max_length=40, blank=True)
    overridable = models.BooleanField(_("a licensed therapist may go without it"), default=False, db_default=False)

    objects = LibraryQuerySet["Gate"].as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["clinic", "code"], name="programs_gate_code_once_a_clinic")
        ]

    def __str__(self) -> str:
        return self.text


class Ladder(Record):
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="ladders")
    code = models.CharField(_("code"), max_length=12)
    title = models.CharField(_("title"), max_length=120)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    region = models.CharField(_("region"), max_length=40, choices=Region, default=Region.POSTERIOR_THIGH_HIP)
    target = models.CharField(_("what it trains"), max_length=200, blank=True)
    setup = models.TextField(_("set-up"), blank=True)
    movement = models.TextField(_("movement"), blank=True)
    how = models.JSONField(_("how to do it, step by step"), default=list, blank=True)
    cues = models.JSONField(_("cues"), default=list, blank=True)
    mistakes = models.JSONField(_("common mistakes"), default=list, blank=True)
    precautions = models.JSONField(_("precautions"), default=list, blank=True)
    contraindications = models.JSONField(_("contraindications"), default=list, blank=True)
    adjustments = models.JSONField(_("adjustments"), default=list, blank=True)
    equipment = models.JSONField(_("equipment"), default=dict, blank=True)
    requires = models.JSONField(_("requires"), default=dict, blank=True)
    blocks = models.JSONField(_("blocks these ladders"), default=list, blank=True)
    lighter = models.JSONField(_("order in which a dose is made lighter"), default=list, blank=True)
    details = models.JSONField(_("further entries of the library file"), default=dict, blank=True)
    sources = models.JSONField(_("sources"), default=list, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = LibraryQuerySet["Ladder"].as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["clinic", "code"], name="programs_ladder_code_once_a_clinic")
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class Level(Record):
    """One rung, as trainers edit it. Running programs hold a LevelVersion, never this row."""

    ladder = models.ForeignKey(Ladder, on_delete=models.CASCADE, related_name="levels")
    code = models.CharField(_("code"), max_length=16)
    position = models.PositiveSmallIntegerField(_("position"))
    name = models.CharField(_("name"), max_length=120)
    sides = models.CharField(_("sides"), max_length=12, choices=Sides, default=Sides.BOTH)
    mode = models.CharField(_("mode"), max_length=8, choices=Mode, default=Mode.REPS)
    sets = models.PositiveSmallIntegerField(_("sets"), default=2)
    sets_max = models.PositiveSmallIntegerField(_("sets at most"), null=True, blank=True)
    reps_low = models.PositiveSmallIntegerField(_("reps from"), null=True, blank=True)
    reps_high = models.PositiveSmallIntegerField(_("reps to"), null=True, blank=True)
    seconds_low = models.PositiveSmallIntegerField(_("seconds from"), null=True, blank=True)
    seconds_high = models.PositiveSmallIntegerField(_("seconds to"), null=True, blank=True)
    hold_s = models.PositiveSmallIntegerField(_("hold, seconds"), null=True, blank=True)
    tempo = models.CharField(_("tempo"), max_length=12, default="2-0-2")
    rest_s = models.PositiveSmallIntegerField(_("rest, seconds"), default=60)
    per_day_low = models.PositiveSmallIntegerField(_("bouts a day from"), default=1)
    per_day_high = models.PositiveSmallIntegerField(_("bouts a day to"), default=1)
    per_week_low = models.PositiveSmallIntegerField(_("days a week from"), default=3)
    per_week_high = models.PositiveSmallIntegerField(_("days a week to"), default=3)
    load_unit = models.CharField(_("load"), max_length=12, choices=LoadUnit, default=LoadUnit.BODYWEIGHT)
    load_start = models.PositiveIntegerField(_("starting load: grams, or band step"), null=True, blank=True)
    load_step_pct = models.JSONField(_("load step, percent from and to"), default=list, blank=True)
    load_min_step = models.PositiveIntegerField(_("smallest load step, grams"), null=True, blank=True)
    method = models.CharField(_("method"), max_length=24, blank=True)
    equipment = models.JSONField(_("equipment"), default=list, blank=True)
    optional_if_missing = models.JSONField(_("may be skipped without"), default=list, blank=True)
    successes = models.PositiveSmallIntegerField(_("clean days to move on"), default=2)
    min_days = models.PositiveSmallIntegerField(_("days at this level at least"), default=3)
    approval = models.CharField(
        _("moving on"),
        max_length=12,
        choices=[("auto", _("by the rules")), ("therapist", _("by a therapist"))],
        default="auto",
    )
    sets_gate = models.CharField(_("sets gate"), max_length=60, blank=True)
    requires_gates = models.JSONField(_("requires gates"), default=list, blank=True)
    terminal = models.BooleanField(_("top of the ladder"), default=False)
    details = models.JSONField(_("further entries of the library file"), default=dict, blank=True)
    seed = models.JSONField(_("values the source fixes"), default=list, blank=True)

    objects = LevelQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["ladder", "code"], name="programs_level_code_once_a_ladder"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def clean(self) -> None:
        """Numbers that cannot be trained are refused in the admin as in a library file."""
        values = {field.name: getattr(self, field.name) for field in self._meta.concrete_fields}
        if faults := level_faults(values):
            raise ValidationError(faults)


def picture_name(_picture: models.Model, _name: str) -> str:
    """Where a picture is kept: nobody's own name for it, and none to guess."""
    return f"pictures/{secrets.token_hex(16)}.webp"


class Picture(FrozenRecord):
    """What a trainer brought for a level. It stays for good: published versions show it."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    file = models.FileField(upload_to=picture_name)
    brought_at = models.DateTimeField()

    objects = PictureQuerySet.as_manager()

    def __str__(self) -> str:
        return f"picture {self.pk}"


class LadderVersion(FrozenRecord):
    """A ladder as it was when a program was published: never changes, shared by programs of the same content."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    ladder = models.ForeignKey(Ladder, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    code = models.CharField(max_length=12)
    title = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, choices=Kind)
    region = models.CharField(max_length=40, choices=Region)
    # how, cues, mistakes, precautions, contraindications, equipment, requires, blocks, lighter …
    content = models.JSONField()
    frozen_at = models.DateTimeField()

    objects = FrozenQuerySet["LadderVersion"].as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["ladder", "digest"], name="programs_ladder_version_content_once"),
            models.UniqueConstraint(fields=["ladder", "number"], name="programs_ladder_version_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.code} version {self.number}"

    @property
    def sides_may_part(self) -> bool:
        """Whether left and right may stand on levels of their own."""
        return bool(self.content["details"].get("independent_sides"))


class LevelVersion(FrozenRecord):
    """One frozen rung: its name and all its numbers, as `Level` has them, in `content`."""

    ladder_version = models.ForeignKey(LadderVersion, on_delete=models.PROTECT, related_name="levels")
    code = models.CharField(max_length=16)
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    content = models.JSONField()

    objects = LevelVersionQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["ladder_version", "code"], name="programs_level_version_code_once"),
            models.UniqueConstraint(fields=["ladder_version", "position"], name="programs_level_version_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"
