"""Settings from the environment: what is missing or wrong stops the start with its name and what was expected."""

import os
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import dj_database_url
from csp.constants import SELF
from django.core.exceptions import ImproperlyConfigured
from pghistory import ContextJSONField, ContextUUIDField, DeleteEvent, InsertEvent, ObjForeignKey, UpdateEvent

from salesops import wiring

BASE_DIR = Path(__file__).resolve().parent.parent


def env(name: str, default: str, *, choices: tuple[str, ...] = ()) -> str:
    """The variable's text. Raises ImproperlyConfigured where it is not one of `choices`."""
    value = os.environ.get(name, default)
    if choices and value not in choices:
        raise ImproperlyConfigured(f"{name}={value!r}: expected one of {', '.join(choices)}")
    return value


def url(name: str, default: str, *schemes: str) -> str:
    """The variable as an address. Raises ImproperlyConfigured where its scheme is not one of `schemes`."""
    value = os.environ.get(name, default)
    parts = urlsplit(value)
    if parts.scheme not in schemes:
        starts = " or ".join(f"{scheme}://" for scheme in schemes)
        raise ImproperlyConfigured(f"{name}: expected an address that starts with {starts}")
    try:
        _port = parts.port
    except ValueError:
        raise ImproperlyConfigured(f"{name}: expected a port from 0 to 65535 after the host") from None
    return value


def whole_number(name: str, default: str) -> int:
    """The variable as a whole number. Raises ImproperlyConfigured where it is none."""
    value = os.environ.get(name, default)
    if not (value.isascii() and value.isdigit()):
        raise ImproperlyConfigured(f"{name}={value!r}: expected a whole number, 0 or more")
    return int(value)


ENVIRONMENT = env("SALESOPS_ENV", "development", choices=("development", "production", "test"))
IS_PRODUCTION = ENVIRONMENT == "production"
# Whether webhooks may lead into the network that we run in, and go without TLS there.
WEBHOOKS_INSIDE = env("WEBHOOKS_INSIDE", "0", choices=("0", "1")) == "1"
DEBUG = env("DEBUG", "0", choices=("0", "1")) == "1"
SECRET_KEY = os.environ.get("SECRET_KEY", "" if IS_PRODUCTION else "development-only-" + "x" * 50)
if IS_PRODUCTION and len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("SECRET_KEY: expected at least 50 random characters in production")
if IS_PRODUCTION and DEBUG:
    raise ImproperlyConfigured("DEBUG=1: expected 0 in production")
SITE_URL = url("SITE_URL", "https://localhost" if IS_PRODUCTION else "http://127.0.0.1:8000", "http", "https")
if IS_PRODUCTION and urlsplit(SITE_URL).scheme != "https":
    raise ImproperlyConfigured("SITE_URL: expected an address that starts with https:// in production")
LOOPBACK = "127.0.0.1,localhost,[::1]"
ALLOWED_HOSTS = [host for host in env("ALLOWED_HOSTS", "" if IS_PRODUCTION else LOOPBACK).split(",") if host]
if IS_PRODUCTION and not ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS: expected the host names of this site, separated by commas")
CSRF_TRUSTED_ORIGINS = [SITE_URL]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "pgtrigger",
    "pghistory",
    "csp",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "lucide",
    "common",
    "territories",
    "workspace",
    "catalog",
    "accounts",
    "pipeline",
    "orders",
    "quotas",
    "forecasts",
    "planning",
    "imports",
    "salesops",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    *(["whitenoise.middleware.WhiteNoiseMiddleware"] if ENVIRONMENT != "test" else []),
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "common.middleware.AnswerMiddleware",
    "common.middleware.TransactionMiddleware",
    "territories.middleware.ReachMiddleware",
    "salesops.middleware.CompanyMiddleware",
    "common.middleware.IdempotencyMiddleware",
    "workspace.middleware.SavedViewMiddleware",
    "salesops.middleware.RecentMiddleware",
]

ROOT_URLCONF = "salesops.urls"
WSGI_APPLICATION = "salesops.wsgi.application"

FORM_RENDERER = "django.forms.renderers.Jinja2"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "common.context_processors.organisation",
                "salesops.context_processors.navigation",
            ],
        },
    }
]

# Web and worker connect as roles that row-level security binds; the schema's owner only migrates and prepares.
DATABASE_ROLE = env("DATABASE_ROLE", "web", choices=("web", "worker", "owner"))
DATABASE_URL = url("DATABASE_URL", "postgres:///salesops", "postgres", "postgresql")


def database() -> dict[str, object]:
    """The connection settings of one alias."""
    config = dict(dj_database_url.parse(DATABASE_URL, conn_max_age=600, conn_health_checks=True))
    role = "" if DATABASE_ROLE == "owner" else f"-c role=salesops_{DATABASE_ROLE} "
    limit = "60s" if DATABASE_ROLE == "web" else "0"
    timeouts = f"-c statement_timeout={limit} -c idle_in_transaction_session_timeout=15min"
    # On disks without moving parts a page out of order costs about as much as the next one. A page's statements are
    # short: helpers of their own cost each of them more than they save.
    alone = "-c max_parallel_workers_per_gather=0 " if DATABASE_ROLE == "web" else ""
    options = f"{role}-c timezone=UTC -c jit=off -c random_page_cost=1.1 {alone}{timeouts}"
    config["OPTIONS"] = {**config.get("OPTIONS", {}), "options": options}  # type: ignore[dict-item]
    return config


