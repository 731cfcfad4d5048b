# The production image: web, worker and beat start from it with the commands of docker-compose.yml.

FROM python:3.11-slim AS packages
COPY requirements.lock /srv/
RUN python -m venv /srv/venv \
    && /srv/venv/bin/pip install --no-cache-dir --require-hashes --no-deps --requirement /srv/requirements.lock

FROM python:3.11-slim
ENV PATH=/srv/venv/bin:$PATH \
    SALESOPS_ENV=production \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    STATIC_ROOT=/srv/static
RUN useradd --system --uid 10001 --create-home --home-dir /srv/state salesops
WORKDIR /srv/app
COPY --from=packages /srv/venv /srv/venv
COPY . .
# Source maps are large, and nobody but a debugger asks for them: they stay uncompressed.
RUN SALESOPS_ENV=development python manage.py collectstatic --no-input --verbosity 0 \
    && python -m whitenoise.compress --quiet /srv/static map png jpg gif webp woff woff2 gz br zip
USER salesops
EXPOSE 8000
CMD ["gunicorn", "salesops.wsgi:application", "--bind", "0.0.0.0:8000", \
     "--worker-class", "gthread", "--workers", "2", "--threads", "4", "--no-control-socket", \
     "--log-level", "warning", "--worker-tmp-dir", "/dev/shm"]
