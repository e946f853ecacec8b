"""Walks the URL map, and reads the table of who gets which answer."""

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from django.urls import URLPattern, URLResolver, get_resolver

ROLES = (
    "anonymous",
    "ana",
    "other",  # another patient of Ana's clinic
    "dana",  # follows Ana
    "colleague",  # a therapist of the clinic who does not
    "olga",  # a therapist of another clinic
    "theo",
    "ravi",
    "owner",
    "disabled",  # was a therapist here
    "nobody",  # signed in, and neither staff nor patient
)
# Who is answered like one of those, a few lines of the table apart.
LIKE = {
    "carer": "ana",  # looks after Ana
    "was_carer": "nobody",  # did, until it was revoked
    "both": "colleague",  # a therapist of both clinics, who has chosen Ana's
    "both_there": "olga",  # the same person, who has chosen the other one
}
EVERYBODY = (*ROLES, *LIKE)
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
UNLIKE = {
    ("carer", "DELETE api:device"): 404,  # a device is its owner's alone
    ("carer", "GET portal:address"): 404,  # and so is the address one signs in with
    ("carer", "POST portal:address"): 404,
    ("both_there", "GET programs:picture"): 200,  # of both clinics: a picture stands on no page of its own
}


@dataclass(frozen=True)
class Line:
    """One line of the table: a method on a route, the objects in its path, and the status for each role."""

    method: str
    route: str
    path: tuple[tuple[str, str], ...]
    statuses: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.method} {self.route}"

    @property
    def expected(self) -> dict[str, int]:
        told = dict(zip(ROLES, self.statuses, strict=True))
        told |= {role: told[like] for role, like in LIKE.items()}
        return told | {role: status for (role, line), status in UNLIKE.items() if line == str(self)}


def read(table: str) -> list[Line]:
    """Lines of the form `GET name key=Model … eleven statuses`; the name may hold a star; # begins a remark."""
    lines = []
    for text in table.splitlines():
        words = text.split("#")[0].split()
        if not words:
            continue
        method, route, *rest = words
        path = tuple((word.partition("=")[0], word.partition("=")[2]) for word in rest if "=" in word)
        statuses = tuple(int(word) for word in rest if "=" not in word)
        if len(statuses) != len(ROLES):
            raise ValueError(f"{len(statuses)} statuses instead of {len(ROLES)} ({', '.join(ROLES)}): {text}")
        lines.append(Line(method, route, path, statuses))
    return lines


def walk() -> list[str]:
    """The name of every route there is, with its namespace; a route without a name stands as its pattern."""
    return sorted(set(_walk(get_resolver().url_patterns, "", "")))


def _walk(patterns: list[URLPattern | URLResolver], space: str, prefix: str) -> Iterator[str]:
    for pattern in patterns:
        place = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _walk(pattern.url_patterns, inner, place)
        else:
            yield f"{space}{pattern.name}" if pattern.name else f"unnamed:{place}"


def spread(lines: list[Line], routes: list[str]) -> list[Line]:
    """Each line once for each route it speaks of. An exact name speaks before a starred one."""
    exact = {line.route for line in lines}
    out = []
    for line in lines:
        hits = [name for name in routes if fnmatchcase(name, line.route) and (name == line.route or name not in exact)]
        out += [Line(line.method, name, line.path, line.statuses) for name in hits]
    return out