DATABASES = {"default": database(), "aside": {**database(), "TEST": {"MIRROR": "default"}}}
DATABASE_ROUTERS = ["common.routers.AsideRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = url("REDIS_URL", "redis://127.0.0.1:6379/0", "redis", "rediss")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "aside_cache",
        "OPTIONS": {"MAX_ENTRIES": 1_000_000},  # failed log-ins are counted in it, and not to be crowded out
    }
}

AUTH_USER_MODEL = "territories.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = (
    ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if ENVIRONMENT == "test"
    else ["django.contrib.auth.hashers.Argon2PasswordHasher"]
)
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["name", "email"]},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "territories.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "/sign-in/login/"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
PASSWORD_RESET_TIMEOUT = 30 * 60
# Failed log-ins are counted by address: without the number of proxies before us, all people have the proxy's.
ALLAUTH_TRUSTED_PROXY_COUNT = whole_number("TRUSTED_PROXIES", "0")
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if IS_PRODUCTION else "http"
if ENVIRONMENT == "test":
    ACCOUNT_RATE_LIMITS = False

SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = False
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_PRODUCTION
if IS_PRODUCTION:
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^health/"]
    SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": ["'none'"],
        "object-src": ["'none'"],
    }
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
USE_I18N = USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = Path(env("STATIC_ROOT", str(BASE_DIR / ".local" / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if ENVIRONMENT == "test"
        else "common.static_storage.HashedStorage"
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
MOST_UPLOAD_SIZE = 12 * 1024 * 1024  # a form with files; each says itself what it takes

ACCESS_TABLE = BASE_DIR / "salesops" / "access.toml"
DOMAIN_PAGE = BASE_DIR / "docs" / "domain.md"
GUIDE_PAGE = BASE_DIR / "docs" / "first-hour.md"
SLOTS, APPROVALS = wiring.SLOTS, wiring.APPROVALS
LISTED, DECIDED_BY = wiring.LISTED, wiring.DECIDED_BY

PGHISTORY_CONTEXT_FIELD = ContextJSONField(null=False)
PGHISTORY_CONTEXT_ID_FIELD = ContextUUIDField(null=False)
PGHISTORY_OBJ_FIELD = ObjForeignKey(related_name="history", related_query_name="history")
PGHISTORY_APPEND_ONLY = True
PGHISTORY_CREATED_AT_FUNCTION = "clock_timestamp()"
PGHISTORY_DEFAULT_TRACKERS = (InsertEvent(), UpdateEvent(), DeleteEvent())

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "territories.api.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["common.json_body.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "common.api.answer_exception",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    # `?format=` is a parameter like any other: refused where it is not known.
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Sales performance API",
    "VERSION": "1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "ENUM_NAME_OVERRIDES": wiring.ENUM_NAMES,
}

# smtp: in the clear, on one's own network; smtp+tls: STARTTLS; smtps: encrypted from the start; console: into the log;
# file: into a folder that /dev/mail/ shows, in development.
MAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
MAIL_PLACES = ("console",) if IS_PRODUCTION else ("console", "file")
KEPT_MAIL = "" if IS_PRODUCTION else f"file://{quote(str(BASE_DIR / '.local' / 'mail'))}"
MAIL = urlsplit(url("EMAIL_URL", KEPT_MAIL, *MAIL_PORTS, *MAIL_PLACES))
if MAIL.scheme in MAIL_PORTS and not MAIL.hostname:
    raise ImproperlyConfigured("EMAIL_URL: expected the name of the mail server after ://")
if MAIL.scheme == "file" and (MAIL.netloc or not MAIL.path.strip("/")):
    raise ImproperlyConfigured("EMAIL_URL: expected a folder after file://, such as file:///tmp/mail")
MAIL_KIND = {"console": "console", "file": "filebased"}.get(MAIL.scheme, "smtp")
EMAIL_BACKEND = f"django.core.mail.backends.{MAIL_KIND}.EmailBackend"
EMAIL_FILE_PATH = unquote(MAIL.path) if MAIL.scheme == "file" else ""
EMAIL_HOST, EMAIL_PORT = MAIL.hostname or "localhost", MAIL.port or MAIL_PORTS.get(MAIL.scheme, 25)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(MAIL.username or ""), unquote(MAIL.password or "")
EMAIL_USE_TLS, EMAIL_USE_SSL = MAIL.scheme == "smtp+tls", MAIL.scheme == "smtps"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", f"no-reply@{urlsplit(SITE_URL).hostname}")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO" if ENVIRONMENT != "test" else "WARNING"},
}
