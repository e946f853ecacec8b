"""Typed readers of environment variables. A bad value is refused by name: the message is the fix."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

ON = {"1", "true", "yes", "on"}
OFF = {"0", "false", "no", "off"}


class BadSetting(ImproperlyConfigured):
    """An environment variable that cannot be used. The message names it and says what would do."""

    def __init__(self, name: str, reason: str, value: str | None = None) -> None:
        self.name = name
        super().__init__(f"{name}={value}: {reason}" if value is not None else f"{name}: {reason}")


def text(name: str, default: str = "") -> str:
    """The value as it stands, without blanks around it. Empty counts as not set."""
    return os.environ.get(name, "").strip() or default


def required(name: str, reason: str) -> str:
    """The value, which must be there. Raises BadSetting with the reason it is needed."""
    value = text(name)
    if not value:
        raise BadSetting(name, f"not set. {reason}")
    return value


def flag(name: str, default: bool) -> bool:
    """on or off. Raises BadSetting for any other word."""
    value = text(name)
    if not value:
        return default
    if value.lower() in ON | OFF:
        return value.lower() in ON
    raise BadSetting(name, "say on or off.", value)


def whole(name: str, default: int, *, low: int, high: int, unit: str) -> int:
    """A whole number of `unit` from `low` to `high`, both included. Raises BadSetting outside of them."""
    value = text(name)
    if not value:
        return default
    if not value.isascii() or not value.isdigit() or not low <= int(value) <= high:
        raise BadSetting(name, f"{unit} go from {low} to {high}.", value)
    return int(value)


def choice(name: str, default: str, choices: set[str]) -> str:
    """One of a few words. Raises BadSetting for any other."""
    value = text(name, default)
    if value not in choices:
        raise BadSetting(name, f"one of {', '.join(sorted(choices))}.", value)
    return value


def words(name: str, default: tuple[str, ...] = ()) -> list[str]:
    """A list written with commas."""
    value = text(name)
    return [word.strip() for word in value.split(",") if word.strip()] if value else list(default)


def site_url(name: str, default: str = "") -> str:
    """The public address of the site, such as https://clinic.example, without a path. Raises BadSetting."""
    value = text(name, default)
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/"):
        raise BadSetting(name, "write it like https://clinic.example, without a path.", value)
    return f"{parts.scheme}://{parts.netloc}"


def database(name: str, default: str) -> dict[str, Any]:
    """Django's settings for a database URL. Raises BadSetting without the URL: it holds a password."""
    value = text(name, default)
    known = urlsplit(value).scheme in {"postgres", "postgresql", "sqlite"}
    config = _parsed(environ.Env.db_url_config, name, value) if known else {}
    if not config.get("NAME"):
        raise BadSetting(name, "write it like postgres://user:password@host:5432/stepwell.")
    return config


def email(name: str, default: str) -> dict[str, Any]:
    """Django's EMAIL_… settings for a URL. Raises BadSetting, without the URL: it holds a password."""
    config = _parsed(environ.Env.email_url_config, name, text(name, default))
    if "EMAIL_BACKEND" not in config:
        raise BadSetting(name, "write it like smtp+tls://user:password@host:587.")
    return config


def redis(name: str, default: str) -> str:
    """A Redis address: redis://, rediss:// or unix:// with the path of a socket. Raises BadSetting."""
    value = text(name, default)
    if urlsplit(value).scheme not in {"redis", "rediss", "unix"}:
        raise BadSetting(name, "write it like redis://host:6379/0 or unix:///path/to/redis.sock.")
    return value


def folder(name: str, default: Path) -> Path:
    """A folder, made absolute. It need not exist yet."""
    return Path(text(name, str(default))).expanduser().resolve()


def _parsed(parse: Any, name: str, value: str) -> dict[str, Any]:
    try:
        config: Mapping[str, Any] = parse(value)
    except (ValueError, KeyError, AttributeError, ImproperlyConfigured):
        raise BadSetting(name, "this is not an address Stepwell can read.") from None
    return dict(config)
