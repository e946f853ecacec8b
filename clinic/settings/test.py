"""Tests: SQLite in a file, or the database of DATABASE_URL; quick passwords; nothing leaves the process."""

import os

from clinic import env
from clinic.settings.base import *  # noqa: F403
from clinic.settings.base import INSTALLED_APPS, STATIC_ROOT, VAR, broker, database

SECRET_KEY = "for tests only, known to everybody"
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
SITE_URL = "http://testserver"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
INSTALLED_APPS = [*INSTALLED_APPS, "django_migration_linter"]
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
# Looked up when asked for: a test client would otherwise list every static file anew.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
DOORBELL = False
ERASURE_REGISTER = env.folder("ERASURE_REGISTER", VAR / "test" / f"erasures-{os.getpid()}.jsonl")
MEDIA_ROOT = env.folder("MEDIA_ROOT", VAR / "test" / f"media-{os.getpid()}")
REDIS_URL = env.redis("REDIS_URL", "redis://127.0.0.1:6379/15")
CELERY_BROKER_URL = broker(REDIS_URL)

DATABASES = {"default": database(f"sqlite:///{VAR / 'test' / 'stepwell.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    (VAR / "test").mkdir(parents=True, exist_ok=True)
    # A file, as in local mode: in memory, threads and workers would each see their own. One a run,
    # so that two runs at once leave each other alone.
    DATABASES["default"]["TEST"] = {"NAME": str(VAR / "test" / f"{os.getpid()}.sqlite3")}
    DATABASES["default"]["OPTIONS"] = DATABASES["default"]["OPTIONS"] | {
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
    }
else:
    # One a run, here too.
    DATABASES["default"]["TEST"] = {"NAME": f"test_stepwell_{os.environ.get('PYTEST_XDIST_TESTRUNUID', os.getpid())}"}
    # A connection kept open would stand in the way when the test database is dropped.
    DATABASES["default"]["CONN_MAX_AGE"] = 0
