"""Only for collecting static files while an image is built: there are no secrets yet, and none are needed."""

from clinic.settings.base import *  # noqa: F403

SECRET_KEY = "used for nothing"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
