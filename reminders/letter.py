"""The words of one mail, and what most of them are made of."""

from dataclasses import dataclass, field

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _


@dataclass
class Letter:
    """The words of a mail; two templates lay it out as text and as HTML."""

    subject: str
    greeting: str
    paragraphs: list[str]
    button: str = ""
    link: str = ""
    code: str = ""
    lines: list[str] = field(default_factory=list)  # set off as a list: the day's exercises, where agreed
    closing: list[str] = field(default_factory=list)


def site(path: str) -> str:
    return settings.SITE_URL + path


def portal() -> str:
    """The front door. Who is signed in goes on to their own page; the address itself tells nothing."""
    return site(reverse("landing"))


def dear(name: str) -> str:
    return _("Hello %(name)s,") % {"name": name} if name else _("Hello,")
