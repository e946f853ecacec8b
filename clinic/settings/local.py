"""One machine, no service to install: SQLite, a private Redis on a socket, mails as files. Loopback only."""

from clinic import broker as broker_server
from clinic import env
from clinic.settings.base import *  # noqa: F403
from clinic.settings.base import PORT, STATIC_ROOT, VAR, broker, database, redis_cache

LOCAL_MODE = True
# Browsers make passkeys for http://localhost (and for no address that is a number).
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
DEBUG = env.flag("DEBUG", False)
if DEBUG:
    DEFAULT_EXCEPTION_REPORTER = "django.views.debug.ExceptionReporter"
SECRET_KEY = env.text("SECRET_KEY", "local mode only, known to everybody")
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
SITE_URL = env.site_url("SITE_URL", f"http://127.0.0.1:{PORT}")

DATABASES = {"default": database(f"sqlite:///{VAR / 'stepwell.sqlite3'}")}
REDIS_URL = env.redis("REDIS_URL", broker_server.address(VAR))
CELERY_BROKER_URL = broker(REDIS_URL)
CACHES = {"default": redis_cache(REDIS_URL)}

# Mails are kept as files, one a connection, and can be read in the browser.
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = str(VAR / "mail")
if env.text("EMAIL_URL"):
    vars().update(env.email("EMAIL_URL", ""))

# Static files come straight from the source folders: nothing to collect, but the folder is looked for.
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
