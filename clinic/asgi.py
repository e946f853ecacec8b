"""The ASGI entry. Without DJANGO_SETTINGS_MODULE it is production: the safe side to be wrong on."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings.production")

application = get_asgi_application()
