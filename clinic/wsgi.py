"""The WSGI entry. Without DJANGO_SETTINGS_MODULE it is production: the safe side to be wrong on."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings.production")

application = get_wsgi_application()
