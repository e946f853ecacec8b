"""What every mode shares. What a machine may choose is read through clinic.env, which refuses bad values."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import django_stubs_ext
from csp.constants import NONE, SELF
from redis.backoff import NoBackoff
from redis.retry import Retry

from clinic import env

# Lets forms, admins and views say what they are about: ModelForm[Patient].
django_stubs_ext.monkeypatch()

ROOT = Path(__file__).resolve().parents[2]
PORT = env.whole("PORT", 8000, low=1, high=65535, unit="ports")
VAR = env.folder("STEPWELL_VAR", ROOT / "var")

DEBUG = False
# Only clinic.settings.local turns this on: it opens "continue as …" and the mails kept as files.
LOCAL_MODE = False

INSTALLED_APPS = [
    "reminders",
    "patients",
    "programs",
    "clinic",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
    "rest_framework",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "clinic.headers.PrivateResponsesMiddleware",
    "clinic.null_bytes.NoNullBytesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # Closed by default: a view that is open to the public says so with login_not_required.
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "clinic.access.ActiveClinicMiddleware",
    "clinic.refusals_noted.NoteRefusalsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "clinic.sessions.SessionTimesMiddleware",
    "clinic.second_factor.SecondFactorMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "patients.after_writes.AfterWritesMiddleware",
]

ROOT_URLCONF = "clinic.urls"
WSGI_APPLICATION = "clinic.wsgi.application"
ASGI_APPLICATION = "clinic.asgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# People

AUTH_USER_MODEL = "clinic.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "clinic.passwords.WordsOfTheHouseValidator"},
]
ACCOUNT_ADAPTER = "clinic.allauth_adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
# allauth counts tries in the cache, which a dead Redis empties: ours are counted in the database (clinic/limits.py).
ACCOUNT_RATE_LIMITS = False
ACCOUNT_FORMS = {"reauthenticate": "clinic.second_factor_forms.PasswordAgainForm"}
ACCOUNT_REAUTHENTICATION_TIMEOUT = 10 * 60  # seconds
MFA_ADAPTER = "clinic.allauth_adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_RATE_LIMITS = False
MFA_TOTP_ISSUER = "Stepwell"
MFA_TOTP_TOLERANCE = 1  # the code before and the one after: clocks of phones differ
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_FORMS = {
    "authenticate": "clinic.second_factor_forms.SecondStepForm",
    "reauthenticate": "clinic.second_factor_forms.SecondStepAgainForm",
    "authenticate_webauthn": "clinic.second_factor_forms.PasskeyForm",
    "activate_totp": "clinic.second_factor_forms.SetUpAppForm",
    "add_webauthn": "clinic.second_factor_forms.AddPasskeyForm",
}

# Language and time: stored in UTC, reckoned in the zone of the patient or the clinic.

LANGUAGE_CODE = "en"
FORMAT_MODULE_PATH = "clinic.formats"  # days and times as the templates write them
LANGUAGES = [("en", "English")]
LOCALE_PATHS = [ROOT / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# Data

SQLITE_OPTIONS: dict[str, Any] = {
    # One writer: the lock is taken as the transaction begins, so that others wait instead of failing.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-20000; "
        "PRAGMA mmap_size=134217728; PRAGMA journal_size_limit=27103364;"
    ),
}


def database(default: str) -> dict[str, Any]:
    """The settings of the database, from DATABASE_URL if that is set."""
    config = env.database("DATABASE_URL", default)
    if config["ENGINE"] == "django.db.backends.sqlite3":
        return config | {"OPTIONS": SQLITE_OPTIONS | config.get("OPTIONS", {})}
    return config | {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}


def redis_cache(address: str) -> dict[str, Any]:
    """The cache in Redis, with waits so short that a hung Redis does not hold up a page."""
    return {
        "BACKEND": "clinic.caching.ForgivingRedisCache",
        "LOCATION": address,
        "KEY_PREFIX": "stepwell",
        "OPTIONS": {"socket_connect_timeout": 0.2, "socket_timeout": 0.2, "retry": Retry(NoBackoff(), 0)},
    }


def broker(address: str) -> str:
    """The same Redis as Celery writes it: unix:///a.sock becomes redis+socket:///a.sock."""
    return address.replace("unix://", "redis+socket://", 1) if address.startswith("unix://") else address


DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Static files

STATIC_URL = "static/"
STATIC_ROOT = env.folder("STATIC_ROOT", VAR / "static")

# Pictures that trainers brought. No address leads here: programs/views.py gives them out.
MEDIA_ROOT = env.folder("MEDIA_ROOT", VAR / "media")

# Who was erased, one line each: outside the database, so that a backup restored later erases them again.
ERASURE_REGISTER = env.folder("ERASURE_REGISTER", VAR / "erasures.jsonl")

# Mail

EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "Stepwell <stepwell@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# Headers. No inline script or style anywhere, so that injected text stays text.

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
# Read from the cache, written through: a dead Redis is an empty cache, and the database still knows.
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
# The longest pause and the longest life of a session (clinic/sessions.py).
STAFF_SESSION_IDLE, STAFF_SESSION_LONGEST = timedelta(hours=1), timedelta(hours=12)
PATIENT_SESSION_IDLE, PATIENT_SESSION_LONGEST = timedelta(days=14), timedelta(days=90)
SESSION_COOKIE_AGE = 60 * 60 * 24 * 15
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True

# A form of ours is some kilobytes: the longest, a draft of a program, has a few hundred fields.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
# Trainers bring a library or a picture, one at a time; a picture may have 8 MB (programs/pictures.py).
DATA_UPLOAD_MAX_NUMBER_FILES = 1
FILE_UPLOAD_HANDLERS = ["clinic.uploads.BoundedUpload"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024

# API

REST_FRAMEWORK = {
    # The first one gives the challenge of a 401: a device is asked for its token.
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "patients.api.authentication.DeviceAuthentication",
        "patients.api.authentication.BrowserAuthentication",
    ],
    # LoginRequiredMiddleware leaves API views alone: this is what closes them.
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["patients.api.parsing.BoundedJSONParser"],
    "DEFAULT_THROTTLE_CLASSES": ["patients.api.throttles.ReadThrottle", "patients.api.throttles.WriteThrottle"],
    "DEFAULT_THROTTLE_RATES": {"api-read": "240/min", "api-write": "60/min"},
    # Moments come in UTC and the encoder writes them: made local and formatted first, they cost a list a seventh more.
    "DATETIME_FORMAT": None,
    "DEFAULT_SCHEMA_CLASS": "drf_standardized_errors.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "drf_standardized_errors.handler.exception_handler",
}
DRF_STANDARDIZED_ERRORS = {
    "EXCEPTION_HANDLER_CLASS": "patients.api.errors.ErrorHandler",
    "ALLOWED_ERROR_STATUS_CODES": ["400", "401", "403", "404", "429"],
    "ERROR_SCHEMAS": dict.fromkeys(["400", "401", "403", "404", "429"], "patients.api.errors.ErrorBody"),
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Stepwell API",
    "VERSION": "1",
    "DESCRIPTION": "What the pages do, for devices: the same verbs, the same refusals.",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "FlagState": "patients.models.triage.PainFlag.State",
        "FlagGroup": "patients.models.triage.FlagGroup",
        "Resolution": "patients.models.triage.PainFlag.Resolution",
        "Effect": "patients.models.triage.PainFlag.Effect",
        "Region": "programs.models.exercise.Region",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    # Its links into the page stand within buttons, where neither a keyboard nor a screen reader finds them.
    "SWAGGER_UI_SETTINGS": {"deepLinking": False, "syntaxHighlight": False},
}

# Tasks: the broker is a doorbell, the database is the record. A task carries no data, may run twice or never.

# Off: nothing is sent after a commit, and work waits for the next tick.
DOORBELL = env.flag("DOORBELL", True)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SOFT_TIME_LIMIT = 60
CELERY_TASK_TIME_LIMIT = 120
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 30
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,
    "socket_connect_timeout": 1,
    "socket_timeout": 5,
    "retry_on_timeout": False,
    "max_retries": 1,
}
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR / "run" / "timetable")
# A tick nobody took within its own period is dropped: the next one does its work.
CELERY_BEAT_SCHEDULE = {
    "seal audit": {"task": "clinic.tasks.seal_audit", "schedule": 60, "options": {"expires": 55}},
    "judge days": {"task": "patients.tasks.tick", "schedule": 60, "options": {"expires": 55}},
    "plan mails": {"task": "reminders.tasks.plan_messages", "schedule": 60, "options": {"expires": 55}},
    "raise flags": {"task": "patients.tasks.raise_flags", "schedule": 15, "options": {"expires": 14}},
    "plan alerts": {"task": "reminders.tasks.plan_alerts", "schedule": 15, "options": {"expires": 14}},
    "try dry runs": {"task": "patients.tasks.work_on_dry_runs", "schedule": 15, "options": {"expires": 14}},
    "send mails": {"task": "reminders.tasks.send_messages", "schedule": 15, "options": {"expires": 14}},
}

# Logs and reports of faults name events, types and ids, never people.

DEFAULT_EXCEPTION_REPORTER = "clinic.faults.Report"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "clinic.faults.Lines", "format": "{asctime} {levelname} {name}: {message}", "style": "{"},
    },
    "filters": {"no values": {"()": "clinic.faults.NoValues"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.choice("LOG_LEVEL", "INFO", {"DEBUG", "INFO", "WARNING", "ERROR"})},
    "loggers": {
        "django": {"handlers": ["console"], "level": "INFO", "propagate": False},
        # Refusals would be logged with their address, and an address may hold a one-time link.
        "django.request": {"level": "ERROR", "filters": ["no values"]},
        "celery.app.trace": {"filters": ["no values"]},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
}
