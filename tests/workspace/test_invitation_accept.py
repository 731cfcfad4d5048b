"""The link of an invitation: it lets one person in, once."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.signing import Signer
from django.db import connections
from django.test import Client
from django.urls import reverse

from territories.models import User
from tests.cast import Cast
from tests.conftest import Browser
from tests.workspace.invited import PASSWORD, link_of, newest, nina, typed
from workspace import services

OVER = "This invitation"


def test_who_opens_it_sees_whom_it_is_for_and_lands_at_home(cast: Cast, acting: Any, owner: Any) -> None:
    person = nina(cast, acting)
    link, client = link_of(cast, acting, person), Client()
    page = client.get(link).content.decode()
    assert "Welcome, Nina New" in page
    assert "Ada Admin invited you." in page
    assert "nina@example.com" in page
    response = client.post(link, typed())
    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.get("/").status_code == 200
    sign_in = Client().post("/sign-in/login/", {"login": "nina@example.com", "password": PASSWORD})
    assert sign_in.status_code == 302
    owner.execute("SELECT pgh_context::text FROM territories_userevent WHERE pgh_obj_id = %s", [person.pk])
    assert link.split("/")[2] not in str(owner.fetchall())


def test_the_token_stands_nowhere_in_the_database(cast: Cast, acting: Any, owner: Any) -> None:
    token = link_of(cast, acting, nina(cast, acting)).split("/")[2]
    owner.execute("SELECT row_to_json(i)::text FROM workspace_invitation i")
    invitations = owner.fetchall()
    owner.execute("SELECT row_to_json(m)::text FROM workspace_message m")
    assert token.rpartition(":")[2] not in str([*invitations, *owner.fetchall()])


def test_it_works_once_and_then_shows_the_way_in(cast: Cast, acting: Any) -> None:
    link = link_of(cast, acting, nina(cast, acting))
    Client().post(link, typed())
    for answer in (Client().get(link), Client().post(link, typed("another good one"))):
        text = answer.content.decode()
        assert answer.status_code == 410
        assert "This invitation was used" in text
        assert reverse("account_reset_password") in text
    sign_in = Client().post("/sign-in/login/", {"login": "nina@example.com", "password": "another good one"})
    assert sign_in.status_code == 200


def test_after_seven_days_it_says_whom_to_ask(cast: Cast, acting: Any, clock: Any) -> None:
    link = link_of(cast, acting, nina(cast, acting))
    clock.move_to(datetime(2026, 5, 27, 8, 59, tzinfo=UTC))
    assert Client().get(link).status_code == 200
    clock.move_to(datetime(2026, 5, 27, 9, 1, tzinfo=UTC))
    for answer in (Client().get(link), Client().post(link, typed())):
        text = answer.content.decode()
        assert answer.status_code == 410
        assert "This invitation has ended" in text
        assert "Ask Ada Admin for a new one." in text


def test_one_that_is_taken_back_or_replaced_lets_nobody_in(cast: Cast, acting: Any) -> None:
    person = nina(cast, acting)
    first, invitation = link_of(cast, acting, person), newest(cast, acting, person)
    with acting(cast.admin):
        services.invite(by=cast.admin.pk, user_ids=[person.pk])
    second = link_of(cast, acting, person)
    assert "This invitation no longer holds" in Client().get(first).content.decode()
    assert Client().post(first, typed()).status_code == 410
    assert Client().get(second).status_code == 200
    assert newest(cast, acting, person).pk != invitation.pk
    with acting(cast.admin):
        services.revoke(by=cast.admin.pk, invitation_id=newest(cast, acting, person).pk)
    assert Client().post(second, typed()).status_code == 410


def test_a_wrong_link_is_told_calmly(cast: Cast, acting: Any) -> None:
    person = nina(cast, acting)
    row = newest(cast, acting, person)
    forged = [
        link_of(cast, acting, person)[:-3] + "/",
        f"/invitation/{row.pk}.{row.nonce}/",
        f"/invitation/{Signer(salt='other').sign(f'{row.pk}.{row.nonce}')}/",
        f"/invitation/{Signer(salt='invitation').sign(f'{row.pk}.other')}/",
    ]
    for link in forged:
        answer = Client().get(link)
        assert answer.status_code == 404
        assert "This link is not complete" in answer.content.decode()


def test_who_was_deactivated_meanwhile_is_not_let_in(cast: Cast, acting: Any) -> None:
    person = nina(cast, acting)
    link = link_of(cast, acting, person)
    with acting(cast.admin):
        User.objects.filter(pk=person.pk).update(is_active=False)
    for answer in (Client().get(link), Client().post(link, typed())):
        assert answer.status_code == 410
        assert "Your account here is closed." in answer.content.decode()


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (typed("short"), "password"),
        (typed("nina@example.com"), "password"),
        (typed(PASSWORD, "something else"), "again"),
        (typed(PASSWORD, ""), "again"),
    ],
)
def test_a_password_that_does_not_fit_leaves_the_link_open(
    cast: Cast, acting: Any, data: dict[str, str], field: str
) -> None:
    link = link_of(cast, acting, nina(cast, acting))
    answer = Client().post(link, data)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert Client().post(link, typed()).status_code == 302


def test_of_two_posts_at_once_one_wins(cast: Cast, acting: Any) -> None:
    link, start = link_of(cast, acting, nina(cast, acting)), threading.Barrier(2)
    answers: dict[str, int] = {}

    def accept(password: str) -> None:
        client = Client()
        start.wait(5)
        answers[password] = client.post(link, typed(password)).status_code
        connections.close_all()

    threads = [
        threading.Thread(target=accept, args=(word,)) for word in ("first good one", "second good one")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(answers.values()) == [302, 410]
    (won,) = [password for password, status in answers.items() if status == 302]
    sign_in = Client().post("/sign-in/login/", {"login": "nina@example.com", "password": won})
    assert sign_in.status_code == 302


def test_it_ends_what_was_open_in_other_browsers(cast: Cast, acting: Any, browse: Any) -> None:
    person = nina(cast, acting)
    old = browse(person)
    assert old.get("/").status_code == 200
    Client().post(link_of(cast, acting, person), typed())
    assert old.get("/").status_code == 302


def test_somebody_else_who_is_signed_in_becomes_who_was_invited(cast: Cast, acting: Any, browse: Any) -> None:
    link, client = link_of(cast, acting, nina(cast, acting)), browse(cast.admin)
    assert client.post(link, typed()).status_code == 302
    assert "nina@example.com" in client.get("/").content.decode()
    assert client.get(reverse("person_list")).status_code == 403


def test_a_new_password_by_mail_works_for_half_an_hour(cast: Cast, clock: Any) -> None:
    client = Browser()
    client.post("/sign-in/password/reset/", {"email": "rep@example.com"})
    (message,) = mail.outbox
    link = next(word for word in str(message.body).split() if "/password/reset/key/" in word)
    path = link[link.index("/sign-in/") :]
    clock.shift(timedelta(minutes=29))
    assert "-set-password" in Client().get(path, follow=True).redirect_chain[-1][0]
    clock.shift(timedelta(minutes=2))
    late = Client().get(path, follow=True)
    assert late.redirect_chain == []
    assert "token_fail" in late.context
