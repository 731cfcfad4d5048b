"""Variables of the environment: what is missing or wrong stops the start with its name and what was expected."""

import runpy
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

PRODUCTION = {
    "SALESOPS_ENV": "production",
    "DEBUG": "0",
    "SITE_URL": "https://sales.example.com",
    "ALLOWED_HOSTS": "sales.example.com",
    "SECRET_KEY": "x" * 50,
    "EMAIL_URL": "smtp+tls://post%40example.com:s%3Acret@mail.example.com",
}


def started(monkeypatch: pytest.MonkeyPatch, **changes: str | None) -> dict[str, Any]:
    """The settings of production with these variables instead; None: not set."""
    for name, value in {**PRODUCTION, **changes}.items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    return runpy.run_path(str(settings.BASE_DIR / "salesops" / "settings.py"))


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("SALESOPS_ENV", "prod", "SALESOPS_ENV='prod': expected one of development, production, test"),
        ("SECRET_KEY", "short", "SECRET_KEY: expected at least 50 random characters"),
        ("DEBUG", "1", "DEBUG=1: expected 0"),
        ("SITE_URL", "http://sales.example.com", "SITE_URL: expected an address that starts with https://"),
        ("ALLOWED_HOSTS", None, "ALLOWED_HOSTS: expected the host names"),
        (
            "DATABASE_URL",
            "mysql://localhost/x",
            "DATABASE_URL: expected an address that starts with postgres://",
        ),
        ("REDIS_URL", "localhost", "REDIS_URL: expected an address that starts with redis://"),
        ("DATABASE_ROLE", "root", "DATABASE_ROLE='root': expected one of web, worker, owner"),
        ("EMAIL_URL", None, "EMAIL_URL: expected an address that starts with smtp://"),
        ("EMAIL_URL", "mail.example.com", "EMAIL_URL: expected an address that starts with smtp://"),
        ("EMAIL_URL", "smtps://mail:five", "EMAIL_URL: expected a port from 0 to 65535"),
        ("EMAIL_URL", "smtps://", "EMAIL_URL: expected the name of the mail server"),
        ("EMAIL_URL", "file:///tmp/mail", "EMAIL_URL: expected an address that starts with smtp://"),
    ],
)
def test_what_is_wrong_is_named(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str | None, expected: str
) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        started(monkeypatch, **{variable: value})
    assert str(refused.value).startswith(expected)


@pytest.mark.parametrize(
    ("address", "backend", "server", "encryption"),
    [
        (PRODUCTION["EMAIL_URL"], "smtp", ("mail.example.com", 587), (True, False)),
        ("smtps://mail.example.com", "smtp", ("mail.example.com", 465), (False, True)),
        ("smtp://relay:2525", "smtp", ("relay", 2525), (False, False)),
        ("console://", "console", ("localhost", 25), (False, False)),
    ],
)
def test_the_mail_server_is_one_address(
    monkeypatch: pytest.MonkeyPatch,
    address: str,
    backend: str,
    server: tuple[str, int],
    encryption: tuple[bool, bool],
) -> None:
    made = started(monkeypatch, EMAIL_URL=address)
    assert made["EMAIL_BACKEND"] == f"django.core.mail.backends.{backend}.EmailBackend"
    assert (made["EMAIL_HOST"], made["EMAIL_PORT"]) == server
    assert (made["EMAIL_USE_TLS"], made["EMAIL_USE_SSL"]) == encryption
    assert made["DEFAULT_FROM_EMAIL"] == "no-reply@sales.example.com"


def test_user_and_password_are_read_as_in_any_address(monkeypatch: pytest.MonkeyPatch) -> None:
    made = started(monkeypatch)
    assert (made["EMAIL_HOST_USER"], made["EMAIL_HOST_PASSWORD"]) == ("post@example.com", "s:cret")


def test_on_ones_own_machine_nothing_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    made = started(monkeypatch, **dict.fromkeys(PRODUCTION))
    assert made["ENVIRONMENT"] == "development"
    assert made["EMAIL_BACKEND"] == "django.core.mail.backends.filebased.EmailBackend"
    assert Path(made["EMAIL_FILE_PATH"]).parts[-2:] == (".local", "mail")


@pytest.mark.parametrize("stage", ["production", "development", "test"])
def test_webhooks_lead_into_the_own_network_only_where_that_is_said(
    monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    assert started(monkeypatch, SALESOPS_ENV=stage, WEBHOOKS_INSIDE=None)["WEBHOOKS_INSIDE"] is False
    assert started(monkeypatch, SALESOPS_ENV=stage, WEBHOOKS_INSIDE="1")["WEBHOOKS_INSIDE"] is True


@pytest.mark.parametrize("address", ["file://", "file://mail", "file:///"])
def test_kept_mail_needs_a_folder(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL: expected a folder after file://"):
        started(monkeypatch, **dict.fromkeys(PRODUCTION) | {"EMAIL_URL": address})
