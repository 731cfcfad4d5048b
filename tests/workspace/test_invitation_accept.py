"""The link of an invitation: it lets one person in, once."""

from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.core import mail
from django.core.signing import Signer
from django.test import Client
from django.urls import reverse

from territories.models import User
from tests.cast import Cast
from tests.conftest import Browser
from tests.workspace.at_once import at_once
from tests.workspace.invited import PASSWORD, link_of, newest, nina, opened, send, typed
from workspace import services
from workspace.services import add_person

OVER = "This invitation"


def test_who_opens_it_sees_whom_it_is_for_and_lands_at_home(cast: Cast, acting: Any, owner: Any) -> None:
    person = nina(cast, acting)
    link = link_of(cast, acting, person)
    client, form = opened(link)
    page = client.get(form).content.decode()
    assert "Welcome, Nina New" in page
    assert "Ada Admin invited you." in page
    assert "nina@example.com" in page
    response = client.post(form, typed())
    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.get("/").status_code == 200
    sign_in = Client().post("/sign-in/login/", {"login": "nina@example.com", "password": PASSWORD})
    assert sign_in.status_code == 302
    owner.execute("SELECT pgh_context::text FROM territories_userevent WHERE pgh_obj_id = %s", [person.pk])
    assert link.split("/")[2] not in str(owner.fetchall())


def test_the_token_stands_nowhere_in_the_database(cast: Cast, acting: Any, owner: Any) -> None:
    link = link_of(cast, acting, nina(cast, acting))
    token = link.split("/")[2]
    assert token not in str(dict(opened(link)[0].session))
    owner.execute("SELECT row_to_json(i)::text FROM workspace_invitation i")
    invitations = owner.fetchall()
    owner.execute("SELECT row_to_json(m)::text FROM workspace_message m")
    assert token.rpartition(":")[2] not in str([*invitations, *owner.fetchall()])


def test_it_works_once_and_then_shows_the_way_in(cast: Cast, acting: Any) -> None:
    link = link_of(cast, acting, nina(cast, acting))
    late, form = opened(link)
    send(link, typed())
    for answer in (Client().get(link), late.get(form), late.post(form, typed("another good one"))):
        text = answer.content.decode()
        assert answer.status_code == 410
        assert "This invitation was used" in text
        assert reverse("account_reset_password") in text
    sign_in = Client().post("/sign-in/login/", {"login": "nina@example.com", "password": "another good one"})
    assert sign_in.status_code == 200


def test_after_seven_days_it_says_whom_to_ask(cast: Cast, acting: Any, clock: Any) -> None:
    link = link_of(cast, acting, nina(cast, acting))
    clock.move_to(datetime(2026, 5, 27, 8, 59, tzinfo=UTC))
    client, form = opened(link)
    assert client.get(form).status_code == 200
    clock.move_to(datetime(2026, 5, 27, 9, 1, tzinfo=UTC))
    for answer in (Client().get(link), client.post(form, typed())):
        text = answer.content.decode()
        assert answer.status_code == 410
        assert "This invitation has ended" in text
        assert "Ask Ada Admin for a new one." in text


def test_one_that_is_taken_back_or_replaced_lets_nobody_in(cast: Cast, acting: Any) -> None:
    person = nina(cast, acting)
    first, invitation = link_of(cast, acting, person), newest(cast, acting, person)
    early, form = opened(first)
    with acting(cast.admin):
        services.invite(by=cast.admin.pk, user_ids=[person.pk])
    second = link_of(cast, acting, person)
    assert "This invitation no longer holds" in Client().get(first).content.decode()
    assert early.post(form, typed()).status_code == 410
    late, form = opened(second)
    assert late.get(form).status_code == 200
    assert newest(cast, acting, person).pk != invitation.pk
    with acting(cast.admin):
        services.revoke(by=cast.admin.pk, invitation_id=newest(cast, acting, person).pk)
    assert late.post(form, typed()).status_code == 410


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
    client, form = opened(link)
    with acting(cast.admin):
        User.objects.filter(pk=person.pk).update(is_active=False)
    for answer in (Client().get(link), client.post(form, typed())):
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
    client, form = opened(link_of(cast, acting, nina(cast, acting)))
    answer = client.post(form, data)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert client.post(form, typed()).status_code == 302


def test_of_two_posts_at_once_one_wins(cast: Cast, acting: Any) -> None:
    link = link_of(cast, acting, nina(cast, acting))
    browsers = {word: opened(link) for word in ("first good one", "second good one")}
    answers = at_once(*(partial(client.post, form, typed(word)) for word, (client, form) in browsers.items()))
    assert sorted(answer.status_code for answer in answers) == [302, 410]
    (lost,) = [answer for answer in answers if answer.status_code == 410]
    assert "This invitation was used" in lost.content.decode()
    (won,) = [word for word, answer in zip(browsers, answers, strict=True) if answer.status_code == 302]
    sign_in = Client().post("/sign-in/login/", {"login": "nina@example.com", "password": won})
    assert sign_in.status_code == 302


