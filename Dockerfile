# syntax=docker/dockerfile:1
FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
RUN python -m venv --without-pip /opt/venv
COPY requirements/base.txt /tmp/base.txt
RUN pip --python /opt/venv/bin/python install --require-hashes --requirement /tmp/base.txt

FROM python:3.11-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=clinic.settings.production \
    STEPWELL_VAR=/var/lib/stepwell
# For backup and restore: pg_dump and pg_restore of the server's version.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-client-15 \
    && rm -rf /var/lib/apt/lists/*
# A new volume takes the owner of the folder it covers.
RUN useradd --system --uid 10001 --home-dir /var/lib/stepwell stepwell \
    && install --directory --owner stepwell /var/lib/stepwell/media /var/lib/stepwell/erasures
WORKDIR /app
COPY --from=build /opt/venv /opt/venv
COPY manage.py ./
COPY templates templates
COPY clinic clinic
COPY programs programs
COPY patients patients
COPY reminders reminders
# Static files are part of the image. Their folder is not the state folder, which a volume may cover.
RUN STATIC_ROOT=/app/static python manage.py collectstatic --no-input --verbosity 0 \
        --settings clinic.settings.collect
ENV STATIC_ROOT=/app/static
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-m", "clinic.ask", "/healthz"]
CMD ["gunicorn", "clinic.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4", "--no-control-socket", "--worker-tmp-dir", "/dev/shm"]
