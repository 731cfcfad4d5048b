"""Signing in by e-mail, signing out, and a new password by e-mail."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from territories.models import User
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
