"""The link of the first start: it makes the first administrator once, within an hour, and nobody a second one."""

import re
import time
from datetime import timedelta
from functools import partial
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from common.access import Reach
from common.errors import Conflict
from common.transaction import work
from territories.models import RoleGrant, User
from territories.services import create_admin
from tests.cast import Cast
from tests.conftest import Browser
from tests.workspace.at_once import at_once
from workspace.models import SetupLink
from workspace.selectors.setup import link_digest
from workspace.services import make_setup_link, use_setup_link

PASSWORD = "seven green bottles"
ADA = {"name": "Ada Brown", "email": "Ada@Example.com", "password": PASSWORD}
FORM = "/setup/first/"
TYPED = {**ADA, "again": PASSWORD, "time_zone": "Europe/Berlin", "locale": "de-DE"}


def everything() -> Any:
    return work(by=None, why="a test", reach=Reach.everything())


def made() -> str:
    with everything():
        return make_setup_link()


def page(secret: str) -> str:
    return reverse("first_admin_open", args=[secret])


def opened(url: str) -> Client:
    """A browser that opened the link."""
    client = Client()
    client.get(url)
    return client


def send(url: str, **changes: str) -> Any:
    """Open the link and send its form."""
    return opened(url).post(FORM, {**TYPED, **changes})


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def grants() -> list[tuple[str, str]]:
    with everything():
        return list(RoleGrant.objects.values_list("user__email", "role"))


def test_the_link_makes_an_administrator_who_is_signed_in_and_led_to_the_set_up(empty: str) -> None:
    secret = made()
    client = opened(page(secret))
    shown = client.get(FORM)
    assert shown.status_code == 200
    assert "Make the first administrator" in text(shown)
    answer = client.post(FORM, TYPED)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    with everything():
        ada = User.objects.get()
        said = [event.pgh_context for event in ada.history.all()]  # type: ignore[attr-defined]
    assert said
    assert secret not in str(said)
    assert (ada.email, ada.name, ada.time_zone, ada.locale) == (
        "ada@example.com", "Ada Brown", "Europe/Berlin", "de-DE",
    )  # fmt: skip
    assert grants() == [("ada@example.com", "admin")]
    home = client.get("/")
    assert (home.status_code, home["Location"]) == (302, reverse("setup"))
    assert Client().login(request=None, email="ada@example.com", password=PASSWORD)


def test_only_the_hash_of_its_secret_is_kept(empty: str) -> None:
    secret = made()
    assert len(secret) >= 43
    client = opened(page(secret))
    with everything():
        assert all(secret not in str(row) for row in SetupLink.objects.values_list())
    assert secret not in str(dict(client.session))


def test_the_secret_does_not_stay_in_the_address(empty: str) -> None:
    client, secret = Client(), made()
    answer = client.get(page(secret))
    assert (answer.status_code, answer["Location"]) == (302, FORM)
    assert (answer["Referrer-Policy"], answer["Cache-Control"]) == ("same-origin", "no-store")
    shown = client.get(FORM)
    assert shown["Referrer-Policy"] == "same-origin"
    assert secret not in shown.content.decode()
    assert client.post(page(secret), TYPED).status_code == 405


def test_who_did_not_open_the_link_gets_no_form(empty: str) -> None:
    made()
    for answer in (Client().get(FORM), Client().post(FORM, TYPED)):
        assert answer.status_code == 404
        assert "This link is not complete" in text(answer)
    assert grants() == []


def test_of_the_link_and_the_shell_at_once_one_makes_the_administrator(empty: str) -> None:
    secret = made()

    def by_link() -> str:
        try:
            with everything():
                use_setup_link(digest=link_digest(secret), **ADA)
                time.sleep(0.5)
        except Conflict as refused:
            return refused.code
        return "made"

    def by_shell() -> str:
        time.sleep(0.2)
        try:
            with everything():
                create_admin(email="bob@example.com", name="Bob Brown", password=PASSWORD)
        except Conflict as refused:
            return refused.code
        return "made"

    assert at_once(by_link, by_shell) == ["made", "has_admin"]
    assert grants() == [("ada@example.com", "admin")]


