"""What every answer carries, and what production adds to it."""

import pytest
from django.test import Client
from django.urls import reverse

from clinic.settings import base
from tests.clinic.test_deployment import settings_with

PAGES = ["/healthz", "/sign-in/", "/sign-in/staff/", "/no/such/page/", "/api/v1/today/"]


@pytest.mark.parametrize("page", PAGES)
def test_every_answer_is_locked_down(page, db):
    headers = Client().get(page).headers
    policy = headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    for name in ("Referrer-Policy", "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy"):
        assert headers[name] == "same-origin"
    assert headers["Cache-Control"].startswith("no-store")
    assert "camera=()" in headers["Permissions-Policy"]
    assert [rule for rule in ("default-src", "base-uri", "frame-ancestors") if f"{rule} 'none'" not in policy] == []
    assert "Access-Control-Allow-Origin" not in headers


def test_powers_are_off_except_for_passkeys(db):
    powers = Client().get("/sign-in/").headers["Permissions-Policy"].split(", ")
    assert [power for power in powers if not power.endswith("=()")] == [
        "publickey-credentials-create=(self)",
        "publickey-credentials-get=(self)",
    ]


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PUT", "DELETE", "PATCH"])
def test_pages_take_no_odd_method(method, db):
    assert Client().generic(method, reverse("sign_in_staff")).status_code == 405


def test_cookies_of_production_are_bound_to_this_host(monkeypatch):
    settings = settings_with(monkeypatch)
    for kind in ("SESSION", "CSRF"):
        assert settings[f"{kind}_COOKIE_NAME"].startswith("__Host-")
        assert settings[f"{kind}_COOKIE_SECURE"] is True
    assert (base.CSRF_COOKIE_SAMESITE, base.SESSION_COOKIE_SAMESITE) == ("Lax", "Lax")
    assert base.CSRF_COOKIE_HTTPONLY is True


def test_production_speaks_https_only_for_a_year(monkeypatch):
    settings = settings_with(monkeypatch)
    assert settings["SECURE_SSL_REDIRECT"] and settings["SECURE_HSTS_INCLUDE_SUBDOMAINS"]
    assert settings["SECURE_HSTS_SECONDS"] >= 365 * 24 * 3600


def test_passwords_of_production_are_hashed_by_argon2(monkeypatch):
    assert settings_with(monkeypatch)["PASSWORD_HASHERS"][0].endswith("Argon2PasswordHasher")
