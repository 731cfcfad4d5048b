"""Signing in by e-mail, signing out, and a new password by e-mail."""

import re
from datetime import date
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from common.importing import Row
from devstack.system import free_port
from territories.models import User
from territories.services import apply_import, make_token
from tests.cast import Cast

LOGIN = "/sign-in/login/"
PASSWORD = "correct horse battery"


def sign_in(client: Client, email: str, password: str = PASSWORD) -> Any:
    return client.post(LOGIN, {"login": email, "password": password})


def test_e_mail_and_password_lead_home(cast: Cast) -> None:
    client = Client()
    assert "Sign in" in client.get(LOGIN).content.decode()
    response = sign_in(client, "Rep@Example.com")
    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.get(reverse("territory_tree")).status_code == 200


@pytest.mark.parametrize(
    ("email", "password"), [("rep@example.com", "wrong"), ("nobody@example.com", PASSWORD)]
)
def test_what_does_not_fit_is_said_without_saying_which(cast: Cast, email: str, password: str) -> None:
    client = Client()
    response = sign_in(client, email, password)
    assert response.status_code == 200
    assert "The email address and/or password you specified are not correct." in response.content.decode()
    assert client.get(reverse("territory_tree")).status_code == 302


def test_signing_out_ends_it(cast: Cast) -> None:
    client = Client()
    sign_in(client, "rep@example.com")
    assert "Sign out" in client.get("/sign-in/logout/").content.decode()
    response = client.post("/sign-in/logout/")
    assert (response.status_code, response["Location"]) == (302, LOGIN)
    assert client.get(reverse("territory_tree")).status_code == 302


def test_a_person_who_left_is_not_let_in(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        User.objects.filter(pk=cast.rep.pk).update(is_active=False)
    client = Client()
    sign_in(client, "rep@example.com")
    assert client.get(reverse("territory_tree")).status_code == 302


def test_nobody_signs_up_by_themselves(cast: Cast) -> None:
    response = Client().post("/sign-in/signup/", {"email": "me@example.com", "password1": PASSWORD})
    assert "closed" in response.content.decode()


def test_a_new_password_by_e_mail(cast: Cast) -> None:
    client = Client()
    response = client.post("/sign-in/password/reset/", {"email": "rep@example.com"}, follow=True)
    assert "mail" in response.content.decode()
    (message,) = mail.outbox
    assert message.to == ["rep@example.com"]
    link = re.findall(r"https?://\S+(/sign-in/password/reset/key/\S+)", str(message.body))[0]
    form = client.get(link, follow=True)
    address = form.redirect_chain[-1][0]
    new = "another horse battery"
    client.post(address, {"password1": new, "password2": new})
    assert sign_in(Client(), "rep@example.com", new).status_code == 302
    assert sign_in(Client(), "rep@example.com").status_code == 200


def test_the_link_to_a_new_password_names_the_installation_and_not_the_host_that_was_asked(
    cast: Cast, settings: Any
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    Client().post("/sign-in/password/reset/", {"email": "rep@example.com"}, headers={"host": "evil.example"})
    (message,) = mail.outbox
    assert f"{settings.SITE_URL}/sign-in/password/reset/key/" in message.body
    assert "evil.example" not in message.body + message.subject


def test_nobody_who_is_not_here_is_written_to(cast: Cast) -> None:
    answer = Client().post("/sign-in/password/reset/", {"email": "nobody@example.com"})
    assert (answer.status_code, mail.outbox) == (302, [])


def test_another_password_ends_the_tokens_of_the_api(cast: Cast, acting: Any) -> None:
    with acting(cast.rep):
        secret = make_token(by=cast.rep.pk, name="a script", scopes=["read"], days=9)[1]
    headers = {"Authorization": f"Bearer {secret}", "Accept": "application/json"}
    assert Client(headers=headers).get("/api/v1/accounts/").status_code == 200
    client = Client()
    sign_in(client, "rep@example.com")
    new = "another horse battery"
    data = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    client.post("/sign-in/password/change/", data)
    assert Client(headers=headers).get("/api/v1/accounts/").status_code == 401
    sign_in(client, "rep@example.com", new)
    assert "ended" in client.get(reverse("token_list")).content.decode()


def test_somebody_who_was_brought_in_chooses_their_first_password(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        brought = {
            "email": "new@example.com",
            "name": "Nina New",
            "role": "rep",
            "starts_on": date(2026, 1, 1),
        }
        apply_import(by=cast.admin.pk, entity="person", rows=[Row("people.csv", 2, brought)])
    client = Client()
    page = client.get(LOGIN).content.decode()
    reset = re.findall(r'<a href="([^"]+)">Forgot your password, or have none yet\?', page)[0]
    client.post(reset, {"email": "new@example.com"})
    (message,) = mail.outbox
    link = re.findall(r"https?://\S+(/sign-in/password/reset/key/\S+)", str(message.body))[0]
    address = client.get(link, follow=True).redirect_chain[-1][0]
    client.post(address, {"password1": PASSWORD, "password2": PASSWORD})
    assert sign_in(Client(), "new@example.com").status_code == 302


@pytest.mark.parametrize("email", ["rep@example.com", "nobody@example.com"])
def test_where_no_mail_server_answers_the_page_says_so(cast: Cast, settings: Any, email: str) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    response = Client().post("/sign-in/password/reset/", {"email": email})
    assert response.status_code == 503
    assert "No e-mail can be sent at the moment." in response.content.decode()


PAGES = ["login", "password/reset", "password/reset/done", "password/reset/key/done", "inactive", "signup"]


@pytest.mark.parametrize("page", PAGES)
def test_the_pages_before_signing_in_have_the_look(cast: Cast, page: str) -> None:
    text = Client().get(f"/sign-in/{page}/").content.decode()
    assert '<body class="solo">' in text
    assert "Cast Company" in text
    assert "Menu:" not in text


def test_the_own_password_is_changed_in_the_product(cast: Cast) -> None:
    client = Client()
    sign_in(client, "rep@example.com")
    page = client.get("/sign-in/password/change/").content.decode()
    assert 'class="shell"' in page or 'class="solo"' in page
    new = "another horse battery"
    data = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert client.post("/sign-in/password/change/", data).status_code == 302
    assert sign_in(Client(), "rep@example.com", new).status_code == 302