def test_of_two_who_send_it_at_once_one_becomes_administrator(empty: str) -> None:
    url = page(made())
    clients = {"ada@example.com": opened(url), "eve@example.com": opened(url)}
    answers = at_once(
        *(partial(client.post, FORM, {**TYPED, "email": email}) for email, client in clients.items())
    )
    assert sorted(answer.status_code for answer in answers) == [302, 410]
    (lost,) = [answer for answer in answers if answer.status_code == 410]
    assert "This link has done its work" in text(lost)
    (won,) = [email for email, answer in zip(clients, answers, strict=True) if answer.status_code == 302]
    assert grants() == [(won, "admin")]


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"again": "seven green bottle"}, "again", "not the same"),
        ({"password": "short", "again": "short"}, "password", "too short"),
        ({"password": "adabrown2026", "again": "adabrown2026"}, "password", "too similar"),
        ({"email": "ada"}, "email", "valid"),
        ({"name": "ada@example.com"}, "name", "no e-mail address"),
        ({"name": ""}, "name", "required"),
        ({"time_zone": "Europe/Atlantis"}, "time_zone", "valid choice"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_the_link_still_works(
    empty: str, typed: dict[str, str], field: str, words: str
) -> None:
    client = opened(page(made()))
    answer = client.post(FORM, {**TYPED, **typed})
    assert answer.status_code == 422
    assert words in " ".join(answer.context["form"].errors[field])
    assert PASSWORD not in answer.content.decode()
    assert grants() == []
    assert client.post(FORM, TYPED).status_code == 302


def test_after_an_hour_it_has_expired_and_says_what_to_do(empty: str) -> None:
    url = page(made())
    client = opened(url)
    with everything():
        SetupLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    for answer in (Client().get(url), client.get(FORM), client.post(FORM, TYPED)):
        assert answer.status_code == 410
        assert "This link has expired" in text(answer)
        assert "start the product again" in text(answer)
        assert "manage.py create_admin" in text(answer)
    assert grants() == []


def test_it_holds_for_sixty_minutes(empty: str) -> None:
    begun = timezone.now()
    made()
    with everything():
        expires_at = SetupLink.objects.order_by("-pk")[0].expires_at
    assert timedelta(minutes=60) <= expires_at - begun < timedelta(minutes=61)


def test_a_newer_link_ends_the_older_one(empty: str) -> None:
    older, newer = page(made()), page(made())
    assert "only the newest one" in text(Client().get(older))
    assert Client().get(newer, follow=True).status_code == 200


def test_a_broken_link_says_so(empty: str) -> None:
    answer = Client().get(page(made()[:-1]))
    assert answer.status_code == 404
    assert "This link is not complete" in text(answer)


def test_a_used_link_leads_to_the_sign_in_page(empty: str) -> None:
    url = page(made())
    late = opened(url)
    send(url)
    for answer in (Client().get(url), late.get(FORM), late.post(FORM, {**TYPED, "email": "eve@example.com"})):
        assert answer.status_code == 410
        assert "This link has done its work" in text(answer)
        assert reverse("account_login") in answer.content.decode()
    assert grants() == [("ada@example.com", "admin")]


def test_who_comes_second_with_the_same_link_is_refused(empty: str) -> None:
    secret = made()
    with everything():
        use_setup_link(digest=link_digest(secret), **ADA)
    with everything(), pytest.raises(Conflict, match="somebody is administrator"):
        use_setup_link(
            digest=link_digest(secret), name="Eve Green", email="eve@example.com", password=PASSWORD
        )
    assert grants() == [("ada@example.com", "admin")]


def test_where_somebody_is_administrator_no_link_is_made_and_an_open_one_is_of_no_use(
    cast: Cast, owner: Any
) -> None:
    assert made() == ""
    owner.execute("UPDATE workspace_setuplink SET expires_at = now() + interval '1 hour' RETURNING id")
    assert Browser().get(page("x")).status_code == 404


def printed() -> str:
    out = StringIO()
    call_command("prepare", empty=True, no_static=True, stdout=out, skip_checks=True)
    return out.getvalue()


def test_each_start_prints_a_link_until_somebody_is_administrator(empty_as_owner: str) -> None:
    first, second = printed(), printed()
    links = [re.findall(r"http\S+/setup/first/(\S+)/", lines) for lines in (first, second)]
    assert [len(found) for found in links] == [1, 1]
    assert links[0] != links[1]
    assert "within 60 minutes" in second
    assert "manage.py create_admin" in second
    assert Client().get(page(links[0][0])).status_code == 410
    assert send(page(links[1][0])).status_code == 302
    assert printed() == ""


def test_who_was_brought_in_without_a_password_is_no_administrator_yet(empty_as_owner: str) -> None:
    with everything():
        ada = User(email="ada@example.com", name="Ada Brown")
        ada.set_unusable_password()
        ada.save()
        RoleGrant.objects.create(user=ada, role="admin", starts_on="2026-01-01")
    assert "/setup/first/" in printed()
    url = page(made())
    assert send(url).status_code == 302
    assert grants() == [("ada@example.com", "admin")]
    with everything():
        assert User.objects.get().check_password(PASSWORD)


def test_the_sign_in_page_names_the_link_until_somebody_is_administrator(empty: str) -> None:
    said = "Nobody is administrator here yet. The product prints a set-up link into its log when it starts"
    assert said in text(Client().get("/sign-in/login/"))
    send(page(made()))
    assert said not in text(Client().get("/sign-in/login/"))