def test_who_is_invited_anew_while_they_accept_has_one_way_in(cast: Cast, acting: Any, browse: Any) -> None:
    for key in range(4):
        with acting(cast.admin):
            start = {"role": "rep", "starts_on": date(2026, 5, 20), "locale": "en-US", "time_zone": "UTC"}
            person = add_person(by=cast.admin.pk, name=f"N {key}", email=f"n{key}@example.com", **start)
        client, form = opened(link_of(cast, acting, person))
        admin, anew = browse(cast.admin), reverse("invitation_panel", args=[person.pk])
        answers = at_once(
            partial(client.post, form, typed()),
            partial(admin.post, anew, {}),
        )
        # Accepted first: nobody is left to invite. Invited first: the older link ended.
        statuses = [answer.status_code for answer in answers]
        assert statuses in ([302, 422], [410, 302])
        client, form = Client(), link_of(cast, acting, person)
        assert client.get(form).status_code == (410 if statuses[0] == 302 else 302)


def test_who_is_let_go_while_they_accept_stays_outside(cast: Cast, acting: Any, browse: Any) -> None:
    for key in range(4):
        with acting(cast.admin):
            start = {"role": "rep", "starts_on": date(2026, 5, 20), "locale": "en-US", "time_zone": "UTC"}
            person = add_person(by=cast.admin.pk, name=f"N {key}", email=f"n{key}@example.com", **start)
        client, form = opened(link_of(cast, acting, person))
        admin, leave = browse(cast.admin), reverse("person_leave", args=[person.pk])
        accepted, left = at_once(
            partial(client.post, form, typed()),
            partial(admin.post, leave, {"version": "1"}),
        )
        assert (accepted.status_code, left.status_code) in ((302, 302), (410, 302))
        assert client.get("/").status_code == 302
        login = {"login": f"n{key}@example.com", "password": PASSWORD}
        assert Client().post("/sign-in/login/", login).status_code == 200


def test_the_secret_does_not_stay_in_the_address(cast: Cast, acting: Any) -> None:
    person = nina(cast, acting)
    link, client = link_of(cast, acting, person), Client()
    answer = client.get(link)
    form = f"/invitation/{newest(cast, acting, person).pk}/"
    assert (answer.status_code, answer["Location"]) == (302, form)
    assert (answer["Referrer-Policy"], answer["Cache-Control"]) == ("same-origin", "no-store")
    shown = client.get(form)
    assert shown["Referrer-Policy"] == "same-origin"
    assert link.split("/")[2] not in shown.content.decode()
    assert client.post(link, typed()).status_code == 405


def test_who_did_not_open_the_link_gets_no_form(cast: Cast, acting: Any) -> None:
    person = nina(cast, acting)
    form = f"/invitation/{newest(cast, acting, person).pk}/"
    for answer in (Client().get(form), Client().post(form, typed()), Client().get("/invitation/999999/")):
        assert answer.status_code == 404
        assert "This link is not complete" in answer.content.decode()


def test_two_links_in_one_browser_stay_apart(cast: Cast, acting: Any) -> None:
    first = nina(cast, acting)
    with acting(cast.admin):
        person = add_person(
            by=cast.admin.pk, name="Otis New", email="otis@example.com", role="rep",
            starts_on=date(2026, 5, 20), locale="en-US", time_zone="UTC",
        )  # fmt: skip
    client, form = opened(link_of(cast, acting, first))
    _same, other = opened(link_of(cast, acting, person), client)
    assert "Welcome, Nina New" in client.get(form).content.decode()
    assert "Welcome, Otis New" in client.get(other).content.decode()
    assert client.post(form, typed()).status_code == 302
    assert "nina@example.com" in client.get("/").content.decode()


def test_it_ends_what_was_open_in_other_browsers(cast: Cast, acting: Any, browse: Any) -> None:
    person = nina(cast, acting)
    old = browse(person)
    assert old.get("/").status_code == 200
    send(link_of(cast, acting, person), typed())
    assert old.get("/").status_code == 302


def test_somebody_else_who_is_signed_in_becomes_who_was_invited(cast: Cast, acting: Any, browse: Any) -> None:
    client, form = opened(link_of(cast, acting, nina(cast, acting)), browse(cast.admin))
    assert client.post(form, typed()).status_code == 302
    assert "nina@example.com" in client.get("/").content.decode()
    assert client.get(reverse("person_list")).status_code == 403


def test_a_new_password_by_mail_works_for_half_an_hour(cast: Cast, clock: Any) -> None:
    client = Browser()
    client.post("/sign-in/password/reset/", {"email": "rep@example.com"})
    (message,) = mail.outbox
    link = next(word for word in str(message.body).split() if "/password/reset/key/" in word)
    path = link[link.index("/sign-in/") :]
    clock.shift(timedelta(minutes=29))
    answer = client.get(path)
    assert answer["Location"].endswith("-set-password/")
    assert (answer["Referrer-Policy"], answer["Cache-Control"]) == ("same-origin", "no-store")
    shown = client.get(answer["Location"])
    assert (shown.status_code, shown["Referrer-Policy"]) == (200, "same-origin")
    assert path.split("-", 3)[-1].strip("/") not in shown.content.decode()
    clock.shift(timedelta(minutes=2))
    late = Client().get(path, follow=True)
    assert late.redirect_chain == []
    assert "token_fail" in late.context
