# One image for every process of the Procfile; compose.yaml shows which command is which.
FROM python:3.11-slim-bookworm AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends gcc libc6-dev pkg-config libmariadb-dev \
    && rm -rf /var/lib/apt/lists/*
COPY requirements.txt .
RUN python -m venv /opt/venv && /opt/venv/bin/pip install --no-cache-dir -r requirements.txt

FROM python:3.11-slim-bookworm
RUN apt-get update \
    && apt-get install -y --no-install-recommends libmariadb3 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --home-dir /app ogc
COPY --from=build /opt/venv /opt/venv
COPY --chown=ogc . /app
WORKDIR /app
USER ogc
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 OGC_VAR=/app/var
RUN python manage.py collectstatic --no-input
ENV DJANGO_SETTINGS_MODULE=ogc.settings.production DEBUG=false HOST=0.0.0.0 PORT=8000 STREAM_PORT=8001 \
    WEB_PROCESSES=2 WEB_THREADS=1
EXPOSE 8000 8001
CMD ["honcho", "--no-prefix", "start", "web"]
