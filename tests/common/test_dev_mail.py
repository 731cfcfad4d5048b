"""The mails of a development installation."""

import runpy
from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives, send_mail
from django.test import Client
from django.urls import reverse

from tests.cast import Cast

URL = reverse("dev_mail")


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    return tmp_path / "mail"


def first_mail(client: Client) -> str:
    page = client.get(URL)
    return client.get(reverse("dev_mail_detail", args=[page.context["mails"][0].key])).content.decode()


def test_without_mails_it_says_how_to_get_one(cast: Cast, folder: Path) -> None:
    assert "Nothing yet." in Client().get(URL).content.decode()


def test_where_mails_go_elsewhere_it_says_so(cast: Cast, settings: Any) -> None:
    settings.EMAIL_FILE_PATH = ""
    assert "Mails are not kept here" in Client().get(URL).content.decode()


def test_a_reset_mail_is_read_and_its_link_works_signed_out(cast: Cast, folder: Path) -> None:
    client = Client()
    client.post("/sign-in/password/reset/", {"email": "rep@example.com"})
    assert "rep@example.com" in client.get(URL).content.decode()
    text = first_mail(client)
    link = text.split('href="http')[1].split('"')[0]
    assert "/sign-in/password/reset/key/" in link


def test_what_a_mail_says_is_escaped(cast: Cast, folder: Path) -> None:
    body = "<script>alert(1)</script>\nhttps://example.com/a?b=1&c=<2>\nGr\u00fc\u00dfe"
    send_mail("<b>Hello</b>", body, None, ["rep@example.com"])
    text = first_mail(Client())
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "&lt;b&gt;Hello&lt;/b&gt;" in text
    assert "<script>alert" not in text
    assert "Gr\u00fc\u00dfe" in text


def test_the_newest_comes_first_and_the_text_is_taken(cast: Cast, folder: Path) -> None:
    for number in (1, 2):
        mail = EmailMultiAlternatives(f"Mail {number}", f"Text {number}", to=["rep@example.com"])
        mail.attach_alternative(f"<p>Page {number}</p>", "text/html")
        mail.send()
    page = Client().get(URL)
    assert [mail.subject for mail in page.context["mails"]] == ["Mail 2", "Mail 1"]
    assert "Text 2" in first_mail(Client())


def test_a_mail_that_is_not_there_is_not_found(cast: Cast, folder: Path) -> None:
    for key in ("nothing-1", "..", "%2e%2e%2fmanage"):
        assert Client().get(f"/dev/mail/{key}/").status_code == 404


@pytest.mark.parametrize(("environment", "is_there"), [("development", True), ("production", False)])
def test_production_has_no_such_page(settings: Any, environment: str, is_there: bool) -> None:
    settings.ENVIRONMENT = environment
    urls = runpy.run_path(str(settings.BASE_DIR / "salesops" / "urls.py"))
    names = {getattr(pattern, "name", "") for pattern in urls["urlpatterns"]}
    assert ({"dev_mail", "dev_mail_detail"} <= names) is is_there
    assert ("dev_mail" in names) is is_there
