"""Production: every unsafe or missing value is refused at start, by the name of its variable."""

from clinic import env
from clinic.settings.base import *  # noqa: F403
from clinic.settings.base import broker, database, redis_cache

SECRET_KEY = env.required("SECRET_KEY", "Make one with: openssl rand -base64 48")
if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 10 or SECRET_KEY.startswith("django-insecure"):
    raise env.BadSetting(
        "SECRET_KEY", "too easy to guess: 50 characters or more. Make one with: openssl rand -base64 48"
    )
if env.flag("DEBUG", False):
    raise env.BadSetting("DEBUG", "debug pages show data of patients. Leave it off.", env.text("DEBUG"))

env.required("DATABASE_URL", "Production keeps its data in PostgreSQL: postgres://user:password@host:5432/stepwell")
DATABASES = {"default": database("")}
if DATABASES["default"]["ENGINE"] != "django.db.backends.postgresql":
    raise env.BadSetting("DATABASE_URL", "production keeps its data in PostgreSQL, not in SQLite or another database.")

env.required("SITE_URL", "The address people open, such as https://clinic.example. Links in mails begin with it.")
SITE_URL = env.site_url("SITE_URL")
if not SITE_URL.startswith("https://"):
    raise env.BadSetting("SITE_URL", "patients' pages travel over https only.", SITE_URL)
CSRF_TRUSTED_ORIGINS = [SITE_URL]
env.required("ALLOWED_HOSTS", "The host names that are answered, with commas: clinic.example,www.clinic.example")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS")
if "*" in ALLOWED_HOSTS:
    raise env.BadSetting("ALLOWED_HOSTS", "name each host: a star answers to any.", "*")

env.required("EMAIL_URL", "Reminders and alerts leave by it: smtp+tls://user:password@host:587")
env.required("DEFAULT_FROM_EMAIL", "The sender of every mail: Riverside Clinic <care@clinic.example>")
vars().update(env.email("EMAIL_URL", ""))

env.required("REDIS_URL", "Celery and the cache use it: redis://host:6379/0")
REDIS_URL = env.redis("REDIS_URL", "")
CELERY_BROKER_URL = broker(REDIS_URL)
CACHES = {"default": redis_cache(REDIS_URL)}

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

SECURE_SSL_REDIRECT = True
# Asked from inside the network, without TLS.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_NAME = "__Host-csrf"
# Only behind a proxy that sets the header itself: otherwise anybody could claim to come over https.
if env.flag("BEHIND_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    # Limits are counted by the visitor's address, not by the proxy's.
    ALLAUTH_TRUSTED_PROXY_COUNT = 1
